"""What can go wrong, as exceptions that say where."""

from __future__ import annotations

import json
from typing import Any


class QuintileError(Exception):
    """A failed operation: what is wrong, where, and perhaps what to do about it.

    Attributes
    ----------
    code : str
        The kind of failure, as the command line program names it in JSON: ``"plan"``, ``"input"``, ...
    message : str
        What is wrong, in one line.
    advice : str
        What to do about it; may be empty.
    file : str
        The file, or the key of a plan or rule set given as a mapping (``"plan: input.currency"``); empty
        where no place is known.
    line, column : int
        Where in the file, counted from 1; 0 where it is not known.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "internal",
        advice: str = "",
        file: str = "",
        line: int = 0,
        column: int = 0,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.advice = advice
        self.file = file
        self.line = line
        self.column = column

    @property
    def place(self) -> str:
        """``"segments.yaml:14:7"``, without the parts that are not known; ``""`` when none is."""
        return ":".join([self.file] + [str(n) for n in (self.line, self.column) if n])

    def __str__(self) -> str:
        place = self.place
        text = f"{place}: {self.message}" if place else self.message
        return f"{text}\n  {self.advice}" if self.advice else text


class PlanError(QuintileError, ValueError):
    """A plan, or a value set in it, is wrong (codes ``plan`` and ``usage``)."""


class RulesError(PlanError):
    """A rule set, or a condition in it, is wrong (code ``rules``)."""


class InputError(QuintileError, ValueError):
    """The input data cannot be used as they are (code ``input``)."""


class CheckFailed(QuintileError):
    """A check said no: the review stopped the run, or a mart is not what it says (code ``check_failed``).

    Attributes
    ----------
    review : dict
        The review that stopped the run, as ``Result.review``; empty where there was none.
    """

    review: dict[str, Any] = {}


class NotFound(QuintileError, LookupError):
    """A customer, segment or mart that is not there (code ``not_found``)."""


class ResourceError(QuintileError, OSError):
    """A file that cannot be read or written, or too little memory (codes ``io`` and ``memory``)."""


class EngineError(QuintileError, RuntimeError):
    """Another engine failed, or this build cannot do what the plan asks (codes ``engine``, ``unsupported``)."""


class InternalError(QuintileError, RuntimeError):
    """A bug of Quintile's own (code ``internal``)."""


_KINDS: dict[str, type[QuintileError]] = {
    "check_failed": CheckFailed,
    "usage": PlanError,
    "plan": PlanError,
    "rules": RulesError,
    "input": InputError,
    "io": ResourceError,
    "memory": ResourceError,
    "engine": EngineError,
    "unsupported": EngineError,
    "not_found": NotFound,
}


def of(code: str, message: str, advice: str, file: str, line: int, column: int, review: str) -> QuintileError:
    """The exception for an error of the library; called by the extension."""
    kind = _KINDS.get(code, InternalError)
    error = kind(message, code=code, advice=advice, file=file, line=line, column=column)
    if isinstance(error, CheckFailed) and review:
        error.review = json.loads(review)
    return error
