"""Learning curves of two sizes of network on the same circuits, for about the same time.

    python benchmarks/design_sizes.py [--steps 1000,400] [--out runs/design] [--figure docs/learning_curves.svg]

Steps, one number for each size, are such that both take about as much processor time. Held-out losses come every 6,400
circuits, the share of held-out unitaries that 64 samples solve at the end. What FOLDER/sizes.jsonl holds is not trained
again.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from design_common import SMALL, add_row, one_thread, read_rows, solved, table, trained

LARGE = SMALL | {"model.width": "128", "model.heads": "4", "model.decoder_layers": "5", "model.stem_width": "384"}
SIZES = {"64 wide, 3 layers": SMALL, "128 wide, 5 layers": LARGE}
LONGEST = int(SMALL["model.max_gates"])
EVERY = 100
COLOURS = ("#0072b2", "#d55e00")
WIDTH, HEIGHT, MARGIN = 640, 360, 56


def measured(size: str, steps: int, out: Path, targets: int) -> dict[str, Any]:
    folder = out / size.replace(" ", "-").replace(",", "")
    changes = SIZES[size] | {"validate_every": str(EVERY), "log_every": str(EVERY)}
    started = time.process_time()
    report = trained("gates-3q", changes, steps, None, folder)
    seconds = time.process_time() - started
    per_step = report.circuits / report.step
    curve = [
        [round(row["step"] * per_step), row["validation_structure"], row["validation_angle"]]
        for row in read_rows(folder / "metrics.jsonl")
        if "validation_structure" in row and row["step"] % EVERY == 0
    ]
    return {
        "size": size,
        "parameters": report.num_parameters,
        "circuits": report.circuits,
        "seconds": round(seconds),
        "structure": report.validation["validation_structure"],
        "angle": report.validation["validation_angle"],
        "solved": solved(folder / "checkpoint", LONGEST, targets),
        "curve": curve,
    }


def report(rows: list[dict[str, Any]]) -> str:
    keys = ("size", "parameters", "circuits", "seconds", "structure", "angle", "solved")
    heads = ["network", "weights", "circuits", "processor seconds", "held-out gates", "held-out angles", "solved"]
    curves = [{point[0]: point[1:3] for point in row["curve"]} for row in rows]
    seen = sorted({circuits for curve in curves for circuits in curve})
    lines = [[circuits, *(value for curve in curves for value in curve.get(circuits, [None] * 2))] for circuits in seen]
    names = [f"{what}, {row['size']}" for row in rows for what in ("gates", "angles")]
    parts = [table(heads, [[row[key] for key in keys] for row in rows]), table(["circuits", *names], lines)]
    return "\n\n".join(parts)


def figure(rows: list[dict[str, Any]]) -> str:
    """Return an SVG of the held-out loss of gates against the circuits seen."""
    most = max(point[0] for row in rows for point in row["curve"])
    losses = [point[1] for row in rows for point in row["curve"]]
    low, high = min(losses) - 0.05, max(losses) + 0.05

    def place(circuits: float, loss: float) -> str:
        x = MARGIN + (WIDTH - 2 * MARGIN) * circuits / most
        y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (loss - low) / (high - low)
        return f"{x:.1f},{y:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<polyline fill="none" stroke="black" points="{place(0, high)} {place(0, low)} {place(most, low)}"/>',
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">training circuits, thousands</text>',
        f'<text x="16" y="{HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 16 {HEIGHT / 2})">'
        "held-out loss of gates, nats</text>",
    ]
    for tick in range(5):
        (x, y), (_, level) = place(most * tick / 4, low).split(","), place(0, low + (high - low) * tick / 4).split(",")
        parts.append(f'<text x="{x}" y="{float(y) + 16:.1f}" text-anchor="middle">{most * tick / 4000:.0f}</text>')
        value = f"{low + (high - low) * tick / 4:.2f}"
        parts.append(f'<text x="{MARGIN - 6}" y="{float(level) + 4:.1f}" text-anchor="end">{value}</text>')
    for number, (row, colour) in enumerate(zip(rows, COLOURS, strict=False)):
        points = " ".join(place(*point[:2]) for point in row["curve"])
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>')
        y = MARGIN + 18 * number
        parts.append(f'<text x="{WIDTH - MARGIN}" y="{y}" text-anchor="end" fill="{colour}">{row["size"]}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", default="1000,400")
    parser.add_argument("--targets", type=int, default=160, help="held-out unitaries")
    parser.add_argument("--out", type=Path, default=Path("runs/design"), metavar="FOLDER")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="an SVG of the curves")
    given = parser.parse_args()
    one_thread()
    path = given.out / "sizes.jsonl"
    for size, steps in zip(SIZES, map(int, given.steps.split(",")), strict=True):
        if size not in {row["size"] for row in read_rows(path)}:
            add_row(path, measured(size, steps, given.out, given.targets))
    rows = read_rows(path)
    print(report(rows))
    if given.figure is not None:
        given.figure.parent.mkdir(parents=True, exist_ok=True)
        given.figure.write_text(figure(rows))


if __name__ == "__main__":
    main()
