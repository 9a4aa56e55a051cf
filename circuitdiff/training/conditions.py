"""What the network is shown of a batch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from circuitdiff.circuits.layout import Layout
from circuitdiff.data.stream import CircuitBatch
from circuitdiff.models.condition import Condition
from circuitdiff.training.specs import prompts_of


def condition_of(
    batch: CircuitBatch,
    target_given: Tensor,
    layout: Layout,
    text_given: float,
    generator: torch.Generator,
    text_model: str = "",
) -> Condition:
    """Return the condition shown with a batch.

    Args:
        batch: of `layout`.
        target_given: (batch,) bool.
        layout: of the network.
        text_given: share of the circuits described in words; 0 for a network that does not read.
        generator: of the device of `batch`.
        text_model: folder of the text encoder, "" for the network's own.
    """
    words, present = _words(batch, layout, text_given, generator, text_model) if text_given else (None, None)
    return Condition(
        unitary=batch.unitary,
        images=batch.images,
        spectra=batch.spectra,
        target_given=target_given,
        ranks=batch.ranks,
        ranks_given=batch.ranks_given,
        words=words,
        words_present=present,
        allowed=batch.allowed,
        mask_given=batch.mask_given,
        max_gates=batch.max_gates,
        max_two_qubit=batch.max_two_qubit,
        state=batch.state,
        state_present=batch.state_present,
    )


def _words(
    batch: CircuitBatch, layout: Layout, text_given: float, generator: torch.Generator, text_model: str
) -> tuple[Tensor, Tensor]:
    """Return token ids (batch, words) int64 of prompts, and where there are words (batch, words) bool."""
    from circuitdiff.models.text import tokenize

    device = batch.tokens.device
    seed = torch.randint(2**31, (1,), generator=generator, device=device)
    words, present = tokenize(prompts_of(batch, layout, np.random.default_rng(int(seed))), text_model)
    given = torch.rand(len(batch), 1, generator=generator, device=device) < text_given
    return words.to(device), present.to(device) & given
