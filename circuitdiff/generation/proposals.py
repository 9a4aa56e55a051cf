"""What a compiler asks a model for: scored entangler sequences, and angles to start from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from circuitdiff.circuits.coupling import Pair
from circuitdiff.circuits.gates import GATES
from circuitdiff.errors import InputError
from circuitdiff.generation.constraint import Constraint, length_scores, make_constraint, possible_lengths
from circuitdiff.generation.denoise import bind
from circuitdiff.generation.inpainting import keep_nothing
from circuitdiff.generation.pretrained import PretrainedModel
from circuitdiff.generation.requests import Request, blank_target, conditions_of
from circuitdiff.generation.samplers import CircuitBatch, Schedule, sample_angles, sampler
from circuitdiff.generation.sampling import Sampling
from circuitdiff.models.config import STATE
from circuitdiff.models.denoiser import EncodedCondition
from circuitdiff.models.device import cpu_by_default
from circuitdiff.numerics.ansatz import EntanglerSequence

PROPOSED = Sampling(steps=8, sampler="gates")


class Proposals(PretrainedModel):
    """Scored entangler sequences, and angles for given ones: what a compiler starts from.

    Targets are unitaries on `num_qubits` qubits or fewer, or states, where the model is of those; qubit 0 is the least
    significant.
    """

    @cpu_by_default()
    def encode(
        self,
        targets: NDArray[np.complex128] | None,
        coupling: Collection[Pair] | None = None,
        max_gates: int | None = None,
    ) -> EncodedCondition:
        """Encode targets (targets, d, d) or (targets, d), or one absent, under one mask and one budget, each optional.

        Raises:
            InputError: for targets that are not of the model's kind, or on too many qubits.
        """
        given = blank_target(self.config, self.num_qubits)[None] if targets is None else targets
        d, is_state = given.shape[-1], STATE in self.config.conditions
        if given.shape[1:] != ((d,) if is_state else (d, d)) or d.bit_count() != 1 or d > 2**self.num_qubits:
            kind = (
                f"states of up to {2**self.num_qubits} amplitudes" if is_state else f"up to {2**self.num_qubits} wide"
            )
            raise InputError(f"the model's targets are {kind}, not {given.shape[1:]}")
        request = self._request(None if targets is None else given[0], d.bit_length() - 1, coupling, max_gates)
        with torch.no_grad():
            return self.model.encode(conditions_of(request, given, self.config, self._device))

    @cpu_by_default()
    def propose(
        self,
        target: NDArray[np.complex128],
        coupling: Collection[Pair] | None = None,
        *,
        min_gates: int = 0,
        max_gates: int | None = None,
        show_budget: bool = False,
        sampling: Sampling = PROPOSED,
        generator: torch.Generator | None = None,
    ) -> list[tuple[EntanglerSequence, float]]:
        """Propose entangler sequences for one target.

        Args:
            target: (d, d), or (d,) of a state.
            coupling: pairs that may be entangled, either order; None for all.
            min_gates: fewest entanglers.
            max_gates: most entanglers; None for the model's own limit.
            show_budget: show the network the bound too. It was trained on bounds from the number of entanglers up, and
                takes a low one as a hint that so few suffice.
            sampling: how they are drawn: by the sampler ``gates``, or ``beam`` for the likeliest, all distinct.
            generator: of this model's device; None for a fresh one of the seed of `sampling`.

        Returns:
            Distinct sequences with their scores: log-probabilities, best first.

        Raises:
            InputError: for a target of the wrong size or bounds that no circuit meets.
        """
        encoded = self.encode(target[None], coupling, max_gates if show_budget else None)
        constraint = self._constraint(target, 1, coupling, min_gates, max_gates)
        how = Schedule(sampling.num_samples, sampling.steps, sampling.temperature_for(has_target=True))
        state, source = keep_nothing(self.layout).to(self._device), self._source(generator, sampling)
        return self._ranked(sampler(sampling.sampler)(bind(self.model, encoded), state, constraint, how, source))

    @cpu_by_default()
    def entangler_counts(
        self, targets: NDArray[np.complex128], coupling: Collection[Pair] | None = None
    ) -> NDArray[np.float64]:
        """Estimate how many entanglers targets (targets, d, d) or (targets, d) take, from one look of the network.

        Returns:
            (targets, max_gates + 1) probabilities of 0, 1, ... entanglers; the last stands for any greater number too.
        """
        encoded = self.encode(targets, coupling)
        state = keep_nothing(self.layout).to(self._device)
        possible = possible_lengths(self._constraint(targets[0], len(encoded), coupling, 0, None), state)
        found = length_scores(bind(self.model, encoded), state, possible)[:, 0]
        return found.double().softmax(-1).cpu().numpy()

    @cpu_by_default()
    def propose_angles(
        self,
        target: NDArray[np.complex128],
        sequences: Sequence[EntanglerSequence],
        num_draws: int = 1,
        steps: int = 8,
        generator: torch.Generator | None = None,
    ) -> list[NDArray[np.float64]]:
        """Propose angles for given entangler sequences, as starting points of instantiation.

        Returns:
            For each sequence (num_draws, 4 k + 3 n) radians: beta_a, gamma_a, beta_b, gamma_b of each entangler on
            (a, b), a < b, in order, then theta, phi, lambda of ``u`` on each qubit.
        """
        if not sequences:
            return []
        rows = torch.tensor([self.layout.tokens_on(pairs) for pairs in sequences], device=self._device)
        tokens = rows.repeat_interleave(num_draws, dim=0)
        state = keep_nothing(self.layout).to(self._device).expand(len(tokens))
        state = replace(state, tokens=tokens).with_gates_kept()
        source, constraint = self._source(generator, PROPOSED), self._constraint(target, 1, None, 0, None)
        encoded = self.encode(target[None])
        found = sample_angles(bind(self.model, encoded), state, constraint, Schedule(len(tokens), steps), source)
        angles = found.angles()[0]
        flat = [self._flat(angles[i * num_draws : (i + 1) * num_draws], len(p)) for i, p in enumerate(sequences)]
        return [draws.cpu().double().numpy() for draws in flat]

    def _request(
        self,
        target: NDArray[np.complex128] | None,
        num_qubits: int,
        coupling: Collection[Pair] | None,
        max_gates: int | None,
    ) -> Request:
        budget = None if max_gates is None else max(0, min(max_gates, self.layout.max_gates))
        is_state = STATE in self.config.conditions
        return Request(
            num_qubits=num_qubits,
            allowed=self.layout.permitted(num_qubits, pairs=coupling),
            unitary=None if is_state else target,
            state=target if is_state else None,
            max_gates=budget,
        )

    def _constraint(
        self,
        target: NDArray[np.complex128],
        count: int,
        coupling: Collection[Pair] | None,
        shortest: int,
        longest: int | None,
    ) -> Constraint:
        """Return what holds for so many targets of the size of one."""
        most = self.layout.max_gates if longest is None else min(longest, self.layout.max_gates)
        if not 0 <= shortest <= most:
            raise InputError(f"no circuit of the model has between {shortest} and {most} gates")
        mask = self.layout.permitted(len(target).bit_length() - 1, pairs=coupling)
        allowed = torch.from_numpy(mask).expand(count, -1).to(self._device)
        if shortest and not bool(allowed.any(1).all()):
            raise InputError(f"no pair is allowed, and circuits with at least {shortest} gates are asked for")
        return make_constraint(self.layout, allowed, shortest, most)

    def _ranked(self, found: CircuitBatch) -> list[tuple[EntanglerSequence, float]]:
        best: dict[EntanglerSequence, float] = {}
        for row, score in zip(found.tokens[0].tolist(), found.scores[0].tolist(), strict=True):
            pairs = self.layout.entangled_pairs(row)
            best[pairs] = max(score, best.get(pairs, -np.inf))
        order = sorted(best.items(), key=lambda item: (-item[1], len(item[0]), item[0]))
        return [item for item in order if item[1] > -np.inf]

    def _flat(self, angles: Tensor, entanglers: int) -> Tensor:
        """Drop the angles of PADs of an `ansatz_layout`: (draws, gates, MAX_PARAMS) to (draws, 4 k + 3 n)."""
        closing = angles[:, self.layout.max_gates :, : GATES["u"].num_params]
        return torch.cat((angles[:, :entanglers].flatten(1), closing.flatten(1)), dim=1)
