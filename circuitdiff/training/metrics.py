"""The metrics of a run: a JSON object a line, and for TensorBoard where wanted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from circuitdiff.atomic import remove_leftovers, replacing
from circuitdiff.errors import MissingExtraError

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

METRICS_FILE = "metrics.jsonl"
TENSORBOARD_FOLDER = "tensorboard"


class MetricsLog:
    """Appends records to the metrics of a run."""

    def __init__(self, directory: Path, step: int, *, tensorboard: bool = False) -> None:
        """Go on after `step`: what a killed run wrote after its last save, or only half, is dropped.

        Raises:
            MissingExtraError: TensorBoard is wanted and not installed.
        """
        self.path = directory / METRICS_FILE
        self._board = _board(directory / TENSORBOARD_FOLDER, step) if tensorboard else None
        if self.path.exists():
            kept = [line for line in self.path.read_text().splitlines() if _step(line) <= step]
            remove_leftovers(self.path)
            with replacing(self.path) as part:
                part.write_text("".join(line + "\n" for line in kept))

    def write(self, step: int, seconds: float, metrics: Mapping[str, float]) -> dict[str, float]:
        """Append a record of numbers to five digits, and return it."""
        record = {"step": step, "seconds": round(seconds, 1)}
        record |= {name: float(f"{value:.5g}") for name, value in metrics.items()}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps(record) + "\n")
        if self._board is not None:
            for name, value in metrics.items():
                self._board.add_scalar(name, value, step)
            self._board.flush()
        return record


def _board(folder: Path, step: int) -> SummaryWriter:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise MissingExtraError("TensorBoard is not installed: pip install 'circuitdiff[tensorboard]'") from error
    return SummaryWriter(str(folder), purge_step=step + 1)


def _step(line: str) -> float:
    """Return the step of a record; infinity for a line that is none."""
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")
