"""What is asked of the compiler, checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.errors import InputError
from circuitdiff.features.lower_bounds import multi_qubit_lower_bound
from circuitdiff.spec.cost import Cost, CostFunction, parse_cost
from circuitdiff.spec.device import DEFAULT_COUPLING, DEFAULT_GATE_SET, Device, make_device, read_gate_set
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PRESETS, PipelineConfig
from circuitdiff.synthesis.problem import ANALYTIC_QUBITS, Improvement, SynthesisProblem
from circuitdiff.validation import check_options

PROPOSERS = ("diffusion", "template", "analytic", "edit", "search", "peel", "disentangle", "blocks", "random")
"""The proposers of the pipeline's own stages; ``random`` is the control for ``diffusion``, only when asked for."""

DEFAULT_PROPOSERS = PROPOSERS[:-1]


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        device: gates and couplings.
        cost: what makes one circuit cheaper than another.
        proposers: who takes part.
        config: the pipeline.
        torch_device: where networks run.
        model: a checkpoint, None for the bundled ones.
        deadline: value of `time.monotonic`.
        given: the circuit that was given.
        incumbent: that circuit, translated, where it fits the device.
        on_candidate: called with every improvement, None where nobody listens.
    """

    device: Device
    cost: Cost
    proposers: frozenset[str]
    config: PipelineConfig
    tol: float
    seed: int
    torch_device: str
    model: str | None
    deadline: float
    given: Circuit | None
    incumbent: Circuit | None
    on_candidate: Callable[[Improvement], None] | None

    @property
    def gate_set(self) -> GateSet:
        """Gates of the device."""
        return self.device.gate_set

    @property
    def coupling(self) -> Coupling:
        """Couplings of the device."""
        return self.device.coupling

    def models(self) -> Models:
        """Return the checkpoints that may be asked, of which none is loaded yet."""
        return Models(self.model, self.torch_device, self.deadline)

    def problem_of(
        self, target: NDArray[np.complex128], coupling: Coupling, given: Circuit | None = None
    ) -> SynthesisProblem:
        """Return what stages are asked for one tensor factor: (d, k) columns on the couplings of its qubits."""
        return SynthesisProblem(
            target=target,
            coupling=coupling,
            entangler=self.gate_set.entangler or "cz",
            tol=self.tol,
            lower_bound=self.lower_bound(target, coupling),
            gate_set=self.gate_set,
            given=given,
        )

    def lower_bound(self, target: NDArray[np.complex128], coupling: Coupling) -> int:
        """Return the number of entanglers below which no circuit exists, where stages can make use of it."""
        is_unitary = target.shape[0] == target.shape[1]
        if self.gate_set.is_discrete or (is_unitary and coupling.num_qubits <= ANALYTIC_QUBITS):
            return 0
        return multi_qubit_lower_bound(target, coupling, self.gate_set)


def make_request(
    target: NDArray[np.complex128],
    given: Circuit | None,
    *,
    gate_set: str | GateSet,
    coupling: str | Coupling,
    device: Device | None,
    cost: str | Cost | CostFunction | None,
    samples: int | None,
    effort: str,
    tol: float,
    deadline: float,
    seed: int,
    torch_device: str,
    proposers: Collection[str] | None,
    model: str | None,
    prompt: str | None,
    on_candidate: Callable[[Improvement], None] | None,
) -> Request:
    """Check and read what `circuitdiff.compile` takes.

    Raises:
        InputError: for anything that cannot be.
    """
    num_qubits = target.shape[0].bit_length() - 1
    if prompt is not None:
        check_options(prompt=prompt)
        gate_set, coupling = _worded(prompt, gate_set, coupling, num_qubits)
    if device is None:
        device = make_device(gate_set, coupling, num_qubits)
    elif (gate_set, coupling) != (DEFAULT_GATE_SET, DEFAULT_COUPLING):
        raise InputError("a device has its gate set and coupling map; the others cannot be given beside it")
    elif device.num_qubits != num_qubits:
        raise InputError(f"the device has {device.num_qubits} qubits, the target {num_qubits}")
    config = PRESETS[_one_of("effort", effort, tuple(PRESETS))]
    if samples is not None:
        config = replace(config, samples=samples, discrete_samples=samples)
    taking_part = checked_proposers(proposers)
    if proposers is not None:
        config = replace(config, proposers=taking_part)
    return Request(
        device=device,
        cost=parse_cost(cost, device),
        proposers=taking_part,
        config=config,
        tol=tol,
        seed=seed,
        torch_device=torch_device,
        model=model,
        deadline=deadline,
        given=given,
        incumbent=_fitting(given, device),
        on_candidate=on_candidate,
    )


def _worded(
    prompt: str, gate_set: str | GateSet, coupling: str | Coupling, num_qubits: int
) -> tuple[str | GateSet, str | Coupling]:
    """Return gate set and coupling with what a prompt says of them.

    Raises:
        InputError: the prompt is not understood, contradicts the options, or asks what a target settles.
    """
    from circuitdiff.spec.circuit_spec import CircuitSpec
    from circuitdiff.spec.grammar import parse_prompt

    said = parse_prompt(prompt)
    if said.schmidt_ranks is not None or said.max_gates is not None or said.max_two_qubit_gates is not None:
        raise InputError("a compilation is asked for by gates and coupling; ranks and budgets are for generate")
    gates = read_gate_set(gate_set)
    name = coupling if isinstance(coupling, str) else coupling.name
    options = CircuitSpec(
        num_qubits=num_qubits,
        gates=None if gate_set == DEFAULT_GATE_SET else gates.gates,
        coupling=None if name == DEFAULT_COUPLING else name,
    )
    whole = said.merged(options)
    return ",".join(whole.gates) if said.gates and whole.gates else gate_set, whole.coupling or coupling


def _fitting(given: Circuit | None, device: Device) -> Circuit | None:
    """Return a given circuit, translated, where it fits the device."""
    if given is None or not device.coupling.allows(given.pairs):
        return None
    from circuitdiff.synthesis.analytic.basis_translation import translate_basis
    from circuitdiff.synthesis.analytic.unitary import without_wide_gates

    try:
        return translate_basis(without_wide_gates(given, device.gate_set), device.gate_set)
    except InputError:
        return None


def checked_proposers(proposers: Collection[str] | None) -> frozenset[str]:
    """Return the proposers of some names, all that take part by default where there are none.

    Raises:
        InputError: there is none of a name, or the list is empty.
    """
    from circuitdiff.synthesis.stages import proposer_names

    chosen = frozenset(DEFAULT_PROPOSERS if proposers is None else proposers)
    known = proposer_names()
    for name in sorted(chosen):
        _one_of("proposer", name, known)
    if not chosen:
        raise InputError(f"no proposer is named; there are: {', '.join(known)}")
    return chosen


def _one_of(what: str, name: str, known: Sequence[str]) -> str:
    if name not in known:
        raise InputError(f"unknown {what} {name!r}; there are: {', '.join(known)}")
    return name
