"""Inputs that both the embedded engine and a SQL engine read: edge cases first, then generated rows."""

import datetime as dt
import decimal
import random

import pyarrow as pa

COMPOSED, DECOMPOSED = "Caf\u00e9", "Cafe\u0301"
# What engines like to treat alike: blanks, case, composed and decomposed letters, quotes, escapes, words for nothing.
IDS = ["a", "a ", " a", "A", "B", "b", "\u00e9", "e\u0301", COMPOSED, DECOMPOSED, "a|b", "a||b", "|", "\\", "\\'", '"q"',
       "o'brien", "x'); DROP TABLE t; --", "tab\there", "nl\nx", "\U0001F600x", "\u65e5\u672c", "\u00df", "SS", "\u0130", "i",
       "0", "00", "NULL", "null", "\ufeffbom", "\u200bzw", "z" * 300, "%_", "\\N", "-1", "1e5", "9007199254740993"]
DAYS = [dt.datetime(2024, 2, 28, 23, 59, 59, 999999), dt.datetime(2024, 2, 29), dt.datetime(2024, 2, 29, 23, 59, 59, 999999),
        dt.datetime(2024, 3, 1), dt.datetime(2023, 12, 31, 23, 59, 59, 999999), dt.datetime(2024, 1, 1),
        dt.datetime(2024, 12, 31, 23, 59, 59, 999999), dt.datetime(2025, 1, 1), dt.datetime(2000, 2, 29),
        dt.datetime(1970, 1, 1), dt.datetime(1969, 12, 31, 23, 59, 59, 999999), dt.datetime(1900, 2, 28),
        dt.datetime(1900, 3, 1), dt.datetime(2024, 3, 31, 2, 30), dt.datetime(2024, 10, 27, 2, 30),
        dt.datetime(1582, 10, 15), dt.datetime(2025, 11, 30, 23, 59, 59, 999999), dt.datetime(2025, 12, 1),
        dt.datetime(2025, 12, 1, 0, 0, 0, 1), dt.datetime(2025, 12, 31, 23, 59, 59)]
AMOUNTS = ["0.00", "0.01", "-0.01", "0.99", "-0.99", "0.29", "0.57", "1.15", "-1.15", "19.99", "-19.99", "90071992547409.93",
           "-90071992547409.93", "90071992547409.92", "1234.56"]
COUNTRIES = [None, "", "DE", "de", " DE", "DE ", "\u00c9", "E\u0301", "France", "FRANCE"]


def edge_lines():
    """Order lines around every edge that dates, amounts and texts have."""
    rows = []

    def add(customer, when, amount, country="DE", order=None, quantity="1"):
        rows.append((customer, order if order is not None else f"e{len(rows):05d}", when, decimal.Decimal(quantity),
                     None if amount is None else decimal.Decimal(amount), country))

    for i, customer in enumerate(IDS):
        for k in range(3):
            add(customer, DAYS[(i * 3 + k) % len(DAYS)], AMOUNTS[(i * 5 + k) % len(AMOUNTS)],
                COUNTRIES[(i + k) % len(COUNTRIES)])
    for i, day in enumerate(DAYS):
        add(f"d{i:02d}", day, "10.00")
    for i, amount in enumerate(AMOUNTS):
        add(f"m{i:02d}", dt.datetime(2025, 6, 1), amount, quantity=["1", "-1", "2", "0.5"][i % 4])
    add("zero", dt.datetime(2025, 6, 1), "5.00")
    add("zero", dt.datetime(2025, 6, 2), "-5.00", quantity="-1")
    add("negative", dt.datetime(2025, 6, 1), "7.77", quantity="-1")
    add(None, dt.datetime(2025, 6, 1), "1.00")
    add("   ", dt.datetime(2025, 6, 1), "1.00")
    add("no date", None, "1.00")
    add("no amount", dt.datetime(2025, 6, 1), None)
    add("some amount", dt.datetime(2025, 6, 1), None)
    add("some amount", dt.datetime(2025, 6, 2), "3.00")
    rows.append(("no order", None, dt.datetime(2025, 6, 1), decimal.Decimal(1), decimal.Decimal("1.00"), "DE"))
    rows.append(("no order", "", dt.datetime(2025, 6, 2), decimal.Decimal(-1), decimal.Decimal("1.00"), "DE"))
    for country in ["A", "B", None]:  # one order at one time
        add("tie", dt.datetime(2025, 6, 1, 12), "2.50", country, order="SAME")
    add("other", dt.datetime(2025, 6, 2, 12), "2.50", order="SAME")
    return lines_table(rows)


def lines_of_customers(ids):
    """A line of each customer, all on one day."""
    when = dt.datetime(2025, 6, 1)
    return lines_table([(customer, f"o{i}", when, decimal.Decimal(1), decimal.Decimal(i + 1), "DE")
                        for i, customer in enumerate(ids)])


def random_lines(seed, count=3000, integer_ids=False):
    """Skewed customers, returns, missing cells."""
    draw = random.Random(seed)
    rows = []
    for i in range(count):
        number = int(draw.random() ** 2 * count / 8)
        customer = number if integer_ids else f"c{number:05d}"
        when = dt.datetime(2023, 1, 1) + dt.timedelta(seconds=draw.randrange(3 * 365 * 86400))
        amount = decimal.Decimal(draw.randrange(1, 20000)) / 100
        quantity = decimal.Decimal(draw.choice([1, 1, 1, 2, 3, 12, -1]))
        rows.append((None if draw.random() < 0.01 else customer, f"o{i // 2}", when, quantity, amount,
                     draw.choice(["DE", "FR", "fr", "US", None, "JP"])))
    return lines_table(rows, pa.int64() if integer_ids else pa.string())


def lines_table(rows, id_type=pa.string()):
    columns = list(zip(*rows, strict=True))
    return pa.table({"customer": pa.array(columns[0], id_type), "order_no": pa.array(columns[1], pa.string()),
                     "sold_at": pa.array(columns[2], pa.timestamp("us")),
                     "quantity": pa.array(columns[3], pa.decimal128(9, 1)),
                     "price": pa.array(columns[4], pa.decimal128(18, 2)),
                     "country": pa.array(columns[5], pa.string())})


def described_customers(seed, count=3000):
    """Customer rows whose attributes have to do with what they spent: of every type, with few values and with many."""
    draw = random.Random(seed)
    table = customers(seed, count, missing=0)
    totals = [float(total) for total in table.column("total").to_pylist()]
    gone = lambda value: None if draw.random() < 0.02 else value  # noqa: E731
    more = {
        "points": pa.array([gone(int(total * 7) - 900) for total in totals], pa.int64()),
        "wide": pa.array([gone(int(total * 1e9) * 977) for total in totals], pa.int64()),
        "rate": pa.array([gone(draw.randrange(100000) / 1000 if total < 500 else round(total / 9, 3)) for total in totals],
                         pa.float64()),
        "fine": pa.array([gone(decimal.Decimal(int(total * 1000) * 100).scaleb(-8)) for total in totals], pa.decimal128(18, 8)),
        "spent": pa.array([decimal.Decimal(str(total)).quantize(decimal.Decimal("0.001")) for total in totals],
                          pa.decimal128(18, 3)),
        "tier": pa.array([gone("gold" if total > 900 else "plain" if total > 40 else "new") for total in totals], pa.string()),
        "shop": pa.array([gone(f"shop {draw.randrange(9) if total > 600 else draw.randrange(1400)}") for total in totals],
                         pa.string()),
        "app": pa.array([gone(draw.random() < (0.8 if total > 700 else 0.2)) for total in totals], pa.bool_()),
        "born": pa.array([gone(dt.date(1990, 1, 1) - dt.timedelta(days=int(total))) for total in totals], pa.date32()),
    }
    for name, column in more.items():
        table = table.append_column(name, column)
    return table


def customers(seed, count=1500, shared_ids=0, missing=0.01):
    """Customer rows with every kind of attribute; `shared_ids` of them repeat the id of another one."""
    draw = random.Random(seed)
    rows = []
    for i in range(count):
        first = dt.date(2020, 1, 1) + dt.timedelta(days=draw.randrange(1200))
        last = first + dt.timedelta(days=draw.randrange(700) - (3 if draw.random() < 0.02 else 0))
        average = decimal.Decimal(draw.randrange(-3 if draw.random() < 0.02 else 100, 9000)) / 100
        total = average * draw.randrange(1, 30) + decimal.Decimal(draw.randrange(100)) / 100
        gone = lambda value: None if draw.random() < missing else value  # noqa: E731
        rows.append((gone(str(1000 + i)), gone(f"Name {i}"), gone(draw.randrange(10, 99)),
                     gone(draw.choice(["Berlin", "berlin", "Paris ", "Paris", "Lyon", "\u00c9vry"])),
                     gone(decimal.Decimal(draw.randrange(10000)) / 100), gone(first), gone(last), gone(total), gone(average),
                     gone(draw.random() < 0.3), gone(draw.random() < 0.6)))
    for i in range(shared_ids):
        rows[i] = (rows[-1 - i][0], *rows[i][1:])
    if shared_ids:
        rows += rows[5:8]  # exact copies
    columns = list(zip(*rows, strict=True))
    return pa.table({"id": pa.array(columns[0], pa.string()), "name": pa.array(columns[1], pa.string()),
                     "age": pa.array(columns[2], pa.int32()), "city": pa.array(columns[3], pa.string()),
                     "score": pa.array(columns[4], pa.decimal128(9, 2)), "first": pa.array(columns[5], pa.date32()),
                     "last": pa.array(columns[6], pa.date32()), "total": pa.array(columns[7], pa.decimal128(18, 2)),
                     "average": pa.array(columns[8], pa.decimal128(18, 2)), "premium": pa.array(columns[9], pa.bool_()),
                     "opt_in": pa.array(columns[10], pa.bool_())})
