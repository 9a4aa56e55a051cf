"""Fine-tuning on circuits of one's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.data.fine_tuning import FineTuningSet, fitting_circuits
from circuitdiff.errors import InputError
from circuitdiff.models.bundled import read_card
from circuitdiff.training import PRESETS, train
from circuitdiff.training.metrics import METRICS_FILE

ROOT = Path(__file__).parents[2]
SHORT = replace(PRESETS["gates-tiny"], steps=40, validate_every=1000, precision="fp32", warmup_steps=5)


def own_circuits() -> FineTuningSet:
    """Return circuits of a kind that the ordinary stream hardly makes."""
    gates = [("h", [0], []), ("cp", [0, 1], [0.7]), ("ccx", [0, 1, 2], []), ("swap", [0, 2], []), ("h", [2], [])]
    circuits = [Circuit.from_gates(3, gates[:stop]) for stop in (3, 4, 5)]
    return fitting_circuits(circuits, SHORT.model.layout)


def test_losses_on_own_circuits_fall_further_with_them_than_without(tmp_path: Path) -> None:
    train(replace(SHORT, steps=2), tmp_path / "start")
    tuned = replace(SHORT, start=str(tmp_path / "start" / "checkpoint"), learning_rate=3e-3)
    still = replace(tuned, steps=1, learning_rate=1e-12, final_learning_rate=1e-12)
    own = own_circuits()
    before = train(still, tmp_path / "before", own=own).validation
    without = train(replace(tuned, own=0.001, batch_size=15), tmp_path / "without", own=own).validation  # 1 of 15
    report = train(replace(tuned, own=0.5), tmp_path / "with", own=own)
    assert report.validation["validation_own_structure"] < without["validation_own_structure"] - 0.1
    assert report.validation["validation_own_structure"] < before["validation_own_structure"] - 0.3
    assert report.validation["validation_structure"] < before["validation_structure"]  # what else it learns goes on
    card = read_card(tmp_path / "with" / "checkpoint")
    assert card["own_circuits"] == 3
    readme = (tmp_path / "with" / "checkpoint" / "README.md").read_text()
    assert "50% are from 3 circuits that the user gave" in readme
    assert f"{card['validation']['own_structure']:.4f} nats a masked position" in readme
    assert f"begun with the weights of {tuned.start}" in readme
    assert "No outside data" not in readme


def test_ansatz_models_take_no_own_circuits(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="models of gate sequences"):
        train(PRESETS["tiny"], tmp_path, own=own_circuits())


def run_train(*arguments: object, block: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command line; a module named `block` cannot be imported."""
    program = f"import sys; sys.modules[{block!r}] = None; from circuitdiff.cli.main import main; main(sys.argv[1:])"
    settings = ("train", "--preset", "gates-tiny", "--steps", "4", "--set", "warmup_steps=2", "--json")
    return subprocess.run(
        [sys.executable, "-c", program, *settings, *map(str, arguments)],
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_the_command_reads_a_folder_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    good = Circuit.from_gates(3, [("h", [0], []), ("cx", [0, 1], []), ("rz", [1], [0.4])])
    (folder / "three.qasm").write_text(good.to_qasm())
    (folder / "two.qasm").write_text(good.to_qasm(2))
    (folder / "broken.qasm").write_text("OPENQASM 3.0; qubit[2] q; cx q[0]")
    (folder / "wide.qasm").write_text(good.permuted((0, 1, 2), 7).to_qasm())
    (folder / "notes.txt").write_text("not a circuit")
    done = run_train("--circuits", folder, "--out", tmp_path / "run", "--set", "own=0.25")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["own_circuits"] == {
        "taken": 2,
        "refused": {"not readable": 1, "on more than 3 qubits": 1},
    }
    assert "broken.qasm" in done.stderr
    assert "2 circuits taken" in done.stderr
    assert "validation_own_structure" in (tmp_path / "run" / METRICS_FILE).read_text()


def test_the_command_learns_a_dataset_without_any_sdk(tmp_path: Path) -> None:
    dataset = tmp_path / "dataset"
    build = ("dataset", "build", "random", "--count", "30", "--max-gates", "8", "-o", str(dataset))
    subprocess.run([sys.executable, "-m", "circuitdiff", *build], cwd=ROOT, check=True, capture_output=True)
    done = run_train("--circuits", dataset, "--out", tmp_path / "run", block="qiskit")
    assert done.returncode == 0, done.stderr
    own = json.loads(done.stdout)["own_circuits"]
    assert own["taken"] + sum(own["refused"].values()) == 30
    assert set(own["refused"]) == {"of more than 6 gates"}


def test_where_no_circuit_fits_nothing_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "t.qasm").write_text(Circuit.from_gates(1, [("t", [0], [])]).to_qasm())
    done = run_train("--circuits", folder, "--out", tmp_path / "run")
    assert done.returncode == 2
    assert "error: none of 1 circuits fits the model: 1 with gates that the model lacks (t)" in done.stderr
    assert not (tmp_path / "run").exists()
    missing = run_train("--circuits", tmp_path / "nowhere", "--out", tmp_path / "run")
    assert (missing.returncode, "no such file or folder" in missing.stderr) == (2, True)
