"""The outcome of an ablation, as data and as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from circuitdiff.evaluation.tables import aligned, number, title

CONTROL = "random"
METHOD = (
    "A target is solved when a structure of at most k entanglers reaches infidelity 1e-9. Columns count the targets "
    "solved by the first structures, so many of them; starts are those of each structure. random: as many distinct "
    "structures of the same lengths, drawn blindly; every structure of every arm gets the same number of starts."
)


@dataclass(frozen=True)
class StructuresRow:
    """Targets of one origin that need ``length`` entanglers.

    Attributes:
        proposed: distinct structures a target, on average; the same for every arm.
        starts: starts that a structure of this length gets.
        solved: by arm, targets solved by the first structures, for each number in the report's ``first``.
        seconds: by arm, wall time of instantiation; it stops at a solution.
    """

    origin: str
    length: int
    targets: int
    proposed: float
    starts: int
    solved: Mapping[str, tuple[int, ...]]
    seconds: Mapping[str, float]
    unsound: int = 0  # circuits that were claimed as solutions and are none when they are simulated


@dataclass(frozen=True)
class AnglesRow:
    """Single starts at the true structure, by arm: how many converged of how many."""

    origin: str
    length: int
    targets: int
    starts: int
    converged: Mapping[str, int]


@dataclass(frozen=True)
class AblationReport:
    """A whole ablation."""

    settings: Mapping[str, Any]
    environment: Mapping[str, Any]
    first: tuple[int, ...]
    structures: tuple[StructuresRow, ...]
    angles: tuple[AnglesRow, ...]

    @property
    def is_sound(self) -> bool:
        """Whether every circuit that counts as a solution is one when it is simulated."""
        return not any(row.unsound for row in self.structures)

    def solved(self, arm: str) -> tuple[int, ...]:
        """Targets that an arm solved with its first structures, for each number in ``first``."""
        return tuple(sum(row.solved[arm][i] for row in self.structures) for i in range(len(self.first)))

    @property
    def ratios(self) -> dict[str, list[float | None]]:
        """By arm of the model, targets solved over those of the control, for each number in ``first``."""
        control = self.solved(CONTROL)
        return {
            arm: [mine / blind if blind else None for mine, blind in zip(self.solved(arm), control, strict=True)]
            for arm in (self.structures[0].solved if self.structures else ())
            if arm != CONTROL
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        return {
            "settings": dict(self.settings),
            "environment": dict(self.environment),
            "method": METHOD,
            "first": list(self.first),
            "ratios": self.ratios,
            "structures": [asdict(row) for row in self.structures],
            "angles": [
                asdict(row) | {"share": {arm: count / row.starts for arm, count in row.converged.items()}}
                for row in self.angles
            ],
        }

    def table(self) -> str:
        """Return the report as text."""
        return "\n".join(
            [title(self.settings), "", "Structures", *self._structures(), "", METHOD, "", "Angles", *self._angles()]
        )

    def _structures(self) -> list[str]:
        if not self.structures:
            return []
        arms = list(self.structures[0].solved)
        heads = ["origin", "k", "targets", "structures", "starts"]
        heads += [f"{arm} {n}" for arm in arms for n in self.first]
        rows = []
        for row in self.structures:
            counts = [str(count) for arm in arms for count in row.solved[arm]]
            rows.append(
                [row.origin, str(row.length), str(row.targets), f"{row.proposed:.1f}", str(row.starts), *counts]
            )
        targets = str(sum(row.targets for row in self.structures))
        rows.append(["all", "", targets, "", "", *(str(count) for arm in arms for count in self.solved(arm))])
        ratios = [number(ratio, "{:.1f}") for arm in arms for ratio in self.ratios.get(arm, [None] * len(self.first))]
        rows.append([f"over {CONTROL}", "", "", "", "", *ratios])
        return aligned(heads, rows)

    def _angles(self) -> list[str]:
        if not self.angles:
            return []
        arms = list(self.angles[0].converged)
        heads = ["origin", "k", "targets", "starts", *(f"converged from {arm}" for arm in arms)]
        rows = [
            [row.origin, str(row.length), str(row.targets), str(row.starts)]
            + [f"{row.converged[arm] / row.starts:.2f}" for arm in arms]
            for row in self.angles
        ]
        return aligned(heads, rows)
