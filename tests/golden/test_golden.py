"""Golden cases: a folder with input, plan and rules, and in `expected/` what a run publishes that people can read.

`pytest tests/golden --update-golden` writes the files anew; the diff is what to review. A new folder is a new case.
"""

import csv
import io
import os
import pathlib
import shutil
import subprocess

import pyarrow.parquet as pq
import pytest

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = pathlib.Path(os.environ.get("QUINTILE", HERE.parents[1] / "build/dev/bin/quintile")).absolute()
CASES = sorted(p.name for p in HERE.iterdir() if (p / "plan.yaml").is_file())
TEXTS = ["summary.json", "segment_summary.csv", "insights.json", "review.json", "cut_points.yaml"]
TABLES = ["customer_segments", "crosswalk", "quarantine"]


def as_csv(path):
    rows = pq.read_table(path).to_pylist()
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=pq.read_schema(path).names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("case", CASES)
def test_golden(case, tmp_path, pytestconfig):
    for file in (HERE / case).iterdir():
        if file.is_file():
            shutil.copy(file, tmp_path)
    subprocess.run([PROGRAM, "run", "plan.yaml"], cwd=tmp_path, check=True, capture_output=True)
    published = {name: (tmp_path / "mart" / name).read_text() for name in TEXTS}
    published |= {f"{name}.csv": as_csv(tmp_path / "mart" / f"{name}.parquet") for name in TABLES}
    expected = HERE / case / "expected"
    if pytestconfig.getoption("--update-golden"):
        expected.mkdir(exist_ok=True)
        for name, text in published.items():
            (expected / name).write_text(text)
    for name, text in published.items():
        assert text == (expected / name).read_text(), name
