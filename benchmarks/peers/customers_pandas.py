"""The customer job in pandas: `python customers_pandas.py IN.csv|IN.parquet OUT.parquet [REVIEW.json]`."""

import sys

import numpy as np
import pandas as pd
from pandas_scores import scored
from rules import ANALYSIS_DATE

TODAY = pd.Timestamp(ANALYSIS_DATE)
DATES = ["first_purchase_date", "last_purchase_date"]


def read(source):
    if source.endswith(".csv"):
        return pd.read_csv(source, engine="pyarrow", parse_dates=DATES)
    frame = pd.read_parquet(source)
    frame[DATES] = frame[DATES].apply(pd.to_datetime)
    return frame


def cents(values):
    return (values * 100).round().astype(np.int64)


def main():
    source, out, *review = sys.argv[1:]
    frame = read(source)
    if review:
        from customers_review_pandas import reviewed

        frame = reviewed(frame, *review)
    frame = frame.sort_values(["first_purchase_date", *[c for c in frame.columns if c != "first_purchase_date"]], ignore_index=True)
    average = cents(frame.avg_order_value)
    frame["source_customer_id"] = frame["customer_id"]
    frame["customer_id"] = np.arange(1, len(frame) + 1)
    frame["recency_days"] = (TODAY - frame.last_purchase_date).dt.days.astype(np.int32)
    frame["monetary"] = cents(frame.total_spent)
    frame["frequency"] = np.maximum(1, (2 * frame.monetary + average) // (2 * average))
    scored(frame).drop(columns=["name", "email", "total_spent"]).to_parquet(out, compression="snappy")


if __name__ == "__main__":
    main()
