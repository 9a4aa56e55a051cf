"""Sphinx configuration of the documentation."""

from __future__ import annotations

import circuitdiff

project = "circuitdiff"
author = "The circuitdiff developers"
copyright = "the circuitdiff developers"
version = release = circuitdiff.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "sphinx_copybutton",
    "sphinx_design",
]
root_doc = "index"
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "circuitdiff"
html_static_path = ["_static"]
html_css_files = ["custom.css"]

# MyST and notebooks: notebooks are text files (MyST Markdown) that are executed when the documentation is built.
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_timeout = 900
nb_execution_raise_on_error = True
nb_merge_streams = True

# The API reference is made from docstrings of public names alone.
autosummary_generate = False
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_class_signature = "separated"
napoleon_numpy_docstring = False
copybutton_prompt_text = r"\$ |>>> "
copybutton_prompt_is_regexp = True

# Links to other sites are checked by `make linkcheck`, which needs a network; the build itself needs none.
linkcheck_ignore = [r"http://(localhost|127\.0\.0\.1)"]
linkcheck_timeout = 20
suppress_warnings = ["mystnb.unknown_mime_type"]
