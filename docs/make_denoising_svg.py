"""Draw the moving picture of the README: one sample of the bundled model from noise to a verified circuit.

Usage: ``python docs/make_denoising_svg.py`` writes ``docs/_static/denoising.svg``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import circuitdiff
from circuitdiff.circuits.unitaries import named
from circuitdiff.generation import CircuitDiffusion, Sampling
from circuitdiff.reports.animation import Frame, animation_svg
from circuitdiff.reports.circuit_svg import circuit_svg, sequence_svg
from circuitdiff.reports.denoising import Operations, WatchedModel, folded

TARGET = "tfim:3"
STEPS = 16
SAMPLES = 512
PLACE = Path(__file__).parent / "_static" / "denoising.svg"


def main() -> None:
    """Sample, choose one that numerics make exact, and draw its way."""
    unitary = named(TARGET)
    loaded = CircuitDiffusion.from_pretrained("circuitdiff-gates-5q")
    model = WatchedModel(loaded)
    drawn = model.sample(unitary, sampling=Sampling(SAMPLES, STEPS))
    fits = {i: circuitdiff.instantiate(drawn[i], unitary, starts=1) for i in range(len(drawn))}
    solved = [i for i, fit in fits.items() if fit.success]
    chosen = min(solved, key=lambda i: drawn[i].num_gates * miss(drawn[i], unitary))  # short, and near already
    frames = [Frame(sequence_svg(3, gates), _caption(i, gates)) for i, gates in enumerate(model.steps(chosen))]
    last = f"drawn; infidelity {miss(drawn[chosen], unitary):.0e}"
    exact = f"angles fitted; infidelity {max(fits[chosen].infidelity, 1e-16):.0e}, verified"
    frames += [
        Frame(sequence_svg(3, folded(drawn[chosen]).operations), last, 1.2),
        Frame(sequence_svg(3, folded(fits[chosen].circuit).operations), exact, 1.6),
        Frame(circuit_svg(folded(fits[chosen].circuit)), exact, 2.6),
    ]
    PLACE.write_text(animation_svg(frames) + "\n", encoding="utf-8")


def miss(circuit: circuitdiff.Circuit, unitary: NDArray[np.complex128]) -> float:
    """Return the infidelity of a circuit."""
    return 1 - abs(np.vdot(unitary, circuit.unitary())) / len(unitary)


def _caption(number: int, operations: Operations) -> str:
    known = sum(operation is not None for operation in operations)
    return f"step {number} of {STEPS}: {known} of {len(operations)} gates"


if __name__ == "__main__":
    main()
