"""The review of customers in pandas."""

import json

import numpy as np
import pandas as pd
from checks import RANGES, REQUIRED, STEPS
from customers_pandas import TODAY, cents


def profile(frame):
    return {name: {"missing": int(column.isna().sum()), "distinct": column.nunique(), "minimum": column.min(), "maximum": column.max()}
            for name, column in frame.items()}


def duplicates(frame):
    """Ids on several rows and what kind each group is; which rows are copies of earlier ones; and how many copies there are."""
    known = frame[frame.customer_id.notna()]
    shared = known[known.customer_id.duplicated(keep=False)]
    rows = pd.DataFrame({
        "customer_id": shared.customer_id,
        "record": pd.util.hash_pandas_object(shared, index=False),
        "person": pd.util.hash_pandas_object(shared[["name", "email"]].apply(lambda text: text.str.strip().str.lower()), index=False),
        "history": pd.util.hash_pandas_object(shared[["first_purchase_date", "last_purchase_date", "total_spent"]], index=False)})
    by_id = rows.groupby("customer_id", sort=False)
    sizes = by_id.size()
    copy, person, history = ((by_id[name].min() == by_id[name].max()) for name in ("record", "person", "history"))
    ids = {"ids": len(sizes), "rows": len(shared), "surplus_rows": len(shared) - len(sizes), "largest_group": sizes.max(),
           "exact_copy": copy.sum(), "profile_change": (~copy & person & history).sum(), "longitudinal": (~copy & person & ~history).sum(),
           "collision": (~copy & ~person).sum()}
    # Copies share their id.
    several = rows.record[rows.record.duplicated(keep=False)]
    later = rows.record.duplicated()
    is_copy = np.zeros(len(frame), dtype=bool)
    is_copy[later.index[later]] = True
    return ids, {"groups": several.nunique(), "rows": len(several), "surplus_rows": later.sum()}, is_copy


def total(values):
    return int(cents(values.fillna(0)).sum())


def reviewed(frame, path):
    """The rows that can be used; what was found is written to `path`."""
    ids, copies, is_copy = duplicates(frame)
    found = {f"{c}:missing_value": frame[c].isna() for c in frame.columns}
    found |= {f"{c}:out_of_range": frame[c].notna() & ~frame[c].between(*bounds) for c, bounds in RANGES.items()}
    found["last_purchase_date:future_date"] = future = frame.last_purchase_date > TODAY
    found["first_purchase_date:date_order"] = order = frame.first_purchase_date > frame.last_purchase_date
    found["total_spent:inconsistent_order_value"] = negative = frame.total_spent < 0
    found["avg_order_value:inconsistent_order_value"] = not_positive = frame.avg_order_value <= 0
    counts = {name: int(condition.sum()) for name, condition in found.items()}

    conditions = [frame[REQUIRED].isna().any(axis=1), future, order, negative | not_positive, is_copy]
    step = np.select(conditions, np.arange(1, len(STEPS) + 1), 0)
    waterfall = {"read": (len(frame), total(frame.total_spent))}
    for number, name in enumerate(STEPS, 1):
        if (step == number).any():
            waterfall[name] = (int((step == number).sum()), total(frame.total_spent[step == number]))
    columns = profile(frame)
    if step.any():
        # A column with a missing id was one of floating point.
        frame = frame[step == 0].reset_index(drop=True).astype({"customer_id": np.int64})
    for c, bounds in RANGES.items():
        if counts[f"{c}:out_of_range"]:
            frame[c] = frame[c].where(frame[c].between(*bounds))
    waterfall["published"] = (len(frame), total(frame.total_spent))
    with open(path, "w") as out:
        json.dump({"columns": columns, "findings": {k: v for k, v in counts.items() if v}, "duplicate_identifier": ids, "exact_duplicate": copies,
                   "waterfall": waterfall}, out, default=lambda value: value.item() if isinstance(value, np.generic) else str(value))
    return frame
