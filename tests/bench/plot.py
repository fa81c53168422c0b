"""Horizontal bars as SVG: the wall time of each client as a multiple of the
raw one's, on a logarithmic axis, one panel for each scenario."""
import math
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT = 760, 130, 120
BAR, GAP, TITLE, FOOT = 14, 5, 26, 34
COLOURS = {"ours": "#c0392b", "raw": "#7f8c8d", "peer": "#4a7fb5"}


def kind(client, ours):
    if client in ours:
        return "ours"
    return "raw" if client.startswith("raw") else "peer"


class Axis:
    def __init__(self, ratios):
        self.low = max(0.02, min(0.5, min(ratios) * 0.8))
        self.high = max(10, max(ratios) * 1.1)

    def at(self, ratio):
        span = math.log(self.high / self.low)
        share = math.log(max(ratio, self.low) / self.low) / span
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def marks(self):
        return [m for e in range(-2, 5) for m in (10.0**e, 3 * 10.0**e)
                if self.low <= m <= self.high]


def text(x, y, words, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
            f' font-weight="{weight}">{escape(words)}</text>')


def panel(scenario, axis, top, ours):
    y = top + TITLE
    yield text(LEFT, top + 17, scenario.name, weight="bold")
    for row in scenario.rows():
        colour = COLOURS[kind(row["client"], ours)]
        end = axis.at(row["ratio"])
        yield (f'<rect x="{LEFT}" y="{y}" width="{end - LEFT:.1f}"'
               f' height="{BAR}" fill="{colour}"/>')
        yield text(LEFT - 6, y + BAR - 3, row["client"], "end")
        yield text(end + 5, y + BAR - 3,
                   f"{row['ratio']:.2f}  ({row['wall']:.2f} s)")
        y += BAR + GAP


def svg(scenarios, ours):
    panels = [s for s in scenarios.values() if s.base()]
    heights = [TITLE + len(s.clients) * (BAR + GAP) + 8 for s in panels]
    height = sum(heights) + FOOT
    axis = Axis([row["ratio"] for s in panels for row in s.rows()] or [1.0])
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}"'
           f' height="{height}" viewBox="0 0 {WIDTH} {height}"'
           ' font-family="sans-serif" font-size="11">',
           f'<rect width="{WIDTH}" height="{height}" fill="white"/>']
    for mark in axis.marks():
        x = axis.at(mark)
        out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0"'
                   f' y2="{height - FOOT + 6}"'
                   f' stroke="{"#555" if mark == 1 else "#ddd"}"/>')
        out.append(text(x, height - 14, f"{mark:g} x raw", "middle"))
    top = 0
    for scenario, tall in zip(panels, heights):
        out += panel(scenario, axis, top, ours)
        top += tall
    return "\n".join(out + ["</svg>"])
