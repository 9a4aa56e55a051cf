"""The card of a checkpoint: figures for programs in card.json, the same in words in README.md."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

import torch

from circuitdiff.models.bundled import CARD_FILE
from circuitdiff.training.config import TrainingConfig
from circuitdiff.training.state import Progress

README_FILE = "README.md"

_README = """\
# A circuitdiff model for {num_qubits} qubits

Given a unitary, it proposes circuits: where up to {max_entanglers} two-qubit gates go, and angles for the single-qubit
gates between them. circuitdiff instantiates the proposals to machine precision; taken alone they are only near.

| | |
|---|---|
| parameters | {parameters:,}, stored in half precision |
| SHA-256 of model.safetensors | `{sha256}` |
| training | {circuits:,} circuits made on the fly, {steps:,} steps, {hours:.2f} hours on {hardware}, torch {torch} |
| held-out loss, structures | {structure:.4f} nats a masked position |
| held-out loss, angles | {angle:.4f} (squared velocity error in units of pi^2; 1/3 for a blind guess) |

## Inputs

A unitary (as the Heisenberg images of the single-qubit Paulis, and the Schmidt spectra of every bipartition of its
legs; the global phase is not seen), the pairs that may be coupled, and a bound on the number of two-qubit gates. Each
may be absent.

## Output

A masked diffusion over the sequence of pairs, and a flow on the circle over the angles: `Ry(beta) Rz(gamma)` on both
qubits before each CZ, `u(theta, phi, lambda)` on every qubit at the end, beta in [0, pi/2].

## Data

{families:.0%} random sequences of the gates of real circuits (h, t, s, rotations, cx, cz, cp, rzz, swap, ccx, ccz and
others), {rest:.0%} random structures with Haar-random, Clifford-like, Clifford+T-like, mixed and recurring angles;
{restricted:.0%} of all restricted to a line or to one pair. No outside data.

## Limits

The more two-qubit gates a target needs, the less often a proposal is right. Targets that need more than
{max_entanglers} are out of reach.
"""


def write_card(
    directory: Path,
    config: TrainingConfig,
    progress: Progress,
    parameters: int,
    validation: dict[str, float],
    sha256: str,
) -> None:
    """Write card.json and README.md beside the weights of SHA-256 `sha256`."""
    figures: dict[str, Any] = {
        "sha256": sha256,
        "num_qubits": config.model.num_qubits,
        "max_entanglers": config.model.max_entanglers,
        "parameters": parameters,
        "circuits": progress.step * config.batch_size,
        "steps": progress.step,
        "seconds": round(progress.seconds),
        "hardware": hardware(config.device),
        "torch": torch.__version__,
        "validation": {name.removeprefix("validation_"): round(value, 5) for name, value in validation.items()},
    }
    (directory / CARD_FILE).write_text(json.dumps(figures, indent=2) + "\n")
    mixture = config.mixture
    text = _README.format(
        **figures,
        **figures["validation"],
        hours=progress.seconds / 3600,
        families=mixture.families,
        rest=1 - mixture.families,
        restricted=mixture.line + mixture.one_pair,
    )
    (directory / README_FILE).write_text(text)


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
