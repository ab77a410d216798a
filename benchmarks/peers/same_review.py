"""Whether a peer's review found what Quintile's did: `python same_review.py OURS/review.json THEIRS.json`.

Compared are: of every column the missing and the distinct values, the smallest and the largest; the rows of each finding of the kinds
that the peers look for; the duplicate identifiers with their groups; copies; and the waterfall. Exit status 1, and what differs.
"""

import json
import pathlib
import sys
from decimal import Decimal, InvalidOperation

from checks import STEPS

LISTED = {"missing_value", "out_of_range", "future_date", "date_order", "inconsistent_order_value", "negative_amount", "returns", "returns_only"}
DETAILED = {"duplicate_identifier", "exact_duplicate", "order_conflict"}


def value(text):
    """Numbers as numbers, a time stamp as its day."""
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return str(text)[:10]


def flat(details):
    """The kinds of groups beside the rest."""
    return details | details["groups"] if isinstance(details.get("groups"), dict) else details


def ours(review):
    columns = {
        one["column"]: {key: one[key] for key in ("missing", "distinct", "minimum", "maximum")} | {"at_least": one["distinct_is_lower_bound"]}
        for one in review["columns"]}
    findings = {f"{one['column']}:{one['check']}": one["rows"] for one in review["findings"] if one["check"] in LISTED}
    details = {one["check"]: flat(one["details"]) for one in review["findings"] if one["check"] in DETAILED}
    waterfall = {one["step"]: (one["rows"], round(Decimal(str(one["monetary"])) * 100)) for one in review["waterfall"]}
    return {"columns": columns, "findings": findings, "waterfall": waterfall, **details}


def column_faults(name, a, b):
    for key in ("missing", "distinct", "minimum", "maximum"):
        if a[key] is None or b.get(key) is None:
            continue  # texts have no least value in a review, and not every column is counted
        if key == "distinct" and a["at_least"]:
            if b[key] < a[key]:
                yield f"{name} {key}: at least {a[key]}, {b[key]}"
        elif value(a[key]) != value(b[key]):
            yield f"{name} {key}: {a[key]}, {b[key]}"


def faults(a, b):
    """Ours may tell more of a finding than theirs, but no figure that both have may differ."""
    for name in a["columns"]:
        yield from column_faults(name, a["columns"][name], b["columns"][name])
    for part in ("findings", "waterfall"):
        for key in a[part].keys() | b[part].keys():
            mine, theirs = a[part].get(key), b[part].get(key)
            if mine != (tuple(theirs) if isinstance(theirs, list) else theirs):
                yield f"{part} {key}: {mine}, {theirs}"
    for part in DETAILED:
        mine, theirs = a.get(part, {}), b.get(part, {})
        if mine and not theirs:
            yield f"{part}: not looked for"
        for key, count in theirs.items():
            if mine.get(key, 0) != count:
                yield f"{part} {key}: {mine.get(key, 0)}, {count}"


def main():
    a, b = (json.loads(pathlib.Path(path).read_text()) for path in sys.argv[1:])
    # A step that takes nothing out is none of ours.
    b["waterfall"] = {step: taken for step, taken in b["waterfall"].items() if taken[0]}
    found = list(faults(ours(a), b))
    if found:
        raise SystemExit("\n".join(found))


if __name__ == "__main__":
    main()
