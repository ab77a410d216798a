"""A frame of any library gives what the file of the same values gives."""

from __future__ import annotations

import datetime
import decimal
import pathlib
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import plan_of_customers, rows_of_customers

import quintile


def plain() -> pa.Table:
    """The customers, typed as an analyst would have them."""
    return pa.Table.from_pylist(rows_of_customers()).cast(
        pa.schema(
            [
                ("id", pa.int64()),
                ("first", pa.date32()),
                ("last", pa.date32()),
                ("total", pa.decimal128(12, 2)),
                ("orders", pa.int64()),
                ("age", pa.int64()),
                ("city", pa.string()),
                ("premium", pa.bool_()),
                ("opt_in", pa.bool_()),
            ]
        )
    )


def pandas_numpy() -> pd.DataFrame:
    """Dates as datetime64, money and ages with gaps as float64, texts as objects."""
    frame = plain().to_pandas(date_as_object=False)
    frame["total"] = frame["total"].astype("float64")
    frame["city"] = frame["city"].astype(object)
    assert isinstance(frame["age"].dtype, np.dtype)
    return frame


def with_types(**types: pa.DataType) -> pa.Table:
    table = plain()
    for name, kind in types.items():
        table = table.set_column(table.column_names.index(name), name, table[name].cast(kind))
    return table


def chunked() -> pa.Table:
    """Chunks of different lengths, an empty one among them, that begin within their buffers."""
    table = plain()
    padded = pa.concat_tables([table.slice(50), table]).combine_chunks().slice(10)
    return pa.concat_tables([padded.slice(0, 7), padded.slice(7, 0), padded.slice(7, 1), padded.slice(8)])


def dictionaries_that_differ() -> pa.Table:
    """Each chunk's dictionary has the cities in another order."""
    table = plain()
    parts = [table.slice(0, 20), table.slice(20, 20), table.slice(40)]
    place = table.column_names.index("city")
    return pa.concat_tables(
        [part.set_column(place, "city", part["city"].combine_chunks().dictionary_encode()) for part in parts]
    )


FRAMES: dict[str, Callable[[], Any]] = {
    "pyarrow": plain,
    "pyarrow_chunked": chunked,
    "pyarrow_batches": lambda: plain().to_reader(max_chunksize=9),
    "pyarrow_dictionary": dictionaries_that_differ,
    "pyarrow_large_string": lambda: with_types(city=pa.large_string()),
    "pyarrow_string_view": lambda: with_types(city=pa.string_view()),
    "pyarrow_narrow": lambda: with_types(id=pa.int16(), orders=pa.uint8(), age=pa.int8(), total=pa.decimal256(30, 2)),
    "pyarrow_wide": lambda: with_types(id=pa.uint64(), orders=pa.float64(), age=pa.float32()).set_column(
        3, "total", pa.array([float(row["total"]) for row in rows_of_customers()])  # Arrow's cast is not exact
    ),
    "pyarrow_date64": lambda: with_types(first=pa.date64(), last=pa.date64()),
    "pyarrow_nanoseconds": lambda: with_types(first=pa.timestamp("ns"), last=pa.timestamp("s")),
    "pandas_numpy": pandas_numpy,
    "pandas_arrow": lambda: plain().to_pandas(types_mapper=pd.ArrowDtype),
    "pandas_nullable": lambda: plain().to_pandas().convert_dtypes(),
    "pandas_category": lambda: pandas_numpy().astype({"city": "category", "premium": "category"}),
    "pandas_sliced": lambda: pd.concat([pandas_numpy()] * 2, ignore_index=True).iloc[60:],
    "pandas_index": lambda: pandas_numpy().set_index(np.arange(60)[::-1]),
    "pandas_named_index": lambda: pandas_numpy().set_index("id"),
    "polars": lambda: pl.from_arrow(plain()),
    "polars_categorical": lambda: pl.from_arrow(plain()).with_columns(pl.col("city").cast(pl.Categorical)),
    "polars_enum": lambda: pl.from_arrow(plain()).with_columns(pl.col("city").cast(pl.Enum(["Lyon", "Porto", "Århus"]))),
    "polars_datetime": lambda: pl.from_arrow(plain()).with_columns(pl.col("last").cast(pl.Datetime("ms"))),
    "duckdb": lambda: duckdb.from_arrow(plain()),
    "duckdb_enum": lambda: duckdb.from_arrow(plain()).select(
        "* replace (city::enum('Porto', 'Lyon', 'Århus') as city)"
    ),
}


def framed_plan() -> dict[str, Any]:
    plan = plan_of_customers()
    del plan["input"]["path"]
    return plan


def mart_of(data: Any, folder: str) -> dict[str, bytes]:
    quintile.run(framed_plan(), data).write(folder)
    return {path.name: path.read_bytes() for path in pathlib.Path(folder).glob("*.*")}


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_frame_gives_the_same_mart(shop: pathlib.Path, kind: str) -> None:
    expected = mart_of(plain(), "expected")
    found = mart_of(FRAMES[kind](), "found")
    differing = [name for name in expected if found.get(name) != expected[name]]
    if kind == "pandas_named_index":  # its id is the last column, so the review lists it last
        differing = [name for name in differing if name not in ("review.json", "run.json")]
    assert differing == []
    assert found.keys() == expected.keys()


def test_a_frame_gives_the_customers_of_its_file(shop: pathlib.Path) -> None:
    pq.write_table(plain(), "customers.parquet")
    from_files = [quintile.run(plan_of_customers(path=path)) for path in ("customers.parquet", "customers.csv")]
    from_frame = quintile.run(plan_of_customers(path="somewhere.csv"), plain())
    for from_file in from_files:
        assert from_frame.manifest["fingerprint"] == from_file.manifest["fingerprint"]
        assert pa.table(from_frame.customers).equals(pa.table(from_file.customers))
        assert from_frame.review["waterfall"] == from_file.review["waterfall"]
    assert set(pa.table(from_frame.crosswalk)["source_file"].to_pylist()) == {"frame"}


def test_the_digest_is_that_of_the_values(shop: pathlib.Path) -> None:
    def digest(data: Any) -> str:
        (given,) = quintile.run(framed_plan(), data).manifest["inputs"]
        assert (given["name"], given["rows"]) == ("frame", 60)
        return str(given["sha256"])

    assert digest(plain()) == digest(FRAMES["polars"]()) == digest(FRAMES["pandas_numpy"]())
    changed = plain().to_pylist()
    changed[59]["city"] = "Porto." if changed[59]["city"] is None else None
    assert digest(pa.Table.from_pylist(changed, schema=plain().schema)) != digest(plain())


def test_frames_are_taken_without_a_copy_of_their_values(shop: pathlib.Path) -> None:
    rows = 200_000
    table = pa.concat_tables([plain().slice(0, 1)] * 1).take(pa.array(np.zeros(rows, dtype=np.int64)))
    table = table.set_column(0, "id", pa.array(np.arange(rows)))
    before = pa.total_allocated_bytes()
    result = quintile.run(framed_plan(), table, threads=1)
    assert pa.total_allocated_bytes() == before
    assert len(result) == rows


def test_times_with_a_zone_are_read_by_its_clocks(shop: pathlib.Path) -> None:
    moments = [datetime.datetime(2024, 1, 30, 23, 30), datetime.datetime(2023, 7, 1, 22, 30)] * 30
    last = pa.array(moments, pa.timestamp("us", "UTC")).cast(pa.timestamp("us", "Europe/Berlin"))
    table = plain().set_column(2, "last", last)
    table = table.set_column(1, "first", pa.array([datetime.date(2020, 1, 1)] * 60))
    customers = pa.table(quintile.run(framed_plan(), table).customers)
    assert set(customers["last_purchase_date"].to_pylist()) == {datetime.date(2024, 1, 31), datetime.date(2023, 7, 2)}
    fixed = table.set_column(2, "last", last.cast(pa.timestamp("us", "-01:00")))
    customers = pa.table(quintile.run(framed_plan(), fixed).customers)
    assert set(customers["last_purchase_date"].to_pylist()) == {datetime.date(2024, 1, 30), datetime.date(2023, 7, 1)}
    nowhere = table.set_column(2, "last", pa.array(moments, pa.timestamp("us", "Atlantis/Centre")))
    with pytest.raises(quintile.InputError, match="Atlantis/Centre"):
        quintile.run(framed_plan(), nowhere)


def test_money_keeps_its_digits(shop: pathlib.Path) -> None:
    """0.1 + 0.2 in binary is a matter of its text, and a decimal is what it says."""
    for total in (pa.array([0.1, 0.29, 1234567.89] * 20), pa.array([decimal.Decimal("1.005")] * 60)):
        customers = pa.table(quintile.run(framed_plan(), plain().set_column(3, "total", total)).customers)
        assert sorted(customers["monetary"].to_pylist()) == sorted(
            decimal.Decimal(str(value)).quantize(customers["monetary"][0].as_py()) for value in total.to_pylist()
        )


def test_cells_that_cannot_be_read_are_findings(shop: pathlib.Path) -> None:
    for bad in (float("nan"), float("inf")):
        table = plain().set_column(3, "total", pa.array([bad] + [1.5] * 59))
        result = quintile.run(framed_plan(), table)
        assert len(result) == 59
        assert pa.table(result.quarantine)["source_row"].to_pylist() == [1]


def test_zero_rows(shop: pathlib.Path) -> None:
    for empty in (plain().slice(0, 0), pl.from_arrow(plain()).clear(), pandas_numpy().iloc[:0]):
        with pytest.raises(quintile.InputError):
            quintile.run(framed_plan(), empty)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pa.array([[1]] * 60), "nested values"),
        (pa.array([{"a": 1}] * 60), "nested values"),
        (pa.array([datetime.timedelta(days=1)] * 60), "durations"),
    ],
)
def test_columns_that_cannot_be_read(shop: pathlib.Path, column: pa.Array, said: str) -> None:
    with pytest.raises(quintile.InputError, match=f"city holds {said}"):
        quintile.run(framed_plan(), plain().set_column(6, "city", column))
    beside = quintile.run(framed_plan(), plain().append_column("unused", column))
    assert pa.table(beside.customers).equals(pa.table(quintile.run(framed_plan(), plain()).customers))


def test_a_missing_column_is_named(shop: pathlib.Path) -> None:
    with pytest.raises(quintile.InputError, match="total") as caught:
        quintile.run(framed_plan(), plain().rename_columns({"total": "totals"}))
    assert caught.value.file == "frame"


def test_two_columns_of_one_name(shop: pathlib.Path) -> None:
    with pytest.raises(quintile.InputError, match="same name: city"):
        quintile.run(framed_plan(), plain().append_column("city", plain()["city"]))


def test_text_that_is_not_utf8(shop: pathlib.Path) -> None:
    city = pa.array([b"\xff\xfe"] + [b"Porto"] * 59, pa.binary())
    with pytest.raises(quintile.InputError, match="UTF-8"):
        quintile.run(framed_plan(), plain().set_column(6, "city", city))


def test_a_column_of_mixed_types_is_refused_by_its_own_library(shop: pathlib.Path) -> None:
    frame = pandas_numpy()
    frame["city"] = [1, "x"] * 30
    with pytest.raises(quintile.InputError, match="city") as caught:
        quintile.run(framed_plan(), frame)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("data", [{"id": [1]}, [1, 2], "customers.csv", np.zeros(3), 7])
def test_what_is_no_frame(shop: pathlib.Path, data: Any) -> None:
    with pytest.raises(TypeError, match="__arrow_c_stream__"):
        quintile.run(framed_plan(), data)


def test_a_stream_that_fails_half_way(shop: pathlib.Path) -> None:
    def batches() -> Any:
        yield plain().to_batches()[0]
        raise ValueError("the line broke")

    with pytest.raises(quintile.InputError, match="the line broke"):
        quintile.run(framed_plan(), pa.RecordBatchReader.from_batches(plain().schema, batches()))


def test_a_stream_that_was_read_already(shop: pathlib.Path) -> None:
    reader = plain().to_reader()
    reader.read_all()
    with pytest.raises(quintile.InputError):
        quintile.run(framed_plan(), reader)


def test_order_lines_of_a_frame(shop: pathlib.Path) -> None:
    plan = framed_plan()
    columns = {"customer_id": "who", "order_id": "order", "order_date": "day", "amount": "amount"}
    plan["input"] = {"grain": "transaction", "currency": "EUR", "columns": columns, "attributes": ["city"]}
    lines = pl.DataFrame(
        {
            "who": [1, 1, 2, 3, 3, 3],
            "order": ["a", "a", "b", "c", "d", "e"],
            "day": [datetime.datetime(2024, 1, day, 12) for day in (1, 1, 5, 6, 7, 8)],
            "amount": [1.5, 2.25, 10.0, 0.1, 0.2, 0.3],
            "city": ["Porto", "Porto", None, "Lyon", "Lyon", "Århus"],
        }
    )
    customers = pa.table(quintile.run(plan, lines).customers)
    assert customers["frequency"].to_pylist() == [1, 1, 3]
    assert customers["monetary"].to_pylist() == [decimal.Decimal(text) for text in ("3.75", "10.00", "0.60")]
    assert customers["city"].to_pylist() == ["Porto", None, "Århus"]
    shuffled = pa.table(quintile.run(plan, lines.sample(fraction=1, shuffle=True, seed=7)).customers)
    assert shuffled.equals(customers)


@pytest.mark.parametrize("to", [pa.table, pl.DataFrame, pd.DataFrame.from_arrow, duckdb.from_arrow])
def test_tables_go_out_to_every_library(shop: pathlib.Path, to: Callable[[Any], Any]) -> None:
    result = quintile.run(framed_plan(), plain())
    taken = to(result.customers)
    assert pa.table(taken)["customer_id"].to_pylist() == list(range(1, 61))
    assert result.customers.to_polars().shape == result.customers.to_pandas().shape == result.customers.shape
    assert result.customers.to_arrow().schema.field("segment_id").type == pa.dictionary(pa.int32(), pa.string())


def test_a_table_can_go_in_again(shop: pathlib.Path) -> None:
    """What one run published is a frame for the next."""
    first = quintile.run(framed_plan(), plain())
    plan = framed_plan()
    plan["input"]["columns"] = {
        "customer_id": "source_customer_id",
        "first_purchase_date": "first_purchase_date",
        "last_purchase_date": "last_purchase_date",
        "monetary": "monetary",
        "frequency": "frequency",
    }
    second = quintile.run(plan, first.customers)
    assert pa.table(second.customers).equals(pa.table(first.customers))
