#!/usr/bin/env python3
"""What the Python package costs beside the program: the same plan and customers, as whole processes, in turn.

    make wheel && python3 -m venv /tmp/overhead && /tmp/overhead/bin/pip install dist/quintile-*.whl
    benchmarks/python_overhead.py --python /tmp/overhead/bin/python [--customers 1000000] [--runs 7]

Prints a table of the medians of wall and CPU seconds and of memory of `quintile run` and of `quintile.run(plan).write()` in a new
interpreter, and what importing the package takes; checks that both wrote the same mart. The program must be of the same build type:
build/release/bin/quintile and a wheel of `make wheel` are.
"""

import argparse
import filecmp
import pathlib
import statistics
import subprocess

import inputs
from measure import measured, table

CODE = "import quintile; quintile.run('plan.yaml').write('python/mart', 'python/report')"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=7)
    inputs.add_arguments(parser)
    parser.add_argument("--python", type=pathlib.Path, required=True, help="an interpreter that has the package")
    arguments = parser.parse_args()
    program, python = arguments.program.resolve(), arguments.python.absolute()
    with inputs.data_folder(arguments.data) as data:
        source = inputs.customers(data, program, arguments.customers)
        folder = source.folder
        commands = {
            "program": source.command(program),
            "package": [python, "-c", CODE],
            "import": [python, "-c", "import quintile"],
            "python": [python, "-c", "pass"],
        }
        times = {what: [] for what in commands}
        for run in range(arguments.runs + 1):  # the first warms the page cache and does not count
            for what, command in commands.items():
                seconds = measured(command, folder)
                if run > 0:
                    times[what].append(seconds)
        files = [path.name for path in (folder / "mart").iterdir() if path.is_file()]
        _, differing, missing = filecmp.cmpfiles(folder / "mart", folder / "python/mart", files, shallow=False)
        if differing or missing:
            raise SystemExit(f"the marts differ: {differing + missing}")
    median = {what: [statistics.median(column) for column in zip(*rows)] for what, rows in times.items()}
    rows = [[what, f"{wall:.3f} s", f"{cpu:.3f} s", f"{peak:.0f} MiB"] for what, (wall, cpu, peak) in median.items() if what in ("program", "package")]
    more = [f"{100 * (package / program - 1):.1f} % more" for package, program in zip(median["package"], median["program"])]
    rows.append(["difference", *more])
    rows.append(["of which importing", f"{1000 * (median['import'][0] - median['python'][0]):.0f} ms", "", ""])
    print(table([f"{source.title}, {arguments.runs} runs", "wall", "CPU", "peak memory"], rows))


if __name__ == "__main__":
    main()
