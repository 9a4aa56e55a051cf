"""Where entangler sequences come from: the diffusion model, or a uniform draw as its control."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from circuitdiff.models.config import STATE
from circuitdiff.numerics.ansatz import Ansatz, EntanglerSequence
from circuitdiff.numerics.threads import single_threaded
from circuitdiff.synthesis.problem import SynthesisProblem

if TYPE_CHECKING:
    import torch

    from circuitdiff.generation import CircuitDiffusion

MODEL_STEPS = 6
MODEL_ANGLE_STEPS = 4

UNIFORM_LONGEST = 40
"""About as many entanglers as the circuits have that the model of general circuits draws."""


class Proposer(Protocol):
    """Proposes entangler sequences for a problem, and angles at which to start instantiating them."""

    name: str

    @property
    def model_name(self) -> str | None:
        """The checkpoint that draws, None where none does."""
        ...

    def sequences(
        self, problem: SynthesisProblem, longest: int, count: int, rng: np.random.Generator, *, broad: bool
    ) -> list[EntanglerSequence]:
        """Return distinct entangler sequences of at most ``longest`` entanglers, from ``count`` draws.

        ``broad`` asks for ``count`` different ones rather than for the likeliest again and again.
        """
        ...

    def starts(
        self, problem: SynthesisProblem, sequences: Sequence[EntanglerSequence], rng: np.random.Generator
    ) -> list[Ansatz]:
        """Return informed starts for some sequences, or none."""
        ...


class AnsatzProposer:
    """The diffusion model that places entanglers, for unitaries or for states on its register or smaller ones."""

    name = "diffusion"

    def __init__(self, model: CircuitDiffusion) -> None:
        """Wrap a loaded model."""
        self.model = model

    @property
    def num_qubits(self) -> int:
        """Register of the model."""
        return self.model.num_qubits

    @property
    def model_name(self) -> str | None:
        """The checkpoint."""
        return self.model.name

    def sequences(
        self, problem: SynthesisProblem, longest: int, count: int, rng: np.random.Generator, *, broad: bool
    ) -> list[EntanglerSequence]:
        """Sample, or where that is to be broad search by beam, under the coupling mask and the budget."""
        from circuitdiff.generation import Sampling

        with single_threaded():
            found = self.model.propose(
                self._shown(problem),
                problem.coupling.pairs,
                min_gates=min(problem.lower_bound, longest, self.model.layout.max_gates),
                max_gates=min(longest, self.model.layout.max_gates),
                show_budget=broad,
                sampling=Sampling(count, MODEL_STEPS, sampler="beam" if broad else "gates"),
                generator=_generator(rng),
            )
        return [pairs for pairs, _ in found]

    def at_most(self, problem: SynthesisProblem) -> NDArray[np.float64]:
        """Return the probabilities that at most 0, 1, ... entanglers suffice; none where the model cannot say."""
        if problem.entangler != "cz" or not (self.is_of_states or problem.num_qubits == self.model.num_qubits):
            return np.zeros(0)
        with single_threaded():
            counts = self.model.entangler_counts(self._shown(problem)[None], problem.coupling.pairs)
        return np.asarray(np.cumsum(counts[0])[:-1])

    def starts(
        self, problem: SynthesisProblem, sequences: Sequence[EntanglerSequence], rng: np.random.Generator
    ) -> list[Ansatz]:
        """Sample angles, one draw a structure; some models know none."""
        is_other = problem.entangler != "cz" or problem.num_qubits != self.model.num_qubits
        if is_other or not self.model.model.knows_angles:
            return []
        with single_threaded():
            draws = self.model.propose_angles(self._shown(problem), sequences, 1, MODEL_ANGLE_STEPS, _generator(rng))
        return [
            Ansatz(problem.num_qubits, pairs, _in_order(theta[0], len(pairs)))
            for pairs, theta in zip(sequences, draws, strict=True)
        ]

    @property
    def is_of_states(self) -> bool:
        """Whether the model is shown states."""
        return STATE in self.model.config.conditions

    def _shown(self, problem: SynthesisProblem) -> NDArray[np.complex128]:
        return problem.target[:, 0] if self.is_of_states else problem.target


class UniformProposer:
    """Entangler sequences drawn uniformly, of any length or of the greatest alone: the control for the model."""

    def __init__(self, name: str, *, longest_only: bool = False) -> None:
        """Name the proposer that draws."""
        self.name = name
        self.longest_only = longest_only

    @property
    def model_name(self) -> str | None:
        """None: nothing is learned."""
        return None

    def sequences(
        self, problem: SynthesisProblem, longest: int, count: int, rng: np.random.Generator, *, broad: bool
    ) -> list[EntanglerSequence]:
        """Draw lengths up to `UNIFORM_LONGEST` and couplings uniformly, at most three in a row on one coupling."""
        longest = max(problem.lower_bound, min(longest, UNIFORM_LONGEST))
        shortest = longest if self.longest_only else problem.lower_bound
        drawn: dict[EntanglerSequence, None] = {}
        for _ in range(count):
            drawn[random_sequence(problem, int(rng.integers(shortest, longest + 1)), rng)] = None
        return list(drawn)

    def starts(
        self, problem: SynthesisProblem, sequences: Sequence[EntanglerSequence], rng: np.random.Generator
    ) -> list[Ansatz]:
        """Return none: every start is random."""
        return []


def random_sequence(problem: SynthesisProblem, length: int, rng: np.random.Generator) -> EntanglerSequence:
    """Draw an entangler sequence of a given length without looking at the target."""
    pairs: list[tuple[int, int]] = []
    while len(pairs) < length:
        pair = problem.coupling.pairs[int(rng.integers(len(problem.coupling.pairs)))]
        if len(problem.coupling.pairs) == 1 or pairs[-3:] != [pair] * 3:
            pairs.append(pair)
    return tuple(pairs)


def _generator(rng: np.random.Generator) -> torch.Generator:
    import torch

    return torch.Generator().manual_seed(int(rng.integers(2**62)))


def _in_order(theta: NDArray[np.float64], entanglers: int) -> NDArray[np.float64]:
    """Turn the model's order (beta, gamma on each qubit) into that of `Ansatz` (gamma, beta)."""
    dressing = theta[: 4 * entanglers].reshape(-1, 2)[:, ::-1]
    return np.concatenate((dressing.ravel(), theta[4 * entanglers :]))
