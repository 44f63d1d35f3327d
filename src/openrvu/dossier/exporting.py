"""One drawing as a file of its own (SVG, PNG, PDF, Vega-Lite JSON), with its title, what must stand first, and words.

On a page the title, the remark SIMULATED and the description stand around a drawing; in a file they go into it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from openrvu.answers import encode
from openrvu.dossier import charts
from openrvu.dossier.blocks import Chart
from openrvu.errors import BadInput

KINDS = ("svg", "png", "pdf", "json")
_OUTER = ("$schema", "background", "autosize", "config")
_FOLDER = Path(__file__).parent


def standing_alone(chart: Chart, label: str = "", foot: str = "") -> dict[str, Any]:
    """The wide drawing with its title, and under it the label and the foot, as one Vega-Lite specification.

    label: what must stand first, as SIMULATED. foot: release and run id. `description` holds the words, `usermeta` the
    caption and the table.
    """
    outer = {key: value for key, value in chart.spec.items() if key in _OUTER}
    inner = {key: value for key, value in chart.spec.items() if key not in _OUTER}
    under = [line for line in (label, foot) if line]
    title: dict[str, Any] = {"text": chart.title, "anchor": "start", "fontSize": 16, "offset": 14}
    if under:
        title |= {"subtitle": under, "subtitleColor": charts.ROSE if label else charts.MUTED, "subtitleFontSize": 12}
    words = {"caption": chart.caption, "table": encode(chart.table)}
    return {**outer, "description": chart.alt, "title": title, "vconcat": [inner], "usermeta": words}


def export(chart: Chart, kind: str, *, label: str = "", foot: str = "") -> bytes:
    """The drawing as the bytes of a file. kind: one of KINDS. Raises BadInput for another.

    The same drawing always gives the same bytes.
    """
    if kind not in KINDS:
        raise BadInput(f"no kind of drawing {kind!r}", exists=f"Kinds: {', '.join(KINDS)}", fix="Add an ending")
    if kind == "pdf":
        return _pdf(chart, label, foot)
    spec = standing_alone(chart, label, foot)
    if kind == "json":
        return (json.dumps(spec, indent=2, ensure_ascii=False) + "\n").encode()
    drawn = {key: value for key, value in spec.items() if key != "usermeta"}
    if kind == "png":
        return charts.png(drawn)
    head, _, rest = charts.svg(drawn).partition(">")
    return f"{head}><title>{escape(chart.title)}</title><desc>{escape(chart.alt)}</desc>{rest}".encode()


def _pdf(chart: Chart, label: str, foot: str) -> bytes:
    """One page as large as the drawing, its caption and its table, tagged (PDF/UA-1)."""
    import typst

    from openrvu.dossier.pdf import UNDATED, plain_svg

    data: Mapping[str, Any] = {
        "title": chart.title,
        "alt": chart.alt,
        "caption": chart.caption,
        "label": label,
        "foot": foot,
        "svg": plain_svg(chart.spec),
        "table": encode(chart.table),
    }
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_FOLDER / "fonts"])
    made: bytes = typst.compile(
        _FOLDER / "templates" / "picture.typ",
        root=_FOLDER / "templates",
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs={"picture": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=UNDATED,
    )
    return made
