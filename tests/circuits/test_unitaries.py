from __future__ import annotations

import cirq
import numpy as np
import pytest
from qiskit.circuit.library import CCXGate, CSwapGate, MCXGate, QFTGate
from qiskit.quantum_info import Operator, SparsePauliOp
from scipy.linalg import expm

from circuitdiff.circuits.circuit import infidelity
from circuitdiff.circuits.unitaries import named, names
from circuitdiff.circuits.unitaries.catalogue import ENTRIES
from circuitdiff.errors import InputError

SPECS = [f"{name}:{size}" for name, entry in ENTRIES.items() for size in entry.sizes]


@pytest.mark.parametrize("spec", [*SPECS, "pauli:XXYZ", "pauli:I"])
def test_every_name_gives_a_unitary_of_its_size(spec: str) -> None:
    unitary = named(spec)
    assert unitary.dtype == np.complex128
    np.testing.assert_allclose(unitary @ unitary.conj().T, np.eye(len(unitary)), atol=1e-12)
    size = spec.partition(":")[2]
    assert len(unitary) == 2 ** (int(size) if size.isdigit() else len(size))


@pytest.mark.parametrize(
    ("spec", "gate"),
    [
        ("qft:4", QFTGate(4)),
        ("toffoli", CCXGate()),
        ("fredkin", CSwapGate()),
        ("cnx:5", MCXGate(4)),
    ],
)
def test_operations_agree_with_qiskit(spec: str, gate: object) -> None:
    np.testing.assert_allclose(named(spec), Operator(gate).data, atol=1e-12)


def test_fourier_transform_agrees_with_cirq() -> None:
    np.testing.assert_allclose(named("qft:3"), cirq.unitary(cirq.qft(*cirq.LineQubit.range(3))), atol=1e-6)


@pytest.mark.parametrize(("name", "one_hot"), [("ghz", False), ("w", True)])
@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_preparations_make_their_state(name: str, one_hot: bool, size: int) -> None:
    state = named(f"{name}:{size}")[:, 0]
    places = [1 << q for q in range(size)] if one_hot else [0, (1 << size) - 1]
    expected = np.zeros(1 << size)
    expected[places] = 1 / np.sqrt(len(places))
    assert abs(np.vdot(expected, state)) == pytest.approx(1)


def chain(size: int, word: str, strength: float) -> list[tuple[str, list[int], float]]:
    return [(word, [q, q + 1], strength) for q in range(size - 1)]


@pytest.mark.parametrize(
    ("spec", "terms"),
    [
        ("tfim{}:3?t=0.4&j=0.7&h=1.3", [*chain(3, "ZZ", -0.7), *(("X", [q], -1.3) for q in range(3))]),
        ("heisenberg{}:3?t=0.4&j=0.7", [term for w in ("XX", "YY", "ZZ") for term in chain(3, w, 0.7)]),
        ("xxz{}:3?t=0.4&j=0.7&delta=0.2", [*chain(3, "XX", 0.7), *chain(3, "YY", 0.7), *chain(3, "ZZ", 0.14)]),
    ],
)
def test_evolutions_are_those_of_their_hamiltonian(spec: str, terms: list[tuple[str, list[int], float]]) -> None:
    hamiltonian = SparsePauliOp.from_sparse_list(terms, num_qubits=3).to_matrix()
    exact = expm(-0.4j * hamiltonian)
    np.testing.assert_allclose(named(spec.format("_exact")), exact, atol=1e-12)
    errors = [infidelity(exact, named(f"{spec.format('')}&steps={steps}")) for steps in (1, 4, 400)]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1e-5


def test_pauli_words_start_at_qubit_0() -> None:
    expected = expm(-0.3j * SparsePauliOp.from_sparse_list([("XZ", [0, 2], 1)], num_qubits=3).to_matrix())
    np.testing.assert_allclose(named("pauli:XIZ?t=0.3"), expected, atol=1e-12)


def test_bernstein_vazirani_reads_the_secret() -> None:
    state = named("bv:4?secret=011")[:, 0]
    assert np.abs(state[[0b0011, 0b1011]]) == pytest.approx([np.sqrt(0.5)] * 2)


def test_grover_finds_the_marked_state() -> None:
    assert abs(named("grover:3?marked=110")[0b110, 0]) ** 2 > 0.9
    assert abs(named("grover:2?marked=10&iterations=1")[0b10, 0]) ** 2 == pytest.approx(1)


def test_adders_add() -> None:
    ripple, fourier = named("adder:4"), named("draper:4")
    for state in range(16):
        carry, b, a, out = (state >> q & 1 for q in range(4))
        total = a + b + carry
        reached = carry | (total & 1) << 1 | a << 2 | (out ^ (total >> 1)) << 3
        assert abs(ripple[reached, state]) == pytest.approx(1)
        low, high = state & 3, state >> 2
        assert abs(fourier[low | ((low + high) & 3) << 2, state]) == pytest.approx(1)


def test_seeds_decide_random_unitaries() -> None:
    for name in ("haar:3", "random_circuit:3"):
        np.testing.assert_array_equal(named(f"{name}?seed=5"), named(f"{name}?seed=5"))
        assert infidelity(named(f"{name}?seed=5"), named(f"{name}?seed=6")) > 1e-3


def test_names_are_listed_with_what_they_take() -> None:
    listed = dict(names())
    assert listed.keys() == ENTRIES.keys()
    assert "steps=1" in listed["tfim"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("nonsense", "unknown unitary 'nonsense'"),
        ("", "unknown unitary ''"),
        ("qft:9", "not on 9"),
        ("qft:", "'' is not a number"),
        ("qft:-1", "'-1' is not a number"),
        ("toffoli:4", "not on 4"),
        ("toffoli?seed=1", "no option 'seed'"),
        ("haar:2?sed=1", "no option 'sed'"),
        ("haar:2?seed=-1", "seed=-1"),
        ("tfim:3?t=nan", "not finite"),
        ("tfim:3?t=", "not a number"),
        ("tfim:3?steps=0.5", "not a whole number"),
        ("tfim:3?steps=99999999", "99999999"),
        ("tfim:3?steps=0", "between 1 and"),
        ("bv:4?secret=10", "3 bits"),
        ("grover:3?marked=012", "3 bits"),
        ("pauli", "1 to 5 letters"),
        ("pauli:XYQ", "1 to 5 letters"),
        ("pauli:XXXXXX", "1 to 5 letters"),
    ],
)
def test_bad_specifications_are_refused_with_numbers(spec: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        named(spec)
