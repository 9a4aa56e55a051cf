"""Structures and starts from the model of general circuits, for registers that the model of structures cannot take."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.errors import InputError
from circuitdiff.synthesis.discrete_diffusion import load_general
from circuitdiff.synthesis.lowering import lower_to_gate_set
from circuitdiff.synthesis.structure import Dressed, Pairs, absorb
from circuitdiff.synthesis.task import Task
from circuitdiff.synthesis.threads import single_threaded

if TYPE_CHECKING:
    from circuitdiff.sampling import GateDiffusion

logger = logging.getLogger(__name__)

_U_CZ = GateSet("u,cz", ("u", "cz"))
_TOFFOLI = "h 2; cx 1 2; tdg 2; cx 0 2; t 2; cx 1 2; tdg 2; cx 0 2; t 1; t 2; h 2; cx 0 1; t 0; tdg 1; cx 0 1"
"""Nielsen and Chuang, figure 4.9."""


class GeneralSource:
    """The model of general circuits: what it draws, rewritten with CZ, is a structure with angles to start from.

    Circuits of any length are structures: those of more entanglers than are asked for may still be shrunk.
    """

    name = "diffusion"

    def __init__(self, model: GateDiffusion) -> None:
        """Wrap a loaded model of unitaries."""
        self.model = model
        self._drawn: dict[Pairs, Dressed] = {}

    @property
    def num_qubits(self) -> int:
        """Register of the model."""
        return self.model.num_qubits

    def structures(self, task: Task, longest: int, count: int, rng: np.random.Generator, *, broad: bool) -> list[Pairs]:
        """Draw circuits under the coupling mask; where that is to be broad, at a higher temperature."""
        import torch

        device = self.model.model.token_bias.device
        with single_threaded():
            circuits = self.model.sample(
                task.target,
                coupling=task.coupling,
                num_samples=count,
                temperature=1.3 if broad else 1.0,
                generator=torch.Generator(device).manual_seed(int(rng.integers(2**62))),
            )
        self._drawn = {}
        for circuit in circuits:
            dressed = _in_cz(circuit)
            if task.lower_bound <= len(dressed.pairs) <= longest:
                self._drawn.setdefault(dressed.pairs, dressed)
        return list(self._drawn)

    def starts(self, task: Task, structures: Sequence[Pairs], rng: np.random.Generator) -> list[Dressed]:
        """Return the circuits as they were drawn."""
        return [self._drawn[pairs] for pairs in structures if pairs in self._drawn and task.entangler == "cz"]


def general_source(num_qubits: int, device: str) -> GeneralSource | None:
    """Return a source with the bundled model of general circuits for a register; None where there is none."""
    from circuitdiff.circuits.prompts import Wish
    from circuitdiff.sampling.choice import choose_checkpoint

    try:
        return GeneralSource(load_general(choose_checkpoint(Wish(num_qubits=num_qubits), has_target=True), device))
    except InputError as error:
        logger.info("%s", error)
        return None


def _in_cz(circuit: Circuit) -> Dressed:
    """Rewrite a circuit with CZ and single-qubit gates, exactly but for the global phase."""
    simple = [part for operation in circuit.operations for part in _without_toffoli(operation)]
    return absorb(lower_to_gate_set(Circuit(circuit.num_qubits, tuple(simple)), _U_CZ))


def _without_toffoli(operation: Operation) -> list[Operation]:
    if operation.name != "ccx":
        return [operation]
    steps = (step.split() for step in _TOFFOLI.split("; "))
    return [Operation(name, tuple(operation.qubits[int(place)] for place in places)) for name, *places in steps]
