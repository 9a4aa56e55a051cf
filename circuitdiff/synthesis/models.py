"""The checkpoints of one compilation, loaded when a stage asks for them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.errors import InputError

if TYPE_CHECKING:
    from circuitdiff.generation import CircuitDiffusion
    from circuitdiff.synthesis.stages.gate_sequence_proposer import GateSequenceProposer
    from circuitdiff.synthesis.stages.proposers import AnsatzProposer

LOAD_SECONDS = 2.0
"""What it takes, roughly, to import torch and load a model: with less time left, none is loaded."""


@dataclass
class Models:
    """Loads what a compilation may ask.

    Attributes:
        name: of the checkpoint or its path; None for the bundled ones.
        device: where networks run, ``cpu`` or ``cuda``.
        deadline: `time.monotonic` after which nothing is loaded or drawn.
        asked: names of the checkpoints that took part, in order.
    """

    name: str | None = None
    device: str = "cpu"
    deadline: float = float("inf")
    asked: list[str] = field(default_factory=list)

    @property
    def in_time(self) -> bool:
        """Whether there is time to load a model."""
        return time.monotonic() + LOAD_SECONDS <= self.deadline

    def ansatz_proposer(self, num_qubits: int) -> AnsatzProposer | None:
        """Return the model that places entanglers for unitaries: the named one, else a bundled one.

        None where it does not cover the register, or there is no time.

        Raises:
            InputError: the checkpoint is missing or damaged, or the named one is of states.
        """
        from circuitdiff.models.config import UNITARY

        if self.name is not None and self.in_time:
            load_ansatz_model(self.name, self.device)  # refuses one of states
        return self._proposer_shown(num_qubits, UNITARY)

    def state_proposer(self, num_qubits: int) -> AnsatzProposer | None:
        """Return the model that places entanglers for states: the named one if it is of those, else a bundled one.

        None where it does not cover the register, or there is no time.

        Raises:
            InputError: the checkpoint is missing or damaged.
        """
        from circuitdiff.models.config import STATE

        return self._proposer_shown(num_qubits, STATE)

    def _proposer_shown(self, num_qubits: int, condition: str) -> AnsatzProposer | None:
        """Return the named model where it is shown a condition, else a bundled one; None if it is of fewer qubits."""
        if not self.in_time:
            return None
        from circuitdiff.generation.model_selection import ansatz_checkpoint
        from circuitdiff.synthesis.stages.proposers import AnsatzProposer

        model = None if self.name is None else _placing_entanglers(self.name, self.device)
        if model is None or condition not in model.config.conditions:
            bundled = ansatz_checkpoint(num_qubits, condition)
            model = None if bundled is None else _placing_entanglers(bundled, self.device)
        if model is None or num_qubits > model.num_qubits:
            return None
        self._note(model.name)
        return AnsatzProposer(model)

    def gate_sequence_proposer(self, num_qubits: int) -> GateSequenceProposer | None:
        """Return the model that draws named gates on a register; None where no checkpoint covers it, or no time.

        Raises:
            InputError: the checkpoint is damaged.
        """
        if not self.in_time:
            return None
        from circuitdiff.synthesis.stages.gate_sequence_proposer import GateSequenceProposer

        checkpoint = _covering(num_qubits, None)
        if checkpoint is None:
            return None
        proposer = GateSequenceProposer(load_gate_model(checkpoint, self.device), self.deadline)
        self._note(proposer.model.name)
        return proposer

    def gate_model(self, num_qubits: int, gate_set: GateSet) -> CircuitDiffusion | None:
        """Return a model for unitaries of a register in a gate set: the named one, else a bundled one.

        None where none is named and no bundled one takes them, or there is no time.

        Raises:
            InputError: the checkpoint is damaged or missing, or the named one does not take them.
        """
        if not self.in_time:
            return None
        checkpoint = self.name if self.name is not None else _covering(num_qubits, gate_set.gates)
        if checkpoint is None:
            return None
        model = load_gate_model(checkpoint, self.device)
        foreign = sorted(set(gate_set.gates) - set(model.config.gates))
        if foreign or num_qubits > model.num_qubits:
            raise InputError(
                f"checkpoint {model.name} takes {model.num_qubits} qubits and gates {', '.join(model.config.gates)}; "
                f"asked for are {num_qubits} and {', '.join(gate_set.gates)}"
            )
        self._note(model.name)
        return model

    def check_named(self) -> None:
        """Load a checkpoint that was named, so that a damaged one is told of even where none is needed.

        Raises:
            InputError: it is missing or damaged.
        """
        if self.name is not None:
            _placing_entanglers(self.name, self.device)

    def _note(self, name: str) -> None:
        if name not in self.asked:
            self.asked.append(name)


def _covering(num_qubits: int, gates: tuple[str, ...] | None) -> str | None:
    """Return the bundled checkpoint that takes unitaries of a register in some gates, None where none does.

    Raises:
        InputError: a bundled one is damaged.
    """
    from circuitdiff.generation.model_selection import fitting_checkpoints
    from circuitdiff.spec.circuit_spec import CircuitSpec

    fitting = fitting_checkpoints(CircuitSpec(num_qubits=num_qubits, gates=gates), has_target=True)
    return fitting[0] if fitting else None


def load_gate_model(name_or_path: str, device: str) -> CircuitDiffusion:
    """Load a checkpoint of gate sequences once a process.

    Raises:
        InputError: there is none of that name, or it is damaged or writes dressed CZ.
    """
    model = _loaded(name_or_path, device)
    if model.layout.final_gate:
        raise InputError(f"checkpoint {model.name} places dressed CZ, and a model of gate sequences is needed")
    return model


def load_ansatz_model(name_or_path: str | None, device: str) -> CircuitDiffusion:
    """Load a checkpoint that places entanglers for unitaries once a process.

    Raises:
        InputError: there is none of that name, or it is damaged, writes gate sequences or is of states.
    """
    from circuitdiff.models.config import UNITARY

    model = _placing_entanglers(name_or_path, device)
    if UNITARY not in model.config.conditions:
        raise InputError(f"checkpoint {model.name} is of states, and a model of unitaries is needed")
    return model


def _placing_entanglers(name_or_path: str | None, device: str) -> CircuitDiffusion:
    model = _loaded(name_or_path, device)
    if not model.layout.final_gate:
        raise InputError(f"checkpoint {model.name} writes gate sequences, and a model that places dressed CZ is needed")
    return model


@lru_cache(maxsize=8)
def _loaded(name_or_path: str | None, device: str) -> CircuitDiffusion:
    from circuitdiff.generation import CircuitDiffusion

    return CircuitDiffusion.from_pretrained(name_or_path, device)
