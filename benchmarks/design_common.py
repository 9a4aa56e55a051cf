"""What the scripts that look into the design of the models share: a small training run, its figures, tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from circuitdiff.circuits.gate_sets import PRESETS
from circuitdiff.circuits.layout import Layout
from circuitdiff.evaluation.papers.circuits import generator, held_out_circuits
from circuitdiff.evaluation.papers.discrete import is_made
from circuitdiff.generation import CircuitDiffusion, Sampling
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.training import TrainingReport, train, training_config

DISCRETE = PRESETS["genqc-discrete"]
SAMPLES = 64
SEED = 2026
SMALL = {
    "model.width": "64",
    "model.heads": "2",
    "model.decoder_layers": "3",
    "model.max_gates": "8",
    "model.stem_width": "192",
}
"""A network of general circuits that a core trains in minutes, on circuits of up to 8 gates."""


def trained(preset: str, changes: Mapping[str, str], steps: int, seconds: float | None, folder: Path) -> TrainingReport:
    """Train for some steps, or fewer where the seconds end first; a run that `folder` holds goes on."""
    own = {"steps": str(steps), "seconds": str(seconds or 1e6), "save_every": "60", "warmup_steps": "200"}
    return train(training_config(preset, own | dict(changes)), folder)


def solved(folder: Path, max_gates: int, targets: int, *, blind: bool = False) -> float:
    """Share of held-out unitaries of gates without angles that one of 64 samples makes exactly.

    `blind` does not show the network the unitary: what luck alone would solve.
    """
    model = CircuitDiffusion.from_pretrained(folder)
    circuits = held_out_circuits(Layout(3, DISCRETE, max_gates), targets, SEED)
    right = 0
    for number, circuit in enumerate(circuits):
        drawn = model.sample(
            None if blind else circuit.unitary(),
            CircuitSpec(num_qubits=3, gates=DISCRETE, max_gates=max_gates),
            sampling=Sampling(num_samples=SAMPLES, temperature=1.0),
            generator=generator(SEED, number),
        )
        right += is_made(circuit.unitary(), drawn)
    return right / len(circuits)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file of JSON lines, none where there is no file."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def add_row(path: Path, row: Mapping[str, Any]) -> None:
    """Append a row to a file of JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(row) + "\n")


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a table in Markdown; numbers with three digits, nothing for None."""

    def cell(value: Any) -> str:
        return "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)

    lines = [heads, ["---"] * len(heads), *([cell(value) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def one_thread() -> None:
    """Keep to one thread, as the figures of the page do."""
    torch.set_num_threads(1)
