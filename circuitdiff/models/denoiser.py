"""The network: noisy circuits and an encoded condition in, token logits and angle velocities out."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from circuitdiff.circuits.gates import MAX_PARAMS
from circuitdiff.circuits.vocabulary import NUM_SPECIAL
from circuitdiff.models.condition import Condition, ConditionEncoder
from circuitdiff.models.config import DenoiserConfig
from circuitdiff.models.device import cpu_by_default
from circuitdiff.models.layers import DecoderLayer

_FREQUENCIES = 8  # of the sinusoidal features of the angle time


class Denoiser(nn.Module):
    """A bidirectional transformer over gate positions that cross-attends to the condition.

    Two modes share it. The gate mode reads its noise level off the share of MASK tokens; the angle mode is told its
    time. Angles may be absent altogether: a structure is then denoised alone.
    """

    _gate_of: Tensor  # (placed gates,) int64, index into the vocabulary's gate names
    _on_qubit: Tensor  # (placed gates, slots), 1 where the gate acts

    @cpu_by_default()
    def __init__(self, config: DenoiserConfig) -> None:
        """Build with random weights, in single precision on the CPU whatever torch's defaults are."""
        super().__init__()
        self.config = config
        width, layout = config.width, config.layout
        vocabulary = layout.vocabulary
        self.encoder = ConditionEncoder(config)
        self.special = nn.Embedding(NUM_SPECIAL, width)
        self.gate = nn.Embedding(len(vocabulary.gate_names), width)
        self.qubit = nn.Embedding(layout.slots.shape[1], width)
        self.place = nn.Parameter(0.02 * torch.randn(layout.num_positions, width))
        self.angle = nn.Linear(2 * MAX_PARAMS, width)
        self.no_angle = nn.Parameter(0.02 * torch.randn(width))
        self.time = nn.Sequential(nn.Linear(2 * _FREQUENCIES, width), nn.SiLU(), nn.Linear(width, width))
        self.summary = nn.Linear(width, width)
        self.layers = nn.ModuleList(
            DecoderLayer(width, config.heads, config.expansion * width) for _ in range(config.decoder_layers)
        )
        self.norm = nn.LayerNorm(width)
        self.to_token = nn.Linear(width, width)
        self.token_bias = nn.Parameter(torch.zeros(len(vocabulary)))
        self.velocity = nn.Linear(width, MAX_PARAMS)
        gate_of = [vocabulary.gate_names.index(name) for name, _ in vocabulary.placed]
        self.register_buffer("_gate_of", torch.tensor(gate_of), persistent=False)
        self.register_buffer("_on_qubit", torch.from_numpy(layout.slots), persistent=False)
        self._initialise()
        self.float()

    def _initialise(self) -> None:
        depth = 2 * self.config.encoder_layers + 3 * self.config.decoder_layers
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=module.in_features**-0.5)
                nn.init.zeros_(module.bias)
                if name.endswith(("out_proj", "contract")):
                    with torch.no_grad():
                        module.weight.mul_(depth**-0.5)
            elif isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=0.5)
        nn.init.zeros_(self.velocity.weight)

    def encode(self, condition: Condition) -> EncodedCondition:
        """Encode a condition; every denoising step of its targets reuses the result."""
        memory, present = self.encoder(condition)
        crosses = [layer.cross for layer in self.layers if isinstance(layer, DecoderLayer)]
        remembered = torch.stack([cross.keys_and_values(memory) for cross in crosses])
        if present is None:
            return EncodedCondition(remembered, self.summary(memory.mean(1)))
        share = present.float() / present.sum(1, keepdim=True)
        return EncodedCondition(remembered, self.summary((share[..., None] * memory).sum(1)), present)

    def forward(
        self, tokens: Tensor, angles: Tensor | None, time: Tensor | None, encoded: EncodedCondition
    ) -> tuple[Tensor, Tensor]:
        """Denoise.

        Args:
            tokens: (targets, circuits, gates) int64, partly MASK. All positions of the layout, or all but those of the
                final gates.
            angles: (targets, circuits, gates, MAX_PARAMS) radians, noisy; None when absent.
            time: (targets, circuits) in [0, 1], 0 for pure noise and 1 for clean angles; None with `angles`.
            encoded: of the same targets.

        Returns:
            Logits (targets, circuits, gates, vocabulary), and velocities (targets, circuits, gates, MAX_PARAMS) in
            radians per unit time.
        """
        table = self._token_table()
        x = table[tokens] + self.place[: tokens.shape[-1]] + encoded.summary[:, None, None]
        if angles is None or time is None:
            x = x + self.no_angle
        else:
            features = torch.cat((angles.cos(), angles.sin()), dim=-1)
            x = x + self.angle(features) + self.time(_time_features(time))[:, :, None]
        for layer, remembered in zip(self.layers, encoded.remembered, strict=True):
            x = layer(x, remembered, encoded.present)
        x = self.norm(x)
        logits = self.to_token(x) @ table.T * self.config.width**-0.5 + self.token_bias
        return logits.float(), math.pi * self.velocity(x).float()

    def _token_table(self) -> Tensor:
        """Compose (vocabulary, width) token embeddings of their gate and their qubits."""
        placed = self.gate.weight[self._gate_of] + self._on_qubit @ self.qubit.weight
        return torch.cat((self.special.weight, placed))

    @property
    def knows_angles(self) -> bool:
        """Whether it was trained on angles: a network that was not leaves them as they are drawn."""
        return bool(self.velocity.weight.any())

    def forget_angles(self) -> None:
        """Take what it knows of angles from it."""
        nn.init.zeros_(self.velocity.weight)
        nn.init.zeros_(self.velocity.bias)

    def num_parameters(self) -> int:
        """Number of weights."""
        return sum(parameter.numel() for parameter in self.parameters())


class EncodedCondition:
    """What the denoiser remembers of a condition."""

    def __init__(self, remembered: Tensor, summary: Tensor, present: Tensor | None = None) -> None:
        """Hold keys and values (layers, 2, targets, heads, memory, width / heads) and a summary (targets, width).

        `present` (targets, memory) bool says what of the memory there is for each target; None for all of it.
        """
        self.remembered, self.summary, self.present = remembered, summary, present

    def __len__(self) -> int:
        """Number of targets."""
        return len(self.summary)

    def __getitem__(self, rows: Tensor | slice) -> EncodedCondition:
        """Select targets."""
        present = None if self.present is None else self.present[rows]
        return EncodedCondition(self.remembered[:, :, rows], self.summary[rows], present)


def _time_features(time: Tensor) -> Tensor:
    frequencies = math.pi * torch.arange(1, _FREQUENCIES + 1, device=time.device, dtype=time.dtype)
    phases = time[..., None] * frequencies
    return torch.cat((phases.cos(), phases.sin()), dim=-1)
