"""What run.py keeps: rounds of each job, of which medians are told.

{"machine", "versions": {name: version}, "identity", "jobs": {title: {"identity", "grain", "rows", "format", "compared": [engine],
"over_limit": {engine: seconds}, "rounds": [{engine: [wall, cpu, peak MiB]}]}}}. An engine is "quintile", a peer, or a peer "with review".
"""

import json
import statistics

from measure import memory, seconds, table, targets, yes

PEERS = {"polars": "Polars", "duckdb": "DuckDB", "pandas": "pandas"}
REVIEW = " with review"


def load(path):
    return json.loads(path.read_text()) if path.exists() else {"jobs": {}}


def keep(path, facts, title, job):
    """Puts one job into the file, whatever another run has put there since."""
    kept = load(path) | facts
    kept["jobs"][title] = job
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.part")
    beside.write_text(json.dumps(kept, indent=1) + "\n")
    beside.rename(path)


def reviewed(peer):
    return peer + REVIEW


def parts(engine):
    """The peer's name, and whether it reviews."""
    return engine.removesuffix(REVIEW), engine.endswith(REVIEW)


class Measures:
    """Of one engine at one job, over the rounds that it took part in."""

    def __init__(self, job, engine):
        rounds = [one for one in job["rounds"] if engine in one]
        self.rounds = len(rounds)
        self.limit = job["over_limit"].get(engine)
        if rounds:
            self.wall = statistics.median(one[engine][0] for one in rounds)
            self.cpu = statistics.median(one[engine][1] for one in rounds)
            self.memory = max(one[engine][2] for one in rounds)
            self.ratio = statistics.median(one[engine][0] / one["quintile"][0] for one in rounds)
            self.cpu_ratio = statistics.median(one[engine][1] / one["quintile"][1] for one in rounds)
            self.memory_ratio = self.memory / max(one["quintile"][2] for one in rounds)


def measures(job):
    """{engine: Measures} of those with a round, Quintile first."""
    engines = ["quintile"] + [engine for peer in PEERS for engine in (peer, reviewed(peer))]
    told = {engine: Measures(job, engine) for engine in engines}
    return {engine: one for engine, one in told.items() if one.rounds}


def in_order(kept):
    """What was measured of the program and the peers as they last were."""
    return sorted(((title, job) for title, job in kept["jobs"].items() if job.get("identity") == kept["identity"] and job["rounds"]),
                  key=lambda entry: (entry[1]["grain"], entry[1]["format"], entry[1]["rows"]))


# (grain, rows, format): what must hold. A ratio is the peer's time by ours, at least; memory is ours by the peer's, at most; `wall` and
# `peak` are ours, in seconds and MiB, at most.
TARGETS = {
    ("customers", 10_000_000, "csv"): {"polars": 3, "duckdb": 4, "share": 1 / 4},
    ("customers", 1_000_000, "csv"): {"polars": 3, "duckdb": 3},
    ("customers", 100_000, "csv"): {"polars": 3, "duckdb": 3, "wall": 0.15},
    ("order lines", 50_000_000, "parquet"): {"polars": 2, "duckdb": 2, "peak": 1024},
    ("order lines", 50_000_000, "csv"): {"polars": 2, "duckdb": 2},
}


def target_rows(kept):
    """What was measured with the peers' review and, after it, with the peers bare."""
    for title, job in in_order(kept):
        asked = TARGETS.get((job["grain"], job["rows"], job["format"]), {})
        told = measures(job)
        ours = told["quintile"]
        for peer in ("polars", "duckdb"):
            both = {("with review" if parts(engine)[1] else "bare"): told[engine] for engine in (reviewed(peer), peer) if engine in told}
            if peer in asked and both:
                yield [f"{title}: faster than {PEERS[peer]}", f"at least {asked[peer]:g} x",
                       ", ".join(f"{m.ratio:.2f} x {how}" for how, m in both.items()), yes(*(m.ratio >= asked[peer] for m in both.values()))]
            if "share" in asked and both:
                yield [f"{title}: memory, of what {PEERS[peer]} takes", f"at most {asked['share']:g}",
                       ", ".join(f"{1 / m.memory_ratio:.2f} {how}" for how, m in both.items()),
                       yes(*(1 / m.memory_ratio <= asked["share"] for m in both.values()))]
        if "wall" in asked:
            yield [f"{title}: cold process", f"at most {1000 * asked['wall']:.0f} ms", f"{1000 * ours.wall:.0f} ms", yes(ours.wall <= asked["wall"])]
        if "peak" in asked:
            yield [f"{title}: memory", f"at most {memory(asked['peak'])}", memory(ours.memory), yes(ours.memory <= asked["peak"])]


def cell(job, engine):
    one = Measures(job, engine)
    if one.limit:
        return f"over {one.limit:g} s"
    if not one.rounds:
        return ""
    return f"{one.ratio:.2f} x ({one.cpu_ratio:.2f}), {memory(one.memory)}"


def tables(kept):
    """Ready for docs/performance.md."""
    present = [peer for peer in PEERS if any(cell(job, engine) for _, job in in_order(kept) for engine in (peer, reviewed(peer)))]
    header = ["job (rounds)", "Quintile"] + [name for peer in present for name in (f"{PEERS[peer]} {kept['versions'][peer]}", f"{PEERS[peer]} with review")]
    rows = []
    for title, job in in_order(kept):
        ours = Measures(job, "quintile")
        rows.append([f"{title} ({ours.rounds})", f"{seconds(ours.wall)} ({ours.cpu:.2f}), {memory(ours.memory)}",
                     *(cell(job, engine) for peer in present for engine in (peer, reviewed(peer)))])
    told = [kept["machine"], table(header, rows)]
    asked = list(target_rows(kept))
    if asked:
        told.append(targets("peers/run.py", asked))
    return "\n\n".join(told)
