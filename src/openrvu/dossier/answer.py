"""The first section: the answer, then each route to a work RVU with its own interval, never pooled.

A route without data here says what is missing and what to load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openrvu.dossier import charts
from openrvu.dossier.asked import NONE, Asked, listed, rvu, sentence
from openrvu.dossier.blocks import Block, Chart, Column, Figure, KeyFigures, Notice, Paragraph, Row, Section, Table
from openrvu.dossier.survey import ABOUT, number, sources
from openrvu.valuation.found import Audit, InRelease
from openrvu.valuation.wording import span


@dataclass(frozen=True)
class Route:
    """One way to a work RVU. inner, outer: intervals (thick and thin in the drawing), named in `intervals`."""

    name: str
    value: float
    text: str
    inner: tuple[float, float] | None
    outer: tuple[float, float] | None
    intervals: str
    words: str
    sources: tuple[str, ...]


# Routes that need data which do not ship. Each says what it would take.
ELSEWHERE = (
    (
        "RUC survey",
        "Times, visits, intensity and work RVU by magnitude estimation; no such survey of the code is public.",
        "Import one: quartiles of work RVU and of pre, intra and post time, visits, key reference services.",
    ),
    (
        "Building block and intensity",
        "Needs pre, intra and post minutes and visits. No physician-time file ships, and minutes are never invented.",
        "Load CMS's physician-time file.",
    ),
    (
        "Crosswalk",
        "Needs times to find services of the same global period and near times.",
        "Load CMS's physician-time file.",
    ),
    (
        "Time and intensity regression",
        "Needs times and visits of many valued services.",
        "Load CMS's physician-time file and a whole release: openrvu load FILE.",
    ),
)


def routes(asked: Asked, audit: Audit | None) -> tuple[Route, ...]:
    """Every route for which something is held, in a fixed order."""
    found: list[Route] = []
    own = asked.facts.work_rvu(asked.code, asked.release.id)
    if own:
        words = "the work RVU in force; what a payer multiplies, not a measurement"
        source = (asked.release.source,)
        found.append(
            Route(f"Fee schedule, {asked.release.id}", own / 10_000, rvu(own), None, None, "no interval", words, source)
        )
    if audit:
        found += _published(audit) + _line(asked, audit) + _means(asked, audit)
    return tuple(found)


def _published(audit: Audit) -> list[Route]:
    found = []
    for one in audit.claims:
        equal = list(dict.fromkeys(tried.words for tried in one.gives))
        words = (
            f"equals, to its printed digits: {listed(tuple(equal))}"
            if equal
            else "no formula of the fixed family gives it"
        )
        name = "Published claim" if len(audit.claims) == 1 else f"Published claim, {one.claim.panel or one.claim.scale}"
        value, text = float(one.claim.exact), one.claim.value
        found.append(Route(name, value, text, None, None, "no interval printed", words, (one.claim.source,)))
    return found


def _line(asked: Asked, audit: Audit) -> list[Route]:
    line = audit.line
    if line is None:
        return []
    at = line.reading
    inner, outer = (at.low, at.high), (at.new_low, at.new_high)
    intervals = (
        f"line {number(at.low, 3)} to {number(at.high, 3)}; "
        f"one new service {number(at.new_low, 3)} to {number(at.new_high, 3)}"
    )
    words = f"least squares of work RVU on {line.scale}; predictive R-squared {number(line.predictive_r2, 3)}"
    name = f"Line read at {asked.code}"
    return [Route(name, at.value, number(at.value, 3), inner, outer, intervals, words, sources(asked, audit))]


def _means(asked: Asked, audit: Audit) -> list[Route]:
    """The comparators' plain mean with each release's own RVUs, and its range with one comparator left out."""
    found = []
    for one in audit.releases:
        low, high = _without(asked, audit, one)
        held = "" if one.held == one.of else f", {one.held} of {one.of} held"
        name = f"Mean of comparators, {span(one.releases)}{held}"
        cited = (audit.study.source, *dict.fromkeys(asked.facts.release(key).source for key in one.releases))
        interval = f"one left out {number(low)} to {number(high)}"
        words = "uses no answer of any respondent"
        found.append(Route(name, one.mean, number(one.mean, 3), (low, high), None, interval, words, cited))
    return found


def _without(asked: Asked, audit: Audit, one: InRelease) -> tuple[float, float]:
    """The range of the mean when any one comparator is left out: each value moves it by its distance over n - 1."""
    from openrvu.valuation.services import work

    anchors = asked.anchors[one.releases[0]]
    known = [found / 10_000 for item in audit.study.comparators if (found := work(item.service, anchors)) is not None]
    left = [(sum(known) - value) / (len(known) - 1) for value in known]
    return min(left), max(left)


def _stand(asked: Asked, audit: Audit) -> str:
    """The one sentence that a committee could stand behind."""
    if audit.line is None:
        return "What is printed of the published survey does not carry a value: no line can be fitted."
    at = audit.line.reading
    return (
        f"What is printed of the published survey puts one service such as {asked.code} anywhere between "
        f"{number(at.new_low)} and {number(at.new_high)} work RVUs; any single figure claims more than these data "
        "carry."
    )


def section_answer(asked: Asked, audit: Audit | None) -> Section:
    """The answer, the routes with their intervals and a forest plot, and what is missing."""
    found = routes(asked, audit)
    leads = asked.priced.leads
    blocks: list[Block] = [
        Notice("coverage", f"Coverage of {asked.code}", text, sources=asked.priced.sources) for text in leads
    ]
    if not found:
        blocks.append(_nothing(asked))
        return Section("answer", "The answer", tuple(blocks))
    if audit:
        blocks.append(Paragraph(_stand(asked, audit), sources(asked, audit), "lead"))
        blocks.append(Paragraph("Each route below stands with its own interval, and they are never pooled."))
    blocks += [_key(found), _forest(asked, found), _table(asked, found)]
    if audit and any(g.fired for g in audit.guards):
        blocks.append(_warned(asked, audit))
    blocks.append(_missing(asked))
    return Section("answer", "The answer", tuple(blocks))


def _nothing(asked: Asked) -> Notice:
    text = f"No work RVU of {asked.code} is held on {asked.release.id}, and no published study of it."
    return Notice("missing", "Routes", text, f"Value a survey with: openrvu value survey.csv --target {asked.code}")


def _key(found: Sequence[Route]) -> KeyFigures:
    """The claim, the line and the mean of the newest complete release: the three figures that are argued about."""
    kept = [r for r in found if not r.name.startswith("Mean")][:3]
    kept += [r for r in found if r.name.startswith("Mean") and "held" not in r.name][-1:]
    return KeyFigures(tuple(Figure(r.name, r.text, "work RVU", r.intervals, r.sources) for r in kept))


def _forest(asked: Asked, found: Sequence[Route]) -> Chart:
    rows = [charts.Range(r.name, r.value, r.inner, r.outer, _shown(r), True) for r in found]
    beside = [
        (code, work) for code in asked.comparators if (work := asked.facts.work_rvu(code, asked.release.id)) is not None
    ]
    beside.sort(key=lambda pair: (-pair[1], pair[0]))
    others = [charts.Range(code, work / 10_000, shown=rvu(work)) for code, work in beside]
    panels = [(f"Routes to a work RVU for {asked.code}", rows), (f"Comparators' work RVUs, {asked.release.id}", others)]
    cited = tuple(dict.fromkeys((*(s for r in found for s in r.sources), asked.release.source)))
    said = "; ".join(f"{r.name} {r.text} ({r.intervals})" for r in found)
    table = Table(
        f"Comparators' work RVUs on {asked.release.id}",
        (Column("Code"), Column("Work", "RVU", "right")),
        tuple(Row((code, rvu(work))) for code, work in beside),
        (asked.release.source,),
        ("For pricing rationale only, not reportable instead.",),
    )
    return Chart(
        title="Routes and comparators on one axis",
        alt=f"Forest plot. {said}. Below, the work RVUs of {len(others)} comparators.",
        spec=charts.ranges(panels, "work RVU", charts.WIDE),
        narrow=charts.ranges(panels, "work RVU", charts.NARROW),
        table=table,
        caption="Thick: interval of the line, or the range with one comparator left out. Thin: prediction interval of "
        "one new service. A diamond without a bar was printed without an interval.",
        sources=cited,
        labelled=True,
    )


def _shown(route: Route) -> str:
    far = route.outer or route.inner
    return route.text if far is None else f"{route.text} ({number(far[0], 1)} to {number(far[1], 1)})"


def _table(asked: Asked, found: Sequence[Route]) -> Table:
    rows = tuple(Row((r.name, r.text, r.intervals, r.words), r.sources) for r in found)
    columns = (
        Column("Route"),
        Column("Value", "work RVU", "right"),
        Column("Interval", "work RVU"),
        Column("What it is"),
    )
    return Table(f"Routes to a work RVU for {asked.code}", columns, rows)


def _warned(asked: Asked, audit: Audit) -> Table:
    """Which guards fire about which value: the short form; the survey's section has the figures."""
    rows = []
    for about in ("claimed", "line", "study"):
        names = [g.name for g in audit.guards if g.about == about and g.fired]
        if names:
            rows.append(
                Row(
                    (f"{ABOUT[about][:1].upper()}{ABOUT[about][1:]}", ", ".join(dict.fromkeys(names))),
                    sources(asked, audit),
                )
            )
    columns = (Column("About"), Column("Guards that fire"))
    return Table("Warnings on these values; the survey's section has each with its figures", columns, tuple(rows))


def _missing(asked: Asked) -> Table:
    columns = (Column("Route"), Column("No data here"), Column("What to do"))
    rows = tuple(Row(cells) for cells in ELSEWHERE)
    return Table(f"Routes for which nothing is held on {asked.code}", columns, rows, (asked.release.source,))


def text_lines(asked: Asked, audit: Audit | None, first: str, second: str) -> tuple[str, ...]:
    """The answer for a terminal: at most eight lines."""
    lines = [first, second] if second else [first]
    priced = asked.priced
    if priced.amount_cents is None:
        lines.append(" ".join(sentence(part) for part in (priced.words, priced.how_paid) if part))
    for route in routes(asked, audit):
        if route.name.startswith("Mean") and NONE in route.name:
            continue
        lines.append(f"{route.name}: {route.text}; {route.intervals}; {route.words}.")
    return tuple(lines[:8])
