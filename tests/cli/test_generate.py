from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.unitaries import named
from circuitdiff.generation import CircuitDiffusion
from circuitdiff.interop import from_qasm
from circuitdiff.models.config import RANKS, TEXT, UNITARY, DenoiserConfig
from tests.cli.conftest import RunCli
from tests.small_models import small_denoiser

SMALL = {"width": 32, "heads": 2, "encoder_layers": 1, "decoder_layers": 1, "stem_width": 16, "stem_layers": 1}
HEADER = 'OPENQASM 2.0; include "qelib1.inc"; '
BELLISH = HEADER + "qreg q[3]; h q[0]; cx q[0],q[1]; cx q[1],q[2]; cx q[0],q[2]; h q[2];"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Random weights: what holds for every circuit holds for these, and the rest is counted honestly."""
    folder = tmp_path_factory.mktemp("models")
    configs = {
        "target": DenoiserConfig(3, ("h", "cx", "rz"), max_gates=8, conditions=(UNITARY,), **SMALL),
        "ranks": DenoiserConfig(4, ("h", "cx"), max_gates=10, conditions=(RANKS,), **SMALL),
        "words": DenoiserConfig(
            4, ("h", "cx"), max_gates=10, conditions=(TEXT,), text_width=32, text_layers=1, **SMALL
        ),
    }
    for name, config in configs.items():
        CircuitDiffusion(small_denoiser(config), name).save_pretrained(folder / name)
    return {name: folder / name for name in configs}


def ranks_of(circuit: Circuit) -> list[int]:
    state = circuit.unitary()[:, 0].reshape((2,) * circuit.num_qubits)
    rows = (np.moveaxis(state, circuit.num_qubits - 1 - q, 0).reshape(2, -1) for q in range(circuit.num_qubits))
    return [int(np.linalg.matrix_rank(matrix, tol=1e-6)) for matrix in rows]


@pytest.mark.parametrize("model", ["ranks", "words"])
def test_prompted_circuits_keep_to_what_is_asked_and_are_checked(
    model: str, models: dict[str, Path], run_cli: RunCli
) -> None:
    prompt = "3 qubits, SRV [2,1,2], only h and cx, on a line, at most 7 gates, at most 4 two-qubit gates"
    done = run_cli("generate", "--prompt", prompt, "--model", models[model], "--num-samples", 96, "--json")
    result = json.loads(done.stdout)
    assert done.returncode == (0 if result["correct"] > 0 else 3), done.stderr
    assert sum(row["count"] for row in result["circuits"]) == result["samples"] == 96
    assert result["asked"] == {
        "num_qubits": 3,
        "schmidt_ranks": [2, 1, 2],
        "gates": ["h", "cx"],
        "coupling": "line",
        "max_gates": 7,
        "max_two_qubit_gates": 4,
    }
    assert result["distinct"] == len(result["circuits"])
    share = sum(row["count"] for row in result["circuits"] if row["correct"]) / 96
    assert result["correct"] == pytest.approx(share)
    for row in result["circuits"]:
        circuit = from_qasm(row["qasm"])
        assert circuit.num_qubits == 3
        assert set(circuit.pairs) <= {(0, 1), (1, 2)}
        assert {op.name for op in circuit.operations} <= {"h", "cx"}
        assert (circuit.num_gates, circuit.two_qubit_count) == (row["num_gates"], row["two_qubit_count"])
        assert circuit.num_gates <= 7
        assert circuit.two_qubit_count <= 4
        assert row["srv"] == ranks_of(circuit)
        assert row["correct"] == (row["srv"] == [2, 1, 2])


def test_circuits_for_a_target_say_how_far_they_are(models: dict[str, Path], run_cli: RunCli, tmp_path: Path) -> None:
    target = named("ghz:3")
    np.save(tmp_path / "ghz.npy", target)
    options = ("--model", models["target"], "--num-samples", 16, "--seed", 3)
    done = run_cli("generate", "--target", "ghz.npy", *options, "--json", "-o", "found.jsonl")
    result = json.loads(done.stdout)
    rows = [json.loads(line) for line in (tmp_path / "found.jsonl").read_text().splitlines()]
    assert rows == result["circuits"]
    for row in rows:
        overlap = abs(np.trace(target.conj().T @ from_qasm(row["qasm"]).unitary())) / 8
        assert row["infidelity"] == pytest.approx(1 - overlap, abs=1e-6)
    assert result["best_infidelity"] == min(row["infidelity"] for row in rows)
    again = run_cli("generate", "--target", "ghz.npy", *options, "--json")
    assert json.loads(again.stdout)["circuits"] == rows


def test_circuits_go_to_a_folder(models: dict[str, Path], run_cli: RunCli, tmp_path: Path) -> None:
    done = run_cli("generate", "--prompt", "2 qubits", "--model", models["ranks"], "--num-samples", 8, "-o", "found")
    assert done.returncode == 0, done.stderr
    files = sorted((tmp_path / "found").iterdir())
    assert files
    assert all(from_qasm(path.read_text()).num_qubits == 2 for path in files)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--prompt", "a circuit that flies"], "not understood at 'that', column 11; the nearest form is"),
        (["--prompt", "2 qubits, SRV [2,1,2]"], "3 Schmidt ranks [2, 1, 2] are asked of 2 qubits"),
        (["--prompt", "SRV [2,1,1]"], "single qubit cannot be entangled"),
        (
            ["--prompt", "3 qubits, only h", "--gate-set", "h,cx"],
            "two gate sets contradict each other",
        ),
        (["--prompt", "3 qubits, on a line", "--coupling", "all"], "two couplings contradict each other: line and all"),
        (["--prompt", "3 qubits, only h and rx", "--model", "ranks"], "the model has no gate rx"),
        (["--prompt", "5 qubits", "--model", "ranks"], "1 to 4 qubits, not 5"),
        (["--prompt", "3 qubits", "--target", "missing.npy", "--model", "target"], "missing.npy"),
        (["--prompt", "SRV [2,2,2]", "--model", "target"], "the model takes no ranks"),
        (["--model", "ranks"], "nothing is asked for"),
        (["--prompt", "3 qubits", "--model", "ranks", "-o", "no/such/place.jsonl"], "cannot write"),
        (["--prompt", "3 qubits, coupling 0-9", "--model", "ranks"], "9"),
    ],
)
def test_bad_requests_end_in_one_line(
    arguments: list[str], message: str, models: dict[str, Path], run_cli: RunCli, tmp_path: Path
) -> None:
    paths = [str(models[a]) if a in models else a for a in arguments]
    done = run_cli("generate", *paths, "--num-samples", 4)
    error = done.stderr.decode()
    assert done.returncode == 2
    assert error.count("\n") == 1
    assert message in error
    assert not done.stdout
    assert list(tmp_path.iterdir()) == []


def test_an_edit_keeps_what_it_is_to_keep(models: dict[str, Path], run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "c.qasm").write_text(BELLISH)
    done = run_cli("edit", "c.qasm", "--prefix", 1, "--suffix", 1, "--model", models["target"], "--json")
    result = json.loads(done.stdout)
    assert result["samples"] == 64
    for row in result["circuits"]:
        gates = [(op.name, op.qubits) for op in from_qasm(row["qasm"]).operations]
        assert ("h", (0,)) in gates
        assert ("h", (2,)) in gates
        assert len(gates) <= 5


def test_an_edit_draws_what_is_forbidden_anew(models: dict[str, Path], run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "c.qasm").write_text(BELLISH)
    done = run_cli(
        "edit", "c.qasm", "--forbid-couplings", "0-2", "--max-growth", 2, "--model", models["target"], "--json"
    )
    for row in json.loads(done.stdout)["circuits"]:
        circuit = from_qasm(row["qasm"])
        assert (0, 2) not in circuit.pairs
        assert sum(op.name == "h" for op in circuit.operations) >= 2
        assert all(pair in circuit.pairs for pair in ((0, 1), (1, 2)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--keep", "0-4"], "5 of 5 are kept"),
        (["--regenerate", "0-4"], "0 of 5 are kept"),
        ([], "5 of 5 are kept"),
        (["--keep", "7"], "position 7 is not one of 0 to 4"),
        (["--keep", "3", "--forbid-couplings", "0-2"], "gate 3, cx on [0, 2], is both kept and forbidden"),
        (["--regenerate-qubits", "5"], "qubit 5 is not one of 0 to 2"),
        (["--keep", "x"], "'x' is neither a number nor a range"),
        (["--forbid-couplings", "0"], "not a list of pairs"),
        (["--regenerate", "1", "--prompt", "4 qubits"], "the circuit has 3 qubits, and 4 are asked for"),
        (["--regenerate", "1", "--max-gates", "2"], "no circuit satisfies"),
    ],
)
def test_bad_edits_end_in_one_line(
    arguments: list[str], message: str, models: dict[str, Path], run_cli: RunCli, tmp_path: Path
) -> None:
    (tmp_path / "c.qasm").write_text(BELLISH)
    done = run_cli("edit", "c.qasm", *arguments, "--model", models["target"], "--num-samples", 4)
    error = done.stderr.decode()
    assert done.returncode == 2, error
    assert error.count("\n") == 1
    assert message in error


def test_circuits_outside_the_model_are_refused(models: dict[str, Path], run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "t.qasm").write_text(HEADER + "qreg q[2]; t q[0]; h q[0]; h q[1];")
    (tmp_path / "long.qasm").write_text(HEADER + "qreg q[2];" + "h q[0]; h q[1];" * 6)
    for name in ("t.qasm", "long.qasm"):
        done = run_cli("edit", name, "--keep", "0", "--model", models["target"])
        assert done.returncode == 2
        assert done.stderr.count(b"\n") == 1


def test_all_pairs_of_a_small_register_can_be_drawn(models: dict[str, Path], run_cli: RunCli) -> None:
    done = run_cli("generate", "--prompt", "4 qubits", "--model", models["ranks"], "--num-samples", 128, "--json")
    drawn = {pair for row in json.loads(done.stdout)["circuits"] for pair in from_qasm(row["qasm"]).pairs}
    assert drawn == set(combinations(range(4), 2))
