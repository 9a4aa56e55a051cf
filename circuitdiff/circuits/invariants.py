"""What a unitary looks like from its qubits: Heisenberg images, and invariants under single-qubit gates.

Both are free of the global phase. They are how a unitary is shown to the network.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import numpy as np
import torch
from torch import Tensor

from circuitdiff.circuits.pauli import apply_pauli, parse_pauli

SINGLE_PAULIS = "XYZ"


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
    basis, singles = _paulis(n, unitary.dtype, unitary.device)
    adjoint = unitary.mH
    forward = unitary[:, None] @ singles @ adjoint[:, None]
    backward = adjoint[:, None] @ singles @ unitary[:, None]
    images = torch.cat((forward, backward), dim=1).flatten(2)  # (batch, 6n, d*d)
    # tr(Q M) / d, with Q Hermitian: the inner product of conj(Q) and M, entry by entry.
    return (images @ basis.conj().flatten(1).mT).real / unitary.shape[-1]


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
    # In double precision: LAPACK's single-precision solver returns NaN for some degenerate matrices.
    legs = unitary.to(torch.complex128).reshape([batch] + [2] * (2 * n))
    axis = [n - leg for leg in range(n)] + [2 * n - leg for leg in range(n)]
    spectra = []
    width = 1 << min(n, largest_side or n)
    for side in bipartitions(n, largest_side):
        rest = [leg for leg in range(2 * n) if leg not in side]
        small, large = sorted((list(side), rest), key=len)
        matrix = legs.permute([0, *(axis[leg] for leg in small + large)]).reshape(batch, 1 << len(small), -1)
        values = torch.linalg.eigvalsh(matrix @ matrix.mH).flip(-1).clamp_min(0) / dimension
        spectra.append(torch.nn.functional.pad(values, (0, width - values.shape[-1])))
    return torch.stack(spectra, dim=1)


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


@lru_cache
def _paulis(num_qubits: int, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return all Paulis (4^n, d, d), qubit 0 the fastest base-4 digit, and the single-qubit ones (3n, d, d)."""
    matrices = [
        apply_pauli(parse_pauli(letter, (0,)), np.eye(2, dtype=np.complex128)) for letter in "I" + SINGLE_PAULIS
    ]
    letters = torch.from_numpy(np.stack(matrices))
    basis = letters
    for _ in range(num_qubits - 1):
        basis = torch.einsum("aij,bkl->abikjl", letters, basis).reshape(4 * len(basis), 2 * basis.shape[1], -1)
    singles = torch.stack([basis[(i + 1) * 4**q] for q in range(num_qubits) for i in range(len(SINGLE_PAULIS))])
    return basis.to(device, dtype), singles.to(device, dtype)
