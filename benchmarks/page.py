#!/usr/bin/env python3
"""Puts what a benchmark printed into a page: `benchmarks/kernels.py | benchmarks/page.py kernels [PAGE.md]`.

A table goes between the lines `<!-- table: NAME -->` and `<!-- end -->`. Rows of targets go into the table that all benchmarks share,
`<!-- table: targets -->`, in the place of those that the same script had there.
"""

import pathlib
import re
import sys

from measure import PROJECT


def replaced(page, name, write):
    """The page with the region `name` as `write` makes it of what is there."""
    region = re.compile(rf"(<!-- table: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    found = region.search(page)
    if not found:
        raise SystemExit(f"the page has no table called {name}")
    there = found[0].removeprefix(found[1]).removesuffix(found[2]).strip()
    return page[:found.start()] + found[1] + "\n" + write(there) + "\n\n" + found[2] + page[found.end():]


# Rows of targets stand in the order of their scripts.
SCRIPTS = ["`peers/run.py`", "`reading.py`", "`whole_process.py`", "`kernels.py`"]


def script_of(row):
    return row.split("|")[-2].strip()


def with_targets(there, told):
    header, rule, *rows = told.splitlines()
    fresh = {script_of(row) for row in rows}
    others = [row for row in there.splitlines()[2:] if script_of(row) not in fresh]
    return "\n".join([header, rule, *sorted([*others, *rows], key=lambda row: SCRIPTS.index(script_of(row)))])


def main():
    name = sys.argv[1]
    path = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else PROJECT / "docs/performance.md"
    page = path.read_text()
    parts = sys.stdin.read().strip().split("\n\n")
    if not any(part.startswith("|") for part in parts):
        raise SystemExit("no table came")
    page = replaced(page, name, lambda _: "\n\n".join(part for part in parts if not part.startswith("| target |")))
    for part in parts:
        if part.startswith("| target |"):
            page = replaced(page, "targets", lambda there, part=part: with_targets(there, part))
    path.write_text(page)
    sys.stdout.write("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
