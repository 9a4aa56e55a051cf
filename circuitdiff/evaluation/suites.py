"""Suites: the unitaries to measure on, from a folder of files or generated on the spot."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.coupling import Coupling, parse_coupling
from circuitdiff.circuits.unitary_io import read_unitary
from circuitdiff.errors import InputError
from circuitdiff.features.lower_bounds import generic_cx_count

MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 1 << 24

SMOKE_SPECS = ("qft:2", "ghz:3", "toffoli", "random_circuit:3?gates=10&seed=2", "haar:3?seed=1")
NAMED_SPECS = (
    *(f"{name}:{n}" for n in (2, 3, 4, 5) for name in ("qft", "ghz", "w", "bv", "tfim", "xxz")),
    *(f"{name}:{n}" for n in (2, 3, 4) for name in ("grover", "tfim_exact", "heisenberg", "heisenberg_exact")),
    *("toffoli", "fredkin", "cnx:4", "adder", "draper:4", "pauli:XYZ", "pauli:XZZY"),
)
HAAR_SPECS = tuple(f"haar:{n}?seed={seed}" for seed, n in enumerate((2, 2, 3, 3, 3, 3, 3, 3, 4)))
SHALLOW_SIZES = tuple((n, gates) for n in (2, 3, 4, 5) for gates in range(4, 28, 4))
SHALLOW_COPIES = 4
"""Circuits of each size."""

SHALLOW_SEED = 11
SHALLOW_STRIDE = 1000
"""How far apart the seeds of circuits lie that belong to neighbouring seeds of the suite."""

WRITTEN_OUT = MappingProxyType({"cx": 1, "cp": 2, "swap": 3, "ccx": 6})
"""CX-class gates of the gates that random circuits are drawn from, each written out by itself."""


@dataclass(frozen=True)
class Target:
    """A unitary to compile.

    Attributes:
        unitary: (d, d) complex128, qubit 0 least significant.
        best: fewest CX-class gates known to suffice if every pair is coupled, None where nobody has said.
        best_line: the same on a line in the order of the qubits.
    """

    name: str
    family: str
    unitary: NDArray[np.complex128]
    best: int | None = None
    best_line: int | None = None

    @property
    def num_qubits(self) -> int:
        """Size of the register."""
        return int(self.unitary.shape[0]).bit_length() - 1

    def best_on(self, coupling: Coupling) -> int | None:
        """Return the fewest CX-class gates known to suffice on a map, None where nobody has said."""
        if coupling.is_complete:
            return self.best
        return self.best_line if coupling.pairs == parse_coupling("line", self.num_qubits).pairs else None


def load_suite(
    suite: str,
    *,
    qubits: Collection[int] = (),
    families: Collection[str] = (),
    limit: int | None = None,
    seed: int = 0,
) -> list[Target]:
    """Read a folder of ``.npy`` files, or generate one of `BUILT_IN`.

    A folder's manifest, where there is one, says family and best counts; without it, the family is the leading word of
    a file's name.

    Args:
        suite: a folder, or a built-in name; a folder of that name comes first.
        qubits: register sizes to keep; all where empty.
        families: families to keep; all where empty.
        limit: keep this many, in order.
        seed: of the circuits of ``shallow``; the other suites are always the same.

    Raises:
        InputError: there is no such suite, a file is no unitary, or nothing is left.
    """
    if Path(suite).is_dir():
        targets: Iterable[Target] = _folder(Path(suite))
    elif suite in BUILT_IN:
        targets = BUILT_IN[suite](seed)
    else:
        raise InputError(f"no suite {suite!r}: neither a folder nor one of {', '.join(BUILT_IN)}")
    kept = [
        target
        for target in targets
        if (not qubits or target.num_qubits in qubits) and (not families or target.family in families)
    ]
    if not kept:
        raise InputError(f"suite {suite} has no target" + " that passes the filters" * bool(qubits or families))
    return kept[:limit]


def _folder(folder: Path) -> list[Target]:
    manifest = _manifest(folder / MANIFEST)
    files = {path.name: path for path in sorted(folder.glob("*.npy"))}
    missing = sorted(set(manifest) - set(files))
    if missing:
        raise InputError(f"{folder / MANIFEST} lists {missing[0]!r}, which is not there")
    order = [*manifest, *(name for name in files if name not in manifest)]
    return [_read(files[name], manifest.get(name, {})) for name in order]


def _read(path: Path, entry: Mapping[str, Any]) -> Target:
    try:
        unitary = read_unitary(path)
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from error
    name, family = entry.get("name") or path.stem, entry.get("family") or _leading_word(path.stem)
    best, best_line = (entry.get(key) for key in ("best", "best_line"))
    return Target(
        str(name),
        str(family),
        unitary,
        best if isinstance(best, int) else None,
        best_line if isinstance(best_line, int) else None,
    )


def _leading_word(stem: str) -> str:
    word = re.match(r"[^\W\d_]+", stem)
    return word.group() if word else stem


def _manifest(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return a manifest's entries by file name, none where there is no manifest."""
    if not path.is_file():
        return {}
    if path.stat().st_size > MAX_MANIFEST_BYTES:
        raise InputError(f"{path} has more than {MAX_MANIFEST_BYTES} bytes")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON: {error}") from error
    entries = data.get("targets") if isinstance(data, dict) else None
    if not isinstance(entries, list) or not all(_names_file(entry) for entry in entries):
        raise InputError(f"{path} must hold a list 'targets' of objects with a 'file'")
    return {entry["file"]: entry for entry in entries}


def _names_file(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("file"), str)


def _generated(specs: Iterable[str], family: str | None = None) -> list[Target]:
    from circuitdiff.circuits.unitaries import named

    return [Target(spec, family or spec.partition(":")[0], named(spec)) for spec in specs]


def _haar() -> list[Target]:
    bounds = [(target, generic_cx_count(target.num_qubits)) for target in _generated(HAAR_SPECS)]
    return [replace(target, best=bound, best_line=bound) for target, bound in bounds]


def _shallow(seed: int) -> list[Target]:
    """Return random circuits, one of every size after the other; what is known to suffice is the circuit itself."""
    from circuitdiff.circuits.unitaries.sampled import random_gates

    targets = []
    for copy, (n, gates) in product(range(SHALLOW_COPIES), SHALLOW_SIZES):
        own_seed = SHALLOW_SEED + SHALLOW_STRIDE * seed + copy
        circuit = random_gates(n, gates, own_seed)
        best = sum(WRITTEN_OUT.get(operation.name, 0) for operation in circuit.operations)
        name = f"random_circuit:{n}?gates={gates}&seed={own_seed}"
        targets.append(Target(name, "shallow", circuit.unitary(), best))
    return targets


BUILT_IN: Mapping[str, Callable[[int], list[Target]]] = MappingProxyType(
    {
        "smoke": lambda seed: _generated(SMOKE_SPECS),
        "named": lambda seed: _generated(NAMED_SPECS),
        "haar": lambda seed: _haar(),
        "shallow": _shallow,
    }
)
"""Suites that need no files, by a seed."""
