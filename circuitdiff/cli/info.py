"""``circuitdiff info``: what is installed and what comes with it."""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

import click

from circuitdiff import __version__
from circuitdiff.cli.options import echo_json, json_option


@click.command("info", short_help="Show versions, checkpoints, gate sets and proposers.")
@json_option
def command(as_json: bool) -> None:
    """Show versions, bundled checkpoints, gate-set presets and proposers."""
    from circuitdiff.circuits.gate_sets import PRESETS
    from circuitdiff.synthesis import PROPOSERS

    result = {
        "version": __version__,
        "python": platform.python_version(),
        "packages": {name: installed_version(name) for name in dependencies()},
        "checkpoints": _checkpoints(),
        "gate_sets": {name: list(gates) for name, gates in PRESETS.items()},
        "proposers": list(PROPOSERS),
    }
    if as_json:
        echo_json(result)
        return
    for title, rows in _sections(result).items():
        click.secho(title, bold=True)
        width = max(map(len, rows), default=0)
        for name, text in rows.items():
            click.echo(f"  {name:<{width}}  {text}")


def dependencies() -> list[str]:
    """Return the distributions that circuitdiff needs, extras left out."""
    try:
        listed = requires("circuitdiff") or []
    except PackageNotFoundError:
        return []
    return sorted(re.split(r"[^\w.-]", entry, maxsplit=1)[0] for entry in listed if "extra ==" not in entry)


def installed_version(name: str) -> str | None:
    """Return the version of a distribution, or None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _checkpoints() -> dict[str, Any]:
    from circuitdiff.models.bundled import bundled_checkpoints, read_card

    return {name: dict(read_card(path)) for name, path in bundled_checkpoints().items()}


def _sections(result: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the lines of each part of the report."""
    versions = {"circuitdiff": result["version"], "python": result["python"], **result["packages"]}
    return {
        "Versions": {name: found or "not installed" for name, found in versions.items()},
        "Checkpoints": {
            name: ", ".join(f"{key} {value}" for key, value in card.items() if not isinstance(value, dict | list))
            for name, card in result["checkpoints"].items()
        },
        "Gate sets": {name: " ".join(gates) for name, gates in result["gate_sets"].items()},
        "Proposers": {name: "" for name in result["proposers"]},
    }
