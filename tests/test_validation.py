"""Every way in refuses every option that is out of range, with the same error."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from importlib import import_module
from typing import Any

import cirq
import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile

import circuitdiff
from circuitdiff import Circuit, InputError
from circuitdiff.circuits.program import Program
from circuitdiff.resynthesis import resynthesize_program
from circuitdiff_cirq import resynthesize as resynthesize_cirq
from circuitdiff_qiskit import CircuitDiffResynthesis, stage_options

WRONG: dict[str, tuple[Any, ...]] = {
    "timeout": (-1, math.nan, "5", True, [1], -1e-9, 10**400),
    "tol": (-1, 0, 1, 5, math.nan, math.inf, "1e-9", None),
    "seed": (-1, 1.5, "0", None, 2**63, True),
    "effort": ("hard", None, ["fast"]),
    "block_size": (1, 6, "3", 2.5, None),
    "cache": (1, ["file"]),
    "samples": (0, -3, 1.5, "4"),
    "model": (3,),
    "gate_set": (None, ["u", "cx"]),
    "proposers": (3, "search", [1]),
    "keep_order": ("no", 1, None),
}

CNOT = np.eye(4)[[0, 1, 3, 2]]
CIRCUIT = Circuit.from_gates(2, [("cx", (0, 1), ())])
BLOCKS = ("timeout", "tol", "seed", "effort", "block_size", "cache", "model")


def importing(package: str, plugin: str) -> Any:
    """Import a plugin; where its package is not installed, the test is skipped."""
    pytest.importorskip(package)
    return import_module(plugin)


def pennylane_way(**options: object) -> object:
    plugin = importing("pennylane", "circuitdiff_pennylane")
    qml = import_module("pennylane")
    return plugin.resynthesize(qml.tape.QuantumScript([qml.CNOT([0, 1])]), **options)


WAYS_IN: dict[str, tuple[Callable[..., object], tuple[str, ...]]] = {
    "compile": (
        lambda **o: circuitdiff.compile(CNOT, **o),
        ("timeout", "tol", "seed", "effort", "samples", "model", "gate_set", "proposers"),
    ),
    "compile_many": (lambda **o: circuitdiff.compile_many([CNOT], **o), ("timeout", "tol", "seed")),
    "resynthesize": (lambda **o: circuitdiff.resynthesize(CIRCUIT, **o), (*BLOCKS, "gate_set", "keep_order")),
    "program": (
        lambda **o: resynthesize_program(Program(2, CIRCUIT.operations), **o),
        (*BLOCKS, "gate_set", "keep_order"),
    ),
    "steps": (lambda **o: circuitdiff.resynthesize_steps((), **o), (*BLOCKS, "gate_set", "keep_order")),
    "qiskit pass": (lambda **o: CircuitDiffResynthesis(**o), (*BLOCKS, "keep_order")),
    "stage options": (lambda **o: stage_options(**o).__enter__(), (*BLOCKS, "keep_order")),
    "cirq": (lambda **o: resynthesize_cirq(cirq.Circuit(), **o), (*BLOCKS, "gate_set")),
    "pennylane": (lambda **o: pennylane_way(**o), BLOCKS),
    "pytket": (lambda **o: importing("pytket", "circuitdiff_pytket").CircuitDiffResynthesis(**o), BLOCKS),
    "bqskit": (
        lambda **o: importing("bqskit", "circuitdiff_bqskit").CircuitDiffSynthesisPass(**o),
        ("timeout", "tol", "effort"),
    ),
}
CASES = [(way, name, value) for way, (_, names) in WAYS_IN.items() for name in names for value in WRONG[name]]


@pytest.mark.parametrize(("way", "name", "value"), CASES)
def test_options_out_of_range_are_one_clear_error(way: str, name: str, value: object) -> None:
    with pytest.raises(InputError, match=name.replace("_", "[_ ]")) as refused:
        WAYS_IN[way][0](**{name: value})
    assert "\n" not in str(refused.value)


def test_numbers_of_numpy_are_numbers() -> None:
    result = circuitdiff.compile(CNOT, seed=np.int64(3), timeout=np.float32(60), tol=np.float64(1e-9))
    assert result.two_qubit_count == 1


def test_rows_of_different_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="not of one length"):
        circuitdiff.compile([[1, 0], [0]])


def test_a_prompt_is_a_text() -> None:
    with pytest.raises(InputError, match="prompt is a text"):
        circuitdiff.compile(CNOT, prompt=4)  # type: ignore[arg-type]


def test_rows_of_numbers_are_a_matrix() -> None:
    assert circuitdiff.compile(CNOT.tolist()).two_qubit_count == 1
    assert [r.two_qubit_count for r in circuitdiff.compile_many([CNOT.tolist(), CNOT])] == [1, 1]


@pytest.mark.parametrize("setting", [{"tol": -1}, {"seed": "x"}, {"timeout": math.nan}, {"samples": 0}, "fast"])
def test_wrong_settings_of_unitary_synthesis_are_said_and_qiskit_goes_on(
    setting: Any, caplog: pytest.LogCaptureFixture
) -> None:
    circuit = QuantumCircuit(3)
    circuit.unitary(np.eye(8)[[0, 1, 2, 3, 4, 5, 7, 6]], [0, 1, 2])
    done = transpile(
        circuit,
        basis_gates=["u", "cx"],
        unitary_synthesis_method="circuitdiff",
        unitary_synthesis_plugin_config=setting,
    )
    assert done.count_ops()["cx"] > 0
    assert "leaves a unitary to Qiskit" in caplog.text


def test_seeds_of_the_transpiler_may_be_anything() -> None:
    circuit = QuantumCircuit(2)
    circuit.cx(0, 1)
    done = transpile(circuit, optimization_method="circuitdiff", seed_transpiler=2**40, optimization_level=1)
    assert done.count_ops() == {"cx": 1}


def test_asynchronous_callers_get_the_same_error() -> None:
    with pytest.raises(InputError, match="tol"):
        asyncio.run(asyncio.to_thread(circuitdiff.compile, CNOT, tol=-1))
