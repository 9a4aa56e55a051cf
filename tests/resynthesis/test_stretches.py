"""Large circuits: what comes first is compiled before the rest is looked at, and the clock is heeded everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.circuits.program import Step
from circuitdiff.resynthesis import stretches
from circuitdiff.resynthesis.blocks import Block, BlockOptions, compile_blocks
from circuitdiff.resynthesis.cache import BlockCache
from circuitdiff.resynthesis.check import state_infidelity
from circuitdiff.resynthesis.ending import SHARE, Ending
from circuitdiff.resynthesis.orders import cut_in_order
from circuitdiff.resynthesis.partition import Positions, partition
from circuitdiff.resynthesis.relabelling import output_permutation, restored
from circuitdiff.resynthesis.replacement import Place, Rewritten
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.clifford_t.phase_folding import fold_phases


def random_circuit(num_qubits: int, count: int, seed: int) -> Circuit:
    rng = np.random.default_rng(seed)
    gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
    for _ in range(count):
        pair = tuple(map(int, rng.permutation(num_qubits)[:2]))
        gates += [("u", pair[1:], tuple(rng.uniform(0, 6, 3))), ("cx", pair, ())] * 2
    return Circuit.from_gates(num_qubits, gates)


def test_a_stretch_is_compiled_before_the_next_one_is_cut() -> None:
    events: list[tuple[str, int]] = []
    circuit = random_circuit(9, 10_000, 0)

    def cut(steps: Sequence[Step]) -> tuple[Sequence[Step], Sequence[Positions]]:
        events.append(("cut", len(steps)))
        return cut_in_order(3, partition)(steps)

    def find(blocks: Sequence[Block], deadline: float) -> list[Circuit | None]:
        events.append(("find", len(blocks)))
        return [None] * len(blocks)

    given = Rewritten(circuit.operations, 0.5)
    found, count = stretches.in_stretches(given, cut, Place(), find)
    kinds = [kind for kind, size in events if size]
    assert kinds[:2] == ["cut", "find"]
    assert len(kinds) >= 2 * circuit.num_gates / stretches.STRETCH
    assert all(first != second for first, second in pairwise(kinds))
    assert max(size for kind, size in events if kind == "cut") <= stretches.STRETCH
    assert sorted(map(str, found.steps)) == sorted(map(str, given.steps))
    assert (found.global_phase, count) == (0.5, 0)


def test_after_the_deadline_nothing_is_cut() -> None:
    given = Rewritten(random_circuit(9, 5_000, 1).operations, 0.0)

    def cut(steps: Sequence[Step]) -> tuple[Sequence[Step], Sequence[Positions]]:
        raise AssertionError

    assert stretches.in_stretches(given, cut, Place(), lambda blocks, deadline: [], 0.0) == (given, 0)


@pytest.mark.parametrize("swaps_are_free", [True, False])
def test_circuits_of_many_stretches_do_the_same(swaps_are_free: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "STRETCH", 25)
    gates = list(random_circuit(7, 30, 2).operations)
    gates[40:40] = Circuit.from_gates(7, [("swap", (0, 5), ()), ("cx", (5, 1), ()), ("swap", (1, 6), ())]).operations
    circuit = Circuit(7, tuple(gates))
    options, cache = BlockOptions(permuted_qubits=2 if swaps_are_free else 0), BlockCache(None)
    place = Place(swaps_are_free=swaps_are_free)
    found, count = stretches.in_stretches(
        Rewritten(circuit.operations, 0.0),
        cut_in_order(2, partition),
        place,
        lambda blocks, deadline: compile_blocks(blocks, options, cache, deadline),
        offset=7,
    )
    assert count > 0
    assert place.cost(found.steps) < place.cost(circuit.operations)
    after = Circuit(7, tuple(step for step in found.steps if isinstance(step, Operation)))
    order = output_permutation(found.where, 7)
    assert (order is not None) == swaps_are_free
    infidelity = state_infidelity(circuit, restored(after, order), np.random.default_rng(3))
    assert infidelity is not None
    assert infidelity < 1e-9


def test_what_follows_the_search_heeds_the_clock() -> None:
    circuit, gates = random_circuit(6, 50, 4), parse_gate_set("u,cx")
    assert state_infidelity(circuit, circuit, np.random.default_rng(0), deadline=0.0) is None
    late = translate_basis(circuit, gates, deadline=0.0)
    assert late.operations == circuit.operations
    np.testing.assert_allclose(fold_phases(circuit, deadline=0.0).unitary(), circuit.unitary(), atol=1e-10)
    last = Ending.of(circuit, gates, 1e-3)
    assert last.seconds <= 2 * SHARE * 1e-3
    assert last.most == pytest.approx(SHARE * 1e-3)
    assert Ending.of(circuit, gates, None).seconds == 0.0
