"""Small charts as SVG: lines, steps and points over two axes, in the colours of the page that shows them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 16, 34, 42
LEGEND = 14
TICKS = 5
COLORS = 6

CHART_STYLE = (
    ".cd-chart{font:12px system-ui,sans-serif;max-width:100%;min-width:500px;height:auto;display:block}"
    ".cd-chart text{fill:var(--cd-ink,#1c2430)}.cd-chart .grid{stroke:var(--cd-line,#d5dbe5)}"
    ".cd-chart .axis{stroke:var(--cd-muted,#6b7688)}.cd-chart path{fill:none;stroke-width:2}"
)


@dataclass(frozen=True)
class Series:
    """Points that belong together.

    Attributes:
        name: for the legend.
        points: (x, y).
        style: ``line``, ``step`` (a value holds until the next), ``line-step`` (the same without marks) or ``points``.
    """

    name: str
    points: Sequence[tuple[float, float]]
    style: str = "line"


@dataclass(frozen=True)
class Axis:
    """An axis with its name, on a logarithmic scale or a linear one."""

    name: str
    log: bool = False

    def scale(self, value: float) -> float:
        """Return where a value lies, before it is stretched to the chart."""
        return math.log10(max(value, 1e-18)) if self.log else value


def chart(series: Sequence[Series], x: Axis, y: Axis) -> str:
    """Return a chart with a legend; an empty string where there is no point."""
    xs = [x.scale(point[0]) for one in series for point in one.points]
    ys = [y.scale(point[1]) for one in series for point in one.points]
    if not xs:
        return ""
    frame = _Frame(x, y, *_span(xs), *_span(ys))
    marks = [mark for number, one in enumerate(series) for mark in _marks(one, frame, number)]
    legend = _legend([one.name for one in series])
    return (
        f'<svg class="cd-chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" role="img" aria-label="{escape(y.name)} against {escape(x.name)}">'
        f"{''.join(_axes(frame))}{''.join(marks)}{''.join(legend)}</svg>"
    )


@dataclass(frozen=True)
class _Frame:
    """What part of the plane is shown, in scaled values."""

    x: Axis
    y: Axis
    left: float
    right: float
    bottom: float
    top: float

    def place(self, x: float, y: float) -> tuple[float, float]:
        across = (x - self.left) / (self.right - self.left)
        up = (y - self.bottom) / (self.top - self.bottom)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = 0.05 * (high - low) or 0.5
    return low - margin, high + margin


def _ticks(low: float, high: float, log: bool) -> list[float]:
    """Return round values in a range, a handful of them."""
    step = 10 ** math.floor(math.log10((high - low) / TICKS))
    step = next(s * step for s in (1, 2, 5, 10) if (high - low) / (s * step) <= TICKS)
    step = max(1.0, step) if log else step
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _axes(frame: _Frame) -> Iterator[str]:
    for value in _ticks(frame.bottom, frame.top, frame.y.log):
        _, y = frame.place(frame.left, value)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_number(value, frame.y.log)}</text>'
    for value in _ticks(frame.left, frame.right, frame.x.log):
        x, _ = frame.place(value, frame.bottom)
        label = _number(value, frame.x.log)
        yield f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{label}</text>'
    base = HEIGHT - BOTTOM
    yield f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}"/>'
    yield f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(frame.x.name)}</text>'
    middle = (TOP + base) / 2
    yield (
        f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">'
        f"{escape(frame.y.name)}</text>"
    )


def _number(value: float, log: bool) -> str:
    return f"1e{value:.0f}" if log else f"{value:.6g}"


def _color(number: int) -> str:
    return f"var(--cd-{number % COLORS + 1},#3367d6)"


def _marks(series: Series, frame: _Frame, number: int) -> Iterator[str]:
    places = [frame.place(frame.x.scale(x), frame.y.scale(y)) for x, y in series.points]
    color = _color(number)
    if series.style != "points" and len(places) > 1:
        yield f'<path d="{_path(places, series.style)}" style="stroke:{color}"/>'
    if series.style in ("step", "points") or len(places) == 1:
        for (left, top), (x, y) in zip(places, series.points, strict=True):
            title = f"<title>{escape(series.name)}: {x:.4g}, {y:.4g}</title>"
            yield f'<circle cx="{left:.1f}" cy="{top:.1f}" r="3.5" style="fill:{color}">{title}</circle>'


def _path(places: Sequence[tuple[float, float]], style: str) -> str:
    parts = [f"M{places[0][0]:.1f} {places[0][1]:.1f}"]
    for x, y in places[1:]:
        parts.append(f"H{x:.1f}V{y:.1f}" if style.endswith("step") else f"L{x:.1f} {y:.1f}")
    return "".join(parts)


def _legend(names: Sequence[str]) -> Iterator[str]:
    left = float(LEFT + 8)
    for number, name in enumerate(names):
        yield f'<circle cx="{left:.0f}" cy="{LEGEND}" r="4" style="fill:{_color(number)}"/>'
        yield f'<text x="{left + 9:.0f}" y="{LEGEND + 4}">{escape(name)}</text>'
        left += 28 + 7 * len(name)
