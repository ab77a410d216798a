"""The review of order lines in Polars."""

import json

import polars as pl
from checks import COUNTED
from orders_polars import CANCELLED


def reviewed(lines, path):
    """The same lines; what was found is written to `path`. A CSV is read into memory once, Parquet again for each question."""
    if lines.explain().startswith("Csv"):
        lines = lines.collect(engine="streaming").lazy()
    columns = lines.collect_schema().names()
    lines = lines.with_columns(cents=pl.col("quantity") * (pl.col("unit_price") * 100).round().cast(pl.Int64))
    changes = {"several_customers": "customer_id", "several_time_stamps": "order_date"}
    questions = [
        lines.select(
            pl.len(), pl.col("cents").sum(), CANCELLED.sum().alias("returns"), (pl.col("cents") < 0).sum().alias("negative"),
            *(pl.col(c).null_count().name.suffix(":missing") for c in columns),
            *(pl.col(c).min().name.suffix(":minimum") for c in columns), *(pl.col(c).max().name.suffix(":maximum") for c in columns)),
        lines.select(pl.col(c).n_unique() for c in COUNTED),
        lines.select(line=pl.struct(columns).hash()).group_by("line").len().filter(pl.col("len") > 1)
        .select(pl.len().alias("groups"), pl.col("len").sum().alias("rows"), (pl.col("len").sum() - pl.len()).alias("surplus_rows")),
        lines.group_by("order_id").agg((pl.col(c).min() != pl.col(c).max()).alias(name) for name, c in changes.items())
        .select(pl.col(name).sum() for name in changes),
        lines.group_by("customer_id").agg(pl.len(), pl.col("cents").sum(), CANCELLED.all().alias("only")).filter("only")
        .select(pl.col("len").sum().alias("rows"), pl.col("cents").sum()),
    ]
    told = [pl.collect_all([question], engine="streaming")[0].row(0, named=True) for question in questions]
    whole, distinct, copies, conflicts, only = told
    findings = {f"{c}:missing_value": whole[f"{c}:missing"] for c in columns}
    findings |= {"quantity x unit_price:returns": whole["returns"], "quantity x unit_price:negative_amount": whole["negative"],
                 "customer_id:returns_only": only["rows"]}
    profiles = {c: {key: whole[f"{c}:{key}"] for key in ("missing", "minimum", "maximum")} for c in columns}
    for c, count in distinct.items():
        profiles[c]["distinct"] = count - (whole[f"{c}:missing"] > 0)
    with open(path, "w") as out:
        json.dump({"columns": profiles, "findings": {k: v for k, v in findings.items() if v}, "exact_duplicate": copies, "order_conflict": conflicts,
                   "waterfall": {"read": (whole["len"], whole["cents"]), "returns_only": (only["rows"], only["cents"]),
                                 "published": (whole["len"] - only["rows"], whole["cents"] - only["cents"])}}, out, default=str)
    return lines
