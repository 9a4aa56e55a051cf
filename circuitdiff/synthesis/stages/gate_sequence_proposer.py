"""Structures and starts from the model of general circuits, for registers that the model of structures cannot take."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.errors import InputError
from circuitdiff.numerics.ansatz import Dressed, Pairs, absorb
from circuitdiff.numerics.threads import single_threaded
from circuitdiff.synthesis.analytic.basis_translation import lower_to_gate_set
from circuitdiff.synthesis.problem import Task
from circuitdiff.synthesis.stages.discrete import load_general

if TYPE_CHECKING:
    from circuitdiff.generation import GateDiffusion

logger = logging.getLogger(__name__)

DRAWN_AT_ONCE = 32
"""Samples between looks at the clock: the model takes about 20 ms for each."""

_U_CZ = GateSet("u,cz", ("u", "cz"))
_TOFFOLI = "h 2; cx 1 2; tdg 2; cx 0 2; t 2; cx 1 2; tdg 2; cx 0 2; t 1; t 2; h 2; cx 0 1; t 0; tdg 1; cx 0 1"
"""Nielsen and Chuang, figure 4.9."""


class GeneralSource:
    """The model of general circuits: what it draws, rewritten with CZ, is a structure with angles to start from.

    Circuits of any length are structures: those of more entanglers than are asked for may still be shrunk.
    """

    name = "diffusion"

    def __init__(self, model: GateDiffusion, deadline: float = float("inf")) -> None:
        """Wrap a loaded model of unitaries, which draws nothing after a deadline, a value of `time.monotonic`."""
        self.model = model
        self.deadline = deadline
        self._drawn: dict[Pairs, Dressed] = {}

    @property
    def num_qubits(self) -> int:
        """Register of the model."""
        return self.model.num_qubits

    def structures(self, task: Task, longest: int, count: int, rng: np.random.Generator, *, broad: bool) -> list[Pairs]:
        """Draw circuits under the coupling mask; where that is to be broad, at a higher temperature."""
        import torch

        generator = torch.Generator(self.model.model.token_bias.device).manual_seed(int(rng.integers(2**62)))
        self._drawn = {}
        for first in range(0, count, DRAWN_AT_ONCE):
            if time.monotonic() > self.deadline:
                break
            with single_threaded():
                circuits = self.model.sample(
                    task.target,
                    coupling=task.coupling,
                    num_samples=min(DRAWN_AT_ONCE, count - first),
                    temperature=1.3 if broad else 1.0,
                    generator=generator,
                )
            for circuit in circuits:
                dressed = _in_cz(circuit)
                if task.lower_bound <= len(dressed.pairs) <= longest:
                    self._drawn.setdefault(dressed.pairs, dressed)
        return list(self._drawn)

    def starts(self, task: Task, structures: Sequence[Pairs], rng: np.random.Generator) -> list[Dressed]:
        """Return the circuits as they were drawn."""
        return [self._drawn[pairs] for pairs in structures if pairs in self._drawn and task.entangler == "cz"]


def general_source(num_qubits: int, device: str, deadline: float = float("inf")) -> GeneralSource | None:
    """Return a source with the bundled model of general circuits for a register; None where there is none."""
    from circuitdiff.generation.model_selection import choose_checkpoint
    from circuitdiff.spec.prompts import Wish

    try:
        checkpoint = choose_checkpoint(Wish(num_qubits=num_qubits), has_target=True)
        return GeneralSource(load_general(checkpoint, device), deadline)
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
