"""The first section: the answer, then each route to a work RVU with its own interval, never pooled.

A route without data here says what is missing and what to load.
"""

from __future__ import annotations

from collections.abc import Sequence

from openrvu import units
from openrvu.dossier.asked import NONE, Asked, sentence
from openrvu.dossier.blocks import Block, Chart, Column, Figure, KeyFigures, Notice, Paragraph, Row, Section, Table
from openrvu.dossier.forest import forest
from openrvu.dossier.survey import ABOUT, number, sources
from openrvu.triangulation import making
from openrvu.triangulation.route import Lacking, Route, concluded
from openrvu.valuation.found import Audit


def lacking(code: str) -> tuple[Lacking, ...]:
    """Routes that need data which do not ship. Each says what it would take."""
    return (
        Lacking(
            "RUC survey",
            "Times, visits, intensity and work RVU by magnitude estimation; no such survey of the code is public.",
            f"Give one: openrvu ruc survey.csv --target {code}",
        ),
        Lacking(
            "Building block and intensity",
            "Needs pre, intra and post minutes and visits. No physician-time file ships, and none is invented.",
            f"Load CMS's physician-time file: openrvu iwput {code} --times FILE",
        ),
        Lacking(
            "Crosswalk",
            "Needs times to find services of the same global period and near times.",
            f"Load CMS's physician-time file: openrvu crosswalk {code} --times FILE",
        ),
        Lacking(
            "Time and intensity regression",
            "Needs times and visits of many valued services.",
            f"Load a whole release (openrvu load FILE) and the time file: openrvu regress {code} --times FILE",
        ),
    )


def routes(asked: Asked, audit: Audit | None) -> tuple[Route, ...]:
    """Every route for which something is held, in a fixed order."""
    found = making.in_force(asked.code, asked.facts, asked.release)
    if audit:
        found += making.published(audit) + making.line(audit, sources(asked, audit))
        found += making.means(audit, asked.facts, asked.anchors)
    return tuple(found)


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
    blocks += [_key(found), _forest(asked, found), _table(asked, found), _concluded(asked, found)]
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
    beside = [
        (code, work / units.RVU)
        for code in asked.comparators
        if (work := asked.facts.work_rvu(code, asked.release.id)) is not None
    ]
    beside.sort(key=lambda pair: (-pair[1], pair[0]))
    return forest(asked.code, found, beside, (asked.release.id, asked.release.source))


def _concluded(asked: Asked, found: Sequence[Route]) -> Paragraph:
    """What the routes say together, and what they do not."""
    cited = tuple(dict.fromkeys(s for route in found for s in route.sources))
    return Paragraph(concluded(asked.code, found, lacking(asked.code)), cited)


def _table(asked: Asked, found: Sequence[Route]) -> Table:
    rows = tuple(Row((r.name, r.text, r.intervals, r.words, r.assumes), r.sources) for r in found)
    columns = (
        Column("Route"),
        Column("Value", "work RVU", "right"),
        Column("Interval", "work RVU"),
        Column("What it is"),
        Column("What it assumes"),
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
    rows = tuple(Row((one.name, one.why, one.fix)) for one in lacking(asked.code))
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
