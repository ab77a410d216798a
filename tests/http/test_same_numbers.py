"""For random filters the API's figures are those of a query over the Parquet file by another engine."""

import decimal
import math
import random

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

SEED = 20231115
ROUNDS = 60


def escaped(value):
    return "".join("\\" + c if c in "\\,~." else c for c in value)


class RandomFilters:
    """Filters over the columns of a table, each as a query parameter and as a mask by pyarrow."""

    def __init__(self, table, seed):
        self.table = table
        self.random = random.Random(seed)

    def draw(self):
        names = self.random.sample(self.table.column_names, self.random.choice([1, 1, 2, 2, 3]))
        parameters, mask = {}, pa.array([True] * self.table.num_rows)
        for name in names:
            value, matches = self.of_column(name)
            parameters[name] = value
            mask = pc.and_(mask, pc.fill_null(matches, False))
        if self.random.random() < 0.3:
            cells = self.random.sample([f"{r}{f}" for r in range(1, 6) for f in range(1, 6)], 6)
            cell_of_row = pc.add(pc.multiply(pc.cast(self.table["r_score"], pa.int32()), 10), pc.cast(self.table["f_score"], pa.int32()))
            parameters["cells"] = ",".join(cells)
            mask = pc.and_(mask, pc.is_in(cell_of_row, pa.array(map(int, cells), pa.int32())))
        return parameters, mask

    def of_column(self, name):
        column = self.table[name]
        if pa.types.is_dictionary(column.type):
            column = column.cast(pa.string())
        known = column.drop_null()
        wants_missing = column.null_count > 0 and self.random.random() < 0.5
        if pa.types.is_boolean(column.type):
            wanted = self.random.choice([[True], [False], [True, False]])
            items = [str(each).lower() for each in wanted]
            matches = pc.is_in(column, pa.array(wanted))
        elif pa.types.is_string(column.type):
            wanted = list({known[self.random.randrange(len(known))].as_py() for _ in range(self.random.choice([1, 2, 5]))})
            items = [escaped(each) for each in wanted]
            matches = pc.is_in(column, pa.array(wanted))
        else:
            low, high = sorted(known[self.random.randrange(len(known))].as_py() for _ in range(2))
            ends = self.random.choice(["both", "low", "high"])
            items = [f"{'' if ends == 'high' else low}..{'' if ends == 'low' else high}"]
            above = pc.greater_equal(column, pa.scalar(low, column.type))
            below = pc.less_equal(column, pa.scalar(high, column.type))
            matches = {"both": pc.and_(above, below), "low": above, "high": below}[ends]
        matches = pc.fill_null(matches, False)
        if wants_missing:
            items.append("~")
            matches = pc.or_(matches, pc.is_null(column))
        return ",".join(items), matches


def figures(table):
    """What the summary says of these customers, from the rows alone."""
    n = table.num_rows
    total = sum((value for value in table["monetary"].to_pylist()), decimal.Decimal(0))
    mean = {name: pc.mean(pc.cast(table[name], pa.float64())).as_py() for name in ("recency_days", "frequency", "monetary", "average_order_value")}
    median = {name: float(np.median(pc.cast(table[name], pa.float64()))) if n else None for name in ("recency_days", "frequency", "monetary")}
    share = {name: pc.sum(pc.cast(pc.fill_null(table[name], False), pa.int64())).as_py() / n if n else None for name in ("subscription", "marketing_opt_in")}
    return {"customers": n, "monetary": total, **{f"mean_{k}": v for k, v in mean.items()}, **{f"median_{k}": v for k, v in median.items()},
            "overlay_share": share["subscription"], "contactable_share": share["marketing_opt_in"]}


def check(told, rows, context):
    expected = figures(rows)
    for key, value in expected.items():
        if key == "customers":
            assert told[key] == value, (context, key)
        elif key == "monetary":
            assert decimal.Decimal(told[key]) == value and "." in told[key], (context, key)
        elif value is None:
            assert told[key] is None, (context, key)
        else:
            assert math.isclose(told[key], value, rel_tol=1e-12, abs_tol=1e-12), (context, key, told[key], value)


@pytest.fixture(scope="module")
def drawn(server):
    filters = RandomFilters(server.table(), SEED)
    return [filters.draw() for _ in range(ROUNDS)]


def test_the_summary(server, drawn):
    table = server.table()
    everyone = table.num_rows
    empty = 0
    for parameters, mask in drawn:
        rows = table.filter(mask)
        answer = server.get("/segments", parameters)
        check(answer["population"], table, "population")
        check(answer["filtered"], rows, parameters)
        assert math.isclose(answer["filtered"]["customer_share"], rows.num_rows / everyone)
        segment_of_row = rows["segment_id"].cast(pa.string())
        for segment in answer["segments"]:
            mine = rows.filter(pc.equal(segment_of_row, segment["segment_id"]))
            check(segment, mine, (parameters, segment["segment_id"]))
            if rows.num_rows:
                assert math.isclose(segment["customer_share"], mine.num_rows / rows.num_rows, abs_tol=1e-15)
        empty += rows.num_rows == 0
    assert empty < ROUNDS / 3


def test_the_cube(server, drawn):
    table = server.table()
    keys = ["r_score", "f_score", "m_score"]
    for parameters, mask in drawn:
        rows = table.filter(mask)
        rows = rows.append_column("overlay", pc.cast(pc.fill_null(rows["subscription"], False), pa.int64()))
        groups = rows.group_by(keys).aggregate([("monetary", "sum"), ("frequency", "sum"), ("recency_days", "sum"), ("overlay", "sum"), ("customer_id", "count")])
        expected = {tuple(row[key] for key in keys): row for row in groups.to_pylist()}
        cells = server.get("/cube", parameters)["cells"]
        assert {tuple(cell[key] for key in keys) for cell in cells} == set(expected), parameters
        for cell in cells:
            row = expected[tuple(cell[key] for key in keys)]
            assert (cell["customers"], cell["frequency"], cell["recency_days"], cell["overlay"]) == (
                row["customer_id_count"], row["frequency_sum"], row["recency_days_sum"], row["overlay_sum"])
            assert decimal.Decimal(cell["monetary"]) == row["monetary_sum"]


def test_pages_exports_and_audience(server, drawn):
    table = server.table()
    for parameters, mask in drawn[:25]:
        rows = table.filter(mask)
        page = server.get("/customers", {**parameters, "sort": "-monetary", "limit": 500})
        assert page["total"] == rows.num_rows
        ordered = sorted(rows.select(["monetary", "customer_id"]).to_pylist(), key=lambda row: (-row["monetary"], row["customer_id"]))
        assert [row["customer_id"] for row in page["customers"]] == [row["customer_id"] for row in ordered[:500]]
        audience = server.get("/audience", parameters)
        contactable = pc.sum(pc.cast(pc.fill_null(rows["marketing_opt_in"], False), pa.int64())).as_py() or 0
        assert (audience["customers"], audience["contactable"], audience["withheld"]) == (rows.num_rows, contactable, rows.num_rows - contactable)


def test_distributions_hold_everyone_in_the_filter(server, drawn):
    table = server.table()
    for parameters, mask in drawn[:25]:
        rows = table.filter(mask)
        answer = server.get("/distributions", parameters)
        for metric in ("recency_days", "frequency", "monetary"):
            assert sum(each["customers"] for each in answer[metric]["bins"]) == rows.num_rows
            values = np.asarray(pc.cast(rows[metric], pa.float64()))
            for each in answer[metric]["bins"]:
                behind = np.inf if each["to"] is None else (each["to"] if metric == "monetary" else each["to"] + 1)
                assert each["customers"] == np.count_nonzero((values >= each["from"]) & (values < behind)), (parameters, metric, each)
        top = {each["customer_share"]: each for each in answer["lorenz"]["top"]}
        values = np.sort(np.asarray(pc.cast(rows["monetary"], pa.float64())))[::-1]
        if values.sum() > 0:
            assert math.isclose(top[0.2]["monetary_share"], values[:math.ceil(0.2 * len(values))].sum() / values.sum(), rel_tol=1e-9)
