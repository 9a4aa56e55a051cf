"""Targets: every kind read by one reader, bad ones refused with numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.errors import InputError
from circuitdiff.spec.target import Target, infidelity, parse_sparse_state, read_target
from tests.strategies import haar


@pytest.mark.parametrize(("width", "kind"), [(1, "state"), (2, "isometry"), (8, "unitary")])
def test_target_kind_follows_from_its_columns(width: int, kind: str) -> None:
    target = read_target(haar(3, 0)[:, :width])
    assert (target.kind, target.num_qubits, 1 << target.num_inputs) == (kind, 3, width)
    assert not target.columns.flags.writeable


def test_target_of_a_vector_is_a_state_and_single_precision_is_made_exact() -> None:
    vector = haar(3, 1)[:, 0].astype(np.complex64)
    target = read_target(vector)
    assert target.kind == "state"
    assert np.linalg.norm(target.columns) == pytest.approx(1, abs=1e-15)
    np.testing.assert_allclose(target.columns[:, 0], vector, atol=1e-6)


def test_target_of_bit_strings_has_qubit_zero_last() -> None:
    circuit = Circuit.from_gates(3, [("x", (0,), ())])
    assert infidelity(read_target({"001": 1.0}), circuit) == pytest.approx(0)
    assert infidelity(parse_sparse_state('{"001": [0, 1]}', "state"), circuit) == pytest.approx(0)


def test_target_read_again_is_the_same_and_keeps_its_order_free() -> None:
    target = read_target(np.array([1, 0]), up_to="output-permutation")
    again = read_target(target)
    assert again.columns is target.columns
    assert again.up_to == "output-permutation"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros(4), "norm is 0"),
        (np.array([1.0, 1.0]), "norm 1.41421356, expected 1"),
        (np.array([1.0, np.nan]), "1 of 2 entries"),
        (np.array([1.0, 0.0, 0.0]), "length 3"),
        (np.array([1.0]), "length 1"),
        (np.eye(8, 3), "3 columns"),
        (np.eye(2, 4), "4 columns"),
        (np.ones((4, 2)) / 2, "not orthonormal"),
        (np.eye(1 << 11, 1)[:, 0], "11 > 10"),
        (np.eye(64), "6 > 5"),
        (np.eye(256, 8), "8 > 7"),
        (np.zeros((2, 2, 2)), "shape"),
        (np.array(["a", "b"]), "expected numbers"),
        (np.array([1e308, 1e308]), "norm"),
        ({}, "no amplitudes"),
        ({"00": 0.6, "111": 0.8}, "2 and of 3 bits"),
        ({"0" * 11: 1.0}, "11 > 10"),
        ({"02": 1.0}, "no bit string"),
        ({"00": "1"}, "expected a number"),
        ({"00": True}, "expected a number"),
        ({"00": 0.6}, "norm 0.6"),
    ],
)
def test_target_refuses_bad_input_in_one_line(given: object, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_target(given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 0]", "holds a list"),
        ("{", "not JSON"),
        ('{"0": 1, "0": 0}', "come twice"),
        ("{}", "no amplitudes"),
        (json.dumps({"0": 10**400}), "too large"),
        ('{"0": NaN}', "NaN"),
    ],
)
def test_sparse_state_refuses_bad_json(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_sparse_state(text, "state.json")


def test_infidelity_refuses_another_register() -> None:
    with pytest.raises(InputError, match="1 qubits, the target 2"):
        infidelity(Target(np.eye(4, 1, dtype=np.complex128)), Circuit(1))


def test_target_refuses_an_unknown_freedom() -> None:
    with pytest.raises(InputError, match="up_to"):
        read_target(np.array([1, 0]), up_to="phase")  # type: ignore[arg-type]
