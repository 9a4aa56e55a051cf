"""What a user asks a model of general circuits for, as the network and the samplers take it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from circuitdiff.circuits.coupling import Pair, parse_coupling
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.circuits.layout import NOT_GIVEN, Layout
from circuitdiff.circuits.vocabulary import NUM_SPECIAL, PAD
from circuitdiff.errors import InputError
from circuitdiff.features.invariants import heisenberg_images, schmidt_spectra
from circuitdiff.generation.entangling import PLAIN_ENTANGLERS, fewest_gates
from circuitdiff.generation.sequences import SequenceConstraint
from circuitdiff.models.condition import Condition
from circuitdiff.models.config import RANKS, TEXT, UNITARY, DenoiserConfig
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.spec.grammar import parse_prompt, render_prompt


@dataclass(frozen=True)
class Request:
    """What circuits are asked to be; each part may be absent."""

    num_qubits: int
    allowed: NDArray[np.bool_]  # (vocabulary,): see `Layout.permitted`
    unitary: NDArray[np.complex128] | None = None  # (2^num_qubits, 2^num_qubits)
    srv: tuple[int, ...] | None = None  # Schmidt rank of each qubit
    prompt: str | None = None  # what models that read are shown
    max_gates: int | None = None
    max_two_qubit: int | None = None
    partners: tuple[tuple[int, int], ...] | None = None  # each entangled with its partner alone


def request_of(
    layout: Layout,
    options: CircuitSpec,
    prompt: str | None = None,
    unitary: NDArray[np.complex128] | None = None,
    pairs: Collection[Pair] | None = None,
    allowed: NDArray[np.bool_] | None = None,
) -> Request:
    """Put together what a prompt says and what options say.

    Args:
        layout: of the model.
        options: what is asked for beside words, but for couplings.
        prompt: words, as `circuitdiff.spec.grammar` reads them.
        unitary: (2^n, 2^n).
        pairs: the couplings to keep to; None for those of the prompt, else all.
        allowed: (vocabulary,) a further mask.

    Raises:
        InputError: for words that are not understood, or where words and options contradict each other.
    """
    spec = options if prompt is None else parse_prompt(prompt).merged(options)
    n = spec.num_qubits or layout.num_qubits
    if spec.coupling is not None:
        said = parse_coupling(spec.coupling, n)
        if pairs is not None and {(min(pair), max(pair)) for pair in pairs} != set(said.pairs):
            raise InputError(f"the prompt asks for coupling {spec.coupling}, the options for other couplings")
        pairs = said.pairs
    mask = layout.permitted(n, _drawn_gates(spec.gates, layout), pairs)
    return Request(
        num_qubits=n,
        allowed=mask if allowed is None else mask & allowed,
        unitary=unitary,
        srv=spec.schmidt_ranks,
        prompt=None if prompt is None else _words(spec, layout),
        max_gates=spec.max_gates,
        max_two_qubit=spec.max_two_qubit_gates,
        partners=spec.bell_pairs,
    )


def _drawn_gates(gates: Collection[str] | None, layout: Layout) -> Collection[str] | None:
    """Return the gates of a layout that a gate set permits, None for all.

    Raises:
        InputError: circuits of the layout end with final gates, and the set lacks some of what they are written with.
    """
    if gates is None or not layout.final_gate:
        return gates
    lacking = sorted({"cz", "ry", "rz", layout.final_gate} - set(gates))
    if lacking:
        raise InputError(
            f"the model's circuits are of cz, ry, rz and {layout.final_gate}; no gate {lacking[0]} is allowed"
        )
    return None


def apart(request: Request, layout: Layout) -> list[Request]:
    """Return a request for each pair of partners, whose circuits one after another are what is asked for.

    Each acts on its pair alone, and has its share of the bounds.

    Raises:
        InputError: partners that no gate couples.
    """
    partners = request.partners or ()
    shares = [None if bound is None else bound // len(partners) for bound in (request.max_gates, request.max_two_qubit)]
    parts = []
    for pair in partners:
        within = [set(qubits) <= set(pair) for _, qubits in layout.vocabulary.placed]
        allowed = request.allowed & np.array([False] * NUM_SPECIAL + within)
        if not (allowed & layout.is_entangling).any():
            raise InputError(f"partners {pair[0]} and {pair[1]} are not coupled")
        spec = CircuitSpec(schmidt_ranks=tuple(2 if qubit in pair else 1 for qubit in range(request.num_qubits)))
        words = None if request.prompt is None else _words(spec, layout)
        part = replace(request, allowed=allowed, srv=spec.schmidt_ranks, prompt=words, partners=None)
        parts.append(replace(part, max_gates=shares[0], max_two_qubit=shares[1]))
    return parts


def without_loose_bounds(request: Request) -> Request:
    """Return a request as the network is best shown it: bounds on the gates only beside a unitary.

    Samplers enforce every bound. In training, bounds lie near the numbers of gates, so that a network which is shown a
    loose one makes a long circuit, where a short one would be right.
    """
    return request if request.unitary is not None else replace(request, max_gates=None, max_two_qubit=None)


def check_request(request: Request, config: DenoiserConfig) -> None:
    """Refuse what the model does not take.

    Raises:
        InputError: a register or a kind of condition that the model does not have, or a unitary of another register.
    """
    n = request.num_qubits
    if not 1 <= n <= config.num_qubits:
        raise InputError(f"the model's circuits have 1 to {config.num_qubits} qubits, not {n}")
    in_words = request.prompt is not None and TEXT in config.conditions
    given = {UNITARY: request.unitary, RANKS: None if in_words else request.srv}
    for name, value in given.items():
        if value is not None and name not in config.conditions:
            raise InputError(f"the model takes no {name}; it takes {', '.join(config.conditions)}")
    if request.unitary is not None and request.unitary.shape != (2**n, 2**n):
        raise InputError(f"a target on {n} qubits is {2**n} x {2**n}, not {request.unitary.shape}")


def constraint_of(request: Request, layout: Layout, device: torch.device | str) -> SequenceConstraint:
    """Return what samplers enforce of a request."""
    bounds = [
        layout.max_gates if bound is None else min(bound, layout.max_gates)
        for bound in (request.max_gates, request.max_two_qubit)
    ]
    allowed, entangling = (torch.from_numpy(mask).to(device) for mask in (request.allowed, layout.is_entangling))
    return SequenceConstraint(allowed, entangling, bounds[0], bounds[1], num_final=len(layout.final_tokens))


def with_usual_lengths(
    constraint: SequenceConstraint, request: Request, layout: Layout, spare: int
) -> SequenceConstraint:
    """Bound the numbers of gates by those that the Schmidt ranks of a request take, where `fewest_gates` tells them.

    No circuit has fewer. There are no more gates on two qubits than the construction has, which is where the network
    goes wrong, and up to `spare` more in all; where nothing is entangled, there is one a qubit.
    """
    placed = [
        layout.vocabulary.placed[token - NUM_SPECIAL]
        for token in np.flatnonzero(request.allowed & layout.is_entangling)
    ]
    if request.srv is None or request.unitary is not None or not {name for name, _ in placed} <= PLAIN_ENTANGLERS:
        return constraint
    found = fewest_gates(request.srv, {(qubits[0], qubits[1]) for _, qubits in placed})
    if found is None:
        return constraint
    least, plain = found
    if not bool(constraint.singles[PAD + 1 :].any()):
        return constraint
    most = min(constraint.max_gates, plain + spare if plain else request.num_qubits)
    most_wide = min(constraint.max_two_qubit, max(plain - 1, 0))
    return replace(constraint, max_gates=most, max_two_qubit=most_wide, min_gates=min(least, most))


def condition_of(request: Request, config: DenoiserConfig, device: torch.device | str) -> Condition:
    """Return what the network is shown of a request: a condition of one target."""
    given = request.unitary
    if given is None:
        given = np.eye(2**request.num_qubits, dtype=np.complex128)
    return conditions_of(request, given[None], config, device)


def conditions_of(
    request: Request, unitaries: NDArray[np.complex128], config: DenoiserConfig, device: torch.device | str
) -> Condition:
    """Return what the network is shown of requests that differ in their unitaries (targets, 2^n, 2^n) alone."""
    layout, targets = config.layout, len(unitaries)
    shown = images = spectra = words = present = None
    if UNITARY in config.conditions:
        idle = np.eye(2 ** (config.num_qubits - request.num_qubits))
        shown = torch.from_numpy(np.kron(idle[None], unitaries).astype(np.complex128)).to(device)
        images = heisenberg_images(shown).float()
        spectra = schmidt_spectra(shown, config.largest_side).float()
    if TEXT in config.conditions:
        from circuitdiff.models.text import tokenize

        words, present = tokenize([request.prompt or ""] * targets, config.text_model)
        present = present & (request.prompt is not None)
    ranks = torch.zeros(targets, config.num_qubits, dtype=torch.int64)
    if request.srv is not None:
        ranks[:, : len(request.srv)] = torch.tensor(request.srv)
    everything = layout.permitted()
    bounds = [_budget(bound, layout.max_gates, targets) for bound in (request.max_gates, request.max_two_qubit)]
    has_mask = bool((request.allowed != everything).any())
    return Condition(
        unitary=shown,
        images=images,
        spectra=spectra,
        unitary_given=torch.tensor([request.unitary is not None] * targets),
        ranks=ranks,
        ranks_given=torch.tensor([request.srv is not None] * targets),
        words=words,
        words_present=present,
        allowed=torch.from_numpy(_with_pad(request.allowed)).expand(targets, -1),
        mask_given=torch.tensor([has_mask] * targets),
        max_gates=bounds[0],
        max_two_qubit=bounds[1],
    ).to(device)


def _words(spec: CircuitSpec, layout: Layout) -> str | None:
    """Return a spec in the words that networks are trained with, but for gates that are all there are, and for bounds.

    For those see `without_loose_bounds`.
    """
    gates = None if set(spec.gates or ()) >= set(layout.gates) else spec.gates
    return render_prompt(replace(spec, gates=gates, max_gates=None, max_two_qubit_gates=None, bell_pairs=None)) or None


def _with_pad(allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    shown = allowed.copy()
    shown[PAD] = True
    return shown


def _budget(bound: int | None, most: int, targets: int) -> torch.Tensor:
    return torch.tensor([NOT_GIVEN if bound is None or bound > most else bound] * targets)


def gate_names(gate_set: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the gates of a set, of its preset name or list as text, or None for all."""
    if gate_set is None:
        return None
    return parse_gate_set(gate_set).gates if isinstance(gate_set, str) else tuple(gate_set)
