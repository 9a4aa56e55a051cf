"""The state of a run on disk: one safetensors file, replaced atomically."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from circuitdiff.atomic import remove_leftovers, replacing
from circuitdiff.errors import InputError
from circuitdiff.training.config import TrainingConfig

STATE_FILE = "state.safetensors"


class Progress(NamedTuple):
    """How far a run is."""

    step: int = 0
    seconds: float = 0.0  # of training, over all resumptions


def save_state(
    directory: Path,
    config: TrainingConfig,
    progress: Progress,
    model: nn.Module,
    average: AveragedModel,
    optimizers: Mapping[str, torch.optim.Optimizer],
) -> None:
    """Write the state of a run to `directory`; a run killed half-way leaves the previous state."""
    tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
    tensors |= {f"ema.{name}": value for name, value in average.module.state_dict().items()}
    for kind, optimizer in optimizers.items():
        for index, entries in optimizer.state_dict()["state"].items():
            tensors |= {f"{kind}.{index}.{key}": torch.as_tensor(value) for key, value in entries.items()}
    tensors = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    metadata = {"progress": json.dumps(progress._asdict()), "config": json.dumps(config.as_dict())}
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / STATE_FILE
    remove_leftovers(path)
    with replacing(path) as part:
        save_file(tensors, str(part), metadata=metadata)


def load_state(
    directory: Path, model: nn.Module, average: AveragedModel, optimizers: Mapping[str, torch.optim.Optimizer]
) -> Progress | None:
    """Restore a run in place; None where `directory` holds none.

    Raises:
        InputError: when the state is damaged or of another network.
    """
    path = directory / STATE_FILE
    if not path.exists():
        return None
    try:
        with safe_open(str(path), framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}
        model.load_state_dict(_part(tensors, "model"))
        average.module.load_state_dict(_part(tensors, "ema"))
        progress = Progress(**json.loads(metadata["progress"]))
        average.n_averaged.fill_(progress.step)
    except (SafetensorError, RuntimeError, KeyError, ValueError, TypeError) as error:
        raise InputError(f"cannot resume from {path}: {str(error).splitlines()[0]}") from error
    for kind, optimizer in optimizers.items():
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in _part(tensors, kind).items():
            index, key = name.split(".")
            state.setdefault(int(index), {})[key] = value
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return progress


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    start = prefix + "."
    return {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}
