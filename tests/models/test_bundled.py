"""The checkpoints that come with the package."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from circuitdiff import CircuitDiffusion
from circuitdiff.models.bundled import bundled_checkpoints, read_card
from circuitdiff.models.checkpoint import DEFAULT_CHECKPOINT, WEIGHTS_FILE

BUNDLED = bundled_checkpoints()


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_checkpoint_loads_and_is_what_its_card_says(name: str) -> None:
    weights = BUNDLED[name] / WEIGHTS_FILE
    card = read_card(BUNDLED[name])
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == card["sha256"]
    assert weights.stat().st_size <= 16 << 20
    model = CircuitDiffusion.from_pretrained(name)
    assert model.name == name
    assert model.model.num_parameters() == card["parameters"]
    assert str(card["sha256"]) in (BUNDLED[name] / "README.md").read_text()


def test_bundled_checkpoints_are_small_together() -> None:
    assert sum((folder / WEIGHTS_FILE).stat().st_size for folder in BUNDLED.values()) <= 40 << 20


def test_the_default_checkpoint_proposes_what_it_always_did() -> None:
    toffoli = np.eye(8)[[0, 1, 2, 7, 4, 5, 6, 3]].astype(np.complex128)
    model = CircuitDiffusion.from_pretrained(DEFAULT_CHECKPOINT)
    (first, score), (second, other), *_ = model.propose(toffoli, search=True, num_samples=3)
    assert first == ((1, 2), (0, 2), (1, 2), (0, 1), (0, 1), (0, 2))
    assert second == ((0, 2), (1, 2), (0, 2), (0, 1), (0, 1), (1, 2))
    assert [score, other] == pytest.approx([-0.6057, -0.8193], abs=2e-3)
    angles = model.propose_angles(toffoli, [((0, 1), (1, 2))])[0][0]
    assert angles[:3] == pytest.approx([1.6196, 0.0275, 0.0193], abs=2e-3)
