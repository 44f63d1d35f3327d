"""The sections of record: use over the years, who asked and who objects, the evidence with its dissent, the methods."""

from __future__ import annotations

from openrvu.codes.evidence import Voice, evidence_of, revaluation_of
from openrvu.codes.families import family_of, plain_words
from openrvu.dossier import charts, curves
from openrvu.dossier.asked import NONE, Asked, listed
from openrvu.dossier.blocks import Block, Bullets, Chart, Column, Item, Notice, Paragraph, Row, Section, Table
from openrvu.impact.trends import CAVEATS, Trend, use
from openrvu.methodology.said import METHODS

UNSETTLED = " (General process; to be confirmed.)"


def section_use(asked: Asked) -> Section:
    """Service lines a year of the code and its neighbours, the caveats first."""
    title = "Use over time"
    family = family_of(asked.code)
    near = dict.fromkeys((asked.code, *asked.comparators, *(family.services if family else ())))
    looked = [trend for code in near if (trend := use(code))]
    found = tuple(trend for trend in looked if trend.found)
    absent = tuple(trend for trend in looked if not trend.found)
    if not looked:
        text = f"No yearly counts of {asked.code} or its neighbours are held."
        fix = "CMS publishes them as “Physician & Other Practitioners by Provider and Service”."
        return Section("use", title, (Notice("missing", "Use", text, fix),))
    source = (looked[0].source,)
    blocks: list[Block] = [Bullets(tuple(Item(text, sources=source) for text in CAVEATS))]
    if absent:
        names = listed(tuple(trend.code for trend in absent))
        blocks.append(Paragraph(f"Yearly counts of {names} were looked for and not found.", source))
    if found:
        blocks.append(_multiples(found, source))
    return Section("use", title, tuple(blocks))


def _multiples(found: tuple[Trend, ...], source: tuple[str, ...]) -> Chart:
    years = range(min(y for t in found for y in t.lines), max(y for t in found for y in t.lines) + 1)
    series = [curves.Series(t.code, tuple((float(y), _float(t.lines.get(y))) for y in years)) for t in found]
    rows = tuple(
        Row((t.code, plain_words(t.code), *(f"{t.lines[y]:,}" if y in t.lines else NONE for y in years))) for t in found
    )
    said = "; ".join(_said(t) for t in found)
    columns = (Column("Code"), Column("In plain words"), *(Column(str(y), "lines", "right") for y in years))
    return Chart(
        title="Medicare service lines a year",
        alt=f"One small chart for each code, each with its own axis from zero. {said}.",
        spec=curves.multiples(series, charts.WIDE),
        narrow=curves.multiples(series, charts.NARROW),
        table=Table("Medicare service lines a year", columns, rows, source, CAVEATS),
        caption=f"Each chart has its own axis, from zero. Lines, not procedures; suppressed rows are missing. {said}.",
        sources=source,
    )


def _float(count: int | None) -> float | None:
    return None if count is None else float(count)


def _said(trend: Trend) -> str:
    """First and last year held, and the change where suppression of small counts does not rule it."""
    first, last = min(trend.lines), max(trend.lines)
    return f"{trend.code}: {trend.lines[first]:,} in {first}, {trend.lines[last]:,} in {last}"


def section_voices(asked: Asked) -> Section:
    """Who asked for a revaluation, who objects, and what would happen next."""
    title = "Who asked, who objects, what happens next"
    found = revaluation_of(asked.code)
    if found is None:
        text = f"Nobody who asks for or against a revaluation of {asked.code} has been recorded here."
        return Section("voices", title, (Notice("missing", "Revaluation", text, "Add a file of facts/evidence."),))
    steps = tuple(
        Item(
            step.text if step.settled else f"{step.text}{UNSETTLED}",
            f"{step.step}.",
            step.sources,
        )
        for step in found.steps
    )
    blocks = (
        Paragraph("Who asked", role="subhead"),
        _said_by(found.asked),
        Paragraph("Who objects", role="subhead"),
        _said_by(found.objects),
        Paragraph("What would happen next", role="subhead"),
        Bullets(steps, ordered=True),
    )
    return Section("voices", title, blocks)


def _said_by(voices: tuple[Voice, ...]) -> Bullets:
    return Bullets(
        tuple(Item(f"{v.text}{f', {v.on.isoformat()}' if v.on else ''}.", f"{v.who}:", v.sources) for v in voices)
    )


def section_evidence(asked: Asked) -> Section:
    """Studies with who paid for them, and the points against beside them."""
    title = "Evidence, with funding and dissent"
    found = evidence_of(asked.code)
    if found is None:
        text = f"No clinical evidence on {asked.code} has been collected here."
        return Section("evidence", title, (Notice("missing", "Evidence", text, "Add a file of facts/evidence."),))
    rows = tuple(
        Row((s.title, s.n, s.follow_up, "; ".join(s.figures) or s.read, s.funding, s.speaks), s.sources)
        for s in found.studies
    )
    labels = ("Study", "Patients", "Followed", "Figures", "Who paid", "Speaks")
    blocks = (
        Paragraph(found.about, tuple(dict.fromkeys(s for row in rows for s in row.sources)), "lead"),
        Table("What was found, and who paid for it", tuple(Column(label) for label in labels), rows),
        Paragraph("Against", role="subhead"),
        Bullets(tuple(Item(point.text, sources=point.sources) for point in found.dissent)),
    )
    return Section("evidence", title, blocks)


def section_methods(asked: Asked) -> Section:
    """How every figure here was made, and how to make it again."""
    items = tuple(Item(one.text, one.term, one.sources) for one in METHODS)
    again = f"openrvu dossier {asked.code} --on {asked.on.isoformat()} --place {asked.place.id}"
    text = (
        f"To make this dossier again with the same version and facts: {again}. The run id in the foot names both, and "
        "the seed where an appendix is simulated. No clock enters it."
    )
    return Section("methods", "Methods", (Bullets(items), Paragraph(text, role="note")))
