"""From measures to a work RVU: the default with every other way beside it, what it hangs on, guards, other routes."""

from __future__ import annotations

from openrvu.dossier import charts
from openrvu.dossier.asked import sentence
from openrvu.dossier.blocks import Block, Chart, Column, Figure, KeyFigures, Notice, Paragraph, Row, Section, Table
from openrvu.dossier.forest import forest
from openrvu.dossier.survey import fired_guards
from openrvu.errors import OpenRVUError
from openrvu.facts import Facts
from openrvu.pictures import valued
from openrvu.reports.analysis import Analysis
from openrvu.reports.measuring import label_of
from openrvu.reports.words import between, chance, number, table
from openrvu.triangulation.route import Triangulation
from openrvu.valuation.estimate import Bootstrap, Estimate

Way = tuple[str, float | None, tuple[float, float] | None, tuple[float, float] | None, str]


def ways(found: Estimate) -> tuple[Way, ...]:
    """Name, value, interval of the line, interval of one new service, and remark, of every way to read the answers."""
    rows: list[Way] = []
    for one in found.treatments:
        name = f"Line, equal: {one.ties}" + (" (default)" if one.ties == found.ties else "")
        at = one.reading
        rows.append(
            (name, at.value, (at.low, at.high), (at.new_low, at.new_high), one.words)
            if at
            else (name, None, None, None, one.why_not)
        )
    for link in found.sensitivity:
        inner = (link.low, link.high) if link.low is not None and link.high is not None else None
        outer = (link.new_low, link.new_high) if link.new_low is not None and link.new_high is not None else None
        rows.append((sentence(link.name).rstrip("."), link.value, inner, outer, link.why_not or link.interval))
    if joint := found.joint:
        rows.append(
            (
                "Joint model",
                joint.value,
                (joint.low, joint.high),
                (joint.new_low, joint.new_high),
                "measures and link in one likelihood (Laplace)",
            )
        )
    return tuple(rows)


def section_line(found: Analysis) -> Section:
    """The line, and every other link beside it."""
    estimate, title = found.estimate, "From measures to a work RVU"
    cited = (found.release.source, "valuation-methods")
    if estimate.reading is None:
        text = f"These answers give no work RVU: {estimate.why_not}."
        blocks: tuple[Block, ...] = (
            Notice("missing", "Line", text, "Add comparators with work RVUs, on both sides of the target."),
            _treatments(estimate),
        )
        return Section("line", title, blocks)
    at = estimate.reading
    keyed = KeyFigures(
        (
            Figure(
                f"Line read at {estimate.target}",
                number(at.value),
                "work RVU",
                f"95 % interval of the line {between(at.low, at.high)}",
                cited,
            ),
            Figure(
                "One new service",
                between(at.new_low, at.new_high),
                "work RVU",
                "95 % prediction interval: the one that answers the question",
                cited,
            ),
            Figure(
                "Plain mean of the comparators",
                number(estimate.mean),
                "work RVU",
                "what one would say without asking",
                cited,
            ),
            Figure(
                "Predictive R-squared",
                number(estimate.predictive_r2, 3),
                "",
                "each comparator left out, against the plain mean",
                cited,
            ),
            Figure(
                "Slope",
                number(estimate.slope),
                "RVU a logit",
                f"{between(estimate.slope_low, estimate.slope_high)}, p {chance(estimate.slope_p)}",
                cited,
            ),
            Figure("R-squared", number(estimate.r2, 3), "", f"{len(valued.points(estimate))} comparators", cited),
        )
    )
    return Section("line", title, (keyed, valued.draw("anchors", estimate), _ways(estimate), _treatments(estimate)))


def beside(found: Analysis) -> Chart:
    """Every way to read the same answers on one axis."""
    estimate, label = found.estimate, label_of(found)
    rows = [
        charts.Range(name, value, inner, outer, _shown(value, outer or inner), "(default)" in name)
        for name, value, inner, outer, _ in ways(estimate)
        if value is not None
    ]
    values = [row.value for row in rows if row.value is not None]
    said = f"{len(rows)} ways to read the same answers give {between(min(values), max(values))}."
    panels = [(f"{estimate.target}, work RVU" + (f" ({label})" if label else ""), rows)]
    caption = (
        f"{said} Thick: interval of the line. Thin: prediction interval of one new service. They are no "
        "routes of their own and are not averaged."
    )
    return Chart(
        title="The same answers read in every way",
        alt=f"{label + '. ' if label else ''}Forest plot. {said}",
        spec=charts.ranges(panels, "work RVU", charts.WIDE, estimate.value),
        narrow=charts.ranges(panels, "work RVU", charts.NARROW, estimate.value),
        table=_ways(estimate),
        caption=f"{label + '. ' if label else ''}{caption}",
        labelled=True,
    )


def _shown(value: float | None, ends: tuple[float, float] | None) -> str:
    return number(value) if ends is None else f"{number(value)} ({number(ends[0], 1)} to {number(ends[1], 1)})"


def _ways(estimate: Estimate) -> Table:
    rows = [
        (name, number(value), _ends(inner), _ends(outer), remark)
        for name, value, inner, outer, remark in ways(estimate)
    ]
    head = ("Way", "Value|work RVU", "Interval|work RVU", "Prediction interval|work RVU", "Remark")
    return table("Every way to read the same answers", head, rows, words=(0, 4))


def _ends(pair: tuple[float, float] | None) -> str:
    return between(*pair) if pair else "none"


def _treatments(estimate: Estimate) -> Table:
    rows = [
        (
            one.ties,
            f"{one.answers:g}",
            number(one.separation, 3),
            number(one.slope),
            chance(one.slope_p),
            number(one.predictive_r2, 3),
            one.why_not or "; ".join(f"{name}: {why}" for name, why in one.dropped) or "nothing left out",
        )
        for one in estimate.treatments
    ]
    head = (
        "Answers of equal",
        "Answers used",
        "Reliability of services",
        "Slope|RVU a logit",
        "p",
        "Predictive R²",
        "Left out",
    )
    return table("Treatments of equal answers", head, rows, words=(0, 6))


def section_hangs(found: Analysis) -> Section:
    """One comparator left out, influence, respondents and comparators drawn again."""
    estimate, title = found.estimate, "What the value hangs on"
    if estimate.reading is None:
        text = f"There is no value to take apart: {estimate.why_not}."
        return Section("hangs", title, (Notice("missing", "Leave-one-out and bootstrap", text),))
    blocks: list[Block] = [valued.draw("left-out", estimate), valued.draw("influence", estimate)]
    try:
        blocks.append(valued.draw("bootstrap", estimate))
    except OpenRVUError as fault:
        blocks.append(Notice("missing", "Bootstrap", f"{fault.what}.", fault.fix))
    drawn = [one for one in (estimate.bootstrap, estimate.comparator_bootstrap) if one]
    if drawn:
        head = ("Drawn again", "Draws", "Without a value", "Percentile|work RVU", "BCa|work RVU", "Median|work RVU")
        blocks.append(
            table(
                "Bootstrap intervals",
                head,
                [_drawn(one) for one in drawn],
                notes=(
                    "Neither is the interval of one new service. Respondents carry that people disagree, "
                    "comparators that services "
                    f"scatter about the line. Seed {drawn[0].seed}.",
                ),
            )
        )
    return Section("hangs", title, tuple(blocks))


def _drawn(one: Bootstrap) -> tuple[str, ...]:
    return (
        one.method,
        f"{one.draws:,}",
        f"{one.failed}",
        between(one.low, one.high),
        between(one.bca_low, one.bca_high),
        number(one.median),
    )


def section_guards(found: Analysis) -> Section:
    """Every guard in words, those that could not be checked among them."""
    blocks = fired_guards(found.estimate.guards, (found.release.source, "valuation-methods"), found.estimate.target)
    return Section("guards", "Guards", tuple(blocks))


def section_routes(found: Analysis, facts: Facts) -> Section:
    """The survey beside every other route for which something is held."""
    title = "Beside other routes"
    if found.routes is None:
        return Section("routes", title, (Notice("missing", "Other routes", found.why_no_routes),))
    routes: Triangulation = found.routes
    release = facts.release(routes.release)
    blocks: list[Block] = [Paragraph(routes.concluded, routes.sources, "lead")]
    if routes.routes:
        blocks.append(
            forest(routes.code, routes.routes, routes.comparators, (release.id, release.source), routes.label)
        )
        rows = tuple(
            Row(
                (f"{r.name} (SIMULATED)" if r.simulated else r.name, r.text, r.intervals, r.kind, r.words, r.assumes),
                r.sources,
            )
            for r in routes.routes
        )
        columns = (
            Column("Route"),
            Column("Value", "work RVU", "right"),
            Column("Interval"),
            Column("Kind"),
            Column("What it is"),
            Column("Assumes"),
        )
        blocks.append(Table(f"Routes on release {release.id}, never pooled", columns, rows))
    blocks += [Notice("missing", one.name, sentence(one.why), sentence(one.fix)) for one in routes.lacking]
    return Section("routes", title, tuple(blocks))
