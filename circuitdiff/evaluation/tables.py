"""What reports share: plain text tables, a line of settings, and plain data for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def aligned(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines with columns of equal width: the first flush left, the last as it comes, the others right."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    return [_line(cells, widths) for cells in (heads, ["-" * width for width in widths], *rows)]


def title(settings: Mapping[str, Any]) -> str:
    """Return the settings that are given, in one line."""
    return " · ".join(f"{key} {value}" for key, value in settings.items() if value is not None)


def as_plain(
    settings: Mapping[str, Any], environment: Mapping[str, Any], method: str, rows: Iterable[DataclassInstance]
) -> dict[str, Any]:
    """Return a report of rows as plain data for JSON."""
    plain = [asdict(row) for row in rows]
    return {"settings": dict(settings), "environment": dict(environment), "method": method, "rows": plain}


def number(value: float | None, form: str) -> str:
    """Format a number, or show that there is none."""
    return "-" if value is None else form.format(value)


def seconds_text(seconds: float) -> str:
    """Return seconds with two or three significant digits."""
    return f"{seconds:.3f}" if seconds < 1 else f"{seconds:.1f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *middle, last = cells
    padded = [cell.rjust(width) for cell, width in zip(middle, widths[1:-1], strict=True)]
    return "  ".join([first.ljust(widths[0]), *padded, last]).rstrip()
