from __future__ import annotations

import json

import pytest

from circuitdiff.evaluation.report import OURS, BenchReport, Comparison, Outcome, summarise

COMPILERS = (OURS, "qiskit")


def outcome(count: int, seconds: float = 1.0, **fields: object) -> Outcome:
    return Outcome(two_qubit_count=count, infidelity=1e-15, seconds=seconds, **fields)  # type: ignore[arg-type]


def comparison(
    name: str, family: str, ours: Outcome, theirs: Outcome, best: int | None = None, num_qubits: int = 3
) -> Comparison:
    return Comparison(name, family, num_qubits, best, {OURS: ours, "qiskit": theirs})


LINES = (
    comparison("a", "named", outcome(6, 0.1, source="diffusion"), outcome(18, 0.01), best=6),
    comparison("b", "named", outcome(8, 0.3, source="template"), outcome(7, 0.02), best=9),
    comparison(
        "c", "blocks", outcome(4, 0.2, source="diffusion"), outcome(5, failure="no answer within 1 s"), num_qubits=2
    ),
)


def report(*lines: Comparison) -> BenchReport:
    return BenchReport({"suite": "s"}, {}, COMPILERS, lines, "conditions")


def test_totals_and_ratios_are_over_targets_that_both_did() -> None:
    summary = summarise(LINES, COMPILERS)
    assert summary["two_qubit_count"] == {OURS: 18, "qiskit": 25, "best": 15}
    assert summary["done"] == {OURS: 3, "qiskit": 2, "best": 2}
    assert summary["ratio"] == {"qiskit": pytest.approx(14 / 25), "best": pytest.approx(14 / 15)}
    assert summary["median_seconds"][OURS] == 0.2
    assert summary["at_or_under"] == {"qiskit": 1, "best": 2}
    assert summary["over"] == {"qiskit": 1, "best": 0}
    assert summary["sources"] == {"diffusion": 2, "template": 1}
    assert summary["source_shares"]["diffusion"] == pytest.approx(2 / 3)


def test_every_family_and_size_has_a_row_and_totals_follow() -> None:
    groups = [(family, size, len(lines)) for family, size, lines in report(*LINES).groups()]
    assert groups == [("blocks", "2", 1), ("named", "3", 2), ("all", "all", 3)]


def test_failure_of_a_peer_is_told_and_leaves_the_report_sound() -> None:
    told = report(*LINES)
    assert told.is_sound
    assert told.failures == ["qiskit on c: no answer within 1 s"]
    assert "FAILED qiskit on c: no answer within 1 s" in told.table()


def test_failure_of_ours_makes_the_report_unsound_and_counts_nowhere() -> None:
    wrong = comparison("d", "named", outcome(1, failure="not exact", source="edit"), outcome(5), best=5)
    told = report(*LINES, wrong)
    assert not told.is_sound
    assert told.failures[0] == f"{OURS} on d: not exact"
    assert told.as_dict()["total"]["two_qubit_count"][OURS] == 18
    assert told.as_dict()["total"]["over"] == {"qiskit": 1, "best": 0}
    assert "edit" not in told.as_dict()["total"]["sources"]


def test_report_is_plain_json_and_a_table_with_a_row_a_group() -> None:
    told = report(*LINES)
    assert (
        json.loads(json.dumps(told.as_dict(), allow_nan=False))["targets"][0]["outcomes"][OURS]["source"] == "diffusion"
    )
    lines = told.table().splitlines()
    assert lines[3].split()[:4] == ["family", "qubits", "targets", OURS]
    assert lines[6].split()[:8] == ["named", "3", "2", "14", "25", "(0.56)", "15", "(0.93)"]


def test_nothing_to_compare_with_is_shown_as_such() -> None:
    alone = Comparison("a", "named", 3, None, {OURS: outcome(0)})
    told = BenchReport({}, {}, (OURS,), (alone,), "")
    assert told.as_dict()["total"]["ratio"] == {"best": None}
    assert told.table()
