"""What the network is shown of a batch."""

from __future__ import annotations

import torch
from torch import Tensor

from circuitdiff.circuits.gate_layout import GateLayout
from circuitdiff.circuits.skeleton import Skeleton
from circuitdiff.data.gate_stream import GateBatch
from circuitdiff.data.stream import CircuitBatch
from circuitdiff.models.condition import Condition
from circuitdiff.models.gate_condition import GateCondition

Layout = Skeleton | GateLayout


def condition_of(
    batch: CircuitBatch | GateBatch,
    unitary_given: Tensor,
    layout: Layout,
    text_given: float,
    generator: torch.Generator,
) -> Condition | GateCondition:
    """Return the condition shown with a batch.

    Args:
        batch: of either layout.
        unitary_given: (batch,) bool.
        layout: of the batch.
        text_given: share of the circuits described in words, where the network reads text.
        generator: of the device of `batch`.
    """
    if isinstance(batch, CircuitBatch):
        return Condition(
            images=batch.images,
            spectra=batch.spectra,
            unitary_given=unitary_given,
            allowed=batch.allowed,
            mask_given=batch.mask_given,
            budget=batch.budget,
        )
    return GateCondition(
        images=batch.images,
        spectra=batch.spectra,
        unitary_given=unitary_given,
        ranks=batch.ranks,
        ranks_given=batch.ranks_given,
        words=None,
        words_present=None,
        allowed=batch.allowed,
        mask_given=batch.mask_given,
        max_gates=batch.max_gates,
        max_two_qubit=batch.max_two_qubit,
    )
