"""Engines as fixtures, each started once, and the program as a user calls it against them."""

import os
import pathlib
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest

import datasets
import servers

sys.path.append(str(servers.PROJECT / "tests/parity"))
import plans  # noqa: E402

PROGRAM = pathlib.Path(os.environ.get("QUINTILE", servers.PROJECT / "build/dev/bin/quintile")).absolute()

# Enough for every node to have its share; more where somebody asks for it.
LINES = int(os.environ.get("QUINTILE_LINES", "200000"))


class PostgreSqlTables:
    def __init__(self, server):
        self.server = server

    def load(self, name, table, spread=True):
        self.server.load(name, table, spread)

    def uri(self, name, user="postgres"):
        return f"{self.server.uri(user)}?table={name}"

    def left_over(self):
        """Tables of ours that a run has left there."""
        return self.server.psql("coordinator", "SELECT relname FROM pg_class WHERE relname LIKE 'quintile%'").split()

    def connected(self):
        """The connections of our program."""
        return self.server.psql("coordinator", "SELECT pid FROM pg_stat_activity WHERE application_name = 'quintile'").split()

    def asleep(self):
        """The connections of our program that are reading a view that sleeps."""
        return self.server.psql("coordinator", "SELECT pid FROM pg_stat_activity WHERE application_name = 'quintile' "
                                               "AND wait_event = 'PgSleep'").split()


class ParquetFiles:
    """For servers that read Parquet by its path; two files, so that two workers have something to do."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder

    def load(self, name, table):
        (self.folder / name).mkdir()
        half = table.num_rows // 2 + 1
        for part in range(2):
            pq.write_table(table.slice(part * half, half), self.folder / name / f"part-{part}.parquet")

    def uri(self, name):
        return f"{self.server.uri()}/?parquet={self.folder / name}"


@pytest.fixture(scope="session")
def postgresql():
    with servers.PostgreSql() as server:
        yield PostgreSqlTables(server)


@pytest.fixture(scope="session")
def sail(tmp_path_factory):
    with servers.Sail() as server:
        yield ParquetFiles(server, tmp_path_factory.mktemp("sail"))


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    with servers.Spark() as server:
        yield ParquetFiles(server, tmp_path_factory.mktemp("spark"))


@pytest.fixture(scope="session")
def many_lines():
    return datasets.many_lines(LINES)


class Program(plans.Runner):
    """The program in a folder of its own, with the drivers at hand; and what it makes of the same rows by itself."""

    def command(self, *arguments, env=None):
        process = self.start(*arguments, env=env)
        out, err = process.communicate(timeout=600)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def start(self, *arguments, env=None):
        # The drivers of the tests, whatever else is on this machine; DuckDB is in the environment that runs them.
        environment = {**os.environ, "QUINTILE_ENGINE_DRIVERS": str(servers.PACKAGES), "VIRTUAL_ENV": sys.prefix,
                       **(env or {})}
        return subprocess.Popen([self.program, *map(str, arguments)], cwd=self.folder, env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def write_plan(self, name, path, **fields):
        fields = {"conditions": "", "more": "", "day": "2025-12-31", "rows": "fetch", **fields}
        file = self.folder / f"{name}.yaml"
        file.write_text(plans.LINES.format(path=path, mart=f"mart_{name}", **fields))
        return file

    def assert_same_as_here(self, table, uri, **fields):
        pq.write_table(table, self.folder / "rows.parquet")
        for name, path, rows in (("here", "rows.parquet", "fetch"), ("there", uri, "fetch"), ("stay", uri, "stay")):
            done = self.command("run", self.write_plan(name, path, rows=rows, **fields), "--quiet")
            assert done.returncode == 0, done.stderr
            assert self.mart("here").differences(self.mart(name), NOT_COMPUTED) == []

    def marts(self):
        """What is published, and anything that looks as if it might be one day."""
        return sorted(p.name for p in self.folder.iterdir() if "mart" in p.name)


# What docs/engines says is not computed at an engine.
NOT_COMPUTED = {"exact_duplicate", "outlier", "calendar_gap", "attribute_conflict", "constant", "high_cardinality", "skewed",
                "duplicate_identifier"}


@pytest.fixture
def program(tmp_path):
    return Program(PROGRAM, tmp_path)


def eventually(condition, seconds=120):
    """Waits until `condition` holds; how long that takes is nothing that a test may judge."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := condition():
            return result
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")
