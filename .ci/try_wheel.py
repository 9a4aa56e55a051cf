"""Try an installed circuitdiff: what the archives hold, commands, checkpoints, entry points, the README's Python.

Usage: python try_wheel.py WHEEL SDIST REPOSITORY, outside the repository and in the environment of the wheel.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

PLUGINS = (
    "circuitdiff_bqskit",
    "circuitdiff_cirq",
    "circuitdiff_pennylane",
    "circuitdiff_pytket",
    "circuitdiff_qiskit",
)
MEBIBYTES = 40
"""Most that the wheel may take."""


def main(wheel: Path, sdist: Path, repository: Path) -> None:
    """Stop at the first thing that is missing."""
    import circuitdiff

    installed = Path(circuitdiff.__file__).parent
    assert "site-packages" in installed.parts, f"{installed} is not the wheel's"
    check_archives(wheel, sdist, repository)
    with tempfile.TemporaryDirectory() as folder:
        check_commands(Path(folder))
    check_checkpoints()
    check_entry_points()
    readme = (repository / "README.md").read_text(encoding="utf-8")
    for number, code in enumerate(re.findall(r"^```python\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)):
        exec(compile(code, f"README, block {number}", "exec"), {"__name__": "readme"})
    print(f"{wheel.name}: {wheel.stat().st_size / 2**20:.1f} MiB; everything that was tried works")


def check_archives(wheel: Path, sdist: Path, repository: Path) -> None:
    """Look for what must be in the archives, and for what must not."""
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"circuitdiff", *PLUGINS, f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"}, tops
    for checkpoint in (path.name for path in (repository / "checkpoints").iterdir() if path.is_dir()):
        for file in ("config.json", "model.safetensors", "card.json", "README.md"):
            assert f"circuitdiff/checkpoints/{checkpoint}/{file}" in names, f"{checkpoint}/{file} is not in the wheel"
    for name in ("cli/demo/static/index.html", "reports/templates/base.html.j2", "spec/prompt.lark"):
        assert f"circuitdiff/{name}" in names, f"{name} is not in the wheel"
    for name in ("circuitdiff", *PLUGINS):
        assert f"{name}/py.typed" in names, f"{name} has no type information"
    assert not any(re.search(r"(^|/)(tests?|runs|\.[a-z]+)/|\.pyc$", name) for name in names)
    assert wheel.stat().st_size < MEBIBYTES << 20
    kept = {name.partition("/")[2] for name in tarfile.open(sdist).getnames()}
    for name in (
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "CITATION.cff",
        "tests/conftest.py",
        "docs/conf.py",
        "Makefile",
    ):
        assert name in kept, f"{name} is not in the sdist"


def check_commands(folder: Path) -> None:
    """Run commands as a user does, every bundled checkpoint among them."""
    assert run("doctor", "--json")["ok"]
    circuitdiff("target", "heisenberg:3", "-o", folder / "target.npy")
    found = run("compile", folder / "target.npy", "--coupling", "line", "-o", folder / "circuit.qasm", "--json")
    assert found["infidelity"] < 1e-10
    assert run("compile", folder / "circuit.qasm", "--effort", "fast", "--report", folder / "page.html", "--json")[
        "tol_met"
    ]
    assert "<svg" in (folder / "page.html").read_text(encoding="utf-8")
    prompt = ("generate", "--prompt", "3 qubits, SRV [2,2,2], only h and cx", "--num-samples", "16", "--json")
    assert run(*prompt)["correct"] > 0


def check_checkpoints() -> None:
    """Load every bundled checkpoint, from inside the package."""
    import circuitdiff
    from circuitdiff.models.bundled import bundled_checkpoints

    for name, path in bundled_checkpoints().items():
        assert "site-packages" in path.parts, path
        assert circuitdiff.CircuitDiffusion.from_pretrained(name)


def check_entry_points() -> None:
    """Load what Qiskit finds, and let Qiskit use it."""
    for group in ("qiskit.unitary_synthesis", "qiskit.synthesis", "qiskit.transpiler.optimization"):
        found = [point for point in entry_points(group=group) if "circuitdiff" in point.value]
        assert found, f"nothing in {group}"
        for point in found:
            point.load()
    from qiskit import QuantumCircuit, transpile

    circuit = QuantumCircuit(3)
    circuit.ccx(0, 1, 2)
    for method in ("optimization_method", "unitary_synthesis_method"):
        assert transpile(circuit, basis_gates=["u", "cx"], optimization_level=3, **{method: "circuitdiff"})
    import circuitdiff_cirq

    assert circuitdiff_cirq.__all__


def circuitdiff(*arguments: object) -> str:
    """Run the installed command; return what it prints."""
    command = Path(sys.executable).with_name("circuitdiff")
    done = subprocess.run([command, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"circuitdiff {' '.join(map(str, arguments))}: {done.returncode}\n{done.stderr}"
    return done.stdout


def run(*arguments: object) -> dict[str, object]:
    """Run a command that prints JSON."""
    answer: dict[str, object] = json.loads(circuitdiff(*arguments))
    return answer


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
