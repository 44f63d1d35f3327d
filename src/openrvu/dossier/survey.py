"""The section on what the published survey says: the audit with every guard, who decides the line, and the scatter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from openrvu.dossier import linking
from openrvu.dossier.asked import NONE, Asked, sentence
from openrvu.dossier.blocks import (
    Block,
    Bullets,
    Chart,
    Column,
    Figure,
    Item,
    KeyFigures,
    Notice,
    Paragraph,
    Row,
    Section,
    Table,
)
from openrvu.facts import Facts
from openrvu.valuation.anchor import fit_line
from openrvu.valuation.consistency import DIFFERS
from openrvu.valuation.found import Audit
from openrvu.valuation.guards import Guard
from openrvu.valuation.wording import span


@dataclass(frozen=True)
class Target:
    """What an audit is of, where no dossier is asked for: the code, and the facts that name the releases."""

    code: str
    facts: Facts


ABOUT = {
    "claimed": "the published value",
    "line": "the line read at the target",
    "estimate": "the estimate",
    "study": "the study as a whole",
}


def number(value: float | None, places: int = 2) -> str:
    """A statistic as text; money never comes here.

    >>> number(25.58928, 3), number(None), number(-0.0272, 3)
    ('25.589', 'not held', '−0.027')
    """
    return NONE if value is None else f"{value:,.{places}f}".replace("-", "−")


def section_survey(asked: Asked | Target, audit: Audit | None) -> Section:
    """The published study of the code: what it claims, what its printed data carry, and what is missing."""
    title = "What the survey says"
    if audit is None:
        text = f"No published survey of {asked.code} is held."
        fix = f"Value one of your own with: openrvu value survey.csv --target {asked.code}"
        return Section("survey", title, (Notice("missing", "Survey", text, fix),))
    blocks: list[Block] = [
        Paragraph(audit.headline, (audit.study.source,), "lead"),
        about_study(audit),
        key_figures(asked, audit),
    ]
    cited = sources(asked, audit)
    blocks.append(Paragraph("What was found", role="subhead"))
    blocks.append(Bullets(tuple(Item(text, sources=cited) for text in audit.findings)))
    blocks += [checks(audit)] if audit.checks else []
    blocks += fired_guards(audit.guards, cited, asked.code)
    if audit.line:
        blocks += [scatter(asked, audit), left_out(asked, audit)]
    if audit.comparators:
        blocks += [comparators_table(asked, audit), by_release(asked, audit)]
    blocks += [tries(asked, audit, i) for i, one in enumerate(audit.claims) if one.tries]
    blocks += limits(audit)
    return Section("survey", title, tuple(blocks))


def checks(audit: Audit) -> Table:
    """Printed figures held against each other."""
    rows = tuple(
        Row((one.about, one.outcome, sentence(one.words)), (one.source,), strong=one.outcome == DIFFERS)
        for one in audit.checks
    )
    note = "Arithmetic on printed figures, each to its printed digits. One that differs says nothing of why."
    columns = (Column("About"), Column("Outcome"), Column("What was compared"))
    return Table("Internal consistency of the printed figures", columns, rows, (audit.study.source,), (note,))


def sources(asked: Asked | Target, audit: Audit) -> tuple[str, ...]:
    """The study and the release whose RVUs it stands on."""
    basis = {release.id: release.source for release in asked.facts.releases}.get(audit.basis_release)
    return (audit.study.source, *([basis] if basis else []))


def about_study(audit: Audit) -> Paragraph:
    """What was asked of whom, how it was designed, read, paid for."""
    study = audit.study
    asked_of = "; ".join(
        f"{panel.name}: "
        + ", ".join(
            f"{count} {word}"
            for word, count in (("asked", panel.sent), ("responded", panel.responded), ("completed", panel.completed))
            if count is not None
        )
        for panel in study.panels
    )
    designs = {
        "star": "every question compared the code with one comparator",
        "linked": "comparators were compared with each other too",
        "reference-choice": "respondents chose a reference code",
    }
    parts = [
        f"{study.title} ({study.authors} {study.year}).",
        f"{asked_of}." if asked_of else "",
        f"Design: {designs[study.design]}.",
        f"Read: {study.read}.",
        f"Funding: {study.funding}." if study.funding else "",
        f"Financial interests of respondents: {study.interest_words}." if study.interest_words else "",
        f"Audited {audit.on.isoformat()}.",
    ]
    return Paragraph(" ".join(part for part in parts if part), (study.source,))


def key_figures(asked: Asked | Target, audit: Audit) -> KeyFigures:
    """The published values beside the mean and the line."""
    cited = sources(asked, audit)
    items = [
        Figure(
            f"Published: {one.claim.words}",
            one.claim.value,
            "work RVU",
            "printed without an interval",
            (one.claim.source,),
        )
        for one in audit.claims
    ]
    if audit.mean:
        detail = f"{number(audit.mean.low_without)} to {number(audit.mean.high_without)} with one comparator left out"
        items.append(
            Figure(
                f"Mean of the {len(audit.comparators)} comparators",
                number(audit.mean.value, 4),
                "work RVU",
                detail,
                cited,
            )
        )
    if audit.line:
        at = audit.line.reading
        detail = (
            f"line {number(at.low)} to {number(at.high)}; one new service {number(at.new_low)} to {number(at.new_high)}"
        )
        items.append(
            Figure(f"Line of {audit.line.scale}, read at {asked.code}", number(at.value, 3), "work RVU", detail, cited)
        )
        detail = "against the plain mean; zero or less: the survey predicts no better than not asking"
        items.append(
            Figure(
                "Predictive R-squared, each comparator left out", number(audit.line.predictive_r2, 3), "", detail, cited
            )
        )
    return KeyFigures(tuple(items))


def fired_guards(found: Iterable[Guard], cited: tuple[str, ...], code: str) -> list[Block]:
    """Every guard that fires, value by value, and a table of those that do not or could not be checked."""
    every = tuple(found)
    blocks: list[Block] = [Paragraph("Guards that fire", role="subhead")]
    for guard in (g for g in every if g.fired):
        blocks.append(Notice("guard", guard.name, sentence(guard.words), guard.remedy, ABOUT[guard.about], cited))
    if not any(g.fired for g in every):
        blocks.append(Paragraph("None of the guards fires.", cited))
    quiet = tuple(
        Row(
            (g.name, ABOUT[g.about], "does not fire" if g.checked else "could not be checked", sentence(g.words)),
            cited,
        )
        for g in every
        if not g.fired
    )
    if quiet:
        columns = (Column("Guard"), Column("About"), Column("Outcome"), Column("Why"))
        blocks.append(Table(f"Guards that do not fire for {code}", columns, quiet, cited))
    return blocks


def scatter(asked: Asked | Target, audit: Audit) -> Chart:
    """The comparators, the line with its two bands, and the target."""
    points = [
        (row.service, row.measure, row.rvu)
        for row in audit.comparators
        if row.measure is not None and row.rvu is not None
    ]
    assert audit.line is not None  # the caller asks only where there is a line
    line = fit_line([measure for _, measure, _ in points], [work for _, _, work in points])
    return linking.anchors(points, line, asked.code, audit.line.scale, cited=sources(asked, audit))


def left_out(asked: Asked | Target, audit: Audit) -> Chart:
    """Both values with each comparator left out, in order of what the line becomes."""
    assert audit.line is not None  # the caller asks only where there is a line
    known = {row.service: row.rvu for row in audit.comparators if row.rvu is not None}
    without = {row.service: row.without for row in audit.comparators if row.without is not None}
    return linking.left_out(without, known, audit.line.reading, asked.code, cited=sources(asked, audit))


def comparators_table(asked: Asked | Target, audit: Audit) -> Table:
    """Every comparator with its figures."""
    columns = (
        Column("Comparator"),
        *(
            Column(label, unit, "right")
            for label, unit in (
                ("Work", "RVU"),
                ("Measure", "logits"),
                ("Infit", ""),
                ("Outfit", ""),
                ("Leverage", ""),
                ("Cook's D", ""),
            )
        ),
        Column("Remark"),
    )
    rows = tuple(
        Row(
            (
                row.service,
                number(row.rvu),
                *(number(value, 3) for value in (row.measure, row.infit, row.outfit, row.leverage, row.cook)),
                row.odd,
            )
        )
        for row in audit.comparators
    )
    return Table("The comparators in the audit", columns, rows, sources(asked, audit), (audit.study.basis_words + ".",))


def by_release(asked: Asked | Target, audit: Audit) -> Table:
    """Mean and line with the work RVUs of each release."""
    rows = []
    for one in audit.releases:
        absent = f" (not held: {', '.join(one.not_held)})" if one.not_held else ""
        cited = tuple(dict.fromkeys(asked.facts.release(name).source for name in one.releases))
        interval = "" if one.new_low is None else f"{number(one.new_low)} to {number(one.new_high)}"
        cells = (
            span(one.releases),
            f"{one.held} of {one.of}{absent}",
            number(one.mean, 4),
            number(one.line, 3),
            interval,
        )
        rows.append(Row(cells, cited))
    columns = (
        Column("Releases"),
        Column("Comparators held"),
        Column("Mean", "work RVU", "right"),
        Column("Line at the target", "work RVU", "right"),
        Column("Prediction interval", "work RVU", "right"),
    )
    return Table(
        "What mean and line would be with each release's own work RVUs", columns, tuple(rows), (audit.study.source,)
    )


def tries(asked: Asked | Target, audit: Audit, index: int) -> Table:
    """The fixed formula family on one claimed value: formulas down, sets of RVUs across."""
    one = audit.claims[index]
    sets = list(dict.fromkeys(tried.releases for tried in one.tries))
    by = {(tried.formula, tried.releases): tried for tried in one.tries}
    names = {tried.formula: tried.words for tried in one.tries}
    rows = []
    for formula, words in names.items():
        cells = []
        for key in sets:
            tried = by[formula, key]
            cells.append(f"{tried.text}{' = claim' if tried.gives else ''}" if tried.text else "cannot be tried")
        rows.append(Row((words, *cells), strong=any(by[formula, key].gives for key in sets)))
    chance = one.chance
    notes = ["A formula gives a value if it rounds to the printed digits. No search over subsets, weights or scales."]
    if chance:
        notes.append(f"Agreements expected by chance over the whole family: {chance.expected:.2g}.")
    columns = (Column("Formula"), *(Column(span(key), "work RVU", "right") for key in sets))
    caption = f"The fixed family of formulas, tried on {one.claim.value}"
    return Table(caption, columns, tuple(rows), sources(asked, audit), tuple(notes))


def limits(audit: Audit) -> list[Block]:
    """What is missing, and how to correct the audit."""
    cited = (audit.study.source,)
    blocks: list[Block] = []
    if audit.missing:
        blocks.append(Paragraph("What is missing to check more", role="subhead"))
        blocks.append(Bullets(tuple(Item(f"{text[:1].upper()}{text[1:]}.", sources=cited) for text in audit.missing)))
    blocks.append(Paragraph(audit.correction, role="note"))
    return blocks
