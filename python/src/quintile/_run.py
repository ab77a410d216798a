"""From a plan to a result."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from . import _frames, _native, _plan, _progress
from ._frames import Frame
from ._plan import PathLike, PlanLike
from ._progress import ProgressLike
from ._result import Result


def run(
    plan: PlanLike,
    data: Frame | None = None,
    *,
    set: Mapping[str, Any] | None = None,
    threads: int = 0,
    memory_max: int = 0,
    progress: ProgressLike = None,
) -> Result:
    """Reads, reviews, scores, segments, summarises and tests; writes nothing (see `Result.write`).

    Parameters
    ----------
    plan : path or mapping
        A plan file, or a plan as a mapping with the same keys. Paths in a file are relative to it, in a mapping to the
        current folder. `segments` may hold the rules themselves in place of their file, and `output` may be left out.
    data : data frame, optional
        Rows in place of the plan's file: a frame of pandas, Polars, PyArrow or DuckDB, or another object with
        ``__arrow_c_stream__``. It is read as a Parquet file of the same values would be, without a copy: a float is its
        shortest decimal text, a time with a zone is what the zone's clocks showed, a pandas index without a name is
        left out.
    set : mapping, optional
        Values for this run by dotted key, as ``--set``: ``{"scoring.recency.bins": 4}``.
    threads : int, optional
        0 for as many as there are processors; never changes a result.
    memory_max : int, optional
        Bytes to stay within, 0 for no limit; never changes a result.
    progress : bool or callable, optional
        Where stages are told: a function called with the stage and how far it is (0 to 1, negative: not known);
        True for notebook or stderr, False for nowhere; otherwise for a notebook or a terminal.

    Returns
    -------
    Result

    Raises
    ------
    PlanError, RulesError
        The plan or its rules are wrong; the exception says where.
    InputError
        The data cannot be used as they are.
    TypeError
        `data` is no data frame, or a value of the plan is of no type that a plan can hold.
    CheckFailed
        The review found what the plan says must stop the run.
    KeyboardInterrupt
        Interrupted; nothing is left behind.
    """
    checked = _plan.read(plan, set, is_framed=data is not None)
    capsule = None if data is None else _frames.capsule_of(data)
    with checked.located(), _progress.shown(progress) as tell:
        holding = _native.compute(checked.native, capsule, threads, memory_max, tell)
    return Result(holding, checked.native if checked.names_output else None)


def read_mart(path: PathLike) -> Result:
    """A published mart as a result.

    Parameters
    ----------
    path : path
        The mart's folder.

    Raises
    ------
    NotFound
        There is no mart.
    CheckFailed
        A file of it is damaged or does not belong.
    """
    return Result(_native.open(os.fspath(path)))
