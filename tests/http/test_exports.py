"""Files out of the dashboard and of `quintile export`: whole, with their origin, safe in a spreadsheet."""

import csv
import io
import json

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from conftest import quintile

FILTERS = {"age": "25..44", "subscription": "true"}


def rows_of(server):
    table = server.table()
    age = table["age"]
    return table.filter(pc.and_(pc.and_(pc.greater_equal(age, 25), pc.less_equal(age, 44)), table["subscription"]))


def read_csv(body, separator=","):
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=separator))


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_tables_for_analysts_hold_the_rows_of_the_mart(server, kind):
    status, headers, body = server.ask(f"/export/customers.{kind}", FILTERS)
    assert status == 200 and headers["Content-Disposition"] == f'attachment; filename="customers-2023-11-15.{kind}"'
    table = pq.read_table(io.BytesIO(body)) if kind == "parquet" else pa.ipc.open_stream(body).read_all()
    expected = rows_of(server)
    assert table.schema.names == expected.schema.names and table.schema.types == expected.schema.types
    assert table.to_pylist() == expected.to_pylist()
    run = json.loads((server.mart / "run.json").read_text())
    pairs = pq.ParquetFile(io.BytesIO(body)).metadata.metadata if kind == "parquet" else table.schema.metadata
    metadata = {key.decode(): value.decode() for key, value in pairs.items()}
    assert metadata["filters"] == "age=25..44&subscription=true"
    assert metadata["analysis_date"] == "2023-11-15" and metadata["rules_digest"] in json.dumps(run)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "csv"])
def test_an_export_of_nobody_is_an_empty_table(server, kind):
    status, _, body = server.ask(f"/export/customers.{kind}", {"age": "79..80", "recency_days": "99999.."})
    assert status == 200
    table = {"parquet": lambda: pq.read_table(io.BytesIO(body)), "arrow": lambda: pa.ipc.open_stream(body).read_all(),
             "csv": lambda: read_csv(body)}[kind]()
    assert len(table) == 0


def test_customers_as_csv_read_back_as_the_mart_has_them(server):
    status, headers, body = server.ask("/export/customers.csv", FILTERS)
    assert status == 200 and headers["Content-Type"] == "text/csv; charset=utf-8"
    told, expected = read_csv(body), rows_of(server).to_pylist()
    assert len(told) == len(expected)
    for row, known in zip(told, expected):
        for name, value in known.items():
            text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            if isinstance(value, float):
                assert float(row[name]) == value
            else:
                assert row[name].removeprefix("'") == text, name
        assert row["filters"] == "age=25..44&subscription=true" and row["analysis_date"] == "2023-11-15"


def test_the_program_and_the_dashboard_give_the_same_audience(server, tmp_path):
    segments = [each["segment_id"] for each in server.get("/meta")["segments"][:2]]
    counted = server.get("/audience", {"segment": ",".join(segments), **FILTERS})
    _, _, body = server.ask("/export/audience.csv", {"segment": ",".join(segments), **FILTERS})
    done = quintile("export", "--mart", server.mart, "--segment", *segments, "--filter", "age=25..44", "--filter", "subscription=true",
                    "--out", "audience.csv", folder=tmp_path)
    assert read_csv(body) == read_csv((tmp_path / "audience.csv").read_bytes())
    rows = read_csv(body)
    assert len(rows) == counted["contactable"] > 0
    assert list(rows[0]) == ["customer_id", "source_customer_id", "segment_id", "marketing_opt_in", "analysis_date", "rules_digest", "filters"]
    assert {row["marketing_opt_in"] for row in rows} == {"true"}
    assert f"{counted['withheld']:,} more were left out" in done.stderr.decode()


def test_the_program_exports_tables_too(server, tmp_path):
    for name in ("young.parquet", "young.arrow", "young.csv"):
        quintile("export", "--mart", server.mart, "--table", "customers", "--filter", "age=25..44", "--filter", "subscription=true",
                 "--out", name, folder=tmp_path)
    assert pq.read_table(tmp_path / "young.parquet").to_pylist() == rows_of(server).to_pylist()
    assert pa.ipc.open_stream((tmp_path / "young.arrow").read_bytes()).read_all().num_rows == rows_of(server).num_rows
    assert len(read_csv((tmp_path / "young.csv").read_bytes())) == rows_of(server).num_rows
    told = quintile("export", "--mart", server.mart, "--table", "segments", "--separator", "semicolon", "--bom", folder=tmp_path).stdout
    assert told.startswith(b"\xef\xbb\xbfsegment_id;") and told.count(b"\r\n") == len(read_csv(told, ";")) + 1
    summary = json.loads((server.mart / "summary.json").read_text())
    assert [(row["segment_id"], int(row["customers"]), row["monetary"]) for row in read_csv(told, ";")] == [
        (each["segment_id"], each["customers"], row["monetary"]) for each, row in zip(summary["segments"], read_csv(told, ";"))]


@pytest.mark.parametrize("arguments, words", [
    (["--table", "segments", "--as", "parquet"], "csv alone"),
    (["--filter", "age"], "COLUMN=VALUES"),
    (["--filter", "agee=1"], "did you mean 'age'"),
    (["--filter", "age=9..1"], "ends before it begins"),
    ([], "--segment is required"),
])
def test_the_program_refuses_what_cannot_be_meant(server, tmp_path, arguments, words):
    assert words in quintile("export", "--mart", server.mart, *arguments, folder=tmp_path, expect=2).stderr.decode()


def test_refusals_name_the_nearest(server):
    for filters, words in [({"countri": "DE"}, "did you mean 'country'"), ({"segment": "champion"}, "did you mean 'champions'")]:
        status, headers, body = server.ask("/segments", filters)
        problem = json.loads(body)
        assert status == 400 and headers["Content-Type"] == "application/problem+json"
        assert words in problem["detail"] and problem["parameter"] in filters and problem["trace_id"]
    assert server.ask("/quality", {"countri": "DE"})[0] == 400
