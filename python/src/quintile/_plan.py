"""Plans and rule sets as files or as mappings."""

from __future__ import annotations

import contextlib
import datetime
import decimal
import json
import numbers
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Union

from . import _native
from ._errors import QuintileError

PathLike = Union[str, "os.PathLike[str]"]
PlanLike = Union[PathLike, Mapping[str, Any]]


FRAME = "frame"
"""What a frame is called where a file would have a name."""


class Document:
    """A mapping as YAML text with one value a line, which leads from a line back to its key."""

    def __init__(self, value: Mapping[str, Any], name: str) -> None:
        self.name = name
        self._lines: list[str] = []
        self._keys: list[str] = []
        self._write(value, "", "", "")

    @property
    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def key_at(self, line: int) -> str:
        """The dotted key of the value that stands in a line, counted from 1."""
        return self._keys[line - 1] if 0 < line <= len(self._keys) else ""

    @contextlib.contextmanager
    def located(self) -> Iterator[None]:
        """Errors about the text name the key, since nobody sees its lines."""
        try:
            yield
        except QuintileError as error:
            if error.file == self.name:
                key = self.key_at(error.line)
                error.file = f"{self.name}: {key}" if key else self.name
                error.line = error.column = 0
            raise

    def _line(self, text: str, key: str) -> None:
        self._lines.append(text)
        self._keys.append(key)

    def _write(self, value: Any, key: str, before: str, after: str) -> None:
        if isinstance(value, Mapping):
            self._line(before + "{", key)
            for name, item in value.items():
                if not isinstance(name, str):
                    raise TypeError(f"{self.name}: {key or 'the top'}: keys must be str, not {type(name).__name__}")
                self._write(item, f"{key}.{name}" if key else name, _quoted(name) + ": ", ",")
            self._line("}" + after, key)
        elif isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
            self._line(before + "[", key)
            for i, item in enumerate(value):
                self._write(item, f"{key}.{i}", "", ",")
            self._line("]" + after, key)
        else:
            self._line(before + self._scalar(value, key) + after, key)

    def _scalar(self, value: Any, key: str) -> str:
        if value is None:
            return "null"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, datetime.datetime):
            raise TypeError(f"{self.name}: {key}: a date, not a time stamp: {value!r}")
        if isinstance(value, datetime.date):
            return value.isoformat()
        if isinstance(value, decimal.Decimal):
            return format(value, "f")
        if isinstance(value, numbers.Integral):
            return str(int(value))
        if isinstance(value, numbers.Real):
            return format(decimal.Decimal(repr(float(value))), "f")
        if isinstance(value, os.PathLike):
            value = os.fspath(value)
        if isinstance(value, str):
            return _quoted(value)
        raise TypeError(f"{self.name}: {key}: {type(value).__name__} is no value of a plan")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


class CheckedPlan(NamedTuple):
    """A plan as the library has read it."""

    native: _native.Plan
    names_output: bool
    """Whether it says where to publish."""
    documents: tuple[Document, ...]
    """What it was read from, where that is no file."""

    @contextlib.contextmanager
    def located(self) -> Iterator[None]:
        """Errors about the plan name its keys."""
        with contextlib.ExitStack() as stack:
            for document in self.documents:
                stack.enter_context(document.located())
            yield


def read(plan: PlanLike, overrides: Mapping[str, Any] | None = None, *, is_framed: bool = False) -> CheckedPlan:
    """Reads and checks a plan; with `is_framed` its input is a data frame and needs no path."""
    settings = [f"{key}={_flow(value)}" for key, value in (overrides or {}).items()]
    if is_framed:
        settings.append(f"input.path={FRAME}")
    if not isinstance(plan, Mapping):
        return CheckedPlan(_native.plan(None, os.fspath(plan), settings, None), True, ())
    names_output = "output" in plan or any(key.split(".")[0] == "output" for key in overrides or {})
    if not names_output:
        settings.append("output={mart: mart}")
    rules = plan.get("segments")
    rule_document = Document(rules, "rules") if isinstance(rules, Mapping) else None
    document = Document(plan if rule_document is None else {**plan, "segments": "rules"}, "plan")
    rule_text = None if rule_document is None else rule_document.text
    documents = (document,) if rule_document is None else (document, rule_document)
    with contextlib.ExitStack() as stack:
        for each in documents:
            stack.enter_context(each.located())
        return CheckedPlan(_native.plan(document.text, document.name, settings, rule_text), names_output, documents)


def _flow(value: Any) -> str:
    """A value as YAML in one line."""
    text = Document({"value": value}, "set").text
    return " ".join(text.split("\n")[1:-2])[len('"value": ') :].rstrip(",")
