"""What a bench found out: per target and compiler, per family, and as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from statistics import median
from typing import Any

from circuitdiff.evaluation.tables import aligned, number, seconds_text, title

OURS = "circuitdiff"


@dataclass(frozen=True)
class Outcome:
    """What one compiler made of one target.

    Attributes:
        two_qubit_count, infidelity, num_gates, depth: of its circuit, as measured here; None where there is none.
        seconds: wall time; the timeout where it ran into that.
        cpu_seconds: processor time of all its processes, None where that is not known.
        source: the proposer that won, for ours.
        permutation: where the circuit leaves each qubit, if not in place; putting them back is not counted.
        failure: what is wrong, None where the circuit is exact and fits the device.
        candidates: by proposer, structures tried and solved.
    """

    two_qubit_count: int | None = None
    infidelity: float | None = None
    num_gates: int | None = None
    depth: int | None = None
    seconds: float = 0.0
    cpu_seconds: float | None = None
    source: str | None = None
    permutation: tuple[int, ...] | None = None
    failure: str | None = None
    candidates: Mapping[str, Any] = field(default_factory=dict)

    @property
    def count(self) -> int | None:
        """Two-qubit gates of a circuit that is right, None where there is none."""
        return self.two_qubit_count if self.failure is None else None


@dataclass(frozen=True)
class Comparison:
    """One target, by every compiler."""

    name: str
    family: str
    num_qubits: int
    best: int | None
    outcomes: Mapping[str, Outcome]

    def count(self, compiler: str) -> int | None:
        """Two-qubit gates of a compiler's circuit, or what is known to suffice (``best``)."""
        return self.best if compiler == "best" else self.outcomes[compiler].count


@dataclass(frozen=True)
class BenchReport:
    """A whole run."""

    settings: Mapping[str, Any]
    environment: Mapping[str, Any]
    compilers: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    conditions: str

    @property
    def failures(self) -> list[str]:
        """Each circuit of any compiler that is wrong or missing, ours first."""
        return [
            f"{compiler} on {line.name}: {line.outcomes[compiler].failure}"
            for compiler in self.compilers
            for line in self.comparisons
            if line.outcomes[compiler].failure is not None
        ]

    @property
    def is_sound(self) -> bool:
        """Whether every circuit of ours is exact and fits the device."""
        return all(line.outcomes[OURS].failure is None for line in self.comparisons)

    def groups(self) -> list[tuple[str, str, list[Comparison]]]:
        """Return (family, qubits, comparisons): each family at each size, then every size, then all."""
        sizes = sorted({line.num_qubits for line in self.comparisons})
        groups = []
        for size in sizes:
            same = [line for line in self.comparisons if line.num_qubits == size]
            by_family = sorted(same, key=lambda line: line.family)
            parts = [(family, str(size), list(lines)) for family, lines in groupby(by_family, lambda line: line.family)]
            groups += parts + [("all", str(size), same)] * (len(parts) > 1)
        return groups + [("all", "all", list(self.comparisons))] * (len(sizes) > 1)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        families = sorted({line.family for line in self.comparisons})
        return {
            "settings": dict(self.settings),
            "environment": dict(self.environment),
            "conditions": self.conditions,
            "compilers": list(self.compilers),
            "groups": [
                {"family": family, "num_qubits": size, **summarise(lines, self.compilers)}
                for family, size, lines in self.groups()
            ],
            "families": {
                family: summarise([line for line in self.comparisons if line.family == family], self.compilers)
                for family in families
            },
            "total": summarise(self.comparisons, self.compilers),
            "failures": self.failures,
            "targets": [
                {
                    "name": line.name,
                    "family": line.family,
                    "num_qubits": line.num_qubits,
                    "best": line.best,
                    "outcomes": {name: asdict(outcome) for name, outcome in line.outcomes.items()},
                }
                for line in self.comparisons
            ],
        }

    def table(self) -> str:
        """Return the report as text."""
        groups = [(family, size, summarise(lines, self.compilers)) for family, size, lines in self.groups()]
        gates = [_gates_row(family, size, summary, self.compilers) for family, size, summary in groups]
        times = [_times_row(family, size, summary, self.compilers) for family, size, summary in groups]
        return "\n".join(
            [
                *(title(self.settings), "", "Two-qubit gates, and in brackets ours over theirs", *_table(gates)),
                *("", "Seconds, and in brackets of processor time", *_table(times)),
                *("", self.conditions, *_failure_lines(self.failures)),
            ]
        )


def summarise(lines: Sequence[Comparison], compilers: Sequence[str]) -> dict[str, Any]:
    """Return totals, ratios, times and sources of some comparisons.

    Ratios are our total over another's, on the targets that both did; what is known to suffice counts as ``best``.
    """
    others = [*(name for name in compilers if name != OURS), "best"]
    ours = [line.outcomes[OURS] for line in lines]
    exact = [outcome.infidelity for outcome in ours if outcome.failure is None and outcome.infidelity is not None]
    sources = Counter(outcome.source for outcome in ours if outcome.failure is None and outcome.source)
    return {
        "targets": len(lines),
        "two_qubit_count": {name: _total(lines, name) for name in (*compilers, "best")},
        "done": {name: sum(line.count(name) is not None for line in lines) for name in (*compilers, "best")},
        "ratio": {name: _ratio(lines, name) for name in others},
        "median_seconds": {name: median(line.outcomes[name].seconds for line in lines) for name in compilers},
        "median_cpu_seconds": {name: _median_cpu(lines, name) for name in compilers},
        "max_seconds": {name: max(line.outcomes[name].seconds for line in lines) for name in compilers},
        "max_infidelity": max(exact, default=None),
        "at_or_under": {name: _wins(lines, name)[0] for name in others},
        "over": {name: _wins(lines, name)[1] for name in others},
        "sources": dict(sources.most_common()),
        "source_shares": {name: count / len(lines) for name, count in sources.most_common()},
    }


def _both(lines: Iterable[Comparison], other: str) -> list[tuple[int, int]]:
    """Return our count and another's, where both have one."""
    pairs = ((line.count(OURS), line.count(other)) for line in lines)
    return [(mine, theirs) for mine, theirs in pairs if mine is not None and theirs is not None]


def _total(lines: Iterable[Comparison], name: str) -> int:
    return sum(count for line in lines if (count := line.count(name)) is not None)


def _ratio(lines: Iterable[Comparison], other: str) -> float | None:
    both = _both(lines, other)
    theirs = sum(count for _, count in both)
    return sum(count for count, _ in both) / theirs if theirs else None


def _wins(lines: Iterable[Comparison], other: str) -> tuple[int, int]:
    """Return on how many targets we need at most as many gates as another, and on how many more."""
    both = _both(lines, other)
    under = sum(mine <= theirs for mine, theirs in both)
    return under, len(both) - under


def _median_cpu(lines: Iterable[Comparison], name: str) -> float | None:
    known = [seconds for line in lines if (seconds := line.outcomes[name].cpu_seconds) is not None]
    return median(known) if known else None


def _gates_row(family: str, size: str, summary: Mapping[str, Any], compilers: Sequence[str]) -> dict[str, str]:
    """Return one row of the table of gates by column heading."""
    targets, others = summary["targets"], [*(name for name in compilers if name != OURS), "best"]

    def total(name: str) -> str:
        done, ratio = summary["done"][name], summary["ratio"].get(name)
        if not done:
            return "-"
        partly = f" of {done}" * (done < targets)
        return f"{summary['two_qubit_count'][name]}{partly}" + (f" ({ratio:.2f})" if ratio is not None else "")

    row = {"family": family, "qubits": size, "targets": str(targets), OURS: total(OURS)}
    row |= {name: total(name) for name in others}
    known = summary["done"]["best"]
    row |= {"<=best": f"{summary['at_or_under']['best']}/{known}" if known else "-"}
    row |= {f">{name}": str(summary["over"][name]) for name in others[:-1]}
    return row | {"sources": ", ".join(f"{name} {count}" for name, count in summary["sources"].items()) or "-"}


def _times_row(family: str, size: str, summary: Mapping[str, Any], compilers: Sequence[str]) -> dict[str, str]:
    """Return one row of the table of times by column heading."""

    def seconds(name: str) -> str:
        cpu = summary["median_cpu_seconds"][name]
        return seconds_text(summary["median_seconds"][name]) + (f" ({seconds_text(cpu)})" if cpu is not None else "")

    row = {"family": family, "qubits": size} | {name: seconds(name) for name in compilers}
    return row | {"largest infidelity": number(summary["max_infidelity"], "{:.0e}")}


def _table(rows: Sequence[Mapping[str, str]]) -> list[str]:
    return aligned(list(rows[0]), [list(row.values()) for row in rows])


def _failure_lines(failures: Sequence[str]) -> list[str]:
    return ["", f"{len(failures)} FAILED", *(f"FAILED {failure}" for failure in failures)] if failures else []
