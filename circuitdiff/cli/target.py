"""``circuitdiff target``: write a named unitary."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from circuitdiff.cli.options import echo_json, json_option, output_option
from circuitdiff.cli.output import check_writable, write_atomically
from circuitdiff.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SUFFIXES = (".npy", ".npz")


@click.command("target", short_help="Write a named unitary.")
@click.argument("name", required=False)
@click.option("--list", "list_names", is_flag=True, help="List the names and what they take.")
@click.option("--endian", type=click.Choice(["little", "big"]), default="little", help="Bit order of the matrix.")
@click.option("--seed", type=click.IntRange(0), help="Random seed, where the unitary is random.")
@output_option("Write to this .npy or .npz file; without it, .npy goes to stdout.")
@json_option
def command(
    name: str | None, list_names: bool, endian: str, seed: int | None, output: str | None, as_json: bool
) -> None:
    """Write the unitary NAME, such as qft:4, toffoli, "tfim:3?t=0.4" or "haar:3?seed=7"."""
    if list_names:
        _list_names(as_json)
        return
    if name is None:
        raise click.UsageError("name a unitary, or see --list")
    if output is not None:
        if Path(output).suffix.lower() not in SUFFIXES and not _is_pipe(Path(output)):
            raise InputError(f"{output} is none of {' '.join(SUFFIXES)}")
        check_writable(output)
    elif not as_json and sys.stdout.isatty():
        raise InputError("a terminal cannot show .npy, which is binary; name a file with -o")
    unitary = _named(name, seed, endian)
    if output is not None:
        write_atomically(output, _contents(unitary, Path(output).suffix.lower()))
    elif not as_json:
        click.echo(_contents(unitary, ".npy"), nl=False)
    if as_json:
        echo_json(_description(name, unitary, endian, seed, output))
    elif output is not None:
        click.echo(f"{output}: {name}, {len(unitary).bit_length() - 1} qubits")


def _is_pipe(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _named(name: str, seed: int | None, endian: str) -> NDArray[np.complex128]:
    from circuitdiff.circuits.unitaries import named
    from circuitdiff.circuits.unitary_io import reverse_qubits

    if seed is not None:
        name += f"{'&' if '?' in name else '?'}seed={seed}"
    unitary = named(name)
    return reverse_qubits(unitary) if endian == "big" else unitary


def _contents(unitary: NDArray[np.complex128], suffix: str) -> bytes:
    import numpy as np

    buffer = io.BytesIO()
    if suffix == ".npz":
        np.savez_compressed(buffer, unitary=unitary)
    else:
        np.save(buffer, unitary, allow_pickle=False)
    return buffer.getvalue()


def _description(
    name: str, unitary: NDArray[np.complex128], endian: str, seed: int | None, output: str | None
) -> dict[str, Any]:
    num_qubits = len(unitary).bit_length() - 1
    return {"name": name, "num_qubits": num_qubits, "endian": endian, "seed": seed, "output": output}


def _list_names(as_json: bool) -> None:
    from circuitdiff.circuits.unitaries import names

    listed = dict(names())
    if as_json:
        echo_json(listed)
        return
    width = max(map(len, listed))
    for name, help_text in listed.items():
        click.echo(f"{name:<{width}}  {help_text}")
