"""Many circuits at once for a spec, each one simulated and checked."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from circuitdiff.circuits.canonical_order import canonical_order
from circuitdiff.circuits.circuit import Circuit, apply_gate, infidelity
from circuitdiff.counting import counted
from circuitdiff.errors import InputError
from circuitdiff.features.entanglement import schmidt_rank_vectors
from circuitdiff.generation.circuit_diffusion import CircuitDiffusion
from circuitdiff.generation.model_selection import choose_checkpoint, choose_state_checkpoint
from circuitdiff.generation.sampling import Sampling
from circuitdiff.generation.state_angles import fitted_to_state
from circuitdiff.models.config import TEXT
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.spec.grammar import render_prompt
from circuitdiff.validation import check_options

logger = logging.getLogger(__name__)

ANGLE_DECIMALS = 6
"""Angles that agree to so many decimals count as the same."""


@dataclass(frozen=True)
class Sample:
    """One distinct circuit.

    Attributes:
        count: how often it was drawn.
        srv: Schmidt rank of each qubit in the state that it makes of |0...0>.
        infidelity: to the target unitary, None where there is none.
        correct: whether it has the ranks asked for and is within tolerance of the target.
    """

    circuit: Circuit
    count: int
    srv: tuple[int, ...]
    infidelity: float | None
    correct: bool


@dataclass(frozen=True)
class Generation:
    """What a model made of a spec: distinct circuits, the correct ones first, then by entanglers and gates."""

    samples: tuple[Sample, ...]
    drawn: int
    spec: CircuitSpec
    model: str

    @property
    def share_correct(self) -> float:
        """Share of the draws that are correct."""
        return sum(sample.count for sample in self.samples if sample.correct) / self.drawn


def generate(
    spec: CircuitSpec,
    unitary: NDArray[np.complex128] | None = None,
    *,
    state: NDArray[np.complex128] | None = None,
    sampling: Sampling | None = None,
    search: bool = False,
    model: str | CircuitDiffusion | None = None,
    device: str = "cpu",
    tol: float = 1e-6,
) -> Generation:
    """Draw circuits and check each by simulation.

    Args:
        spec: what is asked for; a prompt's comes from `circuitdiff.spec.grammar.parse`.
        unitary: (2^n, 2^n) target, qubit 0 least significant.
        state: (2^n,) target to be made of |0...0>, in place of a unitary; the angles of what is drawn are fitted.
        sampling: how many circuits, and how they are drawn.
        search: keep pieces of what is drawn, and draw on for what is left of the unitary, until it is made.
        model: name or path of a checkpoint, or one that is loaded; by default the smallest bundled one that takes what
            is asked for.
        device: where the model runs.
        tol: infidelity to the target at which a circuit counts as correct.

    Raises:
        InputError: no checkpoint takes what is asked for, or nothing satisfies it.
    """
    check_options(tol=tol, device=device)
    how = sampling or Sampling()
    if isinstance(model, CircuitDiffusion):
        loaded = model
    else:
        check_options(model=model)
        name = model or (choose_state_checkpoint(len(state)) if state is not None else None)
        loaded = CircuitDiffusion.from_pretrained(name or choose_checkpoint(spec, unitary is not None), device)
    generator = torch.Generator(device).manual_seed(how.seed)
    if state is not None:
        if search or unitary is not None:
            raise InputError("a state is given alone, and not searched for")
        drawn = loaded.sample(None, shown_to(loaded, spec), state=state, sampling=how, generator=generator)
        circuits = fitted_to_state(drawn, state, tol, how.seed)
        return Generation(check(circuits, spec, state[:, None], tol), len(circuits), spec, loaded.name)
    if search:
        if unitary is None or spec.schmidt_ranks is not None:
            raise InputError("a search takes a target unitary and no Schmidt ranks")
        circuits = loaded.search(unitary, spec, sampling=how, tol=tol, generator=generator)
    else:
        circuits = loaded.sample(unitary, shown_to(loaded, spec), sampling=how, generator=generator)
    return Generation(check(circuits, spec, unitary, tol), len(circuits), spec, loaded.name)


def shown_to(model: CircuitDiffusion, spec: CircuitSpec) -> CircuitSpec | str:
    """Return a spec in words for a model that reads, else as it is."""
    return (render_prompt(spec) if TEXT in model.config.conditions else "") or spec


def check(
    circuits: Sequence[Circuit], spec: CircuitSpec, target: NDArray[np.complex128] | None, tol: float
) -> tuple[Sample, ...]:
    """Simulate circuits, put equal ones together, and sort them; a target is a unitary or its first columns."""
    counts: dict[tuple[object, ...], tuple[Circuit, int]] = {}
    for circuit in map(canonical_order, counted(circuits, "comparing circuits", logger)):
        key = tuple((op.name, op.qubits, tuple(np.round(op.params, ANGLE_DECIMALS))) for op in circuit.operations)
        counts[key] = (circuit, counts.get(key, (circuit, 0))[1] + 1)
    distinct = counted(list(counts.values()), "checking circuits", logger)
    samples = [_checked(circuit, count, spec, target, tol) for circuit, count in distinct]
    return tuple(sorted(samples, key=_rank))


def _checked(
    circuit: Circuit, count: int, spec: CircuitSpec, target: NDArray[np.complex128] | None, tol: float
) -> Sample:
    ranks = schmidt_ranks_of(circuit)
    miss = None if target is None else infidelity(target, circuit.columns(target.shape[1]))
    correct = (spec.schmidt_ranks is None or ranks == spec.schmidt_ranks) and (miss is None or miss <= tol)
    return Sample(circuit, count, ranks, miss, correct)


def schmidt_ranks_of(circuit: Circuit) -> tuple[int, ...]:
    """Return the Schmidt rank of each qubit in the state that a circuit makes of |0...0>."""
    state = np.eye(1 << circuit.num_qubits, 1, dtype=np.complex128)
    for name, qubits, params in circuit.operations:
        state = apply_gate(name, qubits, params, state)
    return tuple(schmidt_rank_vectors(torch.from_numpy(state.T.copy()))[0].tolist())


def _rank(sample: Sample) -> tuple[bool, float, int, int, str]:
    circuit = sample.circuit
    miss = 0.0 if sample.correct else sample.infidelity or 0.0
    return not sample.correct, miss, circuit.two_qubit_count, circuit.num_gates, repr(circuit.operations)
