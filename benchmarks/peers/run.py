#!/usr/bin/env python3
"""Quintile against what one would write instead, at the same job to the same result.

    make peers                                                   both grains, CSV and Parquet, sizes that end in minutes
    make peers options='--customers 10000000 --lines --runs 1'   customers alone, ten million; more runs are added to those kept
    benchmarks/peers/run.py --customers --lines 50000000 --formats parquet --peers polars duckdb --data /tmp/inputs
    benchmarks/peers/run.py --customers --lines                  nothing new: the tables and the chart of what is kept

Each peer does the job twice: bare, and with the review that an analyst would add (benchmarks/peers/checks.py and *_review_*.py).
Quintile always reviews, so both stand beside the same run of it. For each job all do it once without counting, and their results are
compared value by value: customers with the mart, reviews with review.json. Reviews of clean files find little, so each peer must first
find what is planted in a file with defects. Only then are they timed, in turn, so that a drifting machine drifts for all. Whole
processes: interpreter start on one side; digests, summary, insights, report and syncing to disk on the other.

Prints tables ready for docs/performance.md: medians, the medians of the ratios of each round, peak memory, and what the targets ask.
Rounds are kept in a file, and added to and told as long as the program, the peers, their versions and the machine are the same; a round
is kept when it ends, so a run may be killed and taken up. A process that takes longer than it may is killed, and told so.
"""

import argparse
import contextlib
import hashlib
import importlib.metadata
import json
import os
import pathlib
import platform
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import inputs  # noqa: E402
import results  # noqa: E402
from chart import chart  # noqa: E402
from measure import PROJECT, OverLimit, measured  # noqa: E402

PLANTED_CUSTOMERS = 100_000


def machine():
    cpu = next((line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")),
               platform.machine())
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = platform.freedesktop_os_release()["PRETTY_NAME"].split(" (")[0]
    return f"{cpu}, {os.cpu_count()} cores, {gib:.0f} GiB, {system}"


def versions(program):
    """What runs, by name, and a digest of all that a time depends on."""
    own = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()[-1]
    named = {"quintile": own, "python": platform.python_version(), **{peer: importlib.metadata.version(peer) for peer in results.PEERS}}
    digest = hashlib.sha256(json.dumps([named, machine()]).encode() + program.read_bytes())
    for script in sorted(set(HERE.glob("*.py")) - {HERE / name for name in ("run.py", "results.py", "chart.py")}):
        digest.update(script.read_bytes())
    return named, digest.hexdigest()[:16]


def commands(program, source, engines):
    """{engine: command}, for each a result in the input's folder."""
    grain = "customers" if source.grain == "customers" else "orders"
    told = {"quintile": source.command(program)}
    for engine in engines:
        peer, review = results.parts(engine)
        told[engine] = [sys.executable, HERE / f"{grain}_{peer}.py", source.source, source.folder / f"{peer}.parquet"]
        if review:
            told[engine].append(source.folder / f"{peer}.json")
    return told


def compare(engine, folder):
    """Ends the script unless the peer has our customers, and found what our review found."""
    peer, review = results.parts(engine)
    checks = [("same_customers.py", "mart/customer_segments.parquet", f"{peer}.parquet")]
    if review:
        checks.append(("same_review.py", "mart/review.json", f"{peer}.json"))
    for script, ours, theirs in checks:
        # A process of its own: a child's peak memory never falls below what its parent held when it was started.
        if subprocess.run([sys.executable, HERE / script, folder / ours, folder / theirs], check=False).returncode != 0:
            raise SystemExit(f"{engine} differs in {folder.name}: nothing is timed")


def compare_planted(program, data, peers):
    """The reviews of a file that has something to find."""
    dirty = inputs.customers(data, program, PLANTED_CUSTOMERS, dirt="realistic")
    planted = dirty._replace(source=dirty.folder / "planted.csv")
    subprocess.run([sys.executable, HERE / "planted.py", dirty.source, planted.source], check=True)
    all_commands = commands(program, planted, [results.reviewed(peer) for peer in peers])
    for engine, command in all_commands.items():
        measured(command, planted.folder)
        if engine != "quintile":
            compare(engine, planted.folder)


def race(job, source, all_commands, runs, limit, save):
    """Compares what has not been compared, then adds `runs` rounds to those of the job."""
    for engine, command in all_commands.items():
        if engine in job["compared"] or engine in job["over_limit"]:
            continue
        try:
            measured(command, source.folder, limit)
        except OverLimit:
            job["over_limit"][engine] = limit
            save()
            continue
        if engine != "quintile":
            compare(engine, source.folder)
            job["compared"].append(engine)
            save()
    for _ in range(runs):
        job["rounds"].append({engine: measured(command, source.folder) for engine, command in all_commands.items()
                              if engine not in job["over_limit"]})
        save()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--lines", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--formats", nargs="+", choices=["csv", "parquet"], default=["csv", "parquet"])
    parser.add_argument("--peers", nargs="+", choices=results.PEERS, default=list(results.PEERS))
    parser.add_argument("--review", choices=["off", "on", "both"], default="both", help="whether the peers review; Quintile does")
    parser.add_argument("--pandas-max", type=int, default=1_000_000, help="rows beyond which pandas is left out: it needs many times the file's size")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limit", type=float, default=600, help="seconds that a process may take")
    parser.add_argument("--results", type=pathlib.Path, default=PROJECT / "build/peers/results.json")
    parser.add_argument("--chart", type=pathlib.Path, default=PROJECT / "build/peers/peers.svg")
    inputs.add_arguments(parser)
    arguments = parser.parse_args()
    program = arguments.program.resolve()

    named, identity = versions(program)
    facts = {"machine": machine(), "versions": named, "identity": identity}
    reviews = {"off": [False], "on": [True], "both": [False, True]}[arguments.review]
    jobs = [(grain, rows, form) for grain, sizes in (("customers", arguments.customers), ("order lines", arguments.lines))
            for rows in sizes for form in arguments.formats]
    with contextlib.ExitStack() as stack:
        data = stack.enter_context(inputs.data_folder(arguments.data))
        if jobs and True in reviews:
            compare_planted(program, data, arguments.peers)
        for grain, rows, form in jobs:
            source = inputs.MAKE[grain](data, program, rows, form)
            job = results.load(arguments.results)["jobs"].get(source.title, {})
            if job.get("identity") != identity:
                job = {"identity": identity, "grain": grain, "rows": rows, "format": form, "compared": [], "over_limit": {}, "rounds": []}
            peers = [peer for peer in arguments.peers if peer != "pandas" or rows <= arguments.pandas_max]
            engines = [results.reviewed(peer) if review else peer for peer in peers for review in reviews]
            race(job, source, commands(program, source, engines), arguments.runs, arguments.limit,
                 save=lambda: results.keep(arguments.results, facts, source.title, job))
            print(f"{source.title}: {len(job['rounds'])} rounds", file=sys.stderr)
    kept = results.load(arguments.results) | facts
    left_out = sum(job.get("identity") != identity for job in kept["jobs"].values())
    if left_out:
        print(f"{left_out} jobs are of another program, other peers or another machine: left out", file=sys.stderr)
    if not results.in_order(kept):
        return
    print(results.tables(kept))
    arguments.chart.parent.mkdir(parents=True, exist_ok=True)
    arguments.chart.write_text(chart(kept))
    print(f"\nchart: {arguments.chart}", file=sys.stderr)


if __name__ == "__main__":
    main()
