"""The page of what was mined: gadgets, patterns with their angles, rules, and the best circuits."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from typing import TYPE_CHECKING, Any

from circuitdiff.mining.rules import GENERIC
from circuitdiff.reports.charts import Axis, Series, chart
from circuitdiff.reports.circuit_svg import circuit_svg
from circuitdiff.reports.page import Section, drawing, sections_page

if TYPE_CHECKING:
    from circuitdiff.circuits.circuit import Circuit
    from circuitdiff.mining.mine import MineReport

SHOWN = 60
BINS = 24


def mining_page(mined: MineReport) -> str:
    """Return the page as HTML that needs nothing else."""
    figures = [
        ("circuits", f"{mined.circuits:,}"),
        ("sampled for patterns and rules", f"{mined.sampled:,}"),
        ("gadgets", str(len(mined.gadgets))),
        ("rules", str(len(mined.rules))),
        ("seconds", f"{mined.seconds:.1f}"),
    ]
    return sections_page(
        mined.path, [*_found(mined), _rules(mined), _ties(mined), _contrasts(mined), _best(mined)], figures=figures
    )


def _found(mined: MineReport) -> list[Section]:
    gadgets = [[g.count, "; ".join(g.gates()), _drawn(g.circuit())] for g in mined.gadgets[:SHOWN]]
    patterns = [
        [count, p.text(), _drawn(p.circuit(GENERIC)), _histogram(mined.patterns.angles.get(p, ()))]
        for p, count in mined.frequent(SHOWN)
    ]
    return [
        Section(
            "Gadgets",
            "By gate-pair encoding, in the order found; a star is a free angle, drawn with some value.",
            head=["count", "gates", "circuit"],
            rows=gadgets,
        ),
        Section(
            "Patterns",
            "Connected parts of circuits, and their first free angle from −π to π.",
            head=["count", "gates", "circuit", "a"],
            rows=patterns,
        ),
    ]


def _rules(mined: MineReport) -> Section:
    rows = [
        [r.count, r.saves_two_qubit, r.saves, r.lhs.text(), "→", r.rhs.text(), f"{r.max_infidelity:.1e}"]
        for r in mined.rules[: 4 * SHOWN]
    ]
    note = f"{len(mined.rules)} verified rules, none of which follows from a smaller one."
    head = ["count", "two-qubit gates saved", "gates saved", "rule", "", "", "infidelity"]
    return Section("Rules", note, head=head, rows=rows)


def _ties(mined: MineReport) -> Section:
    rows = [
        [t.count, t.seen, t.pattern.text(), f"{t.factor:g} {t.option}"] for t in mined.patterns.ties.found()[:SHOWN]
    ]
    head = ["count", "of", "gates", "a"]
    return Section("Angles tied to a parameter", "Up to sign and multiples of π/2.", head=head, rows=rows)


def _contrasts(mined: MineReport) -> Section:
    rows = [
        [
            f"{c.ratio:.1f}",
            f"{c.column} {c.value}",
            "; ".join(c.gadget.gates()),
            f"{c.count} in {c.circuits}",
            f"{c.count_elsewhere} in {c.circuits_elsewhere}",
        ]
        for c in mined.contrasts
    ]
    note = "How many times as frequent a circuit as elsewhere, half an occurrence added to both."
    head = ["ratio", "where", "gates", "count in circuits", "elsewhere"]
    return Section("Gadgets that go with a gate set, a coupling map or a family", note, head=head, rows=rows)


def _best(mined: MineReport) -> Section:
    points = [(float(best.cost[0]), float(best.cost[1])) for best in mined.pareto]
    drawn = chart([Series("best circuits", points, "points")], Axis("two-qubit gates"), Axis("depth"))
    rows = [[best.circuits, best.target, best.gate_set, best.coupling, *best.cost] for best in mined.pareto]
    head = ["circuits", "target", "gate set", "coupling", "two-qubit gates", "depth", "gates"]
    return Section("Best circuits", drawings=[drawing(drawn)] if drawn else [], head=head, rows=rows)


def _drawn(circuit: Circuit) -> Any:
    return drawing(circuit_svg(circuit))


def _histogram(angles: Sequence[tuple[float, ...]]) -> Any:
    """Return bars for the first free angle of each occurrence, from −π to π."""
    if not angles:
        return ""
    counts = [0] * BINS
    for first, *_ in angles:
        counts[int((first + pi) % (2 * pi) / (2 * pi) * BINS) % BINS] += 1
    bars = "".join(
        f'<rect x="{6 * i}" y="{40 - 40 * c / max(counts):.1f}" width="5" height="{40 * c / max(counts):.1f}" '
        'style="fill:var(--cd-1,#3367d6)"/>'
        for i, c in enumerate(counts)
    )
    axis = f'<line x1="0" x2="{6 * BINS}" y1="40.5" y2="40.5" style="stroke:var(--cd-muted,#6b7688)"/>'
    return drawing(f'<svg width="{6 * BINS}" height="41" role="img" aria-label="angles">{bars}{axis}</svg>')
