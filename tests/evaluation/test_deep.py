from __future__ import annotations

import json

from circuitdiff.evaluation.ablation_report import CONTROL
from circuitdiff.evaluation.deep import MODEL, DeepReport, DeepRow, run_deep


def test_deep_counts_every_target_of_every_length_for_both_arms() -> None:
    report = run_deep(limit=2, lengths=(2, 3), work=1e9)
    assert [row.length for row in report.rows] == [2, 3]
    for row in report.rows:
        assert row.targets == 2
        assert set(row.solved) == {MODEL, CONTROL}
        for arm, solved in row.solved.items():
            assert 0 <= solved <= row.targets
            assert (row.seconds[arm] is None) == (solved == row.targets)
    assert report.rows[0].solved[CONTROL] == 2  # two entanglers have nine structures
    json.dumps(report.as_dict())


def test_deep_solves_nothing_without_work() -> None:
    (row,) = run_deep(limit=2, lengths=(3,), work=0.0).rows
    assert set(row.solved.values()) == {0}


def test_deep_table_shows_shares_and_seconds() -> None:
    row = DeepRow(5, 8, {MODEL: 6, CONTROL: 2}, {MODEL: 0.5, CONTROL: None})
    table = DeepReport({"model": "x"}, {}, (row,)).table()
    assert "75" in table
    assert "25" in table
    assert "0.50" in table
