"""Mining: known truths come out by themselves, rules hold, and applying them changes nothing but the cost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitdiff.circuits.canonical_order import canonical_order
from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.datasets.arrays import from_circuits
from circuitdiff.datasets.build import build_random
from circuitdiff.mining.frequent import Sampled, frequent_patterns, sample_circuits
from circuitdiff.mining.gadgets import pair_encoding
from circuitdiff.mining.kinds import Corpus, kind_codes, number_kinds, read_corpus
from circuitdiff.mining.mine import MineReport, mine_dataset
from circuitdiff.mining.pareto import pareto_front
from circuitdiff.mining.patterns import pattern_of
from circuitdiff.mining.rewrite import apply_rules
from circuitdiff.mining.windows import windows

GATES = "h,cx,cz,swap,rz,rzz"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("random")
    build_random(folder, num_qubits=2, max_gates=10, count=1500, gate_set=GATES, seed=3)
    return folder


@pytest.fixture(scope="module")
def mined(dataset: Path) -> MineReport:
    return mine_dataset(dataset, sample=500, max_gadgets=12)


def random_circuit(seed: int, num_gates: int = 14) -> Circuit:
    rng = np.random.default_rng(seed)
    gates = []
    for _ in range(num_gates):
        name = str(rng.choice(["h", "cx", "cz", "swap", "rz", "rzz"]))
        qubits = rng.permutation(3)[: 1 if name in ("h", "rz") else 2]
        angle = rng.choice([0.4, -0.4, np.pi / 4, rng.uniform(-3, 3)])
        gates.append((name, tuple(qubits), (angle,) if name.startswith("r") else ()))
    return Circuit.from_gates(3, gates)


@pytest.mark.parametrize(
    ("lhs", "rhs"),
    [
        ("h 0; cx 1 0; h 0", "cz 0 1"),
        ("cx 0 1; cx 1 0; cx 0 1", "swap 0 1"),
        ("cx 0 1; rz(a) 1; cx 0 1", "rzz(a) 0 1"),
        ("swap 0 1; h 0; swap 0 1", "h 1"),
    ],
)
def test_known_identities_come_out_by_themselves(mined: MineReport, lhs: str, rhs: str) -> None:
    wanted = {sides(lhs)}
    found = {sides(rule.lhs.text()): rule.rhs.text() for rule in mined.rules}
    assert wanted <= found.keys()
    assert found[sides(lhs)].split()[0] == rhs.split()[0]


def sides(text: str) -> tuple[str, ...]:
    """Return the names of the gates: numberings of the qubits differ."""
    return tuple(step.split()[0] for step in text.split("; "))


def test_rules_hold_and_save(mined: MineReport) -> None:
    rng = np.random.default_rng(1)
    assert len(mined.rules) > 10
    for rule in mined.rules:
        free = tuple(rng.uniform(-3, 3, 2))
        assert infidelity(rule.lhs.circuit(free).unitary(), rule.rhs.circuit(free).unitary()) < 1e-9
        assert rule.rhs.cost < rule.lhs.cost


def test_no_rule_applies_within_another(mined: MineReport) -> None:
    for rule in mined.rules:
        others = [other for other in mined.rules if len(other.lhs.steps) < len(rule.lhs.steps)]
        assert not apply_rules(rule.lhs.circuit((0.813247, 2.114951)), others)[1]


@pytest.mark.parametrize("seed", range(8))
def test_applying_rules_keeps_the_unitary_and_saves_gates(mined: MineReport, seed: int) -> None:
    circuit = random_circuit(seed)
    shorter, applied = apply_rules(circuit, mined.rules)
    assert np.allclose(circuit.unitary(), shorter.unitary())
    assert (shorter.two_qubit_count, shorter.num_gates) <= (circuit.two_qubit_count, circuit.num_gates)
    assert bool(applied) == (shorter != circuit)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_windows_can_be_brought_together(seed: int) -> None:
    circuit = random_circuit(seed)
    for window in list(windows(circuit, 5))[::7]:
        inside = [circuit.operations[i] for i in window]
        later = [op for i, op in enumerate(circuit.operations) if i > window[0] and i not in window]
        together = Circuit(3, (*circuit.operations[: window[0]], *inside, *later))
        assert canonical_order(together) == canonical_order(circuit)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_patterns_do_not_depend_on_the_numbering(seed: int) -> None:
    circuit = random_circuit(seed, 4)
    order = np.random.default_rng(seed).permutation(3).tolist()
    first, second = pattern_of(circuit.operations), pattern_of(circuit.permuted(order).operations)
    assert (first is None) == (second is None)
    if first is not None and second is not None:
        assert first.pattern == second.pattern
        back = first.pattern.circuit(first.free).permuted(first.qubits, 3)
        assert infidelity(back.unitary(), circuit.unitary()) < 1e-12


def test_tied_angles_are_recognised() -> None:
    gates = [("rz", (0,), (0.3,)), ("cx", (0, 1), ()), ("rz", (0,), (-0.3,)), ("rz", (1,), (0.6 + np.pi / 2,))]
    match = pattern_of(Circuit.from_gates(2, gates).operations)
    assert match is not None
    assert match.pattern.num_free == 1


def planted(count: int) -> Corpus:
    """Return circuits in each of which the ladder h, cp(pi/2), cp(pi/4) stands once on changing qubits."""
    rng = np.random.default_rng(0)
    circuits = []
    for _ in range(count):
        a, b, c = rng.permutation(3).tolist()
        ladder = [("h", (a,), ()), ("cp", (b, a), (np.pi / 2,)), ("cp", (a, c), (np.pi / 4,))]
        noise = [("ry", (int(rng.integers(3)),), (rng.uniform(-3, 3),)) for _ in range(3)]
        circuits.append(Circuit.from_gates(3, [*noise, *ladder]))
    arrays = from_circuits(circuits, 3)
    kinds, kind = number_kinds(kind_codes(arrays)[arrays.gates >= 0])
    start, group = np.arange(0, 6 * count + 1, 6), np.arange(count) % 2
    return Corpus(kinds, kind, arrays.qubits[arrays.gates >= 0], start, [("a", "", ""), ("b", "", "")], group)


def test_pair_encoding_learns_the_ladder_of_the_fourier_transform() -> None:
    gadgets = pair_encoding(planted(200), most=4)
    ladder = next(gadget for gadget in gadgets if len(gadget.parts) == 3)
    assert ladder.count == 200
    assert ladder.counts == (100, 100)
    assert [part.kind.name for part in ladder.parts] == ["h", "cp", "cp"]
    assert sorted(part.kind.labels for part in ladder.parts) == [(), (4,), (8,)]


def test_pair_encoding_counts_no_more_than_there_is(dataset: Path) -> None:
    corpus = read_corpus(dataset)
    gates = len(corpus.kind)
    for gadget in pair_encoding(corpus, most=8):
        gates -= gadget.count
        assert gadget.count >= 2
    assert gates > len(corpus) // 2


def test_samples_are_even_and_repeat(dataset: Path) -> None:
    first, second = list(sample_circuits(dataset, 50)), list(sample_circuits(dataset, 50))
    assert len(first) == 50
    assert first == second
    assert frequent_patterns(iter(first), 3).circuits == 50


def test_no_cost_of_a_front_undercuts_another() -> None:
    costs = [(3, 5, 9), (3, 4, 9), (2, 9, 9), (4, 4, 8), (4, 5, 9)]
    assert pareto_front(costs) == [(2, 9, 9), (3, 4, 9), (4, 4, 8)]


def test_the_rotation_of_an_ising_step_is_tied_to_its_time() -> None:
    circuits = []
    for t in (0.1, 0.25, 0.4, 0.7):
        gates = [("cx", (0, 1), ()), ("rz", (1,), (-2 * t,)), ("cx", (0, 1), ()), ("h", (0,), ()), ("rz", (0,), (1.1,))]
        circuits.append(Sampled(Circuit.from_gates(2, gates), f"tfim:2?t={t}&steps=1"))
    ties = frequent_patterns(iter(circuits), 3).ties.found()
    ladder = next(tie for tie in ties if sides(tie.pattern.text()) == ("cx", "rz(a)", "cx"))
    assert (ladder.option, ladder.factor, ladder.count) == ("t", 2.0, 4)
    assert not any(sides(tie.pattern.text()) == ("h", "rz(a)") for tie in ties)
