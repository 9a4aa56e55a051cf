"""The page of a mining report: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import pi
from typing import TYPE_CHECKING

from circuitdiff.mining.rules import GENERIC
from circuitdiff.reports.text_drawing import draw

if TYPE_CHECKING:
    from circuitdiff.mining.mine import MineReport

SHOWN = 60
BINS = 24

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;padding:.4rem .6rem;text-align:left;"
    "vertical-align:top}pre{margin:0;font:13px/1.15 ui-monospace,monospace}svg{background:#f7f7f7}"
    "td:first-child{font-variant-numeric:tabular-nums}"
)


def page(mined: MineReport) -> str:
    """Return the page: gadgets, patterns with their angles, rules, and the best circuits."""
    gadgets = ((str(g.count), "; ".join(g.gates()), _drawn(draw(g.circuit()))) for g in mined.gadgets[:SHOWN])
    patterns = (
        (str(count), p.text(), _drawn(draw(p.circuit(GENERIC))), _histogram(mined.patterns.angles.get(p, ())))
        for p, count in mined.frequent(SHOWN)
    )
    rules = (
        (
            str(r.count),
            str(r.saves_two_qubit),
            str(r.saves),
            _both(r.lhs.text(), r.rhs.text()),
            f"{r.max_infidelity:.1e}",
        )
        for r in mined.rules[: 4 * SHOWN]
    )
    ties = (
        (str(t.count), str(t.seen), t.pattern.text(), f"{t.factor:g} {t.option}")
        for t in mined.patterns.ties.found()[:SHOWN]
    )
    contrasts = (
        (
            f"{c.ratio:.1f}",
            c.column,
            c.value,
            "; ".join(c.gadget.gates()),
            f"{c.count} in {c.circuits}",
            f"{c.count_elsewhere} in {c.circuits_elsewhere}",
        )
        for c in mined.contrasts
    )
    best = ((str(b.circuits), b.target, b.gate_set, b.coupling, *map(str, b.cost)) for b in mined.pareto)
    return "\n".join(
        (
            "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Mined circuits</title>",
            f"<style>{_STYLE}</style></head><body><h1>{escape(mined.path)}</h1>",
            f"<p>{mined.circuits} circuits; patterns and rules from {mined.sampled} of them.</p>",
            "<h2>Gadgets</h2><p>By gate-pair encoding, in the order found; a star is a free angle.</p>",
            _table(("count", "gates", "circuit"), gadgets),
            "<h2>Patterns</h2><p>Connected parts of circuits, and the first free angle from −π to π.</p>",
            _table(("count", "gates", "circuit", "a"), patterns),
            f"<h2>Rules</h2><p>{len(mined.rules)} verified rules, none of which follows from a smaller one.</p>",
            _table(("count", "two-qubit gates saved", "gates saved", "rule", "infidelity"), rules),
            "<h2>Angles tied to a parameter</h2><p>Up to sign and multiples of π/2.</p>",
            _table(("count", "of", "gates", "a"), ties),
            "<h2>Gadgets that go with a gate set, a coupling map or a family</h2>",
            "<p>How many times as frequent a circuit as elsewhere, half an occurrence added to both.</p>",
            _table(("ratio", "column", "value", "gates", "count in circuits", "elsewhere"), contrasts),
            "<h2>Best circuits</h2>",
            _table(("circuits", "target", "gate set", "coupling", "two-qubit gates", "depth", "gates"), best),
            _scatter(mined),
            "</body></html>\n",
        )
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells that begin with a tag of ours are taken as they are."""
    cells = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = (f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in row)}</tr>" for row in rows)
    return f"<table><tr>{cells}</tr>{''.join(lines)}</table>"


def _cell(value: str) -> str:
    return value if value.startswith(("<pre>", "<svg")) else escape(value)


def _drawn(text: str) -> str:
    return f"<pre>{escape(text)}</pre>"


def _both(lhs: str, rhs: str) -> str:
    return _drawn(f"{lhs}\n  → {rhs}")


def _histogram(angles: Sequence[tuple[float, ...]]) -> str:
    """Return bars for the first free angle of each occurrence, from −π to π."""
    if not angles:
        return ""
    counts = [0] * BINS
    for first, *_ in angles:
        counts[int((first + pi) % (2 * pi) / (2 * pi) * BINS) % BINS] += 1
    bars = "".join(
        f"<rect x='{6 * i}' y='{40 - 40 * c / max(counts):.1f}' width='5' height='{40 * c / max(counts):.1f}' "
        "fill='#36c'/>"
        for i, c in enumerate(counts)
    )
    return f"<svg width='{6 * BINS}' height='40' role='img'>{bars}</svg>"


def _scatter(mined: MineReport) -> str:
    """Return the best circuits as points: gates on several qubits across, depth upwards."""
    points = [(b.cost[0], b.cost[1], f"{b.target}: {b.cost}") for b in mined.pareto]
    if not points:
        return ""
    wide, high = max(x for x, _, _ in points) + 1, max(y for _, y, _ in points) + 1
    dots = "".join(
        f"<circle cx='{600 * x / wide:.1f}' cy='{300 - 300 * y / high:.1f}' r='5' fill='#c33'>"
        f"<title>{escape(text)}</title></circle>"
        for x, y, text in points
    )
    return f"<svg width='600' height='300' role='img'>{dots}</svg>"
