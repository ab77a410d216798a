"""The same input and plan give the same bytes: again, on any number of threads, in any order of rows, in any locale."""

import random

from conftest import HEADER, PROJECT, ROWS


def test_two_runs_give_the_same_bytes(workspace):
    workspace.quintile("run", "plan.yaml")
    first = workspace.published()
    workspace.quintile("run", "plan.yaml")
    assert workspace.published() == first


def test_threads_memory_and_locale_play_no_part(workspace):
    workspace.quintile("run", "plan.yaml", "--threads", 1)
    first = workspace.published()
    for arguments, env in ((("--threads", 7), {}), (("--memory", "1GiB"), {}),
                           ((), {"LC_ALL": "de_DE.UTF-8", "TZ": "Pacific/Auckland", "COLUMNS": "40"})):
        workspace.quintile("run", "plan.yaml", *arguments, env=env)
        assert workspace.published() == first, (arguments, env)


def test_row_order_and_files_play_no_part_in_the_customers(empty_workspace):
    space = empty_workspace
    for name in ("segments/default.yaml", "default.yaml"):
        text = (PROJECT / "configs" / name).read_text()
        space.write(f"configs/{name}", text.replace("../data/mart", "../mart").replace("../reports", "../report"))
    space.quintile("generate", "--customers", 3000, "--out", "data/raw/synthetic_customers.csv")
    space.quintile("run", "configs/default.yaml")
    first = (space.folder / "mart/customer_segments.parquet").read_bytes()
    header, *rows = (space.folder / "data/raw/synthetic_customers.csv").read_text().splitlines()
    random.Random(1).shuffle(rows)
    space.write("data/raw/synthetic_customers.csv", "\n".join([header, *rows]) + "\n")
    space.quintile("run", "configs/default.yaml")
    assert (space.folder / "mart/customer_segments.parquet").read_bytes() == first
    half = len(rows) // 2
    for name, part in (("a", rows[half:]), ("b", rows[:half])):
        space.write(f"data/raw/{name}.csv", "\n".join([header, *part]) + "\n")
    space.quintile("run", "configs/default.yaml", "--set", "input.path=[../data/raw/a.csv, ../data/raw/b.csv]")
    assert (space.folder / "mart/customer_segments.parquet").read_bytes() == first


def test_the_manifest_names_no_machine(workspace):
    workspace.quintile("run", workspace.folder / "plan.yaml")
    for name, content in workspace.published().items():
        assert str(workspace.folder).encode() not in content, name


def test_one_row_is_enough(workspace):
    workspace.write("customers.csv", HEADER + ROWS[0])
    workspace.quintile("run", "plan.yaml")
    assert [r["rfm_code"] for r in workspace.table("customer_segments")] == ["511"]
    workspace.quintile("verify", "--mart", "mart")
