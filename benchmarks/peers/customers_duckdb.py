"""The customer job in DuckDB: `python customers_duckdb.py IN.csv|IN.parquet OUT.parquet`."""

import sys

import duckdb
from rules import CASE

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
SELECT *, {CASE} AS segment_id FROM scored ORDER BY customer_id
"""


def main():
    source, out = sys.argv[1:]
    connection = duckdb.connect()
    reader = "read_csv" if source.endswith(".csv") else "read_parquet"
    connection.execute(f"CREATE VIEW file AS FROM {reader}('{source}')")
    names = [row[0] for row in connection.execute("DESCRIBE file").fetchall()]
    order = ", ".join(["first_purchase_date", *[n for n in names if n != "first_purchase_date"]])
    connection.execute(f"""
        CREATE TEMP TABLE metrics AS
        SELECT row_number() OVER (ORDER BY {order}) AS customer_id, customer_id AS source_customer_id,
               * EXCLUDE (customer_id, name, email, total_spent),
               DATE '2023-11-15' - last_purchase_date AS recency_days,
               CAST(round(total_spent * 100) AS BIGINT) AS monetary,
               greatest(1, (2 * CAST(round(total_spent * 100) AS BIGINT) + CAST(round(avg_order_value * 100) AS BIGINT))
                           // (2 * CAST(round(avg_order_value * 100) AS BIGINT))) AS frequency
        FROM file""")
    connection.execute(f"COPY ({SCORED}) TO '{out}' (FORMAT parquet, COMPRESSION snappy)")


if __name__ == "__main__":
    main()
