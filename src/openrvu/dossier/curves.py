"""Charts with lines: prices and counts over years, and the scatter of comparators with its line and bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from openrvu.dossier.charts import BLUE, INK, LINES, NARROW, ORANGE, SHADE, Spec, domain, whole


@dataclass(frozen=True)
class Series:
    """One line: name, and points as (x, y); a y of None breaks the line."""

    name: str
    points: tuple[tuple[float, float | None], ...]


def _apart(ends: Sequence[tuple[str, float]], gap: float) -> dict[str, float]:
    """Heights for end-of-line labels: as near to their lines as `gap` allows, pushed upward from the lowest."""
    placed: dict[str, float] = {}
    floor = float("-inf")
    for name, height in sorted(ends, key=lambda e: (e[1], e[0])):
        placed[name] = floor = max(height, floor + gap)
    return placed


def lines(series: Sequence[Series], unit: str, width: int, step: bool = False) -> Spec:
    """Lines over years, named at their right end. step: a value holds until the next one (prices do)."""
    narrow = width <= NARROW
    margin = 62 if narrow else 84
    inside, height = width - margin - (48 if narrow else 60), 240 if narrow else 300
    points = [(s.name, x, y) for s in series for x, y in s.points]
    known = [y for _, _, y in points if y is not None]
    low, high = domain(known)
    first, last = min(x for _, x, _ in points), max(x for _, x, _ in points)
    colours = {s.name: LINES[i % len(LINES)] for i, s in enumerate(series)}
    ends = [(s.name, [y for _, y in s.points if y is not None][-1]) for s in series if any(y for _, y in s.points)]
    heights = _apart(ends, 17 * (high - low) / height)
    scale = {"domain": list(colours), "range": list(colours.values())}
    colour = {"field": "name", "type": "nominal", "scale": scale, "legend": None}
    years = list(range(int(first), int(last) + 1, 2 if narrow else 1))
    x: Spec = {"field": "x", "type": "quantitative", "scale": {"domain": [first, last], "nice": False, "zero": False}}
    x["axis"] = {"title": None, "format": "d", "values": years, "grid": False}
    y = {"field": "y", "type": "quantitative", "scale": {"domain": [low, high], "nice": False}}
    y["axis"] = {"title": None, "tickCount": 5, "format": ",~r" if high < 100 else ",.0f", "domain": False}
    line: Spec = {"type": "line", "strokeWidth": 2, "point": False if step else {"size": 36}}
    if step:
        line["interpolate"] = "step-after"
    names = [{"name": name, "y": heights[name]} for name, _ in ends]
    layers: list[Spec] = [
        {
            "data": {"values": [{"name": name, "x": at, "y": value} for name, at, value in points]},
            "mark": line,
            "encoding": {"x": x, "y": y, "color": colour},
        },
        {
            "data": {"values": names},
            "mark": {"type": "text", "align": "left", "baseline": "middle", "fontWeight": 600},
            "encoding": {"x": {"value": inside + 8}, "y": y, "text": {"field": "name"}, "color": colour},
        },
    ]
    return whole(width, {"title": unit, "width": inside, "height": height, "layer": layers})


def multiples(series: Sequence[Series], width: int) -> Spec:
    """One small chart a series, each with its own axis from zero: for counts of very different size."""
    narrow = width <= NARROW
    columns = 1 if narrow else 3
    inside = (width - columns * 70 - (columns - 1) * 6) // columns
    every = [x for s in series for x, _ in s.points]
    first, last = min(every), max(every)
    charts: list[Spec] = []
    for s in series:
        x: Spec = {
            "field": "x",
            "type": "quantitative",
            "scale": {"domain": [first, last], "nice": False, "zero": False},
        }
        x["axis"] = {"title": None, "format": "d", "values": [int(first), int(last)], "grid": False, "labelFlush": True}
        y: Spec = {"field": "y", "type": "quantitative", "scale": {"zero": True}}
        y["axis"] = {"title": None, "tickCount": 3, "format": ",.0f", "domain": False, "ticks": False}
        charts.append(
            {
                "title": s.name,
                "width": inside,
                "height": 110,
                "data": {"values": [{"x": at, "y": value} for at, value in s.points]},
                "mark": {"type": "line", "color": BLUE, "strokeWidth": 2, "point": {"color": BLUE, "size": 34}},
                "encoding": {"x": x, "y": y},
            }
        )
    return whole(width, {"concat": charts, "columns": columns, "spacing": {"row": 22, "column": 18}})


def beside(points: Sequence[tuple[str, float, float]], reach: Mapping[str, float]) -> list[dict[str, Any]]:
    """Where each point's label goes: the first of eight places that no label or point already takes.

    points: (label, x, y) in pixels; reach: width and height of the plot.
    """
    tall = 14.0
    taken = [(x - 5, y - 5, x + 5, y + 5) for _, x, y in points]
    placed = []
    for label, x, y in sorted(points, key=lambda p: (p[2], p[1], p[0])):
        wide = 7.2 * len(label)
        spots = [(x + 8, y - 7), (x - 8 - wide, y - 7), (x - wide / 2, y - 22), (x - wide / 2, y + 8)]
        spots += [(x + 8, y - 20), (x + 8, y + 6), (x - 8 - wide, y - 20), (x - 8 - wide, y + 6)]
        boxes = [(left, top, left + wide, top + tall) for left, top in spots]
        inside = [b for b in boxes if b[0] >= 0 and b[2] <= reach["width"]] or boxes
        box = next((b for b in inside if not any(overlap(b, other) for other in taken)), inside[0])
        taken.append(box)
        placed.append({"label": label, "left": box[0], "middle": box[1] + tall / 2})
    return placed


Box = tuple[float, float, float, float]


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def scatter(
    points: Sequence[tuple[str, float, float]],
    curve: Sequence[Mapping[str, float]],
    at: Mapping[str, float],
    titles: tuple[str, str],
    width: int,
) -> Spec:
    """Comparators by measure and work RVU, the line with the band of the line and the band of one new service.

    points: (code, measure, work RVU). curve: rows with x, fit, low, high, far_low, far_high. at: the same six for the
    target. titles: of the axes.
    """
    narrow = width <= NARROW
    inside, height = width - (56 if narrow else 70), 320 if narrow else 380
    xs = [row["x"] for row in curve]
    bounds = {
        "x": [min(xs), max(xs)],
        "y": domain([v for row in curve for v in (row["far_low"], row["far_high"])], False),
    }

    def pixel(x: float, y: float) -> tuple[float, float]:
        (left, right), (low, high) = bounds["x"], bounds["y"]
        return (x - left) / (right - left) * inside, (high - y) / (high - low) * height

    names = beside([(label, *pixel(x, y)) for label, x, y in points], {"width": inside, "height": height})
    x: Spec = {"type": "quantitative", "scale": {"domain": bounds["x"], "nice": False, "zero": False}}
    x["axis"] = {"title": titles[0], "tickCount": 5}
    y: Spec = {"type": "quantitative", "scale": {"domain": bounds["y"], "nice": False, "zero": False}}
    y["axis"] = {"title": None, "tickCount": 6}

    def band(low: str, high: str, strength: float) -> Spec:
        mark = {"type": "area", "color": SHADE, "opacity": strength}
        return {"mark": mark, "encoding": {"x": {**x, "field": "x"}, "y": {**y, "field": low}, "y2": {"field": high}}}

    def target(kind: Spec, low: str, high: str | None = None) -> Spec:
        encoding = {"x": {**x, "field": "x"}, "y": {**y, "field": low}, **({"y2": {"field": high}} if high else {})}
        return {"data": {"values": [dict(at)]}, "mark": {"color": ORANGE, **kind}, "encoding": encoding}

    layers: list[Spec] = [
        band("far_low", "far_high", 0.35),
        band("low", "high", 0.6),
        {
            "mark": {"type": "line", "color": BLUE, "strokeWidth": 2},
            "encoding": {"x": {**x, "field": "x"}, "y": {**y, "field": "fit"}},
        },
        target({"type": "rule", "strokeWidth": 1.5}, "far_low", "far_high"),
        target({"type": "rule", "strokeWidth": 5}, "low", "high"),
        target({"type": "point", "filled": True, "shape": "diamond", "size": 120, "opacity": 1}, "fit"),
        {
            "data": {"values": [{"x": px, "y": py} for _, px, py in points]},
            "mark": {"type": "point", "filled": True, "color": INK, "size": 60, "opacity": 1},
            "encoding": {"x": {**x, "field": "x"}, "y": {**y, "field": "y"}},
        },
        *(
            {
                "data": {"values": [{"label": n["label"]}]},
                "mark": {"type": "text", "align": "left", "baseline": "middle"},
                "encoding": {"x": {"value": n["left"]}, "y": {"value": n["middle"]}, "text": {"field": "label"}},
            }
            for n in names
        ),
    ]
    body = {"title": titles[1], "width": inside, "height": height, "data": {"values": [dict(r) for r in curve]}}
    return whole(width, {**body, "layer": layers})


def _when(day: date) -> float:
    """A date on an axis of years."""
    return day.year + (day.timetuple().tm_yday - 1) / 366


def amounts_through(
    spans: Sequence[tuple[date, date]], cents: Sequence[int | None]
) -> tuple[tuple[float, float | None], ...]:
    """Amounts in dollars as points of a step line that ends with each run of spans and leaves their gaps open.

    spans: first and last day of each release, oldest first. Empty where no span has an amount.
    """
    day = timedelta(days=1)
    points: list[tuple[float, float | None]] = []
    for i, ((starts, ends), amount) in enumerate(zip(spans, cents, strict=True)):
        dollars = None if amount is None else amount / 100
        points.append((_when(starts), dollars))
        if i + 1 == len(spans) or spans[i + 1][0] - ends > day:
            points += [(_when(ends), dollars), (_when(ends), None)]
    first = next((i for i, (_, y) in enumerate(points) if y is not None), len(points))
    return tuple(points[first:-1])
