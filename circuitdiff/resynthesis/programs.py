"""Programs made shorter: gates between opaque operations, and the bodies of control flow."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from math import inf
from typing import Any, Unpack

import numpy as np

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Coupling, parse_coupling
from circuitdiff.circuits.gate_sets import GateSet, parse_gate_set
from circuitdiff.circuits.program import OpaqueOperation, Program, Step, gates_first
from circuitdiff.resynthesis.blocks import BlockOptions
from circuitdiff.resynthesis.check import state_infidelity
from circuitdiff.resynthesis.clifford_t import approximate_program, coupled
from circuitdiff.resynthesis.ending import SHARE
from circuitdiff.resynthesis.relabelling import output_permutation, restored_program
from circuitdiff.resynthesis.settings import BlockSettings
from circuitdiff.resynthesis.sweeps import resynthesize_steps
from circuitdiff.resynthesis.whole import ROUNDING, Resynthesis, check_placed, least, translated, within_budget
from circuitdiff.synthesis.clifford_t.clifford_basis import makes_clifford_t
from circuitdiff.validation import check_options


def resynthesize_program(
    program: Program,
    *,
    gate_set: str = "u,cx",
    coupling: str = "all",
    keep_order: bool = True,
    timeout: float | None = None,
    limit: float | None = None,
    **settings: Unpack[BlockSettings],
) -> Resynthesis:
    """Do what `circuitdiff.resynthesize` does with a program; what is no gate stays, in order.

    Each run of gates is translated, blocks between opaque operations are rewritten, and so are bodies of control flow.
    Where the order of the outputs is free and no body needs its qubits, measurements follow relabelled wires.
    In Clifford+T the infidelity is a bound: that of one way through the program, which ``tol`` is for.

    Raises:
        InputError: the program does not fit the device, or an option is out of range.
    """
    started = time.monotonic()
    check_options(timeout=timeout, limit=limit, coupling=coupling, gate_set=gate_set, keep_order=keep_order, **settings)
    seconds = least(timeout, limit)
    device, gates = parse_coupling(coupling, program.num_qubits), parse_gate_set(gate_set)
    check_placed(program.pairs, device)
    tol, seed = settings.get("tol", BlockOptions.tol), settings.get("seed", BlockOptions.seed)
    if makes_clifford_t(gates):
        end = started + (inf if seconds is None else seconds)
        made = approximate_program(program, gates, coupled(device), tol, end, seed)
        return within_budget(program, made.program, made.infidelity, gates, device, tol, seed, started)
    before = _translated(program, gates)
    translating = time.monotonic() - started  # and as long again at the end
    deadline = None if seconds is None else started + seconds - translating
    is_flat = all(isinstance(step, Operation) or not step.bodies for step in program.steps)
    order = {"keep_order": keep_order or not is_flat}
    clock = "timeout" if is_flat and timeout is not None else "limit"  # bodies come last, and are to get their turn
    after, where = _rewritten(before, gate_set, gates, device, deadline, clock, {**settings, **order})
    held = output_permutation(where, program.num_qubits)
    checked_until = inf if seconds is None else time.monotonic() + SHARE * seconds
    infidelity = _infidelity(program, restored_program(after, held), seed, checked_until)
    return Resynthesis(
        circuit=after,
        before=before,
        infidelity=infidelity,
        seconds=time.monotonic() - started,
        gate_set=gates.name,
        coupling=device.name,
        tol_met=infidelity is None or infidelity <= max(tol, ROUNDING) * (1 + after.num_gates),
        seed=seed,
        output_permutation=held,
    )


def _translated(program: Program, gate_set: GateSet) -> Program:
    """Translate every run of gates into a gate set, bodies included."""
    ranks = range(len(program.steps))
    return _in_runs(program, [program.steps[p] for p in gates_first(program.steps, ranks)], gate_set)


def _in_runs(program: Program, ordered: Sequence[Step], gate_set: GateSet) -> Program:
    steps: list[Step] = []
    phase = program.global_phase
    known: dict[Circuit, Circuit] = {}  # resets and measurements cut programs into runs that recur on other wires
    for is_gates, run in groupby(ordered, key=lambda step: isinstance(step, Operation)):
        if is_gates:
            gates = tuple(step for step in run if isinstance(step, Operation))
            circuit, used = Circuit(program.num_qubits, gates).on_used_qubits()
            if circuit not in known:
                known[circuit] = translated(circuit, gate_set)
            placed = known[circuit].permuted(used, program.num_qubits)
            steps += placed.operations
            phase += placed.global_phase
        else:
            for step in run:
                assert isinstance(step, OpaqueOperation)
                bodies = tuple(_translated(body, gate_set) for body in step.bodies)
                steps.append(replace(step, bodies=bodies) if bodies else step)
    return replace(program, steps=tuple(steps), global_phase=phase)


def _rewritten(
    program: Program,
    gate_set: str,
    gates: GateSet,
    device: Coupling,
    deadline: float | None,
    clock: str,
    settings: Mapping[str, Any],
) -> tuple[Program, Mapping[int, int]]:
    """Rewrite a translated program, then the bodies in it; and say where contents end that have moved."""
    found = resynthesize_steps(
        program.steps,
        gate_set=gate_set,
        pairs=None if device.is_complete else device.pairs,
        **{**settings, clock: None if deadline is None else max(0.0, deadline - time.monotonic())},
    )
    if found.steps == program.steps and not any(isinstance(s, OpaqueOperation) and s.bodies for s in program.steps):
        return program, found.where
    rank = {id(step.payload): number for number, step in enumerate(program.steps) if isinstance(step, OpaqueOperation)}
    ranks = [rank[id(step.payload)] if isinstance(step, OpaqueOperation) else 0 for step in found.steps]
    order = gates_first(found.steps, ranks)
    steps: list[Step] = []
    for step in (found.steps[position] for position in order):
        if isinstance(step, OpaqueOperation) and step.bodies:
            bodies = (_rewritten(body, gate_set, gates, device, deadline, clock, settings)[0] for body in step.bodies)
            step = replace(step, bodies=tuple(bodies))
        steps.append(step)
    phase = program.global_phase + found.global_phase
    return _in_runs(replace(program, global_phase=phase), steps, gates), found.where


def _infidelity(first: Program, second: Program, seed: int, deadline: float) -> float | None:
    """Return the worst of what two programs and their bodies make of random states, None where they are too wide.

    Opaque operations, which come in the same order of every wire, are stood in for by random gates on their qubits.
    """
    numbers = {id(step.payload): number for number, step in enumerate(first.steps) if isinstance(step, OpaqueOperation)}
    own = state_infidelity(
        _stand_in(first, numbers, seed), _stand_in(second, numbers, seed), np.random.default_rng(seed), deadline
    )
    inner = [
        _infidelity(body, after[id(step.payload)].bodies[place], seed, deadline)
        for after in [{id(s.payload): s for s in second.steps if isinstance(s, OpaqueOperation)}]
        for step in first.steps
        if isinstance(step, OpaqueOperation)
        for place, body in enumerate(step.bodies)
    ]
    known = [value for value in (own, *inner) if value is not None]
    return max(known) if len(known) == 1 + len(inner) else None


def _stand_in(program: Program, numbers: Mapping[int, int], seed: int) -> Circuit:
    operations: list[Operation] = []
    for step in program.steps:
        if isinstance(step, Operation):
            operations.append(step)
            continue
        qubits = tuple(dict.fromkeys(wire for wire in step.wires if wire < program.num_qubits))
        rng = np.random.default_rng([seed, numbers[id(step.payload)]])
        operations += [Operation("u", (qubit,), tuple(rng.uniform(0, 6, 3))) for qubit in qubits]
        operations += [Operation("rzz", (a, b), (1.0,)) for a, b in pairwise(qubits)]
    return Circuit(program.num_qubits, tuple(operations))
