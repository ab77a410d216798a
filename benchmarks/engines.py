#!/usr/bin/env python3
"""Times one plan over the same order lines on the embedded engine and on SQL engines, once all results are found to be one.

    make bench && .venv/bin/python benchmarks/engines.py --lines 10000000 --start postgresql sail spark

DuckDB, in process, is always among them. Servers are started here, each while it is measured (`--start`, after
`scripts/setup engines`, for Spark `scripts/setup spark`), or given by their URI (`--uri sail://127.0.0.1:50051`): Sail and Spark
read the Parquet file by its path, PostgreSQL a table named bench that is filled here. Each engine runs the plan with its
customers fetched and with `output.rows: stay` (`--rows` takes one of them). Fingerprint, cut points, summary and insights must
be one, else nothing is printed. Then: wall seconds; CPU seconds of this program and of servers that were started here; this
program's own peak memory, in which the engine's is for embedded and DuckDB alone; and the passes over the lines and over the
customers that run.json tells.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from measure import PROJECT, measured, memory, seconds, table

sys.path.append(str(PROJECT / "tests/engines"))
import servers  # noqa: E402

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
COPY (SELECT 'c' || lpad(CAST(CAST(floor(pow((hash(i // 2, 5) % 1000003) / 1000003.0, 2) * {lines} / 8) AS BIGINT) AS VARCHAR),
                         9, '0') AS customer,
             'o' || CAST(i // 2 AS VARCHAR) AS order_no,
             TIMESTAMP '2023-01-01' + to_seconds(CAST(hash(i // 2, 1) % 94608000 AS BIGINT)) AS sold_at,
             CAST(CASE WHEN hash(i, 2) % 100 < 3 THEN -1 ELSE 1 END * (hash(i, 3) % 20000 + 1) / 100.0 AS DECIMAL(18, 2))
               AS amount,
             CASE hash(i // 2, 4) % 5 WHEN 0 THEN 'DE' WHEN 1 THEN 'FR' WHEN 2 THEN 'US' WHEN 3 THEN 'JP' END AS country
      FROM range({lines}) t(i)) TO '{file}' (FORMAT PARQUET)"""

RESULTS = ("cut_points.yaml", "summary.json", "insights.json")


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
    rows = subprocess.Popen(["psql", "-qX", uri, "-c", "SET client_min_messages = warning; DROP TABLE IF EXISTS bench", "-c",
                             'CREATE TABLE bench (customer text COLLATE "C", order_no text COLLATE "C", sold_at timestamp, '
                             'amount numeric(18,2), country text COLLATE "C")', "-c", "COPY bench FROM STDIN (FORMAT csv)", "-c",
                             "ANALYZE bench"], stdin=subprocess.PIPE)
    connection.execute(f"COPY (FROM '{file}') TO '/dev/fd/{rows.stdin.fileno()}' (FORMAT CSV, HEADER false)")
    rows.stdin.close()
    if rows.wait() != 0:
        sys.exit("PostgreSQL's table could not be filled")


class Bench:
    """One plan over one file of lines; each run a row of the table."""

    def __init__(self, program, folder, lines, kinds):
        self.program, self.folder, self.kinds = program, folder, kinds
        self.file = folder / "lines.parquet"
        self.rows, self.told, self.server = [], {}, None
        apart(generate, lines, self.file)

    def run_embedded(self):
        self.run("embedded", "lines.parquet", "fetch")

    def run_duckdb(self):
        self.run_all("duckdb", f"duckdb::memory:?parquet={self.file}")

    def run_server(self, uri, server=None):
        self.server = server
        engine = uri.split(":")[0]
        if engine.startswith("postgres"):
            apart(fill, uri, self.file)
            self.run_all(engine, f"{uri}?table=bench")
        else:
            self.run_all(engine, f"{uri}/?parquet={self.file}")

    def run_all(self, engine, path):
        for rows in self.kinds:
            self.run(engine, path, rows)

    def run(self, engine, path, rows):
        plan, mart = self.folder / f"{engine}_{rows}.yaml", self.folder / f"mart_{engine}_{rows}"
        plan.write_text(PLAN.format(path=path, mart=mart, rows=rows, rules=PROJECT / "configs/segments/default.yaml"))
        print(f"{engine} {rows} ...", file=sys.stderr, flush=True)
        before = self.server.cpu_seconds() if self.server else 0
        usage = measured([self.program, "run", plan, "--quiet"], self.folder)
        cpu = usage.cpu + (self.server.cpu_seconds() - before if self.server else 0)
        manifest = json.loads((mart / "run.json").read_text())
        self.told[engine, rows] = (manifest["fingerprint"], *((mart / name).read_bytes() for name in RESULTS))
        passes = re.search(r"(\d+) passes over the input, (\d+) over its customers", json.dumps(manifest["detections"]))
        self.rows.append([engine, rows, seconds(usage.wall), seconds(cpu), memory(usage.memory),
                          *(passes.groups() if passes else ("1", ""))])
        self.customers = manifest["customers"]

    def told_alike(self):
        """The table of all runs, once all have told one and the same."""
        first = next(iter(self.told.values()))
        for run, told in self.told.items():
            unlike = [name for name, a, b in zip(("fingerprint", *RESULTS), first, told, strict=True) if a != b]
            if unlike:
                sys.exit(f"{' '.join(run)} does not tell the same: {', '.join(unlike)}")
        return (f"{self.customers:,} customers; one fingerprint, {first[0]}, and the same {', '.join(RESULTS)} from all\n\n" +
                table(["engine", "rows", "wall", "CPU", "peak of the client", "passes over lines", "over customers"], self.rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--start", nargs="*", default=[], choices=servers.ENGINES)
    parser.add_argument("--uri", nargs="*", default=[])
    parser.add_argument("--rows", nargs="*", default=["fetch", "stay"], choices=["fetch", "stay"])
    parser.add_argument("--without", nargs="*", default=[], choices=["embedded", "duckdb"])
    parser.add_argument("--program", type=pathlib.Path, default=PROJECT / "build/bench/bin/quintile")
    arguments = parser.parse_args()
    os.environ["QUINTILE_ENGINE_DRIVERS"] = str(servers.PACKAGES)
    os.environ["VIRTUAL_ENV"] = sys.prefix
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)  # servers may be other users
        bench = Bench(arguments.program.resolve(), folder, arguments.lines, arguments.rows)
        print(f"{arguments.lines:,} lines")
        if "embedded" not in arguments.without:
            bench.run_embedded()
        if "duckdb" not in arguments.without:
            bench.run_duckdb()
        for uri in arguments.uri:
            bench.run_server(uri)
        for engine in arguments.start:
            with servers.ENGINES[engine]() as server:
                bench.run_server(server.uri(), server)
        print(bench.told_alike())


if __name__ == "__main__":
    main()
