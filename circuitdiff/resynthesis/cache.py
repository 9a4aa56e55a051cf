"""Compiled blocks on disk: a bounded database that several processes may use at once."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, phase_free_key
from circuitdiff.errors import InputError

logger = logging.getLogger(__name__)

MAX_BLOCKS = 100_000
"""Most circuits of a database, some 50 MB."""

BUSY_SECONDS = 5.0
_CHECK_EVERY = 256

_TABLE = "CREATE TABLE IF NOT EXISTS blocks (key BLOB PRIMARY KEY, circuit TEXT NOT NULL) WITHOUT ROWID"
_SURPLUS = "DELETE FROM blocks WHERE key IN (SELECT key FROM blocks LIMIT max(0, (SELECT COUNT(*) FROM blocks) - ?))"


def default_cache() -> Path:
    """Return where compiled blocks are kept: below XDG_CACHE_HOME, or ~/.cache."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "circuitdiff" / "blocks.sqlite"


def block_key(unitary: NDArray[np.complex128], *constraints: object) -> bytes:
    """Return a key that unitaries share when they are equal up to global phase, under the same constraints.

    Entries are rounded to 1e-9 after the phase is taken out; whoever reads a circuit under a key has to check it.
    """
    return hashlib.sha256(phase_free_key(unitary, 9) + repr(constraints).encode()).digest()


class BlockCache:
    """Circuits by key, in memory and in a file. Where the file cannot be used, memory does."""

    def __init__(self, path: Path | str | None) -> None:
        """Use a database file, or memory alone."""
        self.path = None if path is None else Path(path)
        self._known: dict[bytes, Circuit] = {}
        self._written = 0

    def recall(self, key: bytes) -> Circuit | None:
        """Return the circuit under a key in memory."""
        return self._known.get(key)

    def remember(self, key: bytes, circuit: Circuit) -> None:
        """Keep a circuit in memory alone: one that takes no longer to find than to look up."""
        self._known[key] = circuit

    def get(self, key: bytes) -> Circuit | None:
        """Return the circuit under a key, if there is one that can be read."""
        if key in self._known:
            return self._known[key]
        rows = self._run(lambda db: db.execute("SELECT circuit FROM blocks WHERE key = ?", (key,)).fetchall())
        return _decoded(rows[0][0]) if rows else None

    def put(self, key: bytes, circuit: Circuit) -> None:
        """Keep a circuit; where there are too many, others go."""
        self._known[key] = circuit
        self._run(lambda db: db.execute("INSERT OR REPLACE INTO blocks VALUES (?, ?)", (key, _encoded(circuit))))
        if self._written % _CHECK_EVERY == 0:
            self._run(lambda db: db.execute(_SURPLUS, (MAX_BLOCKS,)))
        self._written += 1

    def _run(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """Do one transaction; None where the database cannot be used, which is told once."""
        if self.path is None:
            return None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=BUSY_SECONDS)) as database, database:
                database.execute(_TABLE)
                return work(database)
        except (sqlite3.Error, OSError) as error:
            logger.warning("the block cache %s is not used: %s", self.path, error)
            self.path = None
            return None


def _encoded(circuit: Circuit) -> str:
    gates = [[op.name, list(op.qubits), list(op.params)] for op in circuit.operations]
    return json.dumps([circuit.num_qubits, gates, circuit.global_phase])


def _decoded(text: str) -> Circuit | None:
    try:
        num_qubits, gates, phase = json.loads(text)
        return Circuit.from_gates(int(num_qubits), [(str(n), q, p) for n, q, p in gates], float(phase))
    except (ValueError, TypeError, InputError):
        return None
