"""Other compilers, as they are called inside a child process of their own."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.coupling import Coupling, Pair
from circuitdiff.circuits.unitary_io import reverse_qubits
from circuitdiff.errors import InputError
from circuitdiff.evaluation.machine import group_cpu_seconds

BQSKIT_GATES: Mapping[str, str] = MappingProxyType(
    {
        "u": "U3Gate",
        "cx": "CNOTGate",
        "cz": "CZGate",
        "rz": "RZGate",
        "rx": "RXGate",
        "ry": "RYGate",
        "rzz": "RZZGate",
        "sx": "SqrtXGate",
        "x": "XGate",
    }
)
"""BQSKit's classes for our gates."""

GateList = tuple[tuple[str, tuple[int, ...], tuple[float, ...]], ...]


@dataclass(frozen=True)
class Request:
    """A unitary (d, d), qubit 0 least significant, for a device."""

    method: str
    unitary: NDArray[np.complex128]
    gates: tuple[str, ...]
    coupling: Coupling
    seed: int


@dataclass(frozen=True)
class MappedCircuit:
    """A compiler's circuit on the device's qubits.

    `initial` and `final` are the device qubits that hold each program qubit at the start and the end; `seconds` is the
    wall time of the compiler's own call, `cpu_seconds` what all its processes worked, None where that is not known.
    """

    gates: GateList
    initial: tuple[int, ...]
    final: tuple[int, ...]
    seconds: float
    cpu_seconds: float | None


BaselineCompiler = Callable[[Request], MappedCircuit]


def load_qiskit_compiler() -> BaselineCompiler:
    """Load Qiskit."""
    import qiskit  # noqa: F401 - loading it is what takes time

    return _with_qiskit


def load_bqskit_compiler() -> BaselineCompiler:
    """Load BQSKit and start its runtime, which takes seconds, with one worker."""
    from bqskit.compiler import Compiler

    os.environ["PYTHONWARNINGS"] = "ignore"  # its workers' statistics warn about few samples
    return partial(_with_bqskit, Compiler(num_workers=1))


ENGINES: Mapping[str, Callable[[], BaselineCompiler]] = MappingProxyType(
    {"qiskit": load_qiskit_compiler, "bqskit": load_bqskit_compiler}
)
"""What a child process runs, by name."""


def _with_qiskit(request: Request) -> MappedCircuit:
    from qiskit import QuantumCircuit

    n = request.coupling.num_qubits
    circuit = QuantumCircuit(n)
    circuit.unitary(request.unitary, range(n))
    started, worked = time.perf_counter(), time.process_time()
    compiled = QISKIT_METHODS[request.method](circuit, request)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - worked
    gates = tuple(
        (
            instruction.operation.name,
            tuple(compiled.find_bit(qubit).index for qubit in instruction.qubits),
            tuple(float(param) for param in instruction.operation.params),
        )
        for instruction in compiled.data
    )
    return MappedCircuit(gates, *_qiskit_layout(compiled), seconds, cpu_seconds)


def _transpiled(circuit: Any, request: Request, **options: Any) -> Any:
    """Transpile at optimisation level 3."""
    from qiskit import transpile
    from qiskit.transpiler import CouplingMap

    coupling = request.coupling
    both_ways = [pair for a, b in coupling.pairs for pair in ((a, b), (b, a))]
    return transpile(
        circuit,
        basis_gates=list(request.gates),
        coupling_map=None if coupling.is_complete else CouplingMap(both_ways),
        optimization_level=3,
        seed_transpiler=request.seed,
        **options,
    )


def _in_place(circuit: Any, request: Request) -> Any:
    """Transpile with every qubit where the target has it; an output permutation is undone and optimised along."""
    from qiskit import QuantumCircuit

    n = request.coupling.num_qubits
    compiled = _transpiled(circuit, request, initial_layout=list(range(n)))
    _, final = _qiskit_layout(compiled)
    swaps = swaps_to_undo(final, request.coupling)
    if not swaps:
        return compiled
    restored = QuantumCircuit(n)
    restored.compose(QuantumCircuit.from_instructions(compiled.data, qubits=compiled.qubits), range(n), inplace=True)
    for a, b in swaps:
        restored.swap(a, b)
    return _transpiled(restored, request, initial_layout=list(range(n)), routing_method="none")


def _qiskit_layout(compiled: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the device qubits that hold each program qubit at the start and at the end."""
    if compiled.layout is None:
        return tuple(range(compiled.num_qubits)), tuple(range(compiled.num_qubits))
    initial = compiled.layout.initial_index_layout(filter_ancillas=True)
    final = compiled.layout.final_index_layout(filter_ancillas=True)
    return tuple(initial), tuple(final)


def swaps_to_undo(final: Sequence[int], coupling: Coupling) -> list[Pair]:
    """Return the fewest swaps on couplings that bring program qubit ``q`` from ``final[q]`` back to ``q``."""
    goal = tuple(range(len(final)))
    ways: dict[tuple[int, ...], list[Pair]] = {tuple(final): []}
    frontier = deque(ways)
    while goal not in ways:
        places = frontier.popleft()
        for a, b in coupling.pairs:
            moved = tuple(b if place == a else a if place == b else place for place in places)
            if moved not in ways:
                ways[moved] = [*ways[places], (a, b)]
                frontier.append(moved)
    return ways[goal]


QISKIT_METHODS: Mapping[str, Callable[[Any, Request], Any]] = MappingProxyType({"o3": _in_place, "free": _transpiled})
"""Level 3 on the target's own qubits, and level 3 left free to place qubits and to permute its output."""


def _with_bqskit(compiler: Any, request: Request) -> MappedCircuit:
    import bqskit
    from bqskit.ir import gates as library

    unknown = sorted(set(request.gates) - set(BQSKIT_GATES))
    if unknown:
        raise InputError(f"gate {unknown[0]} is not offered for bqskit")
    known = {name: getattr(library, BQSKIT_GATES[name])() for name in request.gates}
    # BQSKit's qudit 0 is the most significant.
    unitary = bqskit.qis.UnitaryMatrix(reverse_qubits(request.unitary))
    model = bqskit.MachineModel(request.coupling.num_qubits, list(request.coupling.pairs), set(known.values()))
    started, worked = time.perf_counter(), group_cpu_seconds()
    circuit, initial, final = BQSKIT_METHODS[request.method](compiler, unitary, model, request.seed)
    seconds, cpu_seconds = time.perf_counter() - started, group_cpu_seconds() - worked
    names = {gate: name for name, gate in known.items()}
    gates = tuple((names[op.gate], tuple(op.location), tuple(map(float, op.params))) for op in circuit)
    return MappedCircuit(gates, tuple(initial), tuple(final), seconds, cpu_seconds)


def _standard_workflow(level: int, compiler: Any, unitary: Any, model: Any, seed: int) -> Any:
    import bqskit

    return bqskit.compile(
        unitary,
        model,
        optimization_level=level,
        max_synthesis_size=max(3, model.num_qudits),
        compiler=compiler,
        seed=seed,
        with_mapping=True,
    )


def _single_pass(name: str, compiler: Any, unitary: Any, model: Any, seed: int) -> Any:
    from bqskit import Circuit, passes
    from bqskit.compiler.compile import build_single_qudit_retarget_workflow

    workflow = [
        passes.SetRandomSeedPass(seed),
        passes.SetModelPass(model),
        getattr(passes, name)(),
        build_single_qudit_retarget_workflow(),
    ]
    in_place = range(model.num_qudits)
    return compiler.compile(Circuit.from_unitary(unitary), workflow), in_place, in_place


BQSKIT_METHODS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "o1": partial(_standard_workflow, 1),
        "o2": partial(_standard_workflow, 2),
        "o3": partial(_standard_workflow, 3),
        "qsearch": partial(_single_pass, "QSearchSynthesisPass"),
        "leap": partial(_single_pass, "LEAPSynthesisPass"),
    }
)
"""BQSKit's standard workflows for a unitary, and its search passes called directly, then single-qubit gates merged."""
