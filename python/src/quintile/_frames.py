"""Data frames of other libraries, by the Arrow PyCapsule interface."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from ._errors import InputError


@runtime_checkable
class Frame(Protocol):
    """A pandas, Polars or PyArrow table, a DuckDB relation, or whatever else hands over an Arrow stream."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...


def capsule_of(data: Frame) -> object:
    """The frame's rows as a capsule.

    Raises
    ------
    TypeError
        The object hands over no Arrow stream.
    InputError
        It does, but its library cannot make one of these values: a column of mixed types, say.
    """
    if not hasattr(data, "__arrow_c_stream__"):
        kind = f"{type(data).__module__}.{type(data).__qualname__}"
        raise TypeError(
            f"{kind} is no data frame with the Arrow PyCapsule interface (__arrow_c_stream__): pass a frame of pandas, "
            "Polars, PyArrow or DuckDB; a lazy one is collected first"
        )
    try:
        return data.__arrow_c_stream__()
    except ImportError:
        raise  # pandas says that it needs PyArrow
    except Exception as error:
        raise InputError(
            f"the frame cannot be handed over: {error}",
            code="input",
            advice="give each column values of one type",
            file="frame",
        ) from error
