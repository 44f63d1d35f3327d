"""A map of tiles: one tile a state on a grid of our own, cut into one cell a payment locality, coloured by class.

The tiles stand roughly where the states lie, so that neighbours are near; sizes say nothing. A cell's colour is its
class against the national amount; the same figures stand in the table below the drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

from openrvu.dossier.charts import INK, MUTED, NARROW, Spec, whole

# Row by row from the north; a dot leaves a place empty. Hawaii and Guam are one locality.
GRID = (
    " .  .  .  .  .  .  .  .  .  .  . ME",
    "AK  .  .  .  .  .  .  .  .  . VT NH",
    " . WA ID MT ND MN WI MI  . NY MA RI",
    " . OR NV WY SD IA IL IN OH PA NJ CT",
    " . CA UT CO NE MO KY WV VA MD DE  .",
    " .  . AZ NM KS AR TN NC SC DC  .  .",
    "HI/GU . . OK LA MS AL GA . . . .",
    " .  .  .  . TX  .  .  . FL  . PR VI",
)
PLACES = {
    state: (column, row) for row, line in enumerate(GRID) for column, state in enumerate(line.split()) if state != "."
}
COLUMNS, ROWS = 12, len(GRID)
# Upper ends of the classes, percent of the national amount, and their colours, low to high. The pairs of orange and
# blue are told apart in every common form of colour blindness, and by their lightness.
ENDS = (92.0, 96.0, 99.0, 101.0, 104.0, 108.0)
COLOURS = ("#8a3b08", "#cc6a26", "#efb489", "#cdd3da", "#9cc3de", "#4189b8", "#0a4c76")
NAMES = ("below 92 %", "92 to 96", "96 to 99", "99 to 101", "101 to 104", "104 to 108", "108 and more")


@dataclass(frozen=True)
class Tile:
    """One locality: its state as CMS writes it, its percentage of the national amount, and whether it is marked."""

    state: str
    percent: float
    marked: bool = False


def colour(percent: float) -> str:
    """The colour of a class; its lower end belongs to it.

    >>> colour(92.0) == COLOURS[1], colour(108.0) == COLOURS[6]
    (True, True)
    """
    return COLOURS[sum(percent >= end for end in ENDS)]


def _cells(found: Sequence[Tile], head: float) -> list[dict[str, Any]]:
    """The cells of one tile, row by row below its name, as rectangles in units of a tile."""
    column, row = PLACES[found[0].state]
    across = ceil(sqrt(len(found)))
    down = ceil(len(found) / across)
    made = []
    for at, one in enumerate(found):
        left, top = at % across, at // across
        # The last row shares its width among what is left.
        here = across if top < down - 1 else len(found) - across * (down - 1)
        wide, tall = 0.92 / here, (0.94 - head) / down
        x, y = column + 0.04 + left * wide, row + head + top * tall
        cell = {"x": x, "x2": x + wide, "y": y, "y2": y + tall, "fill": colour(one.percent), "mark": one.marked}
        made.append(cell)
    return made


def _axis(field: str, reach: float) -> Spec:
    scale = {"domain": [0, reach], "nice": False, "zero": False, "reverse": field == "y"}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


def tilemap(found: Sequence[Tile], width: int) -> Spec:
    """The map. found: every locality, those of a state in the order in which its cells are to stand.

    Raises KeyError for a state that the grid has no place for; a test holds the grid against every release.
    """
    narrow = width <= NARROW
    side = (width - 8) / COLUMNS
    head, below = (0.46, 1.9) if narrow else (0.34, 1.0)
    x, y = _axis("x", COLUMNS), _axis("y", ROWS + below)
    by_state: dict[str, list[Tile]] = {}
    for one in found:
        by_state.setdefault(one.state, []).append(one)
    cells = [cell for tiles in by_state.values() for cell in _cells(tiles, head)]
    names = [{"x": PLACES[s][0] + 0.06, "y": PLACES[s][1] + head / 2 + 0.02, "name": s} for s in by_state]
    fill = {"field": "fill", "type": "nominal", "scale": None, "legend": None}
    box = {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}}
    edge: Spec = {"type": "rect", "stroke": MUTED, "strokeWidth": 0.4}
    marked: Spec = {"type": "rect", "stroke": INK, "strokeWidth": 2.5, "fill": None}
    text: Spec = {"type": "text", "align": "left", "baseline": "middle"}
    lettered = {**text, "fontSize": 12 if narrow else 13, "fontWeight": 600}
    swatches, said = _legend(narrow)
    layers = [
        {"data": {"values": cells}, "mark": edge, "encoding": {**box, "fill": fill}},
        {"data": {"values": [c for c in cells if c["mark"]]}, "mark": marked, "encoding": box},
        {"data": {"values": names}, "mark": lettered, "encoding": {"x": x, "y": y, "text": {"field": "name"}}},
        {"data": {"values": swatches}, "mark": edge, "encoding": {**box, "fill": fill}},
        {
            "data": {"values": said},
            "mark": {**text, "fontSize": 12 if narrow else 13},
            "encoding": {"x": x, "y": y, "text": {"field": "name"}},
        },
    ]
    return whole(width, {"width": side * COLUMNS, "height": side * (ROWS + below), "layer": layers})


def _legend(narrow: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The classes below the map: swatches with their names, in one row, or in three on a phone."""
    each = 3 if narrow else 7
    wide = COLUMNS / each
    boxes, said = [], []
    for at, (fill, name) in enumerate(zip(COLOURS, NAMES, strict=True)):
        x, y = (at % each) * wide + 0.04, ROWS + (0.25 if narrow else 0.4) + (at // each) * 0.55
        size = 0.5 if narrow else 0.26
        boxes.append({"x": x, "x2": x + size, "y": y, "y2": y + (0.4 if narrow else 0.26), "fill": fill})
        said.append({"x": x + size + 0.08, "y": y + (0.2 if narrow else 0.13), "name": name})
    return boxes, said
