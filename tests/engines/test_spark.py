"""Spark as people have it: a standalone cluster of several processes. Takes minutes and 4 GB, so `make engines-test` runs
it and `make test` does not."""

import json
import signal

import pyarrow.parquet as pq

import inputs
from conftest import eventually


def test_spark_answers_as_plans_need(spark, program):
    done = program.command("engines", "check", spark.server.uri(), "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "ok"


def test_edge_cases_come_out_as_here(spark, program):
    lines = inputs.edge_lines()
    spark.load("edge", lines)
    program.assert_same_as_here(lines, spark.uri("edge"), day="2025-12-01")


def test_both_executors_work_and_it_comes_out_as_here(spark, program, many_lines):
    spark.load("spread", many_lines)
    before = {e["id"]: e["completedTasks"] for e in spark.server.executors()}
    program.assert_same_as_here(many_lines, spark.uri("spread"))
    after = {e["id"]: e["completedTasks"] for e in spark.server.executors()}
    assert len(after) == 2
    assert all(after[executor] > before.get(executor, 0) for executor in after), (before, after)
    assert spark_tables(spark) == []


def test_ctrl_c_ends_the_jobs(spark, program):
    process = program.start("run", program.write_plan("there", spark.uri("spread")), "--quiet")
    eventually(lambda: running_jobs(spark))
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=180)
    assert "cancelled" in said and process.returncode != 0
    eventually(lambda: not running_jobs(spark))
    assert program.marts() == []


def test_a_lost_worker_is_made_up_for(spark, program, many_lines):
    """An executor dies with its worker while the plan runs; Spark does its tasks again elsewhere."""
    pq.write_table(many_lines, program.folder / "rows.parquet")
    assert program.command("run", program.write_plan("here", "rows.parquet"), "--quiet").returncode == 0
    process = program.start("run", program.write_plan("there", spark.uri("spread")), "--quiet")
    eventually(lambda: running_jobs(spark))
    spark.server.kill("worker1")
    _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said
    assert program.mart("here").fingerprint == program.mart("there").fingerprint


def test_a_driver_that_is_killed(spark, program):
    """Last: nothing runs on this server any more."""
    process = program.start("run", program.write_plan("there", spark.uri("spread")), "--quiet")
    eventually(lambda: running_jobs(spark))
    spark.server.kill("connect")
    _, said = process.communicate(timeout=300)
    assert process.returncode == 4, said
    assert "spark: " in said and len(said.splitlines()) <= 3
    assert program.marts() == []


def running_jobs(spark):
    application = spark.server.rest("")[0]["id"]
    return [job for job in spark.server.rest(f"/{application}/jobs") if job["status"] == "RUNNING"]


def spark_tables(spark):
    """Folders of tables of ours that a run has left in the warehouse."""
    warehouse = spark.server.folder / "warehouse"
    return sorted(p.name for p in warehouse.glob("quintile*")) if warehouse.exists() else []
