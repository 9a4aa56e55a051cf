"""Parts of a circuit drawn anew, towards a unitary or a spec; what is kept stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Pair
from circuitdiff.errors import InputError
from circuitdiff.generation.circuit_diffusion import CircuitDiffusion
from circuitdiff.generation.generation import Generation, check, shown_to
from circuitdiff.generation.model_selection import choose_checkpoint
from circuitdiff.generation.sampling import Sampling
from circuitdiff.spec.circuit_spec import CircuitSpec


@dataclass(frozen=True)
class Prohibition:
    """What gates that are drawn anew may not be; gates of the circuit that break it are drawn anew."""

    gates: frozenset[str] = frozenset()
    qubits: frozenset[int] = frozenset()
    pairs: frozenset[Pair] = frozenset()

    def forbids(self, operation: Operation) -> bool:
        """Tell whether a gate breaks it."""
        pairs = {(min(a, b), max(a, b)) for a in operation.qubits for b in operation.qubits if a != b}
        return operation.name in self.gates or bool(self.qubits & set(operation.qubits)) or bool(self.pairs & pairs)


def gates_to_keep(
    circuit: Circuit,
    prohibition: Prohibition,
    *,
    keep: Collection[int] | None = None,
    redraw: Collection[int] = (),
    redraw_qubits: Collection[int] = (),
    prefix: int | None = None,
    suffix: int | None = None,
) -> list[bool]:
    """Return for each gate of a circuit whether it stays.

    Args:
        circuit: what is edited.
        prohibition: gates that break it go.
        keep: positions, from 0, to keep; with them, or a prefix or suffix, everything else goes.
        redraw: positions that go.
        redraw_qubits: gates on these qubits go.
        prefix: so many first gates stay.
        suffix: so many last gates stay.

    Raises:
        InputError: a position or qubit that is not there, a kept gate that is forbidden, or nothing kept or redrawn.
    """
    size = circuit.num_gates
    for what, values, bound in (
        ("position", {*(keep or ()), *redraw}, size),
        (
            "qubit",
            {*redraw_qubits, *prohibition.qubits, *(q for p in prohibition.pairs for q in p)},
            circuit.num_qubits,
        ),
        ("number of gates", {prefix or 0, suffix or 0}, size + 1),
    ):
        wrong = sorted(value for value in values if not 0 <= value < bound)
        if wrong:
            raise InputError(f"{what} {wrong[0]} is not one of 0 to {bound - 1}")
    named = {*(keep or ()), *range(prefix or 0), *range(size - (suffix or 0), size)}
    some = keep is not None or prefix is not None or suffix is not None
    kept = []
    for position, operation in enumerate(circuit.operations):
        forbidden = prohibition.forbids(operation)
        if forbidden and position in named:
            raise InputError(
                f"gate {position}, {operation.name} on {list(operation.qubits)}, is both kept and forbidden"
            )
        goes = forbidden or position in redraw or bool(set(operation.qubits) & set(redraw_qubits))
        kept.append(position in named if some else not goes)
    if all(kept) or not any(kept):
        raise InputError(f"an edit keeps some gates and not others; {sum(kept)} of {size} are kept")
    return kept


def edit(
    circuit: Circuit,
    keep: Sequence[bool],
    spec: CircuitSpec,
    unitary: NDArray[np.complex128] | None,
    prohibition: Prohibition,
    *,
    sampling: Sampling | None = None,
    max_growth: int = 0,
    search: bool = False,
    model: str | None = None,
    device: str = "cpu",
    tol: float = 1e-6,
) -> Generation:
    """Draw parts of a circuit anew and check each result by simulation.

    Args:
        circuit: of the gates of the model.
        keep: for each gate whether it stays, as `gates_to_keep` returns.
        spec: what is asked of the whole.
        unitary: (2^n, 2^n) towards which, None for none.
        prohibition: what new gates may not be.
        sampling: how many circuits, and how they are drawn.
        max_growth: most gates by which each run of gates drawn anew may grow.
        search: see `generate`.
        model: name or path of a checkpoint; by default the smallest bundled one that takes what is asked for.
        device: where the model runs.
        tol: infidelity to the unitary at which a circuit counts as correct.

    Raises:
        InputError: no checkpoint takes what is asked for, the circuit does not fit it, or nothing satisfies it.
    """
    how, n = sampling or Sampling(), circuit.num_qubits
    if spec.num_qubits not in (None, n):
        raise InputError(f"the circuit has {n} qubits, and {spec.num_qubits} are asked for")
    used = {operation.name for operation, stays in zip(circuit.operations, keep, strict=True) if stays}
    fitting = replace(spec, num_qubits=n, gates=tuple(used | set(spec.gates or ())))
    loaded = CircuitDiffusion.from_pretrained(model or choose_checkpoint(fitting, unitary is not None), device)
    allowed = loaded.layout.permitted(
        n,
        forbidden_gates=prohibition.gates & set(loaded.layout.gates),
        forbidden_qubits=prohibition.qubits,
        forbidden_pairs=prohibition.pairs,
    )
    circuits = loaded.edit(
        circuit,
        keep,
        unitary,
        shown_to(loaded, spec),
        sampling=how,
        allowed=allowed,
        max_growth=max_growth,
        search=search,
        generator=torch.Generator(device).manual_seed(how.seed),
    )
    return Generation(check(circuits, replace(spec, num_qubits=n), unitary, tol), len(circuits), spec, loaded.name)
