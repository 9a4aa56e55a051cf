"""The page of one compilation: circuits before and after, the best over time, and what each proposer did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.reports.charts import Axis, Series, chart
from circuitdiff.reports.circuit_svg import circuit_svg
from circuitdiff.reports.page import drawing, render

if TYPE_CHECKING:
    from circuitdiff.circuits.program import Program
    from circuitdiff.resynthesis import Resynthesis
    from circuitdiff.synthesis import CompileResult
    from circuitdiff.synthesis.problem import Improvement

SHOWN = 1e-16
"""Infidelity below which points lie on the floor of their chart."""

MAX_DRAWN = 400
"""Gates of the largest circuit that is drawn; larger ones are told by their figures."""


def compilation_page(
    title: str,
    result: CompileResult | Resynthesis,
    before: Circuit | Program | None = None,
    written: Circuit | Program | None = None,
) -> str:
    """Return the page as HTML that needs nothing else.

    Args:
        title: what was compiled.
        result: of `circuitdiff.compile` or `circuitdiff.resynthesize`.
        before: the circuit that was given, None for a matrix or state.
        written: the circuit as it goes into a file, by default the result's.
    """
    after = result.circuit if written is None else written
    before = getattr(result, "before", before)
    history: Sequence[Improvement] = getattr(result, "history", ())
    return render(
        "compilation",
        title=title,
        device=f"gate set {result.gate_set}, coupling {result.coupling}, seed {result.seed}",
        figures=list(_figures(result, before)),
        drawings=list(_drawings(before, after)),
        incumbents=drawing(_incumbents(history, result.seconds)) if history else "",
        fits=drawing(_fits(result)),
        proposers=_proposers(result),
        qasm=after.to_qasm(),
    )


def _figures(result: CompileResult | Resynthesis, before: Circuit | Program | None) -> Iterator[tuple[str, str]]:
    for name, attribute in (("two-qubit gates", "two_qubit_count"), ("gates", "num_gates"), ("depth", "depth")):
        count = str(getattr(result.circuit, attribute))
        yield name, count if before is None else f"{getattr(before, attribute)} → {count}"
    yield "infidelity", "–" if result.infidelity is None else f"{max(0.0, result.infidelity):.1e}"
    yield "within tolerance", "yes" if result.tol_met else "no"
    yield "source", getattr(result, "source", "resynthesis")
    yield "seconds", f"{result.seconds:.2f}"


def _drawings(before: Circuit | Program | None, after: Circuit | Program) -> Iterator[tuple[str, Any]]:
    if before is not None:
        yield "Before", _drawn(before)
    yield ("Circuit" if before is None else "After"), _drawn(after)


def _drawn(circuit: Circuit | Program) -> Any:
    """Return a drawing, or a sentence in its place."""
    if circuit.num_gates > MAX_DRAWN:
        return f"{circuit.num_gates} gates, too many to draw; the OpenQASM below has them."
    if isinstance(circuit, Circuit):
        return drawing(circuit_svg(circuit))
    if circuit.is_circuit:
        return drawing(circuit_svg(circuit.circuit()))
    from circuitdiff.interop import program_to_qiskit

    text = str(program_to_qiskit(circuit).draw("text", fold=100))
    return drawing(f"<pre>{escape(text)}</pre>")


def _incumbents(history: Sequence[Improvement], seconds: float) -> str:
    """Return a chart of steps for the best so far, with the improvements of each proposer on it."""
    points = [(improvement.seconds, float(improvement.two_qubit_count)) for improvement in history]
    ended = [*points, (max(seconds, points[-1][0]), points[-1][1])]
    sources = list(dict.fromkeys(improvement.source for improvement in history))
    found = [
        Series(source, [p for p, one in zip(points, history, strict=True) if one.source == source], "points")
        for source in sources
    ]
    return chart([Series("best so far", ended, "line-step"), *found], Axis("seconds"), Axis("two-qubit gates"))


def _fits(result: CompileResult | Resynthesis) -> str:
    """Return a chart of all that was fitted to the target; what did not come near it lies high."""
    reports = getattr(result, "candidates", {})
    series = [
        Series(name, [(float(count), max(SHOWN, missed)) for count, missed in report.fits], "points")
        for name, report in reports.items()
        if report.fits
    ]
    return chart(series, Axis("two-qubit gates"), Axis("infidelity", log=True))


def _proposers(result: CompileResult | Resynthesis) -> list[tuple[str, int, int, str]]:
    reports = getattr(result, "candidates", {})
    return [
        (
            name,
            report.tried,
            report.solved,
            "–" if report.best_two_qubit_count is None else str(report.best_two_qubit_count),
        )
        for name, report in reports.items()
    ]
