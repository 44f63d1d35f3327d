"""Bridge charts: from one amount to another, one step a part, each labelled with what it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openrvu.dossier.charts import BLUE, INK, MUTED, NARROW, ORANGE, Spec, whole


def _rows(labels: tuple[str, str], ends: tuple[float, float], steps: Sequence[tuple[str, float]]) -> list[Spec]:
    """One row an end and one a step: where it begins and ends, and what is written beside it."""
    at = ends[0]
    rows: list[dict[str, Any]] = [{"label": labels[0], "from": None, "to": at, "shown": f"{at:,.2f}", "end": True}]
    for name, moved in steps:
        shown = f"{moved:+,.2f}".replace("-", "−")
        rows.append({"label": name, "from": at, "to": at + moved, "shown": shown, "end": False})
        at += moved
    rows.append({"label": labels[1], "from": None, "to": ends[1], "shown": f"{ends[1]:,.2f}", "end": True})
    return rows


def bridge(
    labels: tuple[str, str], ends: tuple[float, float], steps: Sequence[tuple[str, float]], unit: str, width: int
) -> Spec:
    """The chart, from top to bottom: the amount before, each step, the amount after.

    labels: of the two amounts. ends: the amounts. steps: name and what it did, which add up to the difference.
    """
    narrow = width <= NARROW
    rows = _rows(labels, ends, steps)
    reached = [value for row in rows for value in (row["from"], row["to"]) if value is not None]
    pad = (max(reached) - min(reached) or max(reached) or 1.0) * 0.12
    low, high = min(reached) - pad, max(reached) + pad
    for row in rows:
        row["from"] = low if row["from"] is None else row["from"]
        row["left"], row["right"] = min(row["from"], row["to"]), max(row["from"], row["to"])
        row["fill"] = MUTED if row["end"] else BLUE if row["to"] >= row["from"] else ORANGE
    gutter = 0 if narrow else 150
    inside = width - gutter - (24 if narrow else 96)
    order = [row["label"] for row in rows]
    y: Spec = {"field": "label", "type": "nominal", "sort": order, "title": None}
    axis = {"minExtent": gutter, "maxExtent": gutter, "domain": False, "ticks": False, "labelColor": INK}
    y["axis"] = None if narrow else axis
    x: Spec = {"type": "quantitative", "scale": {"domain": [low, high], "nice": False, "zero": False}}
    x["axis"] = {"title": unit, "format": ",.0f", "tickCount": 4 if narrow else 7}
    fill = {"field": "fill", "type": "nominal", "scale": None, "legend": None}
    text: Spec = {"type": "text", "align": "left", "baseline": "middle"}
    bars = {"x": {**x, "field": "left"}, "x2": {"field": "right"}, "y": y, "color": fill}
    layers: list[Spec] = [{"mark": {"type": "bar", "height": 14}, "encoding": bars}]
    shown = {"y": y, "text": {"field": "shown"}}
    if narrow:
        layers.append(
            {"mark": {**text, "dy": -16}, "encoding": {"y": y, "x": {"value": 0}, "text": {"field": "label"}}}
        )
        right = {**text, "dy": -16, "align": "right"}
        layers.append({"mark": right, "encoding": {**shown, "x": {"value": inside}}})
    else:
        layers.append({"mark": text, "encoding": {**shown, "x": {"value": inside + 10}}})
    body = {"width": inside, "height": {"step": 40 if narrow else 27}, "data": {"values": rows}, "layer": layers}
    return whole(width, body)
