"""The page of what was drawn: figures, one sample's denoising behind a slider, and the circuits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from circuitdiff.reports.circuit_svg import circuit_svg
from circuitdiff.reports.page import Section, drawing, sections_page
from circuitdiff.spec.grammar import render_prompt

if TYPE_CHECKING:
    from circuitdiff.generation.generation import Generation, Sample
    from circuitdiff.reports.denoising import Denoising

SHOWN = 24


def generation_page(title: str, generation: Generation, seconds: float, denoising: Denoising | None = None) -> str:
    """Return the page as HTML that needs nothing else.

    Args:
        title: of the page.
        generation: circuits, the best first.
        seconds: that drawing took.
        denoising: how one sample came about, None where it was not watched.
    """
    correct = sum(sample.correct for sample in generation.samples)
    figures = [
        ("drawn", str(generation.drawn)),
        ("correct", f"{generation.share_correct:.1%}"),
        ("distinct", str(len(generation.samples))),
        ("distinct and correct", str(correct)),
        ("seconds", f"{seconds:.2f}"),
    ]
    frames = [] if denoising is None else [(drawing(svg), caption) for svg, caption in denoising.frames()]
    note = "One of a few samples, from masked positions and random angles to a circuit."
    sections = [
        Section("A sample denoising", note, frames=frames),
        Section(
            f"The first {min(SHOWN, len(generation.samples))} circuits",
            head=["", "circuit", "times drawn", "Schmidt ranks", "infidelity"],
            rows=[_row(sample) for sample in generation.samples[:SHOWN]],
        ),
    ]
    asked = render_prompt(generation.spec) or "a circuit for the target"
    return sections_page(title, sections, intro=f"Asked for: {asked}. Model: {generation.model}.", figures=figures)


def _row(sample: Sample) -> list[object]:
    miss = "–" if sample.infidelity is None else f"{max(sample.infidelity, 0.0):.1e}"
    ranks = " ".join(map(str, sample.srv))
    return ["✓" if sample.correct else "✗", drawing(circuit_svg(sample.circuit)), sample.count, ranks, miss]
