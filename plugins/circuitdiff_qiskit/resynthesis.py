"""``CircuitDiffResynthesis``: fewer two-qubit gates in a circuit of any width, on its device, never more."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import is_not
from typing import Any, NamedTuple, Unpack

from qiskit.circuit import ControlFlowOp, Gate, Qubit
from qiskit.converters import circuit_to_dag, dag_to_circuit
from qiskit.dagcircuit import DAGCircuit, DAGOpNode
from qiskit.transpiler import CouplingMap, Layout, Target
from qiskit.transpiler.basepasses import TransformationPass

from circuitdiff import (
    BlockSettings,
    InputError,
    OpaqueOperation,
    Operation,
    default_timeout,
    graceful_interruption,
    resynthesize_steps,
)
from circuitdiff_qiskit.angles import within_bounds
from circuitdiff_qiskit.clifford_t import TOL, approximated, is_clifford_t
from circuitdiff_qiskit.device import (
    UNIVERSAL,
    basis_of,
    coupled_pairs,
    directed,
    gate_weights,
    in_own_single_qubit_gates,
)
from circuitdiff_qiskit.links import Links
from circuitdiff_qiskit.steps import STANDARD, joined, operation_of, steps_of

logger = logging.getLogger(__name__)

AUTO = "auto"
"""A time limit in proportion to the circuit."""

INTERRUPTS = ("return", "raise")


class _Clock(NamedTuple):
    """When to end, a value of `time.monotonic`, and whether to end before where the effort says so."""

    deadline: float | None
    is_limit: bool

    def left(self) -> dict[str, float | None]:
        """Return the keyword of `circuitdiff.resynthesize_steps` that says how much time is left."""
        left = None if self.deadline is None else max(0.0, self.deadline - time.monotonic())
        return {"limit" if self.is_limit else "timeout": left}


class CircuitDiffResynthesis(TransformationPass):
    """Rewrites blocks of gates with `circuitdiff.resynthesize_steps`.

    Measurements, resets, barriers, delays, gates with parameters and whatever else is no gate of the library stay where
    they are, but for rotations with parameters, which may move past gates that commute with them; bodies of control
    flow are rewritten like circuits of their own. With a target or a coupling map the circuit has to be laid out on it:
    only blocks whose qubits are connected are rewritten, for exactly their couplings, in the device's gates and
    directions. Rotations about two qubits that every link has beside a plain entangler are written as well.

    Where the gates are Clifford+T, such as ``h, s, t, cx``, the whole circuit is approximated within ``tol`` instead,
    1e-6 by default; one that is in that basis already is given back where fewer T are not found.
    """

    def __init__(
        self,
        target: Target | None = None,
        *,
        basis_gates: Collection[str] | None = None,
        coupling_map: CouplingMap | None = None,
        cost: str = "count",
        keep_order: bool = True,
        timeout: float | str | None = None,
        on_interrupt: str = "return",
        **settings: Unpack[BlockSettings],
    ) -> None:
        """Say what for and how.

        Args:
            target: the device; without it, the next two.
            basis_gates: names of its gates, ``u`` and ``cx`` by default.
            coupling_map: its couplings, all by default.
            cost: what must fall with the number of two-qubit gates: ``count``, or the target's ``error`` or
                ``duration`` summed over them. Where gates are counted, the errors that a target has decide between
                circuits of as many.
            keep_order: whether every qubit ends on its own wire. Otherwise wires are relabelled where what follows
                still fits the device, and the property set has their order as Qiskit's own routing leaves it, or
                before that its ``ElidePermutations``, so that it comes to stand in the circuit's layout.
            timeout: wall-clock seconds for a whole circuit, used to their end; None for no limit, the effort says
                when to stop; or ``auto`` for a limit in proportion to the circuit, see `circuitdiff.default_timeout`.
            on_interrupt: what Ctrl-C does: ``return`` the best so far, with a warning, or ``raise``.
            settings: ``block_size``, ``effort``, ``tol``, ``seed``, ``model``, ``cache`` and ``workers``:
                see `circuitdiff.BlockSettings`.

        Raises:
            InputError: an option out of range.
        """
        super().__init__()
        self.target = target
        self.coupling_map = coupling_map
        self.basis_gates = basis_gates
        self.basis = basis_of(target, basis_gates)
        self.is_clifford_t = self.basis is not None and is_clifford_t(self.basis.gate_set)
        self.timeout = timeout
        self.keep_order = keep_order
        if on_interrupt not in INTERRUPTS:
            raise InputError(f"unknown on_interrupt {on_interrupt!r}; there are: {', '.join(INTERRUPTS)}")
        self.on_interrupt = on_interrupt
        written = self.basis.gate_set if self.basis is not None else UNIVERSAL
        self.links = None if target is None or not target.operation_names else Links(target, written)
        self.options: Mapping[str, Any] = {
            "gate_set": written,
            "pairs": coupled_pairs(target, coupling_map),
            "weights": gate_weights(target, cost),
            "fit": None if self.links is None else self.links.fit,
            "join": None if target is not None and target.has_angle_bounds() else joined,
            "runs_opaque": None if self.links is None else self.links.runs,
            **settings,
        }
        limit = None if timeout == AUTO else timeout
        resynthesize_steps((), timeout=limit, keep_order=keep_order, **self.options)  # type: ignore[arg-type]

    def run(self, dag: DAGCircuit) -> DAGCircuit:
        """Return the circuit with fewer two-qubit gates, or as it was."""
        if self.basis is None:
            logger.warning("circuitdiff has nothing to build with in this basis and leaves the circuit as it is")
            return dag
        limit = self.timeout
        if isinstance(limit, str):
            limit = default_timeout(_num_wide_gates(dag), self.options.get("effort", "default"))
        if self.is_clifford_t:
            return self._approximated(dag, limit)
        has_bodies = any(isinstance(node.op, ControlFlowOp) for node in dag.op_nodes())  # they are to get their turn
        is_limit = isinstance(self.timeout, str) or has_bodies
        clock = _Clock(None if limit is None else time.monotonic() + limit, is_limit)
        with self._interruptible():
            rewritten = self._rewritten(dag, range(dag.num_qubits()), clock, self.keep_order)
        if isinstance(self.timeout, str) and clock.deadline is not None and time.monotonic() >= clock.deadline:
            logger.warning("stopped after %.0f s, the default for a circuit of this size: timeout= raises it", limit)
        if rewritten is dag:
            return dag
        if self.basis.is_translated or self._lacks_single_qubit_gates(rewritten):
            rewritten = in_own_single_qubit_gates(rewritten, self.target, self.basis_gates)
        rewritten = directed(rewritten, self.target, self.coupling_map)
        if self.target is None or not self.target.has_angle_bounds():
            return rewritten
        bounded = within_bounds(rewritten, self.target)
        return dag if bounded is None else bounded

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Let Ctrl-C end the work, then do as ``on_interrupt`` says."""
        with graceful_interruption() as interruption:
            yield
        if interruption.happened and self.on_interrupt == "raise":
            raise KeyboardInterrupt
        if interruption.happened:
            logger.warning("interrupted: the circuit is the best so far")

    def _approximated(self, dag: DAGCircuit, limit: float | None) -> DAGCircuit:
        given = self.target.build_coupling_map() if self.target is not None else self.coupling_map
        if given is not None and not given.is_connected():
            logger.warning("circuitdiff leaves a circuit in Clifford+T on a device whose parts are not connected")
            return dag
        settings = {"tol": self.options.get("tol", TOL), "seed": self.options.get("seed", 0), "timeout": limit}
        with self._interruptible():
            made = approximated(dag, self.options["gate_set"], self.options["pairs"], settings)
        return dag if made is dag else directed(made, self.target, self.coupling_map)

    def _rewritten(self, dag: DAGCircuit, qubits: Sequence[int], clock: _Clock, keep_order: bool) -> DAGCircuit:
        """Rewrite a circuit whose qubits are the device's ``qubits``, then the bodies inside it."""
        places = dict(zip(dag.qubits, qubits, strict=True))
        steps = steps_of(dag, places)
        inside = any(isinstance(step, OpaqueOperation) and isinstance(step.payload.op, ControlFlowOp) for step in steps)
        keep_order = keep_order or inside
        found = resynthesize_steps(steps, keep_order=keep_order, **clock.left(), **self.options)
        is_better = len(found.steps) != len(steps) or any(map(is_not, found.steps, steps))
        if not is_better and not inside:
            return dag
        bits = {place: qubit for qubit, place in places.items()}
        result = dag.copy_empty_like()
        result.global_phase += found.global_phase
        for step in found.steps:
            if isinstance(step, Operation):
                gate = STANDARD[step.name].base_class(*step.params)
                result.apply_operation_back(gate, tuple(bits[q] for q in step.qubits), check=False)
            else:
                qargs = tuple(bits[wire] for wire in step.wires[: len(step.payload.qargs)])
                self._apply(result, step.payload, qargs, places, clock)
        if found.where:
            self._note_order(dag, found.where)
        return result

    def _note_order(self, dag: DAGCircuit, where: Mapping[int, int]) -> None:
        """Say on which wires contents end."""
        if self.property_set["layout"] is not None:
            routed = self.property_set["final_layout"]
            moved = Layout({qubit: where.get(place, place) for place, qubit in enumerate(dag.qubits)})
            self.property_set["final_layout"] = moved if routed is None else routed.compose(moved, dag.qubits)
            return
        new = Layout({dag.qubits[where.get(q, q)]: q for q in range(dag.num_qubits())})
        known = self.property_set["virtual_permutation_layout"]
        indices = {qubit: index for index, qubit in enumerate(dag.qubits)}
        if self.property_set["original_qubit_indices"] is None:
            self.property_set["original_qubit_indices"] = indices
        self.property_set["virtual_permutation_layout"] = new.compose(known, dag.qubits) if known else new

    def _apply(
        self,
        dag: DAGCircuit,
        node: DAGOpNode,
        qargs: tuple[Qubit, ...],
        places: Mapping[Qubit, int],
        clock: _Clock,
    ) -> None:
        """Put an operation that stays at the end of a circuit, the bodies of control flow rewritten."""
        operation = node.op
        if isinstance(operation, ControlFlowOp):
            qubits = [places[q] for q in node.qargs]
            bodies = [
                dag_to_circuit(
                    self._rewritten(circuit_to_dag(body), qubits, clock, keep_order=True), copy_operations=False
                )
                for body in operation.blocks
            ]
            operation = operation.replace_blocks(bodies)
        dag.apply_operation_back(operation, qargs, node.cargs, check=False)

    def _lacks_single_qubit_gates(self, dag: DAGCircuit) -> bool:
        """Tell whether a qubit lacks a gate that was written on it."""
        if self.links is None:
            return False
        gates = (operation_of(node, {q: i for i, q in enumerate(dag.qubits)}) for node in dag.op_nodes())
        return any(gate is not None and len(gate.qubits) == 1 and not self.links.has(gate) for gate in gates)


def _num_wide_gates(dag: DAGCircuit) -> int:
    """Count the gates on two or more qubits, bodies of control flow included."""
    nodes = dag.op_nodes()
    inside = [circuit_to_dag(body) for n in nodes if isinstance(n.op, ControlFlowOp) for body in n.op.blocks]
    return sum(isinstance(node.op, Gate) and len(node.qargs) > 1 for node in nodes) + sum(map(_num_wide_gates, inside))
