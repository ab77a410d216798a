"""Customers with known truth, to try things on."""

from __future__ import annotations

import json
import os
from typing import Any, Literal

from . import _native, _progress
from ._errors import PlanError
from ._plan import PathLike
from ._progress import ProgressLike


def generate(
    out: PathLike,
    *,
    customers: int = 100_000,
    seed: int | None = None,
    duplicated_ids: int | None = None,
    premium_effect: float | None = None,
    dirt: Literal["none", "realistic"] = "none",
    threads: int = 0,
    progress: ProgressLike = None,
) -> dict[str, Any]:
    """Makes a customer file with known truth, byte for byte as ``quintile generate`` does.

    Parameters
    ----------
    out : path
        The CSV file to write; ``<stem>_metadata.json`` with the meaning of each field and the planted truth goes beside
        it.
    customers : int, optional
        Rows of the file.
    seed : int, optional
        Another seed, another file.
    duplicated_ids : int, optional
        Ids that occur more than once; otherwise 27.49 % of the rows.
    premium_effect : float, optional
        What premium adds to an order's value: 0.15 is 15 %.
    dirt : {"none", "realistic"}, optional
        Planted defects, counted in the metadata.
    threads : int, optional
        0 for as many as there are processors; never changes a byte.
    progress : bool or callable, optional
        As for `run`.

    Returns
    -------
    dict
        ``file``, ``metadata_file``, ``rows``, ``bytes``, ``duplicated_ids``, ``duplicated_rows``, ``surplus_rows``,
        ``defects``.

    Raises
    ------
    PlanError
        Impossible options.
    ResourceError
        The file cannot be written.
    """
    if dirt not in ("none", "realistic"):
        raise PlanError(f"dirt must be 'none' or 'realistic', not {dirt!r}", code="usage")
    with _progress.shown(progress) as tell:
        report: dict[str, Any] = json.loads(
            _native.generate(
                os.fspath(out), customers, seed, duplicated_ids, premium_effect, dirt == "realistic", threads, tell
            )
        )
    return report
