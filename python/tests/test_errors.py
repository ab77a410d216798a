"""Every failure is an exception of the hierarchy, with code, place and advice."""

from __future__ import annotations

import datetime
import pathlib
from typing import Any

import pytest
from conftest import RULES, csv_of, plan_of_customers, rows_of_customers

import quintile


def failure_of(kind: type[quintile.QuintileError], plan: Any, **options: Any) -> quintile.QuintileError:
    with pytest.raises(kind) as caught:
        quintile.run(plan, **options)
    return caught.value


def test_a_wrong_key_of_a_mapping_is_named(shop: pathlib.Path) -> None:
    error = failure_of(quintile.PlanError, plan_of_customers(curency="EUR"))
    assert error.code == "plan"
    assert error.file == "plan: input.curency"
    assert (error.line, error.column) == (0, 0)
    assert "did you mean 'currency'" in str(error)


def test_a_wrong_condition_of_a_mapping_is_named(shop: pathlib.Path) -> None:
    rules = {**RULES, "segments": [{**RULES["segments"][0], "when": "r_scoer >= 4"}, RULES["segments"][1]]}
    error = failure_of(quintile.RulesError, {**plan_of_customers(), "segments": rules})
    assert error.place == "rules: segments.0.when"
    assert "r_score" in str(error)


def test_a_condition_that_does_not_fit_the_data_is_named(shop: pathlib.Path) -> None:
    rules = {**RULES, "segments": [{**RULES["segments"][0], "when": "shoe_size > 40"}, RULES["segments"][1]]}
    error = failure_of(quintile.RulesError, {**plan_of_customers(), "segments": rules})
    assert error.place == "rules: segments.0.when"
    assert "shoe_size" in str(error)


def test_a_wrong_key_of_a_file_has_line_and_column(shop: pathlib.Path) -> None:
    pathlib.Path("plan.yaml").write_text("version: 1\ninput:\n  pth: x\n")
    error = failure_of(quintile.PlanError, "plan.yaml")
    assert (error.file, error.line, error.column) == ("plan.yaml", 3, 3)
    assert str(error).startswith("plan.yaml:3:3: ")


def test_a_value_that_is_set_is_named(shop: pathlib.Path) -> None:
    error = failure_of(quintile.PlanError, plan_of_customers(), set={"scoring.recency.bins": 99})
    assert "scoring.recency.bins" in error.place


@pytest.mark.parametrize("value", [object(), b"EUR", datetime.datetime(2024, 1, 1), {1: 2}])
def test_a_value_of_no_yaml_type_is_refused(shop: pathlib.Path, value: Any) -> None:
    with pytest.raises(TypeError, match="input.currency"):
        quintile.run(plan_of_customers(currency=value))


@pytest.mark.parametrize("text", ['quotes " and \\ backslashes', "Århus ☃ 😀", "# no comment", "null"])
def test_texts_reach_the_library_as_they_are(shop: pathlib.Path, text: str) -> None:
    error = failure_of(quintile.ResourceError, plan_of_customers(path=text + ".csv"))
    assert error.file == text + ".csv"


def test_text_of_several_lines_is_refused_with_its_key(shop: pathlib.Path) -> None:
    error = failure_of(quintile.PlanError, plan_of_customers(overlay="line\nbreak"))
    assert error.file == "plan: input.overlay"


def test_unusable_input_names_the_file(shop: pathlib.Path) -> None:
    error = failure_of(quintile.ResourceError, plan_of_customers(path="missing.csv"))
    assert (error.code, error.file) == ("io", "missing.csv")
    rows = csv_of(rows_of_customers()).split("\n")
    pathlib.Path("customers.csv").write_text("\n".join([*rows[:5], "1,2", *rows[5:]]))
    error = failure_of(quintile.InputError, plan_of_customers())
    assert (error.file, error.line) == ("customers.csv", 6)


def test_a_review_that_says_no_stops_the_run(shop: pathlib.Path) -> None:
    plan = plan_of_customers()
    plan["review"] = {"checks": [{"id": "grown_up", "expect": "age >= 30", "on_fail": "fail"}]}
    error = failure_of(quintile.CheckFailed, plan)
    assert error.code == "check_failed"
    assert "grown_up" in error.message
    assert isinstance(error, quintile.QuintileError)
    assert error.review["findings"]


def test_a_mart_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(quintile.NotFound) as caught:
        quintile.read_mart(tmp_path)
    assert isinstance(caught.value, LookupError)


def test_a_folder_that_cannot_be_written(shop: pathlib.Path) -> None:
    result = quintile.run(plan_of_customers())
    (shop / "mart").write_text("a file in its place")
    with pytest.raises(quintile.ResourceError) as caught:
        result.write()
    assert isinstance(caught.value, OSError)
    result.write("another")
    assert quintile.read_mart("another").manifest["customers"] == 60
    with pytest.raises(quintile.PlanError, match="published already"):
        quintile.read_mart("another").write("third")
