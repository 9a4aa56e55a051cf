from __future__ import annotations

from itertools import combinations, product

import pytest

from circuitdiff import CircuitSpec, Sampling
from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import all_to_all, parse_coupling
from circuitdiff.errors import InputError
from circuitdiff.generation import CircuitDiffusion
from circuitdiff.generation.entangling import fewest_gates
from circuitdiff.generation.generation import schmidt_ranks_of


def shortest_with(num_qubits: int, pairs: tuple[tuple[int, int], ...], most: int) -> dict[tuple[int, ...], int]:
    """Return by Schmidt ranks the least number of gates h and cx that make them, of all circuits of up to `most`."""
    gates = [("h", (q,), ()) for q in range(num_qubits)]
    gates += [("cx", way, ()) for a, b in pairs for way in ((a, b), (b, a))]
    found: dict[tuple[int, ...], int] = {}
    for size in range(most + 1):
        for chosen in product(gates, repeat=size):
            found.setdefault(schmidt_ranks_of(Circuit.from_gates(num_qubits, chosen)), size)
    return found


@pytest.mark.parametrize("coupling", ["all", "line"])
def test_fewest_gates_are_what_exhaustive_search_finds(coupling: str) -> None:
    pairs = parse_coupling(coupling, 3).pairs
    for srv, size in shortest_with(3, pairs, 4).items():
        least, plain = fewest_gates(srv, pairs) or (-1, -1)
        assert least <= size == plain


def test_qubits_that_nothing_connects_have_no_number() -> None:
    assert fewest_gates((2, 1, 2), [(0, 1)]) is None


@pytest.mark.parametrize("n", [3, 5, 8])
def test_all_to_all_takes_as_many_gates_as_qubits_are_entangled(n: int) -> None:
    for count in range(2, n + 1):
        for chosen in list(combinations(range(n), count))[:5]:
            srv = [2 if qubit in chosen else 1 for qubit in range(n)]
            assert fewest_gates(srv, all_to_all(n).pairs) == (count, count)


@pytest.fixture(scope="module")
def model() -> CircuitDiffusion:
    return CircuitDiffusion.from_pretrained("circuitdiff-entanglement")


@pytest.mark.parametrize("srv", [(2, 2, 1), (2, 1, 2, 2), (1, 1, 1)])
def test_drawn_circuits_keep_to_the_usual_lengths(model: CircuitDiffusion, srv: tuple[int, ...]) -> None:
    count = srv.count(2)
    for extra in (0, 3):
        for circuit in model.sample(spec=CircuitSpec(schmidt_ranks=srv), sampling=Sampling(32, max_extra_gates=extra)):
            assert circuit.two_qubit_count <= max(count - 1, 0)
            assert count <= circuit.num_gates <= (count + extra if count else len(srv))


def test_a_bound_of_the_spec_is_kept_where_it_is_the_lower(model: CircuitDiffusion) -> None:
    spec = CircuitSpec(schmidt_ranks=(2, 2, 2), max_gates=4, max_two_qubit_gates=2)
    drawn = model.sample(spec=spec, sampling=Sampling(32))
    assert all(circuit.num_gates <= 4 and circuit.two_qubit_count <= 2 for circuit in drawn)


def test_without_a_number_of_extra_gates_circuits_have_any_length(model: CircuitDiffusion) -> None:
    how = Sampling(temperature=1.0, max_extra_gates=None)
    drawn = model.sample(spec=CircuitSpec(schmidt_ranks=(2, 2, 1)), sampling=how)
    assert max(circuit.num_gates for circuit in drawn) > 5


def test_most_samples_have_the_ranks_and_they_differ(model: CircuitDiffusion) -> None:
    drawn = model.sample(spec=CircuitSpec(schmidt_ranks=(2, 2, 1, 2)), sampling=Sampling(seed=1))
    right = [circuit for circuit in drawn if schmidt_ranks_of(circuit) == (2, 2, 1, 2)]
    assert len(right) > 56
    assert len(set(right)) > 4


def test_bell_pairs_are_entangled_with_each_other_alone(model: CircuitDiffusion) -> None:
    pairs = ((0, 3), (1, 2))
    drawn = model.sample(spec="5 qubits, Bell pairs 0-3 and 1-2, at most 6 gates", sampling=Sampling(16))
    right = [circuit for circuit in drawn if schmidt_ranks_of(circuit) == (2, 2, 2, 2, 1)]
    assert len(right) > 12
    for circuit in drawn:
        assert circuit.num_gates <= 6
        assert circuit.pairs <= set(pairs)


def test_bell_pairs_that_are_not_coupled_are_refused(model: CircuitDiffusion) -> None:
    with pytest.raises(InputError, match="Bell pair of qubits 0 and 2 is asked for, which are not coupled"):
        model.sample(spec="4 qubits on a line, Bell pairs 0-2 and 1-3")
