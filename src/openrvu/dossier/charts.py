"""Charts as Vega-Lite specifications: plain dictionaries with their data inside, and one function that draws them.

Each function takes rows and a width and returns a specification; a phone gets its own, with the labels above the rows.
Sort orders are written out, because Vega-Lite ignores `sort="-x"` in layered charts, and labels that would overlap are
moved apart here, because Vega-Lite does not. Colours are told apart by the colour-blind and doubled by shape or place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

WIDE, NARROW = 720, 340
FONT = "Source Sans 3"
# The family as an attribute. Its last word begins with a figure: without quotes it is no name in CSS, and a reader then
# takes any font of its own, or sets no text at all. A drawing on its own names fonts that every machine has as well.
FAMILY = f"'{FONT}', 'Segoe UI', Helvetica, Arial, sans-serif"
# The style sheet has a darker page's value for each of these.
INK, MUTED, GRID, BLUE, ORANGE, GREEN, SHADE = (
    "#1c2430",
    "#5a6472",
    "#dde2e8",
    "#0b5c8a",
    "#b34a08",
    "#1e7255",
    "#a9c8dc",
)
ROSE = "#b02a57"
PAPER = "#ffffff"  # words on a bar
# The same on a darker page; dossier.css says them again.
DARKER = {
    INK: "#e8ecf1",
    MUTED: "#a5b0bd",
    GRID: "#2f3945",
    BLUE: "#7cc0ea",
    ORANGE: "#f0a06a",
    GREEN: "#74cfae",
    SHADE: "#2c4a5e",
    "#7a4b9a": "#cda6e6",
    "#7a5f00": "#dcc163",
    PAPER: "#12171e",
    ROSE: "#f294b4",
}
LINES = (BLUE, ORANGE, GREEN, MUTED, "#7a4b9a", "#7a5f00", ROSE, INK)

Spec = dict[str, Any]


@dataclass(frozen=True)
class Range:
    """One row of a range chart: a value, an inner interval (thick), an outer one (thin); each may be None."""

    label: str
    value: float | None
    inner: tuple[float, float] | None = None
    outer: tuple[float, float] | None = None
    shown: str = ""
    strong: bool = False


def _config(width: int) -> Spec:
    size = 13 if width > NARROW else 14
    axis = {
        "labelColor": MUTED,
        "titleColor": INK,
        "gridColor": GRID,
        "domainColor": GRID,
        "tickColor": GRID,
        "labelFontSize": size,
        "titleFontSize": size,
        "titleFontWeight": "normal",
        "titlePadding": 8,
        "labelPadding": 6,
        "labelLimit": 320,
    }
    return {
        "font": FONT,
        "background": None,
        "view": {"stroke": None},
        "axis": axis,
        "title": {"anchor": "start", "color": INK, "fontSize": size + 1, "fontWeight": 600, "offset": 8},
        "text": {"color": INK, "fontSize": size},
        "padding": 2,
    }


def whole(width: int, body: Spec) -> Spec:
    """A specification with what all of them share: font, colours of axes, no background."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": "transparent",
        "autosize": {"type": "pad", "contains": "padding"},
        "config": _config(width),
        **body,
    }


def domain(values: Sequence[float], zero: bool = True) -> list[float]:
    """The ends of an axis that holds the values with a little room; from 0 where `zero` and none is negative."""
    low, high = min(values), max(values)
    pad = (high - low or abs(high) or 1.0) * 0.04
    return [0.0 if zero and low >= 0 else low - pad, high + pad]


def _numbers(rows: Sequence[Range]) -> list[float]:
    found = [v for r in rows for v in (r.value, *(r.inner or ()), *(r.outer or ())) if v is not None]
    return found or [0.0, 1.0]


def _range_panel(
    rows: Sequence[Range], title: str, unit: str, span: list[float], width: int, reference: float | None, bottom: bool
) -> Spec:
    narrow = width <= NARROW
    step, gutter, right = (40, 0, 0) if narrow else (25, 232, 150)
    inside = width - gutter - right - (16 if narrow else 12)
    labels = [r.label for r in rows]
    data = [
        {
            "label": r.label,
            "value": r.value,
            "low": r.inner[0] if r.inner else None,
            "high": r.inner[1] if r.inner else None,
            "far_low": r.outer[0] if r.outer else None,
            "far_high": r.outer[1] if r.outer else None,
            "shown": r.shown.split(" (")[0] if narrow else r.shown,
            "colour": BLUE if r.strong else MUTED,
        }
        for r in rows
    ]
    y: Spec = {"field": "label", "type": "nominal", "sort": labels, "title": None}
    y["axis"] = (
        None
        if narrow
        else {"minExtent": gutter, "maxExtent": gutter, "domain": False, "ticks": False, "labelColor": INK}
    )
    scale = {"domain": span, "nice": False, "zero": False}
    axis: Spec = {"title": unit if bottom else None, "tickCount": 5 if narrow else 8, "labels": bottom, "ticks": bottom}
    colour = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    x = {"field": "value", "type": "quantitative", "scale": scale, "axis": axis}

    def bar(low: str, high: str, size: float) -> Spec:
        ends = {"x": {**x, "field": low}, "x2": {"field": high}}
        return {"mark": {"type": "rule", "strokeWidth": size}, "encoding": {"y": y, **ends, "color": colour}}

    text: Spec = {"type": "text", "align": "left", "baseline": "middle"}
    layers: list[Spec] = []
    if reference is not None:
        layers.append(
            {
                "mark": {"type": "rule", "strokeDash": [4, 3], "color": ORANGE, "strokeWidth": 1.5},
                "encoding": {"x": {**x, "field": None, "datum": reference}},
            }
        )
        layers[0]["encoding"]["x"].pop("field")
    layers += [
        bar("far_low", "far_high", 1.5),
        bar("low", "high", 5),
        {
            "mark": {"type": "point", "filled": True, "size": 100, "opacity": 1, "shape": "diamond", "color": INK},
            "encoding": {"y": y, "x": x},
        },
    ]
    if narrow:
        above, right_end = {**text, "dy": -15}, {**text, "dy": -15, "align": "right"}
        layers.append({"mark": above, "encoding": {"y": y, "x": {"value": 0}, "text": {"field": "label"}}})
        layers.append({"mark": right_end, "encoding": {"y": y, "x": {"value": inside}, "text": {"field": "shown"}}})
    else:
        layers.append({"mark": text, "encoding": {"y": y, "x": {"value": inside + 10}, "text": {"field": "shown"}}})
    heading: Spec = {"text": title, "frame": "group", "dx": 0 if narrow else -gutter}
    return {"title": heading, "width": inside, "height": {"step": step}, "data": {"values": data}, "layer": layers}


def ranges(
    panels: Sequence[tuple[str, Sequence[Range]]],
    unit: str,
    width: int,
    reference: float | None = None,
    zero: bool = True,
) -> Spec:
    """Values with their intervals, one row each, in one or more titled panels over the same axis.

    panels: (title, rows), top to bottom in the order given. reference: a dashed line through all panels. zero: the axis
    begins there unless something is negative.
    """
    kept = [(title, rows) for title, rows in panels if rows]
    everything = [v for _, rows in kept for v in _numbers(rows)] + ([] if reference is None else [reference])
    span = domain(everything, zero)
    drawn = [
        _range_panel(rows, title, unit, span, width, reference, bottom=i == len(kept) - 1)
        for i, (title, rows) in enumerate(kept)
    ]
    return whole(width, {"vconcat": drawn, "spacing": 14})


def strips(rows: Sequence[tuple[str, Sequence[float], float | None]], unit: str, width: int) -> Spec:
    """Every locality's amount as a thin tick, a row for each code, the national amount as a diamond.

    rows: (label, amounts, national amount).
    """
    narrow = width <= NARROW
    labels = [label for label, _, _ in rows]
    gutter = 0 if narrow else 120
    inside = width - gutter - 24
    y: Spec = {"field": "label", "type": "nominal", "sort": labels, "title": None}
    y["axis"] = None if narrow else {"minExtent": gutter, "domain": False, "ticks": False, "labelColor": INK}
    everything = [v for _, values, national in rows for v in (*values, *([] if national is None else [national]))]
    scale = {"domain": domain(everything, zero=False), "nice": False, "zero": False}
    axis = {"title": unit, "tickCount": 4 if narrow else 7, "format": ",.0f"}
    x = {"field": "value", "type": "quantitative", "scale": scale, "axis": axis}
    ticks = [{"label": label, "value": v} for label, values, _ in rows for v in values]
    middle = [{"label": label, "value": n} for label, _, n in rows if n is not None]
    layers: list[Spec] = [
        {
            "data": {"values": ticks},
            "mark": {"type": "tick", "color": BLUE, "opacity": 1, "thickness": 0.8, "size": 16},
            "encoding": {"y": y, "x": x},
        },
        {
            "data": {"values": middle},
            "mark": {"type": "point", "filled": True, "shape": "diamond", "size": 110, "color": ORANGE, "opacity": 1},
            "encoding": {"y": y, "x": x},
        },
    ]
    if narrow:
        names = {"data": {"values": [{"label": label} for label in labels]}}
        mark = {"type": "text", "align": "left", "dy": -17}
        layers.append({**names, "mark": mark, "encoding": {"y": y, "x": {"value": 0}, "text": {"field": "label"}}})
    return whole(width, {"width": inside, "height": {"step": 46 if narrow else 30}, "layer": layers})


def dots(values: Sequence[float], marked: Sequence[tuple[str, float]], unit: str, width: int) -> Spec:
    """A dot a locality, stacked where amounts fall into the same bin, with some values marked by name.

    marked: (name, value), for example the national amount and the place asked for. Bins are for drawing only.
    """
    inside = width - 24
    low, high = domain([*values, *(v for _, v in marked)], zero=False)
    count = 36 if width <= NARROW else 72
    size = (high - low) / count
    heights: dict[int, int] = {}
    data = []
    for value in sorted(values):
        place = int((value - low) / size)
        heights[place] = heights.get(place, 0) + 1
        data.append({"value": low + (place + 0.5) * size, "height": heights[place] - 0.5})
    tallest = max(heights.values(), default=1)
    step = inside / count
    # Names stand to the right of their rules, the leftmost highest, so that none crosses another's rule; near the
    # right edge they stand to the left, below the others.
    edge = low + 0.62 * (high - low)
    right = sorted((m for m in marked if m[1] < edge), key=lambda m: -m[1])
    left = sorted((m for m in marked if m[1] >= edge), key=lambda m: m[1])
    names = [
        {"name": name, "value": v, "level": tallest + 1.6 + 2.2 * i, "left": (name, v) in left}
        for i, (name, v) in enumerate((*left, *right))
    ]
    top = tallest + 1.6 + 2.2 * len(names)
    axis = {"title": unit, "format": ",.0f", "tickCount": 4 if width <= NARROW else 8}
    x = {"field": "value", "type": "quantitative", "scale": {"domain": [low, high], "nice": False}, "axis": axis}
    y = {"field": "height", "type": "quantitative", "scale": {"domain": [0, top], "nice": False}, "axis": None}
    layers: list[Spec] = [
        {
            "data": {"values": data},
            "mark": {"type": "circle", "size": 0.72 * step * step, "color": BLUE, "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": names},
            "mark": {"type": "rule", "color": ORANGE, "strokeWidth": 1.5},
            "encoding": {"x": x, "y": {**y, "field": "level"}, "y2": {"datum": 0}},
        },
    ]
    for found, align, shift in (
        ([n for n in names if not n["left"]], "left", 5),
        ([n for n in names if n["left"]], "right", -5),
    ):
        mark = {"type": "text", "align": align, "dx": shift, "baseline": "middle"}
        encoding = {"x": x, "y": {**y, "field": "level"}, "text": {"field": "name"}}
        layers.append({"data": {"values": found}, "mark": mark, "encoding": encoding})
    return whole(width, {"width": inside, "height": top * step, "layer": layers})


@cache
def _fonts_registered() -> bool:
    import vl_convert

    vl_convert.register_font_directory(str(Path(__file__).parent / "fonts"))
    return True


@cache
def _drawn(text: str) -> str:
    import vl_convert

    _fonts_registered()
    svg: str = vl_convert.vegalite_to_svg(text, vl_version="6.4", allowed_base_urls=[])
    return svg.replace(f'font-family="{FONT}"', f'font-family="{FAMILY}"')


def svg(spec: Mapping[str, Any], prefix: str = "") -> str:
    """The chart as SVG text. prefix: put before every id, so that several drawings can share a page.

    The same specification always gives the same bytes.
    """
    found = _drawn(json.dumps(spec, sort_keys=True))
    found = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}\1"', found)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", found)


def dark() -> str:
    """A style that gives a drawing on its own the colours of a darker page, as the dossier's style sheet does."""
    pairs = "".join(f'[fill="{a}"]{{fill:{b}}}[stroke="{a}"]{{stroke:{b}}}' for a, b in DARKER.items())
    return f"@media (prefers-color-scheme: dark){{{pairs}}}"


def png(spec: Mapping[str, Any]) -> bytes:
    """The chart as PNG on white, twice as large as on the page."""
    import vl_convert

    text = json.dumps({**spec, "background": "white", "padding": 12}, sort_keys=True)
    drawn: bytes = vl_convert.svg_to_png(_drawn(text), scale=2)
    return drawn
