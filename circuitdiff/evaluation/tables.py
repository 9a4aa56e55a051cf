"""Plain text tables."""

from __future__ import annotations

from collections.abc import Sequence


def aligned(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines with columns of equal width: the first flush left, the last as it comes, the others right."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    return [_line(cells, widths) for cells in (heads, ["-" * width for width in widths], *rows)]


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
