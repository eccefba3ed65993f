"""The table, on the terminal, in benches/RESULTS.md and README.md, and as a chart."""

from __future__ import annotations

import math
from html import escape

from machine import ROOT
from rows import Row

BEGIN, END = "<!-- benches/compare --write: begin -->", "<!-- end -->"


def table(rows: list[Row]) -> str:
    width = max(len(row.work) for row in rows)
    lines = []
    for row in rows:
        ratio, goal, verdict = row.cells()
        lines.append(f"{row.work:<{width}}{ratio:>14}  {goal:<8}{verdict}".rstrip())
    return "\n".join(lines)


def markdown(rows: list[Row]) -> str:
    lines = ["| Work | Measured | Goal | |", "|---|---|---|---|"]
    lines += ["| " + " | ".join([row.work, *row.cells()]) + " |" for row in rows]
    return "\n".join(lines)


def write(rows: list[Row], limits: dict[str, float], about: dict[str, str]) -> None:
    """RESULTS.md between its marks, so that what people wrote about it stays; the table of README; the chart."""
    own = [
        "| | |\n|---|---|",
        *(f"| {name} | {value} |" for name, value in about.items()),
        "",
        markdown(rows),
        "",
        "| The machine by itself | |\n|---|---|",
        *(f"| {name} | {value:,.0f} |" for name, value in limits.items()),
    ]
    between(ROOT / "benches" / "RESULTS.md", "\n".join(own))
    goals = [row for row in rows if row.goal is not None]
    between(ROOT / "README.md", markdown(goals) + "\n\n![How far each figure is from its goal](docs/speed.svg)")
    (ROOT / "docs" / "speed.svg").write_text(chart(goals), encoding="utf-8")


def between(path, text: str) -> None:
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    if not rest:
        raise RuntimeError(f"{path.name} has no mark {BEGIN}")
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def chart(rows: list[Row]) -> str:
    """A bar for each row: how many times better than its goal, on a logarithmic scale; left of the line is missed."""
    rows = [row for row in rows if row.ratio]
    left, bar, height = 640, 300, 22
    middle, unit = left + bar / 3, bar / 3
    parts = []
    for place, row in enumerate(rows):
        better = row.ratio / row.goal if row.at_least else row.goal / row.ratio
        length = max(-1.0, min(2.0, math.log10(better))) * unit
        y = 40 + place * height
        x, w = (middle, length) if length >= 0 else (middle + length, -length)
        colour = "#2a7f3f" if row.met else "#b3261e"
        ratio, goal, _ = row.cells()
        parts.append(
            f'<text x="{left - 10}" y="{y + 14}" text-anchor="end">{escape(row.work)}: {ratio} ({escape(goal)})</text>'
            f'<rect x="{x:.1f}" y="{y + 3}" width="{max(w, 1):.1f}" height="15" fill="{colour}"/>'
        )
    bottom = 40 + len(rows) * height
    marks = "".join(
        f'<line x1="{middle + at * unit:.1f}" y1="34" x2="{middle + at * unit:.1f}" y2="{bottom}" stroke="#999" stroke-width="{2 if at == 0 else 0.5}"/>'
        f'<text x="{middle + at * unit:.1f}" y="28" text-anchor="middle">{label}</text>'
        for at, label in ((-1, "10 × worse"), (0, "goal"), (1, "10 × better"), (2, "100 ×"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + bar + 30}" height="{bottom + 10}" font-family="sans-serif" '
        f'font-size="11"><rect width="100%" height="100%" fill="#fff"/>{marks}{"".join(parts)}</svg>\n'
    )
