"""The training stream: circuits made on the fly, with everything that the network is shown of them.

A batch is a function of the seed and its number alone, so that a resumed run sees exactly what an uninterrupted one
would have seen.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from circuitdiff.circuits.gates import MAX_PARAMS
from circuitdiff.circuits.simulator import RotationTable, rotation_table, unitaries
from circuitdiff.circuits.skeleton import Skeleton
from circuitdiff.circuits.vocabulary import PAD
from circuitdiff.data.dressing import NO_PAIR, DressedCircuits, canonicalise, dress, with_any_paulis
from circuitdiff.data.families import family_layers
from circuitdiff.data.random_circuits import LONGEST_RUN, random_layers
from circuitdiff.data.seeds import Stream, derived_seed
from circuitdiff.features.invariants import heisenberg_images, schmidt_spectra

NOT_GIVEN = -1


@dataclass(frozen=True)
class Mixture:
    """Shares of the training stream; each between 0 and 1."""

    families: float = 0.5  # circuits of named gates; the rest are random in structure
    haar: float = 0.5  # of the random ones: those with gates from the Haar measure between the entanglers
    one_pair: float = 0.05  # circuits on two qubits
    line: float = 0.33  # circuits restricted to two of the three pairs
    mask_given: float = 0.75
    budget_given: float = 0.5
    tight_budget: float = 0.5  # of the given budgets: those that exceed the number of entanglers by `longest_slack`
    longest_slack: int = 3  # at most; the others are anywhere between that number and max_entanglers
    gauge: bool = True  # whether angles are of one setting of each Pauli orbit; otherwise of any


@dataclass(frozen=True)
class CircuitBatch:
    """Circuits in skeleton form and the conditions shown with them."""

    tokens: Tensor  # (batch, gates) int64
    params: Tensor  # (batch, gates, MAX_PARAMS) float32 radians
    images: Tensor  # (batch, 6n, 4^n) float32, see heisenberg_images
    spectra: Tensor  # (batch, 2^(2n-1) - 1, 2^n) float32, see schmidt_spectra
    allowed: Tensor  # (batch, pairs) bool: pairs permitted by the mask that is shown, all where none is
    mask_given: Tensor  # (batch,) bool
    budget: Tensor  # (batch,) int64: most entanglers permitted, or NOT_GIVEN

    def __len__(self) -> int:
        """Number of circuits."""
        return len(self.tokens)

    def __getitem__(self, rows: slice | Tensor) -> CircuitBatch:
        """Select circuits."""
        return CircuitBatch(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


class CircuitStream:
    """Makes batch after batch of training circuits.

    Circuits are made `chunk` at a time, from a generator seeded by the seed and the chunk's number.
    """

    def __init__(
        self,
        skeleton: Skeleton,
        batch_size: int,
        seed: int,
        mixture: Mixture | None = None,
        device: torch.device | str = "cpu",
        chunk: int = 1024,
        stream: Stream = Stream.TRAINING,
    ) -> None:
        """Set up; `chunk` is brought to a multiple of `batch_size`, and `stream` keeps held-out circuits apart."""
        self.skeleton, self.batch_size, self.seed, self.stream = skeleton, batch_size, seed, stream
        self.mixture = mixture or Mixture()
        self.chunk = max(1, chunk // batch_size) * batch_size
        self._generator = torch.Generator(device)
        self._table = rotation_table(skeleton.vocabulary, device)
        self._current: tuple[int, CircuitBatch] | None = None

    def batch(self, number: int) -> CircuitBatch:
        """Return batch `number` (0, 1, ...)."""
        per_chunk = self.chunk // self.batch_size
        index, offset = divmod(number, per_chunk)
        if self._current is None or self._current[0] != index:
            self._generator.manual_seed(derived_seed(self.stream, self.seed, index))
            self._current = index, make_batch(self.chunk, self.skeleton, self.mixture, self._table, self._generator)
        return self._current[1][slice(offset * self.batch_size, (offset + 1) * self.batch_size)]


def make_batch(
    size: int, skeleton: Skeleton, mixture: Mixture, table: RotationTable, generator: torch.Generator
) -> CircuitBatch:
    """Draw `size` circuits from the mixture and show their unitaries."""
    allowed = draw_couplings(size, skeleton, mixture, generator)
    circuits = draw_circuits(allowed, skeleton, mixture, generator)
    rows = _reasonable(circuits.pairs, generator)
    circuits = DressedCircuits(*(tensor[rows] for tensor in circuits))
    shown, mask_given = _shown_masks(allowed[rows], mixture, generator)
    return assemble_batch(
        circuits, shown, mask_given, _budgets(circuits.pairs, skeleton, mixture, generator), skeleton, table
    )


def assemble_batch(
    circuits: DressedCircuits,
    allowed: Tensor,
    mask_given: Tensor,
    budget: Tensor,
    skeleton: Skeleton,
    table: RotationTable,
) -> CircuitBatch:
    """Tokenise circuits and compute what the network is shown of their unitaries."""
    tokens, params = skeleton_tensors(circuits, skeleton)
    unitary = unitaries(tokens, params, table)
    return CircuitBatch(
        tokens=tokens,
        params=params.float(),
        images=heisenberg_images(unitary).float(),
        spectra=schmidt_spectra(unitary).float(),
        allowed=allowed,
        mask_given=mask_given,
        budget=budget,
    )


def skeleton_tensors(circuits: DressedCircuits, skeleton: Skeleton) -> tuple[Tensor, Tensor]:
    """Return tokens (batch, gates) int64 and params (batch, gates, MAX_PARAMS) float64."""
    device = circuits.pairs.device
    token_of = torch.tensor([*skeleton.pair_tokens, PAD], device=device)  # NO_PAIR = -1 reads the last
    closing = torch.tensor(skeleton.closing_tokens, device=device).expand(len(circuits.pairs), -1)
    tokens = torch.cat((token_of[circuits.pairs], closing), dim=1)
    spare = MAX_PARAMS - circuits.closing.shape[-1]
    return tokens, torch.cat((circuits.angles, torch.nn.functional.pad(circuits.closing, (0, spare))), dim=1)


def draw_couplings(size: int, skeleton: Skeleton, mixture: Mixture, generator: torch.Generator) -> Tensor:
    """Draw which pairs each circuit may use, (size, pairs) bool: all, all but one, or a single one."""
    device, pairs = generator.device, len(skeleton.pairs)
    kind = torch.rand(size, 1, generator=generator, device=device)
    chosen = torch.randint(pairs, (size, 1), generator=generator, device=device)
    is_chosen = torch.arange(pairs, device=device) == chosen
    return torch.where(
        kind < mixture.one_pair, is_chosen, (kind >= mixture.one_pair + mixture.line) | ~is_chosen | (pairs < 3)
    )


def draw_circuits(allowed: Tensor, skeleton: Skeleton, mixture: Mixture, generator: torch.Generator) -> DressedCircuits:
    """Draw a circuit within each row of `allowed`, in canonical skeleton form with max_entanglers columns."""
    num_families = round(mixture.families * len(allowed))
    parts = [
        dress(layers, skeleton)
        for layers in (
            family_layers(allowed[:num_families], skeleton, generator),
            random_layers(allowed[num_families:], skeleton, generator, mixture.haar),
        )
    ]
    count = skeleton.max_entanglers
    joined = DressedCircuits(
        torch.cat([part.pairs[:, :count] for part in parts]),
        torch.cat([part.angles[:, :count] for part in parts]),
        torch.cat([part.closing for part in parts]),
    )
    canonical = canonicalise(joined, skeleton)
    return canonical if mixture.gauge else with_any_paulis(canonical, skeleton, generator)


def _reasonable(pairs: Tensor, generator: torch.Generator) -> Tensor:
    """Return rows in random order without circuits that are plainly too long or, mostly, without any entangler.

    As many rows come back as circuits were given: the kept ones recur as needed.
    """
    window = pairs.unfold(1, LONGEST_RUN + 1, 1)
    too_long = ((window == window[..., :1]) & (window != NO_PAIR)).all(-1).any(-1)
    length = (pairs != NO_PAIR).sum(1)
    trivial = (length <= 1) & (torch.rand(len(pairs), generator=generator, device=pairs.device) < 0.75)
    order = torch.randperm(len(pairs), generator=generator, device=pairs.device)
    rejected = (too_long | trivial)[order]
    kept = order[~rejected]
    return kept[torch.arange(len(pairs), device=pairs.device) % len(kept)]


def _shown_masks(allowed: Tensor, mixture: Mixture, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return the masks to show (batch, pairs), and whether one is shown; now and then a wider one than was used."""
    draw = torch.rand(2, len(allowed), generator=generator, device=allowed.device)
    given = draw[0] < mixture.mask_given
    return allowed | ~given[:, None] | (draw[1] < 0.1)[:, None], given


def _budgets(pairs: Tensor, skeleton: Skeleton, mixture: Mixture, generator: torch.Generator) -> Tensor:
    draw = torch.rand(3, len(pairs), generator=generator, device=pairs.device)
    length = (pairs != NO_PAIR).sum(1)
    room = torch.where(draw[0] < mixture.tight_budget, mixture.longest_slack, skeleton.max_entanglers)
    room = torch.minimum(room, skeleton.max_entanglers - length)
    budget = length + (draw[1] * (room + 1)).long()
    return torch.where(draw[2] < mixture.budget_given, budget, NOT_GIVEN)
