"""What the network reads about training circuits: prompts that they fulfil."""

from __future__ import annotations

import numpy as np
import torch

from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.vocabulary import PAD
from circuitdiff.data.stream import CircuitBatch
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.spec.grammar import render_prompt

# How often a prompt speaks of each part, where there is something to say.
_RANKS, _QUBITS, _GATES, _LINE, _BUDGET = 0.95, 0.5, 0.4, 0.5, 0.2
_SLACK = 2  # most gates by which a bound in words exceeds the number of gates


def prompts_of(batch: CircuitBatch, layout: Layout, rng: np.random.Generator) -> list[str]:
    """Return a prompt for each circuit, of parts chosen at random."""
    return [render_prompt(spec, rng) for spec in specs_of(batch, layout, rng)]


def specs_of(batch: CircuitBatch, layout: Layout, rng: np.random.Generator) -> list[CircuitSpec]:
    """Return a spec for each circuit that it fulfils, of parts chosen at random; at least one part each."""
    gates = batch.tokens.cpu() != PAD
    entangling = torch.from_numpy(layout.is_entangling)[batch.tokens.cpu()]
    counts = torch.stack((gates.sum(1), entangling.sum(1)), dim=1).tolist()
    said = rng.random((len(batch), 6)) < (_RANKS, _QUBITS, _GATES, _LINE, _BUDGET, _BUDGET)
    slack = rng.integers(0, _SLACK + 1, (len(batch), 2)).tolist()
    specs = []
    for row, (ranks, named, on_line) in enumerate(
        zip(batch.ranks.tolist(), batch.gates.tolist(), batch.on_line.tolist(), strict=True)
    ):
        used = [rank for rank in ranks if rank]
        bounds = [count + more for count, more in zip(counts[row], slack[row], strict=True)]
        speaks_of_ranks = bool(used) and bool(said[row, 0])
        specs.append(
            CircuitSpec(
                num_qubits=len(used) if used and (said[row, 1] or not speaks_of_ranks) else None,
                schmidt_ranks=tuple(used) if speaks_of_ranks else None,
                gates=_names(layout, named) if said[row, 2] or not used else None,
                coupling="line" if on_line and said[row, 3] else None,
                max_gates=bounds[0] if said[row, 4] else None,
                max_two_qubit_gates=bounds[1] if said[row, 5] else None,
            )
        )
    return specs


def _names(layout: Layout, named: list[bool]) -> tuple[str, ...]:
    return tuple(name for name, used in zip(layout.gates, named, strict=True) if used)
