"""The served mart as a client outside meets it: a program of its own, figures checked by another engine."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pyarrow.parquet as pq
import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("QUINTILE", PROJECT / "build/dev/bin/quintile")).absolute()


def quintile(*arguments, folder, expect=0):
    done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=folder, capture_output=True, timeout=300, check=False)
    assert done.returncode == expect, done.stderr.decode()
    return done


class Server:
    """A mart under `quintile serve`, asked over HTTP."""

    def __init__(self, url, mart):
        self.url = url
        self.mart = mart

    def ask(self, path, filters=None, headers=None):
        """Status, headers and body of /api/v1 `path`."""
        query = urllib.parse.urlencode(filters or {})
        request = urllib.request.Request(f"{self.url}api/v1{path}?{query}", headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers, refusal.read()

    def get(self, path, filters=None):
        status, _, body = self.ask(path, filters)
        assert status == 200, body
        return json.loads(body)

    def table(self):
        return pq.read_table(self.mart / "customer_segments.parquet")


@contextlib.contextmanager
def serving(mart, *options):
    process = subprocess.Popen([PROGRAM, "serve", "--mart", str(mart), "--port", "0", "--format", "json", "--quiet", *options],
                               stdout=subprocess.PIPE, text=True)
    try:
        yield Server(json.loads(process.stdout.readline())["url"], pathlib.Path(mart))
    finally:
        process.terminate()
        assert process.wait(timeout=60) == 0


@pytest.fixture(scope="session")
def department_store(tmp_path_factory):
    """The mart of the story: generated customers, dirt among them, by the default plan."""
    folder = tmp_path_factory.mktemp("store")
    quintile("generate", "--customers", 4000, "--dirt", "realistic", "--out", "data/raw/synthetic_customers.csv", folder=folder)
    shutil.copytree(PROJECT / "configs", folder / "configs")
    quintile("run", "configs/default.yaml", "--quiet", folder=folder)
    return folder / "data/mart"


@pytest.fixture(scope="session")
def server(department_store):
    with serving(department_store) as running:
        yield running
