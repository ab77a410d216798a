"""The rows of a CSV file as typed Parquet, block by block: `python as_parquet.py IN.csv OUT.parquet`."""

import sys

import pyarrow.csv as pc
import pyarrow.parquet as pq


def main():
    source, out = sys.argv[1:]
    with pc.open_csv(source, read_options=pc.ReadOptions(block_size=16 << 20)) as blocks, pq.ParquetWriter(out, blocks.schema) as writer:
        for block in blocks:
            writer.write_batch(block)


if __name__ == "__main__":
    main()
