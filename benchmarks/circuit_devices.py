"""The devices of `whole_circuits.py`: maps in u and cx, and IBM's with their own gates and directions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from qiskit import QuantumCircuit, transpile
from qiskit.circuit import ControlFlowOp, Gate
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.transpiler import CouplingMap, PassManager, Target

from circuitdiff import InputError
from circuitdiff_qiskit import CircuitDiffResynthesis

BASIS = ("u", "cx")
MAPS = ("all", "line", "grid", "heavy-hex")
HEAVY_HEX_DISTANCE = 3
NAMES = (*MAPS, "heavy-hex-ecr", "heavy-hex-cz", "fake:NAME")


@dataclass(frozen=True)
class Device:
    """What circuits are compiled for: a target, or a coupling map (None for all pairs) in `BASIS`."""

    target: Target | None
    coupling_map: CouplingMap | None

    @property
    def coupling(self) -> str:
        """The pairs that are coupled, as `circuitdiff.resynthesize` takes them."""
        return "all" if self.coupling_map is None else ",".join(f"{a}-{b}" for a, b in self.coupling_map.get_edges())

    def transpiled(self, circuit: QuantumCircuit) -> QuantumCircuit:
        """Return what Qiskit makes of a circuit at level 3."""
        basis = None if self.target is not None else BASIS
        return transpile(
            circuit,
            target=self.target,
            basis_gates=basis,
            coupling_map=self.coupling_map,
            optimization_level=3,
            seed_transpiler=0,
        )

    def resynthesized(self, circuit: QuantumCircuit, **settings: Any) -> QuantumCircuit:
        """Return what the pass makes of a circuit that is laid out."""
        basis = None if self.target is not None else BASIS
        resynthesis = CircuitDiffResynthesis(
            self.target, basis_gates=basis, coupling_map=self.coupling_map, cache=None, **settings
        )
        return PassManager([resynthesis]).run(circuit)

    def has(self, circuit: QuantumCircuit) -> bool:
        """Tell whether every gate is one of the device's, on its qubits in its direction."""
        places = [*placed_gates(circuit, range(circuit.num_qubits))]
        if self.target is not None:
            return all(self.target.instruction_supported(name, qubits) for name, qubits in places)
        edges = None if self.coupling_map is None else set(self.coupling_map.get_edges())
        return all(name in BASIS and (len(q) == 1 or edges is None or q in edges) for name, q in places)


def placed_gates(circuit: QuantumCircuit, wires: Sequence[int]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the name and the wires of every gate, those in bodies of control flow too."""
    for item in circuit.data:
        qubits = tuple(wires[circuit.find_bit(qubit).index] for qubit in item.qubits)
        if isinstance(item.operation, ControlFlowOp):
            for body in item.operation.blocks:
                yield from placed_gates(body, qubits)
        elif isinstance(item.operation, Gate):
            yield item.operation.name, qubits


def device(name: str, num_qubits: int) -> Device:
    """Return a device by name, large enough for a circuit.

    Raises:
        InputError: there is no such device, or the extra for it is missing.
    """
    match name:
        case "all":
            return Device(None, None)
        case "line":
            return Device(None, CouplingMap.from_line(num_qubits))
        case "grid":
            return Device(None, CouplingMap.from_grid(3, -(-num_qubits // 3)))
        case "heavy-hex":
            return Device(None, CouplingMap.from_heavy_hex(HEAVY_HEX_DISTANCE))
        case "heavy-hex-ecr" | "heavy-hex-cz":
            directed = CouplingMap.from_heavy_hex(HEAVY_HEX_DISTANCE, bidirectional=False)
            gates = [name.rpartition("-")[2], "rz", "sx", "x"]
            backend = GenericBackendV2(
                directed.size(), basis_gates=gates, coupling_map=directed, control_flow=True, seed=0
            )
            return Device(backend.target, None)
        case _ if name.startswith("fake:"):
            return Device(_fake_target(name.removeprefix("fake:")), None)
    raise InputError(f"unknown device {name!r}; there are: {', '.join(NAMES)}")


def _fake_target(name: str) -> Target:
    try:
        from qiskit_ibm_runtime import fake_provider
    except ImportError as error:
        raise InputError("fake IBM devices need qiskit-ibm-runtime: pip install 'circuitdiff[peers]'") from error
    kind = getattr(fake_provider, f"Fake{name.title()}", None) or getattr(fake_provider, f"Fake{name.title()}V2", None)
    if kind is None:
        raise InputError(f"qiskit-ibm-runtime has no fake device {name!r}")
    return kind().target
