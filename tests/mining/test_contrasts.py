"""What goes with a gate set, a coupling map or a family is found, and only that."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.datasets.arrays import from_circuits
from circuitdiff.datasets.build import build_random
from circuitdiff.datasets.build_solutions import build_solutions
from circuitdiff.mining.contrasts import find_contrasts
from circuitdiff.mining.gadgets import pair_encoding
from circuitdiff.mining.kinds import Corpus, kind_codes, number_kinds, read_corpus


def corpus(ladders: tuple[int, int], count: int = 200) -> Corpus:
    """Return as many circuits on a line as not, so many of each with h and cp next to each other."""
    rng = np.random.default_rng(1)
    circuits = []
    for on_line in (0, 1):
        for i in range(count):
            kept = rng.permutation(2).tolist()
            ladder = [("h", (kept[0],), ()), ("cp", tuple(kept), (np.pi / 2,))]
            apart = [("h", (2,), ()), ("cp", tuple(kept), (np.pi / 2,))]
            circuits.append(Circuit.from_gates(3, ladder if i < ladders[on_line] else apart))
    arrays = from_circuits(circuits, 3)
    kinds, kind = number_kinds(kind_codes(arrays)[arrays.gates >= 0])
    groups = [("u,cx", "all", ""), ("u,cx", "line", "")]
    group = np.repeat([0, 1], count)
    return Corpus(kinds, kind, arrays.qubits[arrays.gates >= 0], np.arange(0, 4 * count + 1, 2), groups, group)


def test_a_gadget_of_one_coupling_is_found_with_its_counts() -> None:
    made = corpus((20, 90))
    (contrast,) = find_contrasts(made, pair_encoding(made, most=3))
    assert (contrast.column, contrast.value) == ("coupling", "line")
    assert contrast.gadget.gates() == ["h 0", "cp(0.5) 0 1"]
    assert (contrast.count, contrast.count_elsewhere) == (90, 20)
    assert contrast.circuits == contrast.circuits_elsewhere == 200
    assert contrast.ratio == pytest.approx(90.5 / 20.5)


def test_what_chance_can_do_is_no_contrast() -> None:
    made = corpus((50, 58))
    assert pair_encoding(made, most=3)[0].count == 108
    assert find_contrasts(made, pair_encoding(made, most=3)) == []


def test_gate_sets_and_couplings_of_one_build_are_told_apart(tmp_path: Path) -> None:
    build_solutions(tmp_path, targets=["ghz:2"], count=12, gate_sets=["h,cx", "h,cz"], couplings=["all", "line"])
    made = read_corpus(tmp_path)
    assert {group[:2] for group in made.groups} == {
        (gate_set, coupling) for gate_set in ("h,cx", "h,cz") for coupling in ("all", "line")
    }
    gadgets = pair_encoding(made, most=16)
    assert all(sum(gadget.counts) == gadget.count for gadget in gadgets)
    found = find_contrasts(made, gadgets)
    of_cz = [contrast for contrast in found if contrast.value == "h,cz"]
    assert any({"h", "cz"} == {gate.split()[0] for gate in contrast.gadget.gates()} for contrast in of_cz)
    assert not any("cx" in gate for contrast in of_cz for gate in contrast.gadget.gates())
    assert all(contrast.count_elsewhere == 0 for contrast in of_cz if "cz" in str(contrast.gadget.gates()))


def test_families_have_gadgets_of_their_own(tmp_path: Path) -> None:
    build_random(tmp_path, num_qubits=3, max_gates=16, count=4000, families=0.5)
    made = read_corpus(tmp_path)
    found = find_contrasts(made, pair_encoding(made, most=32))
    ratios = {(c.value, *c.gadget.gates()): c.ratio for c in found}
    assert ratios["qft", "cp(0.5) 0 1", "h 0"] > 10
    assert ratios["trotter", "cx 0 1", "rz(*) 1", "cx 0 1"] > 10
    assert ratios["adder", "ccx 0 1 2", "cx 0 1"] > 10
