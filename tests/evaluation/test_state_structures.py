"""``bench state-structures``: both arms get the same targets, lengths and work."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from circuitdiff.errors import InputError
from circuitdiff.evaluation import state_structures
from circuitdiff.evaluation.state_structures import BLIND, MODEL, run_state_structures, structured_states
from circuitdiff.evaluation.state_suite import StateTarget, sparse
from tests.generation.test_states import SMALL_STATES
from tests.small_models import small_model

GHZ = StateTarget("ghz-4", "ghz", sparse({0: 1, 15: 1}, 4), textbook=3)
HALF_FREE = StateTarget("free", "free", sparse({0: 1, 3: 1}, 4), textbook=1)


def test_states_are_normalised_and_distinct_by_seed() -> None:
    first, second = (list(structured_states((4, 5), 2, seed)) for seed in (0, 1))
    assert {target.num_qubits for target in first} == {4, 5}
    assert all(np.linalg.norm(target.amplitudes) == pytest.approx(1) for target in first)
    assert len({target.name for target in first}) == len(first)
    assert any(not np.allclose(a.amplitudes, b.amplitudes) for a, b in zip(first, second, strict=True))


def test_both_arms_are_measured_on_states_without_separable_qubits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_model(SMALL_STATES).save_pretrained(tmp_path / "states")
    monkeypatch.setattr(state_structures, "structured_states", lambda *_: [GHZ, HALF_FREE])
    report = run_state_structures(model=str(tmp_path / "states"), qubits=(4,), work=1e8)
    assert [(row.family, row.targets) for row in report.rows] == [("ghz", 1)]
    assert report.rows[0].solved[BLIND] == 1
    assert set(report.rows[0].solved) == {MODEL, BLIND}
    assert "blind solved" in report.table()
    assert report.as_dict()["rows"][0]["family"] == "ghz"


def test_a_model_for_the_registers_is_needed(tmp_path: Path) -> None:
    small_model(SMALL_STATES).save_pretrained(tmp_path / "states")
    with pytest.raises(InputError, match="no model of states of"):
        run_state_structures(model=str(tmp_path / "states"), qubits=(9,))
