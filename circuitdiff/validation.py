"""Options of every way into the compiler, checked by one set of rules: a clear error each, with the value given."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Mapping
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any

from circuitdiff.errors import InputError

MAX_SEED = 2**63 - 1
"""The largest seed: what every generator that is used takes."""

EFFORTS = ("fast", "default", "max")
BLOCK_SIZES = (2, 5)


def check_options(**options: Any) -> None:
    """Check options by the rules of `RULES`, each under its own name.

    Raises:
        InputError: the first that is of the wrong type or out of range.
    """
    for name, value in options.items():
        RULES[name](name, value)


def _seconds(name: str, value: Any) -> None:
    if value is not None and not (_is_number(value) and value >= 0):
        raise InputError(f"{name} is a number of seconds from 0, or None for no limit, got {value!r}")


def _tolerance(name: str, value: Any) -> None:
    if not (_is_number(value) and 0 < value < 1):
        raise InputError(f"{name} is an infidelity above 0 and below 1, got {value!r}")


def _optional_tolerance(name: str, value: Any) -> None:
    if value is not None:
        _tolerance(name, value)


def _seed(name: str, value: Any) -> None:
    if not (_is_integer(value) and 0 <= value <= MAX_SEED):
        raise InputError(f"{name} is an integer from 0 to {MAX_SEED}, got {value!r}")


def _count(name: str, value: Any) -> None:
    if not (_is_integer(value) and value >= 1):
        raise InputError(f"{name} is an integer from 1, got {value!r}")


def _optional_count(name: str, value: Any) -> None:
    if value is not None:
        _count(name, value)


def _block_size(name: str, value: Any) -> None:
    low, high = BLOCK_SIZES
    if not (_is_integer(value) and low <= value <= high):
        raise InputError(f"{name.replace('_', ' ')} is {low} to {high}, got {value!r}")


def _effort(name: str, value: Any) -> None:
    if not isinstance(value, str) or value not in EFFORTS:
        raise InputError(f"unknown {name} {value!r}; there are: {', '.join(EFFORTS)}")


def _scale(name: str, value: Any) -> None:
    if not (_is_number(value) and math.isfinite(value)):
        raise InputError(f"{name} is a finite number, got {value!r}")


def _optional_positive(name: str, value: Any) -> None:
    if value is not None and not (_is_number(value) and math.isfinite(value) and value > 0):
        raise InputError(f"{name} is a finite number above 0, or None, got {value!r}")


def _optional_path(name: str, value: Any) -> None:
    if value is not None and not isinstance(value, str | os.PathLike):
        raise InputError(f"{name} is the name or path of a file, or None, got {value!r}")


def _optional_names(name: str, value: Any) -> None:
    is_names = isinstance(value, Collection) and not isinstance(value, str | bytes | Mapping)
    if value is not None and not (is_names and all(isinstance(one, str) for one in value)):
        raise InputError(f"{name} is a list of names, or None, got {value!r}")


def _truth(name: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise InputError(f"{name} is True or False, got {value!r}")


def _text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise InputError(f"{name} is a text, got {value!r}")


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    try:
        return not math.isnan(value)
    except OverflowError:  # an integer beyond every float
        return False


def _is_integer(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, Integral)


RULES: Mapping[str, Callable[[str, Any], None]] = MappingProxyType(
    {
        "timeout": _seconds,
        "limit": _seconds,
        "tol": _tolerance,
        "unitary_tol": _optional_tolerance,
        "seed": _seed,
        "samples": _optional_count,
        "num_samples": _count,
        "steps": _count,
        "guidance": _scale,
        "temperature": _optional_positive,
        "workers": _optional_count,
        "block_size": _block_size,
        "effort": _effort,
        "cache": _optional_path,
        "model": _optional_path,
        "proposers": _optional_names,
        "keep_order": _truth,
        "gate_set": _text,
        "prompt": _text,
        "coupling": _text,
        "device": _text,
    }
)
"""What each option has to be; numpy's numbers are numbers, truth values are not."""
