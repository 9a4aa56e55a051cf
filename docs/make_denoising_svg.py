"""Draw the moving picture of the README: one sample of the bundled model from noise to a verified circuit.

Usage: ``python docs/make_denoising_svg.py`` writes ``docs/_static/denoising.svg``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import circuitdiff
from circuitdiff.circuits.tensors import decode
from circuitdiff.circuits.unitaries import named
from circuitdiff.circuits.vocabulary import MASK, PAD
from circuitdiff.generation import CircuitDiffusion
from circuitdiff.generation.denoise import Denoise
from circuitdiff.generation.requests import Request
from circuitdiff.reports.animation import Frame, animation_svg
from circuitdiff.reports.circuit_svg import circuit_svg, sequence_svg

TARGET = "tfim:3"
STEPS = 16
SAMPLES = 512
PLACE = Path(__file__).parent / "_static" / "denoising.svg"


class Watched(CircuitDiffusion):
    """A model that notes what its network is shown at every step."""

    def __init__(self, model: CircuitDiffusion) -> None:
        """Wrap the network of a model."""
        super().__init__(model.model, model.name)
        self.seen: list[tuple[Tensor, Tensor]] = []  # (samples, gates) tokens, (samples, gates, MAX_PARAMS) angles

    def _denoise(self, request: Request, guidance: float) -> Denoise:
        denoise = super()._denoise(request, guidance)

        def watched(tokens: Tensor, angles: Tensor | None, times: Tensor | None) -> tuple[Tensor, Tensor]:
            if angles is not None:
                self.seen.append((tokens[0].clone(), angles[0].clone()))
            return denoise(tokens, angles, times)

        return watched


def main() -> None:
    """Sample, choose one that numerics make exact, and draw its way."""
    unitary = named(TARGET)
    loaded = CircuitDiffusion.from_pretrained("circuitdiff-gates-5q")
    model = Watched(loaded)
    drawn = model.sample(unitary, num_samples=SAMPLES, steps=STEPS, generator=torch.Generator().manual_seed(0))
    fits = {i: circuitdiff.instantiate(drawn[i], unitary, starts=1) for i in range(len(drawn))}
    solved = [i for i, fit in fits.items() if fit.success]
    chosen = min(solved, key=lambda i: drawn[i].num_gates * miss(drawn[i], unitary))  # short, and near already
    frames = [Frame(*_step(model, number, chosen)) for number in range(len(model.seen))]
    last = f"drawn; infidelity {miss(drawn[chosen], unitary):.0e}"
    exact = f"angles fitted; infidelity {max(fits[chosen].infidelity, 1e-16):.0e}, verified"
    frames += [
        Frame(sequence_svg(3, folded(drawn[chosen]).operations), last, 1.2),
        Frame(sequence_svg(3, folded(fits[chosen].circuit).operations), exact, 1.6),
        Frame(circuit_svg(folded(fits[chosen].circuit)), exact, 2.6),
    ]
    PLACE.write_text(animation_svg(frames) + "\n", encoding="utf-8")


def folded(circuit: circuitdiff.Circuit) -> circuitdiff.Circuit:
    """Return a circuit with its angles in (-pi, pi], which changes it by a global phase at most."""
    gates = [
        (op.name, op.qubits, [np.pi - (np.pi - angle) % (2 * np.pi) for angle in op.params])
        for op in circuit.operations
    ]
    return circuitdiff.Circuit.from_gates(circuit.num_qubits, gates)


def miss(circuit: circuitdiff.Circuit, unitary: NDArray[np.complex128]) -> float:
    """Return the infidelity of a circuit."""
    return 1 - abs(np.vdot(unitary, circuit.unitary())) / len(unitary)


def _step(model: Watched, number: int, sample: int) -> tuple[str, str]:
    """Return a drawing of what the network was shown, masked gates as question marks, and a caption."""
    tokens, angles = model.seen[number][0][sample], model.seen[number][1][sample]
    operations: list[circuitdiff.Operation | None] = []
    for token, params in zip(tokens.tolist(), angles.double(), strict=True):
        if token == PAD:
            continue
        if token == MASK:
            operations.append(None)
            continue
        angles_seen = torch.remainder(params, 2 * np.pi)[None, None]
        (alone,) = decode(torch.tensor([[token]]), angles_seen, model.layout.vocabulary)
        operations += folded(alone).operations
    known_count = sum(operation is not None for operation in operations)
    return sequence_svg(3, operations), f"step {number} of {STEPS}: {known_count} of {len(operations)} gates"


if __name__ == "__main__":
    main()
