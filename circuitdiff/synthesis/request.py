"""What was asked of the compiler, checked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import Coupling, parse_coupling
from circuitdiff.circuits.gate_sets import GateSet, parse_gate_set
from circuitdiff.errors import InputError

PROPOSERS = ("diffusion", "template", "analytic", "edit", "search", "peel", "random")
"""All proposers; ``random`` is the control for ``diffusion`` and takes part only when asked for."""

DEFAULT_PROPOSERS = PROPOSERS[:-1]
EFFORT_NAMES = ("fast", "default", "max")
DEFAULT_GATE_SET, DEFAULT_COUPLING = "u,cx", "all"


@dataclass(frozen=True)
class Request:
    """What was asked for.

    Attributes:
        deadline: value of `time.monotonic`.
        incumbent: the circuit that was given, translated, where it fits the device.
    """

    gate_set: GateSet
    coupling: Coupling
    proposers: frozenset[str]
    effort: str
    samples: int | None
    tol: float
    seed: int
    device: str
    model: str | None
    deadline: float
    incumbent: Circuit | None


def make_request(
    unitary: NDArray[np.complex128],
    given: Circuit | None,
    *,
    gate_set: str,
    coupling: str,
    samples: int | None,
    effort: str,
    tol: float,
    deadline: float,
    seed: int,
    device: str,
    proposers: Collection[str] | None,
    model: str | None,
    prompt: str | None,
) -> Request:
    """Check and read what `circuitdiff.compile` takes.

    Raises:
        InputError: for anything that cannot be.
    """
    num_qubits = unitary.shape[0].bit_length() - 1
    if prompt is not None:
        gate_set, coupling = _worded(prompt, gate_set, coupling, num_qubits)
    gates, device_map = parse_gate_set(gate_set), parse_coupling(coupling, num_qubits)
    return Request(
        gate_set=gates,
        coupling=device_map,
        proposers=_checked_proposers(proposers),
        effort=_one_of("effort", effort, EFFORT_NAMES),
        samples=samples,
        tol=tol,
        seed=seed,
        device=device,
        model=model,
        deadline=deadline,
        incumbent=_fitting(given, gates, device_map),
    )


def _worded(prompt: str, gate_set: str, coupling: str, num_qubits: int) -> tuple[str, str]:
    """Return gate set and coupling with what a prompt says of them.

    Raises:
        InputError: the prompt is not understood, contradicts the options, or asks what a target settles.
    """
    from circuitdiff.spec.prompts import Wish, merge, parse

    said = parse(prompt)
    if said.srv is not None or said.max_gates is not None or said.max_two_qubit is not None:
        raise InputError("a compilation is asked for by gates and coupling; ranks and bounds are for generate")
    options = Wish(
        num_qubits=num_qubits,
        gates=None if gate_set == DEFAULT_GATE_SET else parse_gate_set(gate_set).gates,
        coupling=None if coupling == DEFAULT_COUPLING else coupling,
    )
    whole = merge(said, options)
    return ",".join(whole.gates) if said.gates and whole.gates else gate_set, whole.coupling or coupling


def _fitting(given: Circuit | None, gate_set: GateSet, coupling: Coupling) -> Circuit | None:
    """Return a given circuit, translated, where it fits the device."""
    if given is None or not coupling.allows(given.pairs):
        return None
    from circuitdiff.synthesis.analytic.basis_translation import lower_to_gate_set

    try:
        return lower_to_gate_set(given, gate_set)
    except InputError:
        return None


def _checked_proposers(proposers: Collection[str] | None) -> frozenset[str]:
    chosen = frozenset(DEFAULT_PROPOSERS if proposers is None else proposers)
    for name in sorted(chosen):
        _one_of("proposer", name, PROPOSERS)
    if not chosen:
        raise InputError(f"no proposer is named; there are: {', '.join(PROPOSERS)}")
    return chosen


def _one_of(what: str, name: str, known: Sequence[str]) -> str:
    if name not in known:
        raise InputError(f"unknown {what} {name!r}; there are: {', '.join(known)}")
    return name
