"""Scores alone, for rows of a frame."""

from __future__ import annotations

from typing import Literal

from . import _frames, _native
from ._errors import PlanError
from ._frames import Frame
from ._table import Table


class Scores(Table):
    """Scores, a row for each of the frame's.

    Attributes
    ----------
    cut_points : dict
        For each metric the values that part its bins, ascending: a value falls into bin 1 + the number of cut points
        below it. Days, orders, currency units.
    """

    __slots__ = ("cut_points",)

    cut_points: dict[str, list[float]]


def score(
    frame: Frame,
    *,
    recency: str | None = None,
    frequency: str | None = None,
    monetary: str | None = None,
    bins: int | tuple[int, int, int] = 5,
    ties: Literal["share", "split"] = "share",
    threads: int = 0,
) -> Scores:
    """Scores recency, frequency and monetary value of rows that are customers already.

    Parameters
    ----------
    frame : data frame
        A frame of pandas, Polars, PyArrow or DuckDB; a row is a customer.
    recency, frequency, monetary : str, optional
        The columns with whole days since the last purchase (fewer is better), the number of orders, and the total in
        currency units (a float is its shortest decimal text). At least one.
    bins : int or three ints, optional
        2 to 10, for all or for each in that order.
    ties : {"share", "split"}, optional
        ``"share"``: equal values share a score, so bins may differ in size. ``"split"``: bins are even and equal values
        are told apart by the order of the rows, as NTILE does.
    threads : int, optional
        0 for as many as there are processors; never changes a result.

    Returns
    -------
    Scores
        ``r_score``, ``f_score``, ``m_score`` from 1 (worst) to `bins`, for the columns that were named, and where all
        three were ``rfm_code`` and ``rfm_total``; rows in the order of the frame.

    Raises
    ------
    InputError
        A column is not there or has a missing or unreadable value, or there are no rows.

    Notes
    -----
    Cut points are type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50
    (1996), 361-365: the default of R, NumPy and pandas, floored to integers (days, orders, minor units of money).
    """
    columns = [recency, frequency, monetary]
    if not any(columns):
        raise PlanError("no column to score", code="usage", advice="name one: score(frame, recency='days')")
    if ties not in ("share", "split"):
        raise PlanError(f"ties must be 'share' or 'split', not {ties!r}", code="usage")
    each = [bins] * 3 if isinstance(bins, int) else list(bins)
    if len(each) != 3 or not all(isinstance(n, int) and 2 <= n <= 10 for n in each):
        raise PlanError(f"bins must be 2 to 10, not {bins!r}", code="usage")
    native, cuts, scale = _native.score(_frames.capsule_of(frame), columns, each, ties == "split", threads)
    scores = Scores(native)
    scores.cut_points = {
        metric: [value / 10**scale if metric == "monetary" else value for value in values]
        for metric, values in cuts.items()
    }
    return scores
