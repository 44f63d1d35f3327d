"""Persons and items on one scale: the Wright map, the person-item map with thresholds, and the forest of measures.

Sources: Wright & Masters 1982, Rating Scale Analysis (maps); Mair & Hatzinger 2007, J Stat Softw 20:9 (person-item
map).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from openrvu.dossier import charts
from openrvu.dossier.blocks import Chart, Column, Row, Table
from openrvu.dossier.charts import BLUE, INK, MUTED, ORANGE, SHADE, Spec
from openrvu.pictures.drawing import (
    DASHED,
    Plane,
    axis,
    axis_of,
    between,
    binned,
    is_narrow,
    labelled,
    named,
    number,
    short,
    spread,
)
from openrvu.valuation.rasch import categories
from openrvu.valuation.rasch.model import Calibration
from openrvu.valuation.rasch.persons import Persons

_ROW = 17.0  # pixels a label
_COLUMN = 40  # labels in a column
LOGITS = "Logits"

Bins = list[tuple[float, float, float]]


def wright(found: Calibration, people: Persons, *, label: str = "", words: tuple[str, str] = ("", "")) -> Chart:
    """Respondents on the left, items on the right, harder items and abler respondents higher.

    people: measures on the same scale; respondents without one are left out and counted. words: what to call the two
    sides. label: what must stand first, as SIMULATED.
    """
    who, what = words[0] or "Respondents", words[1] or "Items"
    theta, weights, without = _places(people)
    bins = binned(theta, weights, 20)
    said = _compared(found, theta, weights, who, what)
    rows = [Row((name, number(m, 3), number(se, 3), "")) for name, m, se in _sorted(found)]
    rows += [Row((f"{who} from {between(low, high)}", "", "", f"{n:g}")) for low, high, n in reversed(bins)]
    columns = (
        Column("Item or respondents"),
        Column("Measure", "logits", "right"),
        Column("SE", "logits", "right"),
        Column("Number", "", "right"),
    )
    widest = max((n for _, _, n in bins), default=0.0)
    step = bins[0][1] - bins[0][0] if bins else 0.0
    caption = f"{said} A bar is {number(step)} logits; the longest holds {widest:g}."
    if without:
        caption += f" {without:g} without a measure are left out."
    return Chart(
        title=f"Wright map: {who.lower()} and {what.lower()} on one scale",
        alt=labelled(label, f"Wright map. {said}"),
        spec=_wright(found, bins, theta, weights, (who, what), charts.WIDE),
        narrow=_wright(found, bins, theta, weights, (who, what), charts.NARROW),
        table=Table("Measures, hardest first, and respondents", columns, tuple(rows)),
        caption=labelled(label, caption),
    )


def _places(people: Persons) -> tuple[list[float], list[float], float]:
    known = np.isfinite(people.theta)
    without = float(people.weights[~known].sum())
    return [float(v) for v in people.theta[known]], [float(v) for v in people.weights[known]], without


def _sorted(found: Calibration) -> list[tuple[str, float, float]]:
    """Items with measure and SE, hardest first."""
    every = zip(found.items, found.measures, found.se, strict=True)
    return sorted(((name, float(m), float(s)) for name, m, s in every), key=lambda one: (-one[1], one[0]))


def _compared(found: Calibration, theta: Sequence[float], weights: Sequence[float], who: str, what: str) -> str:
    """Where persons and items stand towards each other."""
    ordered = _sorted(found)
    hardest, easiest = ordered[0], ordered[-1]
    said = (
        f"{len(ordered)} {what.lower()} from {easiest[0]} ({number(easiest[1])} logits) to {hardest[0]} "
        f"({number(hardest[1])})"
    )
    if not theta:
        return f"{said}; no respondent has a measure."
    mean = float(np.average(theta, weights=weights))
    above = [name for name, m, _ in ordered if m > max(theta)]
    below = [name for name, m, _ in ordered if m < min(theta)]
    said += f"; {sum(weights):g} {who.lower()} from {between(min(theta), max(theta))}, mean {number(mean)}."
    if above:
        said += f" Harder than any of them: {named(above)}."
    if below:
        said += f" Easier than any of them: {named(below)}."
    return said


def _wright(
    found: Calibration,
    bins: Bins,
    theta: Sequence[float],
    weights: Sequence[float],
    words: tuple[str, str],
    width: int,
) -> Spec:
    narrow, items = is_narrow(width), _sorted(found)
    count = 1 if narrow else math.ceil(len(items) / _COLUMN)
    height = max(340.0 if narrow else 400.0, _ROW * math.ceil(len(items) / count) * 1.25 + 40)
    inside = width - (86.0 if narrow else 74.0)
    ends = axis_of([*(m for _, m, _ in items), *(v for low, high, _ in bins for v in (low, high))])
    plane = Plane((0.0, inside), (ends[0], ends[1]), inside, height, None, axis(LOGITS, 7 if narrow else 9))
    middle = inside * (0.4 if count < 3 else 0.25)
    widest = max((n for _, _, n in bins), default=1.0)
    gap = 1.5 * (ends[1] - ends[0]) / height
    bars = [
        {"x": middle - n / widest * (middle - 12), "x2": middle - 4, "y": low + gap, "y2": high - gap}
        for low, high, n in bins
    ]
    layers = [
        plane.marks(bars, "rect", color=SHADE, opacity=1),
        plane.marks([{"x": middle, "y": ends[0], "y2": ends[1]}], "rule", color=INK),
        plane.marks(
            [{"x": middle + 7, "y": m} for _, m, _ in items], "point", filled=True, color=BLUE, size=42, opacity=1
        ),
        *_item_labels(plane, items, middle, count),
        plane.words([(words[0], middle - 10, -10.0)], align="right", fontWeight=600),
        plane.words([(words[1], middle + 12, -10.0)], fontWeight=600),
    ]
    if theta:
        mean = float(np.average(theta, weights=weights))
        layers.append(plane.marks([{"x": 0.0, "x2": middle, "y": mean}], "rule", **{**DASHED, "color": ORANGE}))
        layers.append(plane.words([("mean", 2.0, plane.pixel(0, mean)[1] - 9)], color=ORANGE, fontSize=12))
    return charts.whole(width, plane.body(layers))


def _item_labels(plane: Plane, items: Sequence[tuple[str, float, float]], middle: float, count: int) -> list[Spec]:
    """Names beside the scale, moved apart, each tied to its measure by a line; in columns where there are many."""
    room = (plane.width - middle - 40) / count
    texts: list[tuple[str, float, float]] = []
    ties = []
    for column in range(count):
        part = items[column::count]
        tops = spread([plane.pixel(0, m)[1] for _, m, _ in part], _ROW)
        shift = max(0.0, 8 - min(tops)) - max(0.0, max(tops) + 8 - plane.height)
        for (name, m, _), top in zip(part, tops, strict=True):
            left = middle + 36 + column * room
            texts.append((short(name), left, top + shift))
            if column == 0:
                ties.append({"x": middle + 11, "y": m, "x2": left - 4, "y2": plane.value(0, top + shift)[1]})
    return [plane.marks(ties, "rule", color=MUTED, strokeWidth=0.8), plane.words(texts)]


def person_item(found: Calibration, people: Persons, *, label: str = "", who: str = "Respondents") -> Chart:
    """Respondents as bars over the items' measures and thresholds, a row an item, hardest first."""
    theta, weights, _ = _places(people)
    bins = binned(theta, weights, 30)
    out_of_order = sorted({d.item for d in categories.disordered(found)})
    share = _covered(found, theta, weights)
    said = f"{share} of the {who.lower()} lie between the lowest and the highest threshold." if theta else ""
    if out_of_order and found.top and max(found.top) > 1:
        every = "all items (common steps)" if found.model == "rating-scale" else named(out_of_order)
        said += f" Thresholds are out of order: {every}."
    elif max(found.top) > 1:
        said += " Thresholds stand in order."
    at = {name: i for i, name in enumerate(found.items)}
    columns = (
        Column("Item"),
        Column("Measure", "logits", "right"),
        *(Column(f"Threshold {c + 1}", "logits", "right") for c in range(max(found.top))),
    )
    rows = tuple(
        Row((name, number(m, 3), *(number(float(v), 3) for v in found.thresholds[at[name]])))
        for name, m, _ in _sorted(found)
    )
    return Chart(
        title=f"Person-item map: where {who.lower()} and thresholds lie",
        alt=labelled(label, f"Person-item map of {len(rows)} items. {said}"),
        spec=_person_item(found, bins, set(out_of_order), who, charts.WIDE),
        narrow=_person_item(found, bins, set(out_of_order), who, charts.NARROW),
        table=Table("Measures and thresholds, hardest first", columns, rows),
        caption=labelled(label, f"{said} Diamonds: measures; numbered dots: thresholds.".strip()),
    )


def _covered(found: Calibration, theta: Sequence[float], weights: Sequence[float]) -> str:
    low, high = float(np.nanmin(found.thresholds)), float(np.nanmax(found.thresholds))
    inside = sum(w for t, w in zip(theta, weights, strict=True) if low <= t <= high)
    return f"{100 * inside / sum(weights):.0f} %" if theta else "None"


def _person_item(found: Calibration, bins: Bins, marked: set[str], who: str, width: int) -> Spec:
    narrow, items = is_narrow(width), _sorted(found)
    gutter = 0 if narrow else 190
    inside = float(width - gutter - (44 if narrow else 90))
    known = [float(v) for v in found.thresholds[np.isfinite(found.thresholds)]]
    ends = axis_of([*known, *(v for low, high, _ in bins for v in (low, high))])
    tallest = max((n for _, _, n in bins), default=1.0)
    above = Plane(
        (ends[0], ends[1]),
        (0.0, tallest * 1.05),
        inside,
        90 if narrow else 120,
        axis(None, 5 if narrow else 8, labels=False, ticks=False),
        axis(None, 3, grid=False, minExtent=gutter, maxExtent=gutter),
    )
    gap = 1.5 * (ends[1] - ends[0]) / inside
    heading = {"text": who, "frame": "group", "dx": -gutter}
    bars = [{"x": low + gap, "x2": high - gap, "y": n, "y2": 0} for low, high, n in bins]
    upper = above.body([above.marks(bars, "rect", color=SHADE, opacity=1)])
    lower = _threshold_rows(found, items, marked, ends, width, gutter, inside)
    return charts.whole(width, {"vconcat": [{"title": heading, **upper}, lower], "spacing": 10})


def _threshold_rows(
    found: Calibration,
    items: Sequence[tuple[str, float, float]],
    marked: set[str],
    ends: Sequence[float],
    width: int,
    gutter: int,
    inside: float,
) -> Spec:
    narrow = is_narrow(width)
    at = {name: i for i, name in enumerate(found.items)}
    row = 50.0 if narrow else 27.0
    shown = axis(LOGITS, 5 if narrow else 8)
    plane = Plane((ends[0], ends[1]), (0.0, float(len(items))), inside, row * len(items), shown)
    place = {name: len(items) - i - 0.5 - (0.2 if narrow else 0.0) for i, (name, _, _) in enumerate(items)}
    own = {name: [float(v) for v in found.thresholds[at[name]] if math.isfinite(v)] for name, _, _ in items}
    steps = [
        {"x": v, "y": place[name], "step": str(c + 1), "colour": ORANGE if name in marked else BLUE}
        for name, values in own.items()
        for c, v in enumerate(values)
    ]
    spans = [{"x": min(values), "x2": max(values), "y": place[name]} for name, values in own.items()]
    colour = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    middles = [{"x": m, "y": place[name]} for name, m, _ in items]
    layers = [
        plane.marks(spans, "rule", color=MUTED, strokeWidth=1),
        plane.marks(steps, "point", more={"color": colour}, filled=True, size=58, opacity=1),
        plane.marks(steps, "text", more={"text": {"field": "step"}}, dy=-11, fontSize=11, color=MUTED),
        plane.marks(middles, "point", filled=True, shape="diamond", size=95, color=INK, opacity=1),
    ]
    if max(found.top) == 1:  # the one threshold is the measure
        layers = layers[-1:]
    names, values = [], []
    for name, m, _ in items:
        top = plane.pixel(0, place[name])[1]
        said = f"{short(name)} {number(m)}" if narrow else short(name)
        names.append((said, 0.0 if narrow else -gutter, top - (27 if narrow else 0)))
        values.append((number(m), inside + 12, top))
    layers += [plane.words(names), *([] if narrow else [plane.words(values)])]
    return plane.body(layers)


def measures(
    rows: Sequence[tuple[str, float, float]],
    target: str,
    *,
    label: str = "",
    scale: str = "work",
    z: float = 1.959964,
) -> Chart:
    """A forest of measures with their intervals, highest first, the target at 0. rows: (name, measure, SE)."""
    ordered = sorted(rows, key=lambda r: (-r[1], r[0]))
    drawn = [
        charts.Range(name, m, (m - z * se, m + z * se), None, f"{number(m)} ({between(m - z * se, m + z * se)})")
        for name, m, se in ordered
    ]
    above = [name for name, m, se in ordered if m - z * se > 0]
    below = [name for name, m, se in ordered if m + z * se < 0]
    said = (
        f"Clearly more {scale} than {target}: {named(above, 12)}. Clearly less: {named(below, 12)}. "
        f"Not told apart from it: {named([n for n, _, _ in ordered if n not in above and n not in below], 12)}."
    )
    columns = (
        Column("Service"),
        Column("Measure", "logits", "right"),
        Column("SE", "logits", "right"),
        Column("95 % interval", "logits", "right"),
    )
    table = tuple(
        Row((name, number(m, 3), number(se, 3), between(m - z * se, m + z * se, 3))) for name, m, se in ordered
    )
    panels = [(f"Measures; dashed: {target}", drawn)]
    return Chart(
        title=f"Measures of {scale} against {target}, with 95 % intervals",
        alt=labelled(label, f"Forest plot of {len(rows)} measures. {said}"),
        spec=charts.ranges(panels, f"Logits ({target} at 0)", charts.WIDE, 0.0),
        narrow=charts.ranges(panels, f"Logits ({target} at 0)", charts.NARROW, 0.0),
        table=Table("Measures, highest first", columns, table),
        caption=labelled(label, said),
        labelled=True,
    )
