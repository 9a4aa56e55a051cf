"""Reading unitaries from files that may be wrong, truncated or hostile.

A file is believed about nothing: its header is parsed first, what the header claims is compared with what
the file holds, and only then is memory taken, never more than the largest supported matrix needs. Nothing is
unpickled.
"""

from __future__ import annotations

import io
import logging
import math
import os
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from circuitdiff.errors import InputError

logger = logging.getLogger(__name__)

MAX_QUBITS = 5
"""The largest register of a unitary or circuit that is compiled as one; states have more."""

DOUBLE_TOLERANCE = 1e-8
SINGLE_TOLERANCE = 1e-5
"""How far from unitary, in the largest entry of |U†U − I|, a matrix of each precision may be."""

ShapeCheck = Callable[[tuple[int, ...]], None]

NPY_MAGIC = b"\x93NUMPY"
ZIP_MAGIC = b"PK"
MAX_HEADER_BYTES = 1 << 14
MAX_ARCHIVE_BYTES = 1 << 26
UNITARY_MEMBER = "unitary"


def read_unitary(path: str | Path, *, endian: str = "little", tolerance: float | None = None) -> NDArray[np.complex128]:
    """Read a unitary from a ``.npy`` or ``.npz`` file.

    Args:
        path: the file; an archive must hold one array, or one that is named ``unitary``.
        endian: ``little`` (qubit 0 is the least significant bit of the index) or ``big``, as in Cirq.
        tolerance: how far from unitary the matrix may be; see `check_unitary`.

    Returns:
        The (2^n, 2^n) little-endian unitary, projected as `check_unitary` describes.

    Raises:
        InputError: a file that cannot be read, that lies about its size, or that holds no supported unitary.
    """
    try:
        with open(path, "rb") as file:
            is_regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            stream = file if is_regular else io.BytesIO(file.read(MAX_ARCHIVE_BYTES + 1))
            return parse_unitary(stream, str(path), endian=endian, tolerance=tolerance)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def parse_unitary(
    stream: IO[bytes], name: str, *, endian: str = "little", tolerance: float | None = None
) -> NDArray[np.complex128]:
    """Read a unitary from a seekable stream that holds a ``.npy`` or ``.npz`` file; it is called ``name`` in messages.

    See `read_unitary`.
    """
    check_endian(endian)
    unitary = check_unitary(parse_array(stream, name, _check_square), tolerance=tolerance)
    return reverse_qubits(unitary) if endian == "big" else unitary


def parse_array(stream: IO[bytes], name: str, check_shape: ShapeCheck) -> NDArray[Any]:
    """Read the array of numbers in a ``.npy`` or ``.npz`` file, as it is.

    Args:
        stream: seekable.
        name: what the file is called in messages.
        check_shape: refuses shapes that a header claims before any entry is read.

    Raises:
        InputError: as `read_unitary`, or by ``check_shape``.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    is_archive = stream.read(len(ZIP_MAGIC)) == ZIP_MAGIC
    stream.seek(0)
    return (_read_archive if is_archive else _read_array)(stream, size, name, check_shape)


def check_endian(endian: str) -> None:
    """Refuse what is no bit order."""
    if endian not in ("little", "big"):
        raise InputError(f"endian is little or big, got {endian!r}")


def _check_square(shape: tuple[int, ...]) -> None:
    _dimension(shape, MAX_QUBITS)


def check_unitary(
    matrix: ArrayLike, *, max_qubits: int = MAX_QUBITS, tolerance: float | None = None
) -> NDArray[np.complex128]:
    """Check that a matrix is a unitary on 1 to ``max_qubits`` qubits and make it exactly so.

    A matrix of rounded entries is moved to the nearest unitary (its polar factor, from a complex128 singular
    value decomposition), so that an infidelity of 1e-9 and less means something. What was exact stays as it is.

    Args:
        matrix: an array, or rows of numbers.
        max_qubits: the largest register.
        tolerance: how far from unitary the matrix may be, in the largest entry of |U†U − I|; by default 1e-8, and
            1e-5 in single precision.

    Raises:
        InputError: wrong shape, entries that are no numbers or not finite, or a matrix that is not unitary.
    """
    given = _as_numbers(matrix)
    dimension = _dimension(given.shape, max_qubits)
    unitary = np.array(given, dtype=np.complex128)
    if not np.isfinite(unitary).all():
        bad = int((~np.isfinite(unitary)).sum())
        raise InputError(f"target has {bad} of {unitary.size} entries that are NaN or infinite")
    with np.errstate(over="ignore", invalid="ignore"):
        deviation = float(np.abs(unitary.conj().T @ unitary - np.eye(dimension)).max())
    precise = given.dtype.kind in "iub" or np.finfo(given.dtype).eps <= np.finfo(np.float64).eps
    usual = DOUBLE_TOLERANCE if precise else SINGLE_TOLERANCE
    allowed = usual if tolerance is None else tolerance
    if not deviation <= allowed:
        raise InputError(f"target is not unitary: max|U†U − I| = {deviation:.1e} > {allowed:.0e}")
    if deviation > usual:
        logger.warning("target is unitary to %.1e only; the nearest unitary is taken", deviation)
    if deviation <= 4 * dimension * np.finfo(np.float64).eps:
        return unitary
    left, _, right = np.linalg.svd(unitary)
    return np.asarray(left @ right)


def out_of_torch(matrix: Any) -> Any:
    """Return a tensor's values, also where it has gradients or is a lazy conjugate; anything else as it is."""
    return matrix.detach().cpu().resolve_conj().resolve_neg() if hasattr(matrix, "resolve_conj") else matrix


def _as_numbers(matrix: ArrayLike) -> NDArray[Any]:
    """Return what is in memory as an array of numbers, objects that are numbers too."""
    try:
        given = np.asarray(out_of_torch(matrix))
    except (ValueError, TypeError) as error:
        raise InputError(f"target is no matrix: {next(iter(str(error).splitlines()), '')[:200]}") from error
    if given.dtype.hasobject:
        try:
            return given.astype(np.complex128)
        except (ValueError, TypeError, OverflowError) as error:
            raise InputError(f"target holds objects that are no numbers: {str(error)[:100]}") from error
    _check_kind(given.dtype)
    return given


def reverse_qubits(matrix: NDArray[Any]) -> NDArray[Any]:
    """Return a (2^n, 2^m) matrix with the order of its qubits reversed: little-endian to big-endian, and back.

    Of fewer columns than rows, the ``m`` qubits whose input is free are the first in either order.
    """
    n, m = (side.bit_length() - 1 for side in matrix.shape)
    axes = (*reversed(range(n)), *(n + axis for axis in reversed(range(m))))
    return np.ascontiguousarray(matrix.reshape((2,) * (n + m)).transpose(axes).reshape(matrix.shape))


def _dimension(shape: tuple[int, ...], max_qubits: int) -> int:
    """Return the side of a square matrix on a supported number of qubits."""
    if len(shape) != 2 or shape[0] != shape[1]:
        raise InputError(f"target has shape {shape}, expected a square matrix")
    side = shape[0]
    if side < 2 or side & (side - 1):
        raise InputError(f"target has side {side}, expected a power of two from 2 to {1 << max_qubits}")
    if side > 1 << max_qubits:
        raise InputError(f"target has more qubits than supported: {side.bit_length() - 1} > {max_qubits}")
    return side


def _check_kind(dtype: np.dtype[Any]) -> None:
    if dtype.hasobject:
        raise InputError("target holds pickled Python objects, which are never loaded")
    if dtype.kind not in "fciub":
        raise InputError(f"target holds {dtype} entries, expected numbers")


def _read_archive(stream: IO[bytes], size: int, name: str, check_shape: ShapeCheck) -> NDArray[Any]:
    if size > MAX_ARCHIVE_BYTES:
        raise InputError(f"{name} is an archive of {size} bytes, more than the {MAX_ARCHIVE_BYTES} that are read")
    try:
        with zipfile.ZipFile(stream) as archive:
            members = [member for member in archive.infolist() if member.filename.endswith(".npy")]
            named = [member for member in members if member.filename == f"{UNITARY_MEMBER}.npy"]
            if len(named or members) != 1:
                raise InputError(f"{name} holds {len(members)} arrays, expected one, or one named {UNITARY_MEMBER!r}")
            member = (named or members)[0]
            with archive.open(member) as array:
                label = f"{name}[{member.filename.removesuffix('.npy')}]"
                return _read_array(array, member.file_size, label, check_shape)
    # Encrypted members raise RuntimeError, unknown compression methods its subclass NotImplementedError.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{name} is not a readable .npz archive: {error}") from error


def _read_array(stream: IO[bytes], size: int, name: str, check_shape: ShapeCheck) -> NDArray[Any]:
    """Read one array in NumPy's format; what its header claims is checked before its entries are read."""
    head = stream.read(MAX_HEADER_BYTES)
    if not head:
        raise InputError(f"{name} is empty")
    shape, is_fortran, dtype, offset = _parse_header(head, name)
    _check_kind(dtype)
    check_shape(shape)
    claimed = offset + math.prod(shape) * dtype.itemsize
    if size != claimed:
        raise InputError(f"{name} is damaged: its header claims {claimed} bytes, it has {size}")
    data = head + stream.read(claimed - min(claimed, len(head)))
    if len(data) != claimed:
        raise InputError(f"{name} is damaged: its header claims {claimed} bytes, {len(data)} could be read")
    matrix = np.asarray(np.frombuffer(data, dtype, offset=offset)).reshape(*shape)
    return matrix.T if is_fortran else matrix


def _parse_header(head: bytes, name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Return shape, Fortran order, entry type and where the entries begin."""
    if not head.startswith(NPY_MAGIC):
        raise InputError(f"{name} is not a NumPy array file (it begins with {head[:8]!r})")
    stream = io.BytesIO(head)
    try:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        elif version == (2, 0):
            shape, is_fortran, dtype = np.lib.format.read_array_header_2_0(stream)
        else:
            raise ValueError(f"format version {version[0]}.{version[1]} is for structured arrays")
        if any(side < 0 for side in shape):
            raise ValueError(f"shape {shape}")
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{name} has a bad array header: {reason}") from error
    return shape, is_fortran, dtype, stream.tell()
