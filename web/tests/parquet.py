"""Sums over a mart's customer_segments.parquet under filters, by DuckDB: {"mart", "filters": [{"columns", "cells"}]} on stdin."""

import json
import sys

import duckdb


def text(value):
    return "'" + value.replace("'", "''") + "'"


def condition(column, kind, items):
    """SQL for: the column is one of the items, or in one of their ranges."""
    name = '"' + column.replace('"', '""') + '"'
    if kind == "text":
        return f"{name}::varchar in ({', '.join(map(text, items))})"
    if kind == "boolean":
        return f"{name} in ({', '.join(items)})"
    ranges = []
    for item in items:
        low, dots, high = item.partition("..")
        ends = [f"{name} >= {low}" if low else "", f"{name} <= {high if dots else low}" if high or not dots else ""]
        ranges.append(" and ".join(filter(None, ends)))
    return "(" + " or ".join(f"({each})" for each in ranges) + ")"


def sums(file, columns, cells):
    conditions = [condition(**each) for each in columns]
    if cells:
        conditions.append(f"r_score::varchar || f_score::varchar in ({', '.join(map(text, cells))})")
    rows = duckdb.sql(
        f"select segment_id::varchar, count(*), sum(monetary)::varchar, sum(frequency)::bigint from {text(file)} where {' and '.join(conditions) or 'true'} group by all"
    ).fetchall()
    segments = {segment: {"customers": customers, "monetary": monetary, "frequency": frequency} for segment, customers, monetary, frequency in rows}
    return {"customers": sum(each["customers"] for each in segments.values()), "monetary": sum(float(each["monetary"]) for each in segments.values()), "segments": segments}


def main():
    asked = json.load(sys.stdin)
    json.dump([sums(asked["mart"] + "/customer_segments.parquet", each["columns"], each["cells"]) for each in asked["filters"]], sys.stdout)


if __name__ == "__main__":
    main()
