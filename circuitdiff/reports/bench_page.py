"""The page of a benchmark: its table, and for unitaries each target beside the other compilers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from circuitdiff.evaluation.deep import DeepReport
from circuitdiff.evaluation.report import OURS, BenchReport, Comparison
from circuitdiff.evaluation.states import StatesReport
from circuitdiff.reports.charts import Axis, Series, chart
from circuitdiff.reports.page import Section, drawing, sections_page

MISSING = "–"


class Tabular(Protocol):
    """Every report of a benchmark."""

    def table(self) -> str:
        """Return the report as text."""
        ...


def bench_page(suite: str, report: Tabular) -> str:
    """Return the page of a benchmark as HTML that needs nothing else."""
    sections = [Section("Table", text=report.table())]
    if isinstance(report, BenchReport):
        sections += _comparison(report)
    elif isinstance(report, StatesReport):
        sections.insert(0, _states(report))
    elif isinstance(report, DeepReport):
        sections.insert(0, _deep(report))
    settings = getattr(report, "settings", {})
    intro = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in settings.items() if value is not None)
    return sections_page(f"bench {suite}", sections, intro=intro, figures=list(_figures(report)))


def _figures(report: Tabular) -> Iterator[tuple[str, str]]:
    if not isinstance(report, BenchReport):
        return
    yield "targets", str(len(report.comparisons))
    solved = [line for line in report.comparisons if all(line.count(name) is not None for name in report.compilers)]
    for compiler in report.compilers:
        yield f"two-qubit gates, {compiler}", str(sum(line.count(compiler) or 0 for line in solved))
    yield "failures", str(len(report.failures))


def _comparison(report: BenchReport) -> list[Section]:
    peers = [name for name in report.compilers if name != OURS]
    points = {peer: list(_points(report.comparisons, peer)) for peer in peers}
    largest = max((value for pairs in points.values() for pair in pairs for value in pair), default=0.0)
    same = Series("as many", [(0.0, 0.0), (largest, largest)])
    series = [same, *(Series(peer, pairs, "points") for peer, pairs in points.items())]
    drawn = chart(series, Axis("two-qubit gates of another compiler"), Axis("of circuitdiff")) if largest else ""
    rows = [
        [
            line.name,
            line.num_qubits,
            *(_shown(line.count(name)) for name in report.compilers),
            line.outcomes[OURS].source,
        ]
        for line in report.comparisons
    ]
    note = "Targets below the line take fewer two-qubit gates with circuitdiff."
    return [
        Section("Beside other compilers", note, drawings=[drawing(drawn)] if drawn else []),
        Section("Targets", head=["target", "qubits", *report.compilers, "found by"], rows=rows),
        Section("Failures", rows=[[failure] for failure in report.failures], head=["what is wrong"]),
    ]


def _points(lines: Sequence[Comparison], peer: str) -> Iterator[tuple[float, float]]:
    """Yield the counts of another compiler and of ours where both have a circuit."""
    for line in lines:
        theirs, ours = line.count(peer), line.count(OURS)
        if theirs is not None and ours is not None:
            yield float(theirs), float(ours)


def _states(report: StatesReport) -> Section:
    compilers = list(dict.fromkeys(name for row in report.rows for name in row.outcomes))
    rows = [
        [row.name, row.num_qubits, row.coupling]
        + [_shown(outcome.two_qubit_count if (outcome := row.outcomes.get(name)) else None) for name in compilers]
        for row in report.rows
    ]
    return Section("States", "Two-qubit gates.", head=["state", "qubits", "coupling", *compilers], rows=rows)


def _deep(report: DeepReport) -> Section:
    arms: Sequence[str] = list(report.rows[0].solved) if report.rows else []
    series = [
        Series(arm, [(float(row.length), 100 * row.solved[arm] / row.targets) for row in report.rows]) for arm in arms
    ]
    drawn = chart(series, Axis("entanglers of the circuit"), Axis("found, %"))
    return Section("Found at equal work", drawings=[drawing(drawn)] if drawn else [])


def _shown(count: int | None) -> str:
    return MISSING if count is None else str(count)
