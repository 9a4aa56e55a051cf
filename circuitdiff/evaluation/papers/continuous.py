"""Circuits of gates with angles (arXiv 2506.01666), as the model draws them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gate_sets import PRESETS
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.unitaries import named
from circuitdiff.evaluation.papers.circuits import generator, held_out_circuits, is_connected
from circuitdiff.evaluation.papers.fitting import fit_angles
from circuitdiff.evaluation.papers.protocol import Outcome, Setting
from circuitdiff.generation import CircuitDiffusion, Sampling
from circuitdiff.spec.circuit_spec import CircuitSpec

logger = logging.getLogger(__name__)

Matrix = NDArray[np.complex128]

GATES = PRESETS["genqc-continuous"]
MAX_GATES = {3: 16, 4: 16, 5: 32}
"""Most gates of a circuit, by the size of the register."""

SAMPLES = {3: 32, 4: 32, 5: 64}
"""Draws for a target, by the size of the register."""

CLOSE = 1.3e-2
"""Infidelity at which a sample that nothing was done to counts as right."""

EXACT = 1e-9
QFT_QUBITS = 4
QFT_GATES = 12
QFT_SAMPLES = 512
QFT_STARTS = 1
"""Fits from uniform angles, after one from those drawn."""

RAW_QUBITS = 4
SEARCH_GUIDANCE = 2.0


def held_out_on(num_qubits: int, setting: Setting) -> list[Circuit]:
    """Return the circuits whose unitaries are the targets: none of them falls apart into smaller registers."""
    layout = Layout(num_qubits, GATES, MAX_GATES[num_qubits])
    return held_out_circuits(layout, setting.targets, setting.seed, is_connected)


def spec_on(num_qubits: int) -> CircuitSpec:
    """Return what is asked of a model that is to draw circuits on a register."""
    return CircuitSpec(num_qubits=num_qubits, gates=GATES)


def raw(setting: Setting) -> Outcome:
    """Share of unitaries on four qubits that the best sample comes close to, nothing done to it."""
    model = setting.models.general(spec_on(RAW_QUBITS), has_target=True)
    return _close(setting, model, model.sample)


def searched(setting: Setting) -> Outcome:
    """Share of unitaries on four qubits that the best sample of a search comes close to, no angle of it fitted."""
    model = setting.models.general(spec_on(RAW_QUBITS), has_target=True)
    return _close(setting, model, partial(model.search, tol=CLOSE), SEARCH_GUIDANCE)


def _close(
    setting: Setting, model: CircuitDiffusion, draw: Callable[..., list[Circuit]], guidance: float = 1.0
) -> Outcome:
    targets = [circuit.unitary() for circuit in held_out_on(RAW_QUBITS, setting)]
    samples, close = SAMPLES[RAW_QUBITS], 0
    for number, target in enumerate(targets):
        drawn = draw(
            target,
            CircuitSpec(gates=GATES, max_gates=MAX_GATES[RAW_QUBITS]),
            sampling=Sampling(num_samples=samples, guidance=guidance),
            generator=generator(setting.seed, number),
        )
        close += min(infidelity(target, circuit.unitary()) for circuit in drawn) <= CLOSE
        logger.info("circuits with angles: %d of %d", close, number + 1)
    return Outcome(close / len(targets), len(targets), samples, model.name)


def fourier(setting: Setting) -> Outcome:
    """Least infidelity to the Fourier transform on four qubits, its final swaps aside, of a circuit of up to 12 gates.

    The model searches, and the angles of what it draws are fitted.
    """
    model = setting.models.general(spec_on(QFT_QUBITS), has_target=True)
    target = without_final_swaps(named(f"qft:{QFT_QUBITS}"))
    rng = np.random.default_rng(setting.seed)
    found = model.search(
        target,
        CircuitSpec(gates=GATES, max_gates=QFT_GATES),
        sampling=Sampling(num_samples=QFT_SAMPLES),
        post_process=lambda drawn: fit_angles(drawn, target, EXACT, QFT_STARTS, rng),
        tol=EXACT,
        generator=generator(setting.seed),
    )
    best = min(found, key=lambda circuit: infidelity(target, circuit.unitary()))
    told = f"{best.num_gates} gates; the search ended after {len(found)} samples"
    return Outcome(infidelity(target, best.unitary()), 1, QFT_SAMPLES, model.name, told)


def without_final_swaps(unitary: Matrix) -> Matrix:
    """Return the unitary with the order of its output qubits reversed."""
    n = len(unitary).bit_length() - 1
    rows = [int(f"{row:0{n}b}"[::-1], 2) for row in range(len(unitary))]
    return unitary[rows]
