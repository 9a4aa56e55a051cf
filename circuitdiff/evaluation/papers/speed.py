"""Processor time of sampling and of the training stream, on one core."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.sparse_simulator import sequence_unitaries, sparse_table
from circuitdiff.data.gate_mixture import GateMixture
from circuitdiff.data.seeds import Stream
from circuitdiff.data.stream import CircuitStream
from circuitdiff.evaluation.papers.circuits import held_out_circuits
from circuitdiff.evaluation.papers.continuous import GATES
from circuitdiff.evaluation.papers.discrete import LAYOUT, SPEC
from circuitdiff.evaluation.papers.protocol import Outcome, Setting
from circuitdiff.evaluation.papers.registry import NotCoveredError
from circuitdiff.generation import Sampling
from circuitdiff.spec.circuit_spec import CircuitSpec

Matrix = NDArray[np.complex128]

SAMPLES = 64
STREAM_LAYOUT = Layout(3, GATES, 16)
STREAM_BATCH = 1024


def sampling_seconds(setting: Setting) -> Outcome:
    """Median processor seconds of 64 samples for a unitary on three qubits, at the sampler's own number of steps.

    Circuits of general gates have up to 12; where there is no model of those, one of dressed CZ stands in.
    """
    targets = [circuit.unitary() for circuit in held_out_circuits(LAYOUT, setting.targets, setting.seed)]
    draw, name, note = _sampler(setting)
    draw(targets[0])  # what is set up once is not counted
    times = [_processor_seconds(partial(draw, target)) for target in targets]
    return Outcome(median(times), len(targets), SAMPLES, name, note)


def stream_rate(setting: Setting) -> Outcome:
    """Training circuits a processor second, on three qubits, up to 16 gates, with all that a network is shown."""
    batches = max(1, setting.targets // STREAM_BATCH)
    whole, plain = (_stream(setting.seed, unitaries=shown) for shown in (True, False))
    simulate = sparse_table(STREAM_LAYOUT.vocabulary)

    def with_unitaries(number: int) -> None:
        batch = plain.batch(number)
        sequence_unitaries(batch.tokens, batch.params[..., 0], simulate)

    rates = [_rate(make, batches) for make in (whole.batch, with_unitaries)]
    told = f"with the images and spectra that networks are shown; {rates[1]:.0f} with unitaries alone"
    return Outcome(rates[0], batches * STREAM_BATCH, 1, None, told)


def _sampler(setting: Setting) -> tuple[Callable[[Matrix], object], str, str | None]:
    """Return what draws 64 samples for a unitary, the model's name, and what there is to say of it."""
    try:
        general = setting.models.general(SPEC, has_target=True)
    except NotCoveredError:
        model = setting.models.ansatz_model(LAYOUT.num_qubits)
        draw = partial(model.sample, sampling=Sampling(num_samples=SAMPLES))
        return draw, model.name, "circuits of dressed CZ"
    spec = CircuitSpec(gates=LAYOUT.gates, max_gates=LAYOUT.max_gates)
    draw = partial(general.sample, spec=spec, sampling=Sampling(num_samples=SAMPLES))
    return draw, general.name, None


def _stream(seed: int, *, unitaries: bool) -> CircuitStream:
    mixture = GateMixture(unitaries=unitaries, gate_sets=(",".join(GATES),))
    return CircuitStream(STREAM_LAYOUT, STREAM_BATCH, seed, mixture, stream=Stream.EVALUATION)


def _rate(make: Callable[[int], object], batches: int) -> float:
    """Return circuits a processor second, after a first batch that is not counted."""
    make(0)
    return batches * STREAM_BATCH / _processor_seconds(lambda: [make(number) for number in range(1, batches + 1)])


def _processor_seconds(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started
