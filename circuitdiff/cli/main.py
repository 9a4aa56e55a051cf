"""The ``circuitdiff`` command: finds the subcommand, and turns mistakes into one line and an exit code."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from circuitdiff import __version__
from circuitdiff.cli.exit_codes import BAD_INPUT, FAILURE, INTERRUPTED, NO_CIRCUIT
from circuitdiff.errors import InputError, MissingExtraError, NoCircuitError

COMMANDS = ("compile", "generate", "edit", "dataset", "mine", "target", "train", "bench", "demo", "info", "doctor")
"""Each is ``command`` in the module of its name, in the order in which help lists them."""

GARBAGE_THRESHOLD = 50_000
"""New objects between two looks for garbage: at Python's 700 importing torch and Qiskit takes half a second longer."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order that suits a reader."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command's module, or return None for a name that there is not."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"circuitdiff.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="circuitdiff", message="%(prog)s %(version)s")
def cli() -> None:
    """Quantum circuits from a diffusion model, polished to machine precision.

    Exit codes: 0 done, 1 failure, 2 usage or bad input, 3 tolerance not met (the best circuit is still
    written), 4 out of time before there was any circuit, 130 interrupted (the best circuit so far is still written).
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit; ``arguments`` stand in for those of the process."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no † or ┤ gets a question mark, not a crash.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    gc.set_threshold(GARBAGE_THRESHOLD, 50, 100)
    atexit.register(gc.freeze)  # spares the half second in which all of torch is looked through for garbage
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        status = cli.main(arguments, prog_name="circuitdiff", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return BAD_INPUT
    except click.Abort:
        return _fail("interrupted", INTERRUPTED)
    except click.ClickException as error:
        return _fail(error.format_message(), error.exit_code)
    except InputError as error:
        return _fail(str(error), BAD_INPUT)
    except NoCircuitError as error:
        return _fail(str(error), NO_CIRCUIT)
    except MissingExtraError as error:
        return _fail(str(error), FAILURE)
    except OSError as error:  # of standard output: all that is done with files has its own errors
        # Give Python something to flush into when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # whoever read our output has gone
            return FAILURE
        return _fail(f"cannot write: {error.strerror or error}", FAILURE)
    return status if isinstance(status, int) else 0


def _fail(message: str, exit_code: int) -> int:
    click.echo(f"error: {' '.join(message.split())}", err=True)
    return exit_code
