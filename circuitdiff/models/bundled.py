"""The checkpoints that come with the package, and what their cards say; needs no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from circuitdiff.errors import InputError

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"
CARD_FILE = "card.json"
"""Figures about a checkpoint; ``sha256`` is that of its weights. README.md beside it is for people."""

MAX_JSON_BYTES = 1 << 20


def bundled_checkpoints() -> dict[str, Path]:
    """Return the folders of the bundled checkpoints by name: inside an installed package, or beside it."""
    package = Path(__file__).resolve().parents[1]
    found = (path.parent for root in (package, package.parent) for path in root.glob(f"checkpoints/*/{CONFIG_FILE}"))
    return {path.name: path for path in sorted(found)}


def checkpoints_digest(name_or_path: str | None = None) -> str:
    """Return a digest of the checkpoints that a compilation may use: the bundled ones, and one that is named.

    It is of their configurations and weights, so that what was compiled with others has another.
    """
    folders = list(bundled_checkpoints().values())
    if name_or_path is not None and (Path(name_or_path) / CONFIG_FILE).is_file():
        folders.append(Path(name_or_path))
    files = [folder / name for folder in folders for name in (CONFIG_FILE, WEIGHTS_FILE)]
    states = [(file, file.stat()) for file in files if file.is_file()]
    return _digest(tuple((str(file), state.st_size, state.st_mtime_ns) for file, state in states))


@lru_cache(maxsize=8)
def _digest(files: tuple[tuple[str, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for path, size, _ in files:
        digest.update(size.to_bytes(8, "little") + Path(path).read_bytes())
    return digest.hexdigest()


def read_card(directory: Path) -> Mapping[str, Any]:
    """Return the figures in a checkpoint's card.

    Raises:
        InputError: the card is missing or damaged.
    """
    return read_json_object(directory / CARD_FILE, "checkpoint card")


def read_json_object(path: Path, what: str) -> Mapping[str, Any]:
    """Read a small JSON file that holds an object.

    Raises:
        InputError: the file cannot be read, is too large, or holds something else.
    """
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise InputError(f"{what} {path} is larger than {MAX_JSON_BYTES} bytes")
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{what} {path} cannot be read: {error}") from error
    if not isinstance(values, dict):
        raise InputError(f"{what} {path} is not a JSON object")
    return values
