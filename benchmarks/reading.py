#!/usr/bin/env python3
"""Reading a customer CSV alone, warm: Quintile's reader against those of Polars, DuckDB and pandas.

    make bench peers-environment && benchmarks/reading.py [--customers 10000000] [--runs 5]

Each reads the file into typed columns in memory, once a process, and times the call from inside; the processes take turns. Quintile
reads twice: `every value` keeps the texts of all 20 columns as the others do; `for a run` is what `quintile run` asks for: names and
e-mail addresses become hashes, each record gets a hash of all its cells, and the file a SHA-256. Prints medians of the seconds, of the
CPU seconds of all threads, and of the ratios within each round.
"""

import argparse
import json
import pathlib
import statistics
import subprocess

import inputs
from measure import PROJECT, against, seconds, table, targets

TARGET = 2  # times as fast as Polars
PANDAS_MAX = 1_000_000  # rows; beyond, it takes many times the file's size
OURS = {"every value": "every_value", "for a run": "for_a_run"}


def read_by_us(benchmark, folder, request):
    told = subprocess.run([benchmark, "plan.yaml", f"--benchmark_filter={request}", "--benchmark_format=json"], cwd=folder, check=True,
                          capture_output=True, text=True)
    result = json.loads(told.stdout)["benchmarks"][0]
    if result.get("error_occurred"):
        raise SystemExit(result["error_message"])
    return {"wall": result["real_time"] / 1000, "cpu": result["cpu_time"] / 1000}


def read_by(peer, path):
    return json.loads(subprocess.run([inputs.PEERS_PYTHON, inputs.PEERS / "readers.py", peer, path], check=True, capture_output=True,
                                     text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--readers", nargs="+", default=["polars", "duckdb", "pandas"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--benchmark", type=pathlib.Path, default=PROJECT / "build/bench/bin/cli_benchmark")
    inputs.add_arguments(parser)
    arguments = parser.parse_args()
    benchmark = arguments.benchmark.resolve()
    peers = [peer for peer in arguments.readers if peer != "pandas" or arguments.customers <= PANDAS_MAX]
    with inputs.data_folder(arguments.data) as data:
        source = inputs.customers(data, arguments.program.resolve(), arguments.customers)
        readers = {f"Quintile, {name}": lambda request=request: read_by_us(benchmark, source.folder, request) for name, request in OURS.items()}
        readers |= {peer: lambda peer=peer: read_by(peer, source.source) for peer in peers}
        for read in readers.values():  # a warm page cache
            read()
        rounds = [{name: read() for name, read in readers.items()} for _ in range(arguments.runs)]
    rows = []
    for name in readers:
        ratio = [statistics.median(one[name]["wall"] / one[f"Quintile, {ours}"]["wall"] for one in rounds) for ours in OURS]
        rows.append([name, *(seconds(statistics.median(one[name][what] for one in rounds)) for what in ("wall", "cpu")),
                     *(f"{value:.2f} x" for value in ratio)])
    print(table([f"reading {source.title}", "wall", "CPU", "of every value", "of a run's"], rows))
    if "polars" in readers:
        print("\n" + targets("reading.py", [
            [f"reading {source.title}: {name} against Polars",
             *against(statistics.median(one["polars"]["wall"] / one[f"Quintile, {name}"]["wall"] for one in rounds), TARGET)] for name in OURS]))


if __name__ == "__main__":
    main()
