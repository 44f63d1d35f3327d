"""Each route to a work RVU, made from what a study, a survey or a time file gives."""

from __future__ import annotations

from collections.abc import Mapping

from openrvu import units
from openrvu.facts import Facts
from openrvu.releases import Release
from openrvu.routes import BuildingBlock, Crosswalk, Regression
from openrvu.triangulation.route import CLAIMED, COMPUTED, IN_FORCE, MEASURED, Route, listed, number
from openrvu.valuation.estimate import Estimate
from openrvu.valuation.found import Audit, InRelease
from openrvu.valuation.ruc import RucSurvey
from openrvu.valuation.services import Anchors, work
from openrvu.valuation.wording import span


def in_force(code: str, facts: Facts, release: Release) -> list[Route]:
    """The work RVU in the schedule, where it has one."""
    own = facts.work_rvu(code, release.id)
    if not own:
        return []
    return [
        Route(
            f"Fee schedule, {release.id}",
            own / units.RVU,
            units.text(own, units.RVU, 2),
            None,
            None,
            "no interval",
            "the work RVU in force; what a payer multiplies, not a measurement",
            (release.source,),
            IN_FORCE,
            "nothing: it is what is paid on",
        )
    ]


def published(audit: Audit) -> list[Route]:
    """Each value that a study states, with the formulas that give it."""
    found = []
    for one in audit.claims:
        equal = list(dict.fromkeys(tried.words for tried in one.gives))
        words = (
            f"equals, to its printed digits: {listed(equal)}" if equal else "no formula of the fixed family gives it"
        )
        name = "Published claim" if len(audit.claims) == 1 else f"Published claim, {one.claim.panel or one.claim.scale}"
        value, text, cited = float(one.claim.exact), one.claim.value, (one.claim.source,)
        assumes = "what the study's tables would show where they were not printed"
        found.append(Route(name, value, text, None, None, "no interval printed", words, cited, CLAIMED, assumes))
    return found


def line(audit: Audit, cited: tuple[str, ...]) -> list[Route]:
    """The line through a study's printed measures, read at the target."""
    fitted = audit.line
    if fitted is None:
        return []
    at = fitted.reading
    intervals = (
        f"line {number(at.low, 3)} to {number(at.high, 3)}; "
        f"one new service {number(at.new_low, 3)} to {number(at.new_high, 3)}"
    )
    words = f"least squares of work RVU on {fitted.scale}; predictive R-squared {number(fitted.predictive_r2, 3)}"
    assumes = f"that {fitted.scale} measures work, and that the line holds where the target stands"
    name = f"Line read at {audit.study.target}"
    inner, outer = (at.low, at.high), (at.new_low, at.new_high)
    fired = tuple(sorted(audit.fired("line")))
    text = number(at.value, 3)
    return [Route(name, at.value, text, inner, outer, intervals, words, cited, MEASURED, assumes, False, fired)]


def means(audit: Audit, facts: Facts, by_release: Mapping[str, Anchors]) -> list[Route]:
    """The comparators' plain mean with each release's own RVUs, and its range with one comparator left out."""
    found = []
    for one in audit.releases:
        low, high = _without(audit, one, by_release)
        held = "" if one.held == one.of else f", {one.held} of {one.of} held"
        name = f"Mean of comparators, {span(one.releases)}{held}"
        cited = (audit.study.source, *dict.fromkeys(facts.release(key).source for key in one.releases))
        interval = f"one left out {number(low)} to {number(high)}"
        words = "uses no answer of any respondent"
        assumes = "that the target is as much work as the comparators on average"
        text = number(one.mean, 3)
        found.append(Route(name, one.mean, text, (low, high), None, interval, words, cited, COMPUTED, assumes))
    return found


def _without(audit: Audit, one: InRelease, by_release: Mapping[str, Anchors]) -> tuple[float, float]:
    """The range of the mean when any one comparator is left out: each value moves it by its distance over n - 1."""
    rvus = by_release[one.releases[0]]
    known_ = [rvu / units.RVU for item in audit.study.comparators if (rvu := work(item.service, rvus)) is not None]
    left = [(sum(known_) - value) / (len(known_) - 1) for value in known_]
    return min(left), max(left)


def surveyed(estimate: Estimate, source: str) -> list[Route]:
    """A survey of the user's, valued: the line at the target, and the joint model where it was fitted."""
    at, fired = estimate.reading, tuple(sorted(estimate.fired()))
    if at is None:
        return []
    better = number(estimate.predictive_r2, 3)
    words = f"{estimate.survey}: least squares of work RVU on measures; predictive R-squared {better}"
    both = f"{estimate.survey}: measures and link in one likelihood; carries the error of the measures"
    made = [("Survey, line", at, words), ("Survey, joint model", estimate.joint, both)]
    return [
        Route(
            name,
            one.value,
            number(one.value),
            (one.low, one.high),
            (one.new_low, one.new_high),
            f"line {number(one.low)} to {number(one.high)}; one new service {number(one.new_low)} to "
            f"{number(one.new_high)}",
            said,
            (source,),
            MEASURED,
            "that respondents judged work, and that comparators' work RVUs are right on average",
            estimate.simulated,
            fired,
        )
        for name, one, said in made
        if one is not None
    ]


def magnitude(found: RucSurvey) -> list[Route]:
    """A RUC survey: the median with its interval, and the quartiles."""
    one = found.spread("rvu")
    if one is None:
        return []
    inner = (one.median_low, one.median_high) if one.median_low is not None and one.median_high is not None else None
    said = f"median {number(inner[0])} to {number(inner[1])}; " if inner else ""
    few = any(guard.fired for guard in found.guards)
    words = f"{found.name}: median of {one.n} estimates" + (f", {found.minimum} are asked for" if few else "")
    return [
        Route(
            "RUC survey, median",
            one.median,
            number(one.median),
            inner,
            (one.q25, one.q75),
            f"{said}quartiles {number(one.q25)} to {number(one.q75)}",
            words,
            ("valuation-methods",),
            MEASURED,
            "that respondents can put a number on work beside a reference whose value they know",
            found.simulated,
            tuple(sorted(guard.name for guard in found.guards if guard.fired)),
        )
    ]


def built(found: BuildingBlock) -> list[Route]:
    """The building block at the comparators' median intensity, by each way of counting visits."""
    made = []
    for one in found.conventions:
        if one.value is None or one.low is None or one.high is None:
            continue
        made.append(
            Route(
                f"Building block, visits of {one.release}",
                one.value,
                number(one.value),
                (one.low, one.high),
                None,
                f"at the comparators' lowest and highest intensity {number(one.low)} to {number(one.high)}",
                f"{one.name}; intensity of {len(one.compared)} comparators, times from {found.times_from}",
                one.sources,
                COMPUTED,
                "the times, and that a minute of it is as intense as a minute of its comparators",
                found.simulated,
            )
        )
    return made


def beside(found: Crosswalk) -> list[Route]:
    """The crosswalk: neighbours' work RVUs times the ratio of intra-service times."""
    made = []
    for name, three in (("intra-service", found.by_intra), ("total", found.by_total)):
        if three is None:
            continue
        low, middle, high = three
        made.append(
            Route(
                f"Crosswalk, {name} time",
                middle,
                number(middle),
                (low, high),
                None,
                f"lowest and highest neighbour {number(low)} to {number(high)}",
                f"median over {len(found.neighbours)} services of global period {found.global_days} within "
                f"{100 * found.near:g} % of its times, each times the ratio of {name} times",
                found.sources,
                COMPUTED,
                "the times, and that work goes with time among services like these",
                found.simulated,
            )
        )
    return made


def regressed(found: Regression) -> list[Route]:
    """The regression on times, with its prediction interval."""
    one = found.fit
    return [
        Route(
            "Regression on times",
            one.value,
            number(one.value),
            None,
            (one.new_low, one.new_high),
            f"one new service {number(one.new_low)} to {number(one.new_high)}",
            f"log work RVU on times and visits of {one.services:,} services; predictive R-squared "
            f"{number(one.predictive_r2, 3)}"
            + (f"; outside the range of {listed(one.outside)}" if one.outside else ""),
            found.sources,
            COMPUTED,
            found.assumes,
            found.simulated,
        )
    ]
