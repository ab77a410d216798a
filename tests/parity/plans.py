"""Plans over `inputs.py`, and what a mart says whatever engine made it."""

import json
import pathlib
import subprocess

import pyarrow.parquet as pq

RULES = """\
version: 1
name: By every kind of field
segments:
  - {id: champions, name: Champions, family: core, when: r_score >= 4 and f_score >= 4 and m_score >= 4,
     description: Best., actions: [Thank them., Ask them.], watchouts: [Few.]}
  - {id: slipping, name: Slipping, family: slipping, when: r_score <= 2 and (f_score >= 3 or monetary > 150.5),
     description: Going., actions: [Write., Call.], watchouts: [Late.]}
  - {id: small, name: Small, family: growing, when: average_order_value <= 20 or tenure_days between 0 and 90,
     description: Small., actions: [Wait., See.], watchouts: [None.]}
  - {id: others, name: Others, family: dormant, otherwise: true,
     description: Rest., actions: [Wait., See.], watchouts: [None.]}
"""

LINES = """\
version: 1
input:
  path: {path}
  grain: transaction
  currency: EUR
  columns: {{customer_id: customer, order_id: order_no, order_date: sold_at, quantity: quantity, unit_price: price}}
  attributes: [country]
{conditions}
analysis_date: {day}
{more}segments: rules.yaml
output: {{mart: {mart}, rows: {rows}}}
"""

CUSTOMERS = """\
version: 1
input:
  path: {path}
  grain: customer
  currency: EUR
  columns: {{customer_id: id, first_purchase_date: first, last_purchase_date: last, monetary: total,
             average_order_value: average}}
  attributes: [age, city, score]
  personal: [name]
  overlay: premium
  consent: opt_in
analysis_date: {day}
review:
  checks:
    - {{id: grown_up, expect: age >= 18 and not city in ("Lyon"), severity: info, on_fail: keep}}
    - {{id: known, expect: not name is missing, severity: warning, on_fail: quarantine}}
  ranges: {{age: [16, 95]}}
{more}segments: rules.yaml
output: {{mart: {mart}, rows: {rows}}}
"""


class Runner:
    def __init__(self, program, folder):
        self.program, self.folder = program, pathlib.Path(folder)
        (self.folder / "rules.yaml").write_text(RULES)

    def run(self, plan, name, path, **fields):
        text = plan.format(path=path, mart=f"mart_{name}", **{"conditions": "", "more": "", "rows": "fetch", **fields})
        file = self.folder / f"{name}.yaml"
        file.write_text(text)
        return subprocess.run([self.program, "run", str(file), "--format", "json"], capture_output=True, text=True,
                              timeout=300)

    def command(self, *arguments):
        return subprocess.run([self.program, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=300)

    def mart(self, name):
        return Published(self.folder / f"mart_{name}")


class Published:
    """The parts of a mart that no engine may change; without `customers` where they stayed at one."""

    def __init__(self, folder):
        read = lambda file: json.loads((folder / file).read_text())  # noqa: E731
        manifest, review = read("run.json"), read("review.json")
        self.customers_at = manifest.get("customers_at")
        file = folder / "customer_segments.parquet"
        assert file.exists() == (self.customers_at is None)
        self.customers = None if self.customers_at else pq.read_table(file)
        self.columns, self.warnings = manifest["columns"], manifest["warnings"]
        self.recommendations = manifest["recommendations"]
        self.fingerprint = manifest["fingerprint"]
        self.ties = manifest["ties"]
        self.cut_points = (folder / "cut_points.yaml").read_text()
        self.summary = (folder / "summary.json").read_bytes()
        self.insights = (folder / "insights.json").read_bytes()
        self.waterfall = review["waterfall"]
        self.findings = {(f["check"], f["column"]): (f["rows"], f["decision"], f["severity"]) for f in review["findings"]}
        self.details = {(f["check"], f["column"]): f["details"] for f in review["findings"]}

    def differences(self, other, not_computed=()):
        """What is unlike in `other`, by name; findings of the checks `not_computed` may be missing there."""
        unlike = [name for name in ("fingerprint", "ties", "cut_points", "summary", "insights", "recommendations", "columns",
                                    "warnings", "waterfall")
                  if getattr(self, name) != getattr(other, name)]
        if other.customers is not None and not self.customers.equals(other.customers):
            unlike.append("customers")
        expected = {key: value for key, value in self.findings.items() if key[0] not in not_computed}
        found = {key: value for key, value in other.findings.items() if key[0] not in not_computed}
        unlike += [f"finding {key}: {expected.get(key)} here, {found.get(key)} there"
                   for key in sorted({*expected, *found}) if expected.get(key) != found.get(key)]
        return unlike
