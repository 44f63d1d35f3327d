"""What was asked and answered: the file, the funnel, who was left out and why, and every answer counted."""

from __future__ import annotations

from openrvu.dossier.blocks import Block, Bullets, Item, Notice, Paragraph, Section
from openrvu.errors import OpenRVUError
from openrvu.pictures import valued
from openrvu.reports.analysis import Analysis
from openrvu.reports.words import LABEL, NONE, table

DESIGNS = {
    True: "Every question compares the target with one service: transitivity and anchors cannot be tested",
    False: "Services are compared with each other too",
}


def section(found: Analysis) -> Section:
    """From the file to the answers that count."""
    data, survey = found.data, found.survey
    blocks: list[Block] = []
    blocks.append(Bullets(tuple(_facts(found))))
    if not data.confirmed:
        blocks.append(
            Notice(
                "warning",
                "Columns were read as they suggest themselves",
                "Nobody has confirmed what each column and each answer means.",
                f"Write the mapping with: openrvu survey map {data.name} --target {survey.target}; then give it "
                "with --mapping.",
            )
        )
    blocks += _funnel(found)
    blocks += _left_out(found)
    try:
        blocks.append(valued.answers(found.estimate, LABEL if data.simulated else ""))
    except OpenRVUError as fault:
        blocks.append(Notice("missing", "Answers about the target", f"{fault.what}."))
    return Section("asked", "What was asked and answered", tuple(blocks))


def _facts(found: Analysis) -> list[Item]:
    data, survey = found.data, found.survey
    rows = f"{data.rows} rows" if survey.answers is not None else f"{len(survey.items)} services with counts"
    who = f"; {survey.report.respondents} respondents are analysed" if survey.report.respondents is not None else ""
    items = [
        Item(
            f"{data.name}, read as {data.format}, {survey.report.form}: {rows}{who}. SHA-256 {data.sha256[:16]}…",
            "File.",
        ),
        Item(
            f"How much work {survey.target} is against each of {len(survey.items)} services"
            + (f", in the domain “{survey.domain}”" if survey.domain else "; the file names no domain")
            + ".",
            "Asked.",
        ),
        Item(f"{DESIGNS[survey.star]}.", "Design."),
    ]
    if data.attributes:
        items.append(Item(f"{', '.join(data.attributes)}.", "Known of respondents."))
    if data.ignored:
        items.append(Item(f"{', '.join(data.ignored)}.", "Columns not used."))
    if data.left_behind:
        items.append(Item("; ".join(f"{one.column}: {one.why}" for one in data.left_behind) + ".", "Left behind."))
    return items


def _share(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.1f} %"


def _part(share: float | None) -> float | None:
    """A share of the stage before; none where this one is no part of it (analysed: also who did not finish)."""
    return None if share is None or share > 1 else share


def _funnel(found: Analysis) -> list[Block]:
    funnel = found.data.funnel
    if funnel is None:
        text = "Counts carry no respondents: who was invited, started and finished is not known."
        return [Notice("missing", "Funnel", text, "Give the answers of each respondent.")]
    stages = [
        (s.name, "not known" if s.n is None else f"{s.n}", _share(s.of_invited), _share(_part(s.of_before)), s.how)
        for s in funnel.stages
    ]
    rates = [
        (
            r.name,
            _share(r.value),
            f"{r.numerator} of {'not known' if r.denominator is None else r.denominator}",
            r.definition,
        )
        for r in funnel.rates
    ]
    return [
        table(
            "From invited to analysed",
            ("Stage", "Number", "Of invited", "Of the stage before", "Rests on"),
            stages,
            words=(0, 4),
        ),
        table("Rates, by definition", ("Rate", "Value", "Of", "Definition"), rates, words=(0, 3)),
    ]


def _left_out(found: Analysis) -> list[Block]:
    data, report = found.data, found.survey.report
    blocks: list[Block] = []
    rules = [(one.rule, f"{one.left_out}", f"{one.fits}") for one in data.rules]
    if rules:
        blocks.append(
            table(
                "Left out by rule",
                ("Rule", "Left out", "Fits"),
                rules,
                notes=("A flag leaves nobody out; a rule does.",),
            )
        )
    flags: dict[str, int] = {}
    for flag in data.flags:
        flags[flag.kind] = flags.get(flag.kind, 0) + 1
    if flags:
        blocks.append(
            table("Flagged, whether left out or kept", ("Flag", "Rows"), [(k, f"{n}") for k, n in flags.items()])
        )
    if not rules and not flags and report.respondents is not None:
        blocks.append(Paragraph("Nobody is flagged, and nobody is left out."))
    return blocks
