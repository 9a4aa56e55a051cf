"""Coupling maps: what parses, and what is refused with which numbers."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest
import rustworkx as rx
from hypothesis import given
from hypothesis import strategies as st

from circuitdiff.circuits.coupling import MAX_FILE_BYTES, all_to_all, from_pairs, parse_coupling
from circuitdiff.errors import InputError

Pair = tuple[int, int]


@st.composite
def pair_lists(draw: st.DrawFn) -> tuple[int, list[Pair]]:
    """A register and pairs on it, in any order, direction and number, connected or not."""
    num_qubits = draw(st.integers(2, 6))
    pair = st.permutations(range(num_qubits)).map(lambda order: (order[0], order[1]))
    return num_qubits, draw(st.lists(pair, min_size=1, max_size=10))


def graph_of(num_qubits: int, pairs: list[Pair]) -> rx.PyGraph:
    graph = rx.PyGraph()
    graph.add_nodes_from(range(num_qubits))
    graph.add_edges_from_no_data(pairs)
    return graph


@pytest.mark.parametrize(
    ("text", "num_qubits", "pairs"),
    [
        ("all", 3, [(0, 1), (0, 2), (1, 2)]),
        ("line", 4, [(0, 1), (1, 2), (2, 3)]),
        ("ring", 4, [(0, 1), (0, 3), (1, 2), (2, 3)]),
        ("ring", 2, [(0, 1)]),
        ("line", 1, []),
        ("ring", 1, []),
        ("all", 1, []),
        ("2-1,0-1,1-0", 3, [(0, 1), (1, 2)]),
    ],
)
def test_parse_coupling_knows_names_and_pairs(text: str, num_qubits: int, pairs: list[Pair]) -> None:
    coupling = parse_coupling(text, num_qubits)
    assert (coupling.num_qubits, coupling.pairs, coupling.name) == (num_qubits, tuple(pairs), text)


@given(pair_lists())
def test_parse_coupling_takes_exactly_the_connected_maps(case: tuple[int, list[Pair]]) -> None:
    num_qubits, pairs = case
    text = ",".join(f"{a}-{b}" for a, b in pairs)
    if rx.is_connected(graph_of(num_qubits, pairs)):
        assert parse_coupling(text, num_qubits).pairs == tuple(sorted({(min(p), max(p)) for p in pairs}))
    else:
        reached = len(rx.node_connected_component(graph_of(num_qubits, pairs), 0))
        with pytest.raises(InputError, match=f"is disconnected: {reached} of {num_qubits} qubits reach each other"):
            parse_coupling(text, num_qubits)


def test_parse_coupling_reads_a_file_of_pairs(tmp_path: Path) -> None:
    path = tmp_path / "device.json"
    path.write_text(json.dumps([[1, 0], [2, 1]]))
    coupling = parse_coupling(str(path), 3)
    assert coupling.pairs == ((0, 1), (1, 2))
    assert coupling.name == str(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0-1", r"coupling map '0-1' is disconnected: 2 of 3 qubits reach each other"),
        ("0-1,1-2,2-2", "coupling 2-2 is not a pair of different qubits below 3"),
        ("0-1,1-3", "coupling 1-3 is not a pair of different qubits below 3"),
        ("0-1,1", "neither all, line, ring, pairs such as 0-1,1-2, nor a file"),
        ("star", "coupling map 'star' is neither all"),
        ("", "is neither all"),
        ("\0", "is neither all"),
        ("x" * 5000, "is neither all"),
        ("0-" + "9" * 5000, "is neither all"),
    ],
)
def test_parse_coupling_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_coupling(text, 3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"{}", "must hold a list of pairs of qubit numbers"),
        (b"[[0, 1, 2]]", "must hold a list of pairs of qubit numbers"),
        (b"[[0, 1.0]]", "must hold a list of pairs of qubit numbers"),
        (b"[[0, true]]", "must hold a list of pairs of qubit numbers"),
        (b"[]", "is disconnected: 1 of 3 qubits"),
        (b"[[0, -1]]", "coupling 0--1 is not a pair of different qubits below 3"),
        (b" " * (MAX_FILE_BYTES + 1), f"has {MAX_FILE_BYTES + 1} bytes, more than {MAX_FILE_BYTES}"),
    ],
)
def test_parse_coupling_refuses_a_file_that_holds_no_map(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "device.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        parse_coupling(str(path), 3)


@pytest.mark.parametrize("num_qubits", [1, 2, 5])
def test_all_to_all_is_complete(num_qubits: int) -> None:
    coupling = all_to_all(num_qubits)
    assert coupling.is_complete
    assert coupling.allows(combinations(range(num_qubits), 2))
    assert parse_coupling("line", num_qubits).is_complete == (num_qubits < 3)


@given(pair_lists().filter(lambda case: rx.is_connected(graph_of(*case))), st.data())
def test_coupling_restricted_keeps_the_couplings_inside(case: tuple[int, list[Pair]], data: st.DataObject) -> None:
    coupling = from_pairs(case[1], case[0], "some")
    size = data.draw(st.integers(1, case[0]))
    qubits = tuple(data.draw(st.permutations(range(case[0])))[:size])
    inside = graph_of(*case).subgraph(sorted(qubits))
    restricted = coupling.restricted(qubits)
    assert (restricted is not None) == rx.is_connected(inside)
    if restricted is not None:
        named = {(min(qubits[a], qubits[b]), max(qubits[a], qubits[b])) for a, b in restricted.pairs}
        assert named == {pair for pair in coupling.pairs if set(pair) <= set(qubits)}
        assert restricted.num_qubits == size


@given(pair_lists().filter(lambda case: rx.is_connected(graph_of(*case))))
def test_coupling_neighbours_and_distances_are_the_graphs(case: tuple[int, list[Pair]]) -> None:
    coupling, graph = from_pairs(case[1], case[0], "some"), graph_of(*case)
    distances = rx.distance_matrix(graph)
    assert coupling.distances() == [[int(steps) for steps in row] for row in distances]
    for qubit in range(case[0]):
        assert coupling.neighbours(qubit) == tuple(sorted(set(graph.neighbors(qubit))))


def test_coupling_allows_no_pair_outside() -> None:
    line = parse_coupling("line", 4)
    assert line.allows([(1, 2), (0, 1)])
    assert not line.allows([(1, 2), (0, 2)])
    assert line.allows([])
