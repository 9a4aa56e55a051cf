"""The suite of states: generic ones, and those that people prepare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit

Amplitudes = NDArray[np.complex128]

GENERIC_COUNTS = {3: 20, 4: 20, 5: 20, 6: 20, 7: 5, 8: 5}
"""Generic states by the number of qubits, on each coupling."""

SHALLOW_COUNT = 6
"""States of random circuits by the number of qubits and CX."""


@dataclass(frozen=True)
class StateTarget:
    """A state to prepare.

    Attributes:
        name: unique in the suite.
        family: kind of state.
        amplitudes: (2^n,) of norm one.
        coupling: map on which it is prepared.
        textbook: CX of the known construction on a complete map, None where there is none.
    """

    name: str
    family: str
    amplitudes: Amplitudes
    coupling: str = "all"
    textbook: int | None = None

    @property
    def num_qubits(self) -> int:
        """Size of the register."""
        return len(self.amplitudes).bit_length() - 1


def state_suite(seed: int = 0) -> list[StateTarget]:
    """Return generic states on complete maps and lines, then structured ones on complete maps."""
    return [*_generic(seed), *_structured(np.random.default_rng(seed))]


def _generic(seed: int) -> Iterator[StateTarget]:
    for n, count in GENERIC_COUNTS.items():
        for number in range(count):
            state = gaussian(n, np.random.default_rng((seed, n, number)))
            for coupling in ("all", "line"):
                yield StateTarget(f"generic-{n}-{coupling}-{number}", f"generic, {coupling}", state, coupling)


def _structured(rng: np.random.Generator) -> Iterator[StateTarget]:
    for n in range(3, 9):
        yield StateTarget(f"ghz-{n}", "ghz", sparse({0: 1, (1 << n) - 1: 1}, n), textbook=n - 1)
    for n in range(3, 7):
        yield StateTarget(f"w-{n}", "w", dicke(n, 1), textbook=2 * n - 3)
    for n, ones in ((4, 2), (5, 2)):
        yield StateTarget(f"dicke-{n}-{ones}", "dicke", dicke(n, ones))
    for n in range(4, 9):
        yield StateTarget(f"cluster-{n}", "graph", graph([(i, i + 1) for i in range(n - 1)], n), textbook=n - 1)
    for n in range(4, 7):
        yield StateTarget(f"ring-{n}", "graph", graph([(i, (i + 1) % n) for i in range(n)], n), textbook=n)
    for n in range(4, 7):
        edges = [pair for pair in combinations(range(n), 2) if rng.random() < 0.6]
        yield StateTarget(f"graph-{n}", "graph", graph(edges, n), textbook=len(edges))
    yield StateTarget("complete-5", "graph", graph(list(combinations(range(5), 2)), 5), textbook=10)
    yield StateTarget("cat-4", "cat", sparse({0: 0.8, 15: 0.6j}, 4), textbook=3)
    yield StateTarget("uniform-6", "product", np.ones(64, dtype=np.complex128) / 8, textbook=0)
    yield StateTarget("product-8", "product", product(8, rng), textbook=0)
    for n, terms in ((4, 3), (5, 4), (6, 4)):
        chosen = rng.permutation(1 << n)[:terms]
        yield StateTarget(f"sparse-{n}-{terms}", "sparse", sparse({int(i): float(rng.normal()) for i in chosen}, n))
    for n in range(4, 7):
        yield StateTarget(f"mps-{n}", "mps, bond 2", matrix_product(n, rng))
    for n, gates in ((4, 4), (4, 5), (5, 5), (5, 7), (6, 6), (6, 8)):
        for number in range(SHALLOW_COUNT):
            yield StateTarget(f"shallow-{n}-{gates}-{number}", "few cx", shallow(n, gates, rng), textbook=gates)
    for n in (4, 5):
        bell = np.exp(-((np.arange(1 << n) - (1 << n - 1) + 0.5) ** 2) / (2 * (1 << n - 2) ** 2)).astype(np.complex128)
        yield StateTarget(f"bell-curve-{n}", "bell curve", bell / np.linalg.norm(bell))


def gaussian(n: int, rng: np.random.Generator) -> Amplitudes:
    """Return a Haar-random state."""
    state = rng.normal(size=1 << n) + 1j * rng.normal(size=1 << n)
    return np.asarray(state / np.linalg.norm(state))


def sparse(amplitudes: dict[int, complex], n: int) -> Amplitudes:
    """Return a state from amplitudes of some basis states, normalised."""
    state = np.zeros(1 << n, dtype=np.complex128)
    for index, value in amplitudes.items():
        state[index] = value
    return np.asarray(state / np.linalg.norm(state))


def dicke(n: int, ones: int) -> Amplitudes:
    """Return the even superposition of all basis states with so many ones."""
    state = np.array([float(i.bit_count() == ones) for i in range(1 << n)], dtype=np.complex128)
    return np.asarray(state / comb(n, ones) ** 0.5)


def graph(edges: Sequence[tuple[int, int]], n: int) -> Amplitudes:
    """Return a graph state: a CZ for every edge, on qubits in plus."""
    signs = [(-1.0) ** sum(i >> a & i >> b & 1 for a, b in edges) for i in range(1 << n)]
    return np.asarray(np.array(signs, dtype=np.complex128) / np.sqrt(1 << n))


def product(n: int, rng: np.random.Generator) -> Amplitudes:
    """Return a product of random single-qubit states."""
    state: Amplitudes = np.ones(1, dtype=np.complex128)
    for _ in range(n):
        state = np.asarray(np.kron(gaussian(1, rng), state))
    return state


def matrix_product(n: int, rng: np.random.Generator) -> Amplitudes:
    """Return a random matrix-product state of bond dimension two."""
    block = rng.normal(size=(1, 2)) + 1j * rng.normal(size=(1, 2))
    for place in range(n):
        bond = 2 if place < n - 1 else 1
        core = rng.normal(size=(2, 2, bond)) + 1j * rng.normal(size=(2, 2, bond))
        block = np.einsum("al,lsb->sab", block, core).reshape(-1, bond)
    return np.asarray(block[:, 0] / np.linalg.norm(block))


def shallow(n: int, gates: int, rng: np.random.Generator) -> Amplitudes:
    """Return what a random circuit of so many CX makes."""
    operations: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
    for _ in range(gates):
        a, b = (int(q) for q in rng.permutation(n)[:2])
        operations += [("u", (q,), tuple(rng.uniform(0, 2 * np.pi, 3))) for q in (a, b)] + [("cx", (a, b), ())]
    return Circuit.from_gates(n, operations).columns(1)[:, 0]
