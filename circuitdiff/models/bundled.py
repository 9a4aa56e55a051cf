"""The checkpoints that come with the package, and what their cards say; needs no torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from circuitdiff.errors import InputError

CONFIG_FILE = "config.json"
CARD_FILE = "card.json"
"""Figures about a checkpoint; ``sha256`` is that of its weights. README.md beside it is for people."""

MAX_JSON_BYTES = 1 << 20


def bundled_checkpoints() -> dict[str, Path]:
    """Return the folders of the bundled checkpoints by name: inside an installed package, or beside it."""
    package = Path(__file__).resolve().parents[1]
    found = (path.parent for root in (package, package.parent) for path in root.glob(f"checkpoints/*/{CONFIG_FILE}"))
    return {path.name: path for path in sorted(found)}


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
