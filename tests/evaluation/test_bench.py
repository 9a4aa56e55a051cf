from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.errors import InputError, NoCircuitError
from circuitdiff.evaluation import bench
from circuitdiff.evaluation.bench import Settings, run_bench
from circuitdiff.evaluation.report import OURS
from circuitdiff.synthesis import CompileResult, compile

ANALYTIC: dict[str, Any] = {"proposers": ("analytic",)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    gates = {"pair_cx": [("cx", (1, 0), ())], "pair_cp": [("cp", (0, 1), (0.3,)), ("h", (1,), ())]}
    for name, given in gates.items():
        np.save(tmp_path / f"{name}.npy", Circuit.from_gates(2, given).unitary())
    entries = [{"file": "pair_cx.npy", "family": "one", "best": 1}, {"file": "pair_cp.npy", "family": "two", "best": 2}]
    (tmp_path / "manifest.json").write_text(json.dumps({"targets": entries}))
    return tmp_path


def compiled_wrongly(target: np.ndarray, **settings: Any) -> CompileResult:
    """Compile, then turn one angle: what the compiler claims stays as it was."""
    result = compile(target, **settings)
    index = next(i for i, op in enumerate(result.circuit.operations) if op.params)
    operations = list(result.circuit.operations)
    first = operations[index]
    operations[index] = first._replace(params=(first.params[0] + 1e-3, *first.params[1:]))
    return replace(result, circuit=replace(result.circuit, operations=tuple(operations)))


def test_bench_measures_every_target_by_every_compiler(folder: Path) -> None:
    report = run_bench(str(folder), peers=("qiskit",), **ANALYTIC)
    told = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert report.is_sound
    assert told["failures"] == []
    assert told["compilers"] == [OURS, "qiskit"]
    assert told["environment"]["threads"] == 1
    assert [target["best"] for target in told["targets"]] == [1, 2]
    for target in told["targets"]:
        for outcome in target["outcomes"].values():
            assert outcome["two_qubit_count"] == target["best"]
            assert outcome["infidelity"] < 1e-9
            assert outcome["seconds"] > 0
    assert told["total"]["ratio"] == {"qiskit": 1.0, "best": 1.0}
    assert told["total"]["sources"] == {"analytic": 2}
    assert report.table()


def test_corrupted_result_is_detected(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "compile_unitary", compiled_wrongly)
    report = run_bench(str(folder), peers=(), families=("two",), **ANALYTIC)
    assert not report.is_sound
    assert "not exact" in report.failures[0]
    assert "FAILED" in report.table()


def test_miscounted_gates_are_detected(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Boastful(CompileResult):
        two_qubit_count = 0  # type: ignore[assignment]

    def boast(target: np.ndarray, **settings: Any) -> CompileResult:
        return Boastful(**vars(compile(target, **settings)))

    monkeypatch.setattr(bench, "compile_unitary", boast)
    report = run_bench(str(folder), peers=(), limit=1, **ANALYTIC)
    assert report.failures == [f"{OURS} on pair_cx: claims 0 two-qubit gates and has 1"]


@pytest.mark.parametrize("error", [NoCircuitError("too late"), RuntimeError("a fault of ours")])
def test_exception_is_a_failure_and_the_bench_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    calls = []

    def fail_once(target: np.ndarray, **settings: Any) -> CompileResult:
        calls.append(settings["timeout"])
        if len(calls) == 2:  # the first is the warm-up
            raise error
        return compile(target, **settings)

    monkeypatch.setattr(bench, "compile_unitary", fail_once)
    report = run_bench(str(folder), peers=(), **ANALYTIC)
    assert len(report.failures) == 1
    assert str(error) in report.failures[0]
    assert report.comparisons[1].outcomes[OURS].failure is None


def test_known_best_is_forgotten_where_other_entanglers_are_counted(folder: Path) -> None:
    report = run_bench(str(folder), peers=(), limit=1, gate_set="ion", **ANALYTIC)
    assert report.comparisons[0].best is None
    assert Settings(gate_set="ibm-ecr", coupling="line").device(3).coupling.pairs == ((0, 1), (1, 2))


@pytest.mark.parametrize(
    "wrong", [{"peers": ("tket",)}, {"gate_set": "nonsense"}, {"proposers": ("luck",)}, {"coupling": "0-1,1-2"}]
)
def test_bad_settings_are_refused_before_any_target(folder: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        run_bench(str(folder), **({"peers": ()} | wrong))
