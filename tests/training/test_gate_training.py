"""Training on general circuits: the loop, resuming, and learning by heart."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from circuitdiff.data.gate_mixture import GateMixture
from circuitdiff.data.seeds import Stream
from circuitdiff.errors import InputError
from circuitdiff.generation import CircuitDiffusion
from circuitdiff.models.bundled import read_card
from circuitdiff.models.denoiser import Denoiser
from circuitdiff.training import PRESETS, TrainingConfig, train, training_config
from circuitdiff.training.card import training_command
from circuitdiff.training.losses import losses
from circuitdiff.training.state import STATE_FILE
from circuitdiff.training.streams import make_stream

SHORT = replace(PRESETS["gates-tiny"], steps=6, log_every=3, validate_every=4, precision="fp32", warmup_steps=2)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_makes_a_configuration_that_comes_back(preset: str) -> None:
    config = training_config(preset)
    assert TrainingConfig.from_dict(json.loads(json.dumps(config.as_dict()))) == config


def test_a_resumed_run_equals_an_uninterrupted_one_and_leaves_a_checkpoint(tmp_path: Path) -> None:
    class Stop(Exception):  # noqa: N818 (not an error)
        pass

    def stop(share: float, metrics: dict[str, float]) -> None:
        raise Stop

    train(SHORT, tmp_path / "whole")
    with pytest.raises(Stop):
        train(replace(SHORT, save_every=1e-9), tmp_path / "parts", on_progress=stop)
    assert train(SHORT, tmp_path / "parts").step == 6
    whole, parts = (load_file(tmp_path / name / STATE_FILE) for name in ("whole", "parts"))
    assert whole.keys() == parts.keys()
    assert all(torch.equal(value, parts[name]) for name, value in whole.items())
    loaded = CircuitDiffusion.from_pretrained(tmp_path / "whole" / "checkpoint")
    assert loaded.config == SHORT.model
    card = read_card(tmp_path / "whole" / "checkpoint")
    assert card["gates"] == list(loaded.config.gates)
    assert str(card["sha256"]) in (tmp_path / "whole" / "checkpoint" / "README.md").read_text()


def test_a_run_starts_from_the_weights_of_a_checkpoint(tmp_path: Path) -> None:
    train(SHORT, tmp_path / "first")
    still = replace(SHORT, steps=1, learning_rate=1e-12, final_learning_rate=1e-12, ema_decay=0.0)
    start = str(tmp_path / "first" / "checkpoint")
    train(replace(still, start=start, seed=1), tmp_path / "second")
    first, second = (load_file(tmp_path / name / "checkpoint" / "model.safetensors") for name in ("first", "second"))
    for name, value in first.items():
        torch.testing.assert_close(value, second[name], atol=1e-3, rtol=1e-3)
    with pytest.raises(InputError, match="no checkpoint 'nowhere'"):
        train(replace(SHORT, start="nowhere"), tmp_path / "third")


def test_the_card_names_the_command_of_a_preset() -> None:
    config = training_config("gates-3q", {"seconds": "600", "seed": "4"})
    assert training_command(config) == "`circuitdiff train --preset gates-3q --minutes 10 --seed 4`"
    assert "its own" in training_command(replace(config, learning_rate=0.5))


def test_a_mixture_of_another_layout_is_refused() -> None:
    with pytest.raises(InputError, match="different kinds"):
        replace(PRESETS["tiny"], mixture=GateMixture())


def test_a_few_circuits_are_learned_by_heart() -> None:
    torch.manual_seed(0)
    config = replace(SHORT, batch_size=8)
    model, layout = Denoiser(config.model), config.model.layout
    batch = make_stream(config, Stream.TRAINING).batch(0)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    generator = torch.Generator().manual_seed(0)
    totals = []
    for _ in range(200):
        total = losses(model, batch, config.objective, layout, generator).total(config.objective)
        torch.autograd.backward(total)
        optimizer.step()
        optimizer.zero_grad()
        totals.append(float(total.detach()))
    assert sum(totals[-10:]) < 0.4 * sum(totals[:10])
