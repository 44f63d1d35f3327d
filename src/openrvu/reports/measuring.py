"""Measures with errors and fit, and what the answers have in them besides: reliability, dependence, dimensions."""

from __future__ import annotations

import math

from openrvu.dossier.blocks import Block, Bullets, Figure, Item, KeyFigures, Notice, Paragraph, Section
from openrvu.errors import OpenRVUError
from openrvu.pictures import categories, maps, residuals, valued
from openrvu.reports.analysis import Analysis
from openrvu.reports.people import People
from openrvu.reports.words import LABEL, between, chance, number, table
from openrvu.valuation.guards import FIT_HIGH, FIT_LOW
from openrvu.valuation.rasch.splits import Test

WHO, WHAT = "Respondents", "Services"


def label_of(found: Analysis) -> str:
    """What stands first in every drawing of made-up answers."""
    return LABEL if found.data.simulated else ""


def section_measures(found: Analysis) -> Section:
    """How much work each service is judged to be, against the target."""
    target, estimate = found.survey.target, found.estimate
    blocks: list[Block] = [
        Paragraph(
            f"Measures are logits from {target}, which is 0: above it, more work. Answers of equal: {_ties(found)}. "
            "The covariance of all measures is used throughout; the errors of two measures are not independent."
        )
    ]
    try:
        blocks.append(valued.draw("measures", estimate))
    except OpenRVUError as fault:
        blocks.append(Notice("missing", "Measures", f"{fault.what}.", "Look at the answers by service above."))
    blocks.append(_measures(found))
    if found.why_not_robust:
        blocks.append(Paragraph(f"No robust errors: {found.why_not_robust}.", role="note"))
    if found.people is None:
        blocks.append(
            Notice("missing", "Fit, reliability and persons' measures", f"Cannot be computed: {found.why_no_people}.")
        )
        return Section("measures", "Measures", tuple(blocks))
    people, label = found.people, label_of(found)
    blocks += [
        Paragraph("Respondents and services on one scale", role="subhead"),
        Paragraph(
            f"The same answers by the {people.rasch.model.replace('-', ' ')} Rasch model: a respondent's place is "
            "where that "
            f"respondent puts {target}, a service's measure how hard it is to exceed. 0 is the respondents' mean place."
            + ("" if found.survey.star else " Only comparisons with the target are in it.")
        ),
        maps.wright(people.found, people.persons, label=label, words=(WHO, WHAT)),
        maps.person_item(people.found, people.persons, label=label, who=WHO),
        _fit(people),
        *(
            Notice("warning", "From the Rasch model", f"{text[:1].upper()}{text[1:]}.")
            for text in people.rasch.warnings
        ),
    ]
    return Section("measures", "Measures", tuple(blocks))


def _ties(found: Analysis) -> str:
    chosen = next(one for one in found.estimate.treatments if one.ties == found.estimate.ties)
    return chosen.words


def _measures(found: Analysis) -> Block:
    rows = []
    for item in sorted(
        found.estimate.items, key=lambda i: (-(i.measure if i.measure is not None else -math.inf), i.service)
    ):
        rows.append(
            (
                item.service,
                number(item.measure, 3),
                number(item.se, 3),
                number(found.robust.get(item.service), 3),
                f"{item.less:g}",
                f"{item.equal:g}",
                f"{item.greater:g}",
                number(item.rvu),
                item.left_out,
            )
        )
    head = (
        "Service",
        "Measure|logits",
        "SE|logits",
        "Robust SE|logits",
        "Target less|answers",
        "Equal|answers",
        "Target greater|answers",
        f"Work|RVU, {found.release.id}",
        "Not in the line because",
    )
    return table("Measures by paired comparison", head, rows, (found.release.source,), words=(0, 8))


def _fit(people: People) -> Block:
    rows = [
        (
            i.item,
            number(float(people.found.measures[people.found.items.index(i.item)]), 3),
            number(i.se, 3),
            number(i.infit),
            number(i.infit_z),
            between(i.infit_low, i.infit_high) if math.isfinite(i.infit_low) else "none",
            number(i.outfit),
            number(i.outfit_z),
            number(i.point_measure),
        )
        for i in people.rasch.items
        if i.item in people.found.items
    ]
    head = (
        "Service",
        "Measure|logits",
        "SE|logits",
        "Infit",
        "ZSTD",
        "Infit, simulated 95 %",
        "Outfit",
        "ZSTD",
        "r with measures",
    )
    notes = (
        f"{people.rasch.model}, conditional estimates; fit conditional on the score. Fixed limits {FIT_LOW} to "
        f"{FIT_HIGH} hold "
        "for no sample size in particular; the simulated ones are pointwise.",
        *(f"{name} has no finite measure: {why}." for name, why in people.rasch.left_out),
    )
    return table("Rasch measures and fit", head, rows, notes=notes)


def section_structure(found: Analysis, tests: tuple[tuple[Test | None, str], ...]) -> Section:
    """Reliability, local dependence, dimensions, categories, residuals."""
    title = "Structure: reliability, dependence, dimensions, categories"
    if found.people is None:
        return Section(
            "structure", title, (Notice("missing", "Structure", f"Cannot be computed: {found.why_no_people}."),)
        )
    people, label = found.people, label_of(found)
    rasch = people.rasch
    first, second, q3 = rasch.q3_pair
    names: tuple[str, ...] = ("not greater", "greater") if max(people.found.top) == 1 else ("less", "equal", "greater")
    named = tuple(f"{found.survey.target} {name}" for name in names)
    blocks: list[Block] = [
        KeyFigures(
            (
                Figure(
                    "Reliability of the services",
                    number(rasch.item_reliability, 3),
                    "",
                    f"separation {number(rasch.item_separation)}",
                ),
                Figure(
                    "Reliability of persons, PSI",
                    number(rasch.psi, 3),
                    "",
                    f"WLE {number(rasch.wle_reliability, 3)}, EAP {number(rasch.eap_reliability, 3)}; low where "
                    "respondents agree, and no fault",
                ),
                Figure(
                    "First residual component",
                    number(rasch.first_component),
                    "eigenvalue",
                    f"simulated p {chance(rasch.component_simulated_p)}",
                ),
                Figure(
                    "Largest residual correlation (Q3, adjusted)",
                    number(q3, 3),
                    "",
                    f"{first} with {second}; simulated p {chance(rasch.q3_simulated_p)}",
                ),
            )
        ),
        Bullets(
            (
                Item(
                    f"{number(rasch.mad_q3, 3)}, p {chance(rasch.q3_p)} as by snowIRT; that p rejects 7 to 22 % "
                    "under the model at survey sizes, so the simulated one counts.",
                    "MADaQ3.",
                ),
                Item(f"{number(rasch.variance, 3)} (marginal estimate).", "Variance of respondents' places."),
                *(Item(_said(test, why), "") for test, why in tests),
            )
        ),
        categories.category_curves(people.found, label=label, names=named),
        categories.item_curves(people.given, people.found, people.persons, label=label),
        categories.expected_score(people.given, people.found, people.persons, label=label),
        residuals.residuals(people.given, people.found, people.persons, label=label),
        residuals.components(people.given, people.found, label=label, simulated_p=rasch.component_simulated_p),
    ]
    return Section("structure", title, tuple(blocks))


def _said(test: Test | None, why: str) -> str:
    if test is None:
        return why
    left = f"; left out: {', '.join(test.left_out)}" if test.left_out else ""
    return (
        f"{test.name}: {number(test.statistic)} with {test.df} degrees of freedom, p {chance(test.p)} "
        f"({test.p_is}){left}."
    )
