"""What the model leaves: standardised residuals of every answer, and the loadings of the first residual component.

Sources: Wright & Masters 1982, Rating Scale Analysis, chapter 5; Smith 2002, J Appl Meas 3:205 (residual components).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from openrvu.dossier import charts
from openrvu.dossier.blocks import Chart, Column, Row, Table
from openrvu.dossier.charts import BLUE, INK, ORANGE, Spec
from openrvu.dossier.curves import beside
from openrvu.pictures.categories import PLACE
from openrvu.pictures.drawing import DASHED, Plane, axis, axis_of, chance, is_narrow, labelled, named, number, short
from openrvu.valuation.rasch import persons, structure
from openrvu.valuation.rasch.data import Responses
from openrvu.valuation.rasch.model import Calibration
from openrvu.valuation.rasch.persons import Persons

LIMIT = 2.0
_NAMED = 6
_MARKED = 20  # items named in the drawing of loadings, the furthest from zero
_MOST = 4000  # dots drawn of answers within the limits

Dot = tuple[str, int, float, float]  # item, row of the respondent, measure, residual


def residuals(given: Responses, found: Calibration, people: Persons, *, label: str = "") -> Chart:
    """Every answer's standardised residual (conditional on the score) against the respondent's measure."""
    z = structure.residuals(given, found, structure.CONDITIONAL)
    dots = [
        (found.items[j], int(i) + 1, float(people.theta[i]), float(z[i, j]))
        for i, j in np.argwhere(np.isfinite(z) & np.isfinite(people.theta)[:, None])
    ]
    outside = sorted((d for d in dots if abs(d[3]) > LIMIT), key=lambda d: -abs(d[3]))
    share = 100 * len(outside) / len(dots) if dots else math.nan
    count = {name: sum(d[0] == name for d in outside) for name in found.items}
    most = sorted((name for name in count if count[name]), key=lambda name: -count[name])
    said = f"{len(outside)} of {len(dots)} answers ({number(share, 1)} %) lie beyond ±2"
    said += f"; most of them on {named([f'{n} ({count[n]})' for n in most])}." if most else "."
    part = persons.matching(given, found)
    columns = (
        Column("Item"),
        Column("Row of the respondent", "", "right"),
        Column("Measure", "logits", "right"),
        Column("Answer", "", "right"),
        Column("Residual", "standardised", "right"),
    )
    at = {name: i for i, name in enumerate(found.items)}
    rows = tuple(
        Row((name, str(row), number(theta), str(int(part.answers[row - 1, at[name]])), number(value)))
        for name, row, theta, value in outside[:40]
    )
    more = (f"The 40 largest of {len(outside)}.",) if len(outside) > len(rows) else ()
    return Chart(
        title="Standardised residuals of the answers",
        alt=labelled(label, f"Scatter of residuals against respondents' measures. {said}"),
        spec=_scatter(dots, outside, charts.WIDE),
        narrow=_scatter(dots, outside, charts.NARROW),
        table=Table("Answers furthest from what the model expects", columns, rows, notes=more),
        caption=labelled(
            label, f"{said} Orange triangles: beyond ±2. Respondents with an extreme score are not judged."
        ),
    )


def _scatter(dots: Sequence[Dot], outside: Sequence[Dot], width: int) -> Spec:
    narrow = is_narrow(width)
    inside, height = width - (86.0 if narrow else 72.0), 260.0 if narrow else 320.0
    xs, ys = axis_of([d[2] for d in dots]), axis_of([*(d[3] for d in dots), -3.0, 3.0])
    plane = Plane((xs[0], xs[1]), (ys[0], ys[1]), inside, height, axis(PLACE), axis("Residual"))
    within = [d for d in dots if abs(d[3]) <= LIMIT]
    within = within[:: max(1, math.ceil(len(within) / _MOST))]
    marks = [(short(d[0]), *plane.pixel(d[2], d[3])) for d in outside[: 3 if narrow else _NAMED]]
    placed = beside(marks, {"width": inside, "height": height})
    layers = [
        plane.marks([{"y": LIMIT}, {"y": -LIMIT}], "rule", **DASHED),
        plane.marks([{"x": d[2], "y": d[3]} for d in within], "point", filled=True, color=BLUE, size=22, opacity=0.45),
        plane.marks(
            [{"x": d[2], "y": d[3]} for d in outside],
            "point",
            filled=True,
            color=ORANGE,
            size=46,
            opacity=1,
            shape="triangle-up",
        ),
        plane.words([(p["label"], p["left"], p["middle"]) for p in placed], fontSize=12),
    ]
    return charts.whole(width, plane.body(layers))


def components(given: Responses, found: Calibration, *, label: str = "", simulated_p: float = math.nan) -> Chart:
    """Loadings of the first component of the standardised residuals against the items' measures.

    simulated_p: share of samples simulated under the model whose first eigenvalue is as large, where there is one.
    """
    parts = structure.residual_components(given, found)
    first = float(parts.values[0])
    points = [(n, float(m), float(v)) for n, m, v in zip(found.items, found.measures, parts.loadings, strict=True)]
    up = [n for n, _, v in sorted(points, key=lambda p: -p[2]) if v > 0.4]
    down = [n for n, _, v in sorted(points, key=lambda p: p[2]) if v < -0.4]
    said = f"The first residual component has eigenvalue {number(first)} of {len(points)}"
    said += f" (simulated p {chance(simulated_p)})." if math.isfinite(simulated_p) else "."
    if up and down:
        said += f" It sets {named(up)} against {named(down)}."
    columns = (Column("Item"), Column("Measure", "logits", "right"), Column("Loading", "", "right"))
    rows = tuple(Row((n, number(m, 3), number(v, 3))) for n, m, v in sorted(points, key=lambda p: -p[2]))
    return Chart(
        title="First residual component: what goes together beyond the measures",
        alt=labelled(label, f"Scatter of loadings against measures. {said}"),
        spec=_loadings(points, charts.WIDE),
        narrow=_loadings(points, charts.NARROW),
        table=Table("Loadings on the first residual component", columns, rows),
        caption=labelled(label, f"{said} Large compared with chance only if the simulated p says so."),
    )


def _loadings(points: Sequence[tuple[str, float, float]], width: int) -> Spec:
    narrow = is_narrow(width)
    inside, height = width - (86.0 if narrow else 72.0), 260.0 if narrow else 300.0
    xs = axis_of([m for _, m, _ in points], 0.12)
    plane = Plane((xs[0], xs[1]), (-1.0, 1.0), inside, height, axis("Measure, logits"), axis("Loading", 5))
    furthest = sorted(points, key=lambda p: -abs(p[2]))[: _MARKED // 2 if narrow else _MARKED]
    marks = [(short(n, 14), *plane.pixel(m, v)) for n, m, v in furthest]
    placed = beside(marks, {"width": inside, "height": height})
    layers = [
        plane.marks([{"y": 0.0}], "rule", **DASHED),
        plane.marks([{"x": m, "y": v} for _, m, v in points], "point", filled=True, color=INK, size=50, opacity=1),
        plane.words([(p["label"], p["left"], p["middle"]) for p in placed]),
    ]
    return charts.whole(width, plane.body(layers))
