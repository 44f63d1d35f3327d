"""What the pictures share: words and figures, labels moved apart, and the marks that occur in several of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openrvu.dossier.charts import INK, MUTED, NARROW, Spec

NONE = "none"


def number(value: float | None, places: int = 2) -> str:
    """A statistic as text.

    >>> number(-0.0272, 3), number(None), number(-0.001)
    ('−0.027', 'none', '0.00')
    """
    if value is None or not math.isfinite(value):
        return NONE
    return f"{round(value, places) + 0.0:,.{places}f}".replace("-", "−")


def chance(p: float | None) -> str:
    """A p-value as text.

    >>> chance(0.00004), chance(0.0321), chance(None)
    ('< 0.0001', '0.0321', 'none')
    """
    return "< 0.0001" if p is not None and 0 <= p < 0.0001 else number(p, 4)


def between(low: float | None, high: float | None, places: int = 2) -> str:
    """An interval as text.

    >>> between(-1.0, 2.5)
    '−1.00 to 2.50'
    """
    return NONE if low is None or high is None else f"{number(low, places)} to {number(high, places)}"


def named(words: Sequence[str], most: int = 3) -> str:
    """A few of many names as one phrase.

    >>> named(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    kept = list(words[:most]) + ([f"{len(words) - most} more"] if len(words) > most else [])
    return kept[0] if len(kept) == 1 else f"{', '.join(kept[:-1])} and {kept[-1]}" if kept else NONE


def short(name: str, most: int = 24) -> str:
    """A name as a drawing has room for; the table has it whole.

    >>> short("63047"), short("How hard is it to teach this?", 12)
    ('63047', 'How hard is…')
    """
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def labelled(label: str, words: str) -> str:
    """Words with what must stand before them (SIMULATED), if anything."""
    return f"{label}. {words}" if label else words


def spread(places: Sequence[float], gap: float) -> list[float]:
    """The places moved apart until neighbours are `gap` from each other, as little as possible in least squares.

    Order is kept; equal places come out in the order given.

    >>> spread([0.0, 0.0, 10.0], 4.0)
    [-2.0, 2.0, 10.0]
    """
    order = sorted(range(len(places)), key=lambda i: (places[i], i))
    blocks: list[tuple[float, int]] = []  # mean of (place - rank * gap), and how many: pooled until they rise
    for rank, i in enumerate(order):
        blocks.append((places[i] - rank * gap, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (b, m), (a, n) = blocks.pop(), blocks.pop()
            blocks.append(((a * n + b * m) / (n + m), n + m))
    level = [value for value, count in blocks for _ in range(count)]
    found = [0.0] * len(places)
    for rank, i in enumerate(order):
        found[i] = level[rank] + rank * gap
    return found


def axis_of(values: Sequence[float], room: float = 0.06) -> list[float]:
    """Ends of an axis that holds the finite values with a little room.

    >>> axis_of([0.0, 10.0], 0.1)
    [-1.0, 11.0]
    """
    known = [v for v in values if math.isfinite(v)] or [-1.0, 1.0]
    low, high = min(known), max(known)
    pad = (high - low or 1.0) * room
    return [low - pad, high + pad]


@dataclass(frozen=True)
class Plane:
    """The area of a drawing: ends of both axes in their own units, and its size in pixels (0, 0 is top left).

    across, up: how the axes are shown, None for no axis. All layers take the same, because one that differs would hide
    or rename the axis of the others.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    width: float
    height: float
    across: Mapping[str, Any] | None = None
    up: Mapping[str, Any] | None = None

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Where a value lies, in pixels."""
        (left, right), (low, high) = self.x, self.y
        return (x - left) / (right - left) * self.width, (high - y) / (high - low) * self.height

    def value(self, left: float, top: float) -> tuple[float, float]:
        """What lies at a pixel."""
        (first, last), (low, high) = self.x, self.y
        return first + left / self.width * (last - first), high - top / self.height * (high - low)

    def xs(self, field: str = "x") -> Spec:
        """The x channel of a field."""
        return _quantity(field, self.x, self.across)

    def ys(self, field: str = "y") -> Spec:
        """The y channel of a field."""
        return _quantity(field, self.y, self.up)

    def marks(
        self, rows: Sequence[Mapping[str, Any]], mark: str, *, more: Mapping[str, Any] | None = None, **style: Any
    ) -> Spec:
        """One layer of rows with x and y, and with x2 or y2 where the rows have them. more: further channels."""
        keys = set(rows[0]) if rows else {"x", "y"}
        encoding: Spec = {"x": self.xs()} if "x" in keys else {}
        if "y" in keys:
            encoding["y"] = self.ys()
        for end in ("x2", "y2"):
            if end in keys:
                encoding[end] = {"field": end}
        data = {"values": [dict(r) for r in rows]}
        return {"data": data, "mark": {"type": mark, **style}, "encoding": {**encoding, **(more or {})}}

    def words(self, rows: Sequence[tuple[str, float, float]], **style: Any) -> Spec:
        """Texts that begin (or as `align` says) at pixels: (text, left, top)."""
        data = []
        for text, left, top in rows:
            x, y = self.value(left, top)
            data.append({"text": text, "x": x, "y": y})
        kept = {"align": "left", "baseline": "middle", "color": INK, **style}
        return self.marks(data, "text", more={"text": {"field": "text"}}, **kept)

    def body(self, layers: Sequence[Spec], title: str = "") -> Spec:
        """The layers as one view of this size."""
        found: Spec = {"width": self.width, "height": self.height, "layer": list(layers)}
        return {"title": title, **found} if title else found


def _quantity(field: str, domain: Sequence[float], axis: Mapping[str, Any] | None) -> Spec:
    scale = {"domain": list(domain), "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None if axis is None else dict(axis)}


def axis(title: str | None, count: int = 6, **more: Any) -> dict[str, Any]:
    """How an axis is shown. count: ticks, about."""
    return {"title": title, "tickCount": count, **more}


# How a line that marks a value is drawn.
DASHED: Mapping[str, Any] = {"strokeDash": [4, 3], "color": MUTED, "strokeWidth": 1.5}


def is_narrow(width: int) -> bool:
    """Whether the drawing is for a phone."""
    return width <= NARROW


def step_of(low: float, high: float, most: int) -> float:
    """A round width of bins, so that at most `most` of them cover the range.

    >>> step_of(-2.0, 3.0, 24)
    0.25
    """
    wanted = max((high - low) / most, 1e-9)
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(power * s for s in (1, 2, 2.5, 5, 10, 20) if power * s >= wanted * (1 - 1e-9))


def binned(values: Sequence[float], weights: Sequence[float], most: int) -> list[tuple[float, float, float]]:
    """(low, high, weight) of each bin that holds something, lowest first, ends at round numbers.

    >>> binned([0.1, 0.2, 1.4], [1.0, 1.0, 2.0], 4)
    [(0.0, 0.5, 2.0), (1.0, 1.5, 2.0)]
    """
    if not values:
        return []
    step = step_of(min(values), max(values), most)
    found: dict[int, float] = {}
    for value, weight in zip(values, weights, strict=True):
        at = math.floor(value / step + 1e-9)
        found[at] = found.get(at, 0.0) + weight
    return [(round(at * step, 9), round((at + 1) * step, 9), weight) for at, weight in sorted(found.items())]
