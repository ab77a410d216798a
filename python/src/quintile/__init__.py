"""Customer segments from a customer or order file, by recency, frequency and monetary value.

>>> import quintile
>>> result = quintile.run("configs/default.yaml")
>>> result.summary.to_pandas()

The engine is the one of the ``quintile`` program: the same plan and data give the same bytes.
"""

from __future__ import annotations

from . import _native, rules
from ._errors import (
    CheckFailed,
    EngineError,
    InputError,
    InternalError,
    NotFound,
    PlanError,
    QuintileError,
    ResourceError,
    RulesError,
)
from ._result import Explanation, Report, Result
from ._run import read_mart, run
from ._schema import schema
from ._score import Scores, score
from ._synthetic import generate
from ._table import Table

__version__: str = _native.version

__all__ = [
    "CheckFailed",
    "EngineError",
    "Explanation",
    "InputError",
    "InternalError",
    "NotFound",
    "PlanError",
    "QuintileError",
    "Report",
    "ResourceError",
    "Result",
    "RulesError",
    "Scores",
    "Table",
    "generate",
    "read_mart",
    "rules",
    "run",
    "schema",
    "score",
]
