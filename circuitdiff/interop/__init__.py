"""Circuits in other people's formats: Qiskit, Cirq, OpenQASM 2 and 3, QPY and Cirq's JSON.

The only package that knows an SDK's circuits; each is imported when a function first needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from circuitdiff.lazy_names import lazy_names

if TYPE_CHECKING:
    from circuitdiff.interop.cirq import from_cirq, from_cirq_json, to_cirq, to_cirq_json
    from circuitdiff.interop.openqasm import from_qasm, to_qasm
    from circuitdiff.interop.qiskit import from_qiskit, to_qiskit, with_output_layout
    from circuitdiff.interop.qiskit_programs import (
        program_from_qasm,
        program_from_qiskit,
        program_from_qpy,
        program_to_qasm,
        program_to_qiskit,
        program_to_qpy,
    )
    from circuitdiff.interop.qpy import from_qpy, to_qpy

__all__ = [
    "from_cirq",
    "from_cirq_json",
    "from_qasm",
    "from_qiskit",
    "from_qpy",
    "program_from_qasm",
    "program_from_qiskit",
    "program_from_qpy",
    "program_to_qasm",
    "program_to_qiskit",
    "program_to_qpy",
    "to_cirq",
    "to_cirq_json",
    "to_qasm",
    "to_qiskit",
    "to_qpy",
    "with_output_layout",
]

_HOMES = {
    "from_cirq": "circuitdiff.interop.cirq",
    "from_cirq_json": "circuitdiff.interop.cirq",
    "from_qasm": "circuitdiff.interop.openqasm",
    "from_qiskit": "circuitdiff.interop.qiskit",
    "from_qpy": "circuitdiff.interop.qpy",
    "program_from_qasm": "circuitdiff.interop.qiskit_programs",
    "program_from_qiskit": "circuitdiff.interop.qiskit_programs",
    "program_from_qpy": "circuitdiff.interop.qiskit_programs",
    "program_to_qasm": "circuitdiff.interop.qiskit_programs",
    "program_to_qiskit": "circuitdiff.interop.qiskit_programs",
    "program_to_qpy": "circuitdiff.interop.qiskit_programs",
    "to_cirq": "circuitdiff.interop.cirq",
    "to_cirq_json": "circuitdiff.interop.cirq",
    "to_qasm": "circuitdiff.interop.openqasm",
    "to_qiskit": "circuitdiff.interop.qiskit",
    "to_qpy": "circuitdiff.interop.qpy",
    "with_output_layout": "circuitdiff.interop.qiskit",
}


__getattr__ = lazy_names(__name__, _HOMES)
