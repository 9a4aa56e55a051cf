"""Structures and starts from the model of general circuits, for registers that the model of structures cannot take."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gate_sets import U_CZ
from circuitdiff.interruption import is_over
from circuitdiff.numerics.ansatz import Ansatz, EntanglerSequence, to_ansatz
from circuitdiff.numerics.threads import single_threaded
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.problem import SynthesisProblem

if TYPE_CHECKING:
    import torch

    from circuitdiff.generation import CircuitDiffusion

logger = logging.getLogger(__name__)

DRAWN_AT_ONCE = 32
"""Samples between looks at the clock: the model takes about 20 ms for each."""

BROAD_TEMPERATURE = 1.3
SEARCH_GUIDANCE = 2.0

_TOFFOLI = "h 2; cx 1 2; tdg 2; cx 0 2; t 2; cx 1 2; tdg 2; cx 0 2; t 1; t 2; h 2; cx 0 1; t 0; tdg 1; cx 0 1"
"""Nielsen and Chuang, figure 4.9."""


class GateSequenceProposer:
    """The model of general circuits: what it draws, rewritten with CZ, is a structure with angles to start from.

    Circuits of any length are structures: those of more entanglers than are asked for may still be shrunk.
    """

    name = "diffusion"

    def __init__(self, model: CircuitDiffusion, deadline: float = float("inf")) -> None:
        """Wrap a loaded model of unitaries, which draws nothing after a deadline, a value of `time.monotonic`."""
        self.model = model
        self.deadline = deadline
        self._drawn: dict[EntanglerSequence, Ansatz] = {}

    def searching(self) -> SearchedSequenceProposer:
        """Return the same model, searching."""
        return SearchedSequenceProposer(self.model, self.deadline)

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
        """Draw circuits under the coupling mask; where that is to be broad, at a higher temperature."""
        self._drawn = {}
        for circuit in self._circuits(problem, count, BROAD_TEMPERATURE if broad else 1.0, rng):
            ansatz = _in_cz(circuit)
            if problem.lower_bound <= len(ansatz.pairs) <= longest:
                self._drawn.setdefault(ansatz.pairs, ansatz)
        return list(self._drawn)

    def _circuits(
        self, problem: SynthesisProblem, count: int, temperature: float, rng: np.random.Generator
    ) -> list[Circuit]:
        from circuitdiff.generation import Sampling

        found: list[Circuit] = []
        generator, spec = self._generator(rng), CircuitSpec(coupling=problem.coupling.text)
        while len(found) < count and not is_over(self.deadline):
            how = Sampling(num_samples=min(DRAWN_AT_ONCE, count - len(found)), temperature=temperature)
            with single_threaded():
                found += self.model.sample(problem.target, spec, sampling=how, generator=generator)
        return found

    def _generator(self, rng: np.random.Generator) -> torch.Generator:
        import torch

        return torch.Generator(self.model.model.token_bias.device).manual_seed(int(rng.integers(2**62)))

    def starts(
        self, problem: SynthesisProblem, sequences: Sequence[EntanglerSequence], rng: np.random.Generator
    ) -> list[Ansatz]:
        """Return the circuits as they were drawn."""
        return [self._drawn[pairs] for pairs in sequences if pairs in self._drawn and problem.entangler == "cz"]


class SearchedSequenceProposer(GateSequenceProposer):
    """The same model, searching: what it draws begins and ends with pieces that leave little, by its own estimate.

    As many circuits are worth more, and take twice as long. What is to be broad is drawn at random.
    """

    def _circuits(
        self, problem: SynthesisProblem, count: int, temperature: float, rng: np.random.Generator
    ) -> list[Circuit]:
        from circuitdiff.generation import Sampling

        if temperature != 1.0:
            return super()._circuits(problem, count, temperature, rng)
        with single_threaded():
            found = self.model.search(
                problem.target,
                CircuitSpec(coupling=problem.coupling.text),
                sampling=Sampling(num_samples=count, guidance=SEARCH_GUIDANCE),
                deadline=self.deadline,
                generator=self._generator(rng),
            )
        return found[::-1]


def _in_cz(circuit: Circuit) -> Ansatz:
    """Rewrite a circuit with CZ and single-qubit gates, exactly but for the global phase."""
    simple = [part for operation in circuit.operations for part in _without_toffoli(operation)]
    return to_ansatz(translate_basis(Circuit(circuit.num_qubits, tuple(simple)), U_CZ))


def _without_toffoli(operation: Operation) -> list[Operation]:
    if operation.name != "ccx":
        return [operation]
    steps = (step.split() for step in _TOFFOLI.split("; "))
    return [Operation(name, tuple(operation.qubits[int(place)] for place in places)) for name, *places in steps]
