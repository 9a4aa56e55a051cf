"""Simulating every stored circuit again, from the file alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from circuitdiff.circuits.gates import MAX_PARAMS
from circuitdiff.circuits.simulator import rotation_table, unitaries
from circuitdiff.circuits.vocabulary import PAD, Vocabulary
from circuitdiff.datasets.arrays import MAX_ANGLES, NAMES, GateArrays, canonical_keys
from circuitdiff.datasets.schema import read_circuits
from circuitdiff.datasets.shards import batches, read_manifest, shards_of

TOLERANCES = {"random": 1e-5, "solutions": 1e-9}
"""Infidelity that a stored circuit may have: unitaries of random ones are stored in single precision."""


@dataclass(frozen=True)
class VerifyReport:
    """How many circuits there are, how many fail, and the largest infidelity (0 where there are none)."""

    circuits: int
    failed: int
    max_infidelity: float

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)


def verify_dataset(folder: Path) -> VerifyReport:
    """Compare every circuit with its unitary, and its key with the one stored.

    Raises:
        InputError: the folder is no dataset, or a shard is damaged, foreign or of another version.
    """
    tolerance = TOLERANCES[read_manifest(folder).kind]
    circuits = failed = 0
    worst = 0.0
    for path in shards_of(folder):
        for batch in batches(path, ["key", "num_qubits", "gates", "qubits", "params", "unitary"]):
            keys = batch.column("key").to_numpy()
            for part in read_circuits(batch, unitaries=True):
                assert part.unitaries is not None
                found = infidelities(part.unitaries, simulate(part.arrays))
                wrong = (found > tolerance) | (canonical_keys(part.arrays) != keys[part.rows])
                circuits, failed, worst = circuits + len(found), failed + int(wrong.sum()), max(worst, found.max())
    return VerifyReport(circuits, failed, float(worst))


def simulate(arrays: GateArrays) -> NDArray[np.complex128]:
    """Return the unitaries (rows, d, d) of circuits, complex128, up to global phase."""
    present = tuple(NAMES[gate] for gate in np.unique(arrays.gates) if gate >= 0)
    if not present:
        return np.broadcast_to(
            np.eye(1 << arrays.num_qubits, dtype=np.complex128), (len(arrays),) + (1 << arrays.num_qubits,) * 2
        )
    vocabulary = Vocabulary(present, arrays.num_qubits)
    params = torch.zeros(*arrays.gates.shape, MAX_PARAMS, dtype=torch.float64)
    params[..., :MAX_ANGLES] = torch.from_numpy(arrays.params)
    tokens = torch.from_numpy(_tokens(arrays, vocabulary))
    return unitaries(tokens, params, rotation_table(vocabulary), torch.complex128).numpy()


def infidelities(targets: NDArray[np.complex128], found: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return ``1 - |tr(U^dagger V)| / d`` of each pair of matrices (rows, d, d)."""
    overlap = np.abs((targets.conj() * found).sum((1, 2))) / targets.shape[1]
    return np.asarray(np.maximum(0.0, 1.0 - overlap))


def _tokens(arrays: GateArrays, vocabulary: Vocabulary) -> NDArray[np.int64]:
    """Return the tokens (rows, length) of circuits."""
    place = arrays.qubits.astype(np.int64) + 1
    codes = arrays.gates + len(NAMES) * (place * (1, 64, 4096)).sum(-1)
    kinds, inverse = np.unique(codes, return_inverse=True)
    tokens = np.full(len(kinds), PAD, dtype=np.int64)
    for kind, code in enumerate(kinds):
        if code >= 0:
            gate, places = int(code % len(NAMES)), int(code // len(NAMES))
            qubits = tuple(q - 1 for q in (places % 64, places // 64 % 64, places // 4096) if q)
            token = vocabulary.index(NAMES[gate], qubits)
            assert token is not None
            tokens[kind] = token
    return tokens[inverse].reshape(codes.shape)
