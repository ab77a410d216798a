"""Faults of files, plans, rules and arguments: a clear line that says what and where, the right exit status, nothing lost."""

import bz2
import gzip
import os
import shutil
import signal
import subprocess

import pytest
from conftest import HEADER, PLAN, PROGRAM, ROWS, RULES


def refuses(space, *arguments, expect, says, names=None):
    """The command fails with `expect`, its first line holds `says`, and what was published before is untouched."""
    before = space.published()
    done = space.quintile(*arguments, expect=expect)
    first = done.stderr.splitlines()[0]
    assert says in first, done.stderr
    if names:
        assert names in first, done.stderr
    assert space.published() == before
    assert done.stdout == ""
    return done.stderr


@pytest.fixture
def published(workspace):
    workspace.quintile("run", "plan.yaml")
    return workspace


@pytest.mark.parametrize("text, says", [
    (HEADER + "\n".join(ROWS[:2]) + "\n8,Ed,64,Graz\n", "customers.csv:4"),               # ragged
    (HEADER + ROWS[0] + ",more\n", "customers.csv:2"),
    ("", "empty"),
    (HEADER, "no data rows"),
    (HEADER.replace("total", "totl") + ROWS[0] + "\n", "total"),                            # a missing column
    (HEADER.replace("average", "total") + ROWS[0] + "\n", "total"),                         # a doubled column
    (HEADER + '8,"Ed,64,Graz,2023-02-01\n', "customers.csv"),                               # an open quote
    ((HEADER + ROWS[0]).encode() + b"\x00\n", "customers.csv"),
    (HEADER + "7,Ada,30,Porto,2023-01-05,2024-01-30,1000000000000000000,25.00,true,true\n", "customers.csv"),
])
def test_unusable_input_is_status_3_with_its_place(published, text, says):
    published.write("customers.csv", text)
    refuses(published, "run", "plan.yaml", expect=3, says=says)


def test_input_that_is_a_folder_or_not_there(published):
    (published.folder / "customers.csv").unlink()
    refuses(published, "run", "plan.yaml", expect=4, says="customers.csv")
    (published.folder / "customers.csv").mkdir()
    refuses(published, "run", "plan.yaml", expect=3, says="customers.csv")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_input_without_permission(published):
    (published.folder / "customers.csv").chmod(0)
    refuses(published, "run", "plan.yaml", expect=4, says="customers.csv")


@pytest.mark.parametrize("arguments", [
    ["run", "plan.yaml"], ["review", "plan.yaml"], ["rules", "check", "rules.yaml"], ["explain", "1", "--mart", "mart"],
    ["verify", "--mart", "mart"], ["report", "--mart", "mart"], ["export", "--mart", "mart", "--segment", "recent"],
    ["schema", "plan"], ["--help"],
])
def test_an_output_that_cannot_be_written_is_status_4(published, arguments):
    for at_once in ([], ["stdbuf", "-o0"]):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([*at_once, PROGRAM, *arguments], cwd=published.folder, stdout=full, stderr=subprocess.PIPE, text=True,
                                  timeout=60, check=False)
        assert done.returncode == 4, done.stderr
        assert "cannot write to the standard output" in done.stderr


@pytest.mark.parametrize("ignored, status", [(False, -signal.SIGPIPE), (True, 0)])
def test_a_reader_that_leaves_is_no_fault(published, ignored, status):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([PROGRAM, "explain", "1", "--mart", "mart"], cwd=published.folder, stdout=writer, stderr=subprocess.PIPE,
                          restore_signals=not ignored, text=True, timeout=60, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (status, "")


@pytest.mark.parametrize("find, replace, says", [
    ("analysis_date: 2024-01-31", "analysis_date: 2024-02-30", "plan.yaml:16:16"),
    ("currency: EUR", "currencie: EUR", "did you mean 'currency'"),
    ("currency: EUR", "currency: [EUR]", "plan.yaml:5:13"),
    ("version: 1", "version: 2", "plan.yaml:1:10"),
    ("    monetary: total\n", "", "monetary"),
    ("personal: [name]", "personal: [name, age]", "age"),
    ("segments: rules.yaml", "segments: rulez.yaml", "rulez.yaml"),
    ("output: {mart: mart, report: report}", "output: {mart: mart, report: report}\nscoring: {recency: {bins: 1}}", "bins"),
    ("output: {mart: mart, report: report}", "output: {mart: mart}\nreview: {checks: [{id: a, expect: agee > 1}]}", "agee"),
    ("output: {mart: mart, report: report}", "output: {mart: mart}\nreview: {checks: [{id: a, expect: age > }]}", "plan.yaml:19:40"),
    ("output: {mart: mart, report: report}", "output: {mart: mart}\nreview: {checks: [{id: a, expect: city > 3}]}", "city"),
    ("output: {mart: mart, report: report}", "output: {mart: mart}\nreview: {ranges: {agee: [1, 2]}}",
     "plan.yaml:19:19: review.ranges: the file has no column 'agee'; did you mean 'age'?"),
    ("output: {mart: mart, report: report}", "output: {mart: mart}\nreview: {ranges: {city: [1, 2]}}", "plan.yaml:19:19"),
    ("  grain: customer", "  grain: customer\n  date_format: '%d/%m/%Q'", "plan.yaml:5:16"),
])
def test_a_wrong_plan_is_status_2_with_its_place(published, find, replace, says):
    assert find in PLAN
    published.write("plan.yaml", PLAN.replace(find, replace))
    refuses(published, "run", "plan.yaml", expect=2, says=says)


@pytest.mark.parametrize("find, replace, says", [
    ("when: r_score >= 4", "when: recency_dayz > 4", "did you mean 'recency_days'"),
    ("when: r_score >= 4", "when: r_score >= ", "rules.yaml:7"),
    ("when: r_score >= 4", "when: r_score >= four", "four"),
    ("family: core", "family: kore", "rules.yaml:6"),
    ("id: others", "id: recent", "recent"),
    ("    otherwise: true\n", "    when: r_score < 2\n", "no rule takes"),
])
def test_wrong_rules_are_status_2_with_their_place(published, find, replace, says):
    assert find in RULES
    published.write("rules.yaml", RULES.replace(find, replace))
    refuses(published, "run", "plan.yaml", expect=2, says=says)


@pytest.mark.parametrize("bytes_, says", [
    (b"PK\x03\x04\x14\0\x06\0" + bytes(20) + b"[Content_Types].xml", "Excel workbook (.xlsx)"),
    (gzip.compress(b"PK\x03\x04\x14\0\x06\0" + bytes(20) + b"customers.csv"), "zip archive"),
    (bz2.compress(HEADER.encode()), "bzip2"), (b'[{"id": 1}]', "JSON"), (b"SQLite format 3\0" + bytes(80), "SQLite"),
])
def test_a_file_of_another_kind_is_named_with_what_to_do(published, bytes_, says):
    published.write("customers.csv", bytes_)
    refuses(published, "run", "plan.yaml", expect=3, says=says)


def test_the_line_in_which_excel_states_the_separator_is_understood(workspace):
    text = (workspace.folder / "customers.csv").read_text().replace(",", ";")
    before = workspace.json("run", "plan.yaml")["fingerprint"]
    for mark in ("", "\ufeff"):
        for line in ("sep=;\r\n", '"sep=;"\n'):
            workspace.write("customers.csv", mark + line + text)
            assert workspace.json("run", "plan.yaml")["fingerprint"] == before
    workspace.write("customers.csv", "sep=;\n" + text.replace(";100.00;", ";100.00;1;"))
    assert "customers.csv:3:" in workspace.quintile("run", "plan.yaml", expect=3).stderr


def test_overrides_are_checked_like_the_plan(published):
    refuses(published, "run", "plan.yaml", "--set", "scoring.recency.binz=4", expect=2, says="did you mean 'bins'")
    refuses(published, "run", "plan.yaml", "--set", "analysis_date", expect=2, says="analysis_date")


@pytest.mark.parametrize("arguments, says", [
    ([], "needs a command: generate, review"), (["rules", "chek", "rules.yaml"], "did you mean 'check'"),
    (["rules"], "needs a command: check and diff"), (["--quiet"], "expected a command before '--quiet'"),
    (["--quiet", "run", "plan.yaml"], "--quiet"), (["runn", "plan.yaml"], "did you mean 'run'"), (["run"], "plan"),
    (["run", "plan.yaml", "--bogus"], "--bogus"),
    (["run", "plan.yaml", "--format", "xml"], "format"), (["run", "plan.yaml", "--threads", "-1"], "threads"),
    (["run", "plan.yaml", "--memory", "lots"], "memory"), (["run", "plan.yaml", "--memory", "5"], "5 bytes"),
    (["explain", "abc", "--mart", "mart"], "'abc' is no customer_id"), (["explain", "-1", "--mart", "mart"], ""),
    (["export", "--mart", "mart", "--segment", "recent", "--out", "e.xlsx"], "'.xlsx' files are not written"), (["explain", "one"], ""), (["run", "missing.yaml"], "missing.yaml"),
    (["export", "--mart", "mart", "--segment", "recnt"], "did you mean 'recent'"), (["explain", "99", "--mart", "mart"], "99"),
    (["verify", "--mart", "nowhere"], "nowhere"), (["report", "--mart", "nowhere"], "nowhere"),
    (["generate", "--customers", "0", "--out", "x.csv"], "customers"),
])
def test_wrong_arguments_are_status_2(published, arguments, says):
    refuses(published, *arguments, expect=2, says=says)


def test_more_customers_than_memory_allows_are_refused_before_they_are_read(workspace):
    workspace.write("customers.csv", HEADER + "\n".join(ROWS * 2000))
    done = workspace.quintile("run", "plan.yaml", "--memory", "64KiB", expect=4)
    assert "rows of" in done.stderr and "MiB" in done.stderr and "--memory" in done.stderr
    workspace.quintile("run", "plan.yaml", "--memory", "64MiB")


def test_a_folder_of_somebody_else_is_left_alone(workspace):
    theirs = workspace.write("mart/thesis.txt", "ten years of work")
    done = workspace.quintile("run", "plan.yaml", expect=4)
    assert "thesis.txt" in done.stderr
    assert theirs.read_text() == "ten years of work"
    assert sorted(p.name for p in (workspace.folder / "mart").iterdir()) == ["thesis.txt"]


def test_a_file_in_place_of_the_mart(workspace):
    workspace.write("mart", "a file")
    workspace.quintile("run", "plan.yaml", expect=4)
    assert (workspace.folder / "mart").read_text() == "a file"


def test_a_review_that_says_no_publishes_nothing(published):
    published.write("plan.yaml", PLAN + "review: {duplicate_ids: fail}\n")
    before = published.published()
    done = published.quintile("run", "plan.yaml", expect=1)
    assert "duplicate_identifier" in done.stderr
    assert published.published() == before
    done = published.quintile("review", "plan.yaml", expect=1)


def test_a_full_disk_leaves_the_old_mart(published):
    """A limit on file size stands for the full disk: writes fail in the same place."""
    before = published.published()
    published.write("customers.csv", HEADER + "\n".join(ROWS[:3]) + "\n")
    done = subprocess.run(["bash", "-c", f'ulimit -f 1; trap "" XFSZ; exec "{PROGRAM}" run plan.yaml'], cwd=published.folder,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 4, done.stderr
    assert published.published() == before
    published.quintile("run", "plan.yaml")
    assert not [p for p in published.folder.iterdir() if p.name.startswith(".") and p.is_dir()], "leftovers of the failed run"


def test_killed_at_any_moment_the_mart_is_the_old_or_the_new(published):
    old = published.published()
    published.write("customers.csv", HEADER + "\n".join(ROWS[:3]) + "\n")
    twin = published.folder.parent / "twin"
    shutil.copytree(published.folder, twin)
    subprocess.run([PROGRAM, "run", "plan.yaml"], cwd=twin, check=True, capture_output=True)
    new = {str(p.relative_to(twin)): p.read_bytes() for p in sorted((twin / "mart").rglob("*")) if p.is_file()}
    old_mart = {name: content for name, content in old.items() if name.startswith("mart/")}
    for milliseconds in range(2, 80, 6):
        subprocess.run(["timeout", "-s", "KILL", f"{milliseconds / 1000}", PROGRAM, "run", "plan.yaml"], cwd=published.folder,
                       capture_output=True, check=False)
        now = {name: content for name, content in published.published().items() if name.startswith("mart/")}
        assert now in (old_mart, new), milliseconds
    published.quintile("run", "plan.yaml")
    published.quintile("verify", "--mart", "mart")
    assert not [p for p in published.folder.iterdir() if p.name.startswith(".") and p.is_dir()]
