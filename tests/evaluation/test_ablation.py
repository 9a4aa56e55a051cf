from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.layout import ansatz_layout
from circuitdiff.errors import InputError
from circuitdiff.evaluation.ablation import first_solved, run_ablation, uniform_counterparts
from circuitdiff.evaluation.ablation_report import AblationReport, AnglesRow, StructuresRow
from circuitdiff.evaluation.held_out import ORIGINS, held_out, is_irreducible, task_for
from circuitdiff.numerics.ansatz import Ansatz
from circuitdiff.numerics.multi_start import random_start
from tests.small_models import small_model

LINE = parse_coupling("line", 3)
LAYOUT = ansatz_layout(3, 6)
STRUCTURES = [((0, 1), (1, 2)), ((0, 1),), ((1, 2), (0, 1), (1, 2)), ((1, 2), (1, 2))]


def some_task(seed: int = 0):  # noqa: ANN201
    (circuit,) = held_out("haar", 3, 1, LAYOUT, LINE, seed)
    return task_for(circuit.circuit().unitary(), LINE)


def test_blind_counterparts_have_the_same_lengths_and_are_distinct() -> None:
    drawn = uniform_counterparts(some_task(), STRUCTURES, np.random.default_rng(0))
    assert list(map(len, drawn)) == list(map(len, STRUCTURES))
    assert len(set(drawn)) == len(STRUCTURES)
    assert all(LINE.allows(pairs) for pairs in drawn)


def test_blind_counterparts_look_at_neither_target_nor_structures() -> None:
    others = [tuple((1, 2) if pair == (0, 1) else (0, 1) for pair in pairs) for pairs in STRUCTURES]
    drawn = uniform_counterparts(some_task(0), STRUCTURES, np.random.default_rng(7))
    assert drawn == uniform_counterparts(some_task(1), others, np.random.default_rng(7))


def test_blind_counterparts_repeat_no_coupling_more_than_three_times() -> None:
    drawn = uniform_counterparts(some_task(), [((0, 1), (1, 2)) * 4] * 60, np.random.default_rng(0))
    assert not any(len(set(pairs[i : i + 4])) == 1 for pairs in drawn for i in range(5))


def test_blind_counterparts_stop_where_no_more_exist() -> None:
    assert len(uniform_counterparts(some_task(), [((0, 1),)] * 5, np.random.default_rng(0))) == 2


@pytest.mark.parametrize("origin", ORIGINS)
def test_held_out_circuits_have_the_length_fit_the_map_and_need_every_entangler(origin: str) -> None:
    circuits = held_out(origin, 3, 4, LAYOUT, LINE, seed=0)
    assert len(circuits) == 4
    for circuit in circuits:
        assert len(circuit.pairs) == 3
        assert LINE.allows(circuit.pairs)
        assert is_irreducible(circuit, LINE, np.random.default_rng(0))


def test_circuit_with_an_entangler_too_many_is_reducible() -> None:
    rng = np.random.default_rng(0)
    four_on_a_pair = random_start(((0, 1),) * 4 + ((1, 2),), 3, "cz", rng)
    assert not is_irreducible(four_on_a_pair, LINE, rng)


def test_first_solved_is_the_number_of_the_structure_that_reaches_the_target() -> None:
    rng = np.random.default_rng(0)
    circuit = random_start(((0, 1), (1, 2)), 3, "cz", rng)
    task = task_for(circuit.circuit().unitary(), LINE)
    structures = [((1, 2), (1, 2)), ((0, 1),), circuit.pairs]

    def starts(index: int) -> list[Ansatz]:
        return [random_start(structures[index], 3, "cz", rng) for _ in range(4)]

    assert first_solved(task, structures, starts) == 3
    assert first_solved(task, structures[:2], starts) is None


def test_ablation_gives_every_arm_the_same_targets_and_is_plain_json(tmp_path: Path) -> None:
    small_model().save_pretrained(tmp_path / "model")
    report = run_ablation(model=str(tmp_path / "model"), limit=1, lengths=(3,), angle_lengths=(2,))
    told = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert [(row["origin"], row["length"], row["targets"]) for row in told["structures"]] == [
        (o, 3, 1) for o in ORIGINS
    ]
    assert all(set(row["solved"]) == {"model", "model+angles", "random"} for row in told["structures"])
    assert all(row["converged"]["uniform"] <= row["starts"] for row in told["angles"])
    assert report.table()
    with pytest.raises(InputError, match="at most 5 entanglers"):
        run_ablation(model=str(tmp_path / "model"), limit=1, lengths=(6,))


def test_ratio_is_solved_over_solved_blindly() -> None:
    row = StructuresRow("haar", 3, 10, 32.0, 2, {"model": (4, 9), "random": (0, 3)}, {"model": 1.0, "random": 1.0})
    report = AblationReport({}, {}, (1, 32), (row, row), (AnglesRow("haar", 2, 1, 8, {"model": 8, "uniform": 2}),))
    assert report.ratios == {"model": [None, 3.0]}
    assert report.as_dict()["angles"][0]["share"] == {"model": 1.0, "uniform": 0.25}
    assert "over random" in report.table()
