"""Held-out circuits of general gates, drawn like those of training from a stream of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from circuitdiff.circuits.circuit import Circuit, phase_free_key
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.tensors import decode
from circuitdiff.data.gate_mixture import GateMixture
from circuitdiff.data.seeds import Stream, derived_seed
from circuitdiff.data.stream import CircuitStream

BATCH = 256
KEY_DECIMALS = 6
"""Unitaries that agree to so many decimals up to phase count as the same."""


def held_out_circuits(
    layout: Layout, count: int, seed: int, accepts: Callable[[Circuit], bool] | None = None
) -> list[Circuit]:
    """Return circuits of all the gates of a layout on any couplings, with pairwise different unitaries.

    Lengths are equally likely, but for what `accepts`, where it is given, turns away.
    """
    mixture = GateMixture(
        unitaries=False,
        gate_sets=(",".join(layout.gates),),
        named=1.0,
        smaller=0.0,
        line=0.0,
        random_line=0.0,
        random_coupling=0.0,
    )
    stream = CircuitStream(layout, BATCH, seed, mixture, stream=Stream.EVALUATION)
    found: dict[bytes, Circuit] = {}
    for circuit in _drawn(stream):
        if accepts is None or accepts(circuit):
            found.setdefault(phase_free_key(circuit.unitary(), KEY_DECIMALS), circuit)
        if len(found) >= count:
            break
    return list(found.values())


def is_connected(circuit: Circuit) -> bool:
    """Tell whether the gates of a circuit couple all its qubits to each other, directly or through others."""
    reached, left = {0}, set(circuit.pairs)
    while touching := {pair for pair in left if reached & set(pair)}:
        reached |= {qubit for pair in touching for qubit in pair}
        left -= touching
    return len(reached) == circuit.num_qubits


def generator(*keys: int) -> torch.Generator:
    """Return a generator of a model's draws in an evaluation."""
    return torch.Generator().manual_seed(derived_seed(Stream.EVALUATION, *keys))


def _drawn(stream: CircuitStream) -> Iterator[Circuit]:
    number = 0
    while True:
        batch = stream.batch(number)
        yield from decode(batch.tokens, batch.params.double(), stream.layout.vocabulary)
        number += 1
