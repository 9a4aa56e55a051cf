"""The condition encoder: unitary or state, Schmidt ranks, words, masks and budgets become a memory."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor, nn

from circuitdiff.features.invariants import bipartitions, matrix_lines
from circuitdiff.features.states import membership, num_features
from circuitdiff.models.config import IMAGES, MATRIX, RANKS, SPECTRA, STATE, TEXT, UNITARY, DenoiserConfig
from circuitdiff.models.layers import EncoderLayer, Stem

SPECTRUM_FLOOR = 1e-5  # float32 unitaries leave noise below this in their squared singular values
_RANKS = 4  # no such qubit, 1, 2, not given


@dataclass(frozen=True)
class Condition:
    """What is asked of circuits; each part may be absent, target by target or altogether (None)."""

    unitary: Tensor | None  # (targets, 2^n, 2^n) complex
    images: Tensor | None  # (targets, 6n, 4^n) Heisenberg images
    spectra: Tensor | None  # (targets, spectra, 2^n) Schmidt spectra, see `schmidt_spectra`
    target_given: Tensor  # (targets,) bool: whether the unitary or the state is
    ranks: Tensor  # (targets, qubits) int64: Schmidt rank of each qubit, 0 for qubits that are not used
    ranks_given: Tensor  # (targets,) bool
    words: Tensor | None  # (targets, words) int64
    words_present: Tensor | None  # (targets, words) bool; nowhere where there is no text
    allowed: Tensor  # (targets, vocabulary) bool: tokens that the mask permits
    mask_given: Tensor  # (targets,) bool
    max_gates: Tensor  # (targets,) int64: most gates, or NOT_GIVEN
    max_two_qubit: Tensor  # (targets,) int64: most gates on two qubits or more, or NOT_GIVEN
    state: Tensor | None = None  # (targets, sides, features), see `state_features`
    state_present: Tensor | None = None  # (targets, sides) bool, see `sides_within`

    def to(self, device: torch.device | str) -> Condition:
        """Move every tensor."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        moved: dict[str, Any] = {name: None if value is None else value.to(device) for name, value in values.items()}
        return replace(self, **moved)

    def unconditional(self) -> Condition:
        """Drop the unitary or the state, the ranks and the words; masks and budgets stay."""
        return replace(
            self,
            target_given=torch.zeros_like(self.target_given),
            ranks_given=torch.zeros_like(self.ranks_given),
            words_present=None if self.words_present is None else torch.zeros_like(self.words_present),
        )


class UnitaryEncoder(nn.Module):
    """Encodes what is shown of a unitary: a token an image, one a row and a column, and a few that sum everything up.

    Images share one linear map, spectra another, so that the number of weights grows little with the register.
    """

    def __init__(self, config: DenoiserConfig) -> None:
        """Set up for the register of `config`."""
        super().__init__()
        n, width, share = config.num_qubits, config.width, config.features_per_token
        shown = {IMAGES: 6 * n, MATRIX: 2 * 2**n, SPECTRA: len(bipartitions(n, config.largest_side))}
        shown = {name: count for name, count in shown.items() if name in config.unitary_as}
        self.width, self.shown = width, frozenset(shown)
        spectrum = 2 * 2 ** min(n, config.largest_side)
        sizes = {IMAGES: 4**n, MATRIX: 2 * 2**n, SPECTRA: spectrum}
        if IMAGES in shown:
            self.image = nn.Linear(4**n, width)
            self.image_place = nn.Parameter(0.02 * torch.randn(shown[IMAGES], width))
            self.image_features = _features(4**n, share)
        if MATRIX in shown:
            self.line = nn.Linear(2 * 2**n, width)
            self.line_place = nn.Parameter(0.02 * torch.randn(shown[MATRIX], width))
            self.line_features = _features(2 * 2**n, share)
        if SPECTRA in shown:
            self.spectrum_features = _features(spectrum, share)
        features = sum(count * (share or sizes[name]) for name, count in shown.items())
        self.stem = Stem(features, config.stem_width, config.stem_layers, config.summary_tokens * width)
        self.summary_place = nn.Parameter(0.02 * torch.randn(config.summary_tokens, width))
        tokens = shown.get(IMAGES, 0) + shown.get(MATRIX, 0) + config.summary_tokens
        self.absent = nn.Parameter(0.02 * torch.randn(tokens, width))

    def forward(self, unitary: Tensor, images: Tensor, spectra: Tensor, given: Tensor) -> Tensor:
        """Return tokens (targets, tokens, width) of what is shown of a unitary, where it is `given`."""
        tokens, features = [], []
        if IMAGES in self.shown:
            images = images * images.shape[-1] ** 0.5  # rows of unit norm, brought to entries of order one
            tokens.append(self.image(images) + self.image_place)
            features.append(self.image_features(images))
        if MATRIX in self.shown:
            lines = matrix_lines(unitary).to(images.dtype)
            lines = lines * lines.shape[-1] ** 0.5
            tokens.append(self.line(lines) + self.line_place)
            features.append(self.line_features(lines))
        if SPECTRA in self.shown:
            logs = spectra.clamp_min(SPECTRUM_FLOOR).log()
            features.append(self.spectrum_features(torch.cat((4 * spectra, 0.3 * logs), dim=-1)))
        summary = self.stem(torch.cat([part.flatten(1) for part in features], dim=1))
        tokens.append(summary.view(len(images), -1, self.width) + self.summary_place)
        encoded = torch.cat(tokens, dim=1)
        return torch.where(given[:, None, None], encoded, self.absent.to(encoded.dtype))


class StateEncoder(nn.Module):
    """Encodes what is shown of a state: a token a side of a cut, so one a qubit, one a pair, and so on.

    One map serves all, and the place of a token is made of its qubits: networks for larger registers have as many
    weights.
    """

    _on_qubit: Tensor  # (sides, qubits)

    def __init__(self, config: DenoiserConfig) -> None:
        """Set up for the register of `config`."""
        super().__init__()
        n, width = config.num_qubits, config.width
        self.stem = Stem(num_features(n), config.stem_width, config.stem_layers, width)
        self.qubit = nn.Embedding(n, width)
        self.size = nn.Embedding(n // 2 + 1, width)
        self.absent = nn.Parameter(0.02 * torch.randn(width))
        self.register_buffer("_on_qubit", membership(n).float(), persistent=False)

    def forward(self, features: Tensor, given: Tensor) -> Tensor:
        """Return tokens (targets, sides, width) of `state_features`, where they are `given`."""
        place = self._on_qubit @ self.qubit.weight + self.size(self._on_qubit.sum(1).long())
        shown: Tensor = self.stem(features)
        encoded = torch.where(given[:, None, None], shown, self.absent.to(shown.dtype))
        placed: Tensor = encoded + place.to(shown.dtype)
        return placed


def _features(size: int, share: int) -> nn.Module:
    """Map what is shown to the features of it that reach the stem: `share` of them, or all where that is 0."""
    return nn.Linear(size, share) if share else nn.Identity()


class ConditionEncoder(nn.Module):
    """Encodes a condition into tokens; runs once per target."""

    def __init__(self, config: DenoiserConfig) -> None:
        """Set up for the circuits and the conditions of `config`.

        Where all gates are on two qubits, one budget says it all.
        """
        super().__init__()
        width = config.width
        self.config = config
        if UNITARY in config.conditions:
            self.unitary = UnitaryEncoder(config)
        if STATE in config.conditions:
            self.state = StateEncoder(config)
        if RANKS in config.conditions:
            self.rank = nn.Embedding(_RANKS, width)
            self.rank_place = nn.Parameter(0.02 * torch.randn(config.num_qubits, width))
        if TEXT in config.conditions:
            from circuitdiff.models.text import text_encoder

            self.text = text_encoder(config.text_model, config.text_width, config.text_layers)
            self.read = nn.Linear(self.text.width, width)
        self.mask = nn.Linear(len(config.layout.vocabulary), width)
        self.no_mask = nn.Parameter(0.02 * torch.randn(width))
        self.gate_budget = nn.Embedding(config.max_gates + 2, width)
        has_singles = not config.layout.is_entangling[[*config.layout.drawn_tokens]].all()
        self.two_qubit_budget = nn.Embedding(config.max_gates + 2, width) if has_singles else None
        self.layers = nn.ModuleList(
            EncoderLayer(width, config.heads, config.expansion * width) for _ in range(config.encoder_layers)
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, condition: Condition) -> tuple[Tensor, Tensor | None]:
        """Return the memory (targets, memory, width), and what of it is present (targets, memory) bool."""
        mask = self.mask(2 * condition.allowed.to(self.no_mask.dtype) - 1)
        parts = [
            torch.where(condition.mask_given[:, None], mask, self.no_mask.to(mask.dtype))[:, None],
            self.gate_budget(condition.max_gates + 1)[:, None],
        ]
        if self.two_qubit_budget is not None:
            parts.append(self.two_qubit_budget(condition.max_two_qubit + 1)[:, None])
        if condition.unitary is not None and condition.images is not None and condition.spectra is not None:
            shown = condition.unitary, condition.images, condition.spectra
            parts.append(self.unitary(*shown, condition.target_given))
        partly: dict[int, Tensor] = {}  # by part, what of it there is
        if condition.state is not None and condition.state_present is not None:
            partly[len(parts)] = condition.state_present
            parts.append(self.state(condition.state, condition.target_given))
        if RANKS in self.config.conditions:
            ranks = torch.where(condition.ranks_given[:, None], condition.ranks, _RANKS - 1)
            parts.append(self.rank(ranks) + self.rank_place)
        if condition.words is not None and condition.words_present is not None:
            partly[len(parts)] = condition.words_present
            parts.append(self.read(self.text(condition.words, condition.words_present)))
        present = None
        if partly:
            everywhere = (torch.ones(part.shape[:2], dtype=torch.bool, device=mask.device) for part in parts)
            present = torch.cat([partly.get(place, whole) for place, whole in enumerate(everywhere)], dim=1)
        memory = torch.cat([part.to(mask.dtype) for part in parts], dim=1)
        for layer in self.layers:
            memory = layer(memory, present)
        return self.norm(memory), present
