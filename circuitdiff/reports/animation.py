"""Several drawings as one SVG that shows them in turn, without a script: it moves in a README, too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from circuitdiff.reports.circuit_svg import STYLE

CAPTION_HEIGHT = 34
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')

_COLORS = (
    "svg{--cd-page:#fff;--cd-ink:#1c2430;--cd-muted:#8a94a6;--cd-box:#e8f0fe;--cd-accent:#3367d6;color:var(--cd-ink)}"
    "@media (prefers-color-scheme:dark){svg{--cd-page:#14181f;--cd-ink:#e6eaf2;--cd-muted:#7d8798;--cd-box:#1f2c45;"
    "--cd-accent:#7aa2ff}}.caption{font:14px system-ui,sans-serif;fill:var(--cd-ink)}"
    ".page{fill:var(--cd-page)}"
)


@dataclass(frozen=True)
class Frame:
    """A drawing by `circuit_svg` or `sequence_svg`, what is said under it, and for how many seconds it stays."""

    svg: str
    caption: str
    seconds: float = 0.5


def animation_svg(frames: Sequence[Frame]) -> str:
    """Return an SVG that shows the frames in turn, for ever; of the size of the largest.

    Frames are groups whose visibility CSS switches in steps, so that a viewer without animations shows the last one.
    """
    sizes = [tuple(map(float, found.groups())) for frame in frames if (found := _SIZE.search(frame.svg))]
    width, height = max(size[0] for size in sizes), max(size[1] for size in sizes) + CAPTION_HEIGHT
    total = sum(frame.seconds for frame in frames)
    rules, groups, begun = [], [], 0.0
    for number, frame in enumerate(frames):
        rules.append(_rule(number, begun / total, (begun + frame.seconds) / total, total))
        begun += frame.seconds
        still = "" if number == len(frames) - 1 else ' visibility="hidden"'
        groups.append(
            f'<g class="f{number}"{still}>{frame.svg}'
            f'<text class="caption" x="12" y="{height - 12:g}">{escape(frame.caption)}</text></g>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-label="a circuit denoising">'
        f"<style>{_COLORS}{STYLE}{''.join(rules)}</style>"
        f'<rect class="page" width="100%" height="100%"/>{"".join(groups)}</svg>'
    )


def _rule(number: int, start: float, end: float, seconds: float) -> str:
    """Return the rule that shows a frame from one share of the whole time to another."""
    before = f"0%,{100 * start:.3f}%{{visibility:hidden}}" if start > 0 else ""
    shown = f"{100 * start + (0.001 if start > 0 else 0):.3f}%,{100 * end:.3f}%{{visibility:visible}}"
    after = f"{min(100.0, 100 * end + 0.001):.3f}%,100%{{visibility:hidden}}" if end < 1 - 1e-9 else ""
    return (
        f"@keyframes k{number}{{{before}{shown}{after}}}"
        f".f{number}{{animation:k{number} {seconds:.2f}s step-end infinite}}"
    )
