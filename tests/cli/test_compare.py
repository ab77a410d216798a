"""`quintile compare`: who moved between two marts, and why. The marts are small enough to reason by hand."""

import csv

import pytest

HEADER = "id,last,total,average\n"

# Thresholds are fixed, so that nobody is moved by what others do.
PLAN = """\
version: 1
input:
  path: {name}.csv
  grain: customer
  currency: EUR
  columns: {{customer_id: id, last_purchase_date: last, monetary: total, average_order_value: average}}
analysis_date: {date}
scoring:
  recency: {{method: thresholds, upper_bounds: [30, 90]}}
  frequency: {{method: thresholds, upper_bounds: [1, 4]}}
  monetary: {{method: thresholds, upper_bounds: [100, 500]}}
segments: {rules}.yaml
output: {{mart: {name}, report: report_{name}}}
"""

RULES = """\
version: 1
name: Three segments
segments:
  - {{id: best, name: Best, family: core, when: r_score = 3 and f_score >= {orders}, description: d, actions: [a, b], watchouts: [w]}}
  - {{id: rich, name: Rich, family: growing, when: m_score = 3, description: d, actions: [a, b], watchouts: [w]}}
  - {{id: others, name: Others, family: dormant, otherwise: true, description: d, actions: [a, b], watchouts: [w]}}
"""


@pytest.fixture
def two_runs(empty_workspace):
    """October and November; each customer's name says what happened to it."""
    space = empty_workspace
    space.write("rules.yaml", RULES.format(orders=3))
    space.write("softer.yaml", RULES.format(orders=2))
    october = ["stays,2023-10-20,60.00,10.00", "went_quiet,2023-10-25,60.00,10.00", "ordered_more,2023-10-28,40.00,10.00",
               "spent_more,2023-06-01,400.00,200.00", "came_back,2023-05-01,60.00,10.00", "left,2023-10-01,1000.00,10.00"]
    november = ["stays,2023-11-20,60.00,10.00", "went_quiet,2023-10-25,60.00,10.00", "ordered_more,2023-11-20,50.00,10.00",
                "spent_more,2023-06-01,600.00,200.00", "came_back,2023-11-25,60.00,10.00", "new,2023-11-01,20.00,10.00"]
    for name, rows, date in [("october", october, "2023-10-31"), ("november", november, "2023-11-30")]:
        space.write(f"{name}.csv", HEADER + "\n".join(rows) + "\n")
        space.write(f"{name}.yaml", PLAN.format(name=name, date=date, rules="rules"))
        space.quintile("run", f"{name}.yaml", "--quiet")
    return space


def movers(space, *arguments):
    space.quintile("compare", *arguments, "--out", "movers.csv", "--quiet")
    with (space.folder / "movers.csv").open(newline="") as file:
        return {row["source_customer_id"]: row for row in csv.DictReader(file)}


def test_each_mover_has_the_reason_that_moved_it(two_runs):
    rows = movers(two_runs, "october", "november")
    assert {name: (row["segment_id_before"], row["segment_id"], row["reasons"]) for name, row in rows.items()} == {
        "went_quiet": ("best", "others", "recency_moved"),
        "ordered_more": ("others", "best", "order_count_moved"),
        "spent_more": ("others", "rich", "value_moved"),
        "came_back": ("others", "best", "recency_moved"),
        "new": ("", "others", "new"),
        "left": ("best", "", "gone"),
    }


def test_changed_rules_are_told_from_changed_customers(two_runs):
    two_runs.write("softer_plan.yaml", PLAN.format(name="october", date="2023-10-31", rules="softer").replace("mart: october,", "mart: softer_mart,"))
    two_runs.quintile("run", "softer_plan.yaml", "--quiet")
    told = two_runs.json("compare", "october", "softer_mart")
    assert [(each["reasons"], each["customers"]) for each in told["reasons"]] == [(["rules_changed"], 1)]
    assert [(flow["from"], flow["to"], flow["customers"], flow["monetary"]) for flow in told["flows"]] == [("others", "best", 1, 40)]


def test_the_document_balances(two_runs):
    told = two_runs.json("compare", "october", "november")
    assert (told["from"]["customers"], told["to"]["customers"], told["in_both"], told["new"]["customers"], told["gone"]["customers"]) == (6, 6, 5, 1, 1)
    assert told["from"]["analysis_date"] == "2023-10-31" and told["to"]["analysis_date"] == "2023-11-30"
    assert told["movers"]["customers"] == sum(each["customers"] for each in told["reasons"]) == sum(flow["customers"] for flow in told["flows"]) == 4
    for flow in told["flows"]:
        assert flow["customers"] == sum(each["customers"] for each in flow["reasons"])


def test_the_text_says_it_in_words(two_runs):
    text = two_runs.quintile("compare", "october", "november").stdout
    assert "From 2023-10-31 to 2023-11-30: 6 customers then, 6 now, 5 in both; 1 new, 1 gone." in " ".join(text.split())
    assert "recency moved" in text and "order count moved" in text
    assert "Nobody who is in both changed segment." in two_runs.quintile("compare", "october", "october").stdout


def test_cut_points_that_moved_are_no_fault_of_the_customer(empty_workspace):
    """The same customer among richer ones falls by a score, though its own value is what it was."""
    space = empty_workspace
    space.write("rules.yaml", RULES.format(orders=3))
    for name, factor in [("before", 1), ("after", 100)]:
        rows = ["same,2023-01-01,50.00,50.00"] + [f"c{i},2023-01-01,{factor * (i + 1)}.00,{factor * (i + 1)}.00" for i in range(60)]
        space.write(f"{name}.csv", HEADER + "\n".join(rows) + "\n")
        plan = PLAN.format(name=name, date="2023-10-31", rules="rules").replace("{method: thresholds, upper_bounds: [100, 500]}", "{method: quantile, bins: 3}")
        space.write(f"{name}.yaml", plan)
        space.quintile("run", f"{name}.yaml", "--quiet")
    assert movers(space, "before", "after")["same"]["reasons"] == "cut_points_moved"


@pytest.mark.parametrize("arguments, words", [(("october", "nowhere"), "nowhere"), (("october",), "new_mart")])
def test_what_cannot_be_compared_is_refused(two_runs, arguments, words):
    assert words in two_runs.quintile("compare", *arguments, expect=2).stderr
