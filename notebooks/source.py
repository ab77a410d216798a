"""What the notebooks run on: the synthetic customer file, or the order lines of UCI Online Retail."""

import os
import pathlib

import quintile

PROJECT = pathlib.Path(__file__).resolve().parent.parent
CUSTOMERS = PROJECT / "data/raw/synthetic_customers.csv"
ORDERS = PROJECT.parent / "shared/data/online_retail/online_retail_lines.csv.xz"
WHERE_TO_GET_IT = """the order lines are not here: {file}
  Get "Online Retail" from the UCI Machine Learning Repository (doi 10.24432/C5BW33, CC BY 4.0), save its sheet as CSV with
  the columns as they are, and name the file in the environment variable QUINTILE_ORDERS."""


def plan_and_file(data):
    """The plan for "customers" or "orders", what is set for this run, and the file that is read."""
    if data == "customers":
        if not CUSTOMERS.exists():
            CUSTOMERS.parent.mkdir(parents=True, exist_ok=True)
            quintile.generate(CUSTOMERS, progress=False)
        return PROJECT / "configs/default.yaml", {}, CUSTOMERS
    if data == "orders":
        file = pathlib.Path(os.environ.get("QUINTILE_ORDERS", ORDERS)).absolute()
        if not file.exists():
            raise FileNotFoundError(WHERE_TO_GET_IT.format(file=file.name))
        return PROJECT / "configs/examples/online_retail.yaml", {"input.path": str(file)}, file
    raise ValueError(f'DATA is "customers" or "orders", not {data!r}')
