"""OpenQASM 3 read by the parser of OpenQASM 2: the same circuits as the reference parser's, or left to it."""

from __future__ import annotations

import numpy as np
import pytest
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.quantum_info import Operator

from circuitdiff.errors import InputError
from circuitdiff.interop.openqasm import _loads_any_version_3, qasm_to_qiskit
from circuitdiff.interop.openqasm3_plain import GATES, as_version_2

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q;\nbit[2] c;\n'
ANGLES = ("0.1", "-pi/4", "2*pi/3", "pi*0.5", "1e-3", ".25", "3.", "-2")
NOT_GATES = (
    "c[0] = measure q[1];",
    "measure q[2] -> c[1];",
    "reset q[0];",
    "barrier q;",
    "barrier q[0], q[2];",
    "gphase(-0.5);",
    "h q;",
)


def random_text(seed: int, length: int = 40) -> str:
    rng = np.random.default_rng(seed)
    known = get_standard_gate_name_mapping()
    lines = []
    for _ in range(length):
        if rng.random() < 0.2:
            lines.append(str(rng.choice(NOT_GATES)))
            continue
        name = str(rng.choice(sorted(GATES - {"id"})))  # the reference parser reads id as U(0, 0, 0)
        gate = known["u" if name == "U" else name]
        angles = ", ".join(rng.choice(ANGLES, len(gate.params)))
        places = ", ".join(f"q[{q}]" for q in rng.permutation(3)[: gate.num_qubits])
        lines.append(f"{name}{f'({angles})' if angles else ''} {places}; // a remark")
    return HEAD + "\n".join(lines)


@pytest.mark.parametrize("seed", range(20))
def test_plain_programs_are_read_as_the_reference_parser_reads_them(seed: int) -> None:
    text = random_text(seed)
    assert as_version_2("\n".join(line.split("//")[0] for line in text.splitlines())) is not None
    assert qasm_to_qiskit(text) == _loads_any_version_3(text)


@pytest.mark.parametrize("name", sorted(GATES))
def test_every_gate_means_the_same_in_both_languages(name: str) -> None:
    gate = get_standard_gate_name_mapping()["u" if name == "U" else name]
    angles = ", ".join(ANGLES[: len(gate.params)])
    places = ", ".join(f"q[{q}]" for q in range(gate.num_qubits))
    text = f'OPENQASM 3;\ninclude "stdgates.inc";\nqubit[3] q;\n{name}{f"({angles})" if angles else ""} {places};\n'
    assert as_version_2(text) is not None
    assert np.allclose(Operator(qasm_to_qiskit(text)).data, Operator(_loads_any_version_3(text)).data)


@pytest.mark.parametrize(
    "statement",
    [
        "if (c[0]) x q[0];",
        "ctrl @ x q[0], q[1];",
        "for int i in [0:2] { x q[i]; }",
        "rx(1/2) q[0];",  # whole numbers: OpenQASM 3 divides them otherwise
        "rx(sin(1)) q[0];",
        "rx(+1.0) q[0];",
        "gate g a { x a; }",
        "qubit one;",
        "let a = q[0:1];",
        "c = measure q[0:1];",
        "x q[0]",
    ],
)
def test_anything_else_is_left_to_the_reference_parser(statement: str) -> None:
    assert as_version_2(HEAD + statement) is None


def test_faults_are_told_in_words_of_version_3() -> None:
    with pytest.raises(InputError, match=r"not readable OpenQASM 3: .*q\[7\]|not readable OpenQASM 3"):
        qasm_to_qiskit(HEAD + "x q[7];")
    with pytest.raises(InputError, match="register of size '100000'"):
        qasm_to_qiskit('OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[100000] q;\nx q[0];')
