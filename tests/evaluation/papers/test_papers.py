from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from circuitdiff.circuits.gate_sets import PRESETS
from circuitdiff.errors import InputError
from circuitdiff.evaluation.papers.bench import PROTOCOLS, run_papers
from circuitdiff.models.config import RANKS, UNITARY
from tests.small_gate_models import SMALL_GATES, small_gate_model
from tests.small_models import SMALL, small_model

BOTH = tuple(dict.fromkeys(PRESETS["genqc-discrete"] + PRESETS["genqc-continuous"]))
OF_UNITARIES = replace(SMALL_GATES, gates=BOTH, max_gates=16, conditions=(UNITARY,))
MODELS = {
    "ansatz": lambda: small_model(replace(SMALL, max_gates=8)),
    "general": lambda: small_gate_model(OF_UNITARIES),
    "larger": lambda: small_gate_model(replace(OF_UNITARIES, num_qubits=5)),
    "ranks": lambda: small_gate_model(
        replace(SMALL_GATES, gates=("h", "cx"), max_gates=6, num_qubits=8, conditions=(RANKS,))
    ),
}
FIELDS = {"value", "targets", "samples", "seconds", "model", "seed"}
ROWS = [
    ("discrete_3q", "general"),
    ("discrete_4q", "larger"),
    ("discrete_5q", "larger"),
    ("srv_3to5", "ranks"),
    ("srv_6to8", "ranks"),
    ("multimodal_4q_raw", "larger"),
    ("multimodal_4q_searched", "larger"),
    ("multimodal_3q_refined", "ansatz"),
    ("multimodal_3q_refined", "general"),
    ("multimodal_4q_refined", "larger"),
    ("multimodal_5q_refined", "larger"),
    ("qft4", "larger"),
    ("angles_8cx", "ansatz"),
    ("ablation_ratio", "ansatz"),
    ("mask_violations", "general"),
    ("line_mask_ratio", "ansatz"),
    ("editing", "general"),
    ("seconds_64_samples", "general"),
    ("seconds_64_samples", "ansatz"),
]


@pytest.fixture(autouse=True)
def nothing_bundled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows depend on the models of these tests alone."""
    for module in ("generation.model_selection", "evaluation.papers.registry"):
        monkeypatch.setattr(f"circuitdiff.{module}.bundled_checkpoints", dict)


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for name, made in MODELS.items():
        made().save_pretrained(folder / name)
    return folder


@pytest.mark.parametrize(
    ("key", "kind"), [pytest.param(*row, marks=[pytest.mark.slow] * (row[0] == "ablation_ratio")) for row in ROWS]
)
def test_row_is_a_figure_with_its_protocol_for_a_model_that_fits(key: str, kind: str, checkpoints: Path) -> None:
    told = json.loads(json.dumps(run_papers(key, 2, 5, str(checkpoints / kind)).as_dict(), allow_nan=False))
    assert list(told) == [key]
    assert told[key].keys() >= FIELDS >= told[key].keys() - {"reason"}
    assert math.isfinite(told[key]["value"])
    assert kind in told[key]["model"]
    assert told[key]["seed"] == 5
    assert min(told[key]["targets"], told[key]["samples"], told[key]["seconds"]) > 0


def test_rows_cover_every_protocol_that_needs_a_model() -> None:
    assert set(PROTOCOLS) - {key for key, _ in ROWS} == {"stream_3q"}


def test_stream_needs_no_model() -> None:
    row = run_papers("stream_3q", 1).rows["stream_3q"]
    assert row.value is not None
    assert row.value > 0
    assert row.model is None


def test_row_without_a_model_that_fits_says_so() -> None:
    row = run_papers("qft4").rows["qft4"]
    assert row.value is None
    assert "no installed checkpoint makes circuits on 4 qubits" in (row.reason or "")


def test_named_model_serves_only_where_it_fits(checkpoints: Path) -> None:
    rows = run_papers("qft4", 1, 0, str(checkpoints / "general")).rows
    assert rows["qft4"].value is None


def test_register_without_a_model_is_left_to_the_compiler(checkpoints: Path) -> None:
    row = run_papers("multimodal_4q_refined", 1, 0, str(checkpoints / "ansatz")).rows["multimodal_4q_refined"]
    assert row.value is not None
    assert "no checkpoint proposes circuits on 4 qubits" in (row.reason or "")


def test_same_seed_gives_the_same_figure(checkpoints: Path) -> None:
    first, second = (run_papers("srv_3to5", 4, 1, str(checkpoints / "ranks")).rows["srv_3to5"] for _ in range(2))
    assert replace(first, seconds=0.0) == replace(second, seconds=0.0)


def test_unknown_key_and_missing_checkpoint_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no protocol 'nothing'; there are discrete_3q"):
        run_papers("nothing")
    with pytest.raises(InputError, match="no checkpoint"):
        run_papers("qft4", model=str(tmp_path / "nowhere"))


def test_table_has_every_row_and_reason(checkpoints: Path) -> None:
    report = run_papers("seconds_64_samples", 1, 0, str(checkpoints / "ansatz"))
    assert "seconds_64_samples: circuits of dressed CZ" in report.table()
    assert report.is_sound
