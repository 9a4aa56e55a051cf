"""What the field knows comes out of real solution sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from circuitdiff.circuits.unitaries import named
from circuitdiff.datasets.build_solutions import build_solutions
from circuitdiff.mining.frequent import frequent_patterns, sample_circuits
from circuitdiff.mining.pareto import pareto_fronts
from circuitdiff.mining.rules import find_rules

BUNDLED = Path(__file__).parents[2] / "datasets" / "solutions-3q"


@pytest.mark.parametrize(
    ("target", "fewest"),
    [
        pytest.param("swap", 3, id="three cx make a swap"),
        pytest.param("margolus", 3, id="three cx make a Toffoli up to signs"),
        pytest.param("toffoli", 6, id="six cx make a Toffoli"),
    ],
)
def test_the_fewest_cx_are_those_known(tmp_path: Path, target: str, fewest: int) -> None:
    build_solutions(tmp_path, targets=[target], count=4)
    assert min(best.cost[0] for best in pareto_fronts(tmp_path)) == fewest


def test_solution_sets_hold_the_zz_rotation_of_the_ising_step_at_twice_its_time() -> None:
    ties = frequent_patterns(sample_circuits(BUNDLED, 300), 3).ties.found()
    tied = {tie.pattern.text(): tie for tie in ties}["cx 0 1; rz(a) 1; cx 0 1"]
    assert (tied.option, tied.factor) == ("t", 2.0)
    assert tied.count > tied.seen / 2


def test_a_solution_set_in_two_entanglers_holds_the_conjugation_of_one_to_the_other(tmp_path: Path) -> None:
    build_solutions(tmp_path, targets=["toffoli"], count=12, gate_sets=["h,rz,cx", "h,rz,cz"])
    found = frequent_patterns(sample_circuits(tmp_path, 24), 4)
    rules = {rule.lhs.text(): rule.rhs.text() for rule in find_rules(found.counts, {"h", "rz", "cx", "cz"})}
    assert rules["h 0; cz 0 1; h 0"] == "cx 1 0"


def test_the_fourier_transform_without_swaps_is_the_ladder_of_h_and_cp(tmp_path: Path) -> None:
    reverse = [0, 4, 2, 6, 1, 5, 3, 7]
    np.save(tmp_path / "ladder.npy", named("qft:3")[reverse])
    build_solutions(tmp_path, targets=[str(tmp_path / "ladder.npy")], count=8, gate_sets=["h,rz,cp"])
    found = list(sample_circuits(tmp_path, 1000))
    fewest = [circuit for circuit, _ in found if circuit.two_qubit_count == 3]
    assert fewest
    assert min(circuit.two_qubit_count for circuit, _ in found) == 3
    for circuit in fewest:
        turns = sorted(abs(np.angle(np.exp(1j * op.params[0]))) for op in circuit.operations if op.name == "cp")
        np.testing.assert_allclose(turns, [np.pi / 4, np.pi / 2, np.pi / 2], atol=1e-5)
    patterns = {pattern.text() for pattern in frequent_patterns(iter(found), 4).counts}
    assert {"cp(0.5pi) 0 1; rz(a) 0; h 0", "cp(1.5pi) 0 1; rz(a) 0; h 0"} & patterns
