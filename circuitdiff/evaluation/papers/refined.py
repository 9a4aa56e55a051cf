"""Circuits of gates with angles (arXiv 2506.01666), made exact by numerics from what a model proposes."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace

import numpy as np

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.data.seeds import Stream
from circuitdiff.evaluation.held_out import task_for
from circuitdiff.evaluation.papers.circuits import generator
from circuitdiff.evaluation.papers.continuous import EXACT, GATES, MAX_GATES, SAMPLES, held_out_on, spec_on
from circuitdiff.evaluation.papers.fitting import fit_angles
from circuitdiff.evaluation.papers.protocol import Outcome, Setting
from circuitdiff.evaluation.papers.registry import NotCoveredError
from circuitdiff.generation import CircuitDiffusion, Sampling
from circuitdiff.numerics.multi_start import Budget
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.synthesis.compiler import compile
from circuitdiff.synthesis.generic_ansatz import template_count
from circuitdiff.synthesis.pipeline import PRESETS
from circuitdiff.synthesis.problem import ProposerStats
from circuitdiff.synthesis.stages.gate_sequence_proposer import SearchedSequenceProposer
from circuitdiff.synthesis.stages.instantiate_proposals import instantiate_proposals
from circuitdiff.synthesis.stages.proposers import AnsatzProposer, Proposer

logger = logging.getLogger(__name__)

ENTANGLERS = {"cx": 1, "cp": 2, "swap": 3, "ccx": 6}
"""CX that each gate takes."""

EFFORT = "default"
RANDOM_STARTS = 1


def entanglers_of(circuit: Circuit) -> int:
    """Return how many CX the gates of a circuit take, one by one."""
    return sum(ENTANGLERS.get(operation.name, 0) for operation in circuit.operations)


def refined(setting: Setting, num_qubits: int) -> Outcome:
    """Share of unitaries on a register that are reached to 1e-9 from what a model proposes.

    Its structures, or its circuits rewritten with CZ, are instantiated as in the compiler; a solution takes no more CX
    than the circuit that the unitary comes from. Of a model of general circuits the reason tells how many a search
    makes of its own gates, their angles fitted. Where there is no model, circuits count that the compiler owes to one
    and that take no more CX than the unitary's own.
    """
    try:
        model = setting.models.either(spec_on(num_qubits))
    except NotCoveredError:
        return _compiled(setting, num_qubits)
    circuits = held_out_on(num_qubits, setting)
    solved = own = 0
    for number, circuit in enumerate(circuits):
        if model.layout.final_gate:
            solved += reaches(AnsatzProposer(model), circuit, model.layout.max_gates, setting.seed, number)
        else:
            solved += reaches(SearchedSequenceProposer(model), circuit, None, setting.seed, number)
            own += fits(model, circuit, setting.seed, number)
        logger.info("refined circuits on %d qubits: %d of %d", num_qubits, solved, number + 1)
    told = f"{own} of {len(circuits)} made of the model's own gates" if not model.layout.final_gate else None
    return Outcome(solved / len(circuits), len(circuits), SAMPLES[num_qubits], model.name, told)


def reaches(source: Proposer, circuit: Circuit, longest: int | None, seed: int, number: int) -> bool:
    """Tell whether what is proposed reaches a circuit's unitary in no more CX than the circuit takes.

    Nor may it take more than the ``longest``, or as many as a generic unitary.
    """
    n = circuit.num_qubits
    problem = task_for(circuit.unitary(), parse_coupling("all", n))
    most = min(entanglers_of(circuit), template_count(problem) - 1 if longest is None else longest)
    rng = np.random.default_rng((int(Stream.EVALUATION), seed, number))
    config = replace(PRESETS[EFFORT], samples=SAMPLES[n])
    found = instantiate_proposals(
        problem, source, most + 1, config, rng, Budget(config.work_of("diffusion", n)), ProposerStats()
    )
    return next(found, None) is not None


def fits(model: CircuitDiffusion, circuit: Circuit, seed: int, number: int) -> bool:
    """Tell whether a search with the model makes a circuit's unitary, the angles of what it draws fitted."""
    target, n = circuit.unitary(), circuit.num_qubits
    rng = np.random.default_rng((int(Stream.EVALUATION), seed, number))
    found = model.search(
        target,
        CircuitSpec(gates=GATES, max_gates=MAX_GATES[n]),
        sampling=Sampling(num_samples=SAMPLES[n]),
        post_process=lambda drawn: fit_angles(drawn, target, EXACT, RANDOM_STARTS, rng),
        tol=EXACT,
        generator=generator(seed, number),
    )
    return any(infidelity(target, fitted.unitary()) <= EXACT for fitted in found)


def _compiled(setting: Setting, num_qubits: int) -> Outcome:
    """Count circuits that the compiler owes to its model."""
    circuits = held_out_on(num_qubits, setting)
    sources: Counter[str] = Counter()
    model = None
    for number, circuit in enumerate(circuits):
        result = compile(
            circuit.unitary(),
            samples=SAMPLES[num_qubits],
            effort=EFFORT,
            seed=setting.seed + number,
            model=setting.models.ansatz_path,
        )
        model = result.model or model
        if result.infidelity <= EXACT and result.two_qubit_count <= entanglers_of(circuit):
            sources[result.source] += 1
        logger.info("compiled circuits on %d qubits: %s", num_qubits, dict(sources))
    told = f"no checkpoint proposes circuits on {num_qubits} qubits; of the compiler's circuits that take no more CX, "
    told += ", ".join(f"{count} came from {source}" for source, count in sources.most_common()) or "there is none"
    owed = sources["diffusion"] + sources["edit"]
    return Outcome(owed / len(circuits), len(circuits), SAMPLES[num_qubits], model, told)
