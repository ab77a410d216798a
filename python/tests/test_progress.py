"""Where progress is shown: a terminal's line, a notebook's output, or nowhere."""

from __future__ import annotations

import io
import sys
import types
from typing import Any

import pytest

from quintile import _progress


class Stream(io.StringIO):
    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


def told(progress: _progress.ProgressLike) -> bool:
    with _progress.shown(progress) as tell:
        if tell is not None:
            tell("reading", -1)
            tell("writing customers", 0.5)
        return tell is not None


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_progress, "_QUIET_SECONDS", 0.0)


def test_a_terminal_has_one_line_that_is_wiped_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(is_terminal=True)
    monkeypatch.setattr(sys, "stderr", stream)
    assert told(None)
    assert stream.getvalue() == "\r\x1b[Kreading\r\x1b[Kwriting customers 50%\r\x1b[K"


@pytest.mark.parametrize(("progress", "is_terminal", "is_told"), [(None, False, False), (False, True, False), (True, False, True)])
def test_elsewhere_only_who_asks_is_told(
    monkeypatch: pytest.MonkeyPatch, progress: bool | None, is_terminal: bool, is_told: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", Stream(is_terminal))
    assert told(progress) == is_told


def test_short_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_progress, "_QUIET_SECONDS", 3600.0)
    stream = Stream(is_terminal=True)
    monkeypatch.setattr(sys, "stderr", stream)
    assert told(None)
    assert stream.getvalue() == ""


def test_a_notebook_has_one_output_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    class ZMQInteractiveShell:
        pass

    class Handle:
        def update(self, data: dict[str, str], raw: bool) -> None:
            shown.append(data["text/plain"])

    def display(data: dict[str, str], raw: bool, display_id: bool) -> Handle:
        shown.append(data["text/plain"])
        return Handle()

    ipython: Any = types.ModuleType("IPython")
    ipython.get_ipython = ZMQInteractiveShell
    module: Any = types.ModuleType("IPython.display")
    module.display = display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    assert told(None)
    assert shown == ["reading", "writing customers 50%", ""]
    assert not told(False)


def test_a_function_of_the_callers() -> None:
    stages: list[tuple[str, float]] = []
    assert told(lambda stage, done: stages.append((stage, done)))
    assert stages == [("reading", -1), ("writing customers", 0.5)]
