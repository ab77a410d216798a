"""The order-line job in Polars: `python orders_polars.py IN.parquet|IN.csv OUT.parquet [REVIEW.json]`."""

import sys

import polars as pl
from customers_polars import scored
from rules import ORDERS_ANALYSIS_DATE

CANCELLED = pl.col("order_id").str.starts_with("C")


def of_customers(lines):
    """One row a customer, those with nothing but returns too."""
    return (lines.with_columns(cents=pl.col("quantity") * (pl.col("unit_price") * 100).round().cast(pl.Int64))
            .group_by("customer_id")
            .agg(pl.col("order_id").filter(~CANCELLED).n_unique().alias("frequency"),
                 pl.col("cents").sum().alias("monetary"),
                 pl.col("order_date").filter(~CANCELLED).min().alias("first_purchase_date"),
                 pl.col("order_date").filter(~CANCELLED).max().alias("last_purchase_date"),
                 # The last in file order, not the latest: a little less work than the others do. Here it is the same country.
                 pl.col("country").filter(~CANCELLED).last().alias("country")))


def main():
    source, out, *review = sys.argv[1:]
    lines = pl.scan_csv(source, try_parse_dates=True, schema_overrides={"order_id": pl.String}) if source.endswith(".csv") else pl.scan_parquet(source)
    if review:
        from orders_review_polars import reviewed

        lines = reviewed(lines, *review)
    customers = of_customers(lines).filter(pl.col("frequency") > 0).collect(engine="streaming")
    customers = (customers.sort("first_purchase_date", "customer_id")
                 .rename({"customer_id": "source_customer_id"})
                 .with_columns(pl.int_range(1, pl.len() + 1).alias("customer_id"),
                               (pl.lit(ORDERS_ANALYSIS_DATE).str.to_date() - pl.col("last_purchase_date")).dt.total_days().cast(pl.Int32)
                               .alias("recency_days")))
    scored(customers).write_parquet(out, compression="snappy")


if __name__ == "__main__":
    main()
