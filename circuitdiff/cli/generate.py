"""``circuitdiff generate``: words or a unitary in, many checked circuits out."""

from __future__ import annotations

import time
from typing import Any

import click

from circuitdiff.cli.progress import progress
from circuitdiff.cli.spec_options import (
    check_destination,
    read_sampling,
    read_spec,
    read_unitary_of,
    report,
    spec_options,
)
from circuitdiff.errors import InputError


@click.command("generate", short_help="Draw many circuits for a prompt or a unitary.")
@spec_options
def command(output: str | None, as_json: bool, target: str | None, **settings: Any) -> int:
    """Draw circuits from the model, and check each by simulation.

    A prompt may ask for entanglement by Schmidt ranks (SRV [2,1,2]: qubits 0 and 2 are entangled) or in words
    ("entangle qubits 0 and 2 of three"), for gates, couplings, and bounds on the gates. Gates, couplings and
    bounds hold for every circuit; the rest is what the model aims at, and what is counted as correct. Exit
    code 3 says that no circuit was.
    """
    check_destination(output)
    spec, sampling, unitary = read_spec(settings), read_sampling(settings), read_unitary_of(target)
    if unitary is None and spec.schmidt_ranks is None and spec.num_qubits is None:
        raise InputError('nothing is asked for; see --prompt, such as "3 qubits, SRV [2,1,2]", and --target')
    from circuitdiff.generation.generation import generate

    with progress("drawing", quiet=as_json):
        started = time.monotonic()
        generation = generate(spec, unitary, sampling=sampling, **settings)
        seconds = time.monotonic() - started
    return report(generation, seconds, sampling.seed, output, as_json)
