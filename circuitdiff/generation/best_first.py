"""Best-first search with a model: keep a prefix or a suffix of what was drawn, and draw again for what is left.

A circuit drawn for U that is wrong as a whole often begins or ends right. Its first gates B and last gates A leave the
residual A^dag U B^dag, a target of its own, and the model tells from one look at it how many gates it expects it to
take: a right one leaves a simpler residual, a wrong one does not. The search draws where the cost to go is least: it is
best-first search with the model as its policy and its estimate of the cost to go (Silver et al., arXiv 1712.01815,
without the tree's statistics). What is left may also be made outright, where whoever asks can.
"""

from __future__ import annotations

import heapq
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation, infidelity, phase_free_key
from circuitdiff.circuits.vocabulary import MASK, PAD
from circuitdiff.generation.constraint import at_most_chances
from circuitdiff.generation.requests import Request, conditions_of
from circuitdiff.models.denoiser import Denoiser

logger = logging.getLogger(__name__)

FIRST_DRAWS = 16
DRAWS = 4
"""Circuits drawn for the target, and later for a residual."""

LONGEST_PIECE = 4
"""Most gates of a drawn circuit that are kept at a time, at its beginning or at its end."""

PIECE_WEIGHT = 0.5
"""What a gate that is kept counts beside one that is still expected: below 1 prefers residuals with little left."""

_KEY_DECIMALS = 5

Matrix = NDArray[np.complex128]
Draw = Callable[[Request, int], list[Circuit]]
"""Draws so many circuits for a request."""

Close = Callable[[Matrix], Circuit | None]
"""Makes a unitary (d, d), or returns None."""


@dataclass(frozen=True)
class Residual:
    """What is left of a target between the gates that were kept."""

    before: tuple[Operation, ...]
    after: tuple[Operation, ...]
    unitary: Matrix  # (d, d)
    free: str = ""  # a gate that counts for nothing

    @property
    def num_kept(self) -> int:
        """Number of gates that were kept."""
        return sum(operation.name != self.free for operation in (*self.before, *self.after))

    def whole(self, between: Circuit) -> Circuit:
        """Return the whole circuit with a circuit for the residual in the middle."""
        return replace(between, operations=(*self.before, *between.operations, *self.after))

    def bounds(self, max_gates: int | None, max_two_qubit: int | None) -> tuple[int | None, int | None]:
        """Return what bounds on the gates of the whole, and on those on two qubits or more, leave for the middle."""
        wide = sum(len(operation.qubits) > 1 for operation in (*self.before, *self.after))
        return (
            None if max_gates is None else max_gates - self.num_kept,
            None if max_two_qubit is None else max_two_qubit - wide,
        )


def residual_of(
    unitary: Matrix, before: tuple[Operation, ...], after: tuple[Operation, ...], free: str = ""
) -> Residual:
    """Return what is left of a unitary (d, d) between its first and its last gates; `free` ones do not count."""
    n = len(unitary).bit_length() - 1
    first, last = Circuit(n, before).unitary(), Circuit(n, after).unitary()
    return Residual(before, after, last.conj().T @ unitary @ first.conj().T, free)


def without_kept_ends(
    circuit: Circuit, keep: Sequence[bool], unitary: Matrix, free: str = ""
) -> tuple[Residual, Circuit, Sequence[bool]]:
    """Take the gates kept at the beginning and at the end off a circuit and off a unitary (d, d).

    Returns:
        What is left of the unitary, and the gates in the middle, with whether each is kept.
    """
    first, end = keep.index(False), len(keep) - list(reversed(keep)).index(False)
    gates = circuit.operations
    left = residual_of(unitary, gates[:first], gates[end:], free)
    return left, replace(circuit, operations=gates[first:end], global_phase=0.0), keep[first:end]


def search_circuits(
    draw: Draw,
    expected_gates: Callable[[Matrix], NDArray[np.float64]],
    request: Request,
    num_samples: int,
    post_process: Callable[[Circuit], Circuit],
    tol: float,
    deadline: float,
    close: Close,
    free: str = "",
) -> list[Circuit]:
    """Draw whole circuits until one is within tolerance of the target, or all samples are drawn.

    Args:
        draw: the model.
        expected_gates: number of gates that the model expects of each of (targets, d, d) unitaries.
        request: what is asked of the whole, its unitary and number of gates among it.
        num_samples: most circuits drawn.
        post_process: what is done to a whole circuit before it is compared; pieces are of what was drawn.
        tol: infidelity.
        deadline: `time.monotonic` after which nothing more is drawn.
        close: makes a residual without the model, where it can.
        free: a gate that counts for nothing.

    Returns:
        At most `num_samples` whole circuits, finished, in the order in which they were drawn; then, if there is one,
        that whose residual was closed.
    """
    assert request.unitary is not None
    assert request.max_gates is not None
    target, drawn = request.unitary, list[Circuit]()
    seen = {phase_free_key(target, _KEY_DECIMALS)}
    queue: list[tuple[float, int, Residual]] = [(0.0, 0, Residual((), (), target, free))]
    while queue and len(drawn) < num_samples and time.monotonic() < deadline:
        logger.info("%d of %d drawn", len(drawn), num_samples, extra={"share": len(drawn) / num_samples})
        _, _, residual = heapq.heappop(queue)
        count = min(DRAWS if residual.num_kept else FIRST_DRAWS, num_samples - len(drawn))
        most, most_wide = residual.bounds(request.max_gates, request.max_two_qubit)
        asked = replace(request, unitary=residual.unitary, max_gates=most, max_two_qubit=most_wide)
        wholes = [residual.whole(circuit) for circuit in draw(asked, count)]
        distinct = {whole: post_process(whole) for whole in dict.fromkeys(wholes)}
        drawn += [distinct[whole] for whole in wholes]
        if any(infidelity(target, circuit.unitary()) <= tol for circuit in distinct.values()):
            break
        fresh = list[Residual]()
        for circuit in distinct:
            for found in _pieces(target, circuit, residual, request.max_gates):
                key = phase_free_key(found.unitary, _KEY_DECIMALS)
                if key not in seen:
                    seen.add(key)
                    fresh.append(found)
        for found in fresh:
            if (closed := _closed(found, close, request)) is not None:
                return [*drawn, post_process(closed)]
        if fresh:
            left = expected_gates(np.stack([found.unitary for found in fresh]))
            for number, (found, gates) in enumerate(zip(fresh, left, strict=True), start=len(seen)):
                heapq.heappush(queue, (float(gates) + PIECE_WEIGHT * found.num_kept, -number, found))
    return drawn


def cannot_close(unitary: Matrix) -> None:
    """Make nothing without the model."""


def expected_gates(model: Denoiser, request: Request, unitaries: Matrix) -> NDArray[np.float64]:
    """Return the number of gates (targets,) that a network expects of each of some unitaries.

    One look at an empty circuit gives the whole distribution of their number; masks are those of the request.
    """
    config, device = model.config, model.token_bias.device
    shown = replace(request, max_gates=None, max_two_qubit=None)
    blank = torch.full((len(unitaries), 1, config.layout.max_gates), MASK, device=device)
    with torch.no_grad():
        encoded = model.encode(conditions_of(shown, unitaries, config, device))
        at_most = at_most_chances(model(blank, None, None, encoded)[0].softmax(-1)[:, 0, :, PAD])
    return (1 - at_most[..., :-1]).sum(1).double().cpu().numpy()


def _closed(residual: Residual, close: Close, request: Request) -> Circuit | None:
    """Return a whole circuit whose residual needs no model, None where there is none within the bounds."""
    between = close(residual.unitary)
    if between is None:
        return None
    most, most_wide = residual.bounds(request.max_gates, request.max_two_qubit)
    fits = (most is None or between.num_gates <= most) and (most_wide is None or between.two_qubit_count <= most_wide)
    return residual.whole(between) if fits else None


def _pieces(target: Matrix, whole: Circuit, residual: Residual, max_gates: int) -> Iterator[Residual]:
    """Yield the residuals that further first or last gates of a whole circuit leave."""
    start, end = len(residual.before), whole.num_gates - len(residual.after)
    gates = whole.operations
    for size in range(1, min(LONGEST_PIECE, end - start - 1, max_gates - residual.num_kept - 1) + 1):
        yield residual_of(target, gates[: start + size], gates[end:], residual.free)
        yield residual_of(target, gates[:start], gates[end - size :], residual.free)
