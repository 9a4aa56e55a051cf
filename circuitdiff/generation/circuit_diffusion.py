"""A model as its users see it: loaded by name or path, whatever circuits it speaks."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from circuitdiff.errors import InputError
from circuitdiff.models.checkpoint import load_checkpoint, resolve_checkpoint, save_checkpoint
from circuitdiff.models.config import DenoiserConfig
from circuitdiff.models.denoiser import Denoiser


class CircuitDiffusion:
    """A trained denoiser with its samplers; its kinds are those of the layouts that networks speak."""

    def __init__(self, model: Denoiser, name: str = "") -> None:
        """Wrap a network, ready for inference; `name` is how results call it."""
        self.model, self.name = model, name

    @classmethod
    def from_pretrained(
        cls,
        name_or_path: str | Path | None = None,
        device: torch.device | str = "cpu",
        *,
        target: NDArray[np.complex128] | str | None = None,
    ) -> Self:
        """Load a bundled checkpoint by name, any by path, or the bundled one for a target; else the default one.

        `CircuitDiffusion.from_pretrained` returns the kind that the checkpoint asks for; called on one of the kinds, it
        loads checkpoints of that kind alone.

        Args:
            name_or_path: of the checkpoint.
            device: where it runs.
            target: a unitary (2^n, 2^n) or a prompt to choose by where there is no name.

        Raises:
            InputError: when there is none, or it is damaged or of another kind.
        """
        from circuitdiff.generation.kinds import kind_of
        from circuitdiff.generation.model_selection import checkpoint_for

        if name_or_path is None and target is not None:
            name_or_path = checkpoint_for(target, general=cls is kind_of(DenoiserConfig()))
        directory = resolve_checkpoint(name_or_path)
        model = load_checkpoint(directory, device)
        kind = kind_of(model.config)
        if not issubclass(kind, cls):
            raise InputError(f"checkpoint {directory.name} is a {kind.__name__}, and a {cls.__name__} is needed")
        return kind(model, directory.name)

    def save_pretrained(self, directory: Path | str) -> str:
        """Write config.json and model.safetensors (half precision); return the SHA-256 of the weights."""
        return save_checkpoint(directory, self.model.config, self.model.state_dict())

    @property
    def num_qubits(self) -> int:
        """Size of the register."""
        return self.model.config.num_qubits

    @property
    def _device(self) -> torch.device:
        return self.model.token_bias.device

    def _generator(self, generator: torch.Generator | None) -> torch.Generator:
        return generator if generator is not None else torch.Generator(self._device).manual_seed(0)
