"""The review of customers in DuckDB."""

import json

from checks import RANGES, REQUIRED, STEPS
from customers_duckdb import cents
from rules import ANALYSIS_DATE


def profile(connection, table, columns, counted=None):
    """Distinct values column by column: DuckDB finds them on all threads so, and in less memory."""
    wide = ", ".join(f'count(*) - count("{c}"), min("{c}"), max("{c}")' for c in columns)
    values = connection.execute(f"SELECT {wide} FROM {table}").fetchone()
    profiles = {}
    for i, c in enumerate(columns):
        missing, least, most = values[3 * i:3 * i + 3]
        profiles[c] = {"missing": missing, "minimum": least, "maximum": most}
        if counted is None or c in counted:
            profiles[c]["distinct"] = connection.execute(f'SELECT count("{c}") FROM (SELECT DISTINCT "{c}" FROM {table})').fetchone()[0]
    return profiles


def named(connection, query):
    """The only row, by name; a sum of nothing is 0."""
    result = connection.execute(query)
    return {column[0]: value or 0 for column, value in zip(result.description, result.fetchone())}


DUPLICATE_IDS = """
SELECT count(*) AS ids, sum(n)::BIGINT AS rows, sum(n - 1)::BIGINT AS surplus_rows, max(n) AS largest_group,
       count(*) FILTER (copy) AS exact_copy, count(*) FILTER (NOT copy AND person AND history) AS profile_change,
       count(*) FILTER (NOT copy AND person AND NOT history) AS longitudinal, count(*) FILTER (NOT copy AND NOT person) AS collision
FROM (SELECT count(*) AS n, min(record) = max(record) AS copy, min(person) = max(person) AS person, min(history) = max(history) AS history
      FROM raw WHERE customer_id IS NOT NULL GROUP BY customer_id HAVING n > 1)
"""


def reviewed(connection, source, path):
    """Makes `file` of the rows that can be used; what was found is written to `path`."""
    columns = [row[0] for row in connection.execute(f"DESCRIBE FROM {source}").fetchall()]
    connection.execute(f"""
        CREATE TEMP TABLE raw AS
        SELECT *, hash({', '.join(columns)}) AS record, hash(lower(trim(name)), lower(trim(email))) AS person,
               hash(first_purchase_date, last_purchase_date, total_spent) AS history
        FROM {source}""")
    connection.execute("CREATE TEMP TABLE copies AS SELECT record, count(*) AS n, min(rowid) AS first FROM raw GROUP BY record HAVING n > 1")
    copies = named(connection, "SELECT count(*) AS groups, sum(n)::BIGINT AS rows, sum(n - 1)::BIGINT AS surplus_rows FROM copies")
    ids = named(connection, DUPLICATE_IDS)

    found = {f"{c}:missing_value": f"{c} IS NULL" for c in columns}
    found |= {f"{c}:out_of_range": f"{c} NOT BETWEEN {low} AND {high}" for c, (low, high) in RANGES.items()}
    found["last_purchase_date:future_date"] = f"last_purchase_date > DATE '{ANALYSIS_DATE}'"
    found["first_purchase_date:date_order"] = "first_purchase_date > last_purchase_date"
    found["total_spent:inconsistent_order_value"] = "total_spent < 0"
    found["avg_order_value:inconsistent_order_value"] = "avg_order_value <= 0"
    counts = named(connection, "SELECT " + ", ".join(f'count(*) FILTER ({condition}) AS "{name}"' for name, condition in found.items()) + " FROM raw")

    conditions = {
        "missing_value": " OR ".join(f"{c} IS NULL" for c in REQUIRED),
        "future_date": found["last_purchase_date:future_date"],
        "date_order": found["first_purchase_date:date_order"],
        "inconsistent_order_value": "total_spent < 0 OR avg_order_value <= 0",
        "exact_duplicate": "copies.first < raw.rowid",
    }
    cases = " ".join(f"WHEN {conditions[name]} THEN '{name}'" for name in STEPS)
    connection.execute(f"CREATE TEMP TABLE steps AS SELECT raw.rowid AS row, CASE {cases} END AS step FROM raw LEFT JOIN copies USING (record)"
                       " WHERE step IS NOT NULL")
    waterfall = {"read": connection.execute(f"SELECT count(*), sum({cents('total_spent')})::BIGINT FROM raw").fetchone()}
    for name, rows, value in connection.execute(
            f"SELECT step, count(*), coalesce(sum({cents('total_spent')}), 0)::BIGINT FROM steps JOIN raw ON raw.rowid = row GROUP BY step").fetchall():
        waterfall[name] = (rows, value)
    within = ", ".join(f"CASE WHEN {c} BETWEEN {low} AND {high} THEN {c} END AS {c}" for c, (low, high) in RANGES.items())
    connection.execute(f"CREATE VIEW file AS SELECT * EXCLUDE (record, person, history) REPLACE ({within}) FROM raw"
                       " WHERE raw.rowid NOT IN (SELECT row FROM steps)")
    waterfall["published"] = connection.execute(f"SELECT count(*), sum({cents('total_spent')})::BIGINT FROM file").fetchone()
    with open(path, "w") as out:
        json.dump({"columns": profile(connection, "raw", columns), "findings": {k: v for k, v in counts.items() if v}, "duplicate_identifier": ids,
                   "exact_duplicate": copies, "waterfall": waterfall}, out, default=str)
