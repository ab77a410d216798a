"""The customer job in DuckDB: `python customers_duckdb.py IN.csv|IN.parquet OUT.parquet [REVIEW.json]`."""

import sys

import duckdb
from rules import ANALYSIS_DATE, CASE

# Keeps the order of `metrics`, which are made in that of the ids.
SCORED = f"""
WITH cuts AS (
  SELECT quantile_cont(recency_days, [0.2, 0.4, 0.6, 0.8]) AS r, quantile_cont(frequency, [0.2, 0.4, 0.6, 0.8]) AS f,
         quantile_cont(monetary, [0.2, 0.4, 0.6, 0.8]) AS m FROM metrics),
scored AS (
  SELECT metrics.*,
         5 - ((recency_days > r[1])::TINYINT + (recency_days > r[2])::TINYINT + (recency_days > r[3])::TINYINT + (recency_days > r[4])::TINYINT) AS r_score,
         1 + (frequency > f[1])::TINYINT + (frequency > f[2])::TINYINT + (frequency > f[3])::TINYINT + (frequency > f[4])::TINYINT AS f_score,
         1 + (monetary > m[1])::TINYINT + (monetary > m[2])::TINYINT + (monetary > m[3])::TINYINT + (monetary > m[4])::TINYINT AS m_score
  FROM metrics, cuts)
SELECT *, {CASE} AS segment_id FROM scored
"""


def cents(column):
    return f"CAST(round({column} * 100) AS BIGINT)"


def main():
    source, out, *review = sys.argv[1:]
    connection = duckdb.connect()
    reader = "read_csv" if source.endswith(".csv") else "read_parquet"
    if review:
        from customers_review_duckdb import reviewed

        reviewed(connection, f"{reader}('{source}')", *review)
    else:
        connection.execute(f"CREATE VIEW file AS FROM {reader}('{source}')")
    names = [row[0] for row in connection.execute("DESCRIBE file").fetchall()]
    order = ", ".join(["first_purchase_date", *[n for n in names if n != "first_purchase_date"]])
    monetary, average = cents("total_spent"), cents("avg_order_value")
    connection.execute(f"""
        CREATE TEMP TABLE metrics AS
        SELECT row_number() OVER () AS customer_id, * FROM (
          SELECT customer_id AS source_customer_id, * EXCLUDE (customer_id, name, email, total_spent),
                 DATE '{ANALYSIS_DATE}' - last_purchase_date AS recency_days, {monetary} AS monetary,
                 greatest(1, (2 * {monetary} + {average}) // (2 * {average})) AS frequency
          FROM file ORDER BY {order})""")
    connection.execute(f"COPY ({SCORED}) TO '{out}' (FORMAT parquet, COMPRESSION snappy)")


if __name__ == "__main__":
    main()
