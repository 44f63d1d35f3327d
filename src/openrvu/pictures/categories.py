"""Curves of the calibrated model with what was seen: category chances, item characteristic curves, expected score.

Sources: Andrich 1978, Psychometrika 43:561; Masters 1982, Psychometrika 47:149; Linacre 2002, J Appl Meas 3:85.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from openrvu.dossier import charts
from openrvu.dossier.blocks import Chart, Column, Row, Table
from openrvu.dossier.charts import BLUE, INK, LINES, MUTED, ORANGE, SHADE, Spec
from openrvu.pictures.drawing import Plane, axis, between, chance, is_narrow, labelled, named, number, short
from openrvu.valuation.rasch import categories, model, persons
from openrvu.valuation.rasch.data import Floats, Responses
from openrvu.valuation.rasch.model import Calibration
from openrvu.valuation.rasch.persons import Persons

MOST_PANELS = 24
_POINTS = 81
PLACE = "Respondent's place, logits"
RELATIVE = "Place less the item's measure, logits"


@dataclass(frozen=True)
class Observed:
    """Respondents of near measures and their answers to one item: mean place, n, mean answer, its standard error (from
    the answers; nan for one alone), and what the model expects of them."""

    item: str
    place: float
    n: float
    mean: float
    se: float
    expected: float


def category_curves(found: Calibration, *, label: str = "", names: Sequence[str] = ()) -> Chart:
    """How likely each answer is along the scale, relative to the item's measure where all items share their steps.

    names: what the categories are called, lowest first; else 0, 1, 2.
    """
    shared = found.model != model.PARTIAL
    kept = [(0, "all")] if shared else list(enumerate(found.items))
    kept = kept[:MOST_PANELS]
    panels = []
    for i, title in kept:
        flat = found.thresholds[i, : found.top[i]] - (found.measures[i] if shared else 0.0)
        panels.append((title, flat, _called(names, found.top[i])))
    told = categories.disordered(found)
    said = _modal(panels)
    if told:
        drops = [
            f"{d.step} of {'every item' if shared else d.item} (by {number(d.drop)} logits, p {chance(d.p)})"
            for d in told
        ]
        said += f" Thresholds out of order: {named(drops, 6)}."
    elif max(found.top) > 1:
        said += " Thresholds stand in order."
    rows = tuple(
        Row((title if len(panels) > 1 else "all", f"{names_[c]} over {names_[c - 1]}", number(float(flat[c - 1]), 3)))
        for title, flat, names_ in panels
        for c in range(1, len(names_))
    )
    columns = (Column("Item"), Column("Threshold"), Column("Place", "logits", "right"))
    more = (
        f" Of {len(found.items)} items the first {len(kept)} are drawn."
        if len(kept) < len(found.items) and not shared
        else ""
    )
    return Chart(
        title="Category probability curves",
        alt=labelled(label, f"Curves of the chance of each answer. {said}"),
        spec=_panels([_chances(p, charts.WIDE, len(panels)) for p in panels], charts.WIDE),
        narrow=_panels([_chances(p, charts.NARROW, len(panels)) for p in panels], charts.NARROW),
        table=Table("Where each answer becomes likelier than the one below", columns, rows),
        caption=labelled(label, f"{said} Thin verticals: thresholds.{more}"),
    )


def _called(names: Sequence[str], top: int) -> tuple[str, ...]:
    return tuple(names) if len(names) == top + 1 else tuple(str(c) for c in range(top + 1))


def _modal(panels: Sequence[tuple[str, Floats, tuple[str, ...]]]) -> str:
    """Which answers are somewhere the likeliest."""
    never = []
    for title, flat, names in panels:
        p = _probabilities(flat, _reach(flat))[1]
        likeliest = set(np.argmax(p, axis=1).tolist())
        never += [
            f"“{names[c]}”" + ("" if len(panels) == 1 else f" of {title}")
            for c in range(len(names))
            if c not in likeliest
        ]
    return f"Nowhere the likeliest answer: {named(never, 6)}." if never else "Each answer is somewhere the likeliest."


def _reach(flat: Floats) -> tuple[float, float]:
    return float(flat.min()) - 3.0, float(flat.max()) + 3.0


def _probabilities(flat: Floats, reach: tuple[float, float]) -> tuple[Floats, Floats]:
    theta = np.linspace(*reach, _POINTS)
    return theta, model.chances(theta, model.cumulative(flat[None, :]))[:, 0, :]


def _size(width: int, panels: int) -> tuple[float, float]:
    """Width and height of one of so many panels."""
    if panels == 1:
        return (width - 66.0, 300.0 if not is_narrow(width) else 250.0)
    across = _across(width)
    return ((width - across * 46.0) / across, 110.0 if is_narrow(width) else 150.0)


def _across(width: int) -> int:
    return 2 if is_narrow(width) else 3


def _panels(drawn: Sequence[Spec], width: int) -> Spec:
    if len(drawn) == 1:
        return charts.whole(width, drawn[0])
    return charts.whole(width, {"concat": list(drawn), "columns": _across(width), "spacing": {"row": 18, "column": 14}})


def _chances(panel: tuple[str, Floats, tuple[str, ...]], width: int, panels: int) -> Spec:
    title, flat, names = panel
    inside, height = _size(width, panels)
    reach = _reach(flat)
    theta, p = _probabilities(flat, reach)
    one = panels == 1
    plane = Plane(
        reach, (0.0, 1.1), inside, height, axis(RELATIVE if one else None, 6 if one else 3), axis(None, 3, format="%")
    )
    lines = [
        {"x": float(t), "y": float(p[j, c]), "name": name} for c, name in enumerate(names) for j, t in enumerate(theta)
    ]
    tints = [LINES[c % len(LINES)] for c in range(len(names))]
    scale = {"domain": list(names), "range": tints}
    colour = {"field": "name", "type": "nominal", "scale": scale, "legend": None}
    marks = []
    for c, name in enumerate(names):
        first, last = c == 0, c == len(names) - 1
        at = 0 if first else _POINTS - 1 if last else int(np.argmax(p[:, c]))
        left, top = plane.pixel(float(theta[at]), float(p[at, c]))
        align = "left" if first else "right" if last else "center"
        under = bool(p[at].max() > p[at, c] + 0.02)  # another answer is likelier there: its curve runs above
        words = (name, left, top + (14 if under else -12))
        marks.append(plane.words([words], color=tints[c], fontWeight=600, align=align))
    steps = [{"x": float(t)} for t in flat]
    return plane.body(
        [
            plane.marks(steps, "rule", color=MUTED, strokeWidth=0.8),
            plane.marks(lines, "line", more={"color": colour}, strokeWidth=2.2),
            *marks,
        ],
        "Chance of each answer" if one else title,
    )


def item_curves(given: Responses, found: Calibration, people: Persons, *, label: str = "") -> Chart:
    """The expected answer to each item along the scale, and the mean answers of groups of respondents of near measures.

    Items whose groups lie furthest from their curve come first; at most 24 are drawn, all are in the table.
    """
    seen = observed(given, found, people)
    order = sorted(found.items, key=lambda name: -_worst(seen[name]))
    drawn = order[:MOST_PANELS]
    off = [name for name in order if _worst(seen[name]) > 1.959964]
    groups = [o for rows in seen.values() for o in rows if math.isfinite(o.se) and o.se > 0]
    far = sum(abs(o.mean - o.expected) > 1.959964 * o.se for o in groups)
    said = f"{far} of {len(groups)} group means lie further from their curve than 1.96 standard errors" + (
        f", most of all {named(off)}." if off else "."
    )
    columns = (
        Column("Item"),
        Column("Mean place", "logits", "right"),
        Column("Answers", "", "right"),
        Column("Mean answer", "", "right"),
        Column("Expected", "", "right"),
        Column("Standardised gap", "", "right"),
    )
    rows = tuple(
        Row((name, number(o.place), f"{o.n:g}", number(o.mean, 3), number(o.expected, 3), number(_gap(o))))
        for name in order
        for o in seen[name]
    )
    more = (
        f" Of {len(order)} items the {len(drawn)} furthest from their curve are drawn."
        if len(order) > len(drawn)
        else ""
    )
    parts = [
        [_item_curve(found, name, seen[name], width, len(drawn), people) for name in drawn]
        for width in (charts.WIDE, charts.NARROW)
    ]
    return Chart(
        title="Item characteristic curves and what was answered",
        alt=labelled(label, f"A curve an item with the means of groups of respondents. {said}"),
        spec=_panels(parts[0], charts.WIDE),
        narrow=_panels(parts[1], charts.NARROW),
        table=Table("Mean answers by group of near measures", columns, rows),
        caption=labelled(
            label,
            "Lines: expected answer. Dots: mean answer of respondents of near measures, with 95 % interval. "
            f"{said}{more}",
        ),
    )


def observed(given: Responses, found: Calibration, people: Persons) -> dict[str, tuple[Observed, ...]]:
    """Groups of near measures, item by item: three to six groups of about equal weight among those who answered.

    Respondents of one measure are never parted: where answers are complete a group is a range of scores.
    """
    part = persons.matching(given, found)
    cumulated = model.cumulative(found.thresholds)
    known = np.isfinite(people.theta)
    found_rows: dict[str, tuple[Observed, ...]] = {}
    for i, name in enumerate(found.items):
        here = known & (part.answers[:, i] >= 0)
        theta, x, w = people.theta[here], part.answers[here, i].astype(float), part.weights[here]
        found_rows[name] = tuple(_one(name, theta[g], x[g], w[g], cumulated[i : i + 1]) for g in _groups(theta, w))
    return found_rows


def _groups(theta: Floats, weights: Floats) -> list[Any]:
    """Indices of each group; equal places stay together."""
    if not theta.size:
        return []
    wanted = 3 if weights.sum() < 40 else 4 if weights.sum() < 100 else 6
    places, of = np.unique(np.round(theta, 9), return_inverse=True)
    share = np.cumsum(np.bincount(of.reshape(-1), weights=weights)) / weights.sum()
    which = np.minimum((share - 1e-9) * wanted, wanted - 1).astype(int)
    labels = which[of.reshape(-1)]
    return [np.flatnonzero(labels == g) for g in np.unique(labels)] if places.size else []


def _one(name: str, theta: Floats, x: Floats, w: Floats, cumulated: Floats) -> Observed:
    n = float(w.sum())
    mean = float(w @ x / n)
    expected = model.chances(theta, cumulated)[:, 0, :] @ np.arange(cumulated.shape[1], dtype=float)
    spread = float(w @ (x - mean) ** 2 / (n - 1)) if n > 1 else math.nan
    return Observed(name, float(w @ theta / n), n, mean, math.sqrt(spread / n), float(w @ expected / n))


def _gap(one: Observed) -> float:
    return (one.mean - one.expected) / one.se if one.se > 0 else math.nan


def _worst(rows: Sequence[Observed]) -> float:
    return max((abs(g) for o in rows if math.isfinite(g := _gap(o))), default=0.0)


def _item_curve(
    found: Calibration, name: str, seen: Sequence[Observed], width: int, panels: int, people: Persons
) -> Spec:
    i = found.items.index(name)
    inside, height = _size(width, max(panels, 2))
    known = people.theta[np.isfinite(people.theta)]
    low, high = (float(known.min()), float(known.max())) if known.size else (-2.0, 2.0)
    reach = (min(low, float(found.measures[i]) - 1.5) - 0.3, max(high, float(found.measures[i]) + 1.5) + 0.3)
    theta = np.linspace(*reach, 61)
    top = found.top[i]
    expected = model.chances(theta, model.cumulative(found.thresholds[i : i + 1, :top]))[:, 0, :] @ np.arange(top + 1.0)
    ticks = axis(None, 3, values=list(range(top + 1)), format="d")
    plane = Plane(reach, (-0.04 * top, 1.04 * top), inside, height, axis(None, 3 if is_narrow(width) else 5), ticks)
    points = [{"x": o.place, "y": o.mean} for o in seen]
    bars = [
        {"x": o.place, "y": max(o.mean - 1.959964 * o.se, 0.0), "y2": min(o.mean + 1.959964 * o.se, float(top))}
        for o in seen
        if math.isfinite(o.se)
    ]
    curve = [{"x": float(t), "y": float(e)} for t, e in zip(theta, expected, strict=True)]
    return plane.body(
        [
            plane.marks(curve, "line", color=BLUE, strokeWidth=2),
            plane.marks(bars, "rule", color=ORANGE, strokeWidth=1.5),
            plane.marks(points, "point", filled=True, color=ORANGE, size=46, opacity=1),
        ],
        short(name, 20),
    )


def expected_score(given: Responses, found: Calibration, people: Persons, *, label: str = "") -> Chart:
    """The expected sum score along the scale, where 95 % of scores lie, and the respondents' own scores."""
    part = persons.matching(given, found)
    complete = (part.answers >= 0).all(axis=1) & np.isfinite(people.theta)
    theta = people.theta[complete]
    known = people.theta[np.isfinite(people.theta)]
    ends = [
        float(found.thresholds[np.isfinite(found.thresholds)].min()) - 2.5,
        float(found.thresholds[np.isfinite(found.thresholds)].max()) + 2.5,
    ]
    if known.size:
        ends = [min(ends[0], float(known.min()) - 0.3), max(ends[1], float(known.max()) + 0.3)]
    at = np.linspace(ends[0], ends[1], _POINTS)
    mean, spread, _ = persons.moments(at, model.cumulative(found.thresholds), None)
    highest = sum(found.top)
    half = 1.959964 * np.sqrt(spread)
    curve = [
        {"x": float(t), "y": float(m), "low": max(float(m - h), 0.0), "high": min(float(m + h), float(highest))}
        for t, m, h in zip(at, mean, half, strict=True)
    ]
    scores, count = np.unique(
        np.column_stack([theta, part.answers[complete].sum(axis=1, dtype=np.int64)]), axis=0, return_counts=True
    )
    dots = [{"x": float(t), "y": float(s), "n": int(n)} for (t, s), n in zip(scores, count, strict=True)]
    best = float(at[int(np.argmax(spread))])
    error = 1 / math.sqrt(float(spread.max()))
    middle = float(np.interp(highest / 2, mean, at))
    said = (
        f"Half of the highest score ({highest / 2:g} of {highest}) is expected at {number(middle)} logits; measures "
        f"are most exact near {number(best)} (standard error {number(error)})."
    )
    columns = (
        Column("Place", "logits", "right"),
        Column("Expected score", "", "right"),
        Column("95 % of scores", "", "right"),
        Column("SE of the measure", "logits", "right"),
    )
    rows = tuple(
        Row(
            (
                number(float(at[j])),
                number(float(mean[j])),
                between(curve[j]["low"], curve[j]["high"]),
                number(1 / math.sqrt(max(float(spread[j]), 1e-12))),
            )
        )
        for j in range(0, _POINTS, 8)
    )
    table = Table("Expected score and standard error of a measure", columns, rows)
    return Chart(
        title="Expected score along the scale",
        alt=labelled(label, f"A rising curve with its band. {said}"),
        spec=_score(curve, dots, (ends[0], ends[1]), highest, charts.WIDE),
        narrow=_score(curve, dots, (ends[0], ends[1]), highest, charts.NARROW),
        table=table,
        caption=labelled(
            label,
            f"{said} Band: 95 % of the scores of one respondent at that place. Circles: respondents who answered "
            "everything, larger where several share a score.",
        ),
    )


def _score(
    curve: Sequence[dict[str, float]],
    dots: Sequence[dict[str, Any]],
    reach: tuple[float, float],
    highest: int,
    width: int,
) -> Spec:
    inside, height = _size(width, 1)
    plane = Plane(reach, (-0.02 * highest, 1.02 * highest), inside, height, axis(PLACE), axis("Score", 6))
    size = {"field": "n", "type": "quantitative", "scale": {"range": [18, 220], "zero": True}, "legend": None}
    band = [{"x": row["x"], "y": row["low"], "y2": row["high"]} for row in curve]
    line = [{"x": row["x"], "y": row["y"]} for row in curve]
    layers = [
        plane.marks(band, "area", color=SHADE, opacity=0.5),
        plane.marks(line, "line", color=BLUE, strokeWidth=2),
        plane.marks(dots, "point", more={"size": size}, filled=False, color=INK, opacity=1, strokeWidth=1.2),
    ]
    return charts.whole(width, plane.body(layers))
