"""Sphinx's settings: `make docs` builds the documents into build/docs. No page asks another host for anything."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))  # reference_pages lies beside this file

project = "OpenRVU"
author = "The OpenRVU authors"
copyright = "The OpenRVU authors"
version = release = installed("openrvu")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
suppress_warnings = ["myst.xref_missing"]  # links to files of the repository that are no pages

html_theme = "furo"
html_title = f"OpenRVU {version}"
html_show_sphinx = False
html_copy_source = False
html_static_path = ["static"]
html_css_files = ["mathml.css"]
html_math_renderer = "mathml"

autodoc_typehints = "signature"
autodoc_preserve_defaults = True
add_module_names = False

GENERATED = Path(__file__).parent / "reference" / "generated"


def _inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(tex2mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def _block(writer: Any, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="math">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def _write_reference(app: Sphinx) -> None:
    """The parts of the reference that the package itself knows: its public names and the paths of its API."""
    from reference_pages import public_names, rest

    GENERATED.mkdir(exist_ok=True)
    for name, text in (("api.md", public_names()), ("rest.md", rest())):
        path = GENERATED / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_block, None))
    app.connect("builder-inited", _write_reference)
