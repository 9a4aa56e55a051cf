"""The card of a checkpoint: figures for programs in card.json, the same in words in README.md."""

from __future__ import annotations

import json
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from circuitdiff.data.stream import Mixture
from circuitdiff.models.bundled import CARD_FILE
from circuitdiff.models.config import DenoiserConfig
from circuitdiff.models.gate_config import IMAGES, MATRIX, RANKS, SPECTRA, TEXT, UNITARY, GateDenoiserConfig
from circuitdiff.training.config import PRESETS, TrainingConfig
from circuitdiff.training.state import Progress

README_FILE = "README.md"

_SKELETON_README = """\
# A circuitdiff model for {num_qubits} qubits

Given a unitary, it proposes circuits: where up to {max_entanglers} two-qubit gates go, and angles for the single-qubit
gates between them. circuitdiff instantiates the proposals to machine precision; taken alone they are only near.

| | |
|---|---|
| parameters | {parameters:,}, stored in half precision |
| SHA-256 of model.safetensors | `{sha256}` |
| training | {circuits:,} circuits, {steps:,} steps, {hours:.2f} hours on {hardware}, torch {torch}{begun} |
| command | {command} |
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


_GATES_README = """\
# A circuitdiff model for general circuits on up to {num_qubits} qubits

It proposes circuits of up to {max_gates} gates, gate by gate with their angles.

- Gates: {gates}.
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

Random circuits of {min_gates} to {max_gates} gates on {num_qubits} qubits, {smaller:.0%} on {fewer}.
Gates: {sources}.
Couplings: all, but for {lines:.0%} on a line of qubits and {random_coupling:.0%} with pairs left out at random.
Gates that commute their way to their inverse are left out, and commuting gates are put in one order.
{balance}{outside}
"""

_CONDITIONS = {
    UNITARY: "a unitary ({views}, so up to global phase)",
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
    (directory / README_FILE).write_text(_readme(config, figures | {"hours": progress.seconds / 3600}))


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


def _layout_figures(model: DenoiserConfig | GateDenoiserConfig) -> dict[str, Any]:
    sizes: dict[str, Any] = {"num_qubits": model.num_qubits}
    if isinstance(model, DenoiserConfig):
        return sizes | {"max_entanglers": model.max_entanglers}
    return sizes | {"max_gates": model.max_gates, "gates": list(model.gates), "conditions": list(model.conditions)}


def _readme(config: TrainingConfig, figures: dict[str, Any]) -> str:
    values, mixture = figures | figures["validation"], config.mixture
    values["command"] = training_command(config, figures["own_circuits"])
    values["begun"] = f"; begun with the weights of {config.start}" if config.start else ""
    if isinstance(mixture, Mixture):
        restricted = mixture.line + mixture.one_pair
        return _SKELETON_README.format(
            **values, families=mixture.families, rest=1 - mixture.families, restricted=restricted
        )
    model = config.model
    assert isinstance(model, GateDenoiserConfig)
    has_angles = bool(values["angle"])
    own = f"Of each batch {config.own:.0%} are from {figures['own_circuits']:,} circuits that the user gave; "
    own += f"held-out loss on such, gates: {values.get('own_structure', 0):.4f} nats a masked position."
    balanced = (
        "A random set of qubits is entangled one by one, among other gates at random, through others where no\n"
        "coupling connects them; each Schmidt-rank vector of each number of qubits comes equally often.\n"
    )
    sets = " or ".join(f"{{{text}}}" for text in mixture.gate_sets)
    subsets = "" if mixture.named == 1 else f" for {mixture.named:.0%}, random subsets of them for the rest"
    loss = f"{values['angle']:.4f} (squared velocity error in units of pi^2; 1/3 for a blind guess)"
    return _GATES_README.format(
        **values
        | {
            "gates": ", ".join(values["gates"]),
            "conditions": "; ".join(_CONDITIONS[name] for name in values["conditions"]).format(
                views=" and ".join(_VIEWS[name] for name in model.unitary_as)
            ),
            "angle": loss if has_angles else "there are none",
            "exactness": "angles are near, not exact." if has_angles else "check what matters by simulation.",
            "sources": sets + subsets,
            "outside": own if figures["own_circuits"] else "No outside data.",
            "balance": balanced if mixture.entanglement else "",
        },
        min_gates=mixture.min_gates,
        fewer="".join((f"fewer, to {mixture.min_qubits}", *(f", none on {size}" for size in mixture.left_out))),
        smaller=mixture.smaller,
        lines=mixture.line + mixture.random_line,
        random_coupling=mixture.random_coupling,
    )


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
