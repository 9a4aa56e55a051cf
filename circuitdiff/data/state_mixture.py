"""Training circuits of dressed CZ that make states of |0...0>, on few qubits or many."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.simulator import RotationTable, rotation_table, unitaries
from circuitdiff.data.ansatz_mixture import ansatz_tensors
from circuitdiff.data.dressing import NO_PAIR, DressedCircuits, canonicalise, dress_all
from circuitdiff.data.families import family_layers
from circuitdiff.data.random_circuits import has_long_runs, random_layers, rows_without
from circuitdiff.data.state_circuits import draw_trees, grown_layers, num_used, without_idle
from circuitdiff.data.stream import BatchMaker, CircuitBatch, draw_budgets
from circuitdiff.features.states import sides_within, state_features

FAMILY_GATES = 8
"""Named gates of a circuit of such."""


@dataclass(frozen=True)
class StateMixture:
    """Shares of a stream of circuits for states; each between 0 and 1 unless it is a number of something."""

    families: float = 0.25  # circuits of named gates
    grown: float = 0.5  # circuits that join their qubits along a tree; the rest are random in structure
    haar: float = 0.35  # of those without named gates: those with gates from the Haar measure
    smaller: float = 0.65  # on fewer qubits than the register has
    min_qubits: int = 3
    sparse: float = 0.5  # circuits that keep to a tree and few pairs more, though all may be allowed
    restricted: float = 0.35  # circuits whose couplings are shown to be a line, or a tree and some pairs
    budget_given: float = 0.5
    tight_budget: float = 0.5  # of the given budgets: those that exceed the number of entanglers by `longest_slack`
    longest_slack: int = 3  # at most; the others are anywhere between that number and max_gates

    def maker(self, layout: Layout, device: torch.device | str, largest_side: int | None) -> BatchMaker:
        """Return what draws circuits of an `ansatz_layout`; see `Mixture.maker`."""
        table = rotation_table(layout.vocabulary, device)

        def make(size: int, generator: torch.Generator) -> CircuitBatch:
            return make_state_batch(size, layout, self, table, generator)

        return make

    def description(self, layout: Layout) -> str:
        """Say in Markdown what the circuits are."""
        return (
            f"Circuits from |0...0> of up to {layout.max_gates} CZ on {self.min_qubits} to {layout.num_qubits} qubits: "
            f"{self.families:.0%} random sequences\nof the gates of real circuits, {self.grown:.0%} that join their "
            "qubits along paths, stars and other trees and go on at\nrandom, the rest random in structure; angles "
            "Haar-random, Clifford-like, Clifford+T-like, mixed and recurring.\n"
            f"{self.restricted:.0%} on a line or another sparse coupling. No CZ meets a qubit that is still in zero, "
            "and no\nqubits have more CZ among them than any state of theirs takes."
        )


def make_state_batch(
    size: int, layout: Layout, mixture: StateMixture, table: RotationTable, generator: torch.Generator
) -> CircuitBatch:
    """Draw `size` circuits from the mixture and show their states."""
    device = generator.device
    registers = _draw_registers(size, layout, mixture, generator)
    trees = draw_trees(registers, layout, generator)
    coupling, used = _draw_couplings(registers, trees, layout, mixture, generator)
    circuits = _draw_circuits(trees, used, layout, mixture, generator)
    rows = _reasonable(circuits.pairs, registers, layout, generator)
    circuits = DressedCircuits(*(tensor[rows] for tensor in circuits))
    registers, coupling = registers[rows], coupling[rows]
    length = (circuits.pairs != NO_PAIR).sum(1)
    shares = mixture.budget_given, mixture.tight_budget, mixture.longest_slack
    budget = draw_budgets(length, *shares, layout.max_gates, generator)
    tokens, params = ansatz_tensors(circuits, layout)
    states = unitaries(tokens, params, table, torch.complex128, columns=1)[..., 0]
    allowed = torch.ones(size, len(layout.vocabulary), dtype=torch.bool, device=device)
    allowed[:, list(layout.drawn_tokens)] = coupling
    pairs = torch.tensor(layout.pairs, device=device)
    everything = torch.ones(size, dtype=torch.bool, device=device)
    return CircuitBatch(
        tokens=tokens,
        params=params.float(),
        unitary=None,
        images=None,
        spectra=None,
        allowed=allowed,
        mask_given=everything,
        max_gates=budget,
        max_two_qubit=budget,
        ranks=torch.zeros(size, layout.num_qubits, dtype=torch.int64, device=device),
        ranks_given=~everything,
        gates=torch.ones(size, len(layout.gates), dtype=torch.bool, device=device),
        on_line=~(coupling & (pairs[:, 1] - pairs[:, 0] > 1)).any(1),
        state=state_features(states),
        state_present=sides_within(registers, layout.num_qubits),
    )


def _draw_registers(size: int, layout: Layout, mixture: StateMixture, generator: torch.Generator) -> Tensor:
    """Draw how many qubits each circuit is on, (size,) int64; of fewer than the register has, more are likelier."""
    most, least = layout.num_qubits, min(mixture.min_qubits, layout.num_qubits)
    draw = torch.rand(size, generator=generator, device=generator.device)
    fewer = least + (draw.sqrt() * max(most - least, 1)).long()
    return torch.where(torch.rand(size, generator=generator, device=generator.device) < mixture.smaller, fewer, most)


def _draw_couplings(
    registers: Tensor, trees: Tensor, layout: Layout, mixture: StateMixture, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw which pairs are allowed, and which of them each circuit uses at most, (batch, pairs) bool."""
    device, pairs = generator.device, torch.tensor(layout.pairs, device=generator.device)
    within = pairs[:, 1] < registers[:, None]
    line = within & (pairs[:, 1] - pairs[:, 0] == 1)
    tree = torch.zeros(len(trees), len(pairs) + 1, dtype=torch.bool, device=device)
    tree = tree.scatter(1, torch.where(trees == NO_PAIR, len(pairs), trees), True)[:, :-1]
    share = torch.rand(len(trees), 1, generator=generator, device=device) * 0.4
    sparse = tree | (within & (torch.rand(within.shape, generator=generator, device=device) < share))
    draw = torch.rand(2, len(trees), 1, generator=generator, device=device)
    shown = torch.where(
        draw[0] < mixture.restricted / 2, line, torch.where(draw[0] < mixture.restricted, sparse, within)
    )
    used = shown & torch.where(draw[1] < mixture.sparse, sparse, within)
    return shown, torch.where(used.any(1, keepdim=True), used, shown)


def _draw_circuits(
    trees: Tensor, used: Tensor, layout: Layout, mixture: StateMixture, generator: torch.Generator
) -> DressedCircuits:
    """Draw a circuit within each row of `used`, in canonical form with max_gates columns."""
    first = round(mixture.families * len(used))
    second = first + round(mixture.grown * len(used))
    permitted = torch.nn.functional.pad(used, (0, 1), value=True)  # NO_PAIR = -1 reads the last column
    trees = torch.where(torch.gather(permitted, 1, trees % permitted.shape[1]), trees, NO_PAIR)
    named = family_layers(used[:first], layout, generator, FAMILY_GATES)
    grown = grown_layers(trees[first:second], used[first:second], layout, generator, mixture.haar)
    others = random_layers(used[second:], layout, generator, mixture.haar)
    circuits = dress_all((named, grown, others), layout)
    for _ in range(2):
        circuits = without_idle(canonicalise(circuits, layout, rounds=1), layout)
    return circuits


def _reasonable(pairs: Tensor, registers: Tensor, layout: Layout, generator: torch.Generator) -> Tensor:
    """Return rows in random order without circuits that are plainly too long, or, mostly, leave many qubits alone.

    As many rows come back as circuits were given: the kept ones recur as needed.
    """
    idle = registers - num_used(pairs, layout)
    lucky = torch.rand(len(pairs), generator=generator, device=pairs.device) < 0.05
    rejected = has_long_runs(pairs) | (((idle > 0) | ((pairs != NO_PAIR).sum(1) < 2)) & ~lucky)
    return rows_without(rejected, generator)
