"""Checkpoints come back as they were, and bad ones are one-line errors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from circuitdiff.errors import InputError
from circuitdiff.generation import CircuitDiffusion
from circuitdiff.models.checkpoint import CONFIG_FILE, WEIGHTS_FILE, load_checkpoint, resolve_checkpoint
from circuitdiff.models.config import DenoiserConfig
from tests.small_models import SMALL, small_model


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    small_model().save_pretrained(tmp_path / "saved")
    return tmp_path / "saved"


def test_a_saved_model_comes_back_to_half_precision(saved: Path) -> None:
    original, loaded = small_model(), CircuitDiffusion.from_pretrained(saved)
    assert loaded.model.config == SMALL
    assert loaded.name == "saved"
    for name, value in original.model.state_dict().items():
        assert torch.equal(loaded.model.state_dict()[name], value.half().float())


def test_a_loaded_model_proposes_what_the_saved_one_did(saved: Path) -> None:
    loaded = CircuitDiffusion.from_pretrained(saved)
    loaded.save_pretrained(saved.parent / "again")
    again = CircuitDiffusion.from_pretrained(saved.parent / "again")
    unitary = np.eye(8, dtype=np.complex128)
    assert loaded.propose(unitary) == again.propose(unitary)


def test_files_are_readable_by_all(saved: Path) -> None:
    for name in (CONFIG_FILE, WEIGHTS_FILE):
        assert (saved / name).stat().st_mode & 0o444 == 0o444


@pytest.mark.parametrize("keep", [0, 7, 100, 5000])
def test_truncated_weights_are_refused(saved: Path, keep: int) -> None:
    weights = saved / WEIGHTS_FILE
    weights.write_bytes(weights.read_bytes()[:keep])
    with pytest.raises(InputError, match="cannot be read") as caught:
        load_checkpoint(saved)
    assert "\n" not in str(caught.value)


def test_missing_weights_are_refused(saved: Path) -> None:
    (saved / WEIGHTS_FILE).unlink()
    with pytest.raises(InputError, match="lacks"):
        load_checkpoint(saved)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"color": 3}, "unknown key 'color'"),
        ({"model_type": "gpt2"}, "model_type"),
        ({"width": 15}, "multiple of heads"),
        ({"width": -16}, "not a positive integer"),
        ({"width": 32}, "cannot be read"),
        ({"num_qubits": 40}, "not 2 to 5"),
    ],
)
def test_bad_configurations_are_refused(saved: Path, change: dict[str, object], message: str) -> None:
    config = json.loads((saved / CONFIG_FILE).read_text())
    (saved / CONFIG_FILE).write_text(json.dumps(config | change))
    with pytest.raises(InputError, match=message) as caught:
        load_checkpoint(saved)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00"])
def test_damaged_configurations_are_refused(saved: Path, text: str) -> None:
    (saved / CONFIG_FILE).write_text(text)
    with pytest.raises(InputError):
        load_checkpoint(saved)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(InputError, match="no checkpoint 'nonesuch'"):
        resolve_checkpoint("nonesuch")


def test_configuration_round_trip() -> None:
    assert DenoiserConfig.from_dict(SMALL.as_dict()) == SMALL
