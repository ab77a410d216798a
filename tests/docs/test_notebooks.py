"""The notebooks as they are stored, and run again: on the customers, and on order lines."""

import json
import os
import pathlib
import random
import re
import shutil
import subprocess

import nbformat
import pandas
import pytest
import quintile
from nbclient import NotebookClient

from conftest import PROGRAM, PROJECT

NAMES = ("01_eda_pre_segmentation", "02_segment_analysis")
BYTES_MAX = 1_500_000


def stored(name):
    return nbformat.read(PROJECT / f"notebooks/{name}.ipynb", as_version=4)


def outputs_of(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def words_of(notebook):
    """What the outputs say, without the pictures."""
    return [output["data"].get("text/markdown") or output["data"]["text/plain"]
            for output in outputs_of(notebook) if output.output_type == "display_data" and "image/svg+xml" not in output["data"]]


def pictures_of(notebook):
    return [output["data"]["image/svg+xml"] for output in outputs_of(notebook) if "image/svg+xml" in output.get("data", {})]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What a notebook finds around it: its modules, the plans, the customers."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(PROJECT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / "configs", folder / "configs")
    subprocess.run([PROGRAM, "generate", "--quiet", "--out", folder / "data/raw/synthetic_customers.csv"], check=True)
    return folder


@pytest.fixture(scope="module", autouse=True)
def own_settings(tmp_path_factory):
    """Jupyter, IPython and matplotlib read and write nothing in the user's home."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield


def executed(name, folder, **environment):
    """The notebook after a run; a cell that fails is an error with its traceback."""
    notebook = nbformat.read(folder / f"notebooks/{name}.ipynb", as_version=4)
    around = {**os.environ, "PYTHONPATH": str(pathlib.Path(quintile.__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
    client = NotebookClient(notebook, timeout=300, record_timing=False, resources={"metadata": {"path": folder / "notebooks"}})
    client.execute(env={**around, **environment})
    # The kernel writes its version into the file; it says nothing about the notebook.
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


@pytest.mark.parametrize("name", NAMES)
def test_says_what_it_said_when_it_was_stored(name, folder, request):
    notebook = executed(name, folder)
    if request.config.getoption("--update-transcripts"):
        nbformat.write(notebook, PROJECT / f"notebooks/{name}.ipynb")
    assert words_of(notebook) == words_of(stored(name)), "run scripts/transcripts and look at the change"
    assert len(pictures_of(notebook)) == len(pictures_of(stored(name)))


@pytest.fixture(scope="module")
def order_lines(tmp_path_factory):
    """Lines like those of UCI Online Retail: cancellations, lines without a customer, two countries, a free article."""
    draw = random.Random(20111209)
    days = pandas.date_range("2010-12-01", "2011-12-09")
    lines, invoice = [], 536365
    for customer in range(12346, 12346 + 400):
        country = draw.choice(["United Kingdom"] * 8 + ["France", "Germany"])
        for _ in range(min(12, int(draw.paretovariate(1.1)))):
            invoice += 1
            day = days[int(len(days) * draw.random() ** 0.7)]
            for _ in range(draw.randint(1, 4)):
                article = draw.randint(20000, 20050)
                cancelled = draw.random() < 0.03
                lines.append({
                    "InvoiceNo": f"C{invoice}" if cancelled else str(invoice), "StockCode": f"{article}A", "Description": "ARTICLE",
                    "Quantity": (-1 if cancelled else 1) * draw.randint(1, 24), "InvoiceDate": f"{day:%Y-%m-%d} 10:{draw.randint(0, 59):02}:00",
                    "UnitPrice": 0.0 if draw.random() < 0.01 else draw.randint(15, 1500) / 100,
                    "CustomerID": "" if draw.random() < 0.1 else customer, "Country": country if draw.random() < 0.99 else "Spain"})
    file = tmp_path_factory.mktemp("orders") / "orders.csv"
    pandas.DataFrame(lines).to_csv(file, index=False)
    return file


@pytest.mark.parametrize("name", NAMES)
def test_runs_on_order_lines(name, folder, order_lines):
    notebook = executed(name, folder, QUINTILE_DATA="orders", QUINTILE_ORDERS=str(order_lines))
    assert pictures_of(notebook)
    assert all("nan" not in words.split() for words in words_of(notebook))


def test_without_the_order_lines_it_says_where_to_get_them(folder, tmp_path):
    with pytest.raises(Exception, match="UCI Machine Learning Repository"):
        executed(NAMES[0], folder, QUINTILE_DATA="orders", QUINTILE_ORDERS=str(tmp_path / "none.csv"))


@pytest.mark.parametrize("name", NAMES)
class TestStored:
    def test_is_executed_and_small(self, name):
        assert (PROJECT / f"notebooks/{name}.ipynb").stat().st_size < BYTES_MAX
        code = [cell for cell in stored(name).cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
        assert {output.output_type for output in outputs_of(stored(name))} == {"display_data"}, "an error or a warning is stored"

    def test_describes_its_pictures(self, name):
        for picture in pictures_of(stored(name)):
            assert re.search(r'<svg [^>]*role="img" aria-label="[^"]{20,}"', picture)

    def test_shows_nobody(self, name, folder):
        people = pandas.read_csv(folder / "data/raw/synthetic_customers.csv", usecols=["name", "email"])
        shown = json.dumps(stored(name))
        assert not re.search(r"[\w.]+@[\w.]+", shown)
        assert not [person for person in people["name"].unique() if person in shown]
