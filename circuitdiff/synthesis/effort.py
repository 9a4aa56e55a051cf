"""How much work each effort spends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Effort:
    """Limits of a compilation; work is in nominal multiply-adds (see `Budget`), by number of qubits.

    Attributes:
        samples: structures drawn from the model at a time.
        structures: distinct structures of each length that are instantiated.
        starts: factor on the number of starts a structure gets.
        dry_rounds: rounds without an improvement after which the model is not asked again.
        diffusion_work, search_work, edit_work: what each stage may spend.
    """

    samples: int
    structures: int
    starts: float
    dry_rounds: int
    diffusion_work: Mapping[int, float]
    search_work: Mapping[int, float]
    edit_work: Mapping[int, float]


EFFORTS: Mapping[str, Effort] = MappingProxyType(
    {
        "fast": Effort(32, 12, 0.5, 1, {3: 5e8}, {3: 3e8, 4: 4e9, 5: 2e10}, {3: 1e8, 4: 1e9, 5: 5e9}),
        "default": Effort(64, 24, 1.0, 1, {3: 2e9}, {3: 1e9, 4: 1.6e10, 5: 8e10}, {3: 5e8, 4: 4e9, 5: 2e10}),
        "max": Effort(128, 64, 2.0, 3, {3: 3e10}, {3: 3e10, 4: 8e10, 5: 1e12}, {3: 1e10, 4: 2e10, 5: 2e11}),
    }
)
"""By name; at roughly 1e10 multiply-adds a second on one core."""
