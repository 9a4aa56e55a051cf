"""One step of the reverse process: which masked gates become known, and what they are."""

from __future__ import annotations

import torch
from torch import Tensor

from circuitdiff.circuits.vocabulary import MASK
from circuitdiff.generation.constraint import Constraint, token_log_probabilities
from circuitdiff.generation.samplers.sampler import Schedule


def unmask(
    tokens: Tensor,
    logits: Tensor,
    constraint: Constraint,
    schedule: Schedule,
    steps_left: int,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Reveal the share 1 / `steps_left` of the masked positions.

    Args:
        tokens: (targets, circuits, gates) int64.
        logits: (targets, circuits, gates, vocabulary) of the network.
        constraint: what must hold.
        schedule: temperature and order.
        steps_left: this step among them.
        generator: of the device of `tokens`.

    Returns:
        The tokens, and the log-probabilities (targets, circuits) of what was revealed.
    """
    scores = token_log_probabilities(logits / schedule.temperature, constraint.allowed[:, None, None])
    drawn = _draw(scores, generator)
    masked = tokens == MASK
    if schedule.left_to_right:
        revealed = masked & (masked.cumsum(-1) <= -(-masked.sum(-1, keepdim=True) // steps_left))
    else:
        revealed = most_confident(_of(scores, drawn), masked, steps_left, generator)
    taken = constraint.entangling[tokens].sum(-1, keepdim=True)
    entangler = revealed & constraint.entangling[drawn]
    over = entangler & (entangler.cumsum(-1) + taken > constraint.max_two_qubit)
    if bool(over.any()):
        singles = _draw(scores.masked_fill(~constraint.singles[:, None, None], -torch.inf), generator)
        drawn = torch.where(over, singles, drawn)
    gained = torch.where(revealed, _of(scores, drawn), 0.0).sum(-1)
    return torch.where(revealed, drawn, tokens), gained


def most_confident(confidence: Tensor, masked: Tensor, steps_left: int, generator: torch.Generator) -> Tensor:
    """Choose the share of masked positions to reveal now, by log-probability plus Gumbel noise that fades."""
    shape, device = confidence.shape, confidence.device
    noise = torch.rand(shape, generator=generator, dtype=torch.float32, device=device).clamp_min(1e-9)
    gumbel = -(-noise.log()).log() * (1 - 1 / steps_left)
    order = (confidence + gumbel).masked_fill(~masked, -torch.inf).argsort(dim=-1, descending=True)
    rank = order.argsort(dim=-1)
    wanted = -(-masked.sum(-1, keepdim=True) // steps_left)  # rounded up
    return (rank < wanted) & masked


def _draw(scores: Tensor, generator: torch.Generator) -> Tensor:
    weights = scores.softmax(-1).flatten(0, -2)
    return torch.multinomial(weights, 1, generator=generator).view(scores.shape[:-1])


def _of(scores: Tensor, drawn: Tensor) -> Tensor:
    return torch.gather(scores, -1, drawn[..., None])[..., 0]
