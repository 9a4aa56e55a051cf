"""OpenQASM 2 and 3.

Export is our own, with numbers in full precision and definitions, derived from the gate library, of the gates that the
standard include lacks.  Import is Qiskit's, behind checks that keep a small text from asking for huge registers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import GATES, Gate, Rotation
from circuitdiff.errors import InputError
from circuitdiff.interop.openqasm3_loops import written_out
from circuitdiff.interop.openqasm3_plain import as_version_2
from circuitdiff.interop.qiskit import from_qiskit
from circuitdiff.interop.qiskit_loading import load_qiskit

MAX_REGISTER = 1_000
"""Most qubits or bits that a register may be declared with."""

MAX_TEXT = 1 << 24
"""Most characters that are read."""

_STANDARD = {
    2: frozenset("id x y z h s sdg t tdg rx ry rz u cx cy cz ch crz ccx".split()),
    3: frozenset("id x y z h s sdg t tdg sx rx ry rz p u cx cy cz ch swap cp crx cry crz ccx cswap".split()),
}
"""The library's gates in qelib1.inc (of the OpenQASM 2 paper, arXiv:1707.03429) and in stdgates.inc, or built in."""

_SPELLING = {2: {"u": "u3"}, 3: {"u": "U"}}

_BASIS_CHANGE = {"X": (("h",), ("h",)), "Y": (("sdg", "h"), ("h", "s")), "Z": ((), ())}
"""Gates in time order that turn a Pauli's axis to Z, and back."""

_DECLARED_SIZE = re.compile(r"\b[qc]reg\s+\w+\s*\[([^\]]*)\]")

_PLAIN_NAME = re.compile(r"[a-z][A-Za-z0-9_]*")
_KEYWORDS = frozenset(
    """
    angle annotation array barrier bit bool box break cal case complex const continue creg ctrl def default defcal
    defcalgrammar delay duration else end extern float for gate gphase if in include input int inv let measure mutable
    negctrl nop opaque output pi pow pragma qreg qubit readonly reset return stretch switch tau euler true false uint
    void while sin cos tan exp ln sqrt
""".split()
)


@dataclass(frozen=True)
class Registers:
    """Names and sizes of quantum and classical registers, in order."""

    qubits: tuple[tuple[str, int], ...]
    bits: tuple[tuple[str, int], ...] = ()

    @property
    def are_writable(self) -> bool:
        """Whether the names are identifiers of OpenQASM 2 and 3 that no keyword or gate has taken."""
        names = [name for name, _ in (*self.qubits, *self.bits)]
        taken = _KEYWORDS | set(GATES)
        return all(_PLAIN_NAME.fullmatch(name) and name not in taken for name in names)


def to_qasm(circuit: Circuit, version: int = 3, registers: Registers | None = None) -> str:
    """Return a circuit as OpenQASM 3 or 2; version 2 has no global phase.

    Args:
        circuit: of any width.
        version: 2 or 3.
        registers: of as many qubits as the circuit; ``q`` by default, and where a name cannot be written.

    Raises:
        InputError: another version.
    """
    if registers is None or not registers.are_writable:
        registers = Registers((("q", circuit.num_qubits),))
    return statements_to_qasm(circuit.expand().operations, circuit.global_phase, registers, version)


def named_places(registers: Sequence[tuple[str, int]]) -> list[str]:
    """Return how the qubits or bits of registers are written, in order."""
    return [f"{name}[{index}]" for name, size in registers for index in range(size)]


def statements_to_qasm(
    steps: Sequence[Operation | str], global_phase: float, registers: Registers, version: int = 3
) -> str:
    """Return gates, and statements that are written already, as OpenQASM 3 or 2 in full precision.

    Args:
        steps: in time order, none of them a gate of the model alone.
        global_phase: in radians, which version 2 does not hold.
        registers: whose names can be written.
        version: 2 or 3.

    Raises:
        InputError: another version.
    """
    if version not in (2, 3):
        raise InputError(f"OpenQASM has versions 2 and 3, not {version}")
    places = named_places(registers.qubits)
    used = {step.name for step in steps if isinstance(step, Operation)}
    lacking = [name for name in GATES if name in used - _STANDARD[version]]
    qubit, bit = ("qubit[{1}] {0};", "bit[{1}] {0};") if version == 3 else ("qreg {0}[{1}];", "creg {0}[{1}];")
    register = [bit.format(*named) for named in registers.bits if named[1]]
    register += [qubit.format(*named) for named in registers.qubits if named[1]]
    if version == 3:
        head = ["OPENQASM 3.0;", 'include "stdgates.inc";']
        phase = [f"gphase({global_phase!r});"] if global_phase else []
    else:
        head, phase = ["OPENQASM 2.0;", 'include "qelib1.inc";'], []
    definitions = [_definition(GATES[name], version) for name in lacking]
    body = [step if isinstance(step, str) else _statement(step, version, places) for step in steps]
    return "\n".join([*head, *definitions, *register, *phase, *body]) + "\n"


def from_qasm(text: str) -> Circuit:
    """Read OpenQASM 2 or 3.

    Raises:
        InputError: text that `qasm_to_qiskit` or a circuit that `circuitdiff.interop.qiskit.from_qiskit` refuses.
    """
    return from_qiskit(qasm_to_qiskit(text))


def qasm_to_qiskit(text: str) -> Any:
    """Read OpenQASM 2 or 3 as a Qiskit circuit.

    Raises:
        InputError: text that does not parse, includes other files, or declares huge registers.
    """
    if len(text) > MAX_TEXT:
        raise InputError(f"OpenQASM of {len(text)} characters, more than the {MAX_TEXT} that are read")
    version = _version(text)
    try:
        return _loads_version_3(text) if version == 3 else _loads_version_2(text)
    except InputError:
        raise
    except (Exception, SystemError) as error:  # the parsers let through whatever their parts raise
        message = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise InputError(f"not readable OpenQASM {version}: {message[:200]}") from error


def _version(text: str) -> int:
    """Return the version that a text says it has; one that declares registers without a word of it has version 2."""
    plain = _without_comments(text)
    version = re.match(r"\s*OPENQASM\s+(\d+)(?:\.\d+)?\s*;", plain)
    if version is not None and version[1] in ("2", "3"):
        return int(version[1])
    if version is None and "OPENQASM" not in plain and re.search(r"\bqreg\s+\w+\s*\[", plain):
        return 2
    raise InputError("not OpenQASM 2 or 3: the text must begin with 'OPENQASM 2.0;' or 'OPENQASM 3.0;'")


def _loads_version_3(text: str) -> Any:
    """Read what OpenQASM 2 says too by its parser; the rest, and what that refuses, by the reference one."""
    plain = as_version_2(_without_comments(text))
    circuit = None if plain is None else _loads_plain(*plain)
    return _loads_any_version_3(text) if circuit is None else circuit


def _loads_plain(text: str, global_phase: float) -> Any:
    """Read version 2 that was written from version 3; None where its parser knows why not, in words of version 2."""
    load_qiskit()
    from qiskit.qasm2 import QASM2ParseError

    _check_sizes(_DECLARED_SIZE.findall(text))
    try:
        circuit = _with_extra_gates(text)
    except QASM2ParseError:
        return None
    circuit.global_phase += global_phase
    return circuit


def _loads_any_version_3(text: str) -> Any:
    load_qiskit()
    import qiskit_qasm3_import

    program = written_out(_parsed(text))
    _check_sizes(_declared_sizes(program))
    return qiskit_qasm3_import.convert(program)


def _declared_sizes(node: Any) -> Iterator[str]:
    """Yield the sizes of registers in a syntax tree, as they are written."""
    from openqasm3 import ast, dumps

    if isinstance(node, list):
        for part in node:
            yield from _declared_sizes(part)
    elif isinstance(node, ast.QubitDeclaration | ast.BitType):
        yield dumps(node.size) if node.size is not None else "1"
    elif isinstance(node, ast.QASMNode) and not isinstance(node, ast.Expression):
        yield from _declared_sizes(list(vars(node).values()))


def _parsed(text: str) -> Any:
    """Return the syntax tree of OpenQASM 3, as `openqasm3.parse` does, which prints to stderr what it then raises."""
    from antlr4 import CommonTokenStream, InputStream
    from antlr4.error.ErrorListener import ErrorListener
    from openqasm3 import parser as openqasm3_parser

    class Refusal(ErrorListener):  # type: ignore[misc]
        def syntaxError(self, recognizer: Any, symbol: Any, line: int, column: int, message: str, error: Any) -> None:  # noqa: N802
            raise InputError(f"not readable OpenQASM 3: line {line}, column {column}: {message[:200]}")

    language: Any = openqasm3_parser
    lexer = language.qasm3Lexer(InputStream(text))
    parser = language.qasm3Parser(CommonTokenStream(lexer))
    for part in (lexer, parser):
        part.removeErrorListeners()
        part.addErrorListener(Refusal())
    return language.QASMNodeVisitor().visitProgram(parser.program())


def _loads_version_2(text: str) -> Any:
    """Parse strictly, and if that fails with those gates that Qiskit's qelib1.inc adds and the text does not define."""
    plain = _without_comments(text)
    _check_sizes(_DECLARED_SIZE.findall(plain))
    load_qiskit()
    from qiskit import qasm2

    try:
        return qasm2.loads(text, include_path=())
    except qasm2.QASM2ParseError:
        return _with_extra_gates(text, set(re.findall(r"\bgate\s+(\w+)", plain)))


def _with_extra_gates(text: str, defined: Collection[str] = ()) -> Any:
    """Parse OpenQASM 2 with the gates that Qiskit's qelib1.inc adds, but those that the text defines itself."""
    from qiskit import qasm2

    extras = [extra for extra in qasm2.LEGACY_CUSTOM_INSTRUCTIONS if extra.name not in defined]
    return qasm2.loads(text, include_path=(), custom_instructions=extras)


def _without_comments(text: str) -> str:
    return re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)


def _check_sizes(sizes: Iterable[str]) -> None:
    """Refuse registers whose size is not a plain number, or a large one."""
    for size in sizes:
        if not re.fullmatch(r"\s*\d{1,9}\s*", size) or int(size) > MAX_REGISTER:
            raise InputError(f"register of size {size.strip()[:20]!r}, which is not a number up to {MAX_REGISTER}")


def _statement(operation: Operation, version: int, places: list[str]) -> str:
    name = _SPELLING[version].get(operation.name, operation.name)
    params = f"({', '.join(map(repr, operation.params))})" if operation.params else ""
    return f"{name}{params} {', '.join(places[q] for q in operation.qubits)};"


def _definition(gate: Gate, version: int) -> str:
    """Return the definition of a gate as Pauli rotations in standard gates, its phase included in version 3."""
    names = [f"a{i}" for i in range(gate.num_qubits)]
    params = [f"t{k}" for k in range(gate.num_params)]
    head = f"gate {gate.name}{'(' + ', '.join(params) + ')' if params else ''} {', '.join(names)} {{"
    statements = [line for rotation in gate.rotations for line in _rotation(rotation, names, params)]
    if version == 3:
        terms = [repr(gate.phase_offset), *(f"{s!r}*{p}" for s, p in zip(gate.phase_scale, params, strict=True) if s)]
        statements.insert(0, f"gphase({' + '.join(terms)});")
    return " ".join([head, *statements, "}"])


def _rotation(rotation: Rotation, names: list[str], params: list[str]) -> Iterator[str]:
    """Yield statements for ``exp(-i angle/2 P)``: a rotation about Z between changes of basis and a cx ladder."""
    places = [(name, letter) for name, letter in zip(names, rotation.pauli, strict=True) if letter != "I"]
    angle = repr(rotation.offset)
    if rotation.param is not None:
        angle = f"{rotation.scale!r}*{params[rotation.param]}" + (f" + {angle}" if rotation.offset else "")
    ladder = [f"cx {a}, {b};" for (a, _), (b, _) in pairwise(places)]
    yield from (f"{gate} {name};" for name, letter in places for gate in _BASIS_CHANGE[letter][0])
    yield from ladder
    yield f"rz({angle}) {places[-1][0]};"
    yield from reversed(ladder)
    yield from (f"{gate} {name};" for name, letter in places for gate in _BASIS_CHANGE[letter][1])
