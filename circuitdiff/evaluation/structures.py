"""How often the model proposes a right structure, on circuits that training did not draw, against blind draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from numpy.typing import NDArray

from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.simulator import rotation_table, unitaries
from circuitdiff.circuits.skeleton import Skeleton
from circuitdiff.data.dressing import NO_PAIR
from circuitdiff.data.seeds import Stream, derived_seed
from circuitdiff.data.stream import Mixture, draw_circuits, skeleton_tensors
from circuitdiff.sampling import CircuitDiffusion, Placement
from circuitdiff.synthesis.instantiate import Budget, race, random_start
from circuitdiff.synthesis.sources import ModelSource, blind
from circuitdiff.synthesis.structure import Dressed
from circuitdiff.synthesis.task import Task

_DRAWN_AT_ONCE = 512


@dataclass(frozen=True)
class StructureScore:
    """Shares of targets with a given number of entanglers, each in [0, 1]."""

    entanglers: int
    targets: int
    first: float  # the likeliest placement is that of the circuit behind the target
    listed: float  # it is among the placements that are instantiated
    solved: float  # one of them was instantiated within tolerance
    solved_blindly: float  # the same with as many random placements of that length


@dataclass(frozen=True)
class Protocol:
    """What each target is given."""

    num_samples: int = 64
    steps: int = 8
    search: bool = False
    placements: int = 12  # distinct ones that are instantiated
    starts: int = 8  # a placement
    angles: bool = True  # the first start of each placement comes from the model
    tolerance: float = 1e-9
    work: float = float("inf")  # nominal multiply-adds a target


def held_out_targets(
    skeleton: Skeleton, entanglers: int, count: int, mixture: Mixture, seed: int = 0
) -> list[tuple[NDArray[np.complex128], Placement]]:
    """Return unitaries (d, d) of circuits with exactly so many entanglers, and their placements."""
    generator = torch.Generator().manual_seed(derived_seed(Stream.EVALUATION, seed, entanglers))
    table = rotation_table(skeleton.vocabulary)
    found: list[tuple[NDArray[np.complex128], Placement]] = []
    while len(found) < count:
        allowed = torch.ones(_DRAWN_AT_ONCE, len(skeleton.pairs), dtype=torch.bool)
        circuits = draw_circuits(allowed, skeleton, mixture, generator)
        tokens, params = skeleton_tensors(circuits, skeleton)
        right = ((circuits.pairs != NO_PAIR).sum(1) == entanglers).nonzero()[:, 0]
        matrices = unitaries(tokens[right], params[right], table, torch.complex128).numpy()
        found += zip(matrices, map(skeleton.placement, tokens[right].tolist()), strict=True)
    return found[:count]


def score_structures(
    model: CircuitDiffusion,
    entanglers: int,
    count: int,
    protocol: Protocol,
    mixture: Mixture | None = None,
    seed: int = 0,
) -> StructureScore:
    """Propose placements of so many entanglers for fresh targets, instantiate them, and count."""
    rng = np.random.default_rng(seed)
    generator = torch.Generator().manual_seed(seed)
    coupling = Coupling(model.num_qubits, model.skeleton.pairs, "all")
    first = listed = solved = blindly = 0
    for unitary, placement in held_out_targets(model.skeleton, entanglers, count, mixture or Mixture(), seed):
        ranked = model.propose(
            unitary,
            max_entanglers=entanglers,
            num_samples=protocol.num_samples,
            steps=protocol.steps,
            generator=generator,
            min_entanglers=entanglers,
            search=protocol.search,
        )
        proposed = [pairs for pairs, _ in ranked][: protocol.placements]
        first += proposed[0] == placement
        listed += placement in proposed
        task = Task(unitary, coupling, "cz", protocol.tolerance, 0)
        informed = ModelSource(model).starts(task, proposed, rng) if protocol.angles else []
        solved += _solves(task, proposed, informed, protocol, rng)
        blindly += _solves(task, [blind(task, entanglers, rng) for _ in proposed], [], protocol, rng)
    return StructureScore(entanglers, count, first / count, listed / count, solved / count, blindly / count)


def _solves(
    task: Task,
    placements: Sequence[Placement],
    informed: Sequence[Dressed],
    protocol: Protocol,
    rng: np.random.Generator,
) -> bool:
    """Tell whether a race from the informed starts, then random ones of every placement, comes within tolerance."""
    missing = protocol.starts * len(placements) - len(informed)
    blind_starts = (
        random_start(placements[i % len(placements)], task.num_qubits, task.entangler, rng) for i in range(missing)
    )
    fit = race(task.target, chain(informed, blind_starts), tol=task.tol, budget=Budget(protocol.work))
    return fit is not None and fit.infidelity <= task.tol
