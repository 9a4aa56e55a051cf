"""The peel stage: deep targets taken apart from both ends."""

from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, Operation, infidelity
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.unitaries import named
from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.pipeline import PRESETS
from circuitdiff.synthesis.problem import Candidate, SynthesisProblem
from circuitdiff.synthesis.stages.peel import PeelStage

TOFFOLIS = (("ccz", (0, 1, 2)), ("ccz", (1, 2, 3)))
LADDER = (("cz", (0, 1)), ("cz", (2, 3)), ("cz", (1, 2))) * 3


def planted(gates: tuple[tuple[str, tuple[int, ...]], ...]) -> np.ndarray:
    """Return the unitary of some gates with single-qubit gates in general position between."""
    operations: list[Operation] = []
    for number, (name, qubits) in enumerate(gates):
        operations += [Operation("u", (q,), (0.4 + q, 0.3 * q + number, 0.7)) for q in range(4)]
        operations.append(Operation(name, qubits, ()))
    return Circuit(4, tuple(operations)).unitary()


def solutions(
    target: np.ndarray, bound: int, work: float, coupling: str = "all", entangler: str = "cz", seed: int = 0
) -> list[Candidate]:
    num_qubits = len(target).bit_length() - 1
    problem = SynthesisProblem(target, parse_coupling(coupling, num_qubits), entangler, 1e-10, 0)
    worst = Circuit(num_qubits, (Operation("cz", (0, 1), ()),) * bound)
    incumbent = Candidate(worst, 1.0, "test")
    stage = PeelStage(PRESETS["fast"])
    return list(stage.run(problem, incumbent, Budget(work), np.random.default_rng(seed)))


@pytest.mark.parametrize(("entangler", "name"), [("cz", "cz"), ("rzz", "rzz")])
def test_toffolis_in_a_row_are_taken_apart(entangler: str, name: str) -> None:
    target = planted(TOFFOLIS)
    found = solutions(target, 61, 2e10, entangler=entangler)
    assert found[-1].count <= 12
    circuit = found[-1].circuit
    assert infidelity(target, circuit.unitary()) < 1e-10
    assert {op.name for op in circuit.operations if len(op.qubits) == 2} == {name}


def test_solutions_get_shorter_and_stay_below_the_bound() -> None:
    counts = [solution.count for solution in solutions(named("random_circuit:4?gates=12&seed=3"), 30, 2e10)]
    assert counts
    assert counts == sorted(set(counts), reverse=True)
    assert counts[0] < 30


def test_solutions_on_a_line_keep_to_it() -> None:
    # Rounding decides which beam finds it: there is work for several.
    found = solutions(planted(LADDER), 40, 8e10, coupling="line", seed=3)
    assert found[-1].count <= len(LADDER)
    assert set(found[-1].circuit.pairs) <= set(parse_coupling("line", 4).pairs)


def test_small_registers_and_other_entanglers_are_left_to_other_stages() -> None:
    assert solutions(named("haar:3?seed=1"), 20, 1e9) == []
    assert solutions(named("random_circuit:4?gates=6&seed=5"), 40, 1e9, entangler="iswap") == []
