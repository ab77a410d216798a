"""The program as a user calls it: plans and files in a folder of their own, exit status, what is printed and published."""

import json
import os
import pathlib
import subprocess

import pyarrow.parquet as pq
import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("QUINTILE", PROJECT / "build/dev/bin/quintile")).absolute()

RULES = """\
version: 1
name: Two segments
segments:
  - id: recent
    name: Recent
    family: core
    when: r_score >= 4
    description: Bought lately.
    actions: ["Say thank you to {customers} customers.", Ask for a review.]
    watchouts: [They may be few.]
  - id: others
    name: Others
    family: dormant
    otherwise: true
    description: Everyone else.
    actions: [Wait., Write once.]
    watchouts: [Consent.]
"""

PLAN = """\
version: 1
input:
  path: customers.csv
  grain: customer
  currency: EUR
  columns:
    customer_id: id
    first_purchase_date: first
    last_purchase_date: last
    monetary: total
    average_order_value: average
  attributes: [age, city]
  personal: [name]
  overlay: premium
  consent: opt_in
analysis_date: 2024-01-31
segments: rules.yaml
output: {mart: mart, report: report}
"""

HEADER = "id,name,age,city,first,last,total,average,premium,opt_in\n"

ROWS = [
    "7,Ada,30,Porto,2023-01-05,2024-01-30,100.00,25.00,true,true",
    "7,Bob,41,Lyon,2023-01-05,2023-06-01,50.10,25.05,false,true",
    "10,Cy,52,Porto,2022-12-31,2023-12-31,10.00,10.00,true,false",
    "9,Di,23,Lyon,2023-03-01,2023-03-01,999.99,333.33,false,true",
    "8,Ed,64,Graz,2023-02-01,2023-12-01,60.00,20.00,false,false",
]


class Workspace:
    """A folder with a plan, rules and input, in which the program runs."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(text, encoding="utf-8")
        return path

    def quintile(self, *arguments, expect=0, env=None):
        done = subprocess.run(
            [PROGRAM, *map(str, arguments)], cwd=self.folder, text=True, capture_output=True, timeout=120,
            env={**os.environ, **(env or {})}, check=False)
        assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments, expect=0):
        return json.loads(self.quintile(*arguments, "--format", "json", expect=expect).stdout)

    def table(self, name):
        return pq.read_table(self.folder / "mart" / f"{name}.parquet").to_pylist()

    def document(self, name):
        return json.loads((self.folder / "mart" / f"{name}.json").read_text())

    def published(self):
        """Every published file by name, as bytes."""
        return {str(p.relative_to(self.folder)): p.read_bytes()
                for top in ("mart", "report") for p in sorted((self.folder / top).rglob("*")) if p.is_file()}


@pytest.fixture
def workspace(tmp_path):
    """Five customers that can be checked by hand."""
    space = Workspace(tmp_path)
    space.write("plan.yaml", PLAN)
    space.write("rules.yaml", RULES)
    space.write("customers.csv", HEADER + "\n".join(ROWS) + "\n")
    return space


@pytest.fixture
def empty_workspace(tmp_path):
    return Workspace(tmp_path)
