"""The page of a training run: learning curves and the configuration."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from circuitdiff.reports.charts import Axis, Series, chart
from circuitdiff.reports.page import Section, drawing, sections_page
from circuitdiff.training.metrics import METRICS_FILE

if TYPE_CHECKING:
    from circuitdiff.training import TrainingConfig, TrainingReport

HELD_OUT = "validation_"
CURVES = 300
"""Points of a curve; a long run has many more records, of which each is a mean since the last."""


def training_page(title: str, report: TrainingReport, config: TrainingConfig) -> str:
    """Return the page of a run that has ended, as HTML that needs nothing else; curves come from its metrics file."""
    records = read_metrics(report.directory / METRICS_FILE)
    figures = [
        ("parameters", f"{report.num_parameters:,}"),
        ("circuits seen", f"{report.circuits:,}"),
        ("steps", f"{report.step:,}"),
        ("seconds", f"{report.seconds:,.0f}"),
    ]
    figures += [(f"held-out loss, {name.removeprefix(HELD_OUT)}", f"{x:.4f}") for name, x in report.validation.items()]
    names = [name for name in _names(records) if f"{HELD_OUT}{name}" in _names(records) or name in LOSSES]
    sections = [
        Section(f"Loss: {name}", drawings=[drawing(_curves(records, [name, f"{HELD_OUT}{name}"], "loss"))])
        for name in names
    ]
    for name, unit in (("circuits_per_second", "circuits a second"), ("gradient_norm", "norm")):
        drawn = _curves(records, [name], unit)
        sections.append(Section(name.replace("_", " ").capitalize(), drawings=[drawing(drawn)] if drawn else []))
    sections.append(Section("Configuration", text=json.dumps(config.as_dict(), indent=2)))
    return sections_page(title, sections, figures=figures)


LOSSES = ("structure", "joint", "angle")


def read_metrics(path: Path) -> list[dict[str, float]]:
    """Return the records of a run; none where it wrote none."""
    if not path.exists():
        return []
    records: list[dict[str, float]] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return records


def _names(records: Sequence[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for record in records for name in record if name not in ("step", "seconds")))


def _curves(records: Sequence[dict[str, float]], names: Sequence[str], unit: str) -> str:
    series = []
    for name in names:
        points = [(record["step"], record[name]) for record in records if name in record]
        if points:
            stride = -(-len(points) // CURVES)
            label = "held out" if name.startswith(HELD_OUT) else "training" if len(names) > 1 else unit
            series.append(Series(label, points[::-1][::stride][::-1]))
    return chart(series, Axis("step"), Axis(unit)) if series else ""
