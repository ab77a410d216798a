"""The files that the benchmarks read. Each has a folder of its own with all that `quintile run plan.yaml` needs; one that is
kept (`--data`) is not made again."""

import contextlib
import pathlib
import re
import subprocess
import tempfile
from typing import NamedTuple

from measure import PROJECT

PEERS = PROJECT / "benchmarks/peers"
# NumPy, PyArrow and the peers, as `make peers-environment` installs them.
PEERS_PYTHON = PEERS / ".venv/bin/python"
LINES_A_CUSTOMER = 25


class Input(NamedTuple):
    grain: str  # "customers" or "order lines"
    rows: int
    format: str  # "csv" or "parquet"
    folder: pathlib.Path
    source: pathlib.Path

    @property
    def title(self):
        """"2 million order lines, CSV"."""
        count = f"{self.rows / 1e6:g} million" if self.rows >= 1_000_000 else f"{self.rows / 1000:g} thousand"
        return f"{count} {self.grain}, {'CSV' if self.format == 'csv' else 'Parquet'}"

    def command(self, program, *options):
        """The program at this input; the mart goes to the folder's `mart`."""
        return [program, "run", "plan.yaml", "--quiet", "--set", f"input.path={self.source.name}", *options]


def with_peers_python(*command):
    if not PEERS_PYTHON.exists():
        raise SystemExit("the peers' Python environment is not there: make peers-environment")
    subprocess.run([PEERS_PYTHON, *command], check=True)


def make(path, write):
    """Calls `write(beside)` and renames what it wrote to `path`, so that half a file never has its name."""
    if path.exists():
        return
    beside = path.with_name(f"part-{path.name}")
    write(beside)
    beside.rename(path)


def plan_beside(folder, plan):
    """The plan and the default rules, with every path in that folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = plan.read_text()
    for key, name in (("path", "customers.csv"), ("segments", "rules.yaml"), ("mart", "mart"), ("report", "report")):
        text = re.sub(rf"^( *{key}:) [^{{#\n]*", rf"\1 {name}  ", text, flags=re.MULTILINE)
    (folder / "plan.yaml").write_text(text)
    (folder / "rules.yaml").write_bytes((PROJECT / "configs/segments/default.yaml").read_bytes())


def customers(data, program, rows, format="csv", dirt="none"):
    """The synthetic customers, as `quintile generate` makes them."""
    folder = data / f"customers_{rows}{'' if dirt == 'none' else '_' + dirt}"
    plan_beside(folder, PROJECT / "configs/default.yaml")
    csv = folder / "customers.csv"
    make(csv, lambda out: subprocess.run(
        [program, "generate", "--customers", str(rows), "--dirt", dirt, "--out", out, "--quiet"], check=True))
    if format == "parquet":
        make(folder / "customers.parquet", lambda out: with_peers_python(PEERS / "as_parquet.py", csv, out))
    return Input("customers", rows, format, folder, folder / f"customers.{format}")


def order_lines(data, program, rows, format="csv"):
    """The order lines of peers/orders.py."""
    folder = data / f"order_lines_{rows}"
    plan_beside(folder, PEERS / "orders_plan.yaml")
    source = folder / f"orders.{format}"
    make(source, lambda out: with_peers_python(PEERS / "orders.py", str(rows), str(max(1, rows // LINES_A_CUSTOMER)), out))
    return Input("order lines", rows, format, folder, source)


MAKE = {"customers": customers, "order lines": order_lines}


@contextlib.contextmanager
def data_folder(kept):
    """`kept` if it is given, else a folder that goes when the script ends."""
    if kept:
        kept = kept.resolve()
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
    else:
        with tempfile.TemporaryDirectory(prefix="quintile-") as name:
            yield pathlib.Path(name)


def add_arguments(parser):
    parser.add_argument("--program", type=pathlib.Path, default=PROJECT / "build/release/bin/quintile")
    parser.add_argument("--data", type=pathlib.Path, help="keep the inputs here and use them again; the default is a folder that goes")
