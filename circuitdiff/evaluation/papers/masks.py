"""Random coupling and qubit masks: circuits that break them, counted from the circuits alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import Pair
from circuitdiff.circuits.unitaries.sampled import haar
from circuitdiff.data.seeds import Stream, derived_seed
from circuitdiff.evaluation.papers.circuits import generator
from circuitdiff.evaluation.papers.protocol import Outcome, Setting
from circuitdiff.evaluation.papers.registry import NotCoveredError
from circuitdiff.generation import CircuitDiffusion, Sampling
from circuitdiff.models.config import UNITARY
from circuitdiff.spec.circuit_spec import CircuitSpec

SAMPLES = 64


def violations(setting: Setting) -> Outcome:
    """Number of circuits that break one of the random masks under which each model draws them, for Haar targets.

    Models with final gates, which are on every qubit, get masks of couplings; others of qubits too.
    """
    models = setting.models.all()
    if not models:
        raise NotCoveredError("no checkpoint is installed")
    broken = 0
    for model in models:
        rng = np.random.default_rng((int(Stream.EVALUATION), setting.seed))
        for number in range(setting.targets):
            qubits, pairs = random_mask(model.num_qubits, rng, all_qubits=bool(model.layout.final_gate))
            drawn = _drawn(model, qubits, pairs, setting.seed, number)
            broken += sum(breaks(circuit, qubits, pairs) for circuit in drawn)
    names = ", ".join(model.name for model in models)
    return Outcome(broken, setting.targets * len(models), SAMPLES, names, is_sound=broken == 0)


def random_mask(num_qubits: int, rng: np.random.Generator, *, all_qubits: bool = False) -> tuple[list[int], list[Pair]]:
    """Draw at least two qubits, or take all, and some of the pairs among them, at least one."""
    some = num_qubits if all_qubits else int(rng.integers(2, num_qubits + 1))
    qubits = sorted(rng.choice(num_qubits, some, replace=False).tolist())
    pairs = list(combinations(qubits, 2))
    kept = rng.choice(len(pairs), int(rng.integers(1, len(pairs) + 1)), replace=False)
    return qubits, [pairs[i] for i in sorted(kept.tolist())]


def breaks(circuit: Circuit, qubits: Sequence[int], pairs: Sequence[Pair]) -> bool:
    """Tell whether a circuit uses another qubit or couples another pair; a gate on three couples all three of its."""
    used = {qubit for operation in circuit.operations for qubit in operation.qubits}
    coupled = {pair for op in circuit.operations for pair in combinations(sorted(op.qubits), 2)}
    return not used <= set(qubits) or not coupled <= set(pairs)


def _drawn(
    model: CircuitDiffusion, qubits: Sequence[int], pairs: Sequence[Pair], seed: int, number: int
) -> list[Circuit]:
    source = generator(seed, number)
    conditioned = UNITARY in model.config.conditions
    idle = set(range(model.num_qubits)) - set(qubits)
    return model.sample(
        haar(model.num_qubits, derived_seed(Stream.EVALUATION, seed, number)) if conditioned else None,
        CircuitSpec(num_qubits=model.num_qubits),
        sampling=Sampling(num_samples=SAMPLES),
        allowed=model.layout.permitted(pairs=pairs, forbidden_qubits=idle),
        generator=source,
    )
