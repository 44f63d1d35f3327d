"""One forest plot of all routes to a work RVU over the comparators' values, with its table and its words."""

from __future__ import annotations

from collections.abc import Sequence

from openrvu.dossier import charts
from openrvu.dossier.blocks import Chart, Column, Row, Table
from openrvu.triangulation.route import Route, number

CAPTION = (
    "Thick: interval of the line, or the range with one comparator left out, or of a median. Thin: prediction interval "
    "of one new service, or the quartiles of a RUC survey. A diamond without a bar was printed without an interval."
)


def forest(
    code: str, found: Sequence[Route], beside: Sequence[tuple[str, float]], release: tuple[str, str], label: str = ""
) -> Chart:
    """The plot. beside: comparators with their work RVU, highest first. release: its id and source. label: SIMULATED.

    Made-up routes say so in their names.
    """
    rows = [charts.Range(_name(r), r.value, r.inner, r.outer, shown(r), True) for r in found]
    others = [charts.Range(one, work, shown=number(work)) for one, work in beside]
    head = f"Routes to a work RVU for {code}" + (" (SIMULATED in part)" if label else "")
    panels = [(head, rows), (f"Comparators' work RVUs, {release[0]}", others)]
    said = "; ".join(f"{_name(r)} {r.text} ({r.intervals})" for r in found)
    table = Table(
        f"Comparators' work RVUs on {release[0]}",
        (Column("Code"), Column("Work", "RVU", "right")),
        tuple(Row((one, number(work))) for one, work in beside),
        (release[1],),
        ("For pricing rationale only, not reportable instead.",),
    )
    return Chart(
        title="Routes and comparators on one axis",
        alt=f"{f'{label}. ' if label else ''}Forest plot. {said}. Below, the work RVUs of {len(others)} comparators.",
        spec=charts.ranges(panels, "work RVU", charts.WIDE),
        narrow=charts.ranges(panels, "work RVU", charts.NARROW),
        table=table,
        caption=f"{f'{label}. ' if label else ''}{CAPTION}",
        sources=tuple(dict.fromkeys((*(s for r in found for s in r.sources), release[1]))),
        labelled=True,
    )


def _name(route: Route) -> str:
    return f"{route.name} (SIMULATED)" if route.simulated else route.name


def shown(route: Route) -> str:
    """What stands beside a bar: the value and its widest interval."""
    far = route.outer or route.inner
    return route.text if far is None else f"{route.text} ({number(far[0], 1)} to {number(far[1], 1)})"
