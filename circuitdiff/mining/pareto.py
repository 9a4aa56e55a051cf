"""The best circuits there are: none has fewer gates on several qubits, less depth and fewer gates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from circuitdiff.datasets.shards import batches, open_shard, shards_of

Cost = tuple[int, int, int]
"""Gates on several qubits, depth, gates."""


@dataclass(frozen=True)
class Best:
    """A cost that no other circuit for the same target and device undercuts, and how many circuits have it."""

    target: str
    gate_set: str
    coupling: str
    cost: Cost
    circuits: int

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        names = ("two_qubit_count", "depth", "num_gates")
        device = {"target": self.target, "gate_set": self.gate_set, "coupling": self.coupling}
        return device | dict(zip(names, self.cost, strict=True)) | {"circuits": self.circuits}


def pareto_front(costs: Iterable[Cost]) -> list[Cost]:
    """Return the costs that no other undercuts, ascending."""
    front: list[Cost] = []
    for cost in sorted(set(costs)):
        if not any(all(a <= b for a, b in zip(better, cost, strict=True)) for better in front):
            front.append(cost)
    return front


def pareto_fronts(folder: Path) -> list[Best]:
    """Return the fronts of a solution set, target by target and device by device; random circuits have none.

    Raises:
        InputError: the folder holds no shards, or a bad one.
    """
    counts: dict[tuple[str, str, str], dict[Cost, int]] = {}
    columns = ["target", "gate_set", "coupling", "two_qubit_count", "depth", "num_gates"]
    for path in shards_of(folder):
        if "target" not in open_shard(path).schema_arrow.names:
            continue
        for batch in batches(path, columns):
            for target, gate_set, coupling, *cost in zip(*(c.to_pylist() for c in batch.columns), strict=True):
                found = counts.setdefault((target, gate_set, coupling), {})
                key = (cost[0], cost[1], cost[2])
                found[key] = found.get(key, 0) + 1
    return [Best(*case, cost, found[cost]) for case, found in counts.items() for cost in pareto_front(found)]
