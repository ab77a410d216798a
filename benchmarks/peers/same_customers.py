"""Whether two tables hold the same customers with the same values: `python same_customers.py OURS.parquet THEIRS.parquet`.

Every column that both have is compared, row by row; numbers and flags as numbers, days as days, the rest as text. Money is decimal
units on our side and cents on theirs. Both are in the order of `customer_id`, so a row stands beside its like. Exit status 1, and how
many rows differ in which columns, where they do.
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


def value(side, name, kind, monetary):
    column = f'{side}."{name}"'
    return f"CAST({f'{column} * {monetary}' if name == 'monetary' else column} AS {'BIGINT' if name == 'monetary' else kind})"


def main():
    ours, theirs = sys.argv[1:]
    our_types, their_types = types(ours), types(theirs)
    # Their average order value is the file's; what both published of it is in the frequency.
    columns = {name: "VARCHAR" if name == "source_customer_id" else KINDS.get("DOUBLE" if kind.startswith("DECIMAL") else kind, "VARCHAR")
               for name, kind in our_types.items() if name in their_types}
    missing = REQUIRED - columns.keys()
    if missing:
        raise SystemExit(f"missing: {', '.join(sorted(missing))}")
    differ = [f"{value('ours', name, kind, 100)} IS DISTINCT FROM {value('theirs', name, kind, 1)}" for name, kind in columns.items()]
    counts = ", ".join(f"count(*) FILTER ({condition})" for condition in [" OR ".join(differ), *differ])
    rows, *by_column = duckdb.sql(f"SELECT {counts} FROM '{ours}' AS ours POSITIONAL JOIN '{theirs}' AS theirs").fetchall()[0]
    if rows:
        raise SystemExit(f"{rows} rows differ: {', '.join(f'{name} in {count}' for name, count in zip(columns, by_column) if count)}")


if __name__ == "__main__":
    main()
