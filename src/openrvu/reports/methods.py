"""How each figure is made, with its equation and where it comes from; and every table that the sections do not show."""

from __future__ import annotations

import math

import numpy as np

from openrvu.dossier.blocks import Block, Bullets, Item, Notice, Paragraph, Section
from openrvu.reports.analysis import Analysis
from openrvu.reports.words import number, table
from openrvu.valuation.rasch import categories, fit, structure

MOST_ROWS = 400  # respondents printed one by one

# term, equation, words with the literature
NOTES: tuple[tuple[str, str, str], ...] = (
    (
        "Paired comparisons.",
        "P(i more) : P(equal) : P(j more) = exp(D/2) : ν : exp(−D/2),   D = d(i) − d(j),   d(target) = 0",
        "Davidson's model of ties; without ν it is Bradley and Terry's on what is left after ties are split, "
        "dropped or called "
        "not greater. Maximum likelihood with the full covariance; each answer counts once. Bradley & Terry 1952, "
        "Biometrika 39:324; Davidson 1970, JASA 65:317; Linacre 1995, Rasch Measurement Transactions 9:2, 425.",
    ),
    (
        "Robust errors.",
        "V = B⁻¹ (Σ s(r) s(r)ᵀ) B⁻¹ · n / (n − 1)",
        "The sandwich with each respondent r's part of the score s as the unit, so that answers of one person "
        "may go together. "
        "White 1982, Econometrica 50:1; Liang & Zeger 1986, Biometrika 73:13.",
    ),
    (
        "Rasch measures.",
        "ln P(x = c) / P(x = c − 1) = θ(r) − δ(i) − τ(c)",
        "A respondent's place θ against a service's measure δ and steps τ; conditional maximum likelihood, which "
        "needs no "
        "distribution of persons; persons by Warm's weighted likelihood. Andrich 1978, Psychometrika 43:561; "
        "Warm 1989, "
        "Psychometrika 54:427.",
    ),
    (
        "Fit.",
        "outfit = mean z²,   infit = Σ V z² / Σ V,   z = (x − E) / √V",
        "E and V conditional on the respondent's score; cut-offs by simulation given the scores. Wright & "
        "Masters 1982, Rating "
        "Scale Analysis; Christensen & Kreiner 2013, in Rasch Models in Health; Müller 2020, J Stat Distrib App 7:5.",
    ),
    (
        "Reliability.",
        "reliability = (variance − mean squared error) / variance,   separation = √(R / (1 − R))",
        "Of services from the full covariance; of persons as PSI, WLE and EAP reliability. Andrich 1988; Adams "
        "2005, Stud Educ "
        "Eval 31:162.",
    ),
    (
        "Local dependence and dimensions.",
        "Q3(i, j) = correlation of the residuals of i and j, less the mean of all pairs",
        "And the first eigenvalue of the residuals' correlations; p from samples simulated under the model. Yen "
        "1984, Applied "
        "Psych Meas 8:125; Christensen, Makransky & Horton 2017, Applied Psych Meas 41:178; Smith 2002, J Appl "
        "Meas 3:205.",
    ),
    (
        "Groups.",
        "LR = 2 (Σ ln L(group) − ln L(all))",
        "A service at a time has a measure of its own in one group; Holm's adjustment over services. Andersen 1973, "
        "Psychometrika 38:123; Holm 1979, Scand J Stat 6:65.",
    ),
    (
        "The line.",
        "w(i) = a + b d(i) + e(i),   value = a",
        "Least squares over the comparators, read at the target's own measure and never at the mean measure, "
        "where any line "
        "returns the plain mean. Prediction interval of one new service: t with k − 2 degrees of freedom. Draper "
        "& Smith 1998, "
        "Applied Regression Analysis.",
    ),
    (
        "Predictive R-squared.",
        "1 − Σ (w(i) − line without i)² / Σ (w(i) − mean without i)²",
        "Zero or less: the survey predicts a comparator no better than the mean of the others. Allen 1974, "
        "Technometrics 16:125.",
    ),
    (
        "Other links.",
        "slope = S(dw) / (S(dd) − error of measurement)",
        "Errors in variables with an error of the equation and the full covariance of the measures (Fuller 1987, "
        "Measurement "
        "Error Models, chapter 2); log-linear; weighted; inverse with Fieller's set (Fieller 1954, JRSS B "
        "16:175); isotonic. "
        "Sensitivity, not a choice.",
    ),
    (
        "Joint model.",
        "answers | d,   d(i) ~ N(μ, τ²),   w(i) | d ~ N(a + b d(i), σ²)",
        "Measures and link in one likelihood, integrated by nested Laplace approximations. Rue, Martino & Chopin "
        "2009, JRSS B "
        "71:319.",
    ),
    (
        "Drawn again.",
        "value*(1), …, value*(B) from respondents, or comparators, drawn with replacement",
        "Percentile and bias-corrected accelerated intervals. Efron & Tibshirani 1993, An Introduction to the "
        "Bootstrap.",
    ),
    (
        "Influence.",
        "D(i) = e(i)² h(i) / (2 s² (1 − h(i))²)",
        "Leverage, studentised residual and Cook's distance. Cook 1977, Technometrics 19:15.",
    ),
    (
        "Pairs.",
        "a over b and b over c: a over c?",
        "Likelihood ratio of the measures against a chance for each pair (Bradley 1954, Biometrika 41:502), "
        "order (Davidson & "
        "Beaver 1977, Biometrics 33:693), circles (Kendall & Babington Smith 1940, Biometrika 31:324).",
    ),
    (
        "Guards.",
        "",
        "Named warnings, each about one value, with its figures and what to do. Internal consistency is what is "
        "checked; "
        "nothing is said of motive, competence or integrity. Routes are never pooled.",
    ),
)


def section_methods(found: Analysis, again: str) -> Section:
    """How it was made, and how to make it again."""
    blocks: list[Block] = []
    for term, equation, words in NOTES:
        if equation:
            blocks += [
                Paragraph(term.rstrip("."), role="subhead"),
                Paragraph(equation, role="equation"),
                Paragraph(words),
            ]
        else:
            blocks.append(Bullets((Item(words, term, ("valuation-methods",)),)))
    text = f"To make this report again with the same version, facts and file: {again}. No clock enters it."
    return Section("methods", "Methods, equations and sources", (*blocks, Paragraph(text, role="note")))


def section_appendix(found: Analysis) -> Section:
    """Every table that stands behind the sections."""
    blocks: list[Block] = []
    if found.data.simulated:
        blocks.append(Notice("simulated", "Nobody answered this survey", f"{found.data.label}."))
    blocks += _rows(found)
    blocks.append(_comparators(found))
    blocks += _covariance(found)
    if found.people is not None:
        blocks += _people(found)
    return Section("appendix", "Appendix: every table", tuple(blocks))


def _rows(found: Analysis) -> list[Block]:
    data = found.data
    blocks: list[Block] = []
    if data.excluded:
        rows = [(f"{one.line}", one.respondent, one.rule, one.words) for one in data.excluded]
        blocks.append(
            table(
                "Rows left out",
                ("Line", "Respondent", "Rule", "Why"),
                rows[:MOST_ROWS],
                words=(0, 1, 2, 3),
                notes=_more(len(rows)),
            )
        )
    flags = [(f"{one.line}", one.respondent, one.kind, one.words) for one in (*data.flags, *data.repeated)]
    if flags:
        blocks.append(
            table(
                "Rows flagged",
                ("Line", "Respondent", "Flag", "Why"),
                flags[:MOST_ROWS],
                words=(0, 1, 2, 3),
                notes=_more(len(flags)),
            )
        )
    return blocks


def _more(n: int) -> tuple[str, ...]:
    return (f"The first {MOST_ROWS} of {n}.",) if n > MOST_ROWS else ()


def _comparators(found: Analysis) -> Block:
    rows = [
        (
            i.service,
            number(i.rvu),
            number(i.measure, 3),
            number(i.se, 3),
            number(i.leverage, 3),
            number(i.cook, 3),
            number(i.without),
            i.left_out,
        )
        for i in found.estimate.items
    ]
    head = (
        "Service",
        "Work|RVU",
        "Measure|logits",
        "SE|logits",
        "Leverage",
        "Cook's D",
        "Value without it|work RVU",
        "Left out because",
    )
    return table("Comparators and the line", head, rows, (found.release.source,), words=(0, 7))


def _covariance(found: Analysis) -> list[Block]:
    joint = found.estimate.joint
    if joint is None:
        return []
    rows = [(name, number(value, 3)) for name, value in zip(joint.names, joint.measures, strict=True)]
    notes = (
        f"Scatter of services about the line {number(joint.sigma)} RVU; respondents' own places of the target "
        "spread by "
        f"{number(joint.respondents, 3)} logits; slope {number(joint.slope)} ({number(joint.slope_low)} to "
        f"{number(joint.slope_high)}).",
    )
    return [table("Joint model: posterior means of the measures", ("Service", "Measure|logits"), rows, notes=notes)]


def _people(found: Analysis) -> list[Block]:
    assert found.people is not None
    people = found.people
    steps = [
        (i.item, *(f"{number(t, 3)} ({number(s, 3)})" for t, s in zip(i.thresholds, i.threshold_se, strict=True)))
        for i in people.rasch.items
    ]
    most = max(len(row) for row in steps)
    head = ("Service", *(f"Threshold {c}|logits (SE)" for c in range(1, most)))
    blocks: list[Block] = [
        table("Thresholds, items summing to zero", head, [(*row, *("",) * (most - len(row))) for row in steps]),
        _categories(found),
        *_q3(found),
    ]
    return [*blocks, *_persons(found)]


def _categories(found: Analysis) -> Block:
    assert found.people is not None
    people = found.people
    rows = [
        (c.item, f"{c.category}", f"{c.count:g}", f"{100 * c.share:.0f} %", number(c.mean), *_step(c))
        for c in categories.function(people.given, people.found, people.persons)
    ]
    head = ("Service", "Category", "Answers", "Share", "Mean place|logits", "Threshold|logits", "SE")
    return table(
        "Use of the categories",
        head,
        rows,
        notes=("The mean place of those who chose a category should rise with it.",),
    )


def _step(one: categories.Category) -> tuple[str, str]:
    """Threshold and its error; nothing for the lowest category, which has none."""
    return (number(one.threshold), number(one.se)) if one.category else ("", "")


def _q3(found: Analysis) -> list[Block]:
    assert found.people is not None
    people = found.people
    names = people.found.items
    if len(names) > 16:
        return []
    held = structure.dependence(people.given, people.found)
    rows = [
        (name, *("" if i == j else number(float(held.adjusted[i, j])) for j in range(len(names))))
        for i, name in enumerate(names)
    ]
    return [table("Residual correlations (Q3), less their mean", ("Service", *names), rows)]


def _persons(found: Analysis) -> list[Block]:
    assert found.people is not None
    people = found.people
    fits = fit.person_fit(people.given, people.found)
    order = np.argsort(np.nan_to_num(people.persons.theta, nan=math.inf), kind="stable")
    who = [one.name for one in found.data.respondents]
    rows = [
        (
            who[i] if i < len(who) else f"{i + 1}",
            f"{people.persons.score[i]} of {people.persons.highest[i]}",
            number(float(people.persons.theta[i])),
            number(float(people.persons.se[i])),
            number(float(fits.infit[i])),
            number(float(fits.outfit[i])),
        )
        for i in order[:MOST_ROWS]
    ]
    head = ("Respondent", "Score", "Place of the target|logits", "SE", "Infit", "Outfit")
    return [table("Respondents", head, rows, notes=_more(len(order)))]
