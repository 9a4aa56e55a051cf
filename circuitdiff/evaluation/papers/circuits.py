"""Held-out circuits of general gates, drawn like those of training from a stream of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
import torch

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gate_layout import GateLayout
from circuitdiff.circuits.tensors import decode
from circuitdiff.data.gate_stream import GateMixture, GateStream
from circuitdiff.data.seeds import Stream, derived_seed

BATCH = 256
KEY_DECIMALS = 6
"""Unitaries that agree to so many decimals up to phase count as the same."""

ON_LINE = GateMixture(unitaries=False, named=1.0, smaller=0.0, line=1.0, random_line=0.0, random_coupling=0.0)
EVERYWHERE = replace(ON_LINE, line=0.0)


def held_out_circuits(layout: GateLayout, count: int, seed: int, mixture: GateMixture = EVERYWHERE) -> list[Circuit]:
    """Return circuits of all the gates of a layout, with pairwise different unitaries; lengths are equally likely."""
    gates = ",".join(layout.gates)
    stream = GateStream(layout, BATCH, seed, replace(mixture, gate_sets=(gates,)), stream=Stream.EVALUATION)
    found: dict[bytes, Circuit] = {}
    for circuit in _drawn(stream):
        found.setdefault(_key(circuit), circuit)
        if len(found) >= count:
            break
    return list(islice(found.values(), count))


def generator(*keys: int) -> torch.Generator:
    """Return a generator of a model's draws in an evaluation."""
    return torch.Generator().manual_seed(derived_seed(Stream.EVALUATION, *keys))


def _drawn(stream: GateStream) -> Iterator[Circuit]:
    number = 0
    while True:
        batch = stream.batch(number)
        yield from decode(batch.tokens, batch.params.double(), stream.layout.vocabulary)
        number += 1


def _key(circuit: Circuit) -> bytes:
    """Return bytes that are the same for unitaries that differ by a phase."""
    unitary = circuit.unitary()
    first = unitary.flat[int(np.argmax(np.abs(unitary).ravel() > 1e-3))]
    return (np.round(unitary * (first.conj() / abs(first)), KEY_DECIMALS) + (0.0 + 0.0j)).tobytes()
