"""All that is computed of one survey, once: what the report, the JSON and the pages say comes from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from openrvu import holdings, surveys
from openrvu.errors import BadInput, OpenRVUError
from openrvu.facts import Facts
from openrvu.releases import Release
from openrvu.reports import people as respondents
from openrvu.reports.people import People, Split
from openrvu.surveydata import SurveyData
from openrvu.surveydata.using import as_survey
from openrvu.tables.physician_time import TimeTable
from openrvu.triangulation import Triangulation, triangulate
from openrvu.valuation import clustered, guards, paired, pairtests
from openrvu.valuation.estimate import Estimate
from openrvu.valuation.guards import ESTIMATE
from openrvu.valuation.paired import Pairs
from openrvu.valuation.ruc import RucSurvey
from openrvu.valuation.survey import Survey

DRAWS, SIMULATED_DRAWS, SEED = 2000, 100, 1


@dataclass(frozen=True)
class Outcome:
    """One test of what paired comparisons take for granted: its result in words and figures, or why there is none."""

    name: str
    asks: str
    words: str
    figures: Any
    why_not: str = ""


@dataclass(frozen=True, eq=False)
class Analysis:
    """data, survey: as read. release: of the comparators' work RVUs. estimate: the value, every link, the bootstraps
    and the guards (misfit among them, judged by the persons' model). robust: standard error of each measure that allows
    for answers of one person going together, with the reason where there is none. people: Rasch measures, None with
    why_no_people. splits: groups of respondents. tests: order, transitivity, fit of the pairs. routes: every other
    route, None with why_no_routes."""

    data: SurveyData
    survey: Survey
    release: Release
    estimate: Estimate
    robust: dict[str, float]
    why_not_robust: str
    people: People | None
    why_no_people: str
    splits: tuple[Split, ...]
    tests: tuple[Outcome, ...]
    routes: Triangulation | None
    why_no_routes: str
    seed: int


def analyse(
    data: SurveyData,
    target: str,
    facts: Facts | None = None,
    *,
    domain: str = "",
    release: str = "",
    ties: str = paired.HALF,
    draws: int = DRAWS,
    simulated: int = SIMULATED_DRAWS,
    seed: int = SEED,
    volume: int | None = None,
    ruc: RucSurvey | None = None,
    table: TimeTable | None = None,
    progress: Callable[[str], None] = lambda said: None,
) -> Analysis:
    """Everything that the report says of one survey of comparisons.

    target: the code that was compared. domain: which question, where there are several. release, ties, draws, seed,
    volume: as in `surveys.value`. simulated: samples for the cut-offs of fit and structure. ruc, table: for the other
    routes. progress: told what is being done. Raises BadInput or BadFile for data that are no survey of the target;
    what the data cannot carry is said in the result.
    """
    held = facts or holdings.current()
    survey = as_survey(data, target, domain)
    progress("valuing")
    estimate = surveys.value(survey, held, release=release, ties=ties, draws=draws, seed=seed, volume=volume)
    progress("measuring respondents")
    people, why_no_people = _people(survey, simulated, seed)
    progress("comparing groups")
    split = respondents.by_attributes(people, data.attributes) if people else ()
    progress("testing pairs")
    robust, why_not_robust = _robust(survey, ties)
    progress("other routes")
    routes, why_no_routes = _routes(estimate, held, ruc, table)
    return Analysis(
        data=data,
        survey=survey,
        release=held.release(estimate.release),
        estimate=_with_fit(estimate, people, why_no_people),
        robust=robust,
        why_not_robust=why_not_robust,
        people=people,
        why_no_people=why_no_people,
        splits=split,
        tests=_tests(data, survey, ties),
        routes=routes,
        why_no_routes=why_no_routes,
        seed=seed,
    )


def _people(survey: Survey, draws: int, seed: int) -> tuple[People | None, str]:
    try:
        return respondents.measure(survey, draws, seed), ""
    except OpenRVUError as fault:
        return None, fault.what


def _with_fit(estimate: Estimate, people: People | None, why: str) -> Estimate:
    """The estimate with its guard of misfit judged by the persons' model, which a value by itself does not have."""
    if people is None:
        found = guards.unchecked("misfit", ESTIMATE, why)
    else:
        found = guards.misfit({item.item: (item.infit, item.outfit) for item in people.rasch.items}, ESTIMATE)
    kept = tuple(found if guard.name == "misfit" else guard for guard in estimate.guards)
    return replace(estimate, guards=kept)


def _robust(survey: Survey, ties: str) -> tuple[dict[str, float], str]:
    if survey.answers is None:
        return {}, "counts carry no respondents"
    try:
        pairs, _ = paired.keep_linked(survey.pairs, survey.target, ties)
        if len(pairs.names) < 2:
            return {}, "no service has a finite measure"
        kept = _columns(survey.pairs, pairs)
        measures = clustered.robust(pairs, survey.answers[:, kept], paired.fit(pairs, survey.target, ties))
    except OpenRVUError as fault:
        return {}, fault.what
    return dict(zip(measures.names, measures.se, strict=True)), ""


def _columns(whole: Pairs, part: Pairs) -> list[int]:
    from openrvu.valuation.resampling import rows_of

    return rows_of(whole, part)


def _routes(
    estimate: Estimate, facts: Facts, ruc: RucSurvey | None, table: TimeTable | None
) -> tuple[Triangulation | None, str]:
    try:
        return triangulate(estimate.target, facts, survey=estimate, ruc=ruc, table=table), ""
    except OpenRVUError as fault:
        return None, str(fault)


def as_shown(data: SurveyData, target: str, domain: str) -> Pairs | None:
    """The answers by pair in the order in which the two services were shown; None for counts."""
    if data.answers is None:
        return None
    around = np.zeros(data.answers.shape, dtype=bool) if data.turned is None else data.turned
    names: dict[str, int] = {target: 0}
    rows: list[tuple[int, int, list[float]]] = []
    for at, question in enumerate(data.questions):
        if domain and question.domain != domain:
            continue
        left, right = (names.setdefault(one or target, len(names)) for one in (question.left, question.right))
        for turned in (False, True):
            given = data.answers[around[:, at] == turned, at] * (-1 if turned else 1)
            counts = [float(np.sum(given == code)) for code in (-1, 0, 1)]
            if sum(counts):
                rows.append((right, left, counts) if turned else (left, right, counts))
    less, equal, greater = (tuple(counts[k] for _, _, counts in rows) for k in range(3))
    return Pairs(tuple(names), tuple(a for a, _, _ in rows), tuple(b for _, b, _ in rows), less, equal, greater)


def _tests(data: SurveyData, survey: Survey, ties: str) -> tuple[Outcome, ...]:
    shown = as_shown(data, survey.target, survey.domain)
    return (
        _outcome(
            "One line of measures",
            "whether one measure a service explains the answers to every pair",
            lambda: pairtests.model_fit(survey.pairs, ties),
            _fit_words,
        ),
        _outcome(
            "Order on the page", "whether the service named first gains by it", lambda: _order(shown), _order_words
        ),
        _outcome(
            "Transitivity of majorities",
            "whether a over b and b over c goes with a over c",
            lambda: pairtests.stochastic_transitivity(survey.pairs),
            _transitive_words,
        ),
        _outcome(
            "Circles of one respondent",
            "whether a respondent's own answers go round in a circle",
            lambda: _circles(survey),
            _circle_words,
        ),
    )


def _outcome(name: str, asks: str, take: Callable[[], Any], say: Callable[[Any], str]) -> Outcome:
    try:
        found = take()
    except OpenRVUError as fault:
        return Outcome(name, asks, "", None, fault.what)
    return Outcome(name, asks, say(found), found)


def _order(shown: Pairs | None) -> pairtests.Order:
    if shown is None:
        raise BadInput("counts do not tell which service was named first")
    return pairtests.order_effect(shown)


def _circles(survey: Survey) -> tuple[pairtests.Circles, ...]:
    if survey.answers is None:
        raise BadInput("counts carry no respondents")
    pairs = survey.pairs
    return pairtests.circular_triads(survey.answers, np.array(pairs.left), np.array(pairs.right), len(pairs.names))


def _fit_words(found: pairtests.PairTest) -> str:
    return (
        f"Likelihood ratio {found.statistic:.2f} with {found.df} degrees of freedom, p {found.p:.4f}; answers of one "
        "respondent are taken as independent, so that p is too small"
    )


def _order_words(found: pairtests.Order) -> str:
    return f"The service named first gains {found.effect:+.3f} logits (SE {found.se:.3f}, p {found.p:.4f})"


def _transitive_words(found: pairtests.Transitivity) -> str:
    return (
        f"Of {found.triples} triples with all pairs judged {found.weak} are weakly, {found.moderate} moderately and "
        f"{found.strong} strongly transitive"
    )


def _circle_words(found: tuple[pairtests.Circles, ...]) -> str:
    none = sum(one.triads == 0 for one in found)
    worst = max(found, key=lambda one: one.triads)
    return (
        f"Of {len(found)} respondents who judged every pair without a tie {none} have no circle; the most has "
        f"{worst.triads} of at most {worst.most}"
    )


def figures(found: Analysis) -> dict[str, Any]:
    """Every figure of the analysis as plain data, arrays of answers left out."""
    people = found.people
    return {
        "estimate": found.estimate,
        "robust_se": found.robust,
        "rasch": people.rasch if people else None,
        "why_no_rasch": found.why_no_people,
        "groups": found.splits,
        "pairs": found.tests,
        "routes": found.routes,
        "why_no_routes": found.why_no_routes,
        "funnel": found.data.funnel,
        "rules": found.data.rules,
        "excluded": found.data.excluded,
        "flags": found.data.flags,
    }
