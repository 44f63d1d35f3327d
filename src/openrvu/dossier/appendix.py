"""The appendix: the demonstration survey, simulated and labelled so on every block. It is no route to a value."""

from __future__ import annotations

from collections.abc import Iterable

from openrvu.dossier.asked import Asked, sentence
from openrvu.dossier.blocks import Block, Column, Notice, Paragraph, Row, Section, Table
from openrvu.dossier.survey import number
from openrvu.surveys import DEMO_RELEASE, demo, value
from openrvu.valuation.demo import FLAGSHIP, Parameters
from openrvu.valuation.estimate import Treatment
from openrvu.valuation.guards import Guard
from openrvu.valuation.links import Link
from openrvu.valuation.study import study

SEED = Parameters().seed


def has_demonstration(code: str) -> bool:
    """Whether the demonstration survey is about this code."""
    return study(FLAGSHIP).target == code


def section_appendix(asked: Asked) -> Section | None:
    """What the survey path gives on simulated answers; None for a code that the demonstration is not about."""
    if not has_demonstration(asked.code):
        return None
    # No bootstrap and no joint model here: they would take longer than the rest of the dossier, and show nothing new.
    found = value(demo(asked.facts), asked.facts, draws=0, joint=False)
    cited = (asked.facts.release(DEMO_RELEASE).source, "valuation-methods")
    rows = tuple(_row(one, cited) for one in found.treatments)
    columns = (
        Column("Answers of “equal”"),
        Column("Line at the code", "work RVU", "right"),
        Column("Interval of the line", "work RVU", "right"),
        Column("Prediction interval", "work RVU", "right"),
        Column("Predictive R²", "", "right"),
    )
    blocks: list[Block] = [
        Notice(
            "simulated",
            "Nobody answered this survey",
            f"{sentence(Parameters().words())} It shows how a survey of raw answers is valued, and is evidence of "
            "nothing about work. It is not among the routes.",
            "Value real answers with: openrvu value survey.csv --target " + asked.code,
            sources=cited,
        ),
        Paragraph("No raw answers of the published studies are public, so none could be used here."),
        Table(f"SIMULATED: what made-up answers about {asked.code} give, by treatment of ties", columns, rows, cited),
        _linked(found.sensitivity, cited),
        _warned(tuple(guard for guard in found.guards if guard.fired), cited),
    ]
    return Section("appendix", "Appendix: demonstration survey, SIMULATED", tuple(blocks))


def _linked(found: Iterable[Link], cited: tuple[str, ...]) -> Table:
    """The same answers by every other link from measures to work RVUs."""
    columns = (
        Column("Another link"),
        Column("Value", "work RVU", "right"),
        Column("Interval", "work RVU", "right"),
        Column("Prediction interval", "work RVU", "right"),
        Column("How the interval is made"),
    )
    rows = tuple(
        Row(
            (
                sentence(one.words),
                number(one.value) if one.value is not None else one.why_not,
                _ends(one.low, one.high),
                _ends(one.new_low, one.new_high),
                one.interval,
            ),
            cited,
        )
        for one in found
    )
    return Table("SIMULATED: the same made-up answers by other links, for comparison", columns, rows)


def _ends(low: float | None, high: float | None) -> str:
    return "none" if low is None or high is None else f"{number(low)} to {number(high)}"


def _row(one: Treatment, cited: tuple[str, ...]) -> Row:
    at = one.reading
    if at is None:
        return Row((one.words, one.why_not, "", "", ""), cited)
    return Row(
        (
            one.words,
            number(at.value),
            f"{number(at.low)} to {number(at.high)}",
            f"{number(at.new_low)} to {number(at.new_high)}",
            number(one.predictive_r2, 3),
        ),
        cited,
    )


def _warned(fired: tuple[Guard, ...], cited: tuple[str, ...]) -> Table:
    rows = tuple(Row((guard.name, sentence(guard.words), guard.remedy)) for guard in fired)
    columns = (Column("Guard"), Column("Why"), Column("What to do"))
    return Table("SIMULATED: guards that fire", columns, rows or (Row(("none", "", "")),), cited)
