"""`quintile engines check`: what an engine must answer, and what is said where it answers otherwise."""

import json

import pytest


@pytest.mark.parametrize("name", ["duckdb", "postgresql", "sail"])
def test_an_engine_answers_as_plans_need(name, program, request):
    uri = "duckdb::memory:" if name == "duckdb" else request.getfixturevalue(name).server.uri()
    done = program.command("engines", "check", uri, "--format", "json")
    assert done.returncode == 0, done.stderr
    verdict = json.loads(done.stdout)
    assert (verdict["engine"], verdict["verdict"]) == (name, "ok")
    assert verdict["version"] and verdict["driver"]
    assert len(verdict["checks"]) > 35
    assert all(check["ok"] and check["got"] == check["expected"] for check in verdict["checks"])


def test_an_engine_that_compares_text_otherwise_is_refused_by_name(program):
    uri = "duckdb::memory:?default_collation=NOCASE"
    done = program.command("engines", "check", uri, "--format", "json")
    assert done.returncode == 1
    assert "this engine does not answer as Quintile needs: capitals_come_first: expected 1, got 0" in done.stderr
    failed = [check["check"] for check in json.loads(done.stdout)["checks"] if not check["ok"]]
    assert failed == ["capitals_come_first", "case_counts"]


@pytest.mark.parametrize("uri", ["postgresql://me@127.0.0.1:1/shop", "spark://127.0.0.1:1"])
def test_an_engine_that_is_not_there(program, uri):
    done = program.command("engines", "check", uri)
    assert done.returncode == 4
    assert "refused" in done.stderr.lower() and "cannot be reached" in done.stderr


def test_a_driver_that_is_missing_is_named_with_what_installs_it(program):
    done = program.command("engines", "check", "snowflake://me@account/db")
    assert done.returncode == 4
    assert "no ADBC driver for snowflake" in done.stderr and "pip install adbc-driver-snowflake" in done.stderr


def test_a_scheme_that_nobody_knows(program):
    done = program.command("engines", "check", "oracle://host")
    assert done.returncode == 2
    assert "no engine that Quintile knows" in done.stderr
