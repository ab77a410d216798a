"""Whether two tables hold the same customers with the same values: `python same_customers.py OURS.parquet THEIRS.parquet`.

Every column that both have is compared, row by row; numbers and flags as numbers, days as days, the rest as text. Money is decimal
units on our side and cents on theirs. Theirs must be in the order of `customer_id`, as ours are. Exit status 1, and how many rows
differ, where they do.
"""

import sys

import duckdb

# Known on both sides, whatever the input.
REQUIRED = {"customer_id", "source_customer_id", "recency_days", "frequency", "monetary", "r_score", "f_score", "m_score", "segment_id",
            "first_purchase_date", "last_purchase_date"}
KINDS = {"DOUBLE": "DOUBLE", "FLOAT": "DOUBLE", "BIGINT": "DOUBLE", "INTEGER": "DOUBLE", "SMALLINT": "DOUBLE", "TINYINT": "DOUBLE",
         "BOOLEAN": "BOOLEAN", "DATE": "DATE", "TIMESTAMP": "DATE", "TIMESTAMP_NS": "DATE"}


def types(path):
    return {row[0]: row[1] for row in duckdb.sql(f"DESCRIBE FROM '{path}'").fetchall()}


def selection(columns, monetary):
    parts = []
    for name, kind in columns.items():
        if name == "monetary":
            parts.append(f"CAST({monetary} AS BIGINT)")
        elif name == "source_customer_id":
            parts.append("source_customer_id::VARCHAR")
        else:
            parts.append(f'CAST("{name}" AS {kind})')
    return ", ".join(parts)


def main():
    ours, theirs = sys.argv[1:]
    our_types, their_types = types(ours), types(theirs)
    # Their average order value is the file's; what both published of it is in the frequency.
    columns = {name: KINDS.get("DOUBLE" if kind.startswith("DECIMAL") else kind, "VARCHAR")
               for name, kind in our_types.items() if name in their_types}
    missing = REQUIRED - columns.keys()
    if missing:
        raise SystemExit(f"missing: {', '.join(sorted(missing))}")
    misplaced = duckdb.sql(f"SELECT count(*) FROM read_parquet('{theirs}', file_row_number=true) WHERE customer_id <> file_row_number + 1").fetchall()[0][0]
    if misplaced:
        raise SystemExit(f"{misplaced} rows are not in the order of customer_id")
    a = f"SELECT {selection(columns, 'monetary * 100')} FROM '{ours}'"
    b = f"SELECT {selection(columns, 'monetary')} FROM '{theirs}'"
    differing = duckdb.sql(f"SELECT count(*) FROM (({a} EXCEPT ALL {b}) UNION ALL ({b} EXCEPT ALL {a}))").fetchall()[0][0]
    if differing:
        raise SystemExit(f"{differing} rows differ in {', '.join(columns)}")


if __name__ == "__main__":
    main()
