"""What ``generate`` and ``edit`` share: how a spec is given, and how drawn circuits are shown and written."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from circuitdiff.cli.options import device_option, json_option, output_option, positive_number, seed_option
from circuitdiff.cli.output import check_writable, write_atomically
from circuitdiff.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from circuitdiff.generation import Sampling
    from circuitdiff.generation.generation import Generation, Sample
    from circuitdiff.spec.circuit_spec import CircuitSpec
    from circuitdiff.spec.target import Kind

Command = TypeVar("Command", bound=Callable[..., Any])

TEMPERATURE_HELP = "Of the gates; below 1 favours the likeliest.  [default: 1 towards a target, else 0.4]"
TARGET_HELP = "A unitary (.npy, .npz) or a circuit to be equal to; to generate, a state too."
SAMPLING_OPTIONS = ("num_samples", "steps", "guidance", "temperature", "seed")
SHOWN = 3
"""Circuits that are drawn on the terminal."""


def spec_options(command: Command) -> Command:
    """Add what is asked for, how it is sampled, and where the result goes."""
    options = (
        click.option("--prompt", metavar="TEXT", default="", help='Such as "3 qubits, SRV [2,1,2], only h and cx".'),
        click.option("--target", metavar="FILE", help=TARGET_HELP),
        click.option("--gate-set", metavar="SET", help="A preset or list of gates.  [default: all of the model's]"),
        click.option("--coupling", metavar="MAP", help="all, line, ring or 0-1,1-2."),
        click.option("--max-gates", type=click.IntRange(0), metavar="COUNT", help="Most gates."),
        click.option("--max-two-qubit", type=click.IntRange(0), metavar="COUNT", help="Most gates on several qubits."),
        click.option("--num-samples", type=click.IntRange(1, 65536), default=64, show_default=True, metavar="COUNT"),
        click.option("--steps", type=click.IntRange(1, 1000), default=12, show_default=True, help="Denoising steps."),
        click.option("--guidance", type=positive_number, default=1.0, show_default=True, help="Classifier-free scale."),
        click.option("--temperature", type=positive_number, metavar="X", help=TEMPERATURE_HELP),
        click.option("--search", is_flag=True, help="Towards a unitary: keep pieces, draw on for what is left."),
        click.option("--tol", type=positive_number, default=1e-6, show_default=True, metavar="X", help="Infidelity."),
        click.option("--model", metavar="PATH", help="Checkpoint to use.  [default: a bundled one that fits]"),
        seed_option,
        device_option,
        output_option("A folder for .qasm files, or a .jsonl file."),
        json_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def read_spec(settings: dict[str, Any]) -> CircuitSpec:
    """Take a spec out of the settings of a command: that of the prompt and of the options together."""
    from circuitdiff.circuits.gate_sets import parse_gate_set
    from circuitdiff.spec.circuit_spec import CircuitSpec
    from circuitdiff.spec.grammar import parse_prompt

    gate_set = settings.pop("gate_set")
    options = CircuitSpec(
        gates=None if gate_set is None else parse_gate_set(gate_set).gates,
        coupling=settings.pop("coupling"),
        max_gates=settings.pop("max_gates"),
        max_two_qubit_gates=settings.pop("max_two_qubit"),
    )
    return parse_prompt(settings.pop("prompt")).merged(options)


def read_sampling(settings: dict[str, Any]) -> Sampling:
    """Take how to sample out of the settings of a command."""
    from circuitdiff.generation import Sampling

    return Sampling(**{name: settings.pop(name) for name in SAMPLING_OPTIONS})


def read_unitary_of(target: str | None, kinds: Sequence[Kind] = ("unitary",)) -> NDArray[np.complex128] | None:
    """Read a target unitary, or that of a target circuit; with other kinds of targets, their columns."""
    if target is None:
        return None
    from circuitdiff.circuits.circuit import Circuit
    from circuitdiff.cli.targets import read_target

    given = read_target(target, kinds=kinds)
    return given.unitary() if isinstance(given, Circuit) else given


def check_destination(output: str | None) -> None:
    """Make sure, before work is spent, that results can be written."""
    if output is None:
        return
    path = Path(output)
    if path.suffix == ".jsonl":
        check_writable(path)
    elif path.exists() and not path.is_dir():
        raise InputError(f"cannot write {output}: it is a file, and neither a folder nor .jsonl")
    elif not path.exists() and not path.parent.is_dir():
        raise InputError(f"cannot write {output}: there is no folder {path.parent}")


def show_generation(generation: Generation, seconds: float, seed: int, output: str | None, as_json: bool) -> int:
    """Write and show what was drawn; the exit code is 0 where a circuit is correct, else 3."""
    from circuitdiff.cli.exit_codes import TOLERANCE_NOT_MET

    rows = [_row(sample) for sample in generation.samples]
    if output is not None:
        _write(rows, Path(output))
    if as_json:
        click.echo(json.dumps(_summary(generation, seconds, seed) | {"circuits": rows}, allow_nan=False))
    else:
        _show(generation, seconds, output)
    return 0 if generation.share_correct > 0 else TOLERANCE_NOT_MET


def _summary(generation: Generation, seconds: float, seed: int) -> dict[str, Any]:
    misses = [sample.infidelity for sample in generation.samples if sample.infidelity is not None]
    return {
        "samples": generation.drawn,
        "distinct": len(generation.samples),
        "correct": generation.share_correct,
        "distinct_correct": sum(sample.correct for sample in generation.samples),
        "best_infidelity": min(misses) if misses else None,
        "seconds": seconds,
        "seed": seed,
        "model": generation.model,
        "asked": {name: value for name, value in asdict(generation.spec).items() if value is not None},
    }


def _row(sample: Sample) -> dict[str, Any]:
    from circuitdiff.interop import to_qasm

    circuit = sample.circuit
    return {
        "qasm": to_qasm(circuit, version=3),
        "count": sample.count,
        "correct": sample.correct,
        "srv": list(sample.srv),
        "infidelity": sample.infidelity,
        "num_gates": circuit.num_gates,
        "two_qubit_count": circuit.two_qubit_count,
    }


def _write(rows: list[dict[str, Any]], path: Path) -> None:
    if path.suffix == ".jsonl":
        write_atomically(path, "".join(json.dumps(row) + "\n" for row in rows).encode())
        return
    path.mkdir(exist_ok=True)
    digits = max(4, int(math.log10(len(rows))) + 1)
    for number, row in enumerate(rows):
        write_atomically(path / f"{number:0{digits}d}.qasm", row["qasm"].encode())


def _asked_for(spec: CircuitSpec) -> str:
    """Return in words what is asked for, so that a prompt that was misread is seen."""
    parts = [
        "" if spec.num_qubits is None else f"{spec.num_qubits} qubits",
        "" if spec.schmidt_ranks is None else f"SRV {list(spec.schmidt_ranks)}",
        "" if spec.bell_pairs is None else "pairs " + ", ".join(f"{a} with {b}" for a, b in spec.bell_pairs),
        "" if spec.gates is None else f"gates {', '.join(spec.gates)}",
        "" if spec.coupling is None else f"coupling {spec.coupling}",
        "" if spec.max_gates is None else f"at most {spec.max_gates} gates",
        "" if spec.max_two_qubit_gates is None else f"at most {spec.max_two_qubit_gates} on several qubits",
    ]
    return "; ".join(part for part in parts if part) or "the target"


def _show(generation: Generation, seconds: float, output: str | None) -> None:
    from circuitdiff.reports.text_drawing import draw

    click.echo(f"asked for: {_asked_for(generation.spec)}\n")
    for sample in generation.samples[: SHOWN if output is None else 0]:
        miss = "" if sample.infidelity is None else f", infidelity {sample.infidelity:.1e}"
        verdict = "correct" if sample.correct else "not what was asked for"
        click.echo(draw(sample.circuit))
        click.echo(f"SRV {list(sample.srv)}{miss}; drawn {sample.count} times; {verdict}\n")
    distinct = sum(sample.correct for sample in generation.samples)
    click.echo(
        f"{generation.drawn} drawn, {len(generation.samples)} distinct; {generation.share_correct:.1%} correct, "
        f"{distinct} distinct; {generation.model}, {seconds:.2f} s"
    )
