from __future__ import annotations

import json

import numpy as np
import pytest

from circuitdiff.errors import InputError
from circuitdiff.evaluation.state_suite import StateTarget, dicke, state_suite
from circuitdiff.evaluation.states import OURS, StateOutcome, StateRow, StatesReport, run_states
from circuitdiff.features.lower_bounds import cuts, operator_schmidt_rank


def test_suite_holds_normalised_states_of_different_names() -> None:
    suite = state_suite()
    assert len({target.name for target in suite}) == len(suite)
    assert sum(not target.family.startswith("generic") for target in suite) >= 30
    for target in suite:
        assert np.linalg.norm(target.amplitudes) == pytest.approx(1)


def test_matrix_product_states_have_ranks_of_their_bonds() -> None:
    for target in state_suite():
        if target.family == "mps, bond 2":
            n = target.num_qubits
            for cut in (c for c in cuts(n) if c == tuple(range(len(c)))):
                assert operator_schmidt_rank(target.amplitudes.reshape(-1, 1), cut) <= 2


def test_states_are_prepared_beside_qiskit_and_checked() -> None:
    targets = [StateTarget("w", "w", dicke(3, 1), textbook=3), StateTarget("w-line", "w", dicke(3, 1), "line")]
    report = run_states(effort="fast", targets=targets)
    assert report.is_sound
    for row in report.rows:
        assert all(outcome.is_exact for outcome in row.outcomes.values())
        assert (row.outcomes[OURS].two_qubit_count or 9) <= (row.outcomes["qiskit"].two_qubit_count or 0)
    assert "2 of 2 states at or under" in report.table()
    json.dumps(report.as_dict())


def test_a_circuit_of_ours_that_misses_makes_the_report_unsound() -> None:
    for outcome in (StateOutcome(2, 1e-3, 0.1), StateOutcome(None, None, 0.1, "RuntimeError: no")):
        report = StatesReport({}, {}, (StateRow("ghz", "ghz", 3, "all", 2, {OURS: outcome}),))
        assert not report.is_sound


def test_unknown_peers_and_empty_suites_are_refused() -> None:
    with pytest.raises(InputError, match="unknown peer 'nobody'"):
        run_states(peers=["nobody"])
    with pytest.raises(InputError, match="no state of the suite is left"):
        run_states(qubits=[12])
