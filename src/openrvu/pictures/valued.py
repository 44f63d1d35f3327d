"""The pictures of a valued survey, by name: for the command line, the pages and the report."""

from __future__ import annotations

from openrvu.dossier import linking
from openrvu.dossier.blocks import Chart
from openrvu.errors import BadInput
from openrvu.pictures import anchoring, maps
from openrvu.pictures.drawn import SIMULATED
from openrvu.valuation.anchor import Line, fit_line
from openrvu.valuation.estimate import Estimate

NAMES = ("anchors", "left-out", "influence", "bootstrap", "measures", "answers")


def points(found: Estimate) -> list[tuple[str, float, float]]:
    """Service, measure and work RVU of the comparators that carry the line."""
    return [
        (item.service, item.measure, item.rvu)
        for item in found.items
        if not item.left_out and item.measure is not None and item.rvu is not None
    ]


def line(found: Estimate) -> Line | None:
    """The line through them; None where the estimate has none."""
    if found.reading is None:
        return None
    return fit_line([d for _, d, _ in points(found)], [w for _, _, w in points(found)])


def draw(name: str, found: Estimate) -> Chart:
    """One picture of the estimate. name: one of NAMES.

    Raises BadInput for an unknown name, and where the answers do not carry what is to be drawn, with the reason.
    """
    if name not in NAMES:
        raise BadInput(f"no picture {name!r}", exists=f"Pictures: {', '.join(NAMES)}")
    label, scale = SIMULATED if found.simulated else "", found.domain or "work"
    if name == "answers":
        return answers(found, label)
    if name == "measures":
        rows = [(i.service, i.measure, i.se) for i in found.items if i.measure is not None and i.se is not None]
        if not rows:
            raise BadInput(f"nothing to draw: {found.why_not or 'no service has a measure'}")
        return maps.measures(rows, found.target, label=label, scale=scale)
    through = line(found)
    if through is None or found.reading is None:
        raise BadInput(f"nothing to draw: {found.why_not}", fix="Look at --picture answers, and at `openrvu value`")
    if name == "anchors":
        return linking.anchors(points(found), through, found.target, scale, label=label)
    if name == "influence":
        return anchoring.influence(points(found), through, label=label)
    if name == "left-out":
        without = {i.service: i.without for i in found.items if i.without is not None}
        known = {service: work for service, _, work in points(found)}
        return linking.left_out(without, known, found.reading, found.target, label=label)
    drawn = found.bootstrap and anchoring.bootstrap(found.bootstrap, found.reading.value, found.target, label=label)
    if not drawn:
        raise BadInput("nothing to draw: no draws, or too few of them have a value", fix="Give --draws 2000")
    return drawn


def answers(found: Estimate, label: str) -> Chart:
    """How the target was judged against each service that it was paired with directly."""
    rows = [(i.service, i.less, i.equal, i.greater) for i in found.items if i.less + i.equal + i.greater > 0]
    if not rows:
        raise BadInput("nothing to draw: the target was compared with no service directly")
    return anchoring.answers(rows, found.target, label=label)
