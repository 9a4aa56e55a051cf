"""Gate sets: presets, lists and what they can do."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitdiff.circuits.gate_sets import PRESETS, ROTATION_AXES, entangler_class, parse_gate_set
from circuitdiff.circuits.gates import GATES
from circuitdiff.errors import InputError
from circuitdiff.features.lower_bounds import schmidt_values

SINGLE_QUBIT_GATES = [name for name, definition in GATES.items() if definition.num_qubits == 1]
CLASSES = {kind: [name for name in GATES if entangler_class(name) == kind] for kind in ("cz", "rzz", "iswap")}
PAULIS = {axis: GATES[axis.lower()].matrix() for axis in "XYZ"}


@pytest.mark.parametrize("name", PRESETS)
def test_gate_set_presets_parse_to_known_gates(name: str) -> None:
    gate_set = parse_gate_set(name)
    assert gate_set.name == name
    assert gate_set.gates == PRESETS[name]
    assert set(gate_set.gates) <= set(GATES)
    assert set(gate_set.single_qubit) | set(gate_set.entanglers) | {"swap"} >= set(gate_set.gates)


@pytest.mark.parametrize(
    ("name", "entangler", "discrete", "dressable"),
    [
        ("u,cx", "cz", False, True),
        ("u,cz", "cz", False, True),
        ("ibm-cx", "cz", False, True),
        ("ibm-ecr", "cz", False, True),
        ("ibm-cz", "cz", False, True),
        ("ion", "rzz", False, True),
        ("u,iswap", "iswap", False, True),
        ("genqc-discrete", "cz", True, False),
        ("genqc-continuous", "cz", False, True),
        ("clifford+t", "cz", True, False),
        ("u", None, False, False),
        ("u,swap", None, False, False),
        ("rz,crx", "rzz", False, False),
    ],
)
def test_gate_set_knows_what_it_can_build(name: str, entangler: str | None, discrete: bool, dressable: bool) -> None:
    gate_set = parse_gate_set(name)
    assert (gate_set.entangler, gate_set.is_discrete, gate_set.can_dress) == (entangler, discrete, dressable)


def test_gate_set_lists_lose_blanks_and_repetitions_and_keep_their_order() -> None:
    gate_set = parse_gate_set(" rzz, rx ,ry,rx,,swap")
    assert gate_set.gates == ("rzz", "rx", "ry", "swap")
    assert gate_set.entanglers == ("rzz",)
    assert gate_set.single_qubit == ("rx", "ry")


@given(st.lists(st.sampled_from([name for name in GATES if name != "dcz"]), min_size=1, unique=True))
def test_gate_set_of_any_gates_round_trips(names: list[str]) -> None:
    assert parse_gate_set(",".join(names)).gates == tuple(names)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the gate set is empty"),
        (" , ", "the gate set is empty"),
        ("ibm", "unknown gate set 'ibm'; presets: u,cx; u,cz; ibm-cx"),
        ("u,foo", "unknown gate 'foo'; the library has: id, x"),
        ("u,dcz", "gate 'dcz' exists inside the model alone"),
        ("dcz", "gate 'dcz' exists inside the model alone"),
    ],
)
def test_parse_gate_set_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_gate_set(text)


@pytest.mark.parametrize("name", CLASSES["cz"])
def test_entanglers_of_the_cz_class_have_its_schmidt_spectrum(name: str) -> None:
    np.testing.assert_allclose(schmidt_values(GATES[name].matrix(), (0,)) ** 2, [0.5, 0.5, 0, 0], atol=1e-14)


@pytest.mark.parametrize("name", CLASSES["rzz"])
def test_entanglers_of_the_rzz_class_reach_every_spectrum_of_rank_two(name: str) -> None:
    angles = np.linspace(0, 2 * np.pi, 9)
    spectra = [schmidt_values(GATES[name].matrix([angle]), (0,)) ** 2 for angle in angles]
    np.testing.assert_allclose(np.array(spectra)[:, 2:], 0, atol=1e-14)
    assert spectra[0][0] == pytest.approx(1)
    assert min(spectrum[0] for spectrum in spectra) == pytest.approx(0.5)


def test_gate_set_classes_cover_every_two_qubit_gate_with_which_one_can_build() -> None:
    assert {kind: set(names) for kind, names in CLASSES.items()} == {
        "cz": {"cx", "cy", "cz", "ch", "ecr"},
        "rzz": {"rzz", "rxx", "ryy", "rzx", "cp", "crx", "cry", "crz"},
        "iswap": {"iswap"},
    }


def reaches_every_rotation(names: tuple[str, ...]) -> bool:
    """Whether there is a rotation gate and another axis to which a gate takes it."""
    axes = {ROTATION_AXES[name] for name in names if name in ROTATION_AXES}
    fixed = [GATES[name].matrix() for name in names if GATES[name].num_params == 0]
    images = [abs(np.trace(PAULIS[axis] @ g @ PAULIS[axis] @ g.conj().T)) / 2 for axis in axes for g in fixed]
    return "u" in names or len(axes) > 1 or any(overlap < 1 - 1e-9 for overlap in images)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_gate_set_has_any_single_qubit_gate_when_rotations_have_two_axes(size: int) -> None:
    for names in combinations(SINGLE_QUBIT_GATES, size):
        assert parse_gate_set(",".join(names)).has_any_single_qubit_gate == reaches_every_rotation(names), names
