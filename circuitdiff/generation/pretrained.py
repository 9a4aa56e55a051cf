"""A trained network: loaded by name, by path or for a target, and saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from circuitdiff.circuits.layout import Layout
from circuitdiff.generation.sampling import Sampling
from circuitdiff.models.checkpoint import load_checkpoint, resolve_checkpoint, save_checkpoint
from circuitdiff.models.denoiser import Denoiser


class PretrainedModel:
    """A trained denoiser, its configuration and the layout of its circuits."""

    def __init__(self, model: Denoiser, name: str = "") -> None:
        """Wrap a network, ready for inference; `name` is how results call it."""
        self.model, self.name = model, name
        self.config = model.config
        self.layout: Layout = model.config.layout

    @classmethod
    def from_pretrained(
        cls,
        name_or_path: str | Path | None = None,
        device: torch.device | str = "cpu",
        *,
        target: NDArray[np.complex128] | str | None = None,
        download: bool = False,
    ) -> Self:
        """Load a checkpoint: bundled, by path, from the hub's cache, or the bundled one for a target; else the default.

        Args:
            name_or_path: name of a bundled one, a folder, or ``owner/name`` on the Hugging Face hub.
            device: where it runs.
            target: a unitary (2^n, 2^n) or a prompt, for the smallest bundled model of gate sequences that takes it.
            download: whether one of the hub may be fetched; otherwise the network is not used.

        Raises:
            InputError: when there is none, or it is damaged.
        """
        from circuitdiff.generation.model_selection import checkpoint_for

        if name_or_path is None and target is not None:
            name_or_path = checkpoint_for(target)
        directory = resolve_checkpoint(name_or_path, download=download)
        return cls(load_checkpoint(directory, device), directory.name)

    def save_pretrained(self, directory: Path | str) -> str:
        """Write config.json and model.safetensors (half precision); return the SHA-256 of the weights."""
        return save_checkpoint(directory, self.model.config, self.model.state_dict())

    def push_to_hub(self, repository: str, *, card: Path | str | None = None, **options: Any) -> str:
        """Upload the model to the Hugging Face hub as ``owner/name``; return the address of the commit.

        Args:
            repository: owner and name.
            card: a README.md such as training writes beside a checkpoint; a generated one by default.
            options: of ``huggingface_hub.ModelHubMixin.push_to_hub``: ``private``, ``token``, ``branch``, …
        """
        from circuitdiff.models.hub import push_checkpoint

        return push_checkpoint(self, repository, None if card is None else Path(card), **options)

    @property
    def num_qubits(self) -> int:
        """Size of the register."""
        return self.model.config.num_qubits

    @property
    def _device(self) -> torch.device:
        return self.model.token_bias.device

    def _source(self, generator: torch.Generator | None, how: Sampling) -> torch.Generator:
        return generator if generator is not None else torch.Generator(self._device).manual_seed(how.seed)
