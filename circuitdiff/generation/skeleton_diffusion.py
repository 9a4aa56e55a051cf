"""A model of circuits in skeleton form: what the compiler asks for structures and angles."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.skeleton import Pair, Skeleton
from circuitdiff.circuits.vocabulary import NUM_SPECIAL
from circuitdiff.errors import InputError
from circuitdiff.features.invariants import heisenberg_images, schmidt_spectra
from circuitdiff.generation.angles import sample_angles
from circuitdiff.generation.beam import search_structures
from circuitdiff.generation.circuit_diffusion import CircuitDiffusion
from circuitdiff.generation.denoise import Constraint, bind, make_constraint
from circuitdiff.generation.joint import sample_jointly
from circuitdiff.generation.structures import Structures, sample_structures
from circuitdiff.models.condition import NOT_GIVEN, Condition
from circuitdiff.models.config import DenoiserConfig
from circuitdiff.models.denoiser import Denoiser, EncodedCondition
from circuitdiff.models.device import cpu_by_default
from circuitdiff.validation import check_options

Placement = tuple[Pair, ...]


class SkeletonDiffusion(CircuitDiffusion):
    """A model of circuits in skeleton form: entanglers with dressed qubits, and one closing gate a qubit.

    Targets are unitaries on `num_qubits` qubits, qubit 0 least significant; smaller ones are to be embedded first.
    """

    def __init__(self, model: Denoiser, name: str = "") -> None:
        """Wrap a network of the skeleton layout."""
        super().__init__(model, name)
        assert isinstance(model.config, DenoiserConfig)
        self.skeleton: Skeleton = model.config.skeleton

    @property
    def max_entanglers(self) -> int:
        """Most entanglers a circuit can have."""
        return self.skeleton.max_entanglers

    @cpu_by_default()
    def encode(
        self,
        unitaries: NDArray[np.complex128] | None,
        allowed_pairs: Collection[Pair] | None = None,
        max_entanglers: int | None = None,
    ) -> EncodedCondition:
        """Encode targets (targets, d, d), or one absent target, under one mask and one budget, each optional."""
        return self.model.encode(self._condition(unitaries, allowed_pairs, max_entanglers))

    def propose(
        self,
        unitary: NDArray[np.complex128],
        allowed_pairs: Collection[Pair] | None = None,
        max_entanglers: int | None = None,
        num_samples: int = 64,
        steps: int = 8,
        generator: torch.Generator | None = None,
        *,
        min_entanglers: int = 0,
        temperature: float = 1.0,
        search: bool = False,
        show_budget: bool = False,
    ) -> list[tuple[Placement, float]]:
        """Propose placements of entanglers for one target.

        Args:
            unitary: (d, d).
            allowed_pairs: pairs that may be entangled, either order; None for all.
            max_entanglers: most entanglers; None for the model's own limit.
            num_samples: samples drawn, or, with `search`, distinct placements found.
            steps: evaluations of the network.
            generator: of this model's device; None for a fresh one of seed 0.
            min_entanglers: fewest entanglers.
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
            allowed_pairs,
            max_entanglers,
            num_samples,
            steps,
            generator,
            min_entanglers=min_entanglers,
            temperature=temperature,
            search=search,
            show_budget=show_budget,
        )[0]

    @cpu_by_default()
    def propose_batch(
        self,
        unitaries: NDArray[np.complex128],
        allowed_pairs: Collection[Pair] | None = None,
        max_entanglers: int | None = None,
        num_samples: int = 64,
        steps: int = 8,
        generator: torch.Generator | None = None,
        *,
        min_entanglers: int = 0,
        temperature: float = 1.0,
        search: bool = False,
        show_budget: bool = False,
    ) -> list[list[tuple[Placement, float]]]:
        """Propose for several targets (targets, d, d) at once; see `propose`."""
        encoded = self.encode(unitaries, allowed_pairs, max_entanglers if show_budget else None)
        constraint = self._constraint(len(encoded), allowed_pairs, min_entanglers, max_entanglers)
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
        if longest > self.max_entanglers:
            raise InputError(f"a placement has {longest} entanglers; the model's most is {self.max_entanglers}")
        rows = torch.tensor([self.skeleton.tokens(pairs) for pairs in placements], device=self._device)
        tokens = rows.repeat_interleave(num_draws, dim=0)[None]
        encoded = self.encode(unitary[None])
        angles = sample_angles(bind(self.model, encoded), tokens, steps, self._generator(generator))[0]
        flat = [self._flat(angles[i * num_draws : (i + 1) * num_draws], len(p)) for i, p in enumerate(placements)]
        return [draws.cpu().double().numpy() for draws in flat]

    @cpu_by_default()
    def sample(
        self,
        unitary: NDArray[np.complex128] | None = None,
        *,
        num_samples: int = 64,
        steps: int = 16,
        allowed_pairs: Collection[Pair] | None = None,
        max_entanglers: int | None = None,
        min_entanglers: int = 0,
        temperature: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> list[Circuit]:
        """Sample whole circuits, gates and angles together, as the network draws them: near the target, not exact.

        Without a unitary, circuits like those of the training data. Gates are rz, ry, cz and u.
        """
        check_options(num_samples=num_samples, steps=steps, temperature=temperature)
        encoded = self.encode(None if unitary is None else unitary[None], allowed_pairs, max_entanglers)
        tokens, angles = sample_jointly(
            bind(self.model, encoded),
            self._constraint(1, allowed_pairs, min_entanglers, max_entanglers),
            self.skeleton,
            num_samples,
            steps,
            self._generator(generator),
            temperature,
        )
        return [self._circuit(row.tolist(), values.tolist()) for row, values in zip(tokens[0], angles[0], strict=True)]

    def _condition(
        self,
        unitaries: NDArray[np.complex128] | None,
        allowed_pairs: Collection[Pair] | None,
        max_entanglers: int | None,
    ) -> Condition:
        dimension = 2**self.num_qubits
        shown = np.eye(dimension)[None] if unitaries is None else unitaries
        if shown.shape[1:] != (dimension, dimension):
            raise InputError(f"the model's targets are {dimension} x {dimension}, not {shown.shape[1:]}")
        targets = len(shown)
        matrices = torch.as_tensor(np.ascontiguousarray(shown, dtype=np.complex128), device=self._device)
        budget = NOT_GIVEN if max_entanglers is None else max(0, min(max_entanglers, self.max_entanglers))
        return Condition(
            images=heisenberg_images(matrices).float(),
            spectra=schmidt_spectra(matrices).float(),
            unitary_given=torch.full((targets,), unitaries is not None),
            allowed=self._allowed(targets, allowed_pairs),
            mask_given=torch.ones(targets, dtype=torch.bool),
            budget=torch.full((targets,), budget),
        ).to(self._device)

    def _allowed(self, targets: int, allowed_pairs: Collection[Pair] | None) -> Tensor:
        return torch.from_numpy(self.skeleton.pair_mask(allowed_pairs)).expand(targets, -1)

    def _constraint(
        self, targets: int, allowed_pairs: Collection[Pair] | None, shortest: int, longest: int | None
    ) -> Constraint:
        most = self.max_entanglers if longest is None else min(longest, self.max_entanglers)
        if not 0 <= shortest <= most:
            raise InputError(f"no circuit of the model has between {shortest} and {most} entanglers")
        bounds = [torch.full((targets,), bound, device=self._device) for bound in (shortest, most)]
        constraint = make_constraint(
            self.skeleton, self._allowed(targets, allowed_pairs).to(self._device), bounds[0], bounds[1]
        )
        if not bool(constraint.lengths.any(1).all()):
            raise InputError(f"no pair is allowed, and circuits with at least {shortest} entanglers are asked for")
        return constraint

    def _ranked(self, found: Structures) -> list[list[tuple[Placement, float]]]:
        ranked = []
        for rows, scores in zip(found.tokens.tolist(), found.scores.tolist(), strict=True):
            best: dict[Placement, float] = {}
            for row, score in zip(rows, scores, strict=True):
                placement = self.skeleton.placement(row)
                best[placement] = max(score, best.get(placement, -np.inf))
            order = sorted(best.items(), key=lambda item: (-item[1], len(item[0]), item[0]))
            ranked.append([item for item in order if item[1] > -np.inf])
        return ranked

    def _flat(self, angles: Tensor, entanglers: int) -> Tensor:
        """Drop the angles of PADs: (draws, gates, MAX_PARAMS) to (draws, 4 k + 3 n)."""
        closing = angles[:, self.max_entanglers :, : GATES["u"].num_params]
        return torch.cat((angles[:, :entanglers].flatten(1), closing.flatten(1)), dim=1)

    def _circuit(self, tokens: list[int], angles: list[list[float]]) -> Circuit:
        placed = self.skeleton.vocabulary.placed
        gates = [
            (*placed[token - NUM_SPECIAL], tuple(values[: GATES[placed[token - NUM_SPECIAL][0]].num_params]))
            for token, values in zip(tokens, angles, strict=True)
            if token >= NUM_SPECIAL
        ]
        return Circuit.from_gates(self.num_qubits, gates).expand()
