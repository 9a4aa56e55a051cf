"""What a compiler asks a model for: scored structures, and angles to start from."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from circuitdiff.circuits.coupling import Pair
from circuitdiff.circuits.gates import GATES
from circuitdiff.errors import InputError
from circuitdiff.generation.angles import sample_angles
from circuitdiff.generation.beam import search_structures
from circuitdiff.generation.denoise import Constraint, bind, make_constraint
from circuitdiff.generation.pretrained import PretrainedModel
from circuitdiff.generation.requests import Request, conditions_of
from circuitdiff.generation.structures import Structures, sample_structures
from circuitdiff.models.denoiser import EncodedCondition
from circuitdiff.models.device import cpu_by_default

Placement = tuple[Pair, ...]


class Proposals(PretrainedModel):
    """Scored structures, and angles for given ones: what a compiler starts from.

    Targets are unitaries on `num_qubits` qubits, qubit 0 least significant; smaller ones are to be embedded first.
    """

    @cpu_by_default()
    def encode(
        self,
        unitaries: NDArray[np.complex128] | None,
        coupling: Collection[Pair] | None = None,
        max_gates: int | None = None,
    ) -> EncodedCondition:
        """Encode targets (targets, d, d), or one absent target, under one mask and one budget, each optional."""
        d = 2**self.num_qubits
        shown = np.eye(d, dtype=np.complex128)[None] if unitaries is None else np.asarray(unitaries, np.complex128)
        if shown.shape[1:] != (d, d):
            raise InputError(f"the model's targets are {d} x {d}, not {shown.shape[1:]}")
        request = self._request(None if unitaries is None else shown[0], coupling, max_gates)
        with torch.no_grad():
            return self.model.encode(conditions_of(request, shown, self.config, self._device))

    def propose(
        self,
        unitary: NDArray[np.complex128],
        coupling: Collection[Pair] | None = None,
        max_gates: int | None = None,
        num_samples: int = 64,
        steps: int = 8,
        generator: torch.Generator | None = None,
        *,
        min_gates: int = 0,
        temperature: float = 1.0,
        search: bool = False,
        show_budget: bool = False,
    ) -> list[tuple[Placement, float]]:
        """Propose placements of entanglers for one target.

        Args:
            unitary: (d, d).
            coupling: pairs that may be entangled, either order; None for all.
            max_gates: most entanglers; None for the model's own limit.
            num_samples: samples drawn, or, with `search`, distinct placements found.
            steps: evaluations of the network.
            generator: of this model's device; None for a fresh one of seed 0.
            min_gates: fewest entanglers.
            temperature: below 1 favours the likeliest.
            search: beam search instead of sampling.
            show_budget: show the network the bound too. It was trained on bounds from the number of entanglers up, and
                takes a low one as a hint that so few suffice.

        Returns:
            Distinct placements with their scores: log-probabilities, best first.

        Raises:
            InputError: for a target of the wrong size or bounds that no circuit meets.
        """
        return self.propose_batch(
            unitary[None],
            coupling,
            max_gates,
            num_samples,
            steps,
            generator,
            min_gates=min_gates,
            temperature=temperature,
            search=search,
            show_budget=show_budget,
        )[0]

    @cpu_by_default()
    def propose_batch(
        self,
        unitaries: NDArray[np.complex128],
        coupling: Collection[Pair] | None = None,
        max_gates: int | None = None,
        num_samples: int = 64,
        steps: int = 8,
        generator: torch.Generator | None = None,
        *,
        min_gates: int = 0,
        temperature: float = 1.0,
        search: bool = False,
        show_budget: bool = False,
    ) -> list[list[tuple[Placement, float]]]:
        """Propose for several targets (targets, d, d) at once; see `propose`."""
        encoded = self.encode(unitaries, coupling, max_gates if show_budget else None)
        constraint = self._constraint(len(encoded), coupling, min_gates, max_gates)
        sampler = search_structures if search else sample_structures
        found = sampler(
            bind(self.model, encoded), constraint, num_samples, steps, self._generator(generator), temperature
        )
        return self._ranked(found)

    @cpu_by_default()
    def propose_angles(
        self,
        unitary: NDArray[np.complex128],
        placements: Sequence[Placement],
        num_draws: int = 1,
        steps: int = 8,
        generator: torch.Generator | None = None,
    ) -> list[NDArray[np.float64]]:
        """Propose angles for given placements, as starting points of instantiation.

        Returns:
            For each placement (num_draws, 4 k + 3 n) radians: beta_a, gamma_a, beta_b, gamma_b of each entangler on
            (a, b), a < b, in order, then theta, phi, lambda of ``u`` on each qubit.
        """
        if not placements:
            return []
        longest = max(map(len, placements))
        if longest > self.layout.max_gates:
            raise InputError(f"a placement has {longest} entanglers; the model's most is {self.layout.max_gates}")
        rows = torch.tensor([self.layout.tokens_on(pairs) for pairs in placements], device=self._device)
        tokens = rows.repeat_interleave(num_draws, dim=0)[None]
        encoded = self.encode(unitary[None])
        angles = sample_angles(bind(self.model, encoded), tokens, steps, self._generator(generator))[0]
        flat = [self._flat(angles[i * num_draws : (i + 1) * num_draws], len(p)) for i, p in enumerate(placements)]
        return [draws.cpu().double().numpy() for draws in flat]

    def _request(
        self, unitary: NDArray[np.complex128] | None, coupling: Collection[Pair] | None, max_gates: int | None
    ) -> Request:
        budget = None if max_gates is None else max(0, min(max_gates, self.layout.max_gates))
        return Request(
            num_qubits=self.num_qubits,
            allowed=self.layout.permitted(pairs=coupling),
            unitary=unitary,
            max_gates=budget,
        )

    def _constraint(
        self, targets: int, coupling: Collection[Pair] | None, shortest: int, longest: int | None
    ) -> Constraint:
        most = self.layout.max_gates if longest is None else min(longest, self.layout.max_gates)
        if not 0 <= shortest <= most:
            raise InputError(f"no circuit of the model has between {shortest} and {most} gates")
        bounds = [torch.full((targets,), bound, device=self._device) for bound in (shortest, most)]
        allowed = torch.from_numpy(self.layout.permitted(pairs=coupling)).expand(targets, -1).to(self._device)
        constraint = make_constraint(allowed, self.layout.max_gates, *bounds)
        if not bool(constraint.lengths.any(1).all()):
            raise InputError(f"no pair is allowed, and circuits with at least {shortest} gates are asked for")
        return constraint

    def _ranked(self, found: Structures) -> list[list[tuple[Placement, float]]]:
        ranked = []
        for rows, scores in zip(found.tokens.tolist(), found.scores.tolist(), strict=True):
            best: dict[Placement, float] = {}
            for row, score in zip(rows, scores, strict=True):
                placement = self.layout.entangled_pairs(row)
                best[placement] = max(score, best.get(placement, -np.inf))
            order = sorted(best.items(), key=lambda item: (-item[1], len(item[0]), item[0]))
            ranked.append([item for item in order if item[1] > -np.inf])
        return ranked

    def _flat(self, angles: Tensor, entanglers: int) -> Tensor:
        """Drop the angles of PADs of an `ansatz_layout`: (draws, gates, MAX_PARAMS) to (draws, 4 k + 3 n)."""
        closing = angles[:, self.layout.max_gates :, : GATES["u"].num_params]
        return torch.cat((angles[:, :entanglers].flatten(1), closing.flatten(1)), dim=1)
