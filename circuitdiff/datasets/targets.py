"""The operations of a solution set: named unitaries, parametrised families, files and folders."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.unitaries import named
from circuitdiff.circuits.unitary_io import read_unitary
from circuitdiff.errors import InputError

MAX_FAMILY = 4096
"""Most members of a family."""

_RANGE = re.compile(r"^(?P<name>[^=]+)=(?P<first>[^:]+):(?P<last>[^:]+):(?P<count>[0-9]{1,4})$")


@dataclass(frozen=True, eq=False)
class Target:
    """A named operation: (d, d) complex128 unitary, qubit 0 least significant."""

    name: str
    unitary: NDArray[np.complex128]

    @property
    def num_qubits(self) -> int:
        """Number of qubits."""
        return len(self.unitary).bit_length() - 1

    @property
    def digest(self) -> str:
        """Tells unitaries apart."""
        return hashlib.blake2b(np.round(self.unitary, 9).tobytes(), digest_size=8).hexdigest()


def parse_targets(specs: Sequence[str]) -> list[Target]:
    """Read specifications: names, families such as ``tfim:3?t=0.1:1.0:32``, ``.npy`` and ``.npz`` files and folders.

    A family has 32 members with t from 0.1 to 1.0, both ends among them.

    Raises:
        InputError: an unknown name, a bad file, a folder without unitaries, or two targets of one name.
    """
    targets = [target for spec in specs for target in _targets(spec)]
    if not targets:
        raise InputError("no target is given")
    check_distinct("target", [target.name for target in targets])
    return targets


def check_distinct(kind: str, names: Sequence[str]) -> None:
    """Check that every name is given once.

    Raises:
        InputError: one is not.
    """
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise InputError(f"{kind} {twice} is given twice")


def _targets(spec: str) -> Iterator[Target]:
    path = Path(spec)
    if path.suffix in (".npy", ".npz"):
        yield Target(path.name, read_unitary(path))
    elif path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix in (".npy", ".npz"))
        if not files:
            raise InputError(f"{path} has no .npy or .npz files")
        for file in files:
            yield Target(file.name, read_unitary(file))
    else:
        for name in _members(spec):
            yield Target(name, named(name))


def _members(spec: str) -> Iterator[str]:
    """Yield the members of a family, or the name itself where no option is a range."""
    head, mark, tail = spec.partition("?")
    parts = tail.split("&")
    for place, part in enumerate(parts):
        match = _RANGE.match(part)
        if match is None:
            continue
        count = int(match["count"])
        try:
            first, last = float(match["first"]), float(match["last"])
        except ValueError as error:
            raise InputError(f"{spec}: {part!r} is not name=first:last:count") from error
        if not 1 <= count <= MAX_FAMILY or not np.isfinite([first, last]).all():
            raise InputError(f"{spec}: a family has 1 to {MAX_FAMILY} members between finite numbers")
        for value in np.linspace(first, last, count):
            changed = "&".join([*parts[:place], f"{match['name']}={value:.12g}", *parts[place + 1 :]])
            yield from _members(f"{head}?{changed}")
        return
    yield head + mark + tail
