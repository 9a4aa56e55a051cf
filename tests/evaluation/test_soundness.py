"""A result that is not sound makes the exit code of every suite 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.cli.main import cli
from circuitdiff.evaluation import ablation, deep
from circuitdiff.evaluation.bench import BenchReport
from circuitdiff.evaluation.papers import masks
from circuitdiff.evaluation.papers.protocol import Row
from circuitdiff.evaluation.papers.report import PapersReport
from circuitdiff.evaluation.states import StatesReport
from circuitdiff.numerics.ansatz import Ansatz
from circuitdiff.numerics.multi_start import AnsatzFit


def exit_code(*arguments: object) -> int:
    return int(cli.main([str(argument) for argument in arguments], standalone_mode=False))


def test_deep_counts_no_circuit_that_simulation_does_not_confirm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deep, "_reaches", lambda *_: Circuit.from_gates(3, [("cz", (0, 1), ())]))
    report = deep.run_deep(limit=1, lengths=(2,), work=1e6)
    assert not report.is_sound
    assert report.rows[0].unsound == 2
    assert set(report.rows[0].solved.values()) == {0}


def test_ablation_counts_no_fit_that_simulation_does_not_confirm(monkeypatch: pytest.MonkeyPatch) -> None:
    def pretend(target: Any, starts: Any, **_: Any) -> AnsatzFit:
        return AnsatzFit(Ansatz(3, ((0, 1),), np.zeros(13)), 0.0)

    monkeypatch.setattr(ablation, "multi_start", pretend)
    report = ablation.run_ablation(limit=1, lengths=(2,), angle_lengths=())
    assert not report.is_sound
    assert set(report.structures[0].solved["model"]) == {0}


def test_a_broken_mask_makes_the_papers_suite_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masks, "SAMPLES", 1)
    monkeypatch.setattr(masks, "breaks", lambda *_: True)
    assert exit_code("bench", "papers", "--only", "mask_violations", "--targets", 1) == 1


def test_a_figure_that_is_none_makes_the_papers_suite_fail() -> None:
    assert PapersReport({"row": Row(0.5, 1, 1, 0.1, None, 0)}).is_sound
    assert not PapersReport({"row": Row(float("nan"), 1, 1, 0.1, None, 0)}).is_sound


@dataclass
class _Outcome:
    failure: str | None
    is_exact: bool


@dataclass
class _Line:
    outcomes: dict[str, _Outcome]


@pytest.mark.parametrize("is_exact", [True, False])
def test_an_inexact_circuit_of_ours_makes_the_other_suites_fail(is_exact: bool) -> None:
    line = _Line({"circuitdiff": _Outcome(None if is_exact else "not exact", is_exact)})
    assert BenchReport({}, {}, (), (line,), "").is_sound is is_exact  # type: ignore[arg-type]
    assert StatesReport({}, {}, (line,)).is_sound is is_exact  # type: ignore[arg-type]
