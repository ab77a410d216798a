#!/usr/bin/env python3
"""Times one plan over the same order lines on the embedded engine and on SQL engines, and compares their fingerprints.

    make bench && VIRTUAL_ENV=.venv benchmarks/engines.py [--lines 1000000] [--uri sail://127.0.0.1:50051 ...]

DuckDB, in process, is always among them. Servers (scripts/engines) are given by their URI: Sail and Spark read the Parquet
file by its path, PostgreSQL a table named bench that is filled here. Each engine runs the plan with its customers fetched and
with `output.rows: stay`. Prints wall seconds and this program's own peak memory; the engine's work is in its own process, but for
DuckDB. Summary and insights must be one as well.
"""

import argparse
import json
import multiprocessing
import pathlib
import subprocess
import sys
import tempfile

from measure import PROJECT, measured

sys.path.append(str(PROJECT / "tests/engines"))

PLAN = """\
version: 1
input:
  path: {path}
  grain: transaction
  currency: EUR
  money_scale: 2
  columns: {{customer_id: customer, order_id: order_no, order_date: sold_at, amount: amount}}
  attributes: [country]
  keep: amount > 0
analysis_date: 2026-01-01
segments: {rules}
output: {{mart: {mart}, rows: {rows}}}
"""

# Skewed customers, two lines an order, 3 % refunds, countries of which some are missing; no random numbers.
LINES = """\
COPY (SELECT 'c' || lpad(CAST(CAST(floor(pow((hash(i) % 1000003) / 1000003.0, 2) * {lines} / 8) AS BIGINT) AS VARCHAR), 9, '0')
               AS customer,
             'o' || CAST(i // 2 AS VARCHAR) AS order_no,
             TIMESTAMP '2023-01-01' + to_seconds(CAST(hash(i // 2, 1) % 94608000 AS BIGINT)) AS sold_at,
             CAST(CASE WHEN hash(i, 2) % 100 < 3 THEN -1 ELSE 1 END * (hash(i, 3) % 20000 + 1) / 100.0 AS DECIMAL(18, 2))
               AS amount,
             CASE hash(i, 4) % 5 WHEN 0 THEN 'DE' WHEN 1 THEN 'FR' WHEN 2 THEN 'US' WHEN 3 THEN 'JP' END AS country
      FROM range({lines}) t(i)) TO '{file}' (FORMAT PARQUET)"""


def apart(function, *arguments):
    """Calls it in a process of its own: the peak of a program that is started from here is not below that of this process."""
    process = multiprocessing.get_context("spawn").Process(target=function, args=arguments)
    process.start()
    process.join()
    if process.exitcode != 0:
        sys.exit(f"{function.__name__} failed")


def generate(lines, file):
    import duckdb

    duckdb.connect().execute(LINES.format(lines=lines, file=file))


def fill(uri, file):
    """A PostgreSQL table with the rows of a Parquet file."""
    import duckdb

    connection = duckdb.connect()
    rows = subprocess.Popen(["psql", "-qX", uri, "-c", "DROP TABLE IF EXISTS bench", "-c",
                             'CREATE TABLE bench (customer text COLLATE "C", order_no text COLLATE "C", sold_at timestamp, '
                             'amount numeric(18,2), country text COLLATE "C")', "-c", "COPY bench FROM STDIN (FORMAT csv)", "-c",
                             "ANALYZE bench"], stdin=subprocess.PIPE)
    connection.execute(f"COPY (FROM '{file}') TO '/dev/fd/{rows.stdin.fileno()}' (FORMAT CSV, HEADER false)")
    rows.stdin.close()
    rows.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--uri", nargs="*", default=[])
    parser.add_argument("--program", type=pathlib.Path, default=PROJECT / "build/release/bin/quintile")
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        file = folder / "lines.parquet"
        apart(generate, arguments.lines, file)
        inputs = {"embedded": "lines.parquet", "duckdb": f"duckdb::memory:?parquet={file}"}
        for uri in arguments.uri:
            engine = uri.split(":")[0]
            if engine.startswith("postgres"):
                apart(fill, uri, file)
                inputs[engine] = f"{uri}?table=bench"
            else:
                inputs[engine] = f"{uri}/?parquet={file}"
        print(f"{arguments.lines:,} lines\n{'engine':<12} {'rows':<6} {'wall s':>8} {'peak MiB':>9}  fingerprint")
        told = set()
        for engine, path in inputs.items():
            for rows in ("fetch",) if engine == "embedded" else ("fetch", "stay"):
                plan, mart = folder / f"{engine}_{rows}.yaml", folder / f"mart_{engine}_{rows}"
                plan.write_text(PLAN.format(path=path, mart=mart, rows=rows, rules=PROJECT / "configs/segments/default.yaml"))
                wall, _, peak = measured([program, "run", plan, "--quiet"], folder)
                manifest = json.loads((mart / "run.json").read_text())
                told.add((manifest["fingerprint"], *((mart / name).read_bytes() for name in ("summary.json", "insights.json"))))
                print(f"{engine:<12} {rows:<6} {wall:>8.1f} {peak:>9.0f}  {manifest['fingerprint']}", flush=True)
        if len(told) > 1:
            sys.exit("the engines do not tell one and the same")


if __name__ == "__main__":
    main()
