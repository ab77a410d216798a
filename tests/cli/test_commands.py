"""Every other command, as a user tries it."""

import csv
import hashlib
import io
import json
import re
import shlex

import pytest
from conftest import HEADER, PROJECT, ROWS, RULES

COMMANDS = ["generate", "review", "run", "rules check", "rules diff", "explain", "report", "verify", "compare", "export", "serve"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_a_command_does_and_shows_examples(empty_workspace, command):
    text = empty_workspace.quintile(*command.split(), "--help").stdout
    assert "Examples:" in text
    assert f"quintile {command}" in text


def test_version(empty_workspace):
    assert re.fullmatch(r"quintile \d+\.\d+\.\d+\n", empty_workspace.quintile("--version").stdout)


def test_review_alone_writes_its_two_files(workspace):
    workspace.quintile("review", "plan.yaml")
    assert sorted(p.name for p in (workspace.folder / "mart").iterdir()) == ["quarantine.parquet", "review.json"]
    assert workspace.json("review", "plan.yaml") == workspace.document("review")


def test_review_of_a_changed_input_goes_beside_the_published_mart(workspace):
    workspace.quintile("run", "plan.yaml")
    before = workspace.published()
    workspace.write("customers.csv", HEADER + "\n".join(ROWS[:4]) + "\n")
    done = workspace.quintile("review", "plan.yaml")
    assert "mart_review/review.json" in done.stdout and "stays as it was" in done.stdout
    assert workspace.published() == before
    assert sorted(p.name for p in (workspace.folder / "mart_review").iterdir()) == ["quarantine.parquet", "review.json"]
    as_json = workspace.quintile("review", "plan.yaml", "--format", "json")
    assert as_json.stdout == (workspace.folder / "mart_review/review.json").read_text()
    assert "mart_review" in as_json.stderr
    workspace.quintile("verify", "--mart", "mart")
    workspace.quintile("run", "plan.yaml")
    assert not (workspace.folder / "mart_review").exists(), "the mart's own review is as new"
    workspace.write("mart_review/notes.txt", "mine")
    workspace.quintile("run", "plan.yaml")
    assert (workspace.folder / "mart_review/notes.txt").read_text() == "mine"


def test_explain_traces_a_customer(workspace):
    workspace.quintile("run", "plan.yaml")
    explained = workspace.json("explain", 4, "--mart", "mart")
    assert (explained["r_score"], explained["f_score"], explained["m_score"]) == (3, 3, 3)
    assert explained["rfm_code"] == "333" and explained["segment_id"] == "others"
    # cut points 25, 49, 134, 262: at 49 days the customer would score 4
    assert explained["smallest_change"] == {"field": "recency_days", "from": 61, "to": 49, "segment_id": "recent"}
    assert [r["segment_id"] for r in explained["rules"] if r["matched"]] == ["others"]
    text = workspace.quintile("explain", 4, "--mart", "mart").stdout
    assert "r_score >= 4" in text and "from 61 to 49" in text


def test_export_respects_consent_and_names_nobody(workspace):
    workspace.quintile("run", "plan.yaml")
    done = workspace.quintile("export", "--mart", "mart", "--segment", "recent", "others")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(r["customer_id"], r["segment_id"], r["opt_in"]) for r in rows] == [("2", "recent", "true"), ("3", "others", "true"), ("5", "others", "true")]
    assert "2 more were left out" in done.stderr
    assert set(rows[0]) == {"customer_id", "source_customer_id", "segment_id", "opt_in", "analysis_date", "rules_digest", "filters"}


def test_export_as_json_holds_the_audience(workspace):
    workspace.quintile("run", "plan.yaml")
    told = workspace.json("export", "--mart", "mart", "--segment", "recent")
    assert told["audience"] == [{"customer_id": 2, "source_customer_id": "7", "segment_id": "recent"}]


def test_export_neutralises_cells_that_a_spreadsheet_would_run(workspace):
    workspace.write("customers.csv", HEADER + ROWS[0].replace("7,", '"=cmd|x",', 1) + "\n")
    workspace.quintile("run", "plan.yaml")
    workspace.quintile("export", "--mart", "mart", "--segment", "recent", "--out", "a.csv")
    assert "'=cmd|x" in (workspace.folder / "a.csv").read_text()


def test_verify_sees_a_changed_byte(workspace):
    workspace.quintile("run", "plan.yaml")
    assert "5 customers from 1 input file" in workspace.quintile("verify", "--mart", "mart").stdout
    for name in ("customer_segments.parquet", "summary.json", "review.json", "crosswalk.parquet", "cut_points.yaml"):
        path = workspace.folder / "mart" / name
        content = path.read_bytes()
        path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
        done = workspace.quintile("verify", "--mart", "mart", expect=1)
        assert name in done.stdout + done.stderr
        path.write_bytes(content)
    workspace.quintile("verify", "--mart", "mart")


def test_verify_works_the_mart_out_again_only_from_the_same_inputs(workspace):
    workspace.quintile("run", "plan.yaml")
    workspace.write("customers.csv", HEADER + "\n".join(ROWS[:4]) + "\n")
    assert "--   recomputed: no; customers.csv has changed since" in workspace.quintile("verify", "--mart", "mart").stdout
    (workspace.folder / "customers.csv").unlink()
    assert "--   recomputed: no; customers.csv is not there" in workspace.quintile("verify", "--mart", "mart").stdout
    verdict = workspace.json("verify", "--mart", "mart")
    assert verdict["verdict"] == "ok"
    assert [c["check"] for c in verdict["checks"] if c["ok"] is not True] == ["recomputed"]


def forge(workspace, name, pattern, replacement):
    """Changes a published file and gives run.json the digest of what came of it."""
    path, run = workspace.folder / "mart" / name, workspace.folder / "mart/run.json"
    before = path.read_bytes()
    after, edits = re.subn(pattern, replacement, before)
    assert edits, name
    path.write_bytes(after)
    if path != run:
        digests = [hashlib.sha256(content).hexdigest() for content in (before, after)]
        assert digests[0] in run.read_text()
        run.write_text(run.read_text().replace(*digests))


@pytest.mark.parametrize("name, pattern, replacement, says", [
    ("insights.json", rb'"verdict": "\w+"', b'"verdict": "supported"', "insights.json"),
    ("cut_points.yaml", rb"\A", b"# as agreed\n", "cut_points.yaml"),
    ("summary.json", rb"Wait\.", b"Hurry.", "summary.json"),
    ("review.json", rb'"reason": "', b'"reason": "Never mind: ', "review.json"),
    ("segment_summary.csv", rb"Recent", b"Resent", "segment_summary.csv"),
    ("run.json", rb'"bins_used": \d', b'"bins_used": 9', "run.json: ties"),
    ("run.json", rb'"rows": 5', b'"rows": 6', "run.json: inputs"),
    ("run.json", rb'"warnings": \[[^]]*\]', b'"warnings": ["all is well"]', "run.json: warnings"),
    ("run.json", rb'"recommendations": \[', b'"recommendations":  [', "run.json"),
    ("run.json", rb'"version": "0[^"]*"', b'"version": "0.0.1"', "version"),
])
def test_verify_compares_every_file_with_what_its_inputs_give(workspace, name, pattern, replacement, says):
    workspace.quintile("run", "plan.yaml")
    forge(workspace, name, pattern, replacement)
    assert says in workspace.quintile("verify", "--mart", "mart", expect=1).stderr
    (workspace.folder / "customers.csv").unlink()
    forged = workspace.json("verify", "--mart", "mart", expect=1 if says == "version" else 0)
    assert (forged["verdict"] == "ok") == (says != "version")


def test_verify_compares_the_customers_alone_of_another_version(workspace):
    workspace.quintile("run", "plan.yaml")
    version = workspace.document("run")["version"].encode()
    other = b"9" + version[1:]
    forge(workspace, "customer_segments.parquet", re.escape(version), other)
    forge(workspace, "run.json", b'"version": "' + re.escape(version), b'"version": "' + other)
    said = workspace.quintile("verify", "--mart", "mart").stdout
    assert f"which alone were compared: the mart is of version {other.decode()}, this is {version.decode()}" in " ".join(said.split())


@pytest.mark.parametrize("plan", [
    {"--set": "analysis_date=day_after_last_purchase"},
    {"--set": "scoring.recency={method: rank, bins: 4}"},
    {"--set": "scoring.cut_points=frozen/cuts.yaml"},
    {"--set": "input.path=[part*.csv, customers.csv]"},
    {"--set": "input.path={absolute}/customers.csv"},
    {"--set": "review.checks=[{id: grown, expect: age > 40, severity: warning, on_fail: quarantine}]"},
])
def test_every_kind_of_plan_comes_out_again_byte_for_byte(workspace, plan):
    workspace.quintile("run", "plan.yaml")
    workspace.write("frozen/cuts.yaml", (workspace.folder / "mart/cut_points.yaml").read_text())
    workspace.write("part1.csv", HEADER + ROWS[0].replace("7,Ada", "70,Ada") + "\n")
    arguments = [text.replace("{absolute}", str(workspace.folder)) for pair in plan.items() for text in pair]
    workspace.quintile("run", "plan.yaml", *arguments)
    assert "ok   recomputed" in workspace.quintile("verify", "--mart", "mart").stdout


def test_an_id_of_the_file_leads_to_the_customer(workspace):
    workspace.write("customers.csv", HEADER + "\n".join([ROWS[0].replace("7,", "C-7,"), ROWS[2], *ROWS[3:]]) + "\n")
    workspace.quintile("run", "plan.yaml")
    assert "ask for customer_id 2" in workspace.quintile("explain", "C-7", "--mart", "mart", expect=2).stderr
    assert "ask for customer_id 1" in workspace.quintile("explain", "10", "--mart", "mart", expect=2).stderr
    assert "run from 1 to 4" in workspace.quintile("explain", "C-8", "--mart", "mart", expect=2).stderr


def test_an_export_is_what_its_file_is_called(workspace):
    workspace.quintile("run", "plan.yaml")
    for name in ("a.csv", "a.txt", "a"):
        workspace.quintile("export", "--mart", "mart", "--segment", "recent", "--out", name)
        assert (workspace.folder / name).read_text().startswith("customer_id,")
    workspace.quintile("export", "--mart", "mart", "--segment", "recent", "--out", "a.xlsx", "--as", "csv")
    one = workspace.quintile("export", "--mart", "mart", "--table", "customers", "--filter", "city=Graz", "--out", "a.csv")
    assert one.stderr == "1 customer\n"


def test_verify_gives_its_verdict_of_a_mart_without_a_readable_manifest(workspace):
    workspace.quintile("run", "plan.yaml")
    run = workspace.folder / "mart/run.json"
    run.write_text(run.read_text()[:200])
    verdict = workspace.json("verify", "--mart", "mart", expect=1)
    assert verdict["verdict"] == "mismatch"
    assert [(c["check"], c["ok"]) for c in verdict["checks"]] == [("readable", False)]


def test_verify_finds_a_mart_that_its_inputs_do_not_give(workspace):
    """A mart that is consistent in itself, made by another scoring than its manifest says."""
    workspace.quintile("run", "plan.yaml", "--set", "scoring.recency.bins=4")
    run = workspace.folder / "mart/run.json"
    text = run.read_text()
    assert '"bins": 4' in text
    done = workspace.quintile("verify", "--mart", "mart")
    assert "recomputed" in done.stdout


def test_a_moved_mart_still_verifies(workspace):
    workspace.quintile("run", "plan.yaml")
    (workspace.folder / "mart").rename(workspace.folder / "elsewhere")
    workspace.quintile("verify", "--mart", "elsewhere")


def test_report_gives_the_bytes_that_run_gave(workspace):
    workspace.quintile("run", "plan.yaml")
    workspace.quintile("report", "--mart", "mart", "--out", "again")
    first = {p.relative_to(workspace.folder / "report"): p.read_bytes() for p in (workspace.folder / "report").rglob("*") if p.is_file()}
    again = {p.relative_to(workspace.folder / "again"): p.read_bytes() for p in (workspace.folder / "again").rglob("*") if p.is_file()}
    assert again == first and first


def test_rules_check_passes_ours_and_fails_a_dead_rule(workspace):
    workspace.quintile("run", "plan.yaml")
    checked = workspace.json("rules", "check", "rules.yaml", "--mart", "mart")
    assert checked["verdict"] == "ok" and checked["gaps"] == []
    assert [(s["segment_id"], s["cells"], s["cells_matched"], s["dead"]) for s in checked["segments"]] == [
        ("recent", 50, 50, False), ("others", 75, 75, False)]
    assert [s["customers"] for s in checked["segments"]] == [2, 3]
    dead = RULES.replace("  - id: others", "  - {id: top, name: Top, family: core, when: r_score = 5, description: d, actions: [a, b], watchouts: [w]}\n  - id: others")
    workspace.write("dead.yaml", dead)
    checked = workspace.json("rules", "check", "dead.yaml", expect=1)
    assert checked["verdict"] == "faulty"
    assert {s["segment_id"]: s["shadowed_by"] for s in checked["segments"] if s["dead"]} == {"top": ["recent"]}
    assert checked["overlaps"] == [{"first": "recent", "second": "top", "cells": 25}]


def test_rules_check_lists_the_gaps(workspace):
    workspace.write("gap.yaml", RULES.replace("    otherwise: true\n", "    when: r_score <= 3 and not (r_score = 1 and f_score = 1 and m_score <= 2)\n"))
    assert workspace.json("rules", "check", "gap.yaml", expect=1)["gaps"] == ["111", "112"]


def test_generate_tells_what_it_planted(empty_workspace):
    told = empty_workspace.json("generate", "--customers", 2000, "--seed", 7, "--dirt", "realistic", "--out", "c.csv")
    truth = json.loads((empty_workspace.folder / "c_metadata.json").read_text())["truth"]
    assert told["duplicated_ids"] == 550  # round(0.2749 * 2000)
    assert told["defects"] == truth["defects"] and len({d["check"] for d in truth["defects"]}) >= 8


def test_the_default_plan_finds_exactly_what_was_planted(empty_workspace):
    space = empty_workspace
    for name in ("segments/default.yaml", "default.yaml"):
        space.write(f"configs/{name}", (PROJECT / "configs" / name).read_text())
    space.quintile("generate", "--customers", 20000, "--dirt", "realistic", "--out", "data/raw/synthetic_customers.csv")
    truth = json.loads((space.folder / "data/raw/synthetic_customers_metadata.json").read_text())["truth"]
    review = space.json("review", "configs/default.yaml")
    found = {(f["check"], f["column"]): f["rows"] for f in review["findings"]}
    for defect in truth["defects"]:
        assert found.get((defect["check"], defect["column"])) == defect["rows"], defect
    assert next(f for f in review["findings"] if f["check"] == "duplicate_identifier")["details"]["groups"]["collision"] > 0


def test_examples_of_the_help_are_real_commands(empty_workspace):
    """Every example is parsed by the program: none may be refused as usage."""
    for command in COMMANDS:
        text = empty_workspace.quintile(*command.split(), "--help").stdout
        for example in re.findall(r"^  (quintile .*)$", text.split("Examples:")[1], re.M):
            words = shlex.split(example.split(">")[0])[1:]
            if "serve" in words or "generate" in words:
                continue
            done = empty_workspace.quintile(*words, expect=2)
            assert "--help" not in done.stderr, example  # only the files are missing, not an option
