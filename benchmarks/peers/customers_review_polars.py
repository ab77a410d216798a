"""The review of customers in Polars."""

import json

import polars as pl
from checks import RANGES, REQUIRED, STEPS
from customers_polars import TODAY, cents


def profile(frame):
    wide = frame.select(
        *(pl.col(c).null_count().name.suffix(":missing") for c in frame.columns),
        *(pl.col(c).n_unique().name.suffix(":distinct") for c in frame.columns),
        *(pl.col(c).min().name.suffix(":minimum") for c in frame.columns),
        *(pl.col(c).max().name.suffix(":maximum") for c in frame.columns)).row(0, named=True)
    columns = {c: {key: wide[f"{c}:{key}"] for key in ("missing", "distinct", "minimum", "maximum")} for c in frame.columns}
    for column in columns.values():
        column["distinct"] -= column["missing"] > 0  # a null is no value
    return columns


def duplicates(frame):
    """Ids on several rows: how many, the largest group, and what kind each group is; copies; and which rows are copies of earlier ones."""
    hashes = frame.select(
        "customer_id", record=pl.struct(frame.columns).hash(),
        person=pl.struct(*(pl.col(c).str.strip_chars().str.to_lowercase() for c in ("name", "email"))).hash(),
        history=pl.struct("first_purchase_date", "last_purchase_date", "total_spent").hash())

    def one(column):
        return pl.col(column).min() == pl.col(column).max()

    groups = (hashes.filter(pl.col("customer_id").is_not_null()).group_by("customer_id")
              .agg(pl.len().alias("rows"), exact_copy=one("record"), person=one("person"), history=one("history")).filter(pl.col("rows") > 1))
    copy, person, history = pl.col("exact_copy"), pl.col("person"), pl.col("history")
    ids = groups.select(
        pl.len().alias("ids"), pl.col("rows").sum(), (pl.col("rows").sum() - pl.len()).alias("surplus_rows"), pl.col("rows").max().alias("largest_group"),
        copy.sum().alias("exact_copy"), (~copy & person & history).sum().alias("profile_change"), (~copy & person & ~history).sum().alias("longitudinal"),
        (~copy & ~person).sum().alias("collision")).row(0, named=True)
    is_copy = ~hashes["record"].is_first_distinct()
    several = hashes.filter(pl.col("record").is_in(hashes["record"].filter(is_copy).implode()))
    copies = {"groups": several["record"].n_unique(), "rows": len(several), "surplus_rows": int(is_copy.sum())}
    return ids, copies, is_copy


def reviewed(frame, path):
    """The rows that can be used; what was found is written to `path`."""
    ids, copies, is_copy = duplicates(frame)
    found = {f"{c}:missing_value": pl.col(c).is_null() for c in frame.columns}
    found |= {f"{c}:out_of_range": ~pl.col(c).is_between(*bounds) for c, bounds in RANGES.items()}
    found["last_purchase_date:future_date"] = pl.col("last_purchase_date") > TODAY
    found["first_purchase_date:date_order"] = pl.col("first_purchase_date") > pl.col("last_purchase_date")
    found["total_spent:inconsistent_order_value"] = pl.col("total_spent") < 0
    found["avg_order_value:inconsistent_order_value"] = pl.col("avg_order_value") <= 0
    counts = frame.select(**{name: condition.sum() for name, condition in found.items()}).row(0, named=True)

    conditions = {
        "missing_value": pl.any_horizontal(pl.col(c).is_null() for c in REQUIRED),
        "future_date": found["last_purchase_date:future_date"],
        "date_order": found["first_purchase_date:date_order"],
        "inconsistent_order_value": found["total_spent:inconsistent_order_value"] | found["avg_order_value:inconsistent_order_value"],
        "exact_duplicate": is_copy,
    }
    step = pl.when(False).then(pl.lit("")).otherwise(None)
    for name in reversed(STEPS):
        step = pl.when(conditions[name]).then(pl.lit(name)).otherwise(step)
    steps = frame.select(step=step, cents=cents("total_spent"))
    waterfall = {"read": (len(frame), steps["cents"].sum())}
    for name, rows, value in steps.filter(pl.col("step").is_not_null()).group_by("step").agg(pl.len(), pl.col("cents").sum()).iter_rows():
        waterfall[name] = (rows, value)
    columns = profile(frame)
    if steps["step"].null_count() < len(frame):
        frame = frame.filter(steps["step"].is_null())
    if any(counts[f"{c}:out_of_range"] for c in RANGES):
        frame = frame.with_columns(pl.when(pl.col(c).is_between(*bounds)).then(c) for c, bounds in RANGES.items())
    waterfall["published"] = (len(frame), frame.select(cents("total_spent").sum()).item())
    with open(path, "w") as out:
        json.dump({"columns": columns, "findings": {k: v for k, v in counts.items() if v}, "duplicate_identifier": ids, "exact_duplicate": copies,
                   "waterfall": waterfall}, out, default=str)
    return frame
