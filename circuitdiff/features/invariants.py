"""What a unitary looks like from its qubits: Heisenberg images, and invariants under single-qubit gates.

Both are free of the global phase. They are how a unitary is shown to the network; its matrix is there to compare with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from circuitdiff.circuits.pauli import parity, parse_pauli, pauli_phases

SINGLE_PAULIS = "XYZ"
_MODULUS_TOLERANCE = 1e-4  # of entries that count as equally large: float32 unitaries are noisy
_CACHE_BYTES = 1 << 21  # of images at a time: a processor takes twice as long over what its cache does not hold


def heisenberg_images(unitary: Tensor) -> Tensor:
    """Expand ``U P U^dag`` and ``U^dag P U`` in Paulis, for every single-qubit Pauli P.

    Args:
        unitary: (batch, d, d) complex, d = 2^n.

    Returns:
        (batch, 2 * 3n, 4^n) real: rows, then columns, of the Pauli transfer matrix. Row ``3 q + i`` of each half is the
        image of Pauli ``"XYZ"[i]`` on qubit q; entry m is the coefficient of the Pauli whose base-4 digit of weight
        ``4^q`` gives its factor (I, X, Y, Z) on qubit q. Each row has unit norm.
    """
    n = _num_qubits(unitary)
    row = 6 * n * 4**n * unitary.element_size()
    at_a_time = max(1, len(unitary) if unitary.is_cuda else _CACHE_BYTES // row)
    return torch.cat([_images(part, n) for part in torch.split(unitary, at_a_time)])


def _images(unitary: Tensor, n: int) -> Tensor:
    dimension = unitary.shape[-1]
    tables = _pauli_tables(n, unitary.dtype, unitary.device)
    sides = torch.stack((unitary, unitary.mH), dim=1)  # V, (batch, 2, d, d)
    products = (sides[..., tables.columns] * tables.phases).movedim(3, 2)  # V P, (batch, 2, 3n, d, d)
    images = (products.flatten(2, 3) @ sides.mH).reshape(len(unitary), 6 * n, dimension**2)
    # tr(X^x Z^z M) = sum_j (-1)^(z.j) M[j, j ^ x] =: t, and a Pauli is i^|x&z| X^x Z^z. Where M is Hermitian, t is real
    # for even |x&z| and imaginary for odd.
    shifted = images[..., tables.diagonals].view(len(images), 6 * n, dimension, dimension)  # (..., x, j)
    real, imaginary = shifted.real @ tables.hadamard, shifted.imag @ tables.hadamard
    expansion: Tensor = (real * tables.real + imaginary * tables.imaginary).flatten(2)
    return expansion[..., tables.place]


def schmidt_spectra(unitary: Tensor, largest_side: int | None = None) -> Tensor:
    """Return the squared singular values of U across every bipartition of its 2n legs.

    Legs 0..n-1 are the output qubits, n..2n-1 the input qubits. Bipartitions are those whose first side holds leg 0,
    by size of the first side, then lexicographic. Gates on single qubits change none of the values.

    Args:
        unitary: (batch, d, d) complex, d = 2^n.
        largest_side: most legs on the smaller side of the bipartitions; None for n, all of them.

    Returns:
        (batch, bipartitions, 2^largest_side) real, each spectrum descending, of sum 1, zero padded; there are
        2^(2n-1) - 1 bipartitions in all.
    """
    n = _num_qubits(unitary)
    batch, dimension = unitary.shape[0], unitary.shape[-1]
    # A matrix index runs from the most significant qubit: axis i of the row is qubit n-1-i.
    legs = unitary.reshape([batch] + [2] * (2 * n))
    axis = [n - leg for leg in range(n)] + [2 * n - leg for leg in range(n)]
    in_order = legs.permute([0, *axis])
    return leg_spectra(in_order, bipartitions(n, largest_side), 1 << min(n, largest_side or n)) / dimension


def leg_spectra(tensor: Tensor, sides: Sequence[tuple[int, ...]], width: int) -> Tensor:
    """Return the squared singular values of tensors (batch, 2, ..., 2) between some of their legs and the others.

    Returns:
        (batch, sides, width) real, each spectrum descending and zero padded.
    """
    count, spectra = tensor.dim() - 1, []
    for side in sides:
        rest = [leg for leg in range(count) if leg not in side]
        small, large = sorted((list(side), rest), key=len)
        matrix = tensor.permute([0, *(1 + leg for leg in small + large)]).reshape(len(tensor), 1 << len(small), -1)
        # In double precision: LAPACK's single-precision solver returns NaN for some degenerate matrices.
        gram = (matrix @ matrix.mH).to(torch.complex128)
        values = torch.linalg.eigvalsh(gram).flip(-1).clamp_min(0)
        spectra.append(torch.nn.functional.pad(values, (0, width - values.shape[-1])))
    return torch.stack(spectra, dim=1)


def matrix_lines(unitary: Tensor) -> Tensor:
    """Return rows and columns of U as real vectors, its first entry of largest modulus made positive.

    Args:
        unitary: (batch, d, d) complex.

    Returns:
        (batch, 2 d, 2 d) real: the rows, then the columns; of each the real parts, then the imaginary ones.
    """
    entries = unitary.flatten(1)
    modulus = entries.abs()
    largest = (modulus > modulus.amax(1, keepdim=True) - _MODULUS_TOLERANCE).int().argmax(1, keepdim=True)
    fixed = (entries * torch.gather(entries, 1, largest).conj().sgn()).view_as(unitary)
    lines = torch.cat((fixed, fixed.mT), dim=1)
    return torch.cat((lines.real, lines.imag), dim=2)


@lru_cache
def bipartitions(num_qubits: int, largest_side: int | None = None) -> tuple[tuple[int, ...], ...]:
    """Return, of every bipartition of the 2n legs into non-empty sides, the side that holds leg 0.

    Those whose smaller side has more than `largest_side` legs are left out.
    """
    legs = 2 * num_qubits
    sizes = [size for size in range(1, legs) if min(size, legs - size) <= (largest_side or num_qubits)]
    return tuple((0, *rest) for size in sizes for rest in combinations(range(1, legs), size - 1))


def _num_qubits(unitary: Tensor) -> int:
    return unitary.shape[-1].bit_length() - 1


class _PauliTables(NamedTuple):
    """How single-qubit Paulis act on columns, and how a matrix expands in Paulis X^x Z^z."""

    columns: Tensor  # (3n, d) int64: column c of V P is column `columns[P, c]` of V ...
    phases: Tensor  # (3n, d) complex: ... times `phases[P, c]`
    diagonals: Tensor  # (d * d,) int64: flat indices of the entries (j, j ^ x), x slowest
    hadamard: Tensor  # (d, d) real: (-1)^(z.j) / d
    real: Tensor  # (d, d) real: the real part of i^|x&z|
    imaginary: Tensor  # (d, d) real: minus its imaginary part
    place: Tensor  # (4^n,) int64: where in x * d + z the Pauli of each base-4 number stands


@lru_cache
def _pauli_tables(num_qubits: int, dtype: torch.dtype, device: torch.device) -> _PauliTables:
    dimension = 1 << num_qubits
    index = np.arange(dimension)
    singles = [parse_pauli(letter, (q,)) for q in range(num_qubits) for letter in SINGLE_PAULIS]
    columns = np.stack([index ^ p.x for p in singles])
    phases = np.stack([pauli_phases(p, num_qubits)[index ^ p.x] for p in singles])
    powers = 1j ** np.array([[(x & z).bit_count() for z in index.tolist()] for x in index.tolist()])
    strings = [parse_pauli(letters, tuple(range(num_qubits))) for letters in _words(num_qubits)]
    real = dtype.to_real()
    return _PauliTables(
        torch.from_numpy(columns).to(device),
        torch.from_numpy(phases).to(device, dtype),
        torch.from_numpy((index * dimension + (index ^ index[:, None])).ravel()).to(device),
        torch.from_numpy((1 - 2 * parity(index & index[:, None])) / dimension).to(device, real),
        torch.from_numpy(powers.real).to(device, real),
        torch.from_numpy(-powers.imag).to(device, real),
        torch.tensor([p.x * dimension + p.z for p in strings], device=device),
    )


def _words(num_qubits: int) -> Iterator[str]:
    """All words of Paulis, character q on qubit q, the first character the fastest."""
    for letters in product("I" + SINGLE_PAULIS, repeat=num_qubits):
        yield "".join(reversed(letters))
