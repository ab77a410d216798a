"""The order-line job in DuckDB: `python orders_duckdb.py IN.parquet|IN.csv OUT.parquet [REVIEW.json]`."""

import sys

import duckdb
from customers_duckdb import SCORED
from rules import ORDERS_ANALYSIS_DATE


def main():
    source, out, *review = sys.argv[1:]
    reader = f"read_csv('{source}', types={{'order_id': 'VARCHAR'}})" if source.endswith(".csv") else f"read_parquet('{source}')"
    connection = duckdb.connect()
    if review:
        from orders_review_duckdb import reviewed

        reader = reviewed(connection, reader, *review)
    connection.execute(f"""
        CREATE TEMP TABLE metrics AS
        SELECT row_number() OVER () AS customer_id, * FROM (
          SELECT *, DATE '{ORDERS_ANALYSIS_DATE}' - last_purchase_date AS recency_days
          FROM (
            SELECT customer_id AS source_customer_id,
                   count(DISTINCT order_id) FILTER (NOT starts_with(order_id, 'C')) AS frequency,
                   CAST(sum(quantity * CAST(round(unit_price * 100) AS BIGINT)) AS BIGINT) AS monetary,
                   min(order_date) FILTER (NOT starts_with(order_id, 'C')) AS first_purchase_date,
                   max(order_date) FILTER (NOT starts_with(order_id, 'C')) AS last_purchase_date,
                   arg_max(country, (order_date, order_id)) FILTER (NOT starts_with(order_id, 'C')) AS country
            FROM {reader} GROUP BY customer_id)
          WHERE frequency > 0 ORDER BY first_purchase_date, source_customer_id)""")
    connection.execute(f"COPY ({SCORED}) TO '{out}' (FORMAT parquet, COMPRESSION snappy)")


if __name__ == "__main__":
    main()
