"""How long a peer reads a customer file into memory, every column typed: `python readers.py PEER FILE.csv`.

Prints {"wall", "cpu"} in seconds of the call alone: neither start nor imports count, nor giving the memory back.
"""

import json
import sys
import time


def polars(path):
    import polars as pl

    return lambda: pl.read_csv(path, try_parse_dates=True)


def duckdb(path):
    import duckdb

    connection = duckdb.connect()
    return lambda: connection.execute(f"CREATE TABLE customers AS FROM read_csv('{path}')")


def pandas(path):
    import pandas as pd

    return lambda: pd.read_csv(path, engine="pyarrow", parse_dates=["first_purchase_date", "last_purchase_date"])


def main():
    peer, path = sys.argv[1:]
    read = {"polars": polars, "duckdb": duckdb, "pandas": pandas}[peer](path)
    cpu, wall = time.process_time(), time.perf_counter()
    frame = read()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"wall": wall, "cpu": cpu}))
    del frame


if __name__ == "__main__":
    main()
