"""Training circuits of dressed CZ with final gates: random in structure, or made of the gates of real circuits."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from circuitdiff.circuits.gates import MAX_PARAMS
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.simulator import RotationTable, rotation_table, unitaries
from circuitdiff.circuits.vocabulary import PAD
from circuitdiff.data.dressing import NO_PAIR, DressedCircuits, canonicalise, dress_all, with_any_paulis
from circuitdiff.data.families import family_layers
from circuitdiff.data.random_circuits import has_long_runs, random_layers, rows_without
from circuitdiff.data.state_circuits import draw_trees
from circuitdiff.data.stream import BatchMaker, CircuitBatch, draw_budgets
from circuitdiff.features.invariants import heisenberg_images, schmidt_spectra

MORE_PAIRS = 0.4
"""Largest share of the other pairs that are allowed beside those of a tree."""


@dataclass(frozen=True)
class AnsatzMixture:
    """Shares of a stream of circuits of dressed CZ; each between 0 and 1 unless it is a number of something."""

    families: float = 0.5  # circuits of named gates; the rest are random in structure
    haar: float = 0.5  # of the random ones: those with gates from the Haar measure between the entanglers
    one_pair: float = 0.05  # circuits on two qubits
    line: float = 0.33  # circuits restricted to a tree of pairs, a line on three qubits, and perhaps some more
    sparse: float = 0.5  # on four qubits and more, of the others: those that keep to such pairs though all are allowed
    mask_given: float = 0.75
    budget_given: float = 0.5
    tight_budget: float = 0.5  # of the given budgets: those that exceed the number of entanglers by `longest_slack`
    longest_slack: int = 3  # at most; the others are anywhere between that number and max_gates
    gauge: bool = True  # whether angles are of one setting of each Pauli orbit; otherwise of any

    def maker(self, layout: Layout, device: torch.device | str, largest_side: int | None) -> BatchMaker:
        """Return what draws circuits of an `ansatz_layout`; see `Mixture.maker`."""
        table = rotation_table(layout.vocabulary, device)

        def make(size: int, generator: torch.Generator) -> CircuitBatch:
            return make_ansatz_batch(size, layout, self, table, generator, largest_side)

        return make

    def description(self, layout: Layout) -> str:
        """Say in Markdown what the circuits are."""
        return (
            f"{self.families:.0%} random sequences of the gates of real circuits (h, t, s, rotations, cx, cz, cp,\n"
            f"rzz, swap, ccx, ccz and others), {1 - self.families:.0%} random structures of\n"
            f"up to {layout.max_gates} CZ with Haar-random, Clifford-like, Clifford+T-like, mixed and recurring\n"
            f"angles; {self.line + self.one_pair:.0%} of all restricted to {self._sparse(layout)} or to one pair.\n"
            "In `dcz`, a CZ with Ry(beta) Rz(gamma) on both qubits before it, beta is in [0, pi/2]."
        )

    @staticmethod
    def _sparse(layout: Layout) -> str:
        return "a line" if layout.num_qubits <= 3 else "a tree of pairs and perhaps some more"


def make_ansatz_batch(
    size: int,
    layout: Layout,
    mixture: AnsatzMixture,
    table: RotationTable,
    generator: torch.Generator,
    largest_side: int | None = None,
) -> CircuitBatch:
    """Draw `size` circuits from the mixture and show their unitaries."""
    coupling, used = draw_couplings(size, layout, mixture, generator)
    circuits = draw_circuits(used, layout, mixture, generator)
    rows = _reasonable(circuits.pairs, generator)
    circuits = DressedCircuits(*(tensor[rows] for tensor in circuits))
    coupling, mask_given = _shown_masks(coupling[rows], mixture, generator)
    length = (circuits.pairs != NO_PAIR).sum(1)
    shares = mixture.budget_given, mixture.tight_budget, mixture.longest_slack
    budget = draw_budgets(length, *shares, layout.max_gates, generator)
    tokens, params = ansatz_tensors(circuits, layout)
    unitary = unitaries(tokens, params, table)
    allowed = torch.ones(size, len(layout.vocabulary), dtype=torch.bool, device=generator.device)
    allowed[:, list(layout.drawn_tokens)] = coupling
    pairs = torch.tensor(layout.pairs, device=generator.device)
    return CircuitBatch(
        tokens=tokens,
        params=params.float(),
        unitary=unitary,
        images=heisenberg_images(unitary).float(),
        spectra=schmidt_spectra(unitary, largest_side).float(),
        allowed=allowed,
        mask_given=mask_given,
        max_gates=budget,
        max_two_qubit=budget,
        ranks=torch.zeros(size, layout.num_qubits, dtype=torch.int64, device=generator.device),
        ranks_given=torch.zeros_like(mask_given),
        gates=torch.ones(size, len(layout.gates), dtype=torch.bool, device=generator.device),
        on_line=~(coupling & (pairs[:, 1] - pairs[:, 0] > 1)).any(1),
    )


def ansatz_tensors(circuits: DressedCircuits, layout: Layout) -> tuple[Tensor, Tensor]:
    """Return tokens (batch, gates) int64 and params (batch, gates, MAX_PARAMS) float64."""
    device = circuits.pairs.device
    token_of = torch.tensor([*layout.drawn_tokens, PAD], device=device)  # NO_PAIR = -1 reads the last
    closing = torch.tensor(layout.final_tokens, device=device).expand(len(circuits.pairs), -1)
    tokens = torch.cat((token_of[circuits.pairs], closing), dim=1)
    spare = MAX_PARAMS - circuits.closing.shape[-1]
    return tokens, torch.cat((circuits.angles, torch.nn.functional.pad(circuits.closing, (0, spare))), dim=1)


def draw_couplings(
    size: int, layout: Layout, mixture: AnsatzMixture, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw which pairs are allowed, and which of them each circuit uses at most, (size, pairs) bool.

    Allowed are all, a tree and perhaps some more, or a single one.
    """
    device, pairs = generator.device, len(layout.pairs)
    kind = torch.rand(size, 1, generator=generator, device=device)
    chosen = torch.randint(pairs, (size, 1), generator=generator, device=device)
    is_chosen = torch.arange(pairs, device=device) == chosen
    sparse = ~is_chosen | (pairs < 3) if layout.num_qubits <= 3 else _trees_and_more(size, layout, generator)
    is_single, is_sparse = kind < mixture.one_pair, kind < mixture.one_pair + mixture.line
    allowed = torch.where(is_single, is_chosen, sparse | ~is_sparse)
    if layout.num_qubits <= 3:
        return allowed, allowed
    keeps = torch.rand(size, 1, generator=generator, device=device) < mixture.sparse
    return allowed, torch.where(is_single, allowed, allowed & (sparse | ~keeps))


def _trees_and_more(size: int, layout: Layout, generator: torch.Generator) -> Tensor:
    """Draw spanning trees, some with a few further pairs, (size, pairs) bool."""
    device, pairs = generator.device, len(layout.pairs)
    trees = draw_trees(torch.full((size,), layout.num_qubits, device=device), layout, generator)
    tree = torch.zeros(size, pairs, dtype=torch.bool, device=device).scatter(1, trees, True)
    more = torch.rand(size, 1, generator=generator, device=device) * MORE_PAIRS
    return tree | (torch.rand(size, pairs, generator=generator, device=device) < more)


def draw_circuits(
    allowed: Tensor, layout: Layout, mixture: AnsatzMixture, generator: torch.Generator
) -> DressedCircuits:
    """Draw a circuit within each row of `allowed`, in canonical form with max_gates columns."""
    num_families = round(mixture.families * len(allowed))
    named = family_layers(allowed[:num_families], layout, generator)
    others = random_layers(allowed[num_families:], layout, generator, mixture.haar)
    canonical = canonicalise(dress_all((named, others), layout), layout)
    return canonical if mixture.gauge else with_any_paulis(canonical, layout, generator)


def _reasonable(pairs: Tensor, generator: torch.Generator) -> Tensor:
    """Return rows in random order without circuits that are plainly too long or, mostly, without any entangler.

    As many rows come back as circuits were given: the kept ones recur as needed.
    """
    length = (pairs != NO_PAIR).sum(1)
    trivial = (length <= 1) & (torch.rand(len(pairs), generator=generator, device=pairs.device) < 0.75)
    return rows_without(has_long_runs(pairs) | trivial, generator)


def _shown_masks(allowed: Tensor, mixture: AnsatzMixture, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return the masks to show (batch, pairs), and whether one is shown; now and then a wider one than was used."""
    draw = torch.rand(2, len(allowed), generator=generator, device=allowed.device)
    given = draw[0] < mixture.mask_given
    return allowed | ~given[:, None] | (draw[1] < 0.1)[:, None], given
