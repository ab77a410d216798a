"""The package as a guest in a process: threads, signals, memory, other interpreters, other Arrows."""

from __future__ import annotations

import concurrent.futures
import gc
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import pyarrow as pa
import pytest
from conftest import csv_of, plan_of_customers, rows_of_customers

import quintile


def resident_kib() -> int:
    text = pathlib.Path("/proc/self/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0])


def test_runs_in_several_threads_do_not_meet(shop: pathlib.Path) -> None:
    expected = pa.table(quintile.run(plan_of_customers()).customers)
    shared = quintile.run(plan_of_customers())

    def work(number: int) -> bool:
        own = quintile.run(plan_of_customers(), threads=1 + number % 2)
        own.write(f"mart{number}")
        shared.write("shared") if number == 3 else shared.explain(1 + number)
        return pa.table(own.customers).equals(expected) and pa.table(shared.customers).equals(expected)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(8)))


def test_other_threads_go_on_during_a_run(shop: pathlib.Path) -> None:
    quintile.generate("customers.csv", customers=60_000)
    plan = plan_of_customers(
        columns={"customer_id": "customer_id", "last_purchase_date": "last_purchase_date", "monetary": "total_spent"}
        | {"average_order_value": "avg_order_value"},
        attributes=[],
        overlay="subscription",
        consent="marketing_opt_in",
    )
    ticks = 0
    is_over = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not is_over.wait(0.001):
            ticks += 1

    thread = threading.Thread(target=tick)
    thread.start()
    before = ticks
    quintile.run(plan)
    told = ticks - before
    is_over.set()
    thread.join()
    assert told > 3


def test_an_interrupt_ends_a_run(shop: pathlib.Path) -> None:
    def interrupt(stage: str, done: float) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)

    # A shell has what it runs in the background ignore interrupts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            quintile.run(plan_of_customers(), progress=interrupt)
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(quintile.run(plan_of_customers())) == 60


def test_an_exception_of_the_progress_function_ends_a_run(shop: pathlib.Path) -> None:
    def fail(stage: str, done: float) -> None:
        raise LookupError(stage)

    with pytest.raises(LookupError, match="reading"):
        quintile.run(plan_of_customers(), progress=fail)


def test_runs_leave_no_memory_behind(shop: pathlib.Path) -> None:
    """QUINTILE_LEAK_RUNS=1000 for the long version."""
    frame = pa.Table.from_pylist(rows_of_customers(600))
    plan = plan_of_customers()

    def one_run(number: int) -> None:
        result = quintile.run(plan, frame if number % 2 else None, threads=2)
        pa.table(result.customers)
        result.explain(1)
        with pytest.raises(quintile.PlanError):
            quintile.run(plan_of_customers(curency="EUR"))

    for number in range(40):  # until allocators have what they keep
        one_run(number)
    gc.collect()
    before = resident_kib()
    runs = int(os.environ.get("QUINTILE_LEAK_RUNS", "200"))
    for number in range(runs):
        one_run(number)
    gc.collect()
    # A run of 600 rows takes some 500 KiB: a result that were kept would be seen tenfold.
    assert resident_kib() - before < 8_000 + 20 * runs


def python_says(code: str, env: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    return (done.stdout + done.stderr).strip()


def test_another_interpreter_of_the_process_is_refused(package_env: dict[str, str]) -> None:
    code = """
import quintile
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
other = interpreters.create()
try:
    refused = interpreters.exec(other, "import quintile") if hasattr(interpreters, "exec") else interpreters.run_string(
        other, "import quintile")
    print(refused)
except Exception as error:
    print(error)
"""
    assert "interpreters" in python_says(code, package_env)


@pytest.mark.parametrize(
    "order",
    ["pyarrow, quintile", "quintile, pyarrow", "polars, quintile, pyarrow", "quintile, hashlib, ssl, pyarrow"],
)
def test_libraries_can_be_imported_in_any_order(shop: pathlib.Path, package_env: dict[str, str], order: str) -> None:
    code = f"""
import {order}
import pyarrow.csv
table = pyarrow.csv.read_csv("customers.csv")
plan = {plan_of_customers()!r}
print(len(quintile.run(plan, table)), pyarrow.table(quintile.run(plan).customers).num_rows)
"""
    assert python_says("import datetime\n" + code, package_env) == "60 60"


def test_importing_it_imports_no_frame_library(package_env: dict[str, str]) -> None:
    code = "import sys, quintile; print(sorted({'numpy', 'pandas', 'polars', 'pyarrow', 'IPython'} & set(sys.modules)))"
    assert python_says(code, package_env) == "[]"


def test_a_large_run_can_be_cancelled_while_it_reads(shop: pathlib.Path, package_env: dict[str, str]) -> None:
    """The reader itself is asked: a run that has read everything would say "reviewing"."""
    header, *rows = csv_of(rows_of_customers(5_000)).split("\n")
    (shop / "customers.csv").write_text("\n".join([header, *(rows[:-1] * 60), ""]))
    stages: list[str] = []

    def interrupt(stage: str, done: float) -> None:
        stages.append(stage)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        quintile.run(plan_of_customers(), progress=interrupt, threads=1)
    assert stages == ["reading"]
