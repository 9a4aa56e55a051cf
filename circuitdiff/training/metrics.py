"""The metrics of a run: a JSON object a line."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

METRICS_FILE = "metrics.jsonl"


class MetricsLog:
    """Appends records to the metrics of a run."""

    def __init__(self, directory: Path, step: int) -> None:
        """Go on after `step`: what a killed run wrote after its last save, or only half, is dropped."""
        self.path = directory / METRICS_FILE
        if self.path.exists():
            kept = [line for line in self.path.read_text().splitlines() if _step(line) <= step]
            partial = directory / (METRICS_FILE + ".partial")
            partial.write_text("".join(line + "\n" for line in kept))
            os.replace(partial, self.path)

    def write(self, step: int, seconds: float, metrics: Mapping[str, float]) -> dict[str, float]:
        """Append a record of numbers to five digits, and return it."""
        record = {"step": step, "seconds": round(seconds, 1)}
        record |= {name: float(f"{value:.5g}") for name, value in metrics.items()}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps(record) + "\n")
        return record


def _step(line: str) -> float:
    """Return the step of a record; infinity for a line that is none."""
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")
