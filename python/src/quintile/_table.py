"""A table that every data frame library can take."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from . import _native

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

_ROWS_SHOWN = 10


class Table:
    """Rows and columns in Arrow's memory format, read-only.

    Whatever speaks the Arrow PyCapsule interface takes it as it is, without a copy: ``polars.DataFrame(table)``,
    ``pyarrow.table(table)``, ``pandas.DataFrame.from_arrow(table)``, and DuckDB by name in a query. None of them is
    needed to make one.

    Attributes
    ----------
    columns : list of str
        Names in order.
    shape : tuple of int
        Rows and columns.
    """

    __slots__ = ("_native",)

    def __init__(self, native: _native.Table) -> None:
        self._native = native

    @property
    def columns(self) -> list[str]:
        return self._native.names

    @property
    def types(self) -> dict[str, str]:
        """Arrow's name of each column's type."""
        return dict(zip(self._native.names, self._native.types))

    @property
    def shape(self) -> tuple[int, int]:
        return self._native.rows, len(self._native.names)

    def __len__(self) -> int:
        return self._native.rows

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._native.stream()

    def __arrow_c_schema__(self) -> object:
        return self._native.schema()

    def to_arrow(self) -> pyarrow.Table:
        """As a PyArrow table; no copy."""
        import pyarrow

        return pyarrow.table(self)

    def to_polars(self) -> polars.DataFrame:
        """As a Polars data frame; no copy but of dictionaries."""
        import polars

        return polars.DataFrame(self)

    def to_pandas(self, **options: Any) -> pandas.DataFrame:
        """As a pandas data frame, by way of PyArrow, whose ``Table.to_pandas`` takes the options."""
        return self.to_arrow().to_pandas(**options)

    def __repr__(self) -> str:
        rows, columns = self.shape
        return f"<quintile.Table: {rows:,} rows, {columns} columns: {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        return rows_html(self.columns, self._native.head(_ROWS_SHOWN), len(self))


def rows_html(names: list[str], columns: list[list[str | None]], rows: int) -> str:
    """The first rows of a table as HTML, and how many there are."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell or '')}</td>" for cell in cells) + "</tr>"
        for cells in zip(*columns)
    )
    shown = len(columns[0]) if columns else 0
    more = f"<p>{rows:,} rows, of which {shown} are shown</p>" if rows > shown else f"<p>{rows:,} rows</p>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"
