"""The recipes of CONTRIBUTING and of docs/how-to/extend.md: register, use, unregister, one of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import circuitdiff
from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import all_to_all
from circuitdiff.circuits.gate_sets import PRESETS, parse_gate_set
from circuitdiff.circuits.gates import GATES, Rotation, make_gate
from circuitdiff.circuits.program import Program
from circuitdiff.cli.compilation import Compiled, format_of, render
from circuitdiff.cli.targets import read_target as read_file
from circuitdiff.errors import InputError
from circuitdiff.generation.constraint import Constraint
from circuitdiff.generation.denoise import Denoise
from circuitdiff.generation.inpainting import InpaintingMask
from circuitdiff.generation.samplers import SAMPLERS, CircuitBatch, Schedule, sample_by_confidence
from circuitdiff.interop.formats import FORMATS, TextFormat
from circuitdiff.numerics.ansatz import Ansatz, EntanglerSequence
from circuitdiff.numerics.multi_start import Budget
from circuitdiff.registry import Registry
from circuitdiff.spec.cost import COSTS, Cost, parse_cost
from circuitdiff.spec.device import Device
from circuitdiff.spec.target import TARGET_KINDS, TargetKind
from circuitdiff.synthesis.driver import Driver
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PRESETS as EFFORTS
from circuitdiff.synthesis.pipeline import PipelineConfig, PipelineStep, work
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.instantiate_proposals import instantiate_proposals
from circuitdiff.synthesis.stages.stage import STAGES, StageEntry
from tests.planted import planted
from tests.small_gate_models import small_gate_model

TWO_QUBIT = parse_cost("two-qubit", Device(parse_gate_set("u,cz"), all_to_all(3)))
SWAP = np.eye(4)[[0, 2, 1, 3]]
Value = TypeVar("Value")


@contextmanager
def registered(table: Registry[Value], name: str, value: Value) -> Iterator[None]:
    """Enter something, and see that nothing is left of it."""
    before = dict(table)
    table.register(name, value)
    try:
        with pytest.raises(ValueError, match="already"):
            table.register(name, value)
        yield
    finally:
        table.unregister(name)
    assert dict(table) == before


def test_a_gate_of_ones_own_is_simulated_exported_and_fitted() -> None:
    from qiskit.circuit.library import CU1Gate

    half = [Rotation(pauli, param=0, scale=scale) for pauli, scale in (("ZI", 0.5), ("IZ", 0.5), ("ZZ", -0.5))]
    cu1 = make_gate("cu1", half, 0.0, (0.25,))
    with registered(GATES, "cu1", cu1):
        circuit = Circuit.from_gates(2, [("h", (0,), ()), ("cu1", (0, 1), (0.7,))])
        np.testing.assert_allclose(Circuit.from_gates(2, [("cu1", (0, 1), (0.7,))]).unitary(), CU1Gate(0.7).to_matrix())
        assert Circuit.from_qiskit(circuit.to_qiskit()) == circuit
        np.testing.assert_allclose(Circuit.from_qasm(circuit.to_qasm()).unitary(), circuit.unitary(), atol=1e-12)
        free = replace(circuit, operations=(circuit.operations[0], Operation("cu1", (0, 1), (0.1,))))
        assert circuitdiff.instantiate(free, circuit.unitary(), starts=4).success
        compiled = circuitdiff.compile(GATES["rzz"].matrix((0.7,)), gate_set="u,cu1")
        assert compiled.tol_met
        assert [op.name for op in compiled.circuit.operations if len(op.qubits) > 1] == ["cu1"]
    with pytest.raises(InputError, match="unknown gate 'cu1'"):
        Circuit.from_gates(2, [("cu1", (0, 1), (0.7,))])


def test_a_gate_set_of_ones_own_is_compiled_to_by_name() -> None:
    with registered(PRESETS, "mine", ("rz", "sx", "cz")):
        assert circuitdiff.compile(SWAP, gate_set="mine").circuit.gate_names <= {"rz", "sx", "cz"}
    with pytest.raises(InputError, match="unknown gate set 'mine'"):
        parse_gate_set("mine")


def test_a_cost_of_ones_own_decides_by_name() -> None:
    with registered(COSTS, "rz", lambda device: Cost("rz", lambda circuit: (circuit.num_gates, circuit.depth))):
        assert circuitdiff.compile(SWAP, cost="rz").infidelity < 1e-9
    with pytest.raises(InputError, match="unknown cost 'rz'"):
        circuitdiff.compile(SWAP, cost="rz")


@dataclass(frozen=True)
class Phases:
    """The diagonal of a unitary, radians."""

    angles: tuple[float, ...]


def test_a_kind_of_target_of_ones_own_is_compiled() -> None:
    def read(given: Phases) -> NDArray[np.complex128]:
        return np.diag(np.exp(1j * np.array(given.angles)))

    target = Phases((0.0, 0.0, 0.0, np.pi))
    with registered(TARGET_KINDS, "phases", TargetKind(Phases, read)):
        found = circuitdiff.compile(target)
        assert (found.two_qubit_count, found.kind) == (1, "unitary")
    with pytest.raises(InputError, match="array of numbers"):
        circuitdiff.compile(target)


def test_a_sampler_of_ones_own_is_asked_for_by_name() -> None:
    calls = []

    def first_only(
        denoise: Denoise, state: InpaintingMask, constraint: Constraint, schedule: Schedule, generator: torch.Generator
    ) -> CircuitBatch:
        calls.append(schedule.steps)
        return sample_by_confidence(denoise, state, constraint, replace(schedule, left_to_right=True), generator)

    how = circuitdiff.Sampling(num_samples=3, steps=4, sampler="left-to-right")
    with registered(SAMPLERS, "left-to-right", first_only):
        assert len(small_gate_model().sample(np.eye(8), sampling=how)) == 3
    assert calls == [4]
    with pytest.raises(InputError, match="unknown sampler"):
        small_gate_model().sample(np.eye(8), sampling=how)


class Oracle:
    """A proposer that knows one entangler sequence."""

    name = "oracle"
    model_name = None

    def __init__(self, known: EntanglerSequence) -> None:
        self.known = known

    def sequences(
        self, problem: SynthesisProblem, longest: int, count: int, rng: np.random.Generator, *, broad: bool
    ) -> list[EntanglerSequence]:
        return [self.known]

    def starts(self, problem: SynthesisProblem, sequences: Any, rng: np.random.Generator) -> list[Ansatz]:
        return []


class OracleStage:
    """Instantiates what its proposer knows."""

    def __init__(self, proposer: Oracle, config: PipelineConfig) -> None:
        self.proposer, self.config = proposer, config
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        yield from instantiate_proposals(problem, self.proposer, 9, self.config, rng, budget, self.stats)


def test_a_stage_and_a_proposer_of_ones_own_take_part() -> None:
    problem, solution = planted(3, 3, 5)
    stage = StageEntry("oracle", lambda config, models: OracleStage(Oracle(solution.pairs), config))
    given = replace(EFFORTS["fast"], steps=(PipelineStep("oracle", work(q3=1e9)),))
    with registered(STAGES, "oracle", stage):
        driver = Driver(problem, given, Models(), TWO_QUBIT, frozenset({"oracle"}), 0)
        driver.best = Candidate(Circuit.from_gates(3, [("cz", (0, 1), ())] * 9), 0.0, "analytic")
        driver.run(given.steps)
    assert driver.best.source == "oracle"
    assert driver.best.count == 3
    assert driver.stats["oracle"].solved >= 1


def test_a_format_of_ones_own_is_read_and_written(tmp_path: Path) -> None:
    def read(text: str, drop_barriers: bool) -> Circuit:
        given = json.loads(text)
        return Circuit.from_gates(given["qubits"], [(name, tuple(qubits), ()) for name, qubits in given["gates"]])

    def write(circuit: Circuit | Program) -> str:
        assert isinstance(circuit, Circuit)
        gates = [(operation.name, operation.qubits) for operation in circuit.operations]
        return json.dumps({"qubits": circuit.num_qubits, "gates": gates})

    bell = Circuit.from_gates(2, [("h", (0,), ()), ("cx", (0, 1), ())])
    path = tmp_path / "bell.gates"
    with registered(FORMATS, "gates", TextFormat((".gates",), read, write)):
        assert format_of(str(path)) == "gates"
        result = circuitdiff.compile(bell, gate_set="h,cx")
        path.write_bytes(render(Compiled(result, bell), "gates"))
        assert read_file(str(path)) == bell
    with pytest.raises(InputError):
        read_file(str(path))


def test_contributing_and_the_guide_have_a_recipe_for_each() -> None:
    root = Path(__file__).parent.parent
    recipes = ("gate", "gate set", "sampler", "stage", "proposer", "cost", "kind of target", "backend")
    for page in ("CONTRIBUTING.md", "docs/how-to/extend.md"):
        text = (root / page).read_text(encoding="utf-8")
        for recipe in recipes:
            assert f"## Add a {recipe}\n" in text, f"{page} does not say how to add a {recipe}"
