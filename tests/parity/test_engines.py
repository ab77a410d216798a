"""The same plan gives the same customers, ids, scores, segments, summary and insights from the embedded engine and from a
SQL engine, whether its customers are fetched or stay there. DuckDB always; PostgreSQL and Sail where `scripts/setup engines` has installed them."""

import json
import os
import pathlib
import sys

import duckdb
import pyarrow.parquet as pq
import pytest

import inputs
import plans

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("QUINTILE", PROJECT / "build/dev/bin/quintile")).absolute()

sys.path.append(str(PROJECT / "tests/engines"))
import servers  # noqa: E402

# What docs/engines says is not computed at an engine.
NOT_COMPUTED = {"exact_duplicate", "outlier", "calendar_gap", "attribute_conflict", "constant", "high_cardinality", "skewed",
                "duplicate_identifier"}

RETURNS = """\
  keep: unit_price > -5 and not starts_with(order_id, "e0000") and not country = "nowhere"
  returns: {{when: 'quantity < 0 or contains(customer_id, "''")', treat: {treat}}}"""


class DuckDb:
    """A database file; DuckDB itself runs in the program."""

    def load(self, table, folder):
        pq.write_table(table, folder / "rows.parquet")
        with duckdb.connect(str(folder / "shop.db")) as connection:
            connection.execute("CREATE OR REPLACE TABLE rows AS SELECT * FROM read_parquet(?)",
                               [str(folder / "rows.parquet")])
        return f"duckdb://{folder}/shop.db?table=main.rows"

    def tables(self, folder):
        with duckdb.connect(str(folder / "shop.db")) as connection:
            return connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()


class PostgreSql:
    def __init__(self):
        self.server = servers.PostgreSql()
        self.loaded = 0

    def load(self, table, _):
        self.loaded += 1
        self.server.load(f"rows{self.loaded}", table, spread=self.loaded % 2 == 0)
        return f"{self.server.uri()}?table=public.rows{self.loaded}"

    def tables(self, _):
        return self.server.psql("coordinator", "SELECT relname FROM pg_class WHERE relname LIKE 'quintile%'")


class Sail:
    def __init__(self):
        self.server = servers.Sail()

    def load(self, table, folder):
        pq.write_table(table, folder / "rows.parquet")
        return f"{self.server.uri()}/?parquet={folder}/rows.parquet"

    def tables(self, _):
        return []


@pytest.fixture(scope="module", params=[DuckDb, PostgreSql, Sail], ids=["duckdb", "postgresql", "sail"])
def engine(request):
    if request.param is DuckDb:
        yield DuckDb()
        return
    if not (servers.ENVIRONMENT / "bin/python").exists():
        pytest.skip("scripts/setup engines has not been run")
    started = request.param()
    with started.server:
        yield started


@pytest.fixture
def runner(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{servers.ENVIRONMENT}/bin:{PROJECT}/.venv/bin:{os.environ['PATH']}")
    return plans.Runner(PROGRAM, tmp_path)


def assert_equal(engine, runner, table, plan, **fields):
    """Runs the plan over a Parquet file here and over the rows at the engine, which keeps no table of ours; there once with
    the customers fetched and once without."""
    pq.write_table(table, runner.folder / "rows.parquet")
    here = runner.run(plan, "here", "rows.parquet", **fields)
    assert here.returncode == 0, here.stderr
    uri = engine.load(table, runner.folder)
    before = engine.tables(runner.folder)
    for name, rows in (("there", "fetch"), ("stay", "stay")):
        there = runner.run(plan, name, uri, rows=rows, **fields)
        assert there.returncode == 0, there.stderr
        assert engine.tables(runner.folder) == before
        assert runner.mart("here").differences(runner.mart(name), NOT_COMPUTED) == []
    assert runner.mart("stay").customers is None


@pytest.mark.parametrize("treat", ["net", "ignore"])
def test_edge_cases_of_lines(engine, runner, treat):
    assert_equal(engine, runner, inputs.edge_lines(), plans.LINES, day="2025-12-01", conditions=RETURNS.format(treat=treat))


@pytest.mark.parametrize("unit", ["orders", "days", "lines"])
def test_generated_lines(engine, runner, unit):
    assert_equal(engine, runner, inputs.random_lines(7), plans.LINES, day="2025-12-31",
                 more=f"metrics: {{frequency: {unit}}}\n", conditions="  keep: quantity > 0")


def test_integer_ids_order_as_integers(engine, runner):
    assert_equal(engine, runner, inputs.random_lines(8, integer_ids=True), plans.LINES, day="day_after_last_purchase",
                 conditions="  keep: quantity > 0")


# Beyond 64 bits, and spelled in two ways: as numbers, then by bytes; with a word among them all of them by bytes.
LONG_IDS = ["10000000000000000000", "9", "-10000000000000000000", "0000000000000000000000009", "999999999999999999",
            "1000000000000000000", "+0", "-9", "-0", "20000000000000000000", "-123456789012345678901", "+9"]


@pytest.mark.parametrize("ids", [LONG_IDS, [*LONG_IDS, "10000000000000000000x"]], ids=["numbers", "a word among them"])
def test_ids_of_any_length_order_as_integers(engine, runner, ids):
    lines = inputs.lines_of_customers(ids)
    assert_equal(engine, runner, lines, plans.LINES, day="2025-12-01")
    sources = runner.mart("there").customers.column("source_customer_id").to_pylist()
    assert sources.index("9") < sources.index("10000000000000000000") or len(ids) > len(LONG_IDS)


def test_customer_rows(engine, runner):
    assert_equal(engine, runner, inputs.customers(3), plans.CUSTOMERS, day="2023-06-30")


def test_customer_rows_that_share_ids(engine, runner):
    assert_equal(engine, runner, inputs.customers(4, shared_ids=200), plans.CUSTOMERS, day="day_after_last_purchase")


def test_one_customer(engine, runner):
    assert_equal(engine, runner, inputs.customers(9, count=1, missing=0), plans.CUSTOMERS, day="2025-01-01")


EVERY_KIND = "attributes: [age, points, wide, rate, fine, spent, tier, shop, app, born]"


def test_traits_of_every_kind_of_attribute(engine, runner):
    plan = plans.CUSTOMERS.replace("attributes: [age, city, score]", EVERY_KIND).replace(
        ' and not city in ("Lyon")', "")
    assert_equal(engine, runner, inputs.described_customers(6), plan, day="2023-06-30")
    segments = json.loads(runner.mart("stay").summary)["segments"]
    found = {trait["attribute"] for segment in segments for trait in segment["key_traits"]}
    assert {"points", "tier", "app"} & found and not {"spent", "born"} & found


def test_thresholds_and_ten_bins(engine, runner):
    more = ("scoring: {recency: {method: thresholds, upper_bounds: [30, 90, 400]}, frequency: {bins: 3}, "
            "monetary: {bins: 10}}\n")
    assert_equal(engine, runner, inputs.customers(5), plans.CUSTOMERS, day="2023-06-30", more=more)


def test_doubles_are_amounts_by_their_shortest_text(engine, runner):
    table = inputs.random_lines(11)
    price = table.column("price").cast("float64")
    table = table.set_column(table.schema.get_field_index("price"), "price", price)
    assert_equal(engine, runner, table, plans.LINES.replace("currency: EUR", "currency: EUR\n  money_scale: 2"),
                 day="2025-12-31", conditions="  keep: quantity > 0")


class TestDuckDb:
    """What does not need every engine."""

    def test_a_verified_mart(self, runner):
        uri = DuckDb().load(inputs.customers(3), runner.folder)
        assert runner.run(plans.CUSTOMERS, "there", uri, day="2023-06-30").returncode == 0
        assert runner.command("verify", "--mart", "mart_there").returncode == 0

    def test_the_customers_are_kept_at_the_engine_on_request(self, runner):
        uri = DuckDb().load(inputs.customers(3), runner.folder)
        ran = runner.run(plans.CUSTOMERS, "there", uri + "&write_to=main.segments", day="2023-06-30")
        assert ran.returncode == 0, ran.stderr
        with duckdb.connect(str(runner.folder / "shop.db")) as connection:
            kept = connection.execute("SELECT customer_id, monetary, r_score, segment_id, premium, first_purchase_date "
                                      "FROM segments ORDER BY 1").fetchall()
        table = runner.mart("there").customers.to_pydict()
        assert kept == list(zip(*(table[name] for name in ("customer_id", "monetary", "r_score", "segment_id", "premium",
                                                           "first_purchase_date")), strict=True))

    def test_a_review_that_fails_stops_it(self, runner):
        uri = DuckDb().load(inputs.customers(3), runner.folder)
        plan = plans.CUSTOMERS.replace("on_fail: quarantine", "on_fail: fail")
        ran = runner.run(plan, "there", uri, day="2023-06-30")
        assert ran.returncode == 1
        assert "the review stops the run: known" in ran.stderr
        assert not (runner.folder / "mart_there").exists()

    @pytest.mark.parametrize(("change", "status", "words"), [
        (("customer_id: id", "customer_id: idd"), 3, "did you mean 'id'?"),
        (("segments: rules.yaml", "scoring: {{monetary: {{method: rank}}}}\nsegments: rules.yaml"), 2, "method: rank"),
        (("age >= 18", 'age >= "18"'), 2, "cannot compare"),
    ])
    def test_what_is_wrong_is_said(self, runner, change, status, words):
        uri = DuckDb().load(inputs.customers(3), runner.folder)
        ran = runner.run(plans.CUSTOMERS.replace(*change), "there", uri, day="2023-06-30")
        assert words in ran.stderr
        assert ran.returncode == status
        assert not (runner.folder / "mart_there").exists()

    def test_a_table_that_is_not_there(self, runner):
        DuckDb().load(inputs.customers(3), runner.folder)
        ran = runner.run(plans.CUSTOMERS, "there", f"duckdb://{runner.folder}/shop.db?table=nobody", day="2023-06-30")
        assert ran.returncode == 4
        assert "nobody" in ran.stderr

    def test_an_empty_table(self, runner):
        uri = DuckDb().load(inputs.customers(3).slice(0, 0), runner.folder)
        ran = runner.run(plans.CUSTOMERS, "there", uri, day="2023-06-30")
        assert ran.returncode == 3
        assert "no data rows" in ran.stderr

    def test_customers_may_stay_there(self, runner):
        uri = DuckDb().load(inputs.customers(3), runner.folder)
        ran = runner.run(plans.CUSTOMERS, "stay", uri + "&write_to=main.segments", day="2023-06-30", rows="stay")
        assert ran.returncode == 0, ran.stderr
        mart = runner.mart("stay")
        assert mart.customers_at == {"engine": "duckdb", "kept": "table main.segments"}
        with duckdb.connect(str(runner.folder / "shop.db")) as connection:
            kept = connection.execute("FROM segments LIMIT 0").description
        assert [column[0] for column in kept] == [column["name"] for column in mart.columns]
        verified = runner.command("verify", "--mart", "mart_stay", "--engine", uri)
        assert verified.returncode == 0, verified.stderr
        assert "the engine adds up the same fingerprint" in verified.stdout
        report = (runner.folder / "mart_stay/report/report.html").read_bytes()
        assert runner.command("report", "--mart", "mart_stay", "--out", "again").returncode == 0
        assert (runner.folder / "again/report.html").read_bytes() == report
        assert b"drawn from the customers, who stayed at duckdb, " in report

    @pytest.mark.parametrize("command", [
        ("explain", "1"), ("export", "--segment", "champions"), ("rules", "check", "rules.yaml"), ("serve", "--port", "0")])
    def test_what_needs_customers_says_where_they_are(self, runner, command):
        uri = DuckDb().load(inputs.customers(3), runner.folder)
        assert runner.run(plans.CUSTOMERS, "stay", uri, day="2023-06-30", rows="stay").returncode == 0
        asked = runner.command(*command, "--mart", "mart_stay")
        assert asked.returncode == 2
        assert "the customers of this mart stayed at duckdb, where they are not kept" in asked.stderr

    def test_who_asks_for_a_kept_customer_is_told_how(self, runner):
        uri = DuckDb().load(inputs.customers(3), runner.folder)
        assert runner.run(plans.CUSTOMERS, "stay", f"{uri}&write_to=main.kept", day="2023-06-30", rows="stay").returncode == 0
        asked = runner.command("explain", "1", "--mart", "mart_stay")
        assert asked.returncode == 2
        assert "SELECT * FROM main.kept WHERE customer_id = " in asked.stderr
        with duckdb.connect(str(runner.folder / "shop.db")) as connection:
            assert connection.execute("SELECT customer_id, segment_id FROM main.kept WHERE customer_id = 1").fetchall()

    def test_a_changed_total_does_not_verify(self, runner):
        uri = DuckDb().load(inputs.customers(3), runner.folder)
        assert runner.run(plans.CUSTOMERS, "stay", uri, day="2023-06-30", rows="stay").returncode == 0
        manifest = runner.folder / "mart_stay/run.json"
        text = manifest.read_text()
        manifest.write_text(text.replace('"customers": ', '"customers": 1', 1))
        verified = runner.command("verify", "--mart", "mart_stay")
        assert verified.returncode == 1
        assert "segments add up to everyone" in verified.stderr

    def test_an_attribute_whose_sums_are_not_exact_there_is_named(self, runner):
        table = inputs.described_customers(6)
        odd = [None if value is None else value / 3 for value in table.column("rate").to_pylist()]
        table = table.set_column(table.schema.get_field_index("rate"), "rate", [odd])
        plan = plans.CUSTOMERS.replace("attributes: [age, city, score]", "attributes: [age, rate]").replace(
            ' and not city in ("Lyon")', "")
        uri = DuckDb().load(table, runner.folder)
        for rows in ("fetch", "stay"):
            assert runner.run(plan, rows, uri, day="2023-06-30", rows=rows).returncode == 0
        fetched, stayed = runner.mart("fetch"), runner.mart("stay")
        assert fetched.insights == stayed.insights and fetched.fingerprint == stayed.fingerprint
        [warning] = stayed.warnings
        assert warning.startswith("attribute rate is not tested for traits at the engine: ")

    def test_customers_of_a_file_cannot_stay(self, runner):
        pq.write_table(inputs.customers(3), runner.folder / "rows.parquet")
        ran = runner.run(plans.CUSTOMERS, "here", "rows.parquet", day="2023-06-30", rows="stay")
        assert ran.returncode == 2
        assert "output.rows: stay is for an input at a SQL engine" in ran.stderr
