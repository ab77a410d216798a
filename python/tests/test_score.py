"""Scores alone, against NumPy's quantiles and the scores of a run."""

from __future__ import annotations

import decimal
import pathlib
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from conftest import plan_of_customers

import quintile

RANDOM = np.random.default_rng(7)
FRAME = pl.DataFrame(
    {
        "days": RANDOM.integers(0, 400, 999),
        "orders": RANDOM.geometric(0.3, 999),
        "spent": (RANDOM.lognormal(4, 1, 999)).round(2),
    }
)


def type_7(values: np.ndarray[Any, Any], bins: int) -> np.ndarray[Any, Any]:
    cuts = np.floor(np.quantile(values, np.arange(1, bins) / bins) + 1e-9)
    return 1 + (values[:, None] > cuts).sum(axis=1)


def test_scores_are_type_7_quantiles_and_ties_share() -> None:
    scores = quintile.score(FRAME, recency="days", frequency="orders", monetary="spent")
    assert scores.columns == ["r_score", "f_score", "m_score", "rfm_code", "rfm_total"]
    table = pa.table(scores)
    assert table["r_score"].to_pylist() == (6 - type_7(FRAME["days"].to_numpy(), 5)).tolist()
    assert table["f_score"].to_pylist() == type_7(FRAME["orders"].to_numpy(), 5).tolist()
    cents = (FRAME["spent"].to_numpy() * 100).round().astype(np.int64)
    assert table["m_score"].to_pylist() == type_7(cents, 5).tolist()
    first = table.slice(0, 1).to_pylist()[0]
    assert first["rfm_code"] == f"{first['r_score']}{first['f_score']}{first['m_score']}"
    assert first["rfm_total"] == first["r_score"] + first["f_score"] + first["m_score"]
    assert scores.cut_points["monetary"] == [
        float(decimal.Decimal(int(cut)) / 100) for cut in np.floor(np.quantile(cents, [0.2, 0.4, 0.6, 0.8]) + 1e-9)
    ]


def test_scores_are_those_of_a_run(shop: pathlib.Path) -> None:
    customers = quintile.run(plan_of_customers()).customers
    scores = quintile.score(customers, recency="recency_days", frequency="frequency", monetary="monetary")
    for name in scores.columns:
        assert pa.table(scores)[name].to_pylist() == pa.table(customers)[name].to_pylist()


def test_even_bins_split_ties_by_row() -> None:
    frame = pd.DataFrame({"orders": [1] * 10})
    split = quintile.score(frame, frequency="orders", ties="split")
    assert pa.table(split)["f_score"].to_pylist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    shared = quintile.score(frame, frequency="orders")
    assert len(set(pa.table(shared)["f_score"].to_pylist())) == 1


def test_bins_by_metric_and_codes_of_two_digits() -> None:
    scores = quintile.score(FRAME, recency="days", frequency="orders", monetary="spent", bins=(10, 3, 4))
    table = pa.table(scores)
    assert max(table["r_score"].to_pylist()) == 10
    assert set(map(len, scores.cut_points.values())) == {9, 2, 3}
    code = f"{table['r_score'][0]}-{table['f_score'][0]}-{table['m_score'][0]}"
    assert table["rfm_code"][0].as_py() == code


def test_gaps_are_refused_with_their_column() -> None:
    gaps = FRAME.with_columns(pl.when(pl.col("days") > 300).then(None).otherwise(pl.col("days")).alias("days"))
    with pytest.raises(quintile.InputError, match="column days"):
        quintile.score(gaps, recency="days")
    with pytest.raises(quintile.InputError, match="column days: 0 rows without a value, 999"):
        quintile.score(FRAME.with_columns(pl.col("days") + 0.5), recency="days")
    with pytest.raises(quintile.InputError, match="dayz"):
        quintile.score(FRAME, recency="dayz")
    with pytest.raises(quintile.InputError):
        quintile.score(FRAME.clear(), recency="days")


@pytest.mark.parametrize("options", [{}, {"recency": "days", "bins": 1}, {"recency": "days", "bins": (5, 5)}])
def test_what_cannot_be_asked_for(options: Any) -> None:
    with pytest.raises(quintile.PlanError):
        quintile.score(FRAME, **options)
    with pytest.raises(quintile.PlanError, match="ties"):
        quintile.score(FRAME, recency="days", ties="ignore")  # type: ignore[arg-type]


def test_generates_what_the_program_generates(tmp_path: pathlib.Path, program: pathlib.Path) -> None:
    import subprocess

    report = quintile.generate(tmp_path / "ours.csv", customers=500, seed=3, dirt="realistic", threads=1)
    subprocess.run(
        [program, "generate", "--customers", "500", "--seed", "3", "--dirt", "realistic", "--quiet"]
        + ["--out", tmp_path / "theirs.csv"],
        check=True,
    )
    assert (tmp_path / "ours.csv").read_bytes() == (tmp_path / "theirs.csv").read_bytes()
    assert report["rows"] == 500
    assert len(report["defects"]) >= 8
    with pytest.raises(quintile.PlanError):
        quintile.generate(tmp_path / "none.csv", customers=-1)
