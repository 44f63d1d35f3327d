"""A dossier as a web page, as the body of one, as JSON and as a few lines for a terminal. PDF: pdf.py.

All of them walk the same blocks. The page is one file: style, fonts and drawings inside, no script, nothing requested.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openrvu.answers import to_json
from openrvu.dossier import charts
from openrvu.dossier.blocks import TONES, Dossier, runs
from openrvu.errors import BadInput

if TYPE_CHECKING:
    from jinja2 import Environment

FORMATS = ("html", "pdf", "json", "txt")
_FOLDER = Path(__file__).parent
_FONTS = {"FONT-REGULAR": "400-normal", "FONT-SEMIBOLD": "600-normal", "FONT-ITALIC": "400-italic"}


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def draw(spec: Mapping[str, Any], prefix: str) -> Any:
    """The drawing as markup. Its own roles and labels go: the box around it carries one label for the whole."""
    from markupsafe import Markup

    found = charts.svg(spec, prefix)
    found = re.sub(r' (aria-[a-z]+|role)="[^"]*"', "", found)
    return Markup(found)  # noqa: S704  # drawn by vl-convert from our own specification, which escapes its text


@cache
def stylesheet(fonts: bool = True) -> str:
    """The style sheet of the dossier. fonts: carry them inside (a page of one file), else use the system's."""
    css = (_FOLDER / "templates" / "dossier.css").read_text(encoding="utf-8")
    if not fonts:
        return re.sub(r"@font-face \{[^}]*\}\n", "", css)
    for mark, name in _FONTS.items():
        data = base64.b64encode((_FOLDER / "fonts" / f"source-sans-3-latin-{name}.woff2").read_bytes()).decode()
        css = css.replace(mark, f"data:font/woff2;base64,{data}")
    return css


def render_body(dossier: Dossier) -> str:
    """The dossier as one `<article>`, for a page that brings its own head and `stylesheet()`."""
    numbers = dossier.numbers
    return (
        _environment()
        .get_template("body.html")
        .render(dossier=dossier, tones=TONES, draw=draw, runs=lambda ids: runs(numbers[key] for key in ids))
    )


def render_html(dossier: Dossier) -> str:
    """The dossier as a web page in one file that requests nothing."""
    from markupsafe import Markup

    body = Markup(render_body(dossier))  # noqa: S704  # escaped by its own template
    style = Markup(stylesheet())  # noqa: S704  # the package's own file
    return _environment().get_template("page.html").render(dossier=dossier, body=body, style=style)


def render_json(dossier: Dossier) -> str:
    """The dossier as JSON: the same blocks, charts as Vega-Lite with their tables, sources numbered."""
    return to_json(dossier)


def render_text(dossier: Dossier) -> str:
    """The answer in under ten lines, and the foot's release and notice."""
    foot = dossier.foot
    lines = (f"{dossier.label}.", *dossier.answer) if dossier.label else dossier.answer
    last = f"Release {foot['release']}, {foot['on']}, {foot['place']}. {foot['disclaimer']}"
    return "\n".join((*lines, last)) + "\n"


def render(dossier: Dossier, kind: str) -> bytes:
    """The dossier in one of FORMATS, as bytes. Raises BadInput for another kind."""
    if kind == "pdf":
        from openrvu.dossier.pdf import render_pdf

        return render_pdf(dossier)
    writers = {"html": render_html, "json": render_json, "txt": render_text}
    if kind not in writers:
        raise BadInput(f"a dossier cannot be written as {kind!r}", exists=f"Formats: {', '.join(FORMATS)}")
    return writers[kind](dossier).encode()
