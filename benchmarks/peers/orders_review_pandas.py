"""The review of order lines in pandas."""

import json

import numpy as np
import pandas as pd
from checks import COUNTED


def review_lines(lines, is_return, path):
    """Writes to `path` what is found in the lines, which have their `cents`."""
    columns = lines.drop(columns="cents")
    hashes = pd.util.hash_pandas_object(columns, index=False)
    several = hashes[hashes.duplicated(keep=False)]
    groups = several.nunique()
    by_order = lines.groupby("order_id", sort=False)[["customer_id", "order_date"]]
    changes = by_order.min() != by_order.max()
    only_returns = is_return.groupby(lines.customer_id, sort=False).all()
    without_order = lines[lines.customer_id.isin(only_returns.index[only_returns])]
    findings = {f"{name}:missing_value": column.isna().sum() for name, column in columns.items()}
    findings |= {"quantity x unit_price:returns": is_return.sum(), "quantity x unit_price:negative_amount": (lines.cents < 0).sum(),
                 "customer_id:returns_only": len(without_order)}
    profiles = {name: {"missing": column.isna().sum(), "distinct": column.nunique() if name in COUNTED else None} for name, column in columns.items()}
    for name in ("order_date", "quantity", "unit_price"):
        profiles[name] |= {"minimum": columns[name].min(), "maximum": columns[name].max()}
    taken = (len(without_order), without_order.cents.sum())
    with open(path, "w") as out:
        json.dump({"columns": profiles, "findings": {name: rows for name, rows in findings.items() if rows},
                   "exact_duplicate": {"groups": groups, "rows": len(several), "surplus_rows": len(several) - groups},
                   "order_conflict": {"several_customers": changes.customer_id.sum(), "several_time_stamps": changes.order_date.sum()},
                   "waterfall": {"read": (len(lines), lines.cents.sum()), "returns_only": taken,
                                 "published": (len(lines) - taken[0], lines.cents.sum() - taken[1])}},
                  out, default=lambda value: value.item() if isinstance(value, np.generic) else str(value))
