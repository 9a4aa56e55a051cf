"""Pauli strings as bit masks, against their matrices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.linalg import expm

from circuitdiff.circuits.pauli import apply_pauli, apply_rotation, multiply, parity, parse_pauli, pauli_phases
from tests.strategies import haar

MATRICES = {
    "I": np.eye(2, dtype=np.complex128),
    "X": np.array([[0, 1], [1, 0]], dtype=np.complex128),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]).astype(np.complex128),
}
WORDS = st.integers(1, 4).flatmap(lambda n: st.text("IXYZ", min_size=n, max_size=n))
WORD_PAIRS = st.integers(1, 4).flatmap(lambda n: st.tuples(*[st.text("IXYZ", min_size=n, max_size=n)] * 2))


def matrix_of(word: str) -> NDArray[np.complex128]:
    """The matrix of a word whose first character acts on qubit 0, the least significant."""
    matrix = np.eye(1, dtype=np.complex128)
    for letter in word:
        matrix = np.kron(MATRICES[letter], matrix)
    return matrix


@given(WORDS)
def test_apply_pauli_agrees_with_the_matrix(word: str) -> None:
    pauli = parse_pauli(word, tuple(range(len(word))))
    np.testing.assert_array_equal(apply_pauli(pauli, np.eye(2 ** len(word), dtype=complex)), matrix_of(word))


@given(WORDS)
def test_pauli_phases_are_the_entries_of_the_matrix(word: str) -> None:
    pauli = parse_pauli(word, tuple(range(len(word))))
    rows = np.arange(2 ** len(word))
    np.testing.assert_array_equal(pauli_phases(pauli, len(word)), matrix_of(word)[rows, rows ^ pauli.x])


def test_parse_pauli_places_each_letter_on_its_qubit() -> None:
    placed = parse_pauli("ZX", (2, 0))
    np.testing.assert_array_equal(apply_pauli(placed, np.eye(8, dtype=complex)), matrix_of("XIZ"))


def test_parse_pauli_refuses_a_word_of_another_length() -> None:
    with pytest.raises(ValueError, match="shorter"):
        parse_pauli("ZXY", (0, 1))


@given(WORD_PAIRS)
def test_multiply_agrees_with_the_matrices(words: tuple[str, str]) -> None:
    qubits = tuple(range(len(words[0])))
    p, q = (parse_pauli(word, qubits) for word in words)
    power, r = multiply(p, q)
    product = 1j**power * apply_pauli(r, np.eye(2 ** len(qubits), dtype=complex))
    np.testing.assert_array_equal(product, matrix_of(words[0]) @ matrix_of(words[1]))


@given(WORD_PAIRS)
def test_commutes_agrees_with_the_matrices(words: tuple[str, str]) -> None:
    qubits = tuple(range(len(words[0])))
    p, q = (parse_pauli(word, qubits) for word in words)
    a, b = (matrix_of(word) for word in words)
    assert p.commutes(q) == np.array_equal(a @ b, b @ a)


@given(WORDS, st.floats(-10, 10))
def test_apply_rotation_is_the_exponential(word: str, angle: float) -> None:
    matrix = haar(len(word), seed=len(word))
    rotated = apply_rotation(parse_pauli(word, tuple(range(len(word)))), angle, matrix)
    np.testing.assert_allclose(rotated, expm(-0.5j * angle * matrix_of(word)) @ matrix, atol=1e-13)


@given(st.lists(st.integers(0, 2**16 - 1), max_size=8))
def test_parity_counts_set_bits_modulo_two(values: list[int]) -> None:
    expected = [value.bit_count() % 2 for value in values]
    np.testing.assert_array_equal(parity(np.array(values, dtype=np.int64)), expected)
