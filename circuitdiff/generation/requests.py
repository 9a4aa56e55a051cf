"""What a user asks a model for, as the network and the samplers take it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from circuitdiff.circuits.coupling import Pair, parse_coupling
from circuitdiff.circuits.layout import NOT_GIVEN, Layout
from circuitdiff.circuits.vocabulary import NUM_SPECIAL, PAD
from circuitdiff.errors import InputError
from circuitdiff.features.invariants import heisenberg_images, schmidt_spectra
from circuitdiff.features.states import sides_within, state_features
from circuitdiff.generation.constraint import Constraint, make_constraint
from circuitdiff.generation.entangling import PLAIN_ENTANGLERS, fewest_gates
from circuitdiff.models.condition import Condition
from circuitdiff.models.config import RANKS, STATE, TEXT, UNITARY, DenoiserConfig
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.spec.grammar import parse_prompt, render_prompt


@dataclass(frozen=True)
class Request:
    """What circuits are asked to be; each part may be absent."""

    num_qubits: int
    allowed: NDArray[np.bool_]  # (vocabulary,): see `Layout.permitted`
    unitary: NDArray[np.complex128] | None = None  # (2^num_qubits, 2^num_qubits)
    state: NDArray[np.complex128] | None = None  # (2^num_qubits,) made of |0...0>
    srv: tuple[int, ...] | None = None  # Schmidt rank of each qubit
    prompt: str | None = None  # what models that read are shown
    max_gates: int | None = None
    max_two_qubit: int | None = None
    bell_pairs: tuple[Pair, ...] | None = None  # each entangled within itself alone

    @property
    def target(self) -> NDArray[np.complex128] | None:
        """The unitary or the state, None where neither is given."""
        return self.unitary if self.unitary is not None else self.state


def request_of(
    config: DenoiserConfig,
    spec: CircuitSpec | str | None,
    unitary: NDArray[np.complex128] | None = None,
    allowed: NDArray[np.bool_] | None = None,
    num_qubits: int | None = None,
    state: NDArray[np.complex128] | None = None,
) -> Request:
    """Put together what is asked of a model, and check that it takes it.

    A model that reads is shown words where a prompt is given, or where it takes Schmidt ranks in no other way.

    Args:
        config: of the model.
        spec: what is asked for, or a prompt, as `circuitdiff.spec.grammar` reads it.
        unitary: (2^n, 2^n).
        allowed: (vocabulary,) a further mask.
        num_qubits: of the register, where the spec does not say.
        state: (2^n,) that circuits make of |0...0>.

    Raises:
        InputError: for words that are not understood, or what the model does not take.
    """
    in_words = TEXT in config.conditions and (isinstance(spec, str) or RANKS not in config.conditions)
    asked, layout = spec_of(spec), config.layout
    target = unitary if unitary is not None else state
    given = num_qubits if target is None else len(target).bit_length() - 1
    n = asked.num_qubits or given or layout.num_qubits
    pairs = None if asked.coupling is None or n < 2 else parse_coupling(asked.coupling, n).pairs
    mask = layout.permitted(n, _drawn_gates(asked.gates, layout), pairs)
    request = Request(
        num_qubits=n,
        allowed=mask if allowed is None else mask & allowed,
        unitary=unitary,
        state=state,
        srv=asked.schmidt_ranks,
        prompt=_words(asked, layout) if spec is not None and in_words else None,
        max_gates=asked.max_gates,
        max_two_qubit=asked.max_two_qubit_gates,
        bell_pairs=asked.bell_pairs,
    )
    check_request(request, config)
    return request


def spec_of(spec: CircuitSpec | str | None) -> CircuitSpec:
    """Return a spec, that of a prompt, or the one that asks for nothing."""
    return spec if isinstance(spec, CircuitSpec) else parse_prompt(spec) if spec else CircuitSpec()


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


def one_bell_pair_each(request: Request, layout: Layout) -> list[Request]:
    """Return a request for each Bell pair, whose circuits one after another are what is asked for.

    Each acts on its pair alone, and has its share of the bounds. A request without Bell pairs is returned as it is.

    Raises:
        InputError: a pair that no gate couples.
    """
    if request.bell_pairs is None:
        return [request]
    count = len(request.bell_pairs)
    shares = [None if bound is None else bound // count for bound in (request.max_gates, request.max_two_qubit)]
    parts = []
    for pair in request.bell_pairs:
        within = [set(qubits) <= set(pair) for _, qubits in layout.vocabulary.placed]
        allowed = request.allowed & np.array([False] * NUM_SPECIAL + within)
        if not (allowed & layout.is_entangling).any():
            raise InputError(f"a Bell pair of qubits {pair[0]} and {pair[1]} is asked for, which are not coupled")
        spec = CircuitSpec(schmidt_ranks=tuple(2 if qubit in pair else 1 for qubit in range(request.num_qubits)))
        words = None if request.prompt is None else _words(spec, layout)
        part = replace(request, allowed=allowed, srv=spec.schmidt_ranks, prompt=words, bell_pairs=None)
        parts.append(replace(part, max_gates=shares[0], max_two_qubit=shares[1]))
    return parts


def without_loose_bounds(request: Request) -> Request:
    """Return a request as the network is best shown it: bounds on the gates only beside a target.

    Samplers enforce every bound. In training, bounds lie near the numbers of gates, so that a network which is shown a
    loose one makes a long circuit, where a short one would be right.
    """
    return request if request.target is not None else replace(request, max_gates=None, max_two_qubit=None)


def check_request(request: Request, config: DenoiserConfig) -> None:
    """Refuse what the model does not take.

    Raises:
        InputError: a register or a kind of condition that the model does not have, or a target of another register.
    """
    n = request.num_qubits
    if not 1 <= n <= config.num_qubits:
        raise InputError(f"the model's circuits have 1 to {config.num_qubits} qubits, not {n}")
    in_words = request.prompt is not None and TEXT in config.conditions
    given = {UNITARY: request.unitary, STATE: request.state, RANKS: None if in_words else request.srv}
    for name, value in given.items():
        if value is not None and name not in config.conditions:
            raise InputError(f"the model takes no {name}; it takes {', '.join(config.conditions)}")
    if request.unitary is not None and request.unitary.shape != (2**n, 2**n):
        raise InputError(f"a target on {n} qubits is {2**n} x {2**n}, not {request.unitary.shape}")
    if request.state is not None and request.state.shape != (2**n,):
        raise InputError(f"a state of {n} qubits has {2**n} amplitudes, not the shape {request.state.shape}")


def constraint_of(
    request: Request, layout: Layout, device: torch.device | str, max_extra_gates: int | None = None
) -> Constraint:
    """Return what samplers enforce of a request, for one target.

    With `max_extra_gates`, the numbers of gates are bounded by those that the Schmidt ranks take, where `fewest_gates`
    tells them. No circuit has fewer. There are no more gates on two qubits than the plain construction has, which is
    where networks go wrong, and up to so many more in all; where nothing is entangled, there is one a qubit.
    """
    least, most, most_wide = 0, request.max_gates, request.max_two_qubit
    usual = None if max_extra_gates is None else _gates_of_ranks(request, layout)
    if usual is not None and max_extra_gates is not None:
        fewest, plain = usual
        bounds = (layout.max_gates, most, plain + max_extra_gates if plain else request.num_qubits)
        most = min(bound for bound in bounds if bound is not None)
        least, wide = min(fewest, most), max(plain - 1, 0)
        most_wide = wide if most_wide is None else min(most_wide, wide)
    allowed = torch.from_numpy(request.allowed)[None].to(device)
    return make_constraint(layout, allowed, least, most, most_wide)


def _gates_of_ranks(request: Request, layout: Layout) -> tuple[int, int] | None:
    """Return how many gates the Schmidt ranks of a request take; None where that is not known."""
    placed = [
        layout.vocabulary.placed[token - NUM_SPECIAL]
        for token in np.flatnonzero(request.allowed & layout.is_entangling)
    ]
    singles = request.allowed & ~layout.is_entangling
    if request.srv is None or request.unitary is not None or not singles[PAD + 1 :].any():
        return None
    if not {name for name, _ in placed} <= PLAIN_ENTANGLERS:
        return None
    return fewest_gates(request.srv, {(qubits[0], qubits[1]) for _, qubits in placed})


def condition_of(request: Request, config: DenoiserConfig, device: torch.device | str) -> Condition:
    """Return what the network is shown of a request: a condition of one target."""
    given = request.target
    if given is None:
        given = blank_target(config, request.num_qubits)
    return conditions_of(request, given[None], config, device)


def blank_target(config: DenoiserConfig, num_qubits: int) -> NDArray[np.complex128]:
    """Return a target of a model's kind to stand for none: the identity, or |0...0>."""
    columns = np.eye(2**num_qubits, dtype=np.complex128)
    return columns[0] if STATE in config.conditions else columns


def conditions_of(
    request: Request, given: NDArray[np.complex128], config: DenoiserConfig, device: torch.device | str
) -> Condition:
    """Return what the network is shown of requests that differ in their targets alone.

    These are unitaries (targets, 2^n, 2^n), or states (targets, 2^n) where the network is shown those.
    """
    layout, targets = config.layout, len(given)
    shown = images = spectra = words = present = state = sides = None
    if UNITARY in config.conditions:
        idle = np.eye(2 ** (config.num_qubits - request.num_qubits))
        shown = torch.from_numpy(np.kron(idle[None], given).astype(np.complex128)).to(device)
        images = heisenberg_images(shown).float()
        spectra = schmidt_spectra(shown, config.largest_side).float()
    if STATE in config.conditions:
        whole = np.pad(given, ((0, 0), (0, 2**config.num_qubits - given.shape[1])))
        state = state_features(torch.from_numpy(whole.astype(np.complex128)).to(device))
        sides = sides_within(torch.tensor([request.num_qubits] * targets), config.num_qubits)
    if TEXT in config.conditions:
        from circuitdiff.models.text import tokenize

        words, present = tokenize([request.prompt or ""] * targets, config.text_model)
        present = present & (request.prompt is not None)
    ranks = torch.zeros(targets, config.num_qubits, dtype=torch.int64)
    if request.srv is not None:
        ranks[:, : len(request.srv)] = torch.tensor(request.srv)
    everything = layout.permitted()
    bounds = [_budget(bound, layout.max_gates, targets) for bound in (request.max_gates, request.max_two_qubit)]
    has_mask = STATE in config.conditions or bool((request.allowed != everything).any())
    return Condition(
        unitary=shown,
        images=images,
        spectra=spectra,
        target_given=torch.tensor([request.target is not None] * targets),
        ranks=ranks,
        ranks_given=torch.tensor([request.srv is not None] * targets),
        words=words,
        words_present=present,
        allowed=torch.from_numpy(_with_pad(request.allowed)).expand(targets, -1),
        mask_given=torch.tensor([has_mask] * targets),
        max_gates=bounds[0],
        max_two_qubit=bounds[1],
        state=state,
        state_present=sides,
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
