"""The review of order lines in DuckDB."""

import json

from checks import COUNTED
from customers_review_duckdb import named, profile

CENTS = "quantity * CAST(round(unit_price * 100) AS BIGINT)"
RETURN = "starts_with(order_id, 'C')"


def reviewed(connection, source, path):
    """Makes a table of the lines and gives its name; what was found is written to `path`."""
    columns = [row[0] for row in connection.execute(f"DESCRIBE FROM {source}").fetchall()]
    connection.execute(f"CREATE TEMP TABLE lines AS FROM {source}")
    missing = named(connection, "SELECT " + ", ".join(f'count(*) FILTER ({c} IS NULL) AS "{c}:missing_value"' for c in columns) + " FROM lines")
    copies = named(connection, f"""
        SELECT count(*) AS groups, sum(n)::BIGINT AS rows, sum(n - 1)::BIGINT AS surplus_rows
        FROM (SELECT count(*) AS n FROM (SELECT hash({', '.join(columns)}) AS line FROM lines) GROUP BY line HAVING n > 1)""")
    conflicts = named(connection, """
        SELECT count(*) FILTER (customers) AS several_customers, count(*) FILTER (days) AS several_time_stamps
        FROM (SELECT min(customer_id) <> max(customer_id) AS customers, min(order_date) <> max(order_date) AS days FROM lines GROUP BY order_id)""")
    amounts = named(connection, f"""
        SELECT count(*) FILTER ({RETURN}) AS "quantity x unit_price:returns", count(*) FILTER ({CENTS} < 0) AS "quantity x unit_price:negative_amount"
        FROM lines""")
    only = named(connection, f"""
        SELECT coalesce(sum(n), 0)::BIGINT AS rows, coalesce(sum(cents), 0)::BIGINT AS cents
        FROM (SELECT count(*) AS n, sum({CENTS}) AS cents FROM lines GROUP BY customer_id HAVING bool_and({RETURN}))""")
    read = named(connection, f"SELECT count(*) AS rows, sum({CENTS})::BIGINT AS cents FROM lines")
    findings = missing | amounts | {"customer_id:returns_only": only["rows"]}
    with open(path, "w") as out:
        json.dump({"columns": profile(connection, "lines", columns, COUNTED), "findings": {k: v for k, v in findings.items() if v},
                   "exact_duplicate": copies, "order_conflict": conflicts,
                   "waterfall": {"read": (read["rows"], read["cents"]), "returns_only": (only["rows"], only["cents"]),
                                 "published": (read["rows"] - only["rows"], read["cents"] - only["cents"])}}, out, default=str)
    return "lines"
