"""Narrow circuits with time to use: what turns begin with, and when they end."""

import time
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.features.lower_bounds import generic_cx_count
from circuitdiff.resynthesis import portfolio, resynthesize
from circuitdiff.resynthesis.blocks import BlockOptions
from circuitdiff.resynthesis.cache import BlockCache
from circuitdiff.resynthesis.narrow import narrow_parts, parts_of
from circuitdiff.resynthesis.portfolio import ATTEMPTS, as_targets, generic_share, in_turns
from circuitdiff.resynthesis.replacement import Place, Rewritten
from circuitdiff.resynthesis.sweeps import Sweeps


def _work(seconds: float = 60.0) -> Sweeps:
    deadline = time.monotonic() + seconds
    return Sweeps(BlockOptions(effort="fast"), BlockCache(None), Place(), 3, deadline, uses_all_time=True)


def _ring(count: int) -> Rewritten:
    gates = [
        (name, qubits, ()) for k in range(count) for name, qubits in (("cx", (k % 4, (k + 1) % 4)), ("t", (k % 4,)))
    ]
    return Rewritten(Circuit.from_gates(4, gates).operations, 0.0)


def test_parts_share_no_gate() -> None:
    pairs = [(0, 1), (2, 3), (4, 5), (1, 4), (6, 7), (7, 8), (8, 9), (9, 10), (10, 11)]
    steps = Circuit.from_gates(12, [("cx", pair, ()) for pair in pairs]).operations
    assert parts_of(steps) == {frozenset({0, 1, 4, 5}), frozenset({2, 3}), frozenset(range(6, 12))}
    assert narrow_parts(steps) == {0, 1, 4, 5}
    assert generic_share(Rewritten(steps, 0.0), Place()) == 3 / generic_cx_count(4)


@pytest.mark.parametrize(("template", "goes_on_from_it"), [(61, False), (12, True)])
def test_circuits_of_generic_length_are_kept_but_not_gone_on_from(
    monkeypatch: pytest.MonkeyPatch, template: int, goes_on_from_it: bool
) -> None:
    given, compiled, begun = _ring(70), _ring(template), []

    def explored(work: Sweeps, line: Rewritten, patience: float, rng: np.random.Generator) -> tuple[Rewritten, bool]:
        begun.append(line)
        return line, True

    monkeypatch.setattr(portfolio, "as_targets", lambda *_: compiled)
    monkeypatch.setattr(portfolio, "explored", explored)
    monkeypatch.setattr(Sweeps, "swept_at_first", lambda self, line, rng: line)
    assert in_turns(_work(), given, np.random.default_rng(0)) is compiled
    assert all((line is compiled) == goes_on_from_it for line in begun)


def test_targets_are_compiled_with_other_seeds_until_one_saves(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[frozenset[str], int]] = []

    def compiled(self: Sweeps, given: Rewritten) -> Rewritten:
        asked.append((frozenset(self.options.proposers or ()), self.options.seed))
        return _ring(12) if len(asked) == saves_at else given

    monkeypatch.setattr(Sweeps, "as_targets", compiled)
    for saves_at in (2, 100):
        asked.clear()
        found = as_targets(_work(), _ring(30), np.random.default_rng(0))
        assert [proposers for proposers, _ in asked] == [*ATTEMPTS][: min(saves_at, len(ATTEMPTS))]
        assert len({seed for _, seed in asked}) == len(asked)
        assert len(found.steps) == len(_ring(12 if saves_at == 2 else 30).steps)


def test_proposers_that_do_not_take_part_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Iterable[str]] = []

    def compiled(self: Sweeps, given: Rewritten) -> Rewritten:
        asked.append(self.options.proposers or ())
        return given

    monkeypatch.setattr(Sweeps, "as_targets", compiled)
    work = _work()
    work = replace(work, options=replace(work.options, proposers=("search",)))
    as_targets(work, _ring(30), np.random.default_rng(0))
    assert set(asked) == {("search",)}


def test_turns_end_where_there_is_nothing_to_save() -> None:
    star = Circuit.from_gates(4, [("cx", (q, 3), ()) for q in range(3)])
    found = resynthesize(star, effort="fast", cache=None, timeout=900.0)
    assert found.circuit.two_qubit_count == 3
    assert found.seconds < 300.0


@pytest.mark.parametrize("keep_order", [True, False])
def test_turns_keep_what_the_circuit_does(keep_order: bool) -> None:
    rng = np.random.default_rng(5)
    gates = [("h", (q,), ()) for q in range(4)]
    for _ in range(16):
        a, b = (int(q) for q in rng.choice(4, 2, replace=False))
        gates += [("cx", (a, b), ()), ("t", (b,), ())]
    circuit = Circuit.from_gates(4, gates)
    found = resynthesize(circuit, effort="fast", cache=None, timeout=4.0, keep_order=keep_order, workers=1)
    assert found.circuit.two_qubit_count < circuit.two_qubit_count
    assert found.infidelity is not None
    assert found.infidelity < 1e-8
    if keep_order:
        assert infidelity(circuit.unitary(), found.circuit.unitary()) < 1e-8
