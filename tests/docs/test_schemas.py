"""The published schemas against the program: what one refuses the other refuses, what one takes the other takes."""

import copy
import json
import subprocess

import jsonschema
import pytest
import yaml

from conftest import PROJECT

KINDS = ("plan", "rules")


class Loader(yaml.SafeLoader):
    """YAML as the program reads it: a day is text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def schema_of(kind):
    return json.loads((PROJECT / f"docs/schema/{kind}.schema.json").read_text())


def faults(kind, document):
    validator = jsonschema.Draft202012Validator(schema_of(kind))
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(document)]


def properties_of(schema, node, path=()):
    """Every key that a schema knows, with its node."""
    if "$ref" in node:
        node = {**schema["$defs"][node["$ref"].removeprefix("#/$defs/")], **node}
    for key, below in node.get("properties", {}).items():
        if "$ref" in below:
            below = {**schema["$defs"][below["$ref"].removeprefix("#/$defs/")], **below}
        yield (*path, key), below
        yield from properties_of(schema, below, (*path, key))
        if "items" in below:
            yield from properties_of(schema, below["items"], (*path, key, 0))


@pytest.mark.parametrize("kind", KINDS)
class TestSchema:
    def test_is_a_schema(self, kind):
        jsonschema.Draft202012Validator.check_schema(schema_of(kind))

    def test_is_what_the_program_prints(self, kind, program):
        printed = subprocess.run([program, "schema", kind], check=True, capture_output=True, text=True).stdout
        assert printed == (PROJECT / f"docs/schema/{kind}.schema.json").read_text()

    def test_says_what_every_key_and_word_means(self, kind):
        schema = schema_of(kind)
        for path, node in properties_of(schema, schema):
            assert node.get("description", "").endswith((".", "age ")), f"{path} has no description that is a sentence"
            assert len(node.get("enumDescriptions", [])) == len(node.get("enum", [])), f"{path}: words without a meaning"


def yaml_files(*folders):
    files = [file for folder in folders for file in sorted((PROJECT / folder).glob("*.yaml"))]
    return [pytest.param(file, id=str(file.relative_to(PROJECT))) for file in files]


@pytest.mark.parametrize("file", yaml_files("configs", "configs/examples", "configs/segments"))
def test_shipped_files_are_valid(file):
    kind = "rules" if file.parent.name == "segments" else "plan"
    assert faults(kind, yaml.load(file.read_text(), Loader)) == []


CUSTOMERS = "id,last,total,orders,age,premium\n1,2024-01-01,10.00,1,30,true\n2,2024-01-05,20.00,2,40,false\n"
LINES = "who,order,day,pieces,price\na,1,2024-01-01,1,10.00\nb,2,2024-01-05,2,20.00\n"
RULES = {"version": 1, "segments": [{"id": "recent", "when": "r_score >= 4"}, {"id": "others", "otherwise": True}]}
CUSTOMER_PLAN = {
    "version": 1,
    "input": {"path": "customers.csv", "grain": "customer",
              "columns": {"customer_id": "id", "last_purchase_date": "last", "monetary": "total", "frequency": "orders"}},
    "analysis_date": "2024-01-31", "segments": "rules.yaml", "output": {"mart": "mart"}}
TRANSACTION_PLAN = {
    **CUSTOMER_PLAN,
    "input": {"path": "lines.csv", "grain": "transaction",
              "columns": {"customer_id": "who", "order_id": "order", "order_date": "day", "quantity": "pieces", "unit_price": "price"}}}


@pytest.fixture
def run(program, tmp_path):
    """Runs a plan with rules; returns the process."""
    def run(plan, rules):
        (tmp_path / "customers.csv").write_text(CUSTOMERS)
        (tmp_path / "lines.csv").write_text(LINES)
        (tmp_path / "plan.yaml").write_text(yaml.safe_dump(plan, sort_keys=False))
        (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules, sort_keys=False))
        return subprocess.run([program, "run", "plan.yaml", "--quiet"], cwd=tmp_path, capture_output=True, text=True, check=False)
    return run


def changed(document, path, value):
    """A copy with `value` at a path of keys; without the key where the value is None."""
    document = copy.deepcopy(document)
    *parents, last = path.split(".")
    node = document
    for key in parents:
        node = node[int(key)] if isinstance(node, list) else node.setdefault(key, {})
    last = int(last) if isinstance(node, list) else last
    if value is None:
        del node[last]
    else:
        node[last] = value
    return document


C, T = CUSTOMER_PLAN, TRANSACTION_PLAN
GOOD_PLANS = [
    (C, "version", 1), (T, "version", 1),
    (C, "analysis_date", "day_after_last_purchase"), (C, "input.money_scale", 2), (C, "input.csv", {"delimiter": "comma", "decimal": "."}),
    (C, "input.path", ["customers.csv"]), (C, "input.attributes", ["age"]), (C, "input.overlay", "premium"), (C, "input.encoding", "utf-8"),
    (C, "review", {"ranges": {"age": [18, 80.5]}, "duplicate_ids": "fail"}),
    (C, "review", {"checks": [{"id": "grown_up", "expect": "age >= 18", "on_fail": "quarantine"}]}),
    (C, "scoring", {"recency": {"method": "thresholds", "upper_bounds": [7, 14]}, "monetary": {"method": "rank", "bins": 3}}),
    (C, "scoring", {"preset": "ntile"}), (C, "metrics", {"frequency": "orders"}), (C, "output.report", "report"),
    (T, "input.keep", "quantity > 0"), (T, "input.returns", {"when": "quantity < 0", "treat": "ignore"}), (T, "metrics", {"frequency": "days"}),
]
BAD_PLANS = [
    (C, "version", 2), (C, "version", None), (C, "input", None), (C, "analysis_date", None), (C, "segments", None), (C, "output", None),
    (C, "surprise", 1), (C, "analysis_date", "today"), (C, "analysis_date", "15/11/2023"),
    (C, "input.path", None), (C, "input.path", []), (C, "input.grain", "order"), (C, "input.grain", None), (C, "input.columns", None),
    (C, "input.currency", "euro"), (C, "input.money_scale", 5), (C, "input.money_scale", "two"), (C, "input.encoding", "latin1"),
    (C, "input.csv", {"decimal": "dot"}), (C, "input.csv", {"escape": "x"}),
    (C, "input.columns.monetary", None), (C, "input.columns.frequency", None), (C, "input.columns.last_purchase_date", None),
    (C, "input.columns.order_id", "id"), (C, "input.keep", "age > 1"), (C, "input.returns", {"when": "age > 1"}),
    (T, "input.columns.order_date", None), (T, "input.columns.unit_price", None), (T, "input.columns.amount", "x"),
    (T, "review", {"duplicate_ids": "regenerate"}), (T, "input.columns.monetary", "price"), (T, "input.returns", {"treat": "net"}), (T, "input.returns", {"when": "quantity < 0", "treat": "add"}),
    (C, "input.attributes", "age"), (C, "input.attributes", ["age", "age"]), (C, "input.personal", {}),
    (C, "review", {"duplicate_ids": "merge"}), (C, "review", {"ranges": {"age": [18]}}), (C, "review", {"ranges": {"age": ["young", 80]}}),
    (C, "review", {"checks": [{"id": "Grown up", "expect": "age > 1"}]}), (C, "review", {"checks": [{"id": "grown_up"}]}),
    (C, "review", {"checks": [{"id": "grown_up", "expect": "age > 1", "severity": "fatal"}]}),
    (C, "scoring", {"recency": {"bins": 1}}), (C, "scoring", {"recency": {"bins": 11}}), (C, "scoring", {"recency": {"bins": "five"}}),
    (C, "scoring", {"recency": {"method": "kmeans"}}), (C, "scoring", {"recency": {"method": "thresholds"}}),
    (C, "scoring", {"recency": {"upper_bounds": [1, 2]}}), (C, "scoring", {"recency": {"method": "thresholds", "upper_bounds": []}}),
    (C, "scoring", {"preset": "excel"}), (C, "scoring", {"preset": "ntile", "cut_points": "rules.yaml"}),
    (C, "metrics", {"frequency": "days"}), (C, "metrics", {"frequency": "visits"}), (C, "output.mart", None), (C, "output.logs", "x"),
]
GOOD_RULES = [("name", "Two"), ("segments.0.family", "slipping"), ("segments.0.actions", ["Wait.", "Write once."]), ("segments.0.otherwise", False)]
BAD_RULES = [
    ("version", None), ("version", "1"), ("segments", []), ("segments", {}), ("segments.0.id", None), ("segments.0.id", "At Risk"), ("segments.0.when", None),
    ("segments.0.otherwise", True), ("segments.0.family", "new"), ("segments.0.actions", "Wait."), ("segments.0.actions", ["Wait."]), ("segments.0.actions", ["a", "b", "c", "d"]), ("segments.0.colour", "red"),
    ("segments.1.otherwise", "yes"), ("segments.1.otherwise", False), ("name", ""),
]


def named(change):
    return f"{change[0]['input']['grain']} {change[1]} {change[2]}" if len(change) == 3 else f"{change[0]} {change[1]}"


@pytest.mark.parametrize("change", GOOD_PLANS, ids=named)
def test_both_take_a_good_plan(change, run):
    plan = changed(*change)
    assert faults("plan", plan) == []
    done = run(plan, RULES)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("change", BAD_PLANS, ids=named)
def test_both_refuse_a_bad_plan(change, run):
    plan = changed(*change)
    assert run(plan, RULES).returncode == 2
    assert faults("plan", plan)


@pytest.mark.parametrize("change", GOOD_RULES, ids=named)
def test_both_take_good_rules(change, run):
    rules = changed(RULES, *change)
    assert faults("rules", rules) == []
    done = run(CUSTOMER_PLAN, rules)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("change", BAD_RULES, ids=named)
def test_both_refuse_bad_rules(change, run):
    rules = changed(RULES, *change)
    assert run(CUSTOMER_PLAN, rules).returncode == 2
    assert faults("rules", rules)


@pytest.mark.parametrize("plan", [CUSTOMER_PLAN, TRANSACTION_PLAN], ids=["customer", "transaction"])
def test_stated_defaults_are_the_defaults(plan, run, tmp_path):
    schema = schema_of("plan")
    stated = copy.deepcopy(plan)
    for path, node in properties_of(schema, schema):
        if "default" in node and 0 not in path and "returns" not in path:
            stated = changed(stated, ".".join(path), node["default"])
    assert stated != plan
    applied = []
    for one in (plan, stated):
        assert run(one, RULES).returncode == 0
        applied.append(json.loads((tmp_path / "mart/run.json").read_text())["plan"])
    assert applied[0] == applied[1]
