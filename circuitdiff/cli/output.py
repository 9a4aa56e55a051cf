"""Writing results: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from circuitdiff.atomic import replacing
from circuitdiff.errors import InputError


def check_writable(path: str | Path) -> None:
    """Make sure, before work is spent, that a file can be written where it is asked for.

    Raises:
        InputError: the folder is missing or cannot be written, or the path is a folder or a read-only file.
    """
    destination = _destination(path)
    try:
        if destination.exists() and not os.access(destination, os.W_OK):
            raise PermissionError(None, "Permission denied")
        if destination.is_dir():
            raise IsADirectoryError(None, "Is a directory")
        if not _is_special(destination):
            with tempfile.TemporaryFile(dir=destination.parent):
                pass
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error


def write_atomically(path: str | Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or all of the new.

    The content goes to a temporary file in the same folder, which then takes the place of the old one and keeps
    its permissions. A symbolic link stays and its target is replaced; a device or pipe is simply written to.

    Raises:
        InputError: the file cannot be written.
    """
    destination = _destination(path)
    try:
        if _is_special(destination):
            destination.write_bytes(content)
            return
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
    with replacing(destination) as part:
        part.write_bytes(content)


def _destination(path: str | Path) -> Path:
    return Path(os.path.realpath(path))


def _is_special(path: Path) -> bool:
    """Tell whether a path is a device, pipe or socket, which must not be replaced by a file."""
    return path.exists() and not path.is_file() and not path.is_dir()
