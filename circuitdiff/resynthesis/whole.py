"""``resynthesize``: a circuit of any width in, one with no more two-qubit gates out."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Coupling, parse_coupling
from circuitdiff.circuits.gate_sets import GateSet, parse_gate_set
from circuitdiff.circuits.program import Program, Step
from circuitdiff.errors import InputError
from circuitdiff.resynthesis.blocks import BlockOptions
from circuitdiff.resynthesis.check import state_infidelity
from circuitdiff.resynthesis.clifford_t import approximate_circuit, coupled
from circuitdiff.resynthesis.ending import Ending
from circuitdiff.resynthesis.relabelling import SWAP, output_permutation, restored, then, without_swaps
from circuitdiff.resynthesis.settings import BlockSettings
from circuitdiff.resynthesis.sweeps import resynthesize_steps
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.analytic.unitary import without_wide_gates
from circuitdiff.synthesis.clifford_t.clifford_basis import makes_clifford_t
from circuitdiff.synthesis.clifford_t.phase_folding import ROTATIONS
from circuitdiff.validation import check_options

ROUNDING = 1e-12
"""Infidelity that the rounding of a gate adds at the most."""


@dataclass(frozen=True)
class Resynthesis:
    """A rewritten circuit.

    Attributes:
        circuit: over the gate set, on couplings of the map.
        before: the circuit that was given, over the gate set.
        tol_met: whether that is within the tolerance of all blocks together.
        infidelity: worst of what both make of a few random product states; None for more than 16 qubits, and where
            a tenth of the time does not suffice for that: of those the blocks alone were checked.  In Clifford+T the
            average over random states, or a bound on wide circuits.
        seconds: wall time.
        output_permutation: the circuit's output qubit ``q`` holds what the given one has on ``output_permutation[q]``;
            None where the order is the given one's.
    """

    circuit: Circuit | Program
    before: Circuit | Program
    infidelity: float | None
    seconds: float
    gate_set: str
    coupling: str
    tol_met: bool
    seed: int
    output_permutation: tuple[int, ...] | None = None

    def as_dict(self, qasm: str | None = None) -> dict[str, Any]:
        """Return the result as plain data for JSON, the circuit as OpenQASM 3, or as it was written, under ``qasm``."""
        return {
            "infidelity": self.infidelity,
            "two_qubit_count": self.circuit.two_qubit_count,
            "num_gates": self.circuit.num_gates,
            "t_count": self.circuit.t_count,
            "t_depth": self.circuit.t_depth,
            "depth": self.circuit.depth,
            "num_qubits": self.circuit.num_qubits,
            "kind": "circuit",
            "output_permutation": None if self.output_permutation is None else list(self.output_permutation),
            "before": {
                "two_qubit_count": self.before.two_qubit_count,
                "num_gates": self.before.num_gates,
                "t_count": self.before.t_count,
                "t_depth": self.before.t_depth,
                "depth": self.before.depth,
            },
            "source": "resynthesis",
            "seconds": self.seconds,
            "gate_set": self.gate_set,
            "coupling": self.coupling,
            "tol_met": self.tol_met,
            "seed": self.seed,
            "qasm": self.circuit.to_qasm() if qasm is None else qasm,
        }


def resynthesize(
    circuit: Circuit,
    *,
    gate_set: str = "u,cx",
    coupling: str = "all",
    keep_order: bool = True,
    timeout: float | None = None,
    limit: float | None = None,
    **settings: Unpack[BlockSettings],
) -> Resynthesis:
    """Translate a circuit into a gate set, then rewrite its blocks with fewer two-qubit gates.

    In Clifford+T rotations are merged instead, and approximated within ``tol`` for the whole circuit.

    Args:
        circuit: of any width; its gates on two qubits have to lie on couplings of the map.
        gate_set: a preset's name or gates separated by commas.
        coupling: ``all``, ``line``, ``ring``, ``0-1,1-2``, or the path of a JSON list of pairs.
        keep_order: whether every qubit ends on its own wire. Otherwise swaps are free where what follows them fits
            the couplings with its wires relabelled, and ``output_permutation`` of the result says where contents end.
        timeout: wall-clock seconds for everything, used to their end: where sweeps save nothing more, moves that cost
            nothing go on while there are any.
        limit: wall-clock seconds after which the best so far is returned where the effort has not ended it before.
        settings: ``block_size``, ``effort``, ``tol``, ``seed``, ``model``, ``cache``, ``workers``: see `BlockSettings`.

    Raises:
        InputError: the circuit does not fit the device, or an option is out of range.
    """
    started = time.monotonic()
    check_options(timeout=timeout, limit=limit, coupling=coupling, gate_set=gate_set, keep_order=keep_order, **settings)
    tol, seed = settings.get("tol", BlockOptions.tol), settings.get("seed", BlockOptions.seed)
    device = parse_coupling(coupling, circuit.num_qubits)
    gates = parse_gate_set(gate_set)
    check_placed(circuit.pairs, device)
    if makes_clifford_t(gates):
        return _in_clifford_t(circuit, gates, device, tol, seed, started, least(timeout, limit))
    is_written = circuit.gate_names <= set(gates.gates)
    before = given = circuit if is_written else translated(circuit, gates)
    where: dict[int, int] = {}
    if device.is_complete and not keep_order and SWAP in circuit.gate_names:
        kept, where = without_swaps(circuit.operations)
        given = translated(replace(circuit, operations=_gates(kept)), gates)
    last = Ending.of(given, gates, least(timeout, limit))
    spent = time.monotonic() - started + last.seconds
    rewritten = resynthesize_steps(
        given.operations,
        gate_set=gate_set,
        pairs=None if device.is_complete else device.pairs,
        keep_order=keep_order,
        timeout=None if timeout is None else max(0.0, timeout - spent),
        limit=None if limit is None else max(0.0, limit - spent),
        **settings,
    )
    operations = _gates(rewritten.steps)
    phase = given.global_phase + rewritten.global_phase
    after = translate_basis(Circuit(circuit.num_qubits, operations, phase), gates, last.deadline())
    order = output_permutation(then(where, rewritten.where), circuit.num_qubits)
    infidelity = state_infidelity(circuit, restored(after, order), np.random.default_rng(seed), last.deadline())
    return Resynthesis(
        circuit=after,
        before=before,
        infidelity=infidelity,
        seconds=time.monotonic() - started,
        gate_set=gates.name,
        coupling=device.name,
        tol_met=infidelity is None or infidelity <= max(tol, ROUNDING) * (1 + len(operations)),
        seed=seed,
        output_permutation=order,
    )


def least(timeout: float | None, limit: float | None) -> float | None:
    """Return the smaller of two numbers of seconds, None where there is none."""
    return min((seconds for seconds in (timeout, limit) if seconds is not None), default=None)


def _in_clifford_t(
    circuit: Circuit, gates: GateSet, device: Coupling, tol: float, seed: int, started: float, timeout: float | None
) -> Resynthesis:
    deadline = started + timeout if timeout is not None else float("inf")
    made = approximate_circuit(without_wide_gates(circuit, ROTATIONS), gates, coupled(device), tol, deadline, seed)
    return within_budget(circuit, made.circuit, made.infidelity, gates, device, tol, seed, started)


def within_budget(
    before: Circuit | Program,
    after: Circuit | Program,
    infidelity: float,
    gates: GateSet,
    device: Coupling,
    tol: float,
    seed: int,
    started: float,
) -> Resynthesis:
    """Return the result of an approximation in Clifford+T, whose whole error is to stay below ``tol``."""
    return Resynthesis(
        circuit=after,
        before=before,
        infidelity=infidelity,
        seconds=time.monotonic() - started,
        gate_set=gates.name,
        coupling=device.name,
        tol_met=infidelity <= max(tol, ROUNDING),
        seed=seed,
    )


def _gates(steps: Sequence[Step]) -> tuple[Operation, ...]:
    return tuple(step for step in steps if isinstance(step, Operation))


def check_placed(pairs: Collection[tuple[int, int]], device: Coupling) -> None:
    """Refuse pairs that are not coupled.

    Raises:
        InputError: there is one.
    """
    misplaced = sorted(set(pairs) - set(device.pairs))
    if misplaced:
        a, b = misplaced[0]
        raise InputError(f"gates act on {len(misplaced)} pairs that are not coupled, such as {a}-{b}; route it first")


def translated(circuit: Circuit, gate_set: GateSet) -> Circuit:
    """Return a circuit in the gates of a gate set, those on three qubits taken apart where the set lacks them."""
    return translate_basis(without_wide_gates(circuit, gate_set), gate_set)
