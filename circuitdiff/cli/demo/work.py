"""What a job does: watch one sample come about, compile or draw, and hand over circuits as drawings and as code."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.circuits.program import Program
from circuitdiff.circuits.unitary_io import MAX_QUBITS
from circuitdiff.cli.compilation import Compiled, summary_of
from circuitdiff.cli.compile import compile_given
from circuitdiff.cli.demo.jobs import Job
from circuitdiff.cli.demo.requests import DemoRequest, default_gate_set
from circuitdiff.errors import InputError
from circuitdiff.interruption import is_interrupted
from circuitdiff.reports.circuit_code import codes
from circuitdiff.reports.circuit_svg import circuit_svg
from circuitdiff.reports.compilation_page import MAX_DRAWN
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.spec.target import Target
from circuitdiff.synthesis.problem import Improvement

if TYPE_CHECKING:
    from circuitdiff.reports.denoising import Denoising

SHOWN = 6
"""Circuits that are shown for a prompt."""

NUM_SAMPLES = 64
TOL = 1e-10


def run_job(job: Job) -> None:
    """Do what a request asks for, and send what the page shows."""
    request: DemoRequest = job.request
    if isinstance(request.given, CircuitSpec):
        _draw(job, request, request.given)
    else:
        _compile(job, request)


def _compile(job: Job, request: DemoRequest) -> None:
    assert not isinstance(request.given, CircuitSpec)
    unitary = _unitary_of(request.given)
    if unitary is not None:
        job.send("stage", text="the model draws")
        _show_denoising(job, request, unitary)
    if is_interrupted():
        raise InputError("stopped before there was a circuit")
    job.send("stage", text="numerics and search", seconds=request.seconds)
    settings: dict[str, Any] = dict.fromkeys(("samples", "proposers", "prompt", "up_to", "cost", "model"))
    settings |= {
        "gate_set": default_gate_set(request),
        "coupling": request.coupling,
        "effort": request.effort,
        "timeout": request.seconds,
        "tol": TOL,
        "seed": 0,
        "partition_size": None,
        "cache": "none",
        "on_candidate": lambda improvement: _show_improvement(job, improvement),
    }
    compiled = compile_given(request.given, time.monotonic(), settings)
    job.send(
        "result",
        svg=_drawn(compiled.written),
        figures=summary_of(compiled.result),
        code=codes(compiled.written),
        status=_status(compiled),
    )


def _status(compiled: Compiled) -> str:
    if is_interrupted():
        return "stopped; this is the best so far"
    return "done, verified" if compiled.result.tol_met else "done; the tolerance was not met"


def _show_improvement(job: Job, improvement: Improvement) -> None:
    job.send("candidate", **improvement.as_dict(), svg=_drawn(improvement.circuit))


def _show_denoising(job: Job, request: DemoRequest, unitary: NDArray[np.complex128]) -> None:
    """Send the steps of one sample for a unitary, in the gates of the device, or in the model's own."""
    from circuitdiff.reports.denoising import watch

    bare = CircuitSpec(num_qubits=len(unitary).bit_length() - 1, coupling=request.coupling)
    in_gates = CircuitSpec(
        num_qubits=bare.num_qubits, coupling=bare.coupling, gates=parse_gate_set(default_gate_set(request)).gates
    )
    for spec in (in_gates, bare):
        try:
            found = watch(spec, unitary, seed=0)
            break
        except InputError:
            continue  # no model has these gates, or so many qubits
    else:
        return
    _send_frames(job, found)


def _send_frames(job: Job, found: Denoising) -> None:
    frames, captions = zip(*found.frames(), strict=True)
    job.send("frames", frames=frames, captions=captions, model=found.model)


def _draw(job: Job, request: DemoRequest, spec: CircuitSpec) -> None:
    """Draw circuits for a prompt; the device's gates and couplings are added to what it says."""
    from circuitdiff.generation.generation import generate
    from circuitdiff.generation.sampling import Sampling
    from circuitdiff.reports.denoising import watch

    gates = None if request.gate_set is None else parse_gate_set(request.gate_set).gates
    coupling = None if request.coupling == "all" else request.coupling
    whole = spec.merged(CircuitSpec(gates=gates, coupling=coupling))
    job.send("stage", text="the model draws")
    if whole.bell_pairs is None:
        _send_frames(job, watch(whole))
    generation = generate(whole, sampling=Sampling(num_samples=NUM_SAMPLES))
    best = generation.samples[0]
    ranks = "" if whole.schmidt_ranks is None else f"Schmidt ranks {list(best.srv)}; "
    job.send(
        "result",
        svg=_drawn(best.circuit),
        figures=f"{ranks}{generation.drawn} drawn, {len(generation.samples)} distinct, "
        f"{generation.share_correct:.0%} as asked for; {generation.model}",
        code=codes(best.circuit),
        status="done" if best.correct else "no circuit is what was asked for; this is the nearest",
        others=[_drawn(sample.circuit) for sample in generation.samples[1:SHOWN] if sample.correct],
    )


def _unitary_of(given: Target | Circuit | Program) -> NDArray[np.complex128] | None:
    """Return the unitary of a target that a model can be shown, None for others."""
    if isinstance(given, Target):
        return given.columns if given.kind == "unitary" else None
    if given.num_qubits > MAX_QUBITS or (isinstance(given, Program) and not given.is_circuit):
        return None
    return (given.circuit() if isinstance(given, Program) else given).unitary()


def _drawn(circuit: Circuit | Program) -> str:
    """Return a drawing, or an empty string where there is none."""
    if isinstance(circuit, Program):
        if not circuit.is_circuit:
            return ""
        circuit = circuit.circuit()
    return circuit_svg(circuit) if circuit.num_gates <= MAX_DRAWN else ""
