"""Unitaries of textbook circuits for models whose training draws random circuits alone, beside blind draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from design_common import DISCRETE, SEED
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gate_sets import PRESETS
from circuitdiff.circuits.gates import MAX_PARAMS
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.tensors import decode
from circuitdiff.circuits.unitaries import named
from circuitdiff.data.seeds import Stream, derived_seed
from circuitdiff.data.sequences import random_sequences, sequence_tables
from circuitdiff.evaluation.papers.circuits import generator
from circuitdiff.evaluation.papers.continuous import without_final_swaps
from circuitdiff.evaluation.papers.fitting import fit_angles
from circuitdiff.generation import CircuitDiffusion, Sampling
from circuitdiff.spec.circuit_spec import CircuitSpec

CONTINUOUS = PRESETS["genqc-continuous"]
WITHOUT_CCX = tuple(name for name in CONTINUOUS if name != "ccx")
NO_SWAPS = "without its swaps"
EXACT = 1e-9
BATCH = 64


class Family(NamedTuple):
    """A unitary, the gates it is asked in, and how many of them its textbook circuit has."""

    spec: str
    gates: tuple[str, ...]
    textbook: int


FAMILIES: tuple[Family, ...] = (
    *(Family(f"ghz:{n}", DISCRETE, n) for n in (3, 4, 5)),
    *(Family(f"bv:{n}", DISCRETE, count) for n, count in ((3, 7), (4, 10), (5, 12))),
    Family("fredkin", DISCRETE, 3),
    Family("adder", DISCRETE, 7),
    Family("grover:3?iterations=1", DISCRETE, 23),
    *(Family(f"qft:{n}", CONTINUOUS, count) for n, count in ((3, 7), (4, 12), (5, 17))),
    *(Family(f"qft:{n} {NO_SWAPS}", CONTINUOUS, count) for n, count in ((3, 6), (4, 10), (5, 15))),
    Family("toffoli", WITHOUT_CCX, 7),
    Family("fredkin", WITHOUT_CCX, 9),
    Family("margolus", CONTINUOUS, 7),
    Family("cnx:4", CONTINUOUS, 11),
    Family("draper:4", CONTINUOUS, 9),
    *(Family(f"w:{n}", CONTINUOUS, count) for n, count in ((3, 11), (4, 16))),
    *(Family(f"tfim:{n}", CONTINUOUS, count) for n, count in ((3, 9), (4, 13), (5, 17))),
    Family("pauli:XYZ", CONTINUOUS, 9),
    Family("pauli:ZZZZ", CONTINUOUS, 7),
)


def families(samples: int) -> list[dict[str, Any]]:
    """Search for each, and draw as many circuits blindly; angles of both are fitted.

    Circuits have as many gates as the model draws at a time, or at most as many as the textbook's.
    """
    return [_measured(family, samples) for family in FAMILIES]


def _measured(family: Family, samples: int) -> dict[str, Any]:
    head, _, tail = family.spec.partition(" ")
    target = without_final_swaps(named(head)) if tail else named(head)
    num_qubits = len(target).bit_length() - 1
    model = CircuitDiffusion.from_pretrained("circuitdiff-gates-3q" if num_qubits == 3 else "circuitdiff-gates-5q")
    fit = partial(fit_angles, target=target, tol=EXACT, random_starts=1, rng=np.random.default_rng(SEED))
    row: dict[str, Any] = {"unitary": family.spec, "gate set": ",".join(family.gates), "textbook": family.textbook}
    for bound, most in (("any", max(model.layout.max_gates, family.textbook)), ("short", family.textbook)):
        found = model.search(
            target,
            CircuitSpec(gates=family.gates, max_gates=most),
            sampling=Sampling(num_samples=samples),
            post_process=fit,
            tol=EXACT,
            generator=generator(SEED),
        )
        best = min(found, key=lambda circuit: infidelity(target, circuit.unitary()))
        reached = infidelity(target, best.unitary())
        row[f"{bound}: gates"] = best.num_gates if reached <= EXACT else None
        row[f"{bound}: samples"] = len(found) if reached <= EXACT else None
        row[f"{bound}: infidelity"] = f"{reached:.0e}" if reached > EXACT else "exact"
        blind = _nearest(_blind(Layout(num_qubits, family.gates, most), samples), target, fit)
        row[f"{bound}: blind"] = f"{blind:.0e}" if blind > EXACT else "exact"
    return row


def _nearest(circuits: Iterable[Circuit], target: NDArray[np.complex128], fit: Callable[[Circuit], Circuit]) -> float:
    """Return the least infidelity of circuits, their angles fitted, up to the first that is exact."""
    least = 1.0
    for circuit in circuits:
        least = min(least, infidelity(target, fit(circuit).unitary()))
        if least <= EXACT:
            break
    return least


def _blind(layout: Layout, count: int) -> Iterator[Circuit]:
    """Draw circuits like those of training, of any length that the search may take."""
    tables, permitted = sequence_tables(layout), torch.from_numpy(layout.permitted())
    source = torch.Generator().manual_seed(derived_seed(Stream.EVALUATION, SEED))
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        length = torch.randint(2, layout.max_gates + 1, (size,), generator=source)
        tokens, angles = random_sequences(permitted.expand(size, -1), length, tables, source)
        params = torch.nn.functional.pad(angles[..., None], (0, MAX_PARAMS - 1))
        yield from decode(tokens, params.double(), layout.vocabulary)
