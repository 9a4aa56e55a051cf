"""Circuits of dressed CZ on three qubits: what the model's angles, its structures and its masks are worth."""

from __future__ import annotations

import logging

import numpy as np

from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.data.seeds import Stream
from circuitdiff.evaluation.ablation import first_solved, run_ablation
from circuitdiff.evaluation.ablation_report import CONTROL
from circuitdiff.evaluation.held_out import ORIGINS, held_out, task_for
from circuitdiff.evaluation.papers.protocol import Outcome, Setting
from circuitdiff.numerics.ansatz import Ansatz
from circuitdiff.numerics.multi_start import random_start
from circuitdiff.synthesis.problem import SynthesisProblem
from circuitdiff.synthesis.stages.instantiate_proposals import num_starts
from circuitdiff.synthesis.stages.proposers import AnsatzProposer

logger = logging.getLogger(__name__)

QUBITS = 3
ANGLE_ENTANGLERS = 8
ANGLE_DRAWS = 8
RATIO_ENTANGLERS = range(5, 9)
RATIO_STRUCTURES = 32
MASK_ENTANGLERS = (4, 5, 6)
MASK_SAMPLES = 64
MASK_STRUCTURES = 12
"""Structures that are instantiated of those that are drawn, the likeliest."""


def angle_error(setting: Setting) -> Outcome:
    """Median distance in radians of the model's angles from those of the circuit, its structure of 8 CZ given.

    Circuits come from the training mixture, so that their angles are those that the data keeps of each orbit.
    """
    source = AnsatzProposer(setting.models.ansatz_model(QUBITS, ANGLE_ENTANGLERS))
    everywhere = parse_coupling("all", QUBITS)
    circuits = held_out("mixture", ANGLE_ENTANGLERS, setting.targets, source.model.layout, everywhere, setting.seed)
    errors = []
    for number, circuit in enumerate(circuits):
        problem = task_for(circuit.circuit().unitary(), everywhere)
        rng = np.random.default_rng((int(Stream.EVALUATION), setting.seed, number))
        for start in source.starts(problem, [circuit.pairs] * ANGLE_DRAWS, rng):
            errors.append(np.abs(np.remainder(start.theta - circuit.theta + np.pi, 2 * np.pi) - np.pi))
    return Outcome(float(np.median(errors)), len(circuits), ANGLE_DRAWS, source.model.name)


def solved_ratio(setting: Setting) -> Outcome:
    """Targets of 5 to 8 CZ solved with the model's structures over those solved with as many blind ones."""
    model = setting.models.ansatz_model(QUBITS, max(RATIO_ENTANGLERS))
    each = max(1, setting.targets // (len(RATIO_ENTANGLERS) * len(ORIGINS)))
    report = run_ablation(
        model=setting.models.ansatz_path,
        limit=each,
        seed=setting.seed,
        lengths=RATIO_ENTANGLERS,
        angle_lengths=(),
    )
    last = report.first.index(RATIO_STRUCTURES)
    mine, blind = report.solved("model")[last], report.solved(CONTROL)[last]
    informed = report.solved("model+angles")[last]
    told = f"{mine} solved with the model's structures, {informed} with its angles too, {blind} with blind structures"
    if not blind:
        told += "; the ratio is to one, a lower bound"
    targets = sum(row.targets for row in report.structures)
    return Outcome(mine / max(1, blind), targets, RATIO_STRUCTURES, model.name, told)


def line_ratio(setting: Setting) -> Outcome:
    """Targets of 4 to 6 CZ on a line solved on the line, over those solved with every pair coupled."""
    source = AnsatzProposer(setting.models.ansatz_model(QUBITS, max(MASK_ENTANGLERS)))
    maps = {name: parse_coupling(name, QUBITS) for name in ("line", "all")}
    each = max(1, setting.targets // (len(MASK_ENTANGLERS) * len(ORIGINS)))
    groups = [(k, origin) for k in MASK_ENTANGLERS for origin in ORIGINS]
    solved, targets = dict.fromkeys(maps, 0), 0
    for k, origin in groups:
        circuits = held_out(origin, k, each, source.model.layout, maps["line"], setting.seed)
        targets += len(circuits)
        for number, circuit in enumerate(circuits):
            unitary = circuit.circuit().unitary()
            for name, coupling in maps.items():
                rng = np.random.default_rng((int(Stream.EVALUATION), setting.seed, k, number))
                solved[name] += _is_solved(task_for(unitary, coupling), k, source, rng)
        logger.info("line masks, %d entanglers: %s", k, solved)
    told = f"{solved['line']} solved on the line, {solved['all']} with every pair coupled"
    if not solved["all"]:
        told += "; the ratio is to one, a lower bound"
    return Outcome(solved["line"] / max(1, solved["all"]), targets, MASK_SAMPLES, source.model.name, told)


def _is_solved(problem: SynthesisProblem, longest: int, source: AnsatzProposer, rng: np.random.Generator) -> bool:
    """Tell whether the likeliest structures under the problem's mask reach the target, each from random starts."""
    structures = source.sequences(problem, longest, MASK_SAMPLES, rng, broad=False)[:MASK_STRUCTURES]

    def starts(index: int) -> list[Ansatz]:
        pairs = structures[index]
        return [random_start(pairs, problem.num_qubits, problem.entangler, rng) for _ in range(num_starts(len(pairs)))]

    return first_solved(problem, structures, starts) is not None
