"""The results of run.py as an SVG: `python chart.py RESULTS.json OUT.svg`.

One line a job, one mark an engine: how many times Quintile's wall time and peak memory it takes, on logarithmic scales. Engines
differ by shape as well as by colour, and the colours stay apart under each kind of colour blindness (Okabe and Ito's).
"""

import json
import math
import pathlib
import sys

ENGINES = {"polars": ("Polars", "#0072b2", "circle"), "duckdb": ("DuckDB", "#d55e00", "square"), "pandas": ("pandas", "#6a6a75", "triangle")}
INK, INK2, INK3, LINE, SOFT, SURFACE, ACCENT = "#16161b", "#53535e", "#6a6a75", "#e0e0e5", "#efeff2", "#ffffff", "#4f46c8"
LABEL, PANEL, GAP, TOP, ROW, OWN = 214, 250, 26, 104, 30, 92
WIDTH = LABEL + 2 * (PANEL + GAP + OWN) + 4


def text(x, y, content, size=12, fill=INK, anchor="start", weight="normal"):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" font-weight="{weight}">{content}</text>'


def mark(engine, x, y):
    name, colour, shape = ENGINES[engine]
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"><title>{name}</title></circle>'
    if shape == "square":
        return f'<rect x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9" fill="{colour}"><title>{name}</title></rect>'
    return f'<path d="M{x:.1f} {y - 6:.1f}l5.6 10h-11.2z" fill="{colour}"><title>{name}</title></path>'


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


def seconds(value):
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def memory(mib):
    return f"{mib:.0f} MiB" if mib < 1000 else f"{mib / 1024:.1f} GiB"


def panel(jobs, left, title, own, multiple):
    """`own` writes Quintile's figure, `multiple(engines, peer)` is a peer's."""
    values = [multiple(job["engines"], peer) for job in jobs.values() for peer in job["engines"] if peer != "quintile"]
    scale = Scale(left, values)
    bottom = TOP + ROW * len(jobs)
    parts = [text(left - 6, TOP - 26, title, 13, weight="600")]
    for tick in scale.ticks():
        x, is_one = scale.x(tick), tick == 1
        parts.append(f'<line x1="{x:.1f}" y1="{TOP - 4}" x2="{x:.1f}" y2="{bottom}" stroke="{ACCENT if is_one else LINE}" stroke-width="{2 if is_one else 1}"/>')
        parts.append(text(x, TOP - 9, f"{tick:g} x", 10, ACCENT if is_one else INK3, "middle"))
    for row, job in enumerate(jobs.values()):
        y = TOP + ROW * row + ROW / 2
        parts += [mark(peer, scale.x(multiple(job["engines"], peer)), y) for peer in job["engines"] if peer != "quintile"]
        parts.append(text(left + PANEL + OWN - 4, y + 4, own(job["engines"]["quintile"]), 11, ACCENT, "end"))
    return parts


def chart(results):
    jobs = dict(sorted(results["jobs"].items(), key=lambda item: (item[1]["grain"], item[1]["rows"], item[1]["format"])))
    height = TOP + ROW * len(jobs) + 44
    right = LABEL + PANEL + OWN + GAP
    present = [engine for engine in ENGINES if any(engine in job["engines"] for job in jobs.values())]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img"'
        f' font-family="Inter, system-ui, sans-serif"><title>Time and memory of other tools at the same job, as multiples of Quintile\'s</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="{SURFACE}"/>',
        text(16, 28, "The same job to the same result: what others take for one of Quintile", 16, weight="600"),
    ]
    x = 16
    for engine in present:
        name = f"{ENGINES[engine][0]} {results['versions'].get(engine, '')}".strip()
        parts += [mark(engine, x + 6, 47), text(x + 17, 51, name, 12, INK2)]
        x += 34 + 7 * len(name)
    parts.append(text(x + 4, 51, "Right of the line Quintile is ahead; its own figure stands at the end.", 12, INK2))
    for row, title in enumerate(jobs):
        y = TOP + ROW * row
        if row % 2 == 0:
            parts.append(f'<rect x="0" y="{y}" width="{WIDTH}" height="{ROW}" fill="{SOFT}" opacity="0.6"/>')
        parts.append(text(16, y + ROW / 2 + 4, title, 12))
    parts += panel(jobs, LABEL, "Wall time", lambda m: seconds(m["seconds"]), lambda e, peer: e[peer]["ratio"])
    parts += panel(jobs, right, "Peak memory", lambda m: memory(m["memory_mib"]), lambda e, peer: e[peer]["memory_mib"] / e["quintile"]["memory_mib"])
    parts.append(text(16, height - 18, "Whole processes, medians of ratios taken in turn; Quintile also reviews, explains and reports. Command: make peers", 11, INK3))
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    pathlib.Path(sys.argv[2]).write_text(chart(json.loads(pathlib.Path(sys.argv[1]).read_text())))
