"""Quantum circuits from a diffusion model, polished to machine precision.

The public names are loaded on first use, so that importing the package (and asking the command line for
help) costs neither torch nor a quantum SDK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from circuitdiff.lazy_names import lazy_names

if TYPE_CHECKING:
    from circuitdiff.circuits.circuit import Circuit, Operation
    from circuitdiff.circuits.coupling import Coupling
    from circuitdiff.circuits.gate_sets import GateSet
    from circuitdiff.circuits.gates import GATES
    from circuitdiff.circuits.program import OpaqueOperation, Program
    from circuitdiff.circuits.unitary_io import MAX_QUBITS
    from circuitdiff.errors import InputError, NoCircuitError
    from circuitdiff.generation import CircuitDiffusion, Sampling
    from circuitdiff.generation.editing import edit
    from circuitdiff.generation.generation import generate
    from circuitdiff.interruption import graceful_interruption
    from circuitdiff.mining.rewrite import apply_rules
    from circuitdiff.mining.rule_files import read_rules
    from circuitdiff.numerics.instantiation import Fit, instantiate, instantiate_many
    from circuitdiff.resynthesis import (
        BlockSettings,
        Resynthesis,
        default_timeout,
        gate_set_of,
        resynthesize,
        resynthesize_many,
        resynthesize_program,
        resynthesize_steps,
    )
    from circuitdiff.spec.circuit_spec import CircuitSpec
    from circuitdiff.spec.cost import Cost
    from circuitdiff.spec.device import Device
    from circuitdiff.spec.target import Target, read_target
    from circuitdiff.synthesis import CompileResult, compile, compile_many
    from circuitdiff.synthesis.problem import Improvement
    from circuitdiff.validation import check_options

__version__ = "0.1.0"

__all__ = [
    "GATES",
    "MAX_QUBITS",
    "BlockSettings",
    "Circuit",
    "CircuitDiffusion",
    "CircuitSpec",
    "CompileResult",
    "Cost",
    "Coupling",
    "Device",
    "Fit",
    "GateSet",
    "Improvement",
    "InputError",
    "NoCircuitError",
    "OpaqueOperation",
    "Operation",
    "Program",
    "Resynthesis",
    "Sampling",
    "Target",
    "__version__",
    "apply_rules",
    "check_options",
    "compile",
    "compile_many",
    "default_timeout",
    "edit",
    "gate_set_of",
    "generate",
    "graceful_interruption",
    "instantiate",
    "instantiate_many",
    "read_rules",
    "read_target",
    "resynthesize",
    "resynthesize_many",
    "resynthesize_program",
    "resynthesize_steps",
]

_HOMES = {
    "Improvement": "circuitdiff.synthesis.problem",
    "GateSet": "circuitdiff.circuits.gate_sets",
    "Device": "circuitdiff.spec.device",
    "Coupling": "circuitdiff.circuits.coupling",
    "Cost": "circuitdiff.spec.cost",
    "GATES": "circuitdiff.circuits.gates",
    "MAX_QUBITS": "circuitdiff.circuits.unitary_io",
    "BlockSettings": "circuitdiff.resynthesis",
    "Circuit": "circuitdiff.circuits.circuit",
    "CircuitDiffusion": "circuitdiff.generation",
    "CompileResult": "circuitdiff.synthesis",
    "OpaqueOperation": "circuitdiff.circuits.program",
    "Program": "circuitdiff.circuits.program",
    "InputError": "circuitdiff.errors",
    "NoCircuitError": "circuitdiff.errors",
    "Operation": "circuitdiff.circuits.circuit",
    "Resynthesis": "circuitdiff.resynthesis",
    "apply_rules": "circuitdiff.mining.rewrite",
    "check_options": "circuitdiff.validation",
    "compile": "circuitdiff.synthesis",
    "compile_many": "circuitdiff.synthesis",
    "default_timeout": "circuitdiff.resynthesis",
    "gate_set_of": "circuitdiff.resynthesis",
    "graceful_interruption": "circuitdiff.interruption",
    "CircuitSpec": "circuitdiff.spec.circuit_spec",
    "Sampling": "circuitdiff.generation",
    "edit": "circuitdiff.generation.editing",
    "generate": "circuitdiff.generation.generation",
    "Fit": "circuitdiff.numerics.instantiation",
    "Target": "circuitdiff.spec.target",
    "instantiate": "circuitdiff.numerics.instantiation",
    "instantiate_many": "circuitdiff.numerics.instantiation",
    "read_rules": "circuitdiff.mining.rule_files",
    "read_target": "circuitdiff.spec.target",
    "resynthesize": "circuitdiff.resynthesis",
    "resynthesize_many": "circuitdiff.resynthesis",
    "resynthesize_program": "circuitdiff.resynthesis",
    "resynthesize_steps": "circuitdiff.resynthesis",
}


__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
