"""Order lines of a made-up shop for the benchmark: `python orders.py LINES CUSTOMERS OUT.parquet|OUT.csv`.

Four lines an order on average, dates over two years, 3 % of orders cancelled ("C" before the id, negative quantities). Written in
blocks, so that fifty million lines fit into little memory; the same arguments give the same rows.
"""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

COUNTRIES = np.array(["Austria", "France", "Germany", "Italy", "Netherlands", "Poland", "Portugal", "Spain"])
BLOCK_ORDERS = 250_000


def blocks(lines, customers):
    random = np.random.Generator(np.random.PCG64(7))
    orders = lines // 4
    for begin in range(0, orders, BLOCK_ORDERS):
        count = min(BLOCK_ORDERS, orders - begin)
        sizes = random.integers(1, 8, count)
        order = np.repeat(np.arange(begin, begin + count), sizes)
        # A few customers order often: squares of uniform numbers crowd at the low ids.
        customer = np.repeat((random.random(count) ** 2 * customers).astype(np.int64) + 100_000, sizes)
        day = np.repeat(random.integers(0, 730, count), sizes)
        cancelled = np.repeat(random.random(count) < 0.03, sizes)
        n = len(order)
        quantity = random.integers(1, 13, n) * np.where(cancelled, -1, 1)
        cents = random.integers(50, 20_000, n)
        ids = np.where(cancelled, np.char.add("C", order.astype("U8")), order.astype("U8"))
        yield pa.table({
            "order_id": pa.array(ids),
            "customer_id": pa.array(customer),
            "order_date": pa.array(np.datetime64("2022-01-01") + day, pa.date32()),
            "quantity": pa.array(quantity),
            "unit_price": pa.array(cents / 100),
            "country": pa.array(COUNTRIES[customer % len(COUNTRIES)]),
        })


def main():
    lines, customers, out = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    writer = None
    for table in blocks(lines, customers):
        if writer is None:
            writer = pc.CSVWriter(out, table.schema) if out.endswith(".csv") else pq.ParquetWriter(out, table.schema)
        writer.write_table(table)
    writer.close()


if __name__ == "__main__":
    main()
