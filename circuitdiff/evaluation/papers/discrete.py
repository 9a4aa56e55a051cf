"""Circuits of gates without angles on three qubits (arXiv 2311.02041): compiled, and parts of them drawn anew."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gate_layout import GateLayout
from circuitdiff.circuits.gate_sets import PRESETS
from circuitdiff.circuits.prompts import Wish
from circuitdiff.evaluation.papers.circuits import generator, held_out_circuits
from circuitdiff.evaluation.papers.protocol import Outcome, Setting

logger = logging.getLogger(__name__)

LAYOUT = GateLayout(3, PRESETS["genqc-discrete"], 12)
WISH = Wish(num_qubits=3, gates=LAYOUT.gates)
COMPILE_SAMPLES = 128
EDIT_SAMPLES = 64
EXACT = 1e-9


def compiled(setting: Setting) -> Outcome:
    """Share of unitaries that one of the samples makes exactly, in at most as many gates as the longest circuit."""
    model = setting.shelf.general(WISH, has_target=True)
    targets = [circuit.unitary() for circuit in held_out_circuits(LAYOUT, setting.targets, setting.seed)]
    solved = 0
    for number, target in enumerate(targets):
        drawn = model.search(
            target,
            gate_set=LAYOUT.gates,
            max_gates=LAYOUT.max_gates,
            num_samples=COMPILE_SAMPLES,
            generator=generator(setting.seed, number),
        )
        solved += is_made(target, drawn)
        logger.info("discrete circuits: %d of %d", solved, number + 1)
    return Outcome(solved / len(targets), len(targets), COMPILE_SAMPLES, model.name)


def edited(setting: Setting) -> Outcome:
    """Share of circuits whose second half, drawn anew, makes the whole what it was in one of the samples."""
    model = setting.shelf.general(WISH, has_target=True)
    circuits = held_out_circuits(LAYOUT, setting.targets, setting.seed)
    solved = 0
    for number, circuit in enumerate(circuits):
        kept = [position < circuit.num_gates // 2 for position in range(circuit.num_gates)]
        target = circuit.unitary()
        drawn = model.edit(
            circuit,
            kept,
            target,
            gate_set=LAYOUT.gates,
            max_gates=LAYOUT.max_gates,
            longer=LAYOUT.max_gates,
            num_samples=EDIT_SAMPLES,
            search=True,
            generator=generator(setting.seed, number),
        )
        solved += is_made(target, drawn)
        logger.info("edits: %d of %d", solved, number + 1)
    return Outcome(solved / len(circuits), len(circuits), EDIT_SAMPLES, model.name)


def is_made(target: NDArray[np.complex128], circuits: Iterable[Circuit]) -> bool:
    """Tell whether one of the circuits is a unitary up to phase."""
    return any(infidelity(target, circuit.unitary()) <= EXACT for circuit in dict.fromkeys(circuits))
