"""What parts of the training are worth: small networks trained alike but for one thing, one after the other.

    python benchmarks/design_training.py [--steps 1600] [--seconds-each 150] [--out runs/design] [VARIANT ...]

A variant that FOLDER/training.jsonl holds is not trained again, and one that was interrupted goes on. Networks of
general circuits differ in what they are shown of the unitary and in the order of their training circuits, those in
dressed form in the gauge of their angles.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from design_common import SMALL, add_row, one_thread, read_rows, solved, table, trained

from circuitdiff.evaluation.ablation import run_ablation

ANGLES_FIRST = {
    "model.width": "96",
    "model.decoder_layers": "3",
    "model.max_gates": "6",
    "model.stem_width": "256",
    "objective.angle_weight": "3.0",
    "objective.angle_copies": "4",
    "objective.structure_copies": "1",
    "mixture.families": "0.0",
}
"""A network that places dressed CZ, trained for its angles above all."""

DESIGN = "images and spectra"
VARIANTS: dict[str, tuple[str, dict[str, str]]] = {
    DESIGN: ("gates-3q", SMALL),
    "images": ("gates-3q", SMALL | {"model.unitary_as": '["images"]'}),
    "spectra": ("gates-3q", SMALL | {"model.unitary_as": '["spectra"]'}),
    "matrix": ("gates-3q", SMALL | {"model.unitary_as": '["matrix"]'}),
    "matrix and spectra": ("gates-3q", SMALL | {"model.unitary_as": '["matrix", "spectra"]'}),
    "no canonical order": ("gates-3q", SMALL | {"mixture.canonical": "false"}),
    "gauge": ("small", ANGLES_FIRST),
    "no gauge": ("small", ANGLES_FIRST | {"mixture.gauge": "false"}),
}
ANGLE_LENGTHS = (3, 4, 5, 6)
CIRCUITS = 8


def measured(variant: str, steps: int, seconds: float | None, out: Path, targets: int) -> dict[str, Any]:
    preset, changes = VARIANTS[variant]
    folder = out / variant.replace(" ", "-")
    report = trained(preset, changes, steps, seconds, folder)
    figures: dict[str, Any] = {
        "variant": variant,
        "circuits": report.circuits,
        "seconds": round(report.seconds),
        "parameters": report.num_parameters,
        "structure": report.validation["validation_structure"],
        "angle": report.validation["validation_angle"],
    }
    checkpoint = folder / "checkpoint"
    if preset == "small":
        return figures | converged(checkpoint)
    longest = int(changes["model.max_gates"])
    blind = solved(checkpoint, longest, targets, blind=True) if variant == DESIGN else None
    return figures | {"solved": solved(checkpoint, longest, targets), "blind": blind, "targets": targets}


def converged(checkpoint: Path) -> dict[str, dict[str, float]]:
    """Share of single descents from the model's angles that converge, the right structure given, by its length."""
    report = run_ablation(model=str(checkpoint), limit=CIRCUITS, lengths=(), angle_lengths=ANGLE_LENGTHS)
    rows = [(length, [row for row in report.angles if row.length == length]) for length in ANGLE_LENGTHS]
    return {
        arm: {str(k): sum(row.converged[arm] for row in of_k) / sum(row.starts for row in of_k) for k, of_k in rows}
        for arm in ("model", "uniform")
    }


def report(rows: list[dict[str, Any]]) -> str:
    shown = [row for row in rows if "solved" in row]
    parts = [
        table(
            ["variant", "circuits", "held-out gates", "held-out angles", "solved", "solved blindly"],
            [[row[key] for key in ("variant", "circuits", "structure", "angle", "solved", "blind")] for row in shown],
        )
    ]
    angled = [row for row in rows if "model" in row]
    heads = ["variant", "circuits", "held-out angles", *(f"{k} CZ" for k in ANGLE_LENGTHS)]
    lines = [[row["variant"], row["circuits"], row["angle"], *row["model"].values()] for row in angled]
    lines += [["uniform angles", None, None, *row["uniform"].values()] for row in angled[:1]]
    return "\n\n".join([*parts, table(heads, lines)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("variants", nargs="*", metavar="VARIANT", help=", ".join(VARIANTS))
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--seconds-each", type=float)
    parser.add_argument("--targets", type=int, default=160, help="held-out unitaries")
    parser.add_argument("--out", type=Path, default=Path("runs/design"), metavar="FOLDER")
    given = parser.parse_args()
    if unknown := set(given.variants) - set(VARIANTS):
        parser.error(f"unknown variant {min(unknown)!r}; there are {', '.join(VARIANTS)}")
    one_thread()
    path = given.out / "training.jsonl"
    for variant in given.variants or VARIANTS:
        if variant not in {row["variant"] for row in read_rows(path)}:
            add_row(path, measured(variant, given.steps, given.seconds_each, given.out, given.targets))
    print(report(read_rows(path)))


if __name__ == "__main__":
    main()
