"""Sums over a mart's customer_segments.parquet under filters, by Arrow's compute functions: {"mart", "filters": [{"columns", "cells"}]} on stdin."""

import json
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def holds(column, kind, items):
    """Whether each value is one of the items, or in one of their ranges."""
    if kind == "boolean":
        return pc.is_in(column, value_set=pa.array([item == "true" for item in items]))
    if kind == "text":
        return pc.is_in(pc.cast(column, pa.string()), value_set=pa.array(items))
    result = pa.scalar(False)
    for item in items:
        low, dots, high = item.partition("..")
        high = high if dots else low
        within = pa.scalar(True)
        if low:
            within = pc.and_(within, pc.greater_equal(column, pc.cast(pa.scalar(low), column.type)))
        if high:
            within = pc.and_(within, pc.less_equal(column, pc.cast(pa.scalar(high), column.type)))
        result = pc.or_(result, within)
    return pc.fill_null(result, False)


def sums(table, columns, cells):
    keep = pa.array([True] * table.num_rows)
    for each in columns:
        keep = pc.and_(keep, pc.fill_null(holds(table[each["column"]].combine_chunks(), each["kind"], each["items"]), False))
    if cells:
        code = pc.binary_join_element_wise(pc.cast(table["r_score"], pa.string()), pc.cast(table["f_score"], pa.string()), "")
        keep = pc.and_(keep, pc.is_in(code.combine_chunks(), value_set=pa.array(cells)))
    kept = table.filter(keep)
    grouped = kept.select(["segment_id", "monetary", "frequency"]).group_by("segment_id").aggregate([("monetary", "sum"), ("monetary", "count"), ("frequency", "sum")])
    return {
        "customers": kept.num_rows,
        "monetary": str(pc.sum(kept["monetary"]).as_py() or 0),
        "segments": {row["segment_id"]: {"customers": row["monetary_count"], "monetary": str(row["monetary_sum"]), "frequency": row["frequency_sum"]} for row in grouped.to_pylist()},
    }


def main():
    asked = json.load(sys.stdin)
    table = pq.read_table(asked["mart"] + "/customer_segments.parquet")
    table = table.set_column(table.schema.get_field_index("segment_id"), "segment_id", pc.cast(table["segment_id"], pa.string()))
    json.dump([sums(table, each["columns"], each["cells"]) for each in asked["filters"]], sys.stdout)


if __name__ == "__main__":
    main()
