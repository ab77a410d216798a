"""Whether two tables hold the same customers with the same numbers: `python same_customers.py OURS.parquet THEIRS.parquet`.

Money is decimal units on our side and cents on the other. Exit status 1, and how many rows differ, where they do.
"""

import sys

import duckdb

COLUMNS = "customer_id, source_customer_id::VARCHAR, recency_days, frequency, r_score, f_score, m_score, segment_id::VARCHAR"


def main():
    ours = f"SELECT {COLUMNS}, CAST(monetary * 100 AS BIGINT) FROM '{sys.argv[1]}'"
    theirs = f"SELECT {COLUMNS}, monetary FROM '{sys.argv[2]}'"
    differing = duckdb.sql(f"SELECT count(*) FROM (({ours} EXCEPT ALL {theirs}) UNION ALL ({theirs} EXCEPT ALL {ours}))").fetchall()[0][0]
    if differing:
        raise SystemExit(f"{differing} rows differ")


if __name__ == "__main__":
    main()
