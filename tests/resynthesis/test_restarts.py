"""Where all the time is to be used, a search that has come to a stand begins anew, and the best is kept."""

from __future__ import annotations

import time

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Operation
from circuitdiff.resynthesis.blocks import BlockOptions
from circuitdiff.resynthesis.cache import BlockCache
from circuitdiff.resynthesis.replacement import Place, Rewritten
from circuitdiff.resynthesis.sweeps import Sweeps

SECONDS = 60.0


def chain(length: int) -> Rewritten:
    return Rewritten(tuple(Operation("cx", (n, n + 1)) for n in range(length)), 0.0)


def searches(monkeypatch: pytest.MonkeyPatch, costs: list[int], still_after: int) -> list[tuple[Sweeps, int]]:
    """Let searches end with circuits of some costs, and return by whom and from which cost each was begun."""
    begun: list[tuple[Sweeps, int]] = []

    def once(self: Sweeps, given: Rewritten, rng: np.random.Generator) -> tuple[Rewritten, bool]:
        begun.append((self, len(given.steps)))
        return chain(costs[len(begun) - 1]), len(begun) < still_after

    monkeypatch.setattr(Sweeps, "swept_once", once)
    return begun


def sweeps(uses_all_time: bool) -> Sweeps:
    place, deadline = Place(swaps_are_free=True), time.monotonic() + SECONDS
    return Sweeps(BlockOptions(), BlockCache(None), place, 3, deadline, uses_all_time=uses_all_time)


def test_turns_begin_with_the_given_circuit_and_the_best_by_turns_and_the_best_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = searches(monkeypatch, [8, 6, 7, 9, 5], still_after=5)
    assert len(sweeps(uses_all_time=True).swept(chain(10)).steps) == 5
    assert [cost for _, cost in begun] == [10, 10, 6, 10, 6]
    assert [work.place.swaps_are_free for work, _ in begun] == [True, False, False, True, True]


def test_a_search_is_not_begun_anew_where_nothing_can_be_exchanged_or_effort_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = searches(monkeypatch, [8, 6], still_after=1)
    assert len(sweeps(uses_all_time=True).swept(chain(10)).steps) == 8
    assert len(begun) == 1
    begun = searches(monkeypatch, [8, 6], still_after=9)
    assert len(sweeps(uses_all_time=False).swept(chain(10)).steps) == 8
    assert len(begun) == 1
