"""``circuitdiff train``: train a model, or go on with a run that stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from circuitdiff.cli.options import DEVICE_HELP, echo_json, json_option, positive_number, report_option
from circuitdiff.cli.output import check_writable, write_atomically
from circuitdiff.cli.progress import progress_bar
from circuitdiff.errors import InputError

if TYPE_CHECKING:
    from circuitdiff.data.fine_tuning import FineTuningSet
    from circuitdiff.training import TrainingConfig, TrainingReport

DEFAULT_FOLDER = "runs/train"


class TrainCommand(click.Command):
    """A command whose help ends with the keys that ``--set`` takes, read from the training configuration."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the presets and the keys with their defaults."""
        from circuitdiff.training import PRESETS, TrainingConfig

        with formatter.section("Presets"):
            formatter.write_text(", ".join(PRESETS))
        keys = dict(_flat(TrainingConfig().as_dict()))
        with formatter.section("Keys of --set, with the defaults of the preset 'small'"):
            formatter.write_dl(list(keys.items()))
        others = {key: value for key, value in _flat(PRESETS["gates-3q"].as_dict()) if key not in keys}
        with formatter.section("Further keys for general circuits, with the defaults of the preset 'gates-3q'"):
            formatter.write_dl(list(others.items()))


@click.command("train", cls=TrainCommand, short_help="Train a model.")
@click.option("--preset", default="small", show_default=True, help="Configuration to start from.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change one value; may be repeated.")
@click.option("--out", "folder", default=DEFAULT_FOLDER, show_default=True, metavar="FOLDER", help="Where it all goes.")
@click.option("--circuits", metavar="PATH", help="Circuits of your own to learn too.")
@click.option("--resume", is_flag=True, help="Go on with the run that FOLDER holds.")
@click.option("--dry-run", is_flag=True, help="Take one step, show the configuration, write nothing.")
@click.option("--tensorboard", is_flag=True, help="Write metrics to FOLDER/tensorboard too (extra tensorboard).")
@click.option("--minutes", type=positive_number, metavar="NUMBER", help="Stop after this much training.")
@click.option("--steps", type=click.IntRange(1), help="Stop after this many steps.")
@click.option("--device", metavar="DEVICE", help=DEVICE_HELP)
@click.option("--seed", type=click.IntRange(0), help="Random seed.")
@report_option
@json_option
def command(
    preset: str,
    settings: tuple[str, ...],
    folder: str,
    circuits: str | None,
    resume: bool,
    dry_run: bool,
    tensorboard: bool,
    minutes: float | None,
    steps: int | None,
    device: str | None,
    seed: int | None,
    report: str | None,
    as_json: bool,
) -> None:
    """Train a diffusion model on circuits made on the fly.

    The run ends at its number of steps or minutes, whichever comes first; FOLDER/checkpoint then serves as
    --model of compile. A run that was interrupted goes on with --resume.

    To fine-tune a model on circuits of your own, name them with --circuits (a folder of .qasm, .qpy or Cirq .json
    files, or one that "circuitdiff dataset build" made), the model with --set start=CHECKPOINT, and with --set
    own=SHARE how many of the circuits are to be yours.
    """
    seconds = None if minutes is None else minutes * 60
    given = {"seconds": seconds, "steps": steps, "device": device, "seed": seed, "tensorboard": tensorboard or None}
    overrides = _overrides(settings) | {key: json.dumps(value) for key, value in given.items() if value is not None}
    from circuitdiff.cli.fine_tuning_files import read_fine_tuning_set
    from circuitdiff.training import train, training_config
    from circuitdiff.training.distributed import is_main
    from circuitdiff.training.state import STATE_FILE

    config = training_config(preset, overrides)
    own = None if circuits is None else read_fine_tuning_set(Path(circuits), config.model)
    _check_folder(Path(folder), STATE_FILE, resume=resume, dry_run=dry_run)
    if report is not None:
        check_writable(report)
    with progress_bar(f"training {preset}", quiet=not is_main()) as on_progress:
        trained = train(config, folder, own=own, dry_run=dry_run, on_progress=on_progress)
    if not is_main():
        return
    if report is not None:
        from circuitdiff.reports.training_page import training_page

        write_atomically(report, training_page(f"training {preset}", trained, config).encode())
    _show(trained, config, own, as_json)


def _overrides(settings: tuple[str, ...]) -> dict[str, str]:
    """Split ``key=value`` words."""
    pairs = [setting.partition("=") for setting in settings]
    for key, equals, _ in pairs:
        if not (key and equals):
            raise click.UsageError(f"--set takes KEY=VALUE, got {key!r}")
    return {key: value for key, _, value in pairs}


def _check_folder(folder: Path, state_file: str, *, resume: bool, dry_run: bool) -> None:
    """Refuse to start over an earlier run, or to go on with one that there is not, before anything is made."""
    has_state = (folder / state_file).exists()
    if resume and not has_state:
        raise InputError(f"{folder} holds no run to resume: there is no {state_file}")
    if has_state and not (resume or dry_run):
        raise InputError(f"{folder} holds a run already; go on with --resume or name another folder")
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not dry_run:
        check_writable(nearest / state_file)


def _show(report: TrainingReport, config: TrainingConfig, own: FineTuningSet | None, as_json: bool) -> None:
    result: dict[str, Any] = asdict(report) | {"directory": str(report.directory), "config": config.as_dict()}
    if own is not None:
        result["own_circuits"] = {"taken": len(own), "refused": dict(own.refused)}
    if as_json:
        echo_json(result)
        return
    losses = ", ".join(f"{name.removeprefix('validation_')} {value:.4f}" for name, value in report.validation.items())
    click.echo(f"{report.num_parameters:,} parameters, {report.circuits:,} circuits in {report.seconds:.0f} s")
    click.echo(f"held-out losses: {losses}")
    if own is not None:
        click.echo(f"{len(own):,} circuits of your own, {sum(own.refused.values()):,} left out")


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield dotted keys and values of nested dictionaries."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", json.dumps(value)
