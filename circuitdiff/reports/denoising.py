"""One sample of a model, from masked positions and noise to a circuit, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.tensors import decode
from circuitdiff.circuits.vocabulary import MASK, PAD
from circuitdiff.generation import CircuitDiffusion
from circuitdiff.generation.denoise import Denoise
from circuitdiff.generation.generation import Sample, check, generate
from circuitdiff.generation.model_selection import choose_checkpoint
from circuitdiff.generation.requests import Request
from circuitdiff.generation.sampling import Sampling
from circuitdiff.numerics.instantiation import Fit, instantiate
from circuitdiff.reports.circuit_svg import sequence_svg
from circuitdiff.spec.circuit_spec import CircuitSpec

BATCH = 128
"""Samples of which one is shown, where circuits have angles."""

TRIES = 16
"""Samples drawn one by one until one is right, where circuits have none."""

STEPS = 12
FITS = 24
"""Circuits whose angles are fitted until one of them is exact."""

FIT_TOL = 1e-10

Operations = Sequence[Operation | None]
"""Gates of one step, None for those that are masked."""


@dataclass(frozen=True)
class Denoising:
    """How a sample came about.

    Attributes:
        steps: what the network was shown, and last the circuit.
        sample: the circuit, checked.
        model: name of the checkpoint.
        fitted: the circuit with its angles fitted to the unitary; None where they need no fit, or none succeeded.
    """

    steps: tuple[Operations, ...]
    sample: Sample
    model: str
    fitted: Fit | None = None

    def frames(self) -> list[tuple[str, str]]:
        """Return an SVG of each step and what is said under it."""
        size, last = self.sample.circuit.num_qubits, len(self.steps) - 1
        miss = self.sample.infidelity
        captions = [f"step {number} of {last}" for number in range(last)]
        captions.append("drawn" if miss is None else f"drawn; infidelity {max(miss, 1e-16):.0e}")
        shown = list(self.steps)
        if self.fitted is not None:
            shown.append(folded(self.fitted.circuit).operations)
            captions.append(f"angles fitted; infidelity {max(self.fitted.infidelity, 1e-16):.0e}")
        return [(sequence_svg(size, gates), caption) for gates, caption in zip(shown, captions, strict=True)]


class WatchedModel(CircuitDiffusion):
    """A model that keeps what its network was shown at every step of its first draw, and what came of it."""

    def __init__(self, model: CircuitDiffusion) -> None:
        """Take the network of a model."""
        super().__init__(model.model, model.name)
        self.drawn: list[Circuit] = []
        self._seen: list[tuple[Tensor, Tensor | None]] = []  # (samples, gates) tokens, (samples, gates, params) angles
        self._draws = 0

    @property
    def has_angles(self) -> bool:
        """Whether the network was shown angles; without them it is shown equal samples once."""
        return any(angles is not None for _, angles in self._seen)

    def steps(self, sample: int) -> Iterator[Operations]:
        """Yield the gates of one sample at every step, angles in (−π, π]."""
        length = int((self._seen[-1][0][sample] != PAD).sum())
        for tokens, angles in self._seen:
            is_step = angles is not None if self.has_angles else int((tokens[sample] != PAD).sum()) == length
            if is_step:
                yield self._operations(tokens[sample], None if angles is None else angles[sample])

    def _operations(self, tokens: Tensor, angles: Tensor | None) -> Operations:
        operations: list[Operation | None] = []
        for at, token in enumerate(tokens.tolist()):
            if token == MASK:
                operations.append(None)
            elif token != PAD:
                params = torch.zeros(1, 1, 3) if angles is None else torch.remainder(angles[at].double(), 2 * np.pi)
                (alone,) = decode(torch.tensor([[token]]), params.reshape(1, 1, -1), self.layout.vocabulary)
                operations += folded(alone).operations
        return operations

    def _denoise(self, request: Request, guidance: float) -> Denoise:
        denoise = super()._denoise(request, guidance)
        self._draws += 1
        if self._draws > 1:
            return denoise

        def watched(tokens: Tensor, angles: Tensor | None, times: Tensor | None) -> tuple[Tensor, Tensor]:
            self._seen.append((tokens[0].cpu(), None if angles is None else angles[0].cpu()))
            return denoise(tokens, angles, times)

        return watched

    def _circuits(self, found: Any, num_qubits: int) -> list[Circuit]:
        circuits = super()._circuits(found, num_qubits)
        self.drawn = self.drawn or circuits
        return circuits


def watch(
    spec: CircuitSpec,
    unitary: NDArray[np.complex128] | None = None,
    *,
    model: str | None = None,
    seed: int = 0,
    steps: int = STEPS,
    tol: float = 1e-6,
) -> Denoising:
    """Draw circuits for a spec, and return how the best of a few came about.

    Args:
        spec: what is asked for, without Bell pairs, which are drawn one after another.
        unitary: see `circuitdiff.generation.generation.generate`, like the rest.
        model: name or path of a checkpoint.
        seed: of the draws.
        steps: evaluations of the network.
        tol: infidelity that counts as right.

    Raises:
        InputError: as `generate`.
    """
    loaded = CircuitDiffusion.from_pretrained(model or choose_checkpoint(spec, unitary is not None))
    best: Denoising | None = None
    for attempt in range(TRIES + 1):
        watched = WatchedModel(loaded)
        sampling = Sampling(num_samples=BATCH if attempt == 0 else 1, steps=steps, seed=seed + attempt)
        generate(spec, unitary, sampling=sampling, model=watched, tol=tol)
        if attempt == 0 and not watched.has_angles:
            continue
        samples = [check([circuit], spec, unitary, tol)[0] for circuit in watched.drawn]
        order = sorted(range(len(samples)), key=lambda i: _best_first(samples[i]))
        if watched.has_angles:
            at, fitted = _fitted(watched.drawn, order, unitary)
            return _denoising(watched, at, samples[at], fitted)
        if best is None or _best_first(samples[order[0]]) < _best_first(best.sample):
            best = _denoising(watched, order[0], samples[order[0]], None)
        if best.sample.correct:
            break
    assert best is not None
    return best


def _denoising(model: WatchedModel, at: int, sample: Sample, fitted: Fit | None) -> Denoising:
    return Denoising((*model.steps(at), folded(model.drawn[at]).operations), sample, model.name, fitted)


def _fitted(
    circuits: Sequence[Circuit], order: Sequence[int], unitary: NDArray[np.complex128] | None
) -> tuple[int, Fit | None]:
    """Return the first of the nearest circuits whose angles can be fitted, and the fit; else the nearest."""
    for at in order[:FITS] if unitary is not None else ():
        fit = instantiate(circuits[at], unitary, starts=1, tol=FIT_TOL)
        if fit.success:
            return at, fit
    return order[0], None


def folded(circuit: Circuit) -> Circuit:
    """Return a circuit with its angles in (−π, π], which changes it by a global phase at most."""
    gates = [(op.name, op.qubits, [np.pi - (np.pi - x) % (2 * np.pi) for x in op.params]) for op in circuit.operations]
    return Circuit.from_gates(circuit.num_qubits, gates)


def _best_first(sample: Sample) -> tuple[bool, float, int]:
    miss = sample.infidelity or 0.0
    return not sample.correct, miss * (1 + sample.circuit.num_gates), sample.circuit.num_gates
