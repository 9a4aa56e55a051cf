"""Options that several commands share, and how a command prints its result."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

DEVICE_HELP = "cpu, cuda or cuda:N."
COST_HELP = "What makes a circuit cheaper: two-qubit, depth, gates or t."
COUPLING_HELP = "all, line, ring, 0-1,1-2 or a JSON file."
PROPOSERS_HELP = (
    "Some of diffusion,template,analytic,edit,search,peel,disentangle,blocks,random.  [default: all but random]"
)

Command = TypeVar("Command", bound=Callable[..., Any])


def positive_number(text: str | float) -> float:
    """Read a finite number above zero."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise click.BadParameter(f"{text!r} is not a finite number above zero")
    return number


def seconds_or_none(text: str | float) -> float:
    """Read seconds above zero; infinitely many for ``none``."""
    return math.inf if text == "none" else positive_number(text)


def name_list(text: str) -> tuple[str, ...]:
    """Read names separated by commas."""
    names = tuple(part.strip() for part in text.split(","))
    if not all(names):
        raise click.BadParameter(f"{text!r} has an empty name")
    return names


def json_option(command: Command) -> Command:
    """Add ``--json``, passed as ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout, nothing else.")(
        command
    )


def seed_option(command: Command) -> Command:
    """Add ``--seed``; the same seed, model, machine and thread count give the same result."""
    return click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Random seed.")(command)


def device_option(command: Command) -> Command:
    """Add ``--device``."""
    return click.option("--device", default="cpu", show_default=True, metavar="DEVICE", help=DEVICE_HELP)(command)


def compiler_options(command: Command) -> Command:
    """Add what every compilation takes: gate set, coupling map, effort, proposers, model and seed."""
    options = (
        click.option("--gate-set", default="u,cx", show_default=True, metavar="SET", help="A preset or list of gates."),
        click.option("--coupling", default="all", show_default=True, metavar="MAP", help=COUPLING_HELP),
        click.option("--effort", type=click.Choice(["fast", "default", "max"]), default="default", show_default=True),
        click.option("--proposers", type=name_list, metavar="NAMES", help=PROPOSERS_HELP),
        click.option("--model", metavar="PATH", help="Checkpoint to use.  [default: the bundled one]"),
        seed_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def output_option(help_text: str) -> Callable[[Command], Command]:
    """Return a decorator that adds ``-o FILE``, passed as ``output``."""
    return click.option("-o", "--output", type=click.Path(), metavar="FILE", help=help_text)


def report_option(command: Command) -> Command:
    """Add ``--report FILE``, passed as ``report``."""
    help_text = "Write a page about it (.html), readable without a network."
    return click.option("--report", type=click.Path(), metavar="FILE", help=help_text)(command)


def echo_json(result: Mapping[str, Any]) -> None:
    """Print a result as one line of JSON."""
    click.echo(json.dumps(result, ensure_ascii=False, allow_nan=False))
