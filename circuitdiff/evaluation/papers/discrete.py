"""Circuits of gates without angles on three qubits (arXiv 2311.02041): compiled, and parts of them drawn anew."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.gate_sets import PRESETS, GateSet
from circuitdiff.circuits.layout import Layout
from circuitdiff.evaluation.papers.circuits import generator, held_out_circuits, is_connected
from circuitdiff.evaluation.papers.protocol import Outcome, Setting
from circuitdiff.generation import Sampling
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.synthesis.analytic.discrete_search import short_circuit

logger = logging.getLogger(__name__)

GATES = PRESETS["genqc-discrete"]
MAX_GATES = {3: 12, 4: 16, 5: 16}
"""Most gates of a circuit, by the size of the register."""

LAYOUT = Layout(3, GATES, MAX_GATES[3])
SPEC = CircuitSpec(num_qubits=3, gates=GATES)
COMPILE_SAMPLES = 128
EDIT_SAMPLES = 64
EXACT = 1e-9


def compiled(setting: Setting, num_qubits: int) -> Outcome:
    """Share of unitaries that a search with the model makes exactly, in at most as many gates as the longest circuit.

    On more than three qubits, they are those of circuits that do not fall apart into smaller registers. Short pieces
    that the model leaves are looked up. The share that this makes of the whole unitaries is told beside it, and that
    which as many independent samples make.
    """
    layout = Layout(num_qubits, GATES, MAX_GATES[num_qubits])
    model = setting.models.general(CircuitSpec(num_qubits=num_qubits, gates=GATES), has_target=True)
    whole = is_connected if num_qubits > LAYOUT.num_qubits else None
    targets = [circuit.unitary() for circuit in held_out_circuits(layout, setting.targets, setting.seed, whole)]
    close = partial(short_circuit, gate_set=GateSet("discrete", GATES), coupling=parse_coupling("all", num_qubits))
    solved = drawn = independent = short = 0
    for number, target in enumerate(targets):
        found, control = (
            draw(
                target,
                CircuitSpec(gates=GATES, max_gates=layout.max_gates),
                sampling=Sampling(num_samples=COMPILE_SAMPLES),
                generator=generator(setting.seed, number),
            )
            for draw in (partial(model.search, close=close), model.sample)
        )
        solved += is_made(target, found)
        independent += is_made(target, control)
        short += close(target) is not None
        drawn += len(found)
        logger.info("discrete circuits: %d of %d, %d without search", solved, number + 1, independent)
    told = f"{drawn / len(targets):.0f} samples a target on average; without search, {COMPILE_SAMPLES} samples solve "
    told += f"{independent / len(targets):.3f}, and without the model {short / len(targets):.3f} are looked up"
    return Outcome(solved / len(targets), len(targets), COMPILE_SAMPLES, model.name, told)


def edited(setting: Setting) -> Outcome:
    """Share of circuits whose second half, drawn anew, makes the whole what it was in one of the samples."""
    model = setting.models.general(SPEC, has_target=True)
    circuits = held_out_circuits(LAYOUT, setting.targets, setting.seed)
    solved, is_sound = 0, True
    for number, circuit in enumerate(circuits):
        kept = [position < circuit.num_gates // 2 for position in range(circuit.num_gates)]
        target = circuit.unitary()
        drawn = model.edit(
            circuit,
            kept,
            target,
            CircuitSpec(gates=LAYOUT.gates, max_gates=LAYOUT.max_gates),
            sampling=Sampling(num_samples=EDIT_SAMPLES),
            max_growth=LAYOUT.max_gates,
            search=True,
            generator=generator(setting.seed, number),
        )
        solved += is_made(target, drawn)
        before = circuit.operations[: sum(kept)]
        is_sound &= all(edit.operations[: len(before)] == before for edit in drawn)
        logger.info("edits: %d of %d", solved, number + 1)
    return Outcome(solved / len(circuits), len(circuits), EDIT_SAMPLES, model.name, is_sound=is_sound)


def is_made(target: NDArray[np.complex128], circuits: Iterable[Circuit]) -> bool:
    """Tell whether one of the circuits is a unitary up to phase."""
    return any(infidelity(target, circuit.unitary()) <= EXACT for circuit in dict.fromkeys(circuits))
