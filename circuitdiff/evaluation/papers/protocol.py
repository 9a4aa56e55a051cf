"""What every protocol takes and gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from circuitdiff.evaluation.papers.registry import ModelRegistry


@dataclass(frozen=True)
class Setting:
    """How a protocol is run: on how many targets, from which seed, with which models."""

    targets: int
    seed: int
    models: ModelRegistry


@dataclass(frozen=True)
class Outcome:
    """What a protocol measured.

    Attributes:
        value: the figure.
        targets: of how many targets it is.
        samples: draws of the model for each.
        model: name of the checkpoint, None where none takes part.
        reason: what the figure does not say by itself, None where there is nothing of the kind.
        is_sound: whether every circuit kept what it had to keep, however good it is.
    """

    value: float
    targets: int
    samples: int
    model: str | None
    reason: str | None = None
    is_sound: bool = True


@dataclass(frozen=True)
class Protocol:
    """One row of the report: what its value says, targets by default, and the measurement."""

    meaning: str
    targets: int
    measure: Callable[[Setting], Outcome]


@dataclass(frozen=True)
class Row:
    """One row of the report; a value of None has a reason."""

    value: float | None
    targets: int
    samples: int
    seconds: float
    model: str | None
    seed: int
    reason: str | None = None
    is_sound: bool = True

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain data, the reason only where there is one, and soundness only where it fails."""
        left_out = [
            name for name, is_plain in (("reason", self.reason is None), ("is_sound", self.is_sound)) if is_plain
        ]
        return {name: value for name, value in asdict(self).items() if name not in left_out}
