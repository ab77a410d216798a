"""The customer job in pandas: `python customers_pandas.py IN.csv|IN.parquet OUT.parquet`."""

import sys

import numpy as np
import pandas as pd
from pandas_scores import scored


def main():
    source, out = sys.argv[1:]
    dates = ["first_purchase_date", "last_purchase_date"]
    if source.endswith(".csv"):
        frame = pd.read_csv(source, engine="pyarrow", parse_dates=dates)
    else:
        frame = pd.read_parquet(source)
        frame[dates] = frame[dates].apply(pd.to_datetime)
    frame = frame.sort_values(["first_purchase_date", *[c for c in frame.columns if c != "first_purchase_date"]], ignore_index=True)
    average = (frame.avg_order_value * 100).round().astype(np.int64)
    frame["source_customer_id"] = frame["customer_id"]
    frame["customer_id"] = np.arange(1, len(frame) + 1)
    frame["recency_days"] = (pd.Timestamp("2023-11-15") - frame.last_purchase_date).dt.days.astype(np.int32)
    frame["monetary"] = (frame.total_spent * 100).round().astype(np.int64)
    frame["frequency"] = np.maximum(1, (2 * frame.monetary + average) // (2 * average))
    scored(frame).drop(columns=["name", "email", "total_spent"]).to_parquet(out, compression="snappy")


if __name__ == "__main__":
    main()
