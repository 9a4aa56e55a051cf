"""Optimal circuits for one and two qubits: Euler angles and the canonical (KAK) decomposition."""

from __future__ import annotations

from collections.abc import Iterator
from math import pi

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gate_sets import U_CX, GateSet
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.single_qubit import wrapped, zyz
from circuitdiff.errors import InputError
from circuitdiff.features.tensor_factors import separable_factors
from circuitdiff.interop.qiskit_synthesis import weyl_decomposition
from circuitdiff.synthesis.analytic.basis_translation import translate_basis

WEYL_TOL = 1e-7
"""Radians within which a Weyl coordinate counts as zero or pi/4; that costs 1e-14 infidelity."""

_SWAP = np.eye(4)[[0, 2, 1, 3]]
_HALF = pi / 2


def one_qubit_circuit(U: NDArray[np.complex128], gate_set: GateSet) -> Circuit:
    """Return a (2, 2) unitary in the single-qubit gates of a gate set.

    Raises:
        InputError: the gates cannot express it exactly.
    """
    operation, phase = _u(U, 0)
    return translate_basis(Circuit(1, (operation,), phase), gate_set)


def two_qubit_circuit(U: NDArray[np.complex128], gate_set: GateSet) -> Circuit:
    """Return a (4, 4) unitary in a gate set, with the fewest two-qubit gates of its kind, then the fewest gates.

    Raises:
        InputError: the gates cannot express it exactly.
    """
    found: list[Circuit] = []
    reason: InputError | None = None
    for raw in _candidates(U, gate_set):
        try:
            found.append(translate_basis(raw, gate_set))
        except InputError as error:
            reason = error
    if not found:
        raise reason or InputError(f"gate set {gate_set.name} has no gate that entangles two qubits")
    return min(found, key=lambda circuit: (circuit.two_qubit_count, circuit.num_gates))


def _candidates(U: NDArray[np.complex128], gate_set: GateSet) -> Iterator[Circuit]:
    angled = bool(gate_set.of_class("rzz"))
    canonical = canonical_circuit(U, angled=False)
    yield canonical
    if canonical.two_qubit_count == 1:
        yield from _beside_one_gate(U, gate_set)
    if angled:
        yield canonical_circuit(U, angled=True)
    if not {"swap", "iswap"} & set(gate_set.gates):
        return
    mirrored = canonical_circuit(_SWAP @ U, angled=False)
    if "swap" in gate_set.gates:
        partners = [mirrored, canonical_circuit(_SWAP @ U, angled=True)] if angled else [mirrored]
        for partner in partners:
            yield Circuit(2, (*partner.operations, Operation("swap", (0, 1))), partner.global_phase)
    if "iswap" in gate_set.gates:
        for matrix, templates in ((U, (0, 2)), (_SWAP @ U, (1, 3))):
            for template in templates:
                circuit = translate_basis(canonical_circuit(matrix, angled=False, num_cx=template), U_CX)
                if circuit.two_qubit_count == template:
                    yield with_iswaps(circuit)


def _beside_one_gate(U: NDArray[np.complex128], gate_set: GateSet) -> Iterator[Circuit]:
    """Yield circuits of one gate of the set that has no angle, with gates on single qubits after it alone, or before.

    The canonical form puts some on both sides: three cx in a row would come out as one between four of them.
    """
    for name in gate_set.entanglers:
        kind = GATES[name]
        if kind.num_qubits != 2 or kind.num_params:
            continue
        for qubits in ((0, 1),) if kind.symmetric else ((0, 1), (1, 0)):
            gate = Operation(name, qubits)
            V = Circuit(2, (gate,)).unitary()
            for rest, is_after in ((U @ V.conj().T, True), (V.conj().T @ U, False)):
                factors = separable_factors(rest)
                if len(factors) < 2:
                    continue
                local = [_u(matrix, places[0]) for places, matrix in factors]
                turns = [operation for operation, _ in local]
                phase = wrapped(sum(extra for _, extra in local))
                yield Circuit(2, (gate, *turns) if is_after else (*turns, gate), phase)


def canonical_circuit(U: NDArray[np.complex128], *, angled: bool, num_cx: int = 0) -> Circuit:
    """Return a (4, 4) unitary in ``u`` and the fewest ``cx``, though not below ``num_cx``.

    When ``angled``, in ``rxx``, ``ryy`` and ``rzz`` instead, one for each Weyl coordinate that is not zero.

    Reference: Vatan & Williams, quant-ph/0308006, for three cx.
    """
    weyl = weyl_decomposition(U)
    a, b, c = map(_snapped, weyl.coordinates)
    operations: list[Operation] = []
    phase = weyl.phase
    for qubit, matrix in enumerate(weyl.first):
        operation, extra = _u(matrix, qubit)
        operations.append(operation)
        phase += extra
    core, extra = _angled_core(a, b, c) if angled else _cx_core(a, b, c, num_cx)
    operations += core
    phase += extra
    for qubit, matrix in enumerate(weyl.last):
        operation, extra = _u(matrix, qubit)
        operations.append(operation)
        phase += extra
    return Circuit(2, tuple(operations), wrapped(phase))


def with_iswaps(circuit: Circuit) -> Circuit:
    """Replace every two-qubit gate of a circuit on two qubits, all of them cx, by one iswap.

    An iswap is a swap after a cz between quarter turns, so the qubits change places at each: the result is the
    circuit's unitary, followed by a swap when the number of gates is odd.
    """
    operations: list[Operation] = []
    places = [0, 1]
    for name, qubits, params in circuit.operations:
        moved = tuple(places[q] for q in qubits)
        if name != "cx":
            operations.append(Operation(name, moved, params))
            continue
        operations += [Operation("h", (moved[1],)), Operation("sdg", (0,)), Operation("sdg", (1,))]
        operations += [Operation("iswap", (0, 1)), Operation("h", (moved[0],))]
        places.reverse()
    return Circuit(2, tuple(operations), circuit.global_phase)


def _angled_core(a: float, b: float, c: float) -> tuple[list[Operation], float]:
    """Return ``exp(i (a XX + b YY + c ZZ))``, an operation for each coordinate that is not zero."""
    terms = (("rxx", a), ("ryy", b), ("rzz", c))
    return [Operation(name, (0, 1), (-2 * angle,)) for name, angle in terms if angle], 0.0


def _cx_core(a: float, b: float, c: float, least: int) -> tuple[list[Operation], float]:
    """Return ``exp(i (a XX + b YY + c ZZ))``, ``a >= b >= |c|``, in as few cx as possible, and its global phase."""
    if not a and least == 0:
        return [], 0.0
    if not b and a == pi / 4 and least <= 1:
        return [Operation("rxx", (0, 1), (-2 * a,))], 0.0
    if not c and least <= 2:
        # quarter turns about X take YY to ZZ; cx takes XX to X on its control and ZZ to Z on its target
        quarter = [Operation("rx", (q,), (_HALF,)) for q in (0, 1)]
        back = [Operation("rx", (q,), (-_HALF,)) for q in (0, 1)]
        inner = [Operation("rx", (0,), (-2 * a,)), Operation("rz", (1,), (-2 * b,))]
        cx = Operation("cx", (0, 1))
        return [*quarter, cx, *inner, cx, *back], 0.0
    first = [Operation("rz", (1,), (-_HALF,)), Operation("cx", (1, 0)), Operation("rz", (0,), (_HALF - 2 * c,))]
    second = [Operation("ry", (1,), (2 * a - _HALF,)), Operation("cx", (0, 1))]
    third = [Operation("ry", (1,), (_HALF - 2 * b,)), Operation("cx", (1, 0)), Operation("rz", (0,), (_HALF,))]
    return [*first, *second, *third], pi / 4


def _snapped(coordinate: float) -> float:
    if abs(coordinate) < WEYL_TOL:
        return 0.0
    return float(np.sign(coordinate) * pi / 4) if abs(abs(coordinate) - pi / 4) < WEYL_TOL else float(coordinate)


def _u(matrix: NDArray[np.complex128], qubit: int) -> tuple[Operation, float]:
    """Return a (2, 2) unitary as a ``u`` gate and a global phase."""
    phi, theta, lam, phase = zyz(tuple(complex(entry) for entry in np.asarray(matrix).ravel()))  # type: ignore[arg-type]
    return Operation("u", (qubit,), (theta, phi, lam)), phase - (phi + lam) / 2
