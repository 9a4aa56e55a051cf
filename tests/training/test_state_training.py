"""Training a network that is shown states."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from circuitdiff.data.seeds import Stream
from circuitdiff.models.checkpoint import load_checkpoint
from circuitdiff.models.denoiser import Denoiser
from circuitdiff.training import PRESETS, train
from circuitdiff.training.conditions import condition_of
from circuitdiff.training.streams import make_stream

SHORT = replace(PRESETS["states-tiny"], steps=40, log_every=20, validate_every=40, precision="fp32", warmup_steps=2)


def test_a_few_steps_learn_something_and_leave_a_checkpoint(tmp_path: Path) -> None:
    begun = train(replace(SHORT, steps=1), tmp_path / "begun")
    report = train(SHORT, tmp_path / "run")
    assert report.validation["validation_structure"] < begun.validation["validation_structure"]
    model = load_checkpoint(tmp_path / "run" / "checkpoint")
    assert model.config == SHORT.model
    assert "state" in (tmp_path / "run" / "checkpoint" / "README.md").read_text()


def test_a_state_makes_a_difference_and_absent_sides_make_none(tmp_path: Path) -> None:

    torch.manual_seed(0)
    model = Denoiser(SHORT.model).eval()
    batch = make_stream(SHORT, Stream.TRAINING).batch(0)
    assert batch.state is not None
    assert batch.state_present is not None
    source, given = torch.Generator(), torch.ones(len(batch), dtype=torch.bool)

    def looked_at(state: torch.Tensor) -> torch.Tensor:
        shown = condition_of(replace(batch, state=state), given, SHORT.model.layout, 0.0, source)
        tokens = torch.ones(len(batch), 1, SHORT.model.max_gates, dtype=torch.int64)
        with torch.no_grad():
            logits: torch.Tensor = model(tokens, None, None, model.encode(shown))[0]
        return logits

    seen = looked_at(batch.state)
    absent = torch.where(batch.state_present[..., None], batch.state, 7.0)
    assert torch.allclose(looked_at(absent), seen, atol=1e-5)
    assert not torch.allclose(looked_at(batch.state.flip(0)), seen, atol=1e-3)
