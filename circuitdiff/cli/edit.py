"""``circuitdiff edit``: parts of a circuit drawn anew, the rest kept as it is."""

from __future__ import annotations

import re
import time
from typing import Any

import click

from circuitdiff.cli.options import name_list
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

MAX_POSITION = 10**4


def positions(text: str) -> tuple[int, ...]:
    """Read numbers and ranges, such as 0,2-4."""
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*", part)
        bounds = None if match is None else (int(match[1]), int(match[2] or match[1]))
        if bounds is None or not bounds[0] <= bounds[1] <= MAX_POSITION:
            raise click.BadParameter(f"{part.strip()!r} is neither a number nor a range such as 2-4")
        found += range(bounds[0], bounds[1] + 1)
    return tuple(found)


def pairs(text: str) -> tuple[tuple[int, int], ...]:
    """Read pairs of qubits, such as 0-1,1-2, each with the lower qubit first."""
    if not re.fullmatch(r"\s*\d{1,3}\s*-\s*\d{1,3}\s*(?:,\s*\d{1,3}\s*-\s*\d{1,3}\s*)*", text):
        raise click.BadParameter(f"{text!r} is not a list of pairs such as 0-1,1-2")
    found = [tuple(sorted(map(int, part.split("-")))) for part in text.split(",")]
    return tuple((low, high) for low, high in found)


@click.command("edit", short_help="Draw parts of a circuit anew.")
@click.argument("circuit")
@click.option("--keep", type=positions, metavar="POSITIONS", help="Gates that stay, from 0: 0,2-4; all others go.")
@click.option("--prefix", type=click.IntRange(0), metavar="COUNT", help="So many first gates stay.")
@click.option("--suffix", type=click.IntRange(0), metavar="COUNT", help="So many last gates stay.")
@click.option("--regenerate", type=positions, metavar="POSITIONS", help="Gates that go.")
@click.option("--regenerate-qubits", type=positions, metavar="QUBITS", help="Gates on these qubits go.")
@click.option("--forbid-gates", type=name_list, metavar="NAMES", help="Gates not to use.")
@click.option("--forbid-qubits", type=positions, metavar="QUBITS", help="Qubits not to use.")
@click.option("--forbid-couplings", type=pairs, metavar="PAIRS", help="Pairs not to couple: 0-2.")
@click.option("--max-growth", type=click.IntRange(0, 64), default=0, show_default=True, help="Gates a part may gain.")
@spec_options
def command(circuit: str, output: str | None, as_json: bool, target: str | None, **settings: Any) -> int:
    """Keep some gates of CIRCUIT (.qasm, .qpy, or .json of Cirq) and draw the others anew.

    Towards --target, else the Schmidt ranks that the prompt asks for, else the operation of CIRCUIT itself.
    Gates that break a prohibition are drawn anew. Exit code 3 says that no circuit was correct.
    """
    check_destination(output)
    spec, sampling, unitary = read_spec(settings), read_sampling(settings), read_unitary_of(target)
    from circuitdiff.circuits.circuit import Circuit
    from circuitdiff.cli.targets import read_target
    from circuitdiff.generation.editing import Prohibition, edit, gates_to_keep

    given = read_target(circuit)
    if not isinstance(given, Circuit):
        raise InputError(f"{circuit} holds a unitary; an edit needs a circuit")
    if unitary is None and spec.schmidt_ranks is None:
        unitary = given.unitary()
    prohibition = Prohibition(
        frozenset(settings.pop("forbid_gates") or ()),
        frozenset(settings.pop("forbid_qubits") or ()),
        frozenset(settings.pop("forbid_couplings") or ()),
    )
    keep = gates_to_keep(
        given,
        prohibition,
        keep=settings.pop("keep"),
        redraw=settings.pop("regenerate") or (),
        redraw_qubits=settings.pop("regenerate_qubits") or (),
        prefix=settings.pop("prefix"),
        suffix=settings.pop("suffix"),
    )
    with progress("drawing", quiet=as_json):
        started = time.monotonic()
        generation = edit(given, keep, spec, unitary, prohibition, sampling=sampling, **settings)
        seconds = time.monotonic() - started
    return show_generation(generation, seconds, sampling.seed, output, as_json)
