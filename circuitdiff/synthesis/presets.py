"""How much work each effort spends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Effort:
    """Limits of a compilation; work is in nominal multiply-adds (see `Budget`), by number of qubits.

    Attributes:
        samples: structures drawn from the model, or blindly, at a time.
        structures: distinct structures of each length that are instantiated.
        starts: factor on the number of starts a structure gets.
        rounds: times that a source is asked for structures.
        patience: solutions in a row by merged proposals that are no improvement, after which none is expected.
        template_work: what the template may spend before anything else has been found.
        late_template_work: what it may spend when all else has been tried and still has more entanglers.
        diffusion_work, search_work, edit_work: what each of these stages may spend.
        discrete_samples: circuits of gates without angles that the model draws before it gives up.
        peel_work: what peeling may spend.
        far_work: what growth in one go may spend where all else has no fewer entanglers than the template.
    """

    samples: int
    structures: int
    starts: float
    rounds: int
    patience: int
    template_work: Mapping[int, float]
    late_template_work: Mapping[int, float]
    diffusion_work: Mapping[int, float]
    search_work: Mapping[int, float]
    edit_work: Mapping[int, float]
    far_work: Mapping[int, float]
    peel_work: Mapping[int, float]
    discrete_samples: int


EFFORTS: Mapping[str, Effort] = MappingProxyType(
    {
        "fast": Effort(
            samples=32,
            structures=12,
            starts=0.5,
            rounds=1,
            patience=3,
            template_work={3: 5e8, 4: 4e9},
            late_template_work={},
            diffusion_work={3: 5e8, 4: 2e9, 5: 1e10},
            search_work={3: 3e8, 4: 4e9, 5: 2e10},
            edit_work={4: 1e9, 5: 5e9},
            far_work={},
            peel_work={4: 1.5e10, 5: 6e10},
            discrete_samples=64,
        ),
        "default": Effort(
            samples=24,
            structures=48,
            starts=1.0,
            rounds=1,
            patience=12,
            template_work={3: 1e9, 4: 5e9},
            late_template_work={4: 5e10, 5: 2e11},
            diffusion_work={3: 3e9, 4: 1e10, 5: 5e10},
            search_work={3: 3e8, 4: 1.2e10, 5: 1.3e11},
            edit_work={4: 4e9, 5: 2e10},
            far_work={4: 6e10, 5: 3e11},
            peel_work={4: 1e11, 5: 3e11},
            discrete_samples=256,
        ),
        "max": Effort(
            samples=256,
            structures=128,
            starts=2.0,
            rounds=3,
            patience=24,
            template_work={3: 1e10, 4: 5e10},
            late_template_work={4: 5e11, 5: 1e13},
            diffusion_work={3: 2e10, 4: 1e11, 5: 5e11},
            search_work={3: 2e10, 4: 8e10, 5: 5e11},
            edit_work={4: 2e10, 5: 1e11},
            far_work={4: 4e11, 5: 2e12},
            peel_work={4: 4e11, 5: 2e12},
            discrete_samples=2048,
        ),
    }
)
"""By name; at roughly 1e10 multiply-adds a second on one core."""
