"""What run.py keeps as an SVG: `python chart.py RESULTS.json OUT.svg`.

One line a job, two marks a peer: how many times Quintile's wall time and peak memory it takes, bare (hollow) and with its review
(filled), on logarithmic scales. Peers differ by shape as well as by colour, and the colours stay apart under each kind of colour
blindness (Okabe and Ito's).
"""

import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from measure import memory, seconds  # noqa: E402
from results import PEERS, in_order, measures, parts  # noqa: E402

COLOURS = {"polars": "#0072b2", "duckdb": "#c04f00", "pandas": "#6a6a75"}
INK, INK2, INK3, LINE, SOFT, SURFACE, ACCENT = "#16161b", "#53535e", "#6a6a75", "#e0e0e5", "#efeff2", "#ffffff", "#4f46c8"
LABEL, PANEL, GAP, TOP, ROW, OWN, FOOT = 220, 270, 26, 124, 36, 74, 62
WIDTH = LABEL + 2 * (PANEL + OWN) + GAP + 12


def text(x, y, content, size=12, fill=INK, anchor="start", weight="normal"):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" font-weight="{weight}">{content}</text>'


def mark(engine, x, y, told=""):
    """Hollow where the peer does not review; what it says when pointed at."""
    peer, review = parts(engine)
    colour = COLOURS[peer]
    style = f'fill="{colour if review else SURFACE}" stroke="{colour}" stroke-width="1.6"'
    title = f"<title>{PEERS[peer]}{', with review' if review else ''}{told}</title>"
    if peer == "polars":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.6" {style}>{title}</circle>'
    if peer == "duckdb":
        return f'<rect x="{x - 4.2:.1f}" y="{y - 4.2:.1f}" width="8.4" height="8.4" {style}>{title}</rect>'
    return f'<path d="M{x:.1f} {y - 5.4:.1f}l5.2 9.4h-10.4z" {style}>{title}</path>'


class Scale:
    """Multiples on a logarithmic scale, from a power of two to a power of two."""

    def __init__(self, left, values):
        self.left = left
        self.low = min(-1, math.floor(math.log2(min(values))))
        self.high = max(2, math.ceil(math.log2(max(values))))

    def x(self, value):
        return self.left + PANEL * (math.log2(value) - self.low) / (self.high - self.low)

    def ticks(self):
        return [2.0 ** power for power in range(self.low, self.high + 1)]


def panel(jobs, left, title, own, multiple):
    """`own` writes Quintile's figure, `multiple` is a peer's."""
    scale = Scale(left, [multiple(one) for told in jobs.values() for engine, one in told.items() if engine != "quintile"])
    bottom = TOP + ROW * len(jobs)
    parts_ = [text(left, TOP - 30, title, 13, weight="600"), text(left + PANEL + OWN - 6, TOP - 30, "Quintile", 11, ACCENT, "end", "600")]
    for tick in scale.ticks():
        x, is_one = scale.x(tick), tick == 1
        parts_.append(f'<line x1="{x:.1f}" y1="{TOP - 4}" x2="{x:.1f}" y2="{bottom}" stroke="{ACCENT if is_one else LINE}" stroke-width="{2 if is_one else 1}"/>')
        parts_.append(text(x, TOP - 10, f"{tick:g}×", 10, ACCENT if is_one else INK3, "middle"))
    for row, told in enumerate(jobs.values()):
        y = TOP + ROW * row + ROW / 2
        # The three peers a little apart, so that equal ones are all seen.
        for lane, peer in enumerate(PEERS):
            both = [engine for engine in told if parts(engine)[0] == peer]
            spots = [scale.x(multiple(told[engine])) for engine in both]
            lift = y + 8 * (lane - 1)
            if len(both) == 2:
                parts_.append(f'<line x1="{spots[0]:.1f}" y1="{lift:.1f}" x2="{spots[1]:.1f}" y2="{lift:.1f}" stroke="{COLOURS[peer]}" stroke-width="1.6"/>')
            parts_ += [mark(engine, x, lift, f": {multiple(told[engine]):.2f} times") for engine, x in zip(both, spots)]
        parts_.append(text(left + PANEL + OWN - 6, y + 4, own(told["quintile"]), 11, ACCENT, "end"))
    return parts_


def legend(kept, present):
    shapes, x = [], 16
    for peer in present:
        name = f"{PEERS[peer]} {kept['versions'][peer]}"
        shapes += [mark(peer, x + 6, 51), mark(peer + " with review", x + 22, 51), text(x + 34, 55, name, 12, INK2)]
        x += 54 + 6.6 * len(name)
    return [*shapes, text(x + 2, 55, "hollow: the bare job; filled: with the review an analyst would add", 12, INK2)]


def chart(kept):
    jobs = {title: measures(job) for title, job in in_order(kept)}
    jobs = {title: told for title, told in jobs.items() if len(told) > 1}
    height = TOP + ROW * len(jobs) + FOOT
    present = [peer for peer in PEERS if any(parts(engine)[0] == peer for told in jobs.values() for engine in told)]
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img"'
        f' font-family="Inter, system-ui, sans-serif"><title>Time and memory of other tools at the same job, as multiples of Quintile\'s</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="{SURFACE}"/>',
        text(16, 28, "The same job to the same result: what others take for one of Quintile", 16, weight="600"),
        *legend(kept, present),
    ]
    for row, title in enumerate(jobs):
        y = TOP + ROW * row
        if row % 2 == 0:
            drawn.append(f'<rect x="0" y="{y}" width="{WIDTH}" height="{ROW}" fill="{SOFT}" opacity="0.6"/>')
        drawn.append(text(16, y + ROW / 2 + 4, title, 12))
    drawn += panel(jobs, LABEL, "Wall time", lambda m: seconds(m.wall), lambda m: m.ratio)
    drawn += panel(jobs, LABEL + PANEL + OWN + GAP, "Peak memory", lambda m: memory(m.memory), lambda m: m.memory_ratio)
    drawn.append(text(16, height - 34, "Right of the line Quintile is ahead. Whole processes, medians of ratios taken in turn; Quintile always reviews,"
                                       " and explains, reports and syncs besides.", 11, INK3))
    drawn.append(text(16, height - 16, f"{kept['machine']}, warm page cache. Command: make peers", 11, INK3))
    return "\n".join([*drawn, "</svg>"]) + "\n"


if __name__ == "__main__":
    pathlib.Path(sys.argv[2]).write_text(chart(json.loads(pathlib.Path(sys.argv[1]).read_text())))
