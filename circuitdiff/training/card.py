"""The card of a checkpoint: figures for programs in card.json, the same in words in README.md."""

from __future__ import annotations

import json
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from circuitdiff.models.bundled import CARD_FILE
from circuitdiff.models.config import IMAGES, MATRIX, RANKS, SPECTRA, STATE, TEXT, UNITARY, DenoiserConfig
from circuitdiff.models.hub import METADATA
from circuitdiff.training.config import PRESETS, TrainingConfig
from circuitdiff.training.state import Progress

README_FILE = "README.md"

_README = """\
# A circuitdiff model of circuits on up to {num_qubits} qubits

It proposes circuits of up to {max_gates} gates, gate by gate{with_angles}.

- Gates: {gates}.{final}
- Conditions: {conditions}; a gate set, a coupling map, and bounds on the number of gates and of
  those on two qubits or more. Each may be absent.

| | |
|---|---|
| parameters | {parameters:,}, stored in half precision |
| SHA-256 of model.safetensors | `{sha256}` |
| training | {circuits:,} circuits, {steps:,} steps, {hours:.2f} hours on {hardware}, torch {torch}{begun} |
| command | {command} |
| held-out loss, gates | {structure:.4f} nats a masked position |
| held-out loss, angles | {angle} |

## Output

A masked diffusion over placed gates, PAD at the end, and a flow on the circle over the angles. Whatever a mask forbids
has probability zero. Samples are taken as they come: {exactness}

## Data

{data}
{outside}
"""

_CONDITIONS = {
    UNITARY: "a unitary ({views}, so up to global phase)",
    STATE: "the state made of |0...0> (Schmidt spectra of its cuts and invariants of pairs of qubits, so up to gates\n"
    "  on single qubits)",
    RANKS: "the Schmidt rank of each qubit in the state made of |0...0>",
    TEXT: "words",
}
_VIEWS = {
    IMAGES: "Heisenberg images of the single-qubit Paulis",
    SPECTRA: "Schmidt spectra",
    MATRIX: "rows and columns of the matrix",
}


_PLAIN = ("seconds", "steps", "seed", "device", "start", "save_every", "shards", "own", "tensorboard")
"""What a run may set without being called one with settings of its own."""


def write_card(
    directory: Path,
    config: TrainingConfig,
    progress: Progress,
    parameters: int,
    validation: dict[str, float],
    sha256: str,
    num_own: int = 0,
) -> None:
    """Write card.json and README.md beside weights of SHA-256 `sha256`, trained on `num_own` circuits of one's own."""
    figures: dict[str, Any] = {
        "sha256": sha256,
        **_layout_figures(config.model),
        "parameters": parameters,
        "circuits": progress.step * config.circuits_per_step,
        "steps": progress.step,
        "own_circuits": num_own,
        "seconds": round(progress.seconds),
        "hardware": hardware(config.device),
        "torch": torch.__version__,
        "validation": {name.removeprefix("validation_"): round(value, 5) for name, value in validation.items()},
    }
    (directory / CARD_FILE).write_text(json.dumps(figures, indent=2) + "\n")
    (directory / README_FILE).write_text(METADATA + _readme(config, figures | {"hours": progress.seconds / 3600}))


def remove_card(directory: Path) -> None:
    """Remove the card of earlier weights, where there is one."""
    for name in (CARD_FILE, README_FILE):
        (directory / name).unlink(missing_ok=True)


def training_command(config: TrainingConfig, num_own: int = 0) -> str:
    """Return the command of a run in Markdown, where a preset and the plain options give its configuration."""
    circuits = f" --circuits FOLDER --set own={config.own:g}" if num_own else ""
    for name, preset in PRESETS.items():
        plain = {key: getattr(config, key) for key in _PLAIN}
        if replace(preset, **plain) == config:
            start = f" --set start={config.start}" if config.start else ""
            minutes = f" --minutes {config.seconds / 60:.0f}" if config.seconds != preset.seconds else ""
            steps = f" --steps {config.steps}" if config.steps != preset.steps else ""
            shards = f" --set shards={config.shards}" if config.shards > 1 else ""
            return f"`circuitdiff train --preset {name}{minutes}{steps} --seed {config.seed}{start}{shards}{circuits}`"
    return "`circuitdiff train` with settings of its own"


def _layout_figures(model: DenoiserConfig) -> dict[str, Any]:
    names = ("num_qubits", "max_gates", "gates", "final_gate", "conditions")
    return {name: value for name in names if (value := model.as_dict()[name])}


def _readme(config: TrainingConfig, figures: dict[str, Any]) -> str:
    values, model = figures | figures["validation"], config.model
    has_angles = bool(values["angle"])  # whether it learned any
    own = f"Of each batch {config.own:.0%} are from {figures['own_circuits']:,} circuits that the user gave; "
    own += f"held-out loss on such, gates: {values.get('own_structure', 0):.4f} nats a masked position."
    loss = f"{values['angle']:.4f} (squared velocity error in units of pi^2; 1/3 for a blind guess)"
    views = " and ".join(_VIEWS[name] for name in model.unitary_as)
    return _README.format(
        **values
        | {
            "command": training_command(config, figures["own_circuits"]),
            "begun": f"; begun with the weights of {config.start}" if config.start else "",
            "gates": ", ".join(values["gates"]),
            "final": f" At the end {model.final_gate} on every qubit, not counted." if model.final_gate else "",
            "conditions": "; ".join(_CONDITIONS[name] for name in values["conditions"]).format(views=views),
            "angle": loss if has_angles else "none are learned" if model.layout.has_angle.any() else "there are none",
            "exactness": _exactness(model, has_angles),
            "with_angles": " with their angles" if has_angles else "",
            "data": config.mixture.description(model.layout),
            "outside": own if figures["own_circuits"] else "No outside data.",
        }
    )


def _exactness(model: DenoiserConfig, has_angles: bool) -> str:
    if has_angles:
        return "angles are near, not exact."
    return "fit the angles." if model.layout.has_angle.any() else "check what matters by simulation."


def hardware(device: str) -> str:
    """Name what a device is, and how many threads a CPU runs."""
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    return f"{torch.get_num_threads()} thread(s) of a {_cpu_name()} CPU"


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
