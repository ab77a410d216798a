"""Rule sets from Python: checked, compared, tried out."""

from __future__ import annotations

import json
import pathlib
import subprocess
from typing import Any

import pyarrow as pa
import pytest
from conftest import RULES, plan_of_customers

import quintile

CORE, REST = RULES["segments"]


def rules_of(*segments: dict[str, Any]) -> dict[str, Any]:
    return {**RULES, "segments": list(segments)}


def test_finds_dead_rules_and_gaps() -> None:
    assert quintile.rules.check(RULES)["verdict"] == "ok"
    shadowed = {**CORE, "id": "shadowed", "when": "r_score = 5"}
    checked = quintile.rules.check(rules_of(CORE, shadowed))
    assert checked["verdict"] == "faulty"
    assert [(rule["dead"], rule["shadowed_by"]) for rule in checked["segments"]] == [(False, []), (True, ["recent"])]
    assert len(checked["gaps"]) == 75
    assert len(quintile.rules.check(rules_of(CORE), bins=(4, 2, 2))["gaps"]) == 12


def test_says_what_the_program_says(shop: pathlib.Path, program: pathlib.Path) -> None:
    quintile.run(plan_of_customers()).write()
    pathlib.Path("rules.yaml").write_text(json.dumps(RULES))
    pathlib.Path("new.yaml").write_text(json.dumps(rules_of({**CORE, "when": "r_score >= 3"}, REST)))

    def said(*arguments: str) -> Any:
        command = [program, "rules", *arguments, "--format", "json"]
        return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    assert quintile.rules.check("rules.yaml") == said("check", "rules.yaml")
    assert quintile.rules.check("rules.yaml", "mart") == said("check", "rules.yaml", "--mart", "mart")
    assert quintile.rules.diff("rules.yaml", "new.yaml", "mart") == said(
        "diff", "rules.yaml", "new.yaml", "--mart", "mart"
    )


def test_tries_a_draft_on_a_result(shop: pathlib.Path) -> None:
    result = quintile.run(plan_of_customers())
    scores = pa.table(result.customers)["r_score"].to_pylist()
    wider = rules_of({**CORE, "when": "r_score >= 3"}, REST)
    preview = quintile.rules.preview(result, wider)
    assert preview["movers"] == scores.count(3)
    assert [(move["from"], move["to"]) for move in preview["moves"]] == [("others", "recent")]
    assert [size["customers"] for size in preview["segments"]] == [
        sum(score >= 3 for score in scores),
        sum(score < 3 for score in scores),
    ]
    assert quintile.rules.preview(result, RULES)["moves"] == []
    assert quintile.rules.diff(wider, RULES, result)["movers"] == preview["movers"]


def test_a_condition_that_does_not_fit_the_mart(shop: pathlib.Path) -> None:
    result = quintile.run(plan_of_customers())
    with pytest.raises(quintile.RulesError) as caught:
        quintile.rules.preview(result, rules_of({**CORE, "when": "shoe_size > 40"}, REST))
    assert "shoe_size" in str(caught.value)
    assert caught.value.place.startswith("rules: segments.0.when")


def test_rule_sets_come_with_the_package() -> None:
    assert quintile.rules.check(quintile.rules.shipped())["verdict"] == "ok"
    with pytest.raises(quintile.NotFound, match="default"):
        quintile.rules.shipped("no_such")


def test_schemas_come_with_the_package() -> None:
    assert quintile.schema("plan")["title"] == "Quintile plan"
    assert "segments" in quintile.schema("rules")["properties"]
    with pytest.raises(ValueError, match="marts"):
        quintile.schema("marts")  # type: ignore[arg-type]
