"""The condition encoder: a unitary, a coupling mask and a budget become a memory for the denoiser."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn

from circuitdiff.models.config import DenoiserConfig
from circuitdiff.models.layers import EncoderLayer, Trunk

NOT_GIVEN = -1
SPECTRUM_FLOOR = 1e-5  # float32 unitaries leave noise below this in their squared singular values


@dataclass(frozen=True)
class Condition:
    """What is asked of circuits; each part may be absent, target by target."""

    images: Tensor  # (targets, 6n, 4^n) Heisenberg images
    spectra: Tensor  # (targets, 2^(2n-1) - 1, 2^n) Schmidt spectra
    unitary_given: Tensor  # (targets,) bool
    allowed: Tensor  # (targets, pairs) bool: pairs that the mask permits
    mask_given: Tensor  # (targets,) bool
    budget: Tensor  # (targets,) int64: most entanglers permitted, or NOT_GIVEN

    def to(self, device: torch.device | str) -> Condition:
        """Move every tensor."""
        return Condition(**{field.name: getattr(self, field.name).to(device) for field in fields(self)})


class ConditionEncoder(nn.Module):
    """Encodes a condition into tokens; runs once per target."""

    def __init__(self, config: DenoiserConfig) -> None:
        """Set up for the register of `config`."""
        super().__init__()
        n, width = config.num_qubits, config.width
        self.width = width
        num_images, num_spectra = 6 * n, 2 ** (2 * n - 1) - 1
        features = num_images * 4**n + 2 * num_spectra * 2**n
        self.image = nn.Linear(4**n, width)
        self.image_place = nn.Parameter(0.02 * torch.randn(num_images, width))
        self.trunk = Trunk(features, config.trunk_width, config.trunk_layers, config.summary_tokens * width)
        self.summary_place = nn.Parameter(0.02 * torch.randn(config.summary_tokens, width))
        self.no_unitary = nn.Parameter(0.02 * torch.randn(num_images + config.summary_tokens, width))
        self.mask = nn.Linear(len(config.skeleton.pairs), width)
        self.no_mask = nn.Parameter(0.02 * torch.randn(width))
        self.budget = nn.Embedding(config.max_entanglers + 2, width)
        self.layers = nn.ModuleList(
            EncoderLayer(width, config.heads, config.expansion * width) for _ in range(config.encoder_layers)
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, condition: Condition) -> tuple[Tensor, None]:
        """Return the memory (targets, 6n + summary_tokens + 2, width), all of it present for every target."""
        n_scale = condition.images.shape[-1] ** 0.5  # rows of unit norm, brought to entries of order one
        images = condition.images * n_scale
        logs = condition.spectra.clamp_min(SPECTRUM_FLOOR).log()
        features = torch.cat((images.flatten(1), 4 * condition.spectra.flatten(1), 0.3 * logs.flatten(1)), dim=1)
        summary = self.trunk(features).view(len(features), -1, self.width) + self.summary_place
        unitary = torch.cat((self.image(images) + self.image_place, summary), dim=1)
        unitary = torch.where(condition.unitary_given[:, None, None], unitary, self.no_unitary.to(unitary.dtype))
        mask = self.mask(2 * condition.allowed.to(images.dtype) - 1)
        mask = torch.where(condition.mask_given[:, None], mask, self.no_mask.to(mask.dtype))
        budget = self.budget(condition.budget + 1)
        memory = torch.cat((unitary, mask[:, None], budget[:, None].to(unitary.dtype)), dim=1)
        for layer in self.layers:
            memory = layer(memory)
        normed: Tensor = self.norm(memory)
        return normed, None
