"""The training objective: both modes of a batch, from one encoding of its conditions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from circuitdiff.circuits.layout import NOT_GIVEN, Layout
from circuitdiff.data.stream import CircuitBatch
from circuitdiff.diffusion.circle import flow_loss, noisy_angles, uniform_angles
from circuitdiff.diffusion.masked import mask_tokens, masked_cross_entropy, stratified_times
from circuitdiff.models.denoiser import Denoiser, EncodedCondition
from circuitdiff.training.conditions import condition_of


@dataclass(frozen=True)
class Objective:
    """How noise is drawn and losses are weighed."""

    structure_copies: int = 4  # noisy structures without angles, for each encoded target
    angle_copies: int = 1  # noisy angles, with their structure, for each encoded target; none without angles
    joint_share: float = 0.25  # of the angle copies: those whose structure is noisy too
    target_dropped: float = 0.07
    text_given: float = 0.0  # share of the targets described in words; above 0 just where the network reads
    angle_weight: float = 1.0


class Losses(NamedTuple):
    """Mean losses of a batch."""

    structure: Tensor  # nats a masked token
    joint: Tensor  # the same, with noisy angles shown
    angle: Tensor  # squared velocity error in units of pi^2

    def total(self, objective: Objective) -> Tensor:
        """Return what is minimised."""
        return self.structure + 0.25 * self.joint + objective.angle_weight * self.angle


def losses(
    model: Denoiser,
    batch: CircuitBatch,
    objective: Objective,
    layout: Layout,
    generator: torch.Generator,
) -> Losses:
    """Draw noise for a batch and return its losses."""
    draw = torch.rand(len(batch), generator=generator, device=generator.device)
    condition = condition_of(
        batch, draw >= objective.target_dropped, layout, objective.text_given, generator, model.config.text_model
    )
    encoded = model.encode(condition)
    structure = _structure_loss(model, batch, encoded, objective, layout, generator)
    joint, angle = _angle_losses(model, batch, encoded, objective, layout, generator)
    return Losses(structure, joint, angle)


def unknown_positions(budget: Tensor, layout: Layout) -> Tensor:
    """Return (batch, max_gates) bool: positions that the budget does not already say are PAD."""
    limit = torch.where(budget == NOT_GIVEN, layout.max_gates, budget)
    return torch.arange(layout.max_gates, device=budget.device) < limit[:, None]


def _structure_loss(
    model: Denoiser,
    batch: CircuitBatch,
    encoded: EncodedCondition,
    objective: Objective,
    layout: Layout,
    generator: torch.Generator,
) -> Tensor:
    copies = objective.structure_copies
    tokens = batch.tokens[:, None, : layout.max_gates].expand(-1, copies, -1)
    eligible = unknown_positions(batch.max_gates, layout)[:, None].expand_as(tokens)
    noisy, masked = mask_tokens(tokens, stratified_times(len(batch), copies, generator), eligible, generator)
    logits, _ = model(noisy, None, None, encoded)
    return masked_cross_entropy(logits, tokens, masked)


def _angle_losses(
    model: Denoiser,
    batch: CircuitBatch,
    encoded: EncodedCondition,
    objective: Objective,
    layout: Layout,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    copies = objective.angle_copies
    if copies == 0:
        nothing = torch.zeros((), device=batch.tokens.device)
        return nothing, nothing
    tokens = batch.tokens[:, None].expand(-1, copies, -1)
    joint = torch.rand(tokens.shape[:2], generator=generator, device=tokens.device) < objective.joint_share
    eligible = torch.zeros_like(tokens, dtype=torch.bool)
    eligible[..., : layout.max_gates] = unknown_positions(batch.max_gates, layout)[:, None]
    masking_time = stratified_times(len(batch), copies, generator)
    noisy, masked = mask_tokens(tokens, masking_time, eligible & joint[..., None], generator)
    clean = batch.params[:, None].expand(-1, copies, -1, -1)
    time = 1 - stratified_times(len(batch), copies, generator)
    angles, velocity = noisy_angles(clean, uniform_angles(tuple(clean.shape), generator), time)
    logits, predicted = model(noisy, angles, time, encoded)
    present = angle_mask(layout, tokens.device)[tokens]
    return masked_cross_entropy(logits, tokens, masked), flow_loss(predicted, velocity, present)


@lru_cache
def angle_mask(layout: Layout, device: torch.device | str = "cpu") -> Tensor:
    """Return (vocabulary, MAX_PARAMS) bool: which angles each token has."""
    return torch.from_numpy(layout.has_angle).to(device)
