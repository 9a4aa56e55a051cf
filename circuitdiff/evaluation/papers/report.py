"""The outcome of the protocols, as data and as a table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from circuitdiff.evaluation.papers.protocol import Row
from circuitdiff.evaluation.tables import aligned, number, seconds_text


@dataclass(frozen=True)
class PapersReport:
    """A row for each key."""

    rows: Mapping[str, Row]

    @property
    def is_sound(self) -> bool:
        """Whether no row has a circuit that breaks what it had to keep, and every figure is one."""
        return all(row.is_sound and (row.value is None or math.isfinite(row.value)) for row in self.rows.values())

    def as_dict(self) -> dict[str, Any]:
        """Return the rows as plain data for JSON, by key."""
        return {key: row.as_dict() for key, row in self.rows.items()}

    def table(self) -> str:
        """Return the rows as text, and below them what their figures do not say."""
        heads = ("protocol", "value", "targets", "samples", "seconds", "model")
        rows = [
            (
                key,
                number(row.value, "{:.4g}"),
                str(row.targets),
                str(row.samples),
                seconds_text(row.seconds),
                row.model or "-",
            )
            for key, row in self.rows.items()
        ]
        reasons = [f"{key}: {row.reason}" for key, row in self.rows.items() if row.reason]
        return "\n".join([*aligned(heads, rows), *([""] * bool(reasons)), *reasons])
