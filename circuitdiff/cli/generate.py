"""``circuitdiff generate``: words, a unitary or a state in, many checked circuits out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from circuitdiff.cli.options import report_option
from circuitdiff.cli.output import check_writable, write_atomically
from circuitdiff.cli.progress import progress
from circuitdiff.cli.spec_options import (
    check_destination,
    read_sampling,
    read_spec,
    read_unitary_of,
    show_generation,
    spec_options,
)
from circuitdiff.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from circuitdiff.reports.denoising import Denoising
    from circuitdiff.spec.circuit_spec import CircuitSpec
    from circuitdiff.spec.target import Kind


KINDS: tuple[Kind, ...] = ("unitary", "state")


@click.command("generate", short_help="Draw many circuits for a prompt, a unitary or a state.")
@spec_options
@report_option
def command(output: str | None, as_json: bool, target: str | None, report: str | None, **settings: Any) -> int:
    """Draw circuits from the model, and check each by simulation.

    A prompt may ask for entanglement by Schmidt ranks (SRV [2,1,2]: qubits 0 and 2 are entangled) or in words
    ("entangle qubits 0 and 2 of three"), for gates, couplings, and bounds on the gates. Gates, couplings and
    bounds hold for every circuit; the rest is what the model aims at, and what is counted as correct. A target may
    be a state, to be made of zeros; angles are then fitted. Exit code 3 says that no circuit was correct.
    """
    check_destination(output)
    if report is not None:
        check_writable(report)
    spec, sampling, columns = read_spec(settings), read_sampling(settings), read_unitary_of(target, KINDS)
    is_state = columns is not None and columns.shape[1] == 1
    unitary, state = (None, columns[:, 0]) if columns is not None and is_state else (columns, None)
    if columns is None and spec.schmidt_ranks is None and spec.num_qubits is None:
        raise InputError('nothing is asked for; see --prompt, such as "3 qubits, SRV [2,1,2]", and --target')
    from circuitdiff.generation.generation import generate

    with progress("drawing", quiet=as_json):
        started = time.monotonic()
        generation = generate(spec, unitary, state=state, sampling=sampling, **settings)
        seconds = time.monotonic() - started
    if report is not None:
        is_watched = state is None and not generation.spec.bell_pairs  # Bell pairs are drawn one after another, unseen
        seen = _watched(generation.spec, unitary, sampling.seed, settings) if is_watched else None
        from circuitdiff.reports.generation_page import generation_page

        write_atomically(report, generation_page("generate", generation, seconds, seen).encode())
    return show_generation(generation, seconds, sampling.seed, output, as_json)


def _watched(
    spec: CircuitSpec, unitary: NDArray[np.complex128] | None, seed: int, settings: dict[str, Any]
) -> Denoising:
    """Draw one more sample, and keep what is seen of it after every step."""
    from circuitdiff.reports.denoising import watch

    return watch(spec, unitary, model=settings["model"], seed=seed, tol=settings["tol"])
