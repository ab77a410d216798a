"""Rule sets: are all rules alive, and who would move if they were others?"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Union

from . import _native
from ._errors import NotFound
from ._plan import Document, PathLike
from ._result import Result
from ._run import read_mart

__all__ = ["check", "diff", "preview", "shipped"]

RulesLike = Union[PathLike, Mapping[str, Any]]
"""A rule file, or its content as a mapping."""

MartLike = Union[PathLike, Result]
"""A published mart, or a result in memory."""


@contextlib.contextmanager
def _opened(rules: RulesLike, name: str = "rules") -> Iterator[_native.Rules]:
    """The rule set, read; errors about it, then and later, name the place that the caller knows."""
    if not isinstance(rules, Mapping):
        yield _native.rules(None, os.fspath(rules))
        return
    document = Document(rules, name)
    with document.located():
        yield _native.rules(document.text, document.name)


def _holding(mart: MartLike) -> _native.Holding:
    return (mart if isinstance(mart, Result) else read_mart(mart))._holding


def check(rules: RulesLike, mart: MartLike | None = None, *, bins: int | tuple[int, int, int] = 5) -> dict[str, Any]:
    """Finds dead rules, gaps and overlaps by trying every score cell.

    Parameters
    ----------
    rules : path or mapping
        The rule set.
    mart : path or Result, optional
        Counts its customers too and takes its bins.
    bins : int or three ints, optional
        Of the recency, frequency and monetary score, where there is no mart.

    Returns
    -------
    dict
        ``segments`` (``segment_id``, ``cells``, ``cells_matched``, ``dead``, ``shadowed_by``, with a mart
        ``customers``), ``gaps``, ``overlaps`` and ``verdict`` (``"ok"`` or ``"faulty"``), as
        ``quintile rules check --format json`` prints them.

    Raises
    ------
    RulesError
        The rule set is wrong; the exception says where.
    """
    with _opened(rules) as checked:
        if mart is not None:
            return json.loads(_holding(mart).check_rules(checked))
        r, f, m = (bins, bins, bins) if isinstance(bins, int) else bins
        return json.loads(_native.check_rules(checked, r, f, m))


def preview(result: MartLike, rules: RulesLike) -> dict[str, Any]:
    """What a draft of rules would do to the customers of a result: sizes, and who would move.

    Returns
    -------
    dict
        As `diff`, from the rules that the result was made with.
    """
    with _opened(rules) as draft:
        return json.loads(_holding(result).diff_rules(None, draft))


def diff(old: RulesLike, new: RulesLike, mart: MartLike) -> dict[str, Any]:
    """Who would move, and how much value, from one rule set to another.

    Returns
    -------
    dict
        ``customers``, ``movers``, ``monetary_moved`` (currency units), ``moves`` (``from``, ``to``, ``customers``,
        ``monetary``; the most customers first, ``to`` is ``""`` where no rule takes them) and ``segments``
        (``segment_id``, ``customers``, ``monetary`` by the new rules).

    Raises
    ------
    RulesError
        A rule set is wrong, or does not fit the mart's columns.
    """
    with _opened(old, "old") as before, _opened(new, "new") as after:
        return json.loads(_holding(mart).diff_rules(before, after))


def shipped(name: str = "default") -> Path:
    """The file of a rule set that comes with the package: ``default``, ``ten_segments_rf``, ...

    Raises
    ------
    NotFound
        There is none of that name; the exception lists them.
    """
    folder = Path(__file__).parent / "segments"
    file = folder / f"{name}.yaml"
    if not file.is_file():
        names = ", ".join(sorted(path.stem for path in folder.glob("*.yaml")))
        raise NotFound(f"no rule set '{name}' comes with the package", code="not_found", advice=f"there are {names}")
    return file
