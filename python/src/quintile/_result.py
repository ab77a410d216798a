"""What a run gives: tables, documents, answers."""

from __future__ import annotations

import html
import json
import os
from functools import cached_property
from typing import Any

from . import _native
from ._errors import PlanError
from ._plan import PathLike
from ._table import Table

_Document = _native.Holding.Document
_TableName = _native.Holding.TableName


class Explanation(dict[str, Any]):
    """Why a customer is in a segment, and what would move it: the keys of ``quintile explain --format json``.

    Printed, it is the text of ``quintile explain``.
    """

    def __init__(self, told: dict[str, Any], text: str) -> None:
        super().__init__(told)
        self._text = text

    def __str__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self._text)}</pre>"


class Report(str):
    """The report as one self-contained HTML page. In a notebook it shows itself."""

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{html.escape(self)}" sandbox title="Quintile report" '
            'style="width:100%;height:40em;border:1px solid #ccc"></iframe>'
        )


class Result:
    """The results of a run, or a published mart.

    Tables are made when they are first asked for and share the memory of the run; documents are plain Python values.
    A result may be used from several threads.
    """

    def __init__(self, holding: _native.Holding, plan: _native.Plan | None = None) -> None:
        self._holding = holding
        self._plan = plan

    @cached_property
    def customers(self) -> Table:
        """One row a customer, ordered by ``customer_id``: the columns of ``customer_segments.parquet``.

        ``recency_days`` in days, ``frequency`` in orders, ``monetary`` and ``average_order_value`` as exact decimals in
        the run's currency, scores from 1 (worst) to the number of bins.
        """
        return Table(self._holding.table(_TableName.CUSTOMERS))

    @cached_property
    def summary(self) -> Table:
        """One row a segment in the order of the rules, then all customers: ``segment_summary.parquet``.

        Shares are 0 to 1. `segments` has the same with nested values.
        """
        return Table(self._holding.table(_TableName.SUMMARY))

    @cached_property
    def quarantine(self) -> Table:
        """The rows that were taken out: ``source_file``, ``source_row`` (1 is the first data row), ``check``, ``reason``."""
        return Table(self._holding.table(_TableName.QUARANTINE))

    @cached_property
    def crosswalk(self) -> Table:
        """Which row became which customer: ``source_file``, ``source_row``, ``source_customer_id``, ``customer_id``."""
        return Table(self._holding.table(_TableName.CROSSWALK))

    @cached_property
    def segments(self) -> list[dict[str, Any]]:
        """The segments in the order of the rules, with key traits, deltas, actions and watch-outs (``summary.json``)."""
        return self._document(_Document.SUMMARY)["segments"]

    @cached_property
    def population(self) -> dict[str, Any]:
        """All customers, described as a segment is."""
        return self._document(_Document.SUMMARY)["population"]

    @cached_property
    def insights(self) -> list[dict[str, Any]]:
        """Claims with estimate, interval, evidence and verdict (``insights.json``)."""
        return self._document(_Document.INSIGHTS)

    @cached_property
    def review(self) -> dict[str, Any]:
        """The data-quality review: ``rows``, ``columns``, ``findings``, ``waterfall`` (``review.json``)."""
        return self._document(_Document.REVIEW)

    @cached_property
    def cut_points(self) -> dict[str, Any]:
        """The scoring model as run.json has it: for each metric method, bins, cut points, least and greatest value.

        Days, orders, currency units.
        """
        return self._document(_Document.MANIFEST)["cut_points"]

    @property
    def manifest(self) -> dict[str, Any]:
        """What ``run.json`` says: inputs, plan and rules as applied, counts, ties, fingerprint.

        ``files`` is empty before the result is written.
        """
        return self._document(_Document.MANIFEST)

    def explain(self, customer_id: int) -> Explanation:
        """Why a customer is in its segment, and the smallest change that would move it.

        Parameters
        ----------
        customer_id : int
            As in `customers`, from 1.

        Raises
        ------
        NotFound
            There is no such customer.
        """
        told, text = self._holding.explain(customer_id)
        return Explanation(json.loads(told), text)

    def report(self, folder: PathLike | None = None) -> Report:
        """The report as a page; with `folder` also written there, as report.html and figures.

        Raises
        ------
        ResourceError
            The folder cannot be written.
        """
        if folder is not None:
            self._holding.write_report(os.fspath(folder))
        return Report(self._holding.report())

    def write(self, mart: PathLike | None = None, report: PathLike | None = None, *, threads: int = 0) -> None:
        """Publishes the mart and its report, byte for byte as the program does.

        A reader, a crash or a full disk sees the old mart or the new one, never a mixture.

        Parameters
        ----------
        mart : path, optional
            The folder to publish into; otherwise the one that the plan names.
        report : path, optional
            Where report.html and figures go; otherwise where the plan says, or into the mart where `mart` is given.
        threads : int, optional
            0 for as many as there are processors; never changes a byte.

        Raises
        ------
        PlanError
            Neither the plan nor `mart` says where.
        ResourceError
            No permission, a full disk, a folder that holds files that are not a mart's.
        """
        if mart is not None:
            folder, page = os.fspath(mart), os.path.join(os.fspath(mart), "report")
        elif self._plan is not None:
            folder, page = self._plan.mart, self._plan.report
        else:
            raise PlanError("the plan names no folder for the mart", code="usage", advice="pass one: write('data/mart')")
        self._holding.write(folder, page if report is None else os.fspath(report), threads)

    def __len__(self) -> int:
        return self._holding.customers

    def __repr__(self) -> str:
        return f"<quintile.Result: {len(self):,} customers in {len(self.segments)} segments>"

    def _repr_html_(self) -> str:
        rows = [
            (
                html.escape(segment["segment_name"]),
                f"{segment['customers']:,}",
                f"{segment['customer_share']:.1%}",
                f"{segment['monetary']:,.0f}",
                f"{segment['monetary_share']:.1%}",
            )
            for segment in self.segments
        ]
        head = "".join(f"<th>{name}</th>" for name in ("segment", "customers", "share", "value", "of value"))
        body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
        return (
            f"<p>{len(self):,} customers in {len(rows)} segments</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def _document(self, name: _native.Holding.Document) -> Any:
        return json.loads(self._holding.document(name))
