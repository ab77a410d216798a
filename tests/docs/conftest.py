"""The documentation as it stands, and the program that it speaks of."""

import os
import pathlib

import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("QUINTILE", PROJECT / "build/dev/bin/quintile")).absolute()


def pytest_addoption(parser):
    parser.addoption("--update-transcripts", action="store_true", help="write what the commands print into the pages")


@pytest.fixture(scope="session")
def program():
    return PROGRAM
