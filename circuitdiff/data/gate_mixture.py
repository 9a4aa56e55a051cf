"""Training circuits of placed gates, on random registers, in random gate sets and couplings."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from circuitdiff.circuits.gates import MAX_PARAMS
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.sparse_simulator import sequence_states, sequence_unitaries
from circuitdiff.circuits.vocabulary import PAD
from circuitdiff.data.entangled import (
    ENTANGLED_POOL,
    balanced_rows,
    draw_ancillas,
    draw_entangled_sets,
    fewest_gates,
    grown_sequences,
    schmidt_ranks,
)
from circuitdiff.data.sequences import (
    SequenceTables,
    draw_lines,
    in_any_order,
    permitted_tokens,
    random_sequences,
    sequence_tables,
)
from circuitdiff.data.stream import BatchMaker, CircuitBatch, draw_budgets
from circuitdiff.errors import InputError
from circuitdiff.features.invariants import heisenberg_images, schmidt_spectra


@dataclass(frozen=True)
class GateMixture:
    """Shares of a stream of gate sequences; each between 0 and 1 unless it is a number of something."""

    unitaries: bool = True  # whether the network is shown the unitary
    entanglement: bool = False  # whether circuits are balanced over the Schmidt ranks of the states they make
    detours: float = 0.9  # of those that are to entangle qubits that no coupling connects: through others, in and out
    gate_sets: tuple[str, ...] = ()  # gate sets that recur, each comma-separated; other circuits use random subsets
    named: float = 0.8  # circuits from `gate_sets`
    smaller: float = 0.1  # circuits on the first min_qubits to num_qubits - 1 qubits, not on all
    min_qubits: int = 2
    left_out: tuple[int, ...] = ()  # of these numbers of qubits, those that no circuit is on
    min_gates: int = 2
    shortness: float = 1.0  # lengths go with the power `shortness` of a uniform number: above 1, more short circuits
    line: float = 0.15  # circuits on the line 0-1-2-...
    random_line: float = 0.1  # circuits on a line through their qubits in any order
    random_coupling: float = 0.15  # circuits on such a line and some further couplings
    mask_given: float = 0.7
    budget_given: float = 0.3  # of either budget
    tight_budget: float = 0.5  # of the given budgets: those that exceed the number of gates by at most `longest_slack`
    longest_slack: int = 2
    ranks_given: float = 0.5
    canonical: bool = True  # whether gates that commute come in one order; otherwise in any

    def maker(self, layout: Layout, device: torch.device | str, largest_side: int | None) -> BatchMaker:
        """Return what draws circuits of a layout without final gates; see `Mixture.maker`.

        Raises:
            InputError: numbers of qubits are left out that are not drawn, or all that are.
        """
        smaller_registers(self, layout.num_qubits)
        tables = sequence_tables(layout, device)

        def make(size: int, generator: torch.Generator) -> CircuitBatch:
            return make_gate_batch(size, self, tables, generator, largest_side)

        return make

    def description(self, layout: Layout) -> str:
        """Say in Markdown what the circuits are."""
        fewer = ", ".join((f"fewer, to {self.min_qubits}", *(f"none on {size}" for size in self.left_out)))
        sets = " or ".join(f"{{{text}}}" for text in self.gate_sets)
        subsets = "" if self.named == 1 else f" for {self.named:.0%}, random subsets of them for the rest"
        balanced = (
            "\nA random set of qubits is entangled one by one, among other gates at random, through others where no\n"
            "coupling connects them; each Schmidt-rank vector of each number of qubits comes equally often."
        )
        return (
            f"Random circuits of {self.min_gates} to {layout.max_gates} gates on {layout.num_qubits} qubits, "
            f"{self.smaller:.0%} on {fewer}.\nGates: {sets}{subsets}.\nCouplings: all, but for "
            f"{self.line + self.random_line:.0%} on a line of qubits and {self.random_coupling:.0%} with pairs left "
            "out at random.\nGates that commute their way to their inverse are left out, and commuting gates are put "
            f"in one order.{balanced if self.entanglement else ''}"
        )


def make_gate_batch(
    size: int,
    mixture: GateMixture,
    tables: SequenceTables,
    generator: torch.Generator,
    largest_side: int | None = None,
) -> CircuitBatch:
    """Draw `size` circuits from the mixture."""
    layout, device = tables.layout, tables.device
    pool = ENTANGLED_POOL * size if mixture.entanglement else size
    num_qubits = draw_registers(pool, mixture, tables, generator)
    coupling = draw_couplings(num_qubits, mixture, tables, generator)
    gates = draw_gate_sets(pool, mixture, tables, generator)
    permitted = permitted_tokens(gates, coupling, num_qubits, tables)
    shortest = torch.full((pool,), mixture.min_gates, device=device)
    if mixture.entanglement:
        entangled = draw_entangled_sets(num_qubits, tables, generator)
        ancillas = draw_ancillas(entangled, permitted, tables, generator)
        ancillas &= torch.rand(pool, 1, generator=generator, device=device) < mixture.detours
        shortest = torch.maximum(shortest, fewest_gates(entangled, ancillas))
    share = torch.rand(pool, generator=generator, device=device)
    length = shortest + (share.pow(mixture.shortness) * (layout.max_gates + 1 - shortest)).long()
    if mixture.entanglement:
        tokens, angles = grown_sequences(permitted, entangled, ancillas, length, tables, generator)
    else:
        tokens, angles = random_sequences(permitted, length, tables, generator)
    if not mixture.canonical:
        tokens, angles = in_any_order(tokens, angles, tables, generator)
    ranks = torch.zeros(pool, layout.num_qubits, dtype=torch.int64, device=device)
    if mixture.entanglement:
        ranks = schmidt_ranks(sequence_states(tokens, angles, tables.simulate), num_qubits)
        rows = balanced_rows(ranks, size, generator)
        tokens, angles, ranks, permitted = tokens[rows], angles[rows], ranks[rows], permitted[rows]
    return show_circuits(tokens, angles, ranks, permitted, mixture, tables, generator, largest_side)


def show_circuits(
    tokens: Tensor,
    angles: Tensor,
    ranks: Tensor,
    permitted: Tensor,
    mixture: GateMixture,
    tables: SequenceTables,
    generator: torch.Generator,
    largest_side: int | None = None,
) -> CircuitBatch:
    """Draw what the network is shown of circuits.

    Args:
        tokens: (batch, gates) int64.
        angles: (batch, gates) radians.
        ranks: (batch, qubits) int64, as of `CircuitBatch`.
        permitted: (batch, V) bool, a mask that the circuits keep to.
        mixture: says how often masks, budgets and ranks are given.
        tables: of the layout.
        generator: of the device of `tables`.
        largest_side: that of `schmidt_spectra`.
    """
    layout, device, size = tables.layout, tables.device, len(tokens)
    unitary = sequence_unitaries(tokens, angles, tables.simulate) if mixture.unitaries else None
    draw = torch.rand(3, size, generator=generator, device=device)
    given = draw[0] < mixture.mask_given
    entanglers = tables.entangling[tokens].sum(1)
    shares = mixture.budget_given, mixture.tight_budget, mixture.longest_slack
    return CircuitBatch(
        tokens=tokens,
        params=torch.nn.functional.pad(angles[..., None], (0, MAX_PARAMS - 1)),
        unitary=unitary,
        images=None if unitary is None else heisenberg_images(unitary).float(),
        spectra=None if unitary is None else schmidt_spectra(unitary, largest_side).float(),
        allowed=permitted | ~given[:, None],
        mask_given=given,
        max_gates=draw_budgets((tokens != PAD).sum(1), *shares, layout.max_gates, generator),
        max_two_qubit=draw_budgets(entanglers, *shares, layout.max_gates, generator),
        ranks=ranks,
        ranks_given=(draw[1] < mixture.ranks_given) & mixture.entanglement,
        gates=(permitted.float() @ tables.gate_of.float()) > 0,
        on_line=~(permitted & (tables.couples & ~natural_line(tables)).any(-1)).any(1),
    )


def smaller_registers(mixture: GateMixture, most: int) -> list[int]:
    """Return the numbers of qubits below that of the layout, `most`, which circuits are on.

    Raises:
        InputError: some that are left out are none of them, or all are left out.
    """
    sizes = range(min(mixture.min_qubits, most - 1), most)
    kept = [size for size in sizes if size not in mixture.left_out]
    if not kept or any(size not in sizes for size in mixture.left_out):
        told = f"left_out = {list(mixture.left_out)}"
        raise InputError(f"mixture: {told} takes some, not all, of the numbers of qubits {list(sizes)}")
    return kept


def draw_registers(size: int, mixture: GateMixture, tables: SequenceTables, generator: torch.Generator) -> Tensor:
    """Draw how many qubits each circuit uses, (size,) int64."""
    most, device = tables.layout.num_qubits, tables.device
    sizes = torch.tensor(smaller_registers(mixture, most), device=device)
    fewer = sizes[torch.randint(len(sizes), (size,), generator=generator, device=device)]
    return torch.where(torch.rand(size, generator=generator, device=device) < mixture.smaller, fewer, most)


def draw_couplings(
    num_qubits: Tensor, mixture: GateMixture, tables: SequenceTables, generator: torch.Generator
) -> Tensor:
    """Draw which pairs each circuit may couple, (batch, pairs) bool: a line, a line and more, or all."""
    shape = (len(num_qubits), len(tables.pairs))
    kind = torch.rand(shape[0], 1, generator=generator, device=tables.device)
    more = torch.rand(shape, generator=generator, device=tables.device) < 0.4
    line = draw_lines(num_qubits, tables, generator)
    bounds = (mixture.line, mixture.line + mixture.random_line)
    some = torch.where(kind < bounds[1] + mixture.random_coupling, line | more, True)
    return torch.where(kind < bounds[0], natural_line(tables), torch.where(kind < bounds[1], line, some))


def natural_line(tables: SequenceTables) -> Tensor:
    """Return (pairs,) bool: the pairs of neighbouring numbers."""
    return tables.pairs[:, 1] - tables.pairs[:, 0] == 1


def draw_gate_sets(size: int, mixture: GateMixture, tables: SequenceTables, generator: torch.Generator) -> Tensor:
    """Draw the gates each circuit may use, (size, gates) bool: a recurring set, or a random one."""
    layout, device = tables.layout, tables.device
    named = [[name in text.split(",") for name in layout.gates] for text in mixture.gate_sets]
    known = torch.tensor(named or [[True] * len(layout.gates)], device=device)
    chosen = known[torch.randint(len(known), (size,), generator=generator, device=device)]
    some = torch.rand(size, len(layout.gates), generator=generator, device=device) < 0.5
    share = torch.rand(size, 1, generator=generator, device=device)
    return torch.where(share < mixture.named, chosen, some)
