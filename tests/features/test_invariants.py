"""Heisenberg images and Schmidt spectra."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.features.invariants import bipartitions, heisenberg_images, matrix_lines, schmidt_spectra

PAULIS = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}


def random_unitary(num_qubits: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(2, 2**num_qubits, 2**num_qubits))
    return np.linalg.qr(matrix[0] + 1j * matrix[1])[0]


def place(word: str) -> np.ndarray:
    """The matrix of a Pauli word whose first character acts on qubit 0, the least significant."""
    matrix = np.eye(1)
    for letter in word:
        matrix = np.kron(PAULIS[letter], matrix)
    return matrix


@pytest.mark.parametrize("num_qubits", [2, 3])
def test_heisenberg_images_agree_with_conjugated_matrices(num_qubits: int) -> None:
    unitary = random_unitary(num_qubits, seed=num_qubits)
    images = heisenberg_images(torch.from_numpy(unitary)[None])[0].numpy()
    words = ["".join("IXYZ"[(m >> (2 * q)) & 3] for q in range(num_qubits)) for m in range(4**num_qubits)]
    for half, u in enumerate((unitary, unitary.conj().T)):
        for qubit in range(num_qubits):
            for i, letter in enumerate("XYZ"):
                image = u @ place("I" * qubit + letter + "I" * (num_qubits - 1 - qubit)) @ u.conj().T
                expected = [np.trace(place(word) @ image).real / 2**num_qubits for word in words]
                row = 3 * num_qubits * half + 3 * qubit + i
                np.testing.assert_allclose(images[row], expected, atol=1e-12)


def test_heisenberg_images_do_not_see_the_global_phase() -> None:
    unitary = torch.from_numpy(random_unitary(3, seed=5))[None]
    torch.testing.assert_close(heisenberg_images(unitary), heisenberg_images(unitary * np.exp(0.7j)))


@pytest.mark.parametrize("num_qubits", [2, 3])
def test_schmidt_spectra_do_not_change_under_single_qubit_gates(num_qubits: int) -> None:
    unitary = random_unitary(num_qubits, seed=1)
    local = [np.eye(1), np.eye(1)]
    for qubit in range(2 * num_qubits):
        local[qubit % 2] = np.kron(local[qubit % 2], random_unitary(1, seed=10 + qubit))
    spectra = schmidt_spectra(torch.from_numpy(np.stack([unitary, local[0] @ unitary @ local[1]])))
    assert spectra.shape == (2, 2 ** (2 * num_qubits - 1) - 1, 2**num_qubits)
    torch.testing.assert_close(spectra[0], spectra[1], atol=1e-12, rtol=0)
    torch.testing.assert_close(spectra.sum(-1), torch.ones_like(spectra[..., 0]))


def test_schmidt_spectra_of_a_cx_have_rank_two_between_its_qubits() -> None:
    unitary = Circuit.from_gates(3, [("cx", (0, 2), ())]).unitary()
    spectra = schmidt_spectra(torch.from_numpy(unitary)[None])[0]
    sides = bipartitions(3)
    between = spectra[sides.index((0, 3))]  # both legs of qubit 0 against the rest
    np.testing.assert_allclose(between[:3], [0.5, 0.5, 0], atol=1e-12)
    both = spectra[sides.index((0, 2, 3, 5))]  # qubits 0 and 2 against the idle one
    np.testing.assert_allclose(both[:2], [1, 0], atol=1e-12)


def test_lines_of_a_matrix_are_its_rows_and_columns_without_the_global_phase() -> None:
    generator = torch.Generator().manual_seed(5)
    unitary = torch.linalg.qr(torch.randn(6, 4, 4, generator=generator, dtype=torch.complex128))[0]
    lines = matrix_lines(unitary)
    assert lines.shape == (6, 8, 8)
    torch.testing.assert_close(matrix_lines(unitary * np.exp(1.3j)), lines)
    fixed = torch.complex(lines[..., :4], lines[..., 4:])
    torch.testing.assert_close(fixed[:, 4:].mT, fixed[:, :4])
    overlap = (fixed[:, :4].conj() * unitary).sum((1, 2)).abs()
    torch.testing.assert_close(overlap, torch.full_like(overlap, 4.0))
