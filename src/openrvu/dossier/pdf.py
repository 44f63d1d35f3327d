"""A dossier as a tagged PDF (PDF/UA-1), set by Typst from the same blocks, with the fonts that ship here.

Same dossier, same bytes: the document's date is the date of service, never the clock.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openrvu.answers import encode
from openrvu.dossier import charts
from openrvu.dossier.blocks import TONES, Chart, Dossier

_FOLDER = Path(__file__).parent
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)  # of a file that belongs to no date of service: the clock is never read


def plain_svg(spec: Mapping[str, Any]) -> str:
    """The drawing without the parts that Typst warns about."""
    return re.sub(r' (aria-[a-z]+|role)="[^"]*"', "", charts.svg(spec))


def _width(svg: str) -> float:
    """The drawing's own width in pixels: one narrower than the page is not blown up to it."""
    found = re.search(r'<svg[^>]* width="([\d.]+)', svg)
    return float(found[1]) if found else charts.WIDE


def _data(dossier: Dossier) -> str:
    found = encode(dossier)
    for section, plain in zip(dossier.sections, found["sections"], strict=True):
        for block, row in zip(section.blocks, plain["blocks"], strict=True):
            if isinstance(block, Chart):
                row["svg"] = plain_svg(block.spec)
                row["share"] = min(1.0, _width(row["svg"]) / charts.WIDE)
                del row["spec"], row["narrow"]
    return json.dumps({**found, "numbers": dossier.numbers, "tones": TONES}, ensure_ascii=False)


def render_pdf(dossier: Dossier) -> bytes:
    """The dossier as PDF. Figures, tables and headings are tagged, drawings carry their description."""
    import typst

    on = datetime.fromisoformat(dossier.foot["on"]).replace(tzinfo=UTC)
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_FOLDER / "fonts"])
    made: bytes = typst.compile(
        _FOLDER / "templates" / "dossier.typ",
        root=_FOLDER / "templates",
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs={"dossier": _data(dossier)},
        pdf_standards=["ua-1"],
        timestamp=on,
    )
    return made
