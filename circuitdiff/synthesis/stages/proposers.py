"""Where structures come from: the diffusion model, or a blind draw as its control."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from circuitdiff.numerics.ansatz import Dressed, Pairs
from circuitdiff.numerics.threads import single_threaded
from circuitdiff.synthesis.problem import Task

if TYPE_CHECKING:
    import torch

    from circuitdiff.generation import SkeletonDiffusion

MODEL_STEPS = 6
MODEL_ANGLE_STEPS = 4

BLIND_LONGEST = 40
"""About as many entanglers as the circuits have that the model of general circuits draws."""


class StructureSource(Protocol):
    """Proposes structures for a task, and angles at which to start instantiating them."""

    name: str

    def structures(self, task: Task, longest: int, count: int, rng: np.random.Generator, *, broad: bool) -> list[Pairs]:
        """Return distinct structures of at most ``longest`` entanglers, from ``count`` draws.

        ``broad`` asks for ``count`` different ones rather than for the likeliest again and again.
        """
        ...

    def starts(self, task: Task, structures: Sequence[Pairs], rng: np.random.Generator) -> list[Dressed]:
        """Return informed starts for some structures, or none."""
        ...


class ModelSource:
    """The diffusion model; targets smaller than its register are embedded with idle qubits."""

    name = "diffusion"

    def __init__(self, model: SkeletonDiffusion) -> None:
        """Wrap a loaded model."""
        self.model = model

    @property
    def num_qubits(self) -> int:
        """Register of the model."""
        return self.model.num_qubits

    def structures(self, task: Task, longest: int, count: int, rng: np.random.Generator, *, broad: bool) -> list[Pairs]:
        """Sample, or where that is to be broad search by beam, under the coupling mask and the budget."""
        with single_threaded():
            found = self.model.propose(
                self._embedded(task),
                task.coupling.pairs,
                min(longest, self.model.max_entanglers),
                count,
                MODEL_STEPS,
                _generator(rng),
                min_entanglers=min(task.lower_bound, longest, self.model.max_entanglers),
                search=broad,
                show_budget=broad,
            )
        return [pairs for pairs, _ in found]

    def starts(self, task: Task, structures: Sequence[Pairs], rng: np.random.Generator) -> list[Dressed]:
        """Sample angles, one draw a structure."""
        if task.entangler != "cz" or task.num_qubits != self.model.num_qubits:
            return []
        with single_threaded():
            draws = self.model.propose_angles(self._embedded(task), structures, 1, MODEL_ANGLE_STEPS, _generator(rng))
        return [
            Dressed(task.num_qubits, pairs, _in_order(theta[0], len(pairs)))
            for pairs, theta in zip(structures, draws, strict=True)
        ]

    def _embedded(self, task: Task) -> NDArray[np.complex128]:
        idle = np.eye(1 << (self.model.num_qubits - task.num_qubits), dtype=np.complex128)
        return np.asarray(np.kron(idle, task.target), dtype=np.complex128)


class BlindSource:
    """Structures drawn uniformly, of any length or of the greatest alone: the control for the model."""

    def __init__(self, name: str, *, longest_only: bool = False) -> None:
        """Name the proposer that draws."""
        self.name = name
        self.longest_only = longest_only

    def structures(self, task: Task, longest: int, count: int, rng: np.random.Generator, *, broad: bool) -> list[Pairs]:
        """Draw lengths up to `BLIND_LONGEST` and couplings uniformly, at most three in a row on one coupling."""
        longest = max(task.lower_bound, min(longest, BLIND_LONGEST))
        shortest = longest if self.longest_only else task.lower_bound
        drawn: dict[Pairs, None] = {}
        for _ in range(count):
            drawn[blind(task, int(rng.integers(shortest, longest + 1)), rng)] = None
        return list(drawn)

    def starts(self, task: Task, structures: Sequence[Pairs], rng: np.random.Generator) -> list[Dressed]:
        """Return none: every start is random."""
        return []


def blind(task: Task, length: int, rng: np.random.Generator) -> Pairs:
    """Draw one structure of a given length without looking at the target."""
    pairs: list[tuple[int, int]] = []
    while len(pairs) < length:
        pair = task.coupling.pairs[int(rng.integers(len(task.coupling.pairs)))]
        if len(task.coupling.pairs) == 1 or pairs[-3:] != [pair] * 3:
            pairs.append(pair)
    return tuple(pairs)


@lru_cache(maxsize=4)
def load_model(name_or_path: str | None, device: str) -> SkeletonDiffusion:
    """Load a checkpoint once a process.

    Raises:
        InputError: there is none of that name, or it is damaged.
    """
    from circuitdiff.generation import SkeletonDiffusion

    return SkeletonDiffusion.from_pretrained(name_or_path, device)


def _generator(rng: np.random.Generator) -> torch.Generator:
    import torch

    return torch.Generator().manual_seed(int(rng.integers(2**62)))


def _in_order(theta: NDArray[np.float64], entanglers: int) -> NDArray[np.float64]:
    """Turn the model's order (beta, gamma on each qubit) into that of `Dressed` (gamma, beta)."""
    dressing = theta[: 4 * entanglers].reshape(-1, 2)[:, ::-1]
    return np.concatenate((dressing.ravel(), theta[4 * entanglers :]))
