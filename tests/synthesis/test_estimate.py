"""The model's estimate of the fewest entanglers, and what the driver makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import all_to_all
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.numerics.multi_start import Budget, random_start
from circuitdiff.spec.cost import parse_cost
from circuitdiff.spec.device import Device
from circuitdiff.synthesis import compile as compile_circuit
from circuitdiff.synthesis.driver import MODEL_PROPOSER, Driver
from circuitdiff.synthesis.estimate import MOST, EntanglerEstimate
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PRESETS, PipelineStep, work
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages import STAGES, register_stage
from circuitdiff.synthesis.stages.proposers import AnsatzProposer
from tests.planted import task_of
from tests.small_models import small_model
from tests.strategies import haar


class Opinion(AnsatzProposer):
    """A model that holds four entanglers to be the fewest, all but surely."""

    def __init__(self) -> None:
        super().__init__(small_model())
        self.asked = 0

    def at_most(self, problem: SynthesisProblem) -> NDArray[np.float64]:
        self.asked += 1
        return np.array([0.0, 0.0, 0.0, 0.001, 0.9, 1.0, 1.0, 1.0])


class Opinionated(Models):
    def __init__(self) -> None:
        super().__init__()
        self.opinion = Opinion()

    def ansatz_proposer(self, num_qubits: int) -> AnsatzProposer:
        return self.opinion


@pytest.fixture
def witness(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, int]]]:
    """A stage that notes the incumbent's entanglers and its patience and offers one entangler fewer, taken as right."""
    monkeypatch.setattr("circuitdiff.synthesis.driver.infidelity", lambda target, columns: 0.0)
    seen: list[tuple[int, int]] = []

    class Witness:
        def __init__(self, patience: int) -> None:
            self.stats, self.patience = ProposerStats(), patience

        def run(
            self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
        ) -> Iterator[Candidate]:
            assert incumbent is not None
            seen.append((incumbent.count, self.patience))
            yield Candidate(circuit_of(incumbent.count - 1), 0.0, "witness")

    register_stage("witness", "witness")(lambda config, models: Witness(config.patience))
    yield seen
    STAGES.unregister("witness")


def circuit_of(count: int) -> Circuit:
    return Circuit.from_gates(3, [("cz", (k % 2, 2), ()) for k in range(count)])


def driven(given: int, hopeless: float, proposers: frozenset[str]) -> Driver:
    steps = (PipelineStep("witness", work(1.0, q1=1.0)),) * 3
    config = replace(PRESETS["default"], steps=steps, hopeless=hopeless)
    cost = parse_cost("two-qubit", Device(parse_gate_set("u,cz"), all_to_all(3)))
    driver = Driver(task_of(haar(3, 0)), config, Opinionated(), cost, proposers, 0)
    driver.best = Candidate(circuit_of(given), 0.0, "input")
    driver.run(steps)
    return driver


def test_search_ends_where_the_model_expects_nothing_shorter(witness: list[tuple[int, int]]) -> None:
    driver = driven(6, 0.01, frozenset({"witness", MODEL_PROPOSER}))
    assert driver.best is not None
    assert driver.best.count == 4  # two stages found one entangler fewer each; the third was spared
    assert [count for count, _ in witness] == [6, 5]


@pytest.mark.parametrize(("hopeless", "proposers"), [(0.0, {"witness", MODEL_PROPOSER}), (0.01, {"witness"})])
def test_search_goes_on_at_full_effort_or_without_the_model(
    witness: list[tuple[int, int]], hopeless: float, proposers: set[str]
) -> None:
    driver = driven(4, hopeless, frozenset(proposers))
    assert driver.best is not None
    assert driver.best.count == 1
    assert {patience for _, patience in witness} == {PRESETS["default"].patience}


def test_stages_are_less_patient_the_less_the_model_expects(witness: list[tuple[int, int]]) -> None:
    driven(4, 1e-6, frozenset({"witness", MODEL_PROPOSER}))
    assert witness[0][1] < PRESETS["default"].patience


def test_estimate_asks_once_and_says_nothing_of_long_circuits() -> None:
    models = Opinionated()
    estimate = EntanglerEstimate(task_of(haar(3, 0)), models, 0.01)
    assert estimate.chance_of_fewer(MOST + 1) == 1.0
    assert models.opinion.asked == 0
    assert [estimate.chance_of_fewer(count) for count in (4, 5)] == [0.001, 0.9]
    assert models.opinion.asked == 1


@pytest.mark.parametrize(
    "problem", [task_of(haar(5, 0)), task_of(haar(3, 0)[:, :1]), task_of(haar(3, 0), "all", "rzz")]
)
def test_estimate_is_of_unitaries_in_cz_that_the_model_covers(problem: SynthesisProblem) -> None:
    assert EntanglerEstimate(problem, Models(), 0.01).chance_of_fewer(4) == 1.0


def test_gates_without_angles_are_not_asked_about() -> None:
    discrete = replace(task_of(haar(3, 0)), gate_set=parse_gate_set("h,t,tdg,cz"))
    assert EntanglerEstimate(discrete, Opinionated(), 0.01).chance_of_fewer(4) == 1.0


@pytest.mark.parametrize("seed", range(4))
def test_bundled_model_knows_that_three_random_entanglers_are_needed(seed: int) -> None:
    random = random_start(((0, 1), (1, 2), (0, 1)), 3, "cz", np.random.default_rng(seed))
    estimate = EntanglerEstimate(task_of(random.circuit().unitary()), Models(), 0.01)
    assert estimate.chance_of_fewer(3) < PRESETS["default"].hopeless < 0.2 < estimate.chance_of_fewer(4)


@pytest.mark.parametrize(("n", "generic"), [(5, 14), (6, 29)])
def test_bundled_model_tells_states_of_few_entanglers_from_generic_ones(n: int, generic: int) -> None:
    def chance(state: NDArray[np.complex128]) -> float:
        estimate = EntanglerEstimate(task_of(state.reshape(-1, 1)), Models(), 0.001)
        return estimate.chance_of_far_fewer(generic)

    rng = np.random.default_rng(n)
    path = (*((q, q + 1) for q in range(n - 1)), (0, 2))
    shallow = [random_start(path, n, "cz", rng).circuit().columns(1)[:, 0] for _ in range(4)]
    assert min(map(chance, shallow)) > 5 * max(chance(haar(n, seed)[:, 0]) for seed in range(4))


def test_stages_get_the_work_that_the_model_hopes_for(witness: list[tuple[int, int]]) -> None:
    driver = driven(6, 0.01, frozenset({"witness", MODEL_PROPOSER}))
    driver.best = Candidate(circuit_of(6), 0.0, "input")  # half of them suffice with probability .001
    step = PipelineStep("witness", work(1.0, q1=100.0), work(1.0, q1=2000.0))
    assert driver._allowed(step) == pytest.approx(102.0)
    blind = driven(6, 0.01, frozenset({"witness"}))
    assert blind._allowed(step) == 2100.0


def test_given_circuit_that_the_model_holds_to_be_shortest_comes_back_at_once() -> None:
    random = random_start(((0, 1), (1, 2), (0, 1), (0, 2)), 3, "cz", np.random.default_rng(1)).circuit()
    result = compile_circuit(random, gate_set="u,cz")
    assert (result.source, result.two_qubit_count) == ("input", 4)
    assert result.tol_met
    assert not result.candidates  # no proposer took part


def test_what_can_be_left_out_is_left_out_before_the_model_is_taken_at_its_word() -> None:
    bare = Circuit.from_gates(3, [("cx", (0, 1), ()), ("cx", (1, 2), ()), ("ry", (2,), (0.4,)), ("cx", (0, 2), ())])
    padded = replace(bare, operations=(*bare.operations, *Circuit.from_gates(3, [("cz", (0, 1), ())] * 2).operations))
    problem = task_of(padded.unitary())
    cost = parse_cost("two-qubit", Device(parse_gate_set("u,cz"), all_to_all(3)))
    driver = Driver(problem, PRESETS["default"], Opinionated(), cost, frozenset({MODEL_PROPOSER}), 0)
    driver.estimate._at_most = np.zeros(8)
    driver.best = Candidate(padded, 0.0, "input")
    assert driver.is_done()
    assert driver.best.count == 3
    assert driver.best.source == "search"
    np.testing.assert_allclose(abs(np.trace(padded.unitary().conj().T @ driver.best.circuit.unitary())), 8, atol=1e-8)
