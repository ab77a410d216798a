"""A small shop: a plan, its rules and its customers, as files and as values."""

from __future__ import annotations

import csv
import datetime
import decimal
import io
import os
import pathlib
from typing import Any

import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("QUINTILE", PROJECT / "build/dev/bin/quintile")).absolute()

RULES: dict[str, Any] = {
    "version": 1,
    "name": "Two segments",
    "segments": [
        {
            "id": "recent",
            "name": "Recent",
            "family": "core",
            "when": "r_score >= 4",
            "description": "Bought lately.",
            "actions": ["Say thank you.", "Ask for a review."],
            "watchouts": ["They may be few."],
        },
        {
            "id": "others",
            "name": "Others",
            "family": "dormant",
            "otherwise": True,
            "description": "Everyone else.",
            "actions": ["Wait.", "Write once."],
            "watchouts": ["Consent."],
        },
    ],
}


def plan_of_customers(**changes: Any) -> dict[str, Any]:
    """The plan as a mapping; `changes` replace keys of `input`."""
    return {
        "version": 1,
        "input": {
            "path": "customers.csv",
            "grain": "customer",
            "currency": "EUR",
            "columns": {
                "customer_id": "id",
                "first_purchase_date": "first",
                "last_purchase_date": "last",
                "monetary": "total",
                "frequency": "orders",
            },
            "attributes": ["age", "city"],
            "overlay": "premium",
            "consent": "opt_in",
            **changes,
        },
        "analysis_date": datetime.date(2024, 1, 31),
        "segments": RULES,
        "output": {"mart": "mart", "report": "report"},
    }


def rows_of_customers(count: int = 60) -> list[dict[str, Any]]:
    """Rows that differ in all that matters; some cells are missing."""
    rows = []
    for i in range(count):
        last = datetime.date(2024, 1, 30) - datetime.timedelta(days=(i * 37) % 300)
        rows.append(
            {
                "id": 1000 + (i * 7) % count,
                "first": last - datetime.timedelta(days=(i * 13) % 400),
                "last": last,
                "total": decimal.Decimal((i * 7919) % 100_000) / 100,
                "orders": 1 + (i * 5) % 12,
                "age": None if i % 11 == 3 else 18 + (i * 3) % 60,
                "city": None if i % 13 == 5 else ["Porto", "Lyon", "Århus"][i % 3],
                "premium": i % 4 == 0,
                "opt_in": i % 3 != 0,
            }
        )
    return rows


def csv_of(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {
                key: "" if value is None else str(value).lower() if isinstance(value, bool) else value
                for key, value in row.items()
            }
        )
    return text.getvalue()


@pytest.fixture
def shop(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """The current folder, with customers.csv in it."""
    (tmp_path / "customers.csv").write_text(csv_of(rows_of_customers()), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def program() -> pathlib.Path:
    """The command line program of the same build."""
    if not PROGRAM.is_file():
        pytest.skip(f"{PROGRAM} is not built")
    return PROGRAM


@pytest.fixture
def package_env() -> dict[str, str]:
    """The environment in which another interpreter finds the same package."""
    import quintile

    return {**os.environ, "PYTHONPATH": str(pathlib.Path(quintile.__file__).parents[1])}
