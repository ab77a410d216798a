"""Progress of long work: a line in a terminal, a line of output in a notebook, or a function of the caller's."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Union

ProgressLike = Union[bool, None, Callable[[str, float], object]]

_QUIET_SECONDS = 1.0


def _text(stage: str, done: float) -> str:
    return f"{stage} {done:.0%}" if done >= 0 else stage


class _Terminal:
    """One line on stderr that is written over, once the work has taken a second."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._is_on_line = False

    def show(self, stage: str, done: float) -> None:
        if time.monotonic() - self._start >= _QUIET_SECONDS:
            sys.stderr.write(f"\r\x1b[K{_text(stage, done)}")
            sys.stderr.flush()
            self._is_on_line = True

    def finish(self) -> None:
        if self._is_on_line:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class _Notebook:
    """One output of the cell that is replaced, and is empty at the end."""

    def __init__(self, display: Callable[..., Any]) -> None:
        self._start = time.monotonic()
        self._display = display
        self._handle: Any = None

    def _put(self, text: str) -> None:
        data = {"text/plain": text, "text/html": f"<i>{text}</i>"}
        if self._handle is None:
            self._handle = self._display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)

    def show(self, stage: str, done: float) -> None:
        if time.monotonic() - self._start >= _QUIET_SECONDS:
            self._put(_text(stage, done))

    def finish(self) -> None:
        if self._handle is not None:
            self._put("")


def _notebook_display() -> Callable[..., Any] | None:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or type(shell).__name__ != "ZMQInteractiveShell":
        return None
    display: Callable[..., Any] = importlib.import_module("IPython.display").display
    return display


@contextmanager
def shown(progress: ProgressLike) -> Iterator[Callable[[str, float], object] | None]:
    """The function to tell stages to.

    True: in a notebook or on stderr; None: there too, but on stderr only where it is a terminal; False: nowhere.
    """
    if callable(progress):
        yield progress
        return
    display = _notebook_display() if progress is not False else None
    if display is None and (progress is False or (progress is None and not sys.stderr.isatty())):
        yield None
        return
    view = _Notebook(display) if display is not None else _Terminal()
    try:
        yield view.show
    finally:
        view.finish()
