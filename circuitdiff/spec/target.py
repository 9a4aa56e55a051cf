"""What a circuit must do: a unitary, a state or an isometry, read and checked by one reader.

Bit order is little-endian: qubit 0 is the least significant bit of an index.  Bit strings are written as Qiskit
writes them, qubit 0 last, so that ``"001"`` is the state with qubit 0 in one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.circuit import infidelity as column_infidelity
from circuitdiff.circuits.unitary_io import (
    DOUBLE_TOLERANCE,
    MAX_QUBITS,
    SINGLE_TOLERANCE,
    check_endian,
    check_unitary,
    out_of_torch,
    parse_array,
    reverse_qubits,
)
from circuitdiff.errors import InputError
from circuitdiff.registry import Registry

Kind = Literal["unitary", "state", "isometry"]
UpTo = Literal["output-permutation"]

MAX_STATE_QUBITS = 10
"""The largest register that a state may have. An isometry from m qubits may have m fewer, a unitary `MAX_QUBITS`."""


@dataclass(frozen=True)
class Target:
    """The first ``2^m`` columns of what a circuit must do, up to one global phase.

    Attributes:
        columns: (2^n, 2^m) complex128, orthonormal and read-only; ``m`` is 0 for a state and ``n`` for a unitary.
        up_to: ``output-permutation`` where the output qubits may come in any order.
    """

    columns: NDArray[np.complex128]
    up_to: UpTo | None = None

    @property
    def num_qubits(self) -> int:
        """Number of qubits ``n`` of the register."""
        return int(self.columns.shape[0]).bit_length() - 1

    @property
    def num_inputs(self) -> int:
        """Number of qubits ``m`` whose input is free; the others begin in zero."""
        return int(self.columns.shape[1]).bit_length() - 1

    @property
    def kind(self) -> Kind:
        """Whether it is a unitary, a state or an isometry."""
        if self.num_inputs == self.num_qubits:
            return "unitary"
        return "isometry" if self.num_inputs else "state"


def read_target(given: Any, *, up_to: UpTo | None = None, tolerance: float | None = None) -> Target:
    """Read and check a target.

    Args:
        given: a 1-D array of 2^n amplitudes (a state), a 2^n x 2^m array (an isometry, a unitary when square), a
            mapping from bit strings to amplitudes (a sparse state, qubit 0 last), a `Target`, or what a further
            one of `TARGET_KINDS` takes.
        up_to: ``output-permutation`` to leave the order of the output qubits free.
        tolerance: how far from one the norm, or from orthonormal the columns may be, in the largest entry of
            ``|V†V − I|``; by default 1e-8, and 1e-5 in single precision.

    Raises:
        InputError: wrong shape or length, entries that are no finite numbers, columns that are not orthonormal, a
            zero vector, more qubits than supported, or an unknown ``up_to``.
    """
    check_up_to(up_to)
    if isinstance(given, Target):
        return Target(given.columns, up_to or given.up_to)
    read = next((kind.read for kind in TARGET_KINDS.values() if isinstance(given, kind.given_as)), _numbers)
    array = read(given)
    columns = np.array(array.reshape(-1, 1) if array.ndim == 1 else array, dtype=np.complex128)
    _check_shape(array.shape)
    if not np.isfinite(columns).all():
        bad = int((~np.isfinite(columns)).sum())
        raise InputError(f"target has {bad} of {columns.size} entries that are NaN or infinite")
    is_single = array.dtype in (np.dtype("f2"), np.dtype("f4"), np.dtype("c8"))
    allowed = (SINGLE_TOLERANCE if is_single else DOUBLE_TOLERANCE) if tolerance is None else tolerance
    columns = _orthonormal(columns, allowed)
    columns.setflags(write=False)
    return Target(columns, up_to)


@dataclass(frozen=True)
class TargetKind:
    """A way to say what a circuit must do.

    Attributes:
        given_as: the type of what is given.
        read: returns its columns: an array of 2^n amplitudes, or 2^n x 2^m; they are checked afterwards.
    """

    given_as: type
    read: Callable[[Any], NDArray[Any]]


def check_up_to(up_to: Any) -> None:
    """Refuse what a target cannot be asked for up to."""
    if up_to is not None and up_to not in get_args(UpTo):
        raise InputError(f"up_to is 'output-permutation' or None, got {up_to!r}")


def parse_sparse_state(text: str, name: str, *, up_to: UpTo | None = None, tolerance: float | None = None) -> Target:
    """Read a sparse state from JSON such as ``{"000": 0.6, "111": [0, 0.8]}``; pairs are real and imaginary parts.

    Raises:
        InputError: text that is no JSON object, a bit string that comes twice, or as in `read_target`.
    """
    try:
        data = json.loads(text, object_pairs_hook=_unrepeated)
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise InputError(f"{name} must hold an object of bit strings and amplitudes, it holds a {type(data).__name__}")
    return read_target(data, up_to=up_to, tolerance=tolerance)


def parse_target(stream: IO[bytes], name: str, *, endian: str = "little", tolerance: float | None = None) -> Target:
    """Read a target from a seekable stream that holds a ``.npy`` or ``.npz`` file, ``name`` in messages.

    Args:
        stream: an array as in `read_target`; an archive holds one, or one that is named ``unitary``.
        name: what the file is called.
        endian: ``little`` (qubit 0 is the least significant bit of an index) or ``big``.
        tolerance: see `read_target`.

    Raises:
        InputError: a file that cannot be read or lies about its size, or as `read_target`.
    """
    check_endian(endian)
    array = parse_array(stream, name, _check_shape)
    if array.ndim == 2 and array.shape[0] == array.shape[1]:
        columns = check_unitary(array, tolerance=tolerance)
    else:
        columns = read_target(array, tolerance=tolerance).columns
    return Target(reverse_qubits(columns) if endian == "big" else columns)


def infidelity(target: Target, circuit: Circuit) -> float:
    """Return ``1 − |tr(T†V)| / 2^m`` over the columns given, in complex128; the output order is taken as it is.

    Raises:
        InputError: a circuit on another number of qubits.
    """
    if circuit.num_qubits != target.num_qubits:
        raise InputError(f"the circuit has {circuit.num_qubits} qubits, the target {target.num_qubits}")
    return column_infidelity(target.columns, circuit.columns(target.columns.shape[1]))


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise InputError(f"sparse state has {len(keys) - len(set(keys))} bit strings that come twice")
    return dict(pairs)


def _dense(sparse: Mapping[Any, Any]) -> NDArray[Any]:
    """Return the amplitudes of a sparse state as a vector."""
    if not sparse:
        raise InputError("sparse state has no amplitudes")
    wrong = [key for key in sparse if not isinstance(key, str) or not key or set(key) - {"0", "1"}]
    if wrong:
        raise InputError(f"sparse state has a key {str(wrong[0])[:40]!r} that is no bit string")
    lengths = sorted({len(key) for key in sparse})
    if len(lengths) > 1:
        raise InputError(f"sparse state has bit strings of {lengths[0]} and of {lengths[-1]} bits")
    if lengths[0] > MAX_STATE_QUBITS:
        raise InputError(f"target has more qubits than supported: {lengths[0]} > {MAX_STATE_QUBITS}")
    vector = np.zeros(1 << lengths[0], dtype=np.complex128)
    for key, value in sparse.items():
        is_pair = isinstance(value, (list, tuple)) and len(value) == 2
        parts = tuple(value) if is_pair else (value,)
        if not all(isinstance(p, (int, float, complex, np.number)) and not isinstance(p, bool) for p in parts):
            raise InputError(f"sparse state has {str(value)[:40]!r} at {key}, expected a number or [real, imaginary]")
        try:
            vector[int(key, 2)] = complex(parts[0]) + (1j * complex(parts[1]) if is_pair else 0.0)
        except OverflowError as error:
            raise InputError(f"sparse state has an amplitude at {key} that is too large") from error
    return vector


TARGET_KINDS: Registry[TargetKind] = Registry("kind of target", {"sparse state": TargetKind(Mapping, _dense)})
"""What is given otherwise than as an array, by name; compilers see columns alone."""


def _numbers(given: Any) -> NDArray[Any]:
    try:
        array = np.asarray(out_of_torch(given))
        array = array.astype(np.complex128) if array.dtype.hasobject else array
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"target is no array of numbers: {str(error).splitlines()[0][:100]}") from error
    if array.dtype.kind not in "fciub":
        raise InputError(f"target holds {array.dtype} entries, expected numbers")
    return array


def _check_shape(shape: tuple[int, ...]) -> None:
    """Refuse what is not 2^n or 2^n x 2^m, or too large."""
    if len(shape) not in (1, 2):
        raise InputError(f"target has shape {shape}, expected a vector or a matrix")
    rows, width = (*shape, 1)[:2]
    if rows < 2 or rows & (rows - 1):
        raise InputError(f"target has length {rows}, expected a power of two from 2")
    if not 1 <= width <= rows or width & (width - 1):
        raise InputError(f"target has {width} columns, expected a power of two up to {rows}")
    qubits, inputs = rows.bit_length() - 1, width.bit_length() - 1
    most = MAX_QUBITS if inputs == qubits else MAX_STATE_QUBITS - inputs
    if qubits > most:
        raise InputError(f"target has more qubits than supported: {qubits} > {most}")


def _orthonormal(columns: NDArray[np.complex128], allowed: float) -> NDArray[np.complex128]:
    """Check that columns are orthonormal within ``allowed`` and return the nearest that are exactly so."""
    width = columns.shape[1]
    with np.errstate(over="ignore", invalid="ignore"):
        deviation = float(np.abs(columns.conj().T @ columns - np.eye(width)).max())
        norm = float(np.linalg.norm(columns))
    if not columns.any():
        raise InputError("target is zero: its norm is 0, expected 1")
    if not deviation <= allowed:
        if width == 1:
            raise InputError(f"state has norm {norm:.9g}, expected 1 to {allowed:.0e}")
        raise InputError(f"target columns are not orthonormal: max|V†V − I| = {deviation:.1e} > {allowed:.0e}")
    if deviation <= 4 * len(columns) * np.finfo(np.float64).eps:
        return columns
    left, _, right = np.linalg.svd(columns, full_matrices=False)
    return np.asarray(left @ right)
