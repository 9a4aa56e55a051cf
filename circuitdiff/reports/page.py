"""Pages as one HTML file that needs no network: jinja2 templates, everything that is not our own markup escaped."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import circuitdiff
from circuitdiff.reports.charts import CHART_STYLE
from circuitdiff.reports.circuit_svg import STYLE

if TYPE_CHECKING:
    from jinja2 import Environment


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
