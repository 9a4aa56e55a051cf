"""Pages as one HTML file that needs no network: jinja2 templates, everything that is not our own markup escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import circuitdiff
from circuitdiff.reports.charts import CHART_STYLE
from circuitdiff.reports.circuit_svg import STYLE

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True)
class Section:
    """A part of a page under a heading.

    Attributes:
        title: the heading.
        note: a sentence below it.
        drawings: marked by `drawing`.
        frames: drawings of the steps of a denoising with their captions, behind a slider; in one section of a page.
        head: names of the columns of a table.
        rows: its cells; text, or marked drawings.
        text: shown as it is, in columns of equal width.
    """

    title: str
    note: str = ""
    drawings: Sequence[Any] = ()
    frames: Sequence[tuple[Any, str]] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing under the heading."""
        return not (any(self.drawings) or self.frames or self.rows or self.text)


def sections_page(
    title: str, sections: Sequence[Section], *, intro: str = "", figures: Sequence[tuple[str, str]] = ()
) -> str:
    """Return a page of sections, those that are empty left out.

    Args:
        title: of the page.
        sections: one after another.
        intro: a sentence below the title.
        figures: names and values that are shown as tiles.
    """
    shown = [section for section in sections if not section.is_empty]
    return render("sections", title=title, intro=intro, figures=figures, sections=shown)


def render(template: str, **values: Any) -> str:
    """Return a page.

    Args:
        template: name of a file in `templates`, without its ending.
        values: what the template shows. Drawings are given as `markupsafe.Markup`, see `drawing`; all else is escaped.
    """
    style = STYLE + CHART_STYLE
    page = _environment().get_template(f"{template}.html.j2")
    return str(page.render(svg_style=style, version=circuitdiff.__version__, **values))


def drawing(svg: str) -> Any:
    """Mark a drawing of ours as markup that goes into a page as it is."""
    from markupsafe import Markup

    return Markup(svg)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("circuitdiff.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
