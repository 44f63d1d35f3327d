"""What the value hangs on: each comparator's leverage and residual, and the values of respondents drawn again.

The line with its bands and the value with one comparator left out are drawn by `dossier.linking`, for a published study
and for a survey alike.

Sources: Cook 1977, Technometrics 19:15; Efron & Tibshirani 1993, An Introduction to the Bootstrap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from openrvu.dossier import charts
from openrvu.dossier.blocks import Chart, Column, Row, Table
from openrvu.dossier.charts import BLUE, INK, LINES, MUTED, ORANGE, PAPER, SHADE, Spec
from openrvu.dossier.curves import beside
from openrvu.pictures.drawing import DASHED, Plane, axis, axis_of, between, is_narrow, labelled, named, number
from openrvu.valuation import anchor
from openrvu.valuation.anchor import Line
from openrvu.valuation.estimate import Bootstrap


def influence(points: Sequence[tuple[str, float, float]], line: Line, *, label: str = "") -> Chart:
    """Leverage and studentised residual of each comparator; the area of a circle is Cook's distance.

    points: (service, measure, work RVU), those of the line.
    """
    found = anchor.influence([d for _, d, _ in points], [w for _, _, w in points])
    rows = [
        (name, leverage, _studentised(line, d, w, leverage, cook), cook, without)
        for (name, d, w), leverage, cook, without in zip(points, found.leverage, found.cook, found.without, strict=True)
    ]
    limit = 4 / len(rows)
    decisive = sorted((r for r in rows if r[3] > limit), key=lambda r: -r[3])
    highest = max(rows, key=lambda r: r[3])
    said = f"Largest Cook's distance: {highest[0]} ({number(highest[3])})."
    many = [r[0] for r in decisive]
    said += f" Above 4 / {len(rows)} = {number(limit)}: {named(many, 6)}."
    columns = (
        Column("Comparator"),
        Column("Leverage", "", "right"),
        Column("Studentised residual", "", "right"),
        Column("Cook's D", "", "right"),
        Column("Value without it", "work RVU", "right"),
    )
    table = tuple(
        Row((name, number(h, 3), number(t), number(c, 3), number(v)))
        for name, h, t, c, v in sorted(rows, key=lambda r: -r[3])
    )
    return Chart(
        title="What each comparator does to the line",
        alt=labelled(label, f"Scatter of leverage and residual, circles by influence. {said}"),
        spec=_influence(rows, charts.WIDE),
        narrow=_influence(rows, charts.NARROW),
        table=Table("Influence, largest first", columns, table),
        caption=labelled(
            label, f"{said} Larger circle: larger Cook's distance. Dashed: ±2 and twice the mean leverage."
        ),
    )


def _studentised(line: Line, measure: float, work: float, leverage: float, cook: float) -> float:
    """The residual over its standard error without the comparator itself, by its internal form."""
    residual = work - line.intercept - line.slope * measure
    inner = residual / (line.s * math.sqrt(max(1 - leverage, 1e-12))) if line.s > 0 else 0.0
    left = (line.df - inner**2) / (line.df - 1) if line.df > 1 else math.nan
    return inner / math.sqrt(left) if left > 0 else math.copysign(math.inf, residual)


def _influence(rows: Sequence[tuple[str, float, float, float, float]], width: int) -> Spec:
    narrow = is_narrow(width)
    inside, height = width - (86.0 if narrow else 72.0), 280.0 if narrow else 340.0
    kept = [r for r in rows if math.isfinite(r[2])]
    mean = 2 / len(rows)
    xs = axis_of([0.0, 2 * mean, *(r[1] for r in kept)])
    ys = axis_of([-2.5, 2.5, *(r[2] for r in kept)], 0.1)
    plane = Plane(
        (max(xs[0], 0.0), xs[1]), (ys[0], ys[1]), inside, height, axis("Leverage"), axis("Studentised residual")
    )
    size = {"field": "cook", "type": "quantitative", "scale": {"range": [20, 420], "zero": True}, "legend": None}
    dots = [{"x": r[1], "y": r[2], "cook": r[3]} for r in kept]
    placed = beside([(r[0], *plane.pixel(r[1], r[2])) for r in kept], {"width": inside, "height": height})
    layers = [
        plane.marks([{"y": 2.0}, {"y": -2.0}], "rule", **DASHED),
        plane.marks([{"x": 2 * mean}], "rule", **DASHED),
        plane.marks(dots, "point", more={"size": size}, filled=True, color=SHADE, opacity=1, stroke=BLUE),
        plane.marks(dots, "point", filled=True, color=INK, size=16, opacity=1),
        plane.words([(p["label"], p["left"], p["middle"]) for p in placed]),
    ]
    return charts.whole(width, plane.body(layers))


def bootstrap(found: Bootstrap, value: float, target: str, *, label: str = "") -> Chart | None:
    """The values of all draws, those inside the percentile interval darker. None where the draws carry no interval."""
    if found.low is None or found.high is None or not found.heights:
        return None
    bins = list(zip(found.edges, found.edges[1:], found.heights, strict=False))
    said = (
        f"{found.draws - found.failed:,} draws: percentile interval {between(found.low, found.high)}, BCa "
        f"{between(found.bca_low, found.bca_high)}, median {number(found.median)}; the line gives {number(value)}."
    )
    beyond = found.draws - found.failed - sum(found.heights)
    more = f" {beyond} draws lie outside the drawing." if beyond else ""
    more += f" {found.failed} draws have no value." if found.failed else ""
    columns = (Column("Work RVU from"), Column("to"), Column("Draws", "", "right"))
    rows = tuple(Row((number(low), number(high), str(n))) for low, high, n in bins)
    marks = (found.low, value, found.high)
    return Chart(
        title=f"The value of {target} in {found.draws:,} resamples",
        alt=labelled(label, f"Histogram. {found.method[:1].upper()}{found.method[1:]}. {said}"),
        spec=_histogram(bins, marks, charts.WIDE),
        narrow=_histogram(bins, marks, charts.NARROW),
        table=Table("Draws by value", columns, rows),
        caption=labelled(
            label, f"{found.method[:1].upper()}{found.method[1:]}. {said}{more} Not the interval of one new service."
        ),
    )


def _histogram(bins: Sequence[tuple[float, float, int]], marks: tuple[float, float, float], width: int) -> Spec:
    narrow = is_narrow(width)
    inside, height = width - 24.0, 220.0 if narrow else 260.0
    tallest = max(n for _, _, n in bins)
    xs = axis_of([bins[0][0], bins[-1][1], *marks], 0.02)
    plane = Plane((xs[0], xs[1]), (0.0, tallest * 1.28), inside, height, axis("Work RVU", 5 if narrow else 8))
    low, value, high = marks
    gap = (xs[1] - xs[0]) / inside * 0.7
    bars = [
        {"x": a + gap, "x2": b - gap, "y": 0, "y2": n, "colour": BLUE if low <= (a + b) / 2 <= high else SHADE}
        for a, b, n in bins
    ]
    colour = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    rules = [{"x": low, "y": 0, "y2": tallest * 1.1}, {"x": high, "y": 0, "y2": tallest * 1.1}]
    at = [plane.pixel(v, tallest * 1.13)[0] for v in marks]
    top = plane.pixel(0, tallest * 1.13)[1]
    words = [
        plane.words([(number(low), at[0], top)], align="left" if at[0] < 40 else "center"),
        plane.words([(number(high), at[2], top)], align="right" if at[2] > inside - 40 else "center"),
        plane.words([(f"line {number(value)}", at[1], top - 18)], align="center", color=ORANGE, fontWeight=600),
    ]
    layers = [
        plane.marks(bars, "rect", more={"color": colour}, opacity=1),
        plane.marks(rules, "rule", **DASHED),
        plane.marks([{"x": value, "y": 0, "y2": tallest * 1.18}], "rule", color=ORANGE, strokeWidth=2),
        *words,
    ]
    return charts.whole(width, plane.body(layers))


def answers(rows: Sequence[tuple[str, float, float, float]], target: str, *, label: str = "") -> Chart:
    """How often the target was judged less, equal or greater work than each service, as shares of its answers.

    rows: (service, less, equal, greater). Drawn from most often harder than the target to least.
    """
    kept = sorted((r for r in rows if sum(r[1:]) > 0), key=lambda r: (-(r[1] + r[2] / 2) / sum(r[1:]), r[0]))
    first, last = kept[0], kept[-1]
    said = (
        f"{target} was judged less work than {first[0]} by {first[1]:g} of {sum(first[1:]):g}, and than {last[0]} by "
        f"{last[1]:g} of {sum(last[1:]):g}."
    )
    columns = (
        Column("Compared with"),
        Column(f"{target} less", "answers", "right"),
        Column("equal", "answers", "right"),
        Column(f"{target} greater", "answers", "right"),
        Column("Answers", "", "right"),
    )
    table = tuple(Row((n, f"{a:g}", f"{b:g}", f"{c:g}", f"{a + b + c:g}")) for n, a, b, c in kept)
    return Chart(
        title=f"Is {target} less, equal or greater work? Answers by service",
        alt=labelled(label, f"Bars of shares, a row a service. {said}"),
        spec=_shares(kept, target, charts.WIDE),
        narrow=_shares(kept, target, charts.NARROW),
        table=Table("Answers", columns, table),
        caption=labelled(label, said),
        labelled=True,
    )


_KINDS: Mapping[str, str] = {"less": BLUE, "equal": SHADE, "greater": LINES[1]}


def _shares(rows: Sequence[tuple[str, float, float, float]], target: str, width: int) -> Spec:
    narrow = is_narrow(width)
    gutter, row = (0, 42.0) if narrow else (150, 26.0)
    inside = float(width - gutter - 24)
    shown = axis("Share of answers", 5, format="%")
    plane = Plane((0.0, 1.0), (0.0, float(len(rows))), inside, row * len(rows), shown)
    bars, texts, names = [], [], []
    for i, (name, *counts) in enumerate(rows):
        middle, at = len(rows) - i - 0.5 - (0.15 if narrow else 0.0), 0.0
        for (_, colour), n in zip(_KINDS.items(), counts, strict=True):
            share = n / sum(counts)
            thick = 8.5 / row
            bars.append({"x": at, "x2": at + share, "y": middle - thick, "y2": middle + thick, "colour": colour})
            if share * inside > 26:
                texts.append((f"{n:g}", *plane.pixel(at + share / 2, middle), colour))
            at += share
        names.append((name, 0.0 if narrow else -gutter, plane.pixel(0, middle)[1] - (18 if narrow else 0)))
    colour_of = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    light = [t[:3] for t in texts if t[3] != SHADE]
    dark = [t[:3] for t in texts if t[3] == SHADE]
    heads = [(f"{target} less", 0.0, -10.0), ("equal", inside / 2, -10.0), (f"{target} greater", inside, -10.0)]
    aligned = [("left", BLUE), ("center", MUTED), ("right", ORANGE)]
    layers = [
        plane.marks(bars, "rect", more={"color": colour_of}, opacity=1),
        plane.words(light, align="center", color=PAPER, fontSize=12),
        plane.words(dark, align="center", fontSize=12),
        plane.words(names),
        *(plane.words([h], align=a, color=c, fontWeight=600) for h, (a, c) in zip(heads, aligned, strict=True)),
    ]
    return charts.whole(width, plane.body(layers))
