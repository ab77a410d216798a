"""Marts at the edge of what can be published: the server and the exports stay right."""

import csv
import io
import json
import random
import urllib.request

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from conftest import quintile, serving

MARKUP = '<script>alert("x")</script>'
FORMULA = '=HYPERLINK("http://evil.example","x")'
READS = ["/meta", "/snapshot", "/segments", "/cube", "/cube?by=segment", "/distributions", "/insights", "/quality", "/customers", "/customers/1",
         "/rules", "/audience", "/healthz"]


def plan(extra_input="", scoring="", attributes="attributes: [city]"):
    return f"""\
version: 1
input:
  path: customers.csv
  grain: customer
  currency: EUR
  columns: {{customer_id: id, last_purchase_date: last, monetary: total, average_order_value: average}}
  {attributes}
{extra_input}
analysis_date: 2024-01-31
{scoring}
segments: rules.yaml
output: {{mart: mart, report: report}}
"""


def segment(name, when, title=None):
    return {"id": name, "name": title or name.title(), "family": "core", "when": when, "description": MARKUP, "actions": [FORMULA, "Wait."], "watchouts": [MARKUP]}


def rules(segments):
    rest = {"id": "others", "name": "Others", "family": "dormant", "otherwise": True, "description": "Rest.", "actions": ["Wait.", "Ask."], "watchouts": ["Few."]}
    return json.dumps({"version": 1, "name": MARKUP, "segments": [*segments, rest]})


def customers(count, seed=1):
    draw = random.Random(seed)
    cities = ["Oslo", MARKUP, FORMULA, "Sankt Gallen, Altstadt", 'a "quoted" one', "+49", "-1", "@home", "Ærø", "", "x..y", "~", "back\\slash"]
    rows = []
    for number in range(1, count + 1):
        orders = draw.randint(1, 30)
        total = orders * draw.randint(500, 9000)
        day = draw.randint(1, 28)
        rows.append([f"C{number}", f"{draw.choice([2021, 2022, 2023])}-{draw.randint(1, 12):02}-{day:02}", f"{total / 100:.2f}", f"{total / orders / 100:.2f}",
                     draw.choice(cities), draw.choice(["true", "false"]), draw.choice(["true", "false", ""])])
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([["id", "last", "total", "average", "city", "premium", "opt_in"], *rows])
    return file.getvalue()


BOTH = "  overlay: premium\n  consent: opt_in"
BASE = [segment("recent", "r_score >= 3", MARKUP)]
CASES = {
    "markup in names": dict(plan=plan(BOTH), rules=rules(BASE), count=400),
    "two hundred segments": dict(plan=plan(BOTH), rules=rules([segment(f"s{i}", f"recency_days between {i * 6} and {i * 6 + 5}") for i in range(199)]), count=2000),
    "no overlay": dict(plan=plan("  consent: opt_in"), rules=rules(BASE), count=400),
    "no consent": dict(plan=plan("  overlay: premium"), rules=rules(BASE), count=400),
    "one customer": dict(plan=plan(BOTH), rules=rules(BASE), count=1),
    "no attributes": dict(plan=plan("", attributes="attributes: []"), rules=rules(BASE), count=400),
    "ten bins": dict(plan=plan(BOTH, "scoring: {recency: {method: quantile, bins: 10}, frequency: {method: quantile, bins: 10}, monetary: {method: quantile, bins: 10}}"),
                     rules=rules([segment("best", "r_score = 10 and m_score >= 9"), *BASE]), count=3000),
    "thirds": dict(plan=plan(BOTH, "scoring: {recency: {method: quantile, bins: 3}, frequency: {method: quantile, bins: 3}, monetary: {method: quantile, bins: 3}}"),
                   rules=rules(BASE), count=400),
}


@pytest.fixture(scope="module", params=CASES, ids=lambda name: name.replace(" ", "_"))
def hostile(request, tmp_path_factory):
    case = CASES[request.param]
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "plan.yaml").write_text(case["plan"])
    (folder / "rules.yaml").write_text(case["rules"])
    (folder / "customers.csv").write_text(customers(case["count"]))
    quintile("run", "plan.yaml", "--quiet", folder=folder)
    with serving(folder / "mart", "--previous", folder / "mart") as running:
        yield running


def test_every_read_answers(hostile):
    for path in [*READS, "/migration"]:
        path, _, query = path.partition("?")
        status, headers, body = hostile.ask(path, dict([query.split("=")]) if query else {})
        assert status == 200 and headers["Content-Type"] == "application/json" and headers["X-Content-Type-Options"] == "nosniff", path
        json.loads(body)
    assert hostile.ask("/rules.yaml")[0] == 200


def test_the_parts_add_up(hostile):
    table = hostile.table()
    filters = [{}, {"m_score": "1..2"}, {"recency_days": "100000.."}]
    if "city" in table.column_names:
        for wanted in (MARKUP, FORMULA, "Sankt Gallen, Altstadt", "x..y", "~", None, "back\\slash", "Ærø", "nowhere"):
            item = "~" if wanted is None else "".join("\\" + c if c in "\\,~." else c for c in wanted)
            city = table["city"].cast(pa.string())
            count = city.null_count if wanted is None else pc.sum(pc.equal(city, wanted)).as_py() or 0
            assert hostile.get("/segments", {"city": item})["filtered"]["customers"] == count, wanted
            filters.append({"city": item})
    for parameters in filters:
        answer = hostile.get("/segments", parameters)
        cells = hostile.get("/cube", parameters)["cells"]
        assert sum(each["customers"] for each in answer["segments"]) == answer["filtered"]["customers"] == sum(each["customers"] for each in cells)
        for each in answer["segments"]:
            assert len(each["key_traits"]) <= 5
            if each["customers"] == 0:
                assert each["mean_monetary"] is None and each["customer_share"] == 0
        for name, column in [("overlay_share", "premium"), ("contactable_share", "opt_in")]:
            assert (answer["population"][name] is None) == (column not in table.column_names)


def test_grid_cells_and_codes_are_named_as_the_mart_names_them(hostile):
    table = hostile.table()
    r, f = (pc.max(table[name]).as_py() for name in ("r_score", "f_score"))
    bins = hostile.get("/meta")["bins"]
    cell = f"{r}-{f}" if bins["r_score"] > 9 else f"{r}{f}"
    mask = pc.and_(pc.equal(table["r_score"], r), pc.equal(table["f_score"], f))
    assert hostile.get("/segments", {"cells": cell})["filtered"]["customers"] == pc.sum(mask).as_py()
    code = table["rfm_code"].cast(pa.string())[0].as_py()
    assert hostile.get("/segments", {"rfm_code": code})["filtered"]["customers"] == pc.sum(pc.equal(table["rfm_code"].cast(pa.string()), code)).as_py()
    assert hostile.ask("/segments", {"cells": f"{bins['r_score'] + 1}-1"})[0] == 400


def test_no_cell_of_an_export_runs_in_a_spreadsheet(hostile):
    for name in ("segments", "customers", "audience"):
        for separator, character in [("comma", ","), ("semicolon", ";"), ("tab", "\t")]:
            status, _, body = hostile.ask(f"/export/{name}.csv", {"separator": separator})
            assert status == 200
            rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=character))
            assert {len(row) for row in rows} == {len(rows[0])}
            for value in (value for row in rows for value in row):
                if value[:1] in tuple("=+-@\t\r"):
                    float(value)  # numbers stay numbers


def test_an_audience_without_a_consent_flag_holds_everyone(hostile):
    table = hostile.table()
    audience = hostile.get("/audience")
    if "opt_in" in table.column_names:
        assert audience["consent"] == "opt_in" and audience["contactable"] == pc.sum(pc.fill_null(table["opt_in"], False)).as_py()
    else:
        assert audience["consent"] is None and audience["withheld"] == 0


def test_the_present_rules_as_a_draft_move_nobody(hostile):
    draft = json.dumps({"rules": hostile.get("/rules")["rules"]}).encode()
    request = urllib.request.Request(f"{hostile.url}api/v1/rules/preview", data=draft, headers={"Content-Type": "application/json"}, method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert json.load(answer)["movers"]["customers"] == 0
