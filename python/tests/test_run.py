"""What `run` gives, and that it is what the program publishes."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import PROJECT, RULES, csv_of, plan_of_customers, rows_of_customers

import quintile

TABLES = {
    "customers": "customer_segments.parquet",
    "summary": "segment_summary.parquet",
    "quarantine": "quarantine.parquet",
    "crosswalk": "crosswalk.parquet",
}

PLAN_FILE = """\
version: 1
input:
  path: customers.csv
  grain: customer
  currency: EUR
  columns: {customer_id: id, first_purchase_date: first, last_purchase_date: last, monetary: total, frequency: orders}
  attributes: [age, city]
  overlay: premium
  consent: opt_in
analysis_date: 2024-01-31
segments: rules.yaml
output: {mart: mart, report: report}
"""


def files_of(folder: pathlib.Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def plan_file(shop: pathlib.Path) -> pathlib.Path:
    (shop / "rules.yaml").write_text(json.dumps(RULES, ensure_ascii=False))
    (shop / "plan.yaml").write_text(PLAN_FILE)
    return shop / "plan.yaml"


def test_a_result_has_one_row_a_customer_and_one_segment_each(shop: pathlib.Path) -> None:
    result = quintile.run(plan_of_customers())
    assert len(result) == 60
    assert result.customers.shape == (60, len(result.customers.columns))
    customers = pa.table(result.customers)
    assert customers["customer_id"].to_pylist() == list(range(1, 61))
    assert set(customers["segment_id"].to_pylist()) == {"recent", "others"}
    assert [segment["segment_id"] for segment in result.segments] == ["recent", "others"]
    assert sum(segment["customers"] for segment in result.segments) == result.population["customers"] == 60
    assert {insight["verdict"] for insight in result.insights} <= {"supported", "not_supported", "not_testable"}
    assert result.review["waterfall"][-1]["rows"] == 60
    assert result.cut_points["recency"]["bins"] == 5
    assert result.manifest["customers"] == 60
    assert not (shop / "mart").exists()


def test_what_is_written_is_what_the_program_writes(plan_file: pathlib.Path, program: pathlib.Path) -> None:
    subprocess.run([program, "run", plan_file, "--quiet"], check=True, capture_output=True)
    theirs = files_of(plan_file.parent / "mart") | files_of(plan_file.parent / "report")
    quintile.run(plan_file).write("again/mart", "again/report")
    assert files_of(pathlib.Path("again/mart")) | files_of(pathlib.Path("again/report")) == theirs
    quintile.run(plan_file, threads=1).write()
    assert files_of(plan_file.parent / "mart") | files_of(plan_file.parent / "report") == theirs


@pytest.mark.parametrize("name", TABLES)
def test_tables_in_memory_are_those_of_the_files(plan_file: pathlib.Path, name: str) -> None:
    result = quintile.run(plan_file)
    before = pa.table(getattr(result, name))
    result.write()
    written = pq.read_table(plan_file.parent / "mart" / TABLES[name])
    assert before.schema.equals(written.schema)
    assert before.to_pydict() == written.to_pydict()
    assert pa.table(getattr(quintile.read_mart("mart"), name)).equals(written)


def test_documents_are_those_of_the_files(plan_file: pathlib.Path) -> None:
    result = quintile.run(plan_file)
    assert result.manifest["files"] == {}
    result.write()
    for documents in (result, quintile.read_mart("mart")):
        assert documents.manifest == json.loads(pathlib.Path("mart/run.json").read_text())
        assert documents.review == json.loads(pathlib.Path("mart/review.json").read_text())
        assert documents.insights == json.loads(pathlib.Path("mart/insights.json").read_text())
        summary = {"segments": documents.segments, "population": documents.population}
        assert summary == json.loads(pathlib.Path("mart/summary.json").read_text())
        assert documents.report() == pathlib.Path("report/report.html").read_text()


def test_tables_outlive_their_result(shop: pathlib.Path) -> None:
    table = pa.table(quintile.run(plan_of_customers()).customers)
    again = pa.table(quintile.run(plan_of_customers()).customers)
    assert table.equals(again)


def test_a_mapping_is_the_plan_that_a_file_would_be(plan_file: pathlib.Path) -> None:
    from_file, from_mapping = quintile.run(plan_file), quintile.run(plan_of_customers())
    assert pa.table(from_mapping.customers).equals(pa.table(from_file.customers))
    assert from_mapping.manifest["rules_digest"] == from_file.manifest["rules_digest"]
    assert from_mapping.manifest["fingerprint"] == from_file.manifest["fingerprint"]


def test_values_can_be_set_for_one_run(plan_file: pathlib.Path) -> None:
    result = quintile.run(plan_file, set={"scoring.recency.bins": 3, "input.currency": "USD", "analysis_date": "2024-02-01"})
    assert result.cut_points["recency"]["bins"] == 3
    assert result.manifest["currency"] == "USD"
    assert result.manifest["analysis_date"] == "2024-02-01"


def test_explains_a_customer_as_the_program_does(plan_file: pathlib.Path, program: pathlib.Path) -> None:
    result = quintile.run(plan_file)
    result.write()
    command = [program, "explain", "7", "--mart", "mart"]
    told = result.explain(7)
    assert told == json.loads(subprocess.run([*command, "--format", "json"], check=True, capture_output=True).stdout)
    wide = {**os.environ, "COLUMNS": "100"}
    assert str(told) == subprocess.run(command, check=True, capture_output=True, text=True, env=wide).stdout
    assert quintile.read_mart("mart").explain(7) == told
    with pytest.raises(quintile.NotFound):
        result.explain(61)
    with pytest.raises(quintile.NotFound):
        result.explain(0)


def test_a_report_can_be_kept(shop: pathlib.Path) -> None:
    page = quintile.run(plan_of_customers()).report("kept")
    assert pathlib.Path("kept/report.html").read_text() == page
    assert list(pathlib.Path("kept/figures").glob("*.svg"))
    assert page.startswith("<!")


def test_without_an_output_the_folder_is_asked_for(shop: pathlib.Path) -> None:
    plan = plan_of_customers()
    del plan["output"]
    result = quintile.run(plan)
    with pytest.raises(quintile.PlanError, match="names no folder"):
        result.write()
    result.write("elsewhere")
    assert (shop / "elsewhere/report/report.html").is_file()
    assert quintile.read_mart("elsewhere").manifest == result.manifest


def test_shows_itself_in_a_notebook(shop: pathlib.Path) -> None:
    rows = rows_of_customers()
    rows[0]["city"] = "<script>alert(1)</script>"
    (shop / "customers.csv").write_text(csv_of(rows))
    result = quintile.run(plan_of_customers())
    assert "60 customers in 2 segments" in result._repr_html_()
    page = result.customers._repr_html_()
    assert "60 rows, of which 10 are shown" in page
    assert "<script>" not in page
    assert repr(result.customers).startswith("<quintile.Table: 60 rows")
    assert "Recent" in result.explain(1)._repr_html_() or "Others" in result.explain(1)._repr_html_()
    assert "srcdoc" in result.report()._repr_html_()


def test_rows_taken_out_are_in_quarantine(shop: pathlib.Path) -> None:
    rows = rows_of_customers()
    rows[4]["last"] = "2030-01-01"
    rows[9]["total"] = "much"
    (shop / "customers.csv").write_text(csv_of(rows))
    result = quintile.run(plan_of_customers())
    assert len(result) == 58
    assert pa.table(result.quarantine).select(["source_file", "source_row"]).to_pylist() == [
        {"source_file": "customers.csv", "source_row": 5},
        {"source_file": "customers.csv", "source_row": 10},
    ]


def test_tells_its_stages(shop: pathlib.Path) -> None:
    stages: list[str] = []
    quintile.run(plan_of_customers(), progress=lambda stage, done: stages.append(stage))
    assert stages == ["reading", "reviewing", "scoring", "summarising"]


def test_the_command_line_comes_with_the_package(plan_file: pathlib.Path, package_env: dict[str, str]) -> None:
    def quintile_says(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "quintile", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=package_env)

    assert quintile_says("--version").stdout == f"quintile {quintile.__version__}\n"
    done = quintile_says("run", "plan.yaml", "--format", "json")
    assert (done.returncode, json.loads(done.stdout)["customers"]) == (0, 60)
    assert quintile_says("verify", "--mart", "mart").returncode == 0
    wrong = quintile_says("run", "missing.yaml")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "missing.yaml" in wrong.stderr


def test_the_documented_plan_runs(tmp_path: pathlib.Path) -> None:
    made = quintile.generate(tmp_path / "customers.csv", customers=2_000)
    assert made["rows"] == 2_000
    plan: Any = PROJECT / "configs/default.yaml"
    result = quintile.run(plan, set={"input.path": str(tmp_path / "customers.csv")})
    assert len(result) == 2_000
    assert result.review["findings"][0]["check"] == "duplicate_identifier"


def test_customers_that_stay_at_an_engine_are_described_and_not_here(
    shop: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    duckdb = pytest.importorskip("duckdb")
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    with duckdb.connect(str(shop / "shop.db")) as connection:
        connection.execute(
            "CREATE TABLE customers AS SELECT * REPLACE (CAST(total AS DECIMAL(18, 2)) AS total) FROM read_csv('customers.csv')"
        )
    plan = plan_of_customers(path=f"duckdb://{shop}/shop.db?table=main.customers")
    fetched = quintile.run(plan)
    plan["output"] = {**plan.get("output", {"mart": "mart"}), "rows": "stay"}
    stayed = quintile.run(plan)
    assert len(stayed) == len(fetched)
    assert stayed.segments == fetched.segments and stayed.insights == fetched.insights
    for ask in (lambda: stayed.customers, lambda: stayed.explain(1)):
        with pytest.raises(quintile.QuintileError, match="the customers of this mart stayed at duckdb"):
            ask()
    stayed.write(shop / "kept")
    assert quintile.read_mart(shop / "kept").segments == fetched.segments
