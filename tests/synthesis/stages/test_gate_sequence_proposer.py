from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

import circuitdiff
from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.unitaries import named
from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PRESETS
from circuitdiff.synthesis.stages.diffusion import DiffusionStage
from circuitdiff.synthesis.stages.gate_sequence_proposer import GateSequenceProposer
from tests.planted import task_of
from tests.strategies import circuits

GATES = ("h", "cx", "z", "x", "ccx", "swap", "rx", "ry", "rz", "cp")


class Drawing:
    """A model that draws given circuits."""

    name, num_qubits = "drawing", 4

    def __init__(self, *drawn: Circuit) -> None:
        self.drawn = drawn
        self.model = self
        self.token_bias = type("Bias", (), {"device": "cpu"})()

    def sample(self, *_: object, **__: object) -> list[Circuit]:
        return list(self.drawn)

    def search(self, *_: object, deadline: float, **__: object) -> list[Circuit]:
        return list(self.drawn) if time.monotonic() < deadline else []


def source_of(*drawn: Circuit) -> GateSequenceProposer:
    return GateSequenceProposer(Drawing(*drawn))  # type: ignore[arg-type]


@given(circuits(GATES, 4, 4, 6))
@settings(max_examples=40, deadline=None)
def test_what_is_drawn_is_a_structure_with_its_angles(circuit: Circuit) -> None:
    rng = np.random.default_rng(0)
    task = replace(task_of(circuit.unitary()), lower_bound=0)
    for source in (source_of(circuit), source_of(circuit).searching()):
        structures = source.sequences(task, 60, 4, rng, broad=False)
        (start,) = source.starts(task, structures, rng)
        assert start.pairs == structures[0]
        assert infidelity(start.circuit().unitary(), circuit.unitary()) < 1e-10


def test_structures_keep_to_the_bounds_and_come_once() -> None:
    swap = Circuit.from_gates(4, [("swap", (0, 3), ())])
    toffoli = Circuit.from_gates(4, [("ccx", (0, 1, 2), ())])
    source, rng = source_of(swap, toffoli, swap), np.random.default_rng(0)
    task = replace(task_of(toffoli.unitary()), lower_bound=4)
    assert [len(s) for s in source.sequences(task, 6, 3, rng, broad=False)] == [6]
    easy = replace(task, lower_bound=0)
    assert [len(s) for s in source.sequences(easy, 6, 3, rng, broad=True)] == [3, 6]
    assert [len(s) for s in source.sequences(easy, 5, 3, rng, broad=True)] == [3]


def test_drawing_stops_at_the_deadline() -> None:
    swap = Circuit.from_gates(4, [("swap", (0, 3), ())])
    task = replace(task_of(swap.unitary()), lower_bound=0)
    late = GateSequenceProposer(Drawing(swap), deadline=time.monotonic() - 1)  # type: ignore[arg-type]
    for source in (late, late.searching()):
        assert source.sequences(task, 60, 4, np.random.default_rng(0), broad=False) == []


def test_the_bundled_model_draws_under_the_coupling_mask() -> None:
    source = Models().gate_sequence_proposer(4)
    assert source is not None
    line = parse_coupling("line", 4)
    task = task_of(named("tfim:4"), "line")
    for proposer in (source, source.searching()):
        structures = proposer.sequences(task, 60, 8, np.random.default_rng(0), broad=False)
        assert structures
        assert all(line.allows(pairs) for pairs in structures)


def test_search_draws_again_for_what_is_left() -> None:
    """What it returns first are the last circuits that it drew: wholes whose beginnings or ends were kept."""
    source, circuit = Models().gate_sequence_proposer(4), named("tfim:4")
    assert source is not None
    task, searching = task_of(circuit), source.searching()
    structures = searching.sequences(task, 60, 24, np.random.default_rng(0), broad=False)
    starts = searching.starts(task, structures, np.random.default_rng(0))
    missed = [infidelity(start.circuit().unitary(), circuit) for start in starts]
    assert min(missed[: len(missed) // 2]) < min(missed[len(missed) // 2 :])


def test_there_is_none_beyond_the_bundled_registers() -> None:
    assert Models().gate_sequence_proposer(9) is None


@pytest.mark.parametrize("name", ["tfim:4?t=0.7&steps=2&h=0.4", "w:4"])
def test_compile_finds_circuits_on_four_qubits_by_diffusion_alone(name: str) -> None:
    result = circuitdiff.compile(named(name), proposers={"diffusion"}, seed=0)
    assert result.source == "diffusion"
    assert result.model in ("circuitdiff-4q", "circuitdiff-gates-5q")
    assert result.infidelity < 1e-10
    assert result.two_qubit_count <= 12


def test_circuits_of_named_gates_solve_four_qubits_too() -> None:
    stage = DiffusionStage(PRESETS["default"], Models())
    found = list(stage.run(task_of(named("w:4")), None, Budget(1e10), np.random.default_rng(0)))
    assert found
    assert found[-1].model == "circuitdiff-gates-5q"
    assert found[-1].count <= 12
