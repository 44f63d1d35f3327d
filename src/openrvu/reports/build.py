"""The report as a dossier: sections in order, sources numbered, the answer first."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from openrvu.answers import foot
from openrvu.codes.families import plain_words
from openrvu.dossier.asked import sentence
from openrvu.dossier.blocks import Block, Citation, Dossier, Figure, KeyFigures, Notice, Section, SourceList, cited
from openrvu.errors import OpenRVUError
from openrvu.facts import Facts
from openrvu.pictures import valued
from openrvu.reports import anchoring, asking, differing, measuring, methods
from openrvu.reports.analysis import Analysis
from openrvu.reports.people import People
from openrvu.reports.words import LABEL, between, number, table
from openrvu.sources import source
from openrvu.valuation.rasch import splits
from openrvu.valuation.rasch.splits import Test

REPORT = "survey report"


def build(found: Analysis, facts: Facts, again: str = "") -> Dossier:
    """The whole report, ready for any renderer. again: the command that makes it. Same analysis, same report."""
    made = (
        _answer(found),
        asking.section(found),
        measuring.section_measures(found),
        measuring.section_structure(found, _global_tests(found)),
        differing.section_groups(found),
        differing.section_pairs(found),
        anchoring.section_line(found),
        anchoring.section_hangs(found),
        anchoring.section_guards(found),
        anchoring.section_routes(found, facts),
        methods.section_methods(found, again or f"openrvu report FILE --target {found.survey.target}"),
        methods.section_appendix(found),
    )
    citations = tuple(Citation(i, source(key)) for i, key in enumerate(dict.fromkeys(cited(made)), 1))
    last = Section("sources", "Sources", (SourceList(citations),))
    first, second = _first(found)
    lines = (first, second) if second else (first,)
    fired = sorted(found.estimate.fired())
    return Dossier(
        code=found.survey.target,
        title=_title(found.survey.target),
        summary=_summary(found),
        first=first,
        second=second,
        answer=(*lines, f"Guards that fire: {', '.join(fired) or 'none'}."),
        sections=(*made, last),
        sources=citations,
        foot=foot(release=found.release.id, on=found.release.starts, place="National", seed=found.seed),
        kind=REPORT,
        label=f"{LABEL}: nobody answered this survey" if found.data.simulated else "",
    )


def _title(code: str) -> str:
    words = plain_words(code)
    return f"{words[:1].upper()}{words[1:]}" if words else ""


def _summary(found: Analysis) -> str:
    survey = found.survey
    many = f"{survey.report.respondents} respondents" if survey.report.respondents is not None else "counted answers"
    asked = f" on {survey.domain}" if survey.domain else ""
    return f"A survey{asked}: {many}, {len(survey.items)} services, anchored on release {found.release.id}"


def _first(found: Analysis) -> tuple[str, str]:
    """The answer in one sentence, and the one that follows it."""
    estimate = found.estimate
    head = f"{LABEL}, nobody answered this survey. "
    said = re.sub(r"(?<![\w-])-(?=\d)", "−", estimate.headline.removeprefix(head))
    if estimate.reading is None:
        return said, ""
    at = estimate.reading
    better = "better" if (estimate.predictive_r2 or 0) > 0 else "no better"
    return said, (
        f"Interval of the line {between(at.low, at.high)}; the answers predict a comparator's work RVU {better} "
        "than the plain "
        f"mean of the others does (predictive R-squared {number(estimate.predictive_r2, 3)})."
    )


def _answer(found: Analysis) -> Section:
    """The answer: figures, every way on one axis, and the guards that fire."""
    estimate = found.estimate
    blocks: list[Block] = []
    if found.data.simulated:
        blocks.append(Notice("simulated", "Nobody answered this survey", f"{found.data.label}."))
    if estimate.reading is None:
        text = f"These answers give no work RVU: {estimate.why_not}."
        blocks.append(Notice("missing", "Work RVU", text, "The sections below show what the answers do carry."))
    else:
        blocks += _value(found)
    fired = [(g.name, sentence(g.words), g.remedy) for g in estimate.guards if g.fired]
    if fired:
        blocks.append(table("Guards that fire", ("Guard", "Why", "What to do"), fired, words=(0, 1, 2)))
    if estimate.reading is not None:
        blocks.append(anchoring.beside(found))
    return Section("answer", "Answer", tuple(blocks))


def _value(found: Analysis) -> list[Block]:
    estimate, cited_ = found.estimate, (found.release.source, "valuation-methods")
    at = estimate.reading
    assert at is not None
    low = f"{number(estimate.low_without)} to {number(estimate.high_without)}"
    people = f"{found.survey.report.respondents}" if found.survey.report.respondents is not None else "not known"
    figures = (
        Figure(
            f"Work RVU of {estimate.target} by the line",
            number(at.value),
            "work RVU",
            f"interval of the line {between(at.low, at.high)}",
            cited_,
        ),
        Figure(
            "Prediction interval of one new service",
            between(at.new_low, at.new_high),
            "work RVU",
            "95 %; the interval that answers the question",
            cited_,
        ),
        Figure("With one comparator left out", low, "work RVU", "", cited_),
        Figure("Plain mean of the comparators", number(estimate.mean), "work RVU", "without asking anybody", cited_),
        Figure("Respondents analysed", people, "", f"{len(valued.points(estimate))} comparators carry the line"),
        Figure("Guards that fire", f"{len(estimate.fired())}", "", f"of {len(estimate.guards)}"),
    )
    return [KeyFigures(figures)]


def _global_tests(found: Analysis) -> tuple[tuple[Test | None, str], ...]:
    """Tests of the whole model, or why one cannot be made."""
    if found.people is None:
        return ()
    given, kind = found.people.given, found.people.found.model
    makes: tuple[tuple[str, Callable[[], Test]], ...] = (
        ("Andersen's test of low against high places", lambda: splits.andersen(given, _halves(found.people), kind)),
        ("Rating scale against partial credit", lambda: splits.common_steps(given)),
    )
    rows: list[tuple[Test | None, str]] = []
    for name, make in makes:
        try:
            rows.append((make(), ""))
        except OpenRVUError as fault:
            rows.append((None, f"{name} cannot be made: {fault.what}."))
    return tuple(rows)


def _halves(people: People | None) -> list[int]:
    """Respondents up to the median place, and above it."""
    assert people is not None
    theta = people.persons.theta
    return [int(one) for one in theta > np.nanmedian(theta)]
