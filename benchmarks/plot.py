"""Throughput and memory against size, as an SVG: python -m benchmarks.plot OUT.svg RESULT.json …

The results are what `benchmarks.memory` and `benchmarks.builds` printed.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path

NAMES = {"5": "XML (5)", "15": "JSON (15)", "6": "table (6)", "7": "table (7)"}
COLOURS = {"5": "#b3541e", "15": "#1b6ca8", "6": "#3a7d44", "7": "#7b5ea7"}
PANELS = (("mb_s", "MB of text a second, start included"), ("peak_mb", "peak memory, MB"))
WIDTH, HEIGHT, LEFT, TOP, GAP = 330, 220, 50, 34, 70

Point = tuple[float, dict[str, float]]


def points(paths: Sequence[Path]) -> dict[str, list[Point]]:
    """The costs of each format by MB of text."""
    found: dict[str, list[Point]] = {}
    for path in paths:
        result = json.loads(path.read_text())
        for peak in result.get("peaks", []):
            found.setdefault(peak["format"], []).extend(zip(peak["text_mb"], peak["builds"], strict=True))
        for build in result.get("builds", []):
            found.setdefault(build["format"], []).append((build["text_mb"], build["build"]))
    return {number: sorted(each, key=lambda point: point[0]) for number, each in sorted(found.items())}


def drawn(series: dict[str, list[Point]]) -> str:
    """The picture."""
    sizes = [size for each in series.values() for size, _ in each]
    low, high = math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes)))
    whole = LEFT + 2 * WIDTH + GAP + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {TOP + HEIGHT + 70}" '
        'font-family="sans-serif" font-size="12" fill="#222">',
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for number, (figure, title) in enumerate(PANELS):
        parts += _panel(series, figure, title, LEFT + number * (WIDTH + GAP), (low, high))
    for number, name in enumerate(series):
        x, y = LEFT + number * 110, TOP + HEIGHT + 56
        parts.append(f'<circle cx="{x}" cy="{y - 4}" r="4" fill="{COLOURS[name]}"/>')
        parts.append(f'<text x="{x + 10}" y="{y}">{NAMES[name]}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _panel(
    series: dict[str, list[Point]], figure: str, title: str, left: int, decades: tuple[int, int]
) -> list[str]:
    most = max(cost[figure] for each in series.values() for _, cost in each)
    step = math.pow(10, math.floor(math.log10(most)))
    step = step if most / step >= 4 else step / 2 if most / step >= 2 else step / 5
    top = step * math.ceil(most / step)
    low, high = decades

    def x(size: float) -> float:
        return round(left + WIDTH * (math.log10(size) - low) / (high - low), 1)

    def y(value: float) -> float:
        return round(TOP + HEIGHT * (1 - value / top), 1)

    parts = [f'<text x="{left}" y="{TOP - 14}" font-weight="bold">{title}</text>']
    for count in range(round(top / step) + 1):
        value = count * step
        parts.append(f'<path d="M{left} {y(value)}h{WIDTH}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{y(value) + 4}" text-anchor="end">{value:g}</text>')
    for decade in range(low, high + 1):
        place = x(10**decade)
        parts.append(f'<path d="M{place} {TOP}v{HEIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{place}" y="{TOP + HEIGHT + 16}" text-anchor="middle">{10**decade:g}</text>')
    parts.append(
        f'<text x="{left + WIDTH / 2}" y="{TOP + HEIGHT + 34}" text-anchor="middle">MB of text</text>'
    )
    for name, each in series.items():
        line = " ".join(f"{x(size)},{y(cost[figure])}" for size, cost in each)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x(size)}" cy="{y(cost[figure])}" r="3.5" fill="{COLOURS[name]}"/>'
            for size, cost in each
        ]
    return parts


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(drawn(points([Path(name) for name in sys.argv[2:]])))
