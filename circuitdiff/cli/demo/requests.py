"""What the page may ask for, read and bounded as the command line's input is."""

from __future__ import annotations

import ast
import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.gate_sets import PRESETS, parse_gate_set
from circuitdiff.circuits.program import Program
from circuitdiff.cli.targets import kind_of, parse_target_or_program
from circuitdiff.cli.wide import MAX_WIDE_QUBITS
from circuitdiff.errors import InputError
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.spec.device import DEFAULT_GATE_SET
from circuitdiff.spec.grammar import parse_prompt
from circuitdiff.spec.target import MAX_STATE_QUBITS, Target, read_target

MAX_TEXT = 1 << 18
"""Characters of a target that is pasted; a unitary on five qubits takes a quarter of them."""

MAX_SECONDS = 300
COUPLING = re.compile(r"all|line|ring|\d{1,9}-\d{1,9}(,\d{1,9}-\d{1,9})*")
EFFORTS = ("fast", "default", "max")

NAMED = (
    "toffoli", "fredkin", "qft:3", "ghz:3", "w:3", "heisenberg:3", "tfim:3", "haar:3", "margolus", "ctrl_h", "haar:2",
    "qft:4", "cnx:4", "adder", "tfim:4", "heisenberg:4", "grover:3", "w:5", "tfim:5",
)  # fmt: skip
"""Targets that the page offers by name."""

Given = Target | Circuit | Program | CircuitSpec


@dataclass(frozen=True)
class DemoRequest:
    """A checked request.

    Attributes:
        given: a target to compile, or a spec to draw circuits for.
        gate_set: None for the default of a compilation, or all gates of the model.
        coupling: as on the command line.
        seconds: for a compilation.
    """

    given: Given
    gate_set: str | None
    coupling: str
    effort: str
    seconds: float


def choices() -> dict[str, Any]:
    """Return what the page offers."""
    from circuitdiff.circuits.unitaries import named

    targets = [{"name": name, "num_qubits": len(named(name)).bit_length() - 1} for name in NAMED]
    return {
        "gate_sets": {name: ", ".join(gates) for name, gates in PRESETS.items()},
        "targets": targets,
        "max_map_qubits": MAX_STATE_QUBITS,
        "max_seconds": MAX_SECONDS,
    }


def read_request(sent: dict[str, Any]) -> DemoRequest:
    """Check everything that a page asks for.

    Raises:
        InputError: one line about what is wrong.
    """
    given = _given(sent)
    gate_set, coupling, effort = (_text(sent, name, 20_000) for name in ("gate_set", "coupling", "effort"))
    seconds = sent.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 1 <= seconds <= MAX_SECONDS:
        raise InputError(f"seconds are a number from 1 to {MAX_SECONDS}, not {str(seconds)[:20]!r}")
    if effort not in EFFORTS:
        raise InputError(f"an effort is one of {', '.join(EFFORTS)}, not {effort[:20]!r}")
    if not COUPLING.fullmatch(coupling):
        raise InputError("a coupling map is all, line, ring or pairs such as 0-1,1-2")  # a page names no files
    if gate_set:
        parse_gate_set(gate_set)
    if given.num_qubits is not None and given.num_qubits > 1:
        parse_coupling(coupling, given.num_qubits)
    return DemoRequest(given, gate_set or None, coupling, effort, float(seconds))


def understood(sent: dict[str, Any]) -> dict[str, Any]:
    """Return what a target or prompt is taken for: its number of qubits, None where it says none, and in words."""
    given = _given(sent)
    words = _words_of(given)
    size = "" if given.num_qubits is None else f" on {given.num_qubits} qubit{'s' * (given.num_qubits > 1)}"
    coupling = given.coupling if isinstance(given, CircuitSpec) else None
    return {"num_qubits": given.num_qubits, "coupling": coupling, "text": f"{words}{size}"}


def _words_of(given: Given) -> str:
    if isinstance(given, CircuitSpec):
        return "A prompt, for which the model draws circuits"
    if isinstance(given, Target):
        return {"unitary": "A unitary", "state": "A state", "isometry": "An isometry"}[given.kind]
    return f"A circuit of {given.num_gates} gates, {given.two_qubit_count} of them on two qubits or more,"


def _given(sent: dict[str, Any]) -> Given:
    """Read the target: exactly one of a named one, a file, or text."""
    kinds = [kind for kind in ("named", "file", "text") if sent.get(kind)]
    if len(kinds) != 1:
        raise InputError("say what the circuit must do: paste or drop a target, choose one, or type a prompt")
    if kinds == ["named"]:
        return _named(_text(sent, "named", 100))
    if kinds == ["text"]:
        return _pasted(_text(sent, "text", MAX_TEXT).strip())
    return _file(sent["file"])


def _named(name: str) -> Target:
    from circuitdiff.circuits.unitaries import named

    if name not in NAMED:
        raise InputError(f"no target is called {name!r} here")
    return read_target(named(name))


def _file(file: Any) -> Given:
    if not isinstance(file, dict):
        raise InputError("a file has a name and data")
    name = Path(_text(file, "name", 300)).name
    try:
        data = base64.b64decode(_text(file, "data", 1 << 26), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"{name}: the data are not base64") from error
    if not data.strip():
        raise InputError(f"{name} is empty")
    return parse_target_or_program(data, name, kind_of(name), max_qubits=MAX_WIDE_QUBITS, drop_barriers=False)


def _pasted(text: str) -> Given:
    """Read a matrix or amplitudes in brackets, a sparse state in braces, OpenQASM, or else a prompt."""
    if not text:
        raise InputError("nothing is asked for")
    if text.startswith("["):
        return read_target(_numbers(text))
    if text.startswith("{") or any(word in text for word in ("OPENQASM", "qelib1.inc", "stdgates.inc", "qreg")):
        return parse_target_or_program(text.encode(), "the text", max_qubits=MAX_WIDE_QUBITS)
    spec = parse_prompt(text)
    if spec.schmidt_ranks is None and spec.num_qubits is None:
        raise InputError("a prompt says qubits or ranks, such as: 4 qubits, SRV [2,2,2,1], only h and cx, on a line")
    return spec


def _numbers(text: str) -> Any:
    """Read nested lists of Python numbers such as 0.5, 1j or 1-2j; or of [real, imaginary]."""
    import numpy as np

    try:
        array = np.asarray(ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise InputError("numbers in brackets are expected, such as [[0, 1j], [-1j, 0]] or [0.6, 0, 0, 0.8]") from error
    if array.ndim == 3 and array.shape[-1] == 2 and array.dtype.kind in "fiu":
        return array[..., 0] + 1j * array[..., 1]
    return array


def _text(sent: dict[str, Any], name: str, most: int) -> str:
    value = sent.get(name, "")
    if not isinstance(value, str):
        raise InputError(f"{name} is text")
    if len(value) > most:
        raise InputError(f"{name} has {len(value)} characters, more than {most}")
    return value


def default_gate_set(request: DemoRequest) -> str:
    """Return the gates of a compilation."""
    return request.gate_set or DEFAULT_GATE_SET
