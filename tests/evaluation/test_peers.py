from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.circuits.unitaries import named
from circuitdiff.errors import InputError
from circuitdiff.evaluation.baselines import Request, swaps_to_undo
from circuitdiff.evaluation.peers import PEERS, PeerFailure, PeerProcesses, known_peers
from circuitdiff.evaluation.verification import Device, verdict_on

TARGETS = [named(f"random_circuit:3?gates=8&seed={seed}") for seed in range(3)]


def request(name: str, unitary: np.ndarray, gates: tuple[str, ...] = ("u", "cx"), coupling: str = "line") -> Request:
    num_qubits = len(unitary).bit_length() - 1
    return Request(PEERS[name].method, unitary, gates, parse_coupling(coupling, num_qubits), 0)


@pytest.fixture(scope="module")
def qiskit() -> Iterator[PeerProcesses]:
    with PeerProcesses(["qiskit", "qiskit-free"]) as processes:
        yield processes


def test_names_are_resolved_once_each() -> None:
    assert known_peers(["qiskit", "qiskit"]) == ["qiskit"]
    with pytest.raises(InputError, match="unknown peer 'tket'"):
        known_peers(["tket"])


@pytest.mark.parametrize("name", ["qiskit", "qiskit-free"])
@pytest.mark.parametrize("gate_set", ["u,cx", "ibm-ecr"])
def test_qiskit_is_exact_on_the_device(qiskit: PeerProcesses, name: str, gate_set: str) -> None:
    device = Device(parse_gate_set(gate_set), parse_coupling("line", 3))
    for unitary in TARGETS:
        made = qiskit.compile(name, request(name, unitary, device.gate_set.gates), 60)
        circuit = Circuit.from_gates(3, made.gates)
        assert verdict_on(circuit, unitary, device, 1e-9, made.initial, made.final).fault is None
        assert made.seconds > 0
        if name == "qiskit":
            assert made.initial == made.final == (0, 1, 2)


def test_peer_that_takes_too_long_is_stopped_and_starts_again(qiskit: PeerProcesses) -> None:
    asked = request("qiskit", TARGETS[0])
    with pytest.raises(PeerFailure, match="no answer within"):
        qiskit.compile("qiskit", asked, 1e-6)
    assert qiskit.compile("qiskit", asked, 60).gates


def test_error_of_a_peer_is_one_line(qiskit: PeerProcesses) -> None:
    with pytest.raises(PeerFailure) as caught:
        qiskit.compile("qiskit", request("qiskit", TARGETS[0], gates=("nonsense",)), 60)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("coupling", ["line", "ring", "all"])
def test_swaps_bring_every_qubit_home(coupling: str) -> None:
    device = parse_coupling(coupling, 4)
    for final in permutations(range(4)):
        places = list(final)
        for a, b in swaps_to_undo(final, device):
            assert (a, b) in device.pairs
            places = [b if place == a else a if place == b else place for place in places]
        assert places == [0, 1, 2, 3]


@pytest.mark.slow
@pytest.mark.parametrize("gate_set", ["u,cx", "ibm-cz", "ion"])
def test_bqskit_is_exact_on_the_device(gate_set: str) -> None:
    pytest.importorskip("bqskit")
    names = ["bqskit-o1", "bqskit-qsearch"]
    device = Device(parse_gate_set(gate_set), parse_coupling("line", 3))
    unitary = named("random_circuit:3?gates=4&seed=5")
    with PeerProcesses(names) as processes:
        for name in names:
            made = processes.compile(name, request(name, unitary, device.gate_set.gates), 120)
            circuit = Circuit.from_gates(3, made.gates)
            assert verdict_on(circuit, unitary, device, 1e-8, made.initial, made.final).fault is None
