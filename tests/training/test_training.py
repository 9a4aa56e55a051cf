"""Configurations, the loop, and resuming."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from circuitdiff.data.stream import CircuitStream
from circuitdiff.errors import InputError
from circuitdiff.generation import CircuitDiffusion
from circuitdiff.models.bundled import read_card
from circuitdiff.models.checkpoint import WEIGHTS_FILE
from circuitdiff.models.denoiser import Denoiser
from circuitdiff.training import PRESETS, TrainingConfig, train, training_config
from circuitdiff.training.loop import learning_rate
from circuitdiff.training.losses import losses
from circuitdiff.training.metrics import METRICS_FILE
from circuitdiff.training.state import STATE_FILE

SHORT = replace(PRESETS["tiny"], steps=6, log_every=2, validate_every=4, precision="fp32", warmup_steps=2)


def test_presets_and_overrides_make_a_configuration() -> None:
    config = training_config("tiny", {"batch_size": "8", "objective.angle_weight": "2", "precision": "fp32"})
    assert (config.batch_size, config.objective.angle_weight, config.precision) == (8, 2.0, "fp32")
    assert TrainingConfig.from_dict(json.loads(json.dumps(config.as_dict()))) == config


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"colour": "1"}, "unknown key 'colour'"),
        ({"model.colour": "1"}, "unknown key 'colour'"),
        ({"batch_size": "many"}, "not of type int"),
        ({"batch_size": "0"}, "below 1"),
        ({"precision": "fp8"}, "neither bf16 nor fp32"),
        ({"optimizer": "sgd"}, "neither muon nor adamw"),
        ({"compile": "1"}, "not of type bool"),
        ({"model": "3"}, "not of type"),
    ],
)
def test_bad_overrides_are_refused(overrides: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        training_config("tiny", overrides)


def test_unknown_presets_are_refused() -> None:
    with pytest.raises(InputError, match="unknown training preset 'huge'"):
        training_config("huge")


def test_learning_rate_warms_up_and_decays_to_its_end() -> None:
    config = training_config("small")
    assert learning_rate(config, 0, 0.0) < 0.01 * config.learning_rate
    assert learning_rate(config, config.warmup_steps, 0.0) == pytest.approx(config.learning_rate)
    assert learning_rate(config, 10**6, 1.0) == pytest.approx(config.final_learning_rate)


def test_a_run_writes_state_metrics_and_a_checkpoint(tmp_path: Path) -> None:
    report = train(SHORT, tmp_path)
    assert (report.step, report.circuits) == (6, 6 * SHORT.batch_size)
    records = [json.loads(line) for line in (tmp_path / METRICS_FILE).read_text().splitlines()]
    assert [record["step"] for record in records] == [2, 4, 4, 6, 6]
    assert all(math.isfinite(value) for record in records for value in record.values())
    loaded = CircuitDiffusion.from_pretrained(tmp_path / "checkpoint")
    assert loaded.model.config == SHORT.model
    card = read_card(tmp_path / "checkpoint")
    assert card["sha256"] == hashlib.sha256((tmp_path / "checkpoint" / WEIGHTS_FILE).read_bytes()).hexdigest()
    assert card["circuits"] == report.circuits
    assert str(card["sha256"]) in (tmp_path / "checkpoint" / "README.md").read_text()


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path: Path, optimizer: str) -> None:
    # The rate depends on the length of the run, so the interrupted one is stopped from outside.
    config = replace(SHORT, optimizer=optimizer)
    train(config, tmp_path / "whole")

    class Stop(Exception):  # noqa: N818 (not an error)
        pass

    def stop(share: float, metrics: dict[str, float]) -> None:
        raise Stop

    every_step = replace(config, save_every=1e-9, log_every=3)
    with pytest.raises(Stop):
        train(every_step, tmp_path / "parts", on_progress=stop)
    resumed = train(config, tmp_path / "parts")
    assert resumed.step == 6
    whole, parts = (load_file(tmp_path / name / STATE_FILE) for name in ("whole", "parts"))
    assert whole.keys() == parts.keys()
    for name, value in whole.items():
        assert torch.equal(value, parts[name]), name


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    report = train(SHORT, tmp_path / "dry", dry_run=True)
    assert report.step == 1
    assert not (tmp_path / "dry").exists()


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    train(replace(SHORT, steps=1), tmp_path)
    state = tmp_path / STATE_FILE
    state.write_bytes(state.read_bytes()[:1000])
    with pytest.raises(InputError, match="cannot resume"):
        train(SHORT, tmp_path)


def test_a_state_of_another_network_is_refused(tmp_path: Path) -> None:
    train(replace(SHORT, steps=1), tmp_path)
    with pytest.raises(InputError, match="cannot resume"):
        train(replace(SHORT, model=replace(SHORT.model, width=16)), tmp_path)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_an_absent_device_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not available"):
        train(replace(SHORT, device="cuda"), tmp_path)


def test_losses_fall_when_a_few_circuits_are_learned_by_heart() -> None:
    torch.manual_seed(0)
    model, layout = Denoiser(SHORT.model), SHORT.model.layout
    batch = CircuitStream(layout, 8, 0, SHORT.mixture).batch(0)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    generator = torch.Generator().manual_seed(0)
    totals = []
    for _ in range(150):
        total = losses(model, batch, SHORT.objective, layout, generator).total(SHORT.objective)
        torch.autograd.backward(total)
        optimizer.step()
        optimizer.zero_grad()
        totals.append(float(total.detach()))
    assert sum(totals[-10:]) < 0.4 * sum(totals[:10])
