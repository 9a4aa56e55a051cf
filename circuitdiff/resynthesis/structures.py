"""Blocks of three qubits with few two-qubit gates: every structure of a length raced, for shorter and for other forms.

Up to six entanglers on three qubits leave few enough structures to try most of them, which takes some milliseconds a
block, a fifth of what the compiler takes with its many means, and finds as much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.batched_unitaries import batched_unitaries
from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gate_sets import GateSet, entangler_class
from circuitdiff.circuits.gates import GATES
from circuitdiff.interruption import is_over
from circuitdiff.numerics.ansatz import Ansatz, EntanglerSequence
from circuitdiff.numerics.multi_start import ROUNDS, Budget, Rounds, multi_start, random_start
from circuitdiff.resynthesis.known_sequences import ClassRaces, KnownSequences, class_of
from circuitdiff.resynthesis.relabelling import SWAP
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.transforms.simplify import simplify

BLOCK_QUBITS = 3

MOST = 6
"""Two-qubit gates of the blocks that are shortened by racing all structures with one gate less."""

STRUCTURES = 100
"""Structures that are raced at a time: all there are up to four gates, so many at random beyond."""

PRECISE = 1e-9
"""Largest difference of an entry from the target's with which a circuit is taken at once."""

CLOSE = 3e-8
"""The same for a last resort: descents come to degenerate solutions slowly, and worse ones would add up over blocks."""

RACES: Mapping[str, int] = {"fast": 1, "default": 2, "max": 6}
"""By effort, how often structures of a length are raced, for as many blocks that are alike, without success."""

KNOWN_STARTS = 24
"""Starts from sequences that are known to suffice, in which a block that is like others is solved nearly always."""


def raced_entangler(gate_set: GateSet) -> str | None:
    """Return what structures are made of: ``rzz`` where a gate set has such rotations, else ``cz``.

    None where it has entanglers of other classes, or lacks gates on single qubits.
    """
    classes = {entangler_class(name) for name in gate_set.gates if GATES[name].num_qubits > 1}
    if not gate_set.can_dress or not classes or not classes <= {"cz", "rzz"}:
        return None
    return "rzz" if "rzz" in classes else "cz"


def has_raced_kind(circuit: Circuit, gate_set: GateSet) -> bool:
    """Tell whether a circuit's entanglers, free swaps aside, are all of the kind that is raced."""
    entangler = raced_entangler(gate_set)
    return entangler is not None and {entangler_class(name) for name in _raced_names(circuit)} <= {"cz", entangler}


def can_race(circuit: Circuit, gate_set: GateSet) -> bool:
    """Tell whether a circuit is on three qubits, with few entanglers, all of them of the kind that is raced."""
    few = len(_raced_names(circuit)) <= MOST
    return few and circuit.num_qubits == BLOCK_QUBITS and has_raced_kind(circuit, gate_set)


def _raced_names(circuit: Circuit) -> list[str]:
    """Return the names of the gates on several qubits; swaps among them are free, or there would be no race."""
    return [op.name for op in circuit.operations if len(op.qubits) > 1 and op.name != SWAP]


def shortest(
    circuit: Circuit,
    pairs: EntanglerSequence,
    gate_set: GateSet,
    effort: str,
    tol: float,
    rng: np.random.Generator,
    deadline: float = float("inf"),
    races: ClassRaces | None = None,
) -> Circuit:
    """Return the shortest circuit that races find for a block, the block itself where that is none.

    Args:
        circuit: on `BLOCK_QUBITS` qubits; lengths beyond `MOST` are not raced.
        pairs: couplings, ``(low, high)`` each.
        gate_set: to write in.
        effort: `RACES` has what it means.
        tol: infidelity.
        rng: of structures and starts.
        deadline: value of `time.monotonic`.
        races: what is known of the block's class, and takes what is found.
    """
    if races is not None and _is_settled(len(_raced_names(circuit)), races, effort):
        return circuit
    (target,) = batched_unitaries([circuit])
    races = races or KnownSequences().of(class_of(target, pairs))
    best = circuit
    known = races.least_below(len(_raced_names(best)))
    if known is not None:
        best = from_known(target, races.with_count(known), gate_set, tol, rng, deadline) or best
    while races.least_below(count := len(_raced_names(best))) is None and not _is_settled(count, races, effort):
        found = raced(target, pairs, count - 1, gate_set, tol, rng, deadline)
        if found is not None or not is_over(deadline):
            races.note(count - 1, None if found is None else entanglers(found))
        if found is None:
            break
        best = found
    return best


def _is_settled(count: int, races: ClassRaces, effort: str) -> bool:
    """Tell whether a class is known to take no fewer than ``count`` entanglers, or was raced for fewer often enough."""
    is_raced = 0 < count <= MOST and races.futile(count - 1) < RACES[effort]
    return races.least_below(count) is None and not is_raced


def entanglers(circuit: Circuit) -> EntanglerSequence:
    """Return the pairs of a circuit's two-qubit gates in time order, ``(low, high)`` each."""
    return tuple((min(op.qubits), max(op.qubits)) for op in circuit.operations if len(op.qubits) == 2)


def from_known(
    target: NDArray[np.complex128],
    sequences: Sequence[EntanglerSequence],
    gate_set: GateSet,
    tol: float,
    rng: np.random.Generator,
    deadline: float = float("inf"),
) -> Circuit | None:
    """Return a circuit of one of some sequences, those in random order, None where no start succeeds."""
    chosen = [sequences[int(index)] for index in rng.permutation(len(sequences))]
    tries = [chosen[number % len(chosen)] for number in range(KNOWN_STARTS)] if chosen else []
    return first_precise(target, _random_starts(tries, gate_set, rng), gate_set, tol, deadline)


def raced(
    target: NDArray[np.complex128],
    pairs: EntanglerSequence,
    count: int,
    gate_set: GateSet,
    tol: float,
    rng: np.random.Generator,
    deadline: float = float("inf"),
    other_than: EntanglerSequence = (),
) -> Circuit | None:
    """Return a circuit of exactly ``count`` entanglers for a unitary on three qubits, None where none came out.

    ``other_than`` is a structure that is left out.
    """
    known = _structures(pairs, count)
    order = rng.permutation(len(known))[:STRUCTURES]
    chosen = [known[int(index)] for index in order if known[int(index)] != other_than]
    return first_precise(target, _random_starts(chosen, gate_set, rng), gate_set, tol, deadline)


def first_precise(
    target: NDArray[np.complex128],
    starts: Iterator[Ansatz],
    gate_set: GateSet,
    tol: float,
    deadline: float = float("inf"),
    rounds: Rounds = ROUNDS,
) -> Circuit | None:
    """Return the first precise circuit that a multi-start leads to, None where there is none."""
    close: Circuit | None = None
    while True:  # what is left of the starts follows where a descent has come to a degenerate solution
        fit = multi_start(target, starts, tol=tol, budget=Budget(deadline=deadline), rounds=rounds)
        if fit is None or fit.infidelity > tol:
            return close
        circuit = simplify(translate_basis(fit.ansatz.circuit(), gate_set), target, gate_set).in_phase_with(target)
        (made,) = batched_unitaries([circuit])
        off = np.abs(made - target).max()
        if off <= PRECISE:
            return circuit
        close = circuit if close is None and off <= CLOSE else close


def _random_starts(
    sequences: Sequence[EntanglerSequence], gate_set: GateSet, rng: np.random.Generator
) -> Iterator[Ansatz]:
    entangler = raced_entangler(gate_set) or "cz"
    return (random_start(sequence, BLOCK_QUBITS, entangler, rng) for sequence in sequences)


@lru_cache(maxsize=256)
def _structures(pairs: EntanglerSequence, count: int) -> tuple[EntanglerSequence, ...]:
    """Return the entangler sequences of a length without more on one pair in a row than can be of use."""
    in_a_row = 3 if count <= 4 else 2
    every = product(pairs, repeat=count)
    return tuple(s for s in every if not any(len(set(s[n : n + in_a_row + 1])) == 1 for n in range(count - in_a_row)))
