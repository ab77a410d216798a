"""Customers with planted defects, without those that need reading what cannot be read: `python planted.py IN.csv OUT.csv`.

`quintile generate --dirt realistic` plants defects of every kind. A peer that lets its types be guessed could not read some of them,
and would not unify the spellings of a category. Rows with those go; missing and future dates, negative totals, values out of range
and exact copies stay (and what is blank is empty), so that a review has something to find.
"""

import collections
import csv
import datetime
import sys

READ = {"age": int, "credit_score": int, "total_spent": float, "first_purchase_date": datetime.date.fromisoformat,
        "last_purchase_date": datetime.date.fromisoformat}
CATEGORIES = ["gender", "city", "country", "favorite_category", "device_type"]


def is_readable(row):
    try:
        for column, read in READ.items():
            if row[column].strip():
                read(row[column])
    except ValueError:
        return False
    return True


def main():
    source, out = sys.argv[1:]
    with open(source, newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    usual = {}
    for column in CATEGORIES:
        for text, _ in collections.Counter(row[column] for row in rows).most_common():
            usual.setdefault((column, text.strip().casefold()), text)
    with open(out, "w", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: text if text.strip() else "" for name, text in row.items()} for row in rows
                         if is_readable(row) and all(usual[column, row[column].strip().casefold()] == row[column] for column in CATEGORIES))


if __name__ == "__main__":
    main()
