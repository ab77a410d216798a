"""The order-line job in pandas: `python orders_pandas.py IN.parquet|IN.csv OUT.parquet [REVIEW.json]`."""

import sys

import numpy as np
import pandas as pd
from pandas_scores import scored
from rules import ORDERS_ANALYSIS_DATE


def read(source):
    if source.endswith(".csv"):
        return pd.read_csv(source, engine="pyarrow", dtype={"order_id": "str", "country": "category"}, parse_dates=["order_date"])
    lines = pd.read_parquet(source)
    return lines.assign(order_date=pd.to_datetime(lines.order_date), country=lines.country.astype("category"))


def main():
    source, out, *review = sys.argv[1:]
    lines = read(source)
    lines["cents"] = lines.quantity * (lines.unit_price * 100).round().astype(np.int64)
    is_return = lines.order_id.str.startswith("C")
    if review:
        from orders_review_pandas import review_lines

        review_lines(lines, is_return, *review)
    monetary = lines.groupby("customer_id", sort=False).cents.sum()
    counted = lines[~is_return]
    # One row an order, then one a customer: far quicker than nunique over texts, group by group.
    orders = counted.drop_duplicates(["customer_id", "order_id"])
    by_customer = orders.groupby("customer_id", sort=False)
    frame = pd.DataFrame({
        "frequency": by_customer.size(),
        "first_purchase_date": by_customer.order_date.min(),
        "last_purchase_date": by_customer.order_date.max(),
        # The last in file order, not the latest: a little less work than the others do. Here it is the same country.
        "country": by_customer.country.last(),
    })
    frame["monetary"] = monetary
    frame = frame.rename_axis("source_customer_id").reset_index()
    frame = frame.sort_values(["first_purchase_date", "source_customer_id"], ignore_index=True)
    frame["customer_id"] = np.arange(1, len(frame) + 1)
    frame["recency_days"] = (pd.Timestamp(ORDERS_ANALYSIS_DATE) - frame.last_purchase_date).dt.days.astype(np.int32)
    scored(frame).to_parquet(out, compression="snappy")


if __name__ == "__main__":
    main()
