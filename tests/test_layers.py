"""The architecture: imports only go down, and heavy libraries stay where they belong."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

import circuitdiff

ROOT = Path(circuitdiff.__file__).parent
PLUGINS = ROOT.parent / "plugins"

LAYERS = {
    "errors": -1,
    "interruption": -1,
    "validation": -1,
    "lazy_names": -1,
    "registry": -1,
    "atomic": -1,
    "counting": -1,
    "circuits": 0,
    "features": 1,
    "spec": 1,
    "interop": 1,
    "diffusion": 1,
    "numerics": 2,
    "models": 2,
    "data": 2,
    "generation": 3,
    "training": 3,
    "synthesis": 4,
    "resynthesis": 5,
    "datasets": 5,
    "evaluation": 6,
    "mining": 6,
    "reports": 7,
    "cli": 8,
}
"""Which packages may be imported from which: those of a lower number, and errors."""

SDKS = {"qiskit", "qiskit_qasm3_import", "cirq", "bqskit", "pytket"}
TRAINABLE = ("circuits", "features", "spec", "diffusion", "models", "data", "generation", "training")
"""Packages that a training machine needs: it has torch, numpy, transformers and safetensors alone."""

TORCH_FREE = ("circuits/__init__.py", "circuits/gates.py", "circuits/circuit.py", "circuits/unitary_io.py", "interop")
"""What two-qubit compilation and file conversion run through."""


UPWARD = {("circuits", "circuitdiff.interop"), ("synthesis", "circuitdiff.resynthesis.stage")}
"""What is looked up above when it is called: methods such as `Circuit.to_qiskit`, the stage that rewrites blocks."""

MODULE = re.compile(r"circuitdiff(\.\w+)+")

PEERS = ("evaluation/baselines.py", "evaluation/state_peers.py")
"""What runs other compilers to compare with."""


def python_files(*places: str) -> list[Path]:
    """Return the modules under the given files and folders of the package."""
    paths = [ROOT / place for place in places]
    return sorted(file for path in paths for file in ([path] if path.suffix else path.rglob("*.py")))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and dotted name of every import, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.lineno, node.module or ""
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "import_module":
            yield from ((node.lineno, part.value) for part in ast.walk(node) if is_text(part))
        elif is_text(node) and MODULE.fullmatch(node.value):  # to be imported by a table such as that of lazy names
            yield node.lineno, node.value


def is_text(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def home(dotted: str) -> str | None:
    """Return the package of circuitdiff that a dotted name lies in."""
    parts = dotted.split(".")
    return parts[1] if parts[0] == "circuitdiff" and len(parts) > 1 else None


def test_layers_cover_every_package() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages <= LAYERS.keys()


@pytest.mark.parametrize("path", python_files(*LAYERS), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_only_go_down(path: Path) -> None:
    own = home(".".join(("circuitdiff", *path.relative_to(ROOT).with_suffix("").parts)))
    for line, dotted in imports(path):
        other = home(dotted)
        if other in (None, own, "__version__") or (own, dotted) in UPWARD:
            continue
        assert LAYERS.get(other or "", 99) < LAYERS[own or ""], f"{path}:{line}: {own} imports {dotted}"


@pytest.mark.parametrize("path", python_files(*TRAINABLE), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_training_packages_import_no_sdk_and_no_compiler(path: Path) -> None:
    for line, dotted in imports(path):
        assert dotted.split(".")[0] not in SDKS | {"numba", "click"}, f"{path}:{line} imports {dotted}"


@pytest.mark.parametrize("path", python_files(*LAYERS), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_but_interop_knows_an_sdk(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    if place.startswith("interop/") or place in PEERS:
        return
    for line, dotted in imports(path):
        assert dotted.split(".")[0] not in SDKS, f"{path}:{line} imports {dotted}"


@pytest.mark.parametrize("path", python_files(*TORCH_FREE), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_conversion_imports_no_torch(path: Path) -> None:
    for line, dotted in imports(path):
        assert dotted.split(".")[0] not in {"torch", "transformers"}, f"{path}:{line} imports {dotted}"


def test_plugins_use_the_public_interface_alone() -> None:
    for path in sorted(PLUGINS.rglob("*.py")):
        for line, dotted in imports(path):
            name = home(dotted)
            assert name is None or name in circuitdiff.__all__, f"{path}:{line} imports {dotted}"


def test_public_names_resolve() -> None:
    for name in circuitdiff.__all__:
        assert getattr(circuitdiff, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        circuitdiff.nothing  # noqa: B018
