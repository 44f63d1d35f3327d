"""From a survey to a work RVU: measures under each treatment of ties, the line read at the target, what it hangs on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from openrvu import units
from openrvu.errors import BadInput
from openrvu.valuation import anchor, calibrated, clustered, guards, intervals, links, paired
from openrvu.valuation import joint as joint_model
from openrvu.valuation.anchor import Influence, Line, Reading
from openrvu.valuation.estimate import Bootstrap, Estimate, Item, Treatment
from openrvu.valuation.guards import ESTIMATE, FEWEST_ANSWERS, Guard
from openrvu.valuation.joint import Joint
from openrvu.valuation.links import Link
from openrvu.valuation.paired import HALF, NOT_GREATER, TIES, TIES_IN_WORDS, Floats, Measures, Pairs
from openrvu.valuation.resampling import interest_shift, resample, rows_of
from openrvu.valuation.services import Anchors, service, work
from openrvu.valuation.survey import Survey

DRAWS, SEED = 2000, 1
MOST_DRAWS = 100_000
FEWEST = 4  # comparators with measure and work RVU: with three, leaving one out leaves two points

__all__ = ["Estimate", "value"]


@dataclass(frozen=True)
class _Fit:
    """One treatment of ties: measures, the line through anchored comparators, what it reads at the target, and what was
    dropped or failed."""

    ties: str
    pairs: Pairs
    measures: Measures | None
    line: Line | None
    reading: Reading | None
    moved: Influence | None
    predictive_r2: float | None
    names: tuple[str, ...]
    dropped: tuple[tuple[str, str], ...]
    why_not: str


def value(
    survey: Survey,
    rvus: Anchors,
    *,
    use: Anchors | None = None,
    ties: str = HALF,
    draws: int = DRAWS,
    seed: int = SEED,
    level: float = anchor.LEVEL,
    odd: Mapping[str, str] | None = None,
    scale: str = "",
    joint: bool = False,
    fewest: int = FEWEST_ANSWERS,
) -> Estimate:
    """The target's work RVU from a survey.

    rvus: the comparators' work RVUs on the anchoring release. use: the release on which the value would be used
    (default: the same). ties: half, dropped, not-greater or davidson; all are in `treatments`. draws, seed: of the
    respondent bootstrap (0 draws: none). odd: comparators of another kind of work, with the reason. scale: what was
    asked, if the file does not say. joint: also fit measures and link in one likelihood (half a second or so). fewest:
    answers that a comparison should have. Raises BadInput for unusable arguments; data that give no line give an
    Estimate that says why.
    """
    if ties not in TIES:
        raise BadInput(f"no treatment of ties {ties!r}", exists=f"There are {', '.join(TIES)}")
    if not 0 <= draws <= MOST_DRAWS:
        raise BadInput(f"{draws} draws", exists=f"From 0 to {MOST_DRAWS:,}", fix="Leave it at 2,000")
    anchor.quantile(level, 1)  # refuses a level outside 0 to 1
    known = _known(survey, rvus)
    fits = {one: _fit(survey, known, one, level) for one in TIES}
    chosen = fits[ties]
    reading = chosen.reading
    slope = chosen.line.slope_interval(level) if chosen.line else (None, None)
    warned = _guards(survey, chosen, known, use or rvus, odd or {}, scale or survey.domain, draws, seed, level, fewest)
    without = chosen.moved.without if chosen.moved else ()
    return Estimate(
        target=survey.target,
        survey=survey.name,
        domain=survey.domain,
        simulated=survey.simulated,
        label=survey.label,
        release=rvus.release,
        use_release=(use or rvus).release,
        ties=ties,
        headline=_headline(survey, reading, warned, chosen.why_not),
        reading=reading,
        slope=chosen.line.slope if chosen.line else None,
        slope_low=slope[0],
        slope_high=slope[1],
        slope_p=chosen.line.p if chosen.line else None,
        r2=chosen.line.r2 if chosen.line else None,
        predictive_r2=chosen.predictive_r2,
        mean=chosen.line.mean_rvu if chosen.line else None,
        low_without=min(without, default=None),
        high_without=max(without, default=None),
        why_not=chosen.why_not,
        items=_items(survey, chosen, known, rvus),
        treatments=tuple(_treatment(fit) for fit in fits.values()),
        bootstrap=_bootstrap(survey, chosen, known, draws, seed, level) if chosen.line and draws else None,
        comparator_bootstrap=_redrawn(chosen, known, draws, seed, level) if chosen.line and draws else None,
        sensitivity=_sensitivity(chosen, known, level),
        joint=_joint(survey, known, ties, level) if joint and chosen.line else None,
        guards=warned,
        report=survey.report,
        notes=_notes(survey, fits, reading),
    )


def _known(survey: Survey, rvus: Anchors) -> dict[str, float]:
    """Work RVUs of the comparators that have one above zero on the anchoring release."""
    found = {name: work(service(name), rvus) for name in survey.items}
    return {name: rvu / units.RVU for name, rvu in found.items() if rvu}


def _fit(survey: Survey, known: Mapping[str, float], ties: str, level: float) -> _Fit:
    empty = _Fit(ties, survey.pairs, None, None, None, None, None, (), (), "")
    if ties == NOT_GREATER and not survey.star:
        return _why(empty, "only where every pair holds the target: between comparators neither side comes first")
    pairs, dropped = paired.keep_linked(survey.pairs, survey.target, ties)
    empty = _Fit(ties, pairs, None, None, None, None, None, (), dropped, "")
    if len(pairs.names) < 2:
        return _why(empty, "no comparator has answers both ways: everybody agrees on each")
    try:
        measures = paired.fit(pairs, survey.target, ties)
    except BadInput as error:
        return _why(empty, error.what)
    names = tuple(name for name in measures.names if name in known)
    at = dict(zip(measures.names, measures.values, strict=True))
    d, w = [at[name] for name in names], [known[name] for name in names]
    partial = _Fit(ties, pairs, measures, None, None, None, None, names, dropped, "")
    if len(names) < FEWEST:
        return _why(partial, f"{len(names)} comparators have a measure and a work RVU; a line needs {FEWEST}")
    try:
        line, moved, better = anchor.fit_line(d, w), anchor.influence(d, w), anchor.predictive_r2(d, w)
    except BadInput as error:
        return _why(partial, error.what)
    error_of, people = _errors(survey, pairs, measures)
    rows = [measures.names.index(name) for name in names]
    reading = calibrated.reading(d, w, error_of[np.ix_(rows, rows)], people, level)
    return _Fit(ties, pairs, measures, line, reading, moved, better, names, dropped, "")


def _errors(survey: Survey, pairs: Pairs, measures: Measures) -> tuple[Floats, float]:
    """The covariance of the measures with respondents as the unit, and how many there are; each answer, where the
    survey has only counts."""
    if survey.answers is None or len(survey.answers) < 2:
        answers = pairs.counts().sum(axis=1)
        return clustered.by_answer(pairs, measures), float(np.median(answers[answers > 0]))
    found = clustered.robust(pairs, survey.answers[:, rows_of(survey.pairs, pairs)], measures)
    return np.array(found.covariance), float(len(survey.answers))


def _why(fit: _Fit, why: str) -> _Fit:
    return _Fit(fit.ties, fit.pairs, fit.measures, None, None, None, None, fit.names, fit.dropped, why)


def _treatment(fit: _Fit) -> Treatment:
    return Treatment(
        ties=fit.ties,
        words=TIES_IN_WORDS[fit.ties],
        reading=fit.reading,
        slope=fit.line.slope if fit.line else None,
        slope_p=fit.line.p if fit.line else None,
        predictive_r2=fit.predictive_r2,
        separation=paired.separation(fit.measures) if fit.measures else None,
        log_nu=fit.measures.log_nu if fit.measures else None,
        answers=fit.measures.answers if fit.measures else 0.0,
        dropped=fit.dropped,
        why_not=fit.why_not,
    )


def _items(survey: Survey, fit: _Fit, known: Mapping[str, float], rvus: Anchors) -> tuple[Item, ...]:
    measured = (
        dict(zip(fit.measures.names, zip(fit.measures.values, fit.measures.se, strict=True), strict=True))
        if (fit.measures)
        else {}
    )
    moved = {}
    if fit.moved:
        moved = dict(
            zip(fit.names, zip(fit.moved.leverage, fit.moved.cook, fit.moved.without, strict=True), strict=True)
        )
    dropped = dict(fit.dropped)
    answers = _against_target(survey)
    found: list[Item] = []
    for name in survey.items:
        left_out = dropped.get(name, "")
        if not left_out and name not in known:
            left_out = f"no work RVU in release {rvus.release}"
        measure, se = measured.get(name, (None, None))
        leverage, cook, without = moved.get(name, (None, None, None))
        less, equal, greater = answers.get(name, (0.0, 0.0, 0.0))
        found.append(Item(name, known.get(name), measure, se, less, equal, greater, left_out, leverage, cook, without))
    return tuple(found)


def _against_target(survey: Survey) -> dict[str, tuple[float, float, float]]:
    """How often the target was judged less, equal or greater than each service it was paired with directly."""
    at, pairs = survey.pairs.names.index(survey.target), survey.pairs
    found: dict[str, tuple[float, float, float]] = {}
    for m, (i, j) in enumerate(zip(pairs.left, pairs.right, strict=True)):
        if at in (i, j):
            less, greater = (pairs.less[m], pairs.greater[m]) if i == at else (pairs.greater[m], pairs.less[m])
            found[pairs.names[j if i == at else i]] = (less, pairs.equal[m], greater)
    return found


def _bootstrap(survey: Survey, fit: _Fit, known: Mapping[str, float], draws: int, seed: int, level: float) -> Bootstrap:
    counts = resample(survey, fit.pairs, draws, np.random.default_rng(seed))
    values = _read(survey, fit, known, counts)
    left, times = intervals.leave_one_respondent(survey, fit.pairs, rows_of(survey.pairs, fit.pairs))
    at_hand = float(_read(survey, fit, known, fit.pairs.counts()[None])[0])
    method = (
        "respondents drawn with replacement; measures, line and reading redone"
        if survey.answers is not None
        else "counts have no respondents: each comparison drawn by itself (multinomial), measures and line redone"
    )
    better = intervals.bca(at_hand, values, _read(survey, fit, known, left), level, times)
    return _drawn(method, values, better, seed, level)


def _read(survey: Survey, fit: _Fit, known: Mapping[str, float], counts: Floats) -> Floats:
    """The value of each sample of counts: measures and line redone."""
    measures = paired.fit_many(fit.pairs, counts, survey.target, fit.ties)
    others = [name for name in fit.pairs.names if name != survey.target]
    columns = [others.index(name) for name in fit.names]
    return anchor.read_many(measures[:, columns], [known[name] for name in fit.names])


def _redrawn(fit: _Fit, known: Mapping[str, float], draws: int, seed: int, level: float) -> Bootstrap:
    d, w, _ = _anchored(fit, known)
    values, better = intervals.comparators(d, w, draws, np.random.default_rng(seed), level=level)
    return _drawn("comparators drawn with replacement; line and reading redone", values, better, seed, level)


def _drawn(method: str, values: Floats, better: tuple[float, float] | None, seed: int, level: float) -> Bootstrap:
    low, middle, high = intervals.percentile(values, level) or (None, None, None)
    failed = int(np.count_nonzero(~np.isfinite(values)))
    edges, heights = intervals.histogram(values)
    first, last = better or (None, None)
    return Bootstrap(method, len(values), failed, seed, level, low, middle, high, first, last, edges, heights)


def _anchored(fit: _Fit, known: Mapping[str, float]) -> tuple[list[float], list[float], Floats]:
    """Measures, work RVUs and the covariance of the measures, of the comparators that carry the line."""
    assert fit.measures is not None
    at = [fit.measures.names.index(name) for name in fit.names]
    covariance = np.array(fit.measures.covariance)[np.ix_(at, at)]
    return [fit.measures.values[i] for i in at], [known[name] for name in fit.names], covariance


def _sensitivity(fit: _Fit, known: Mapping[str, float], level: float) -> tuple[Link, ...]:
    return links.sensitivity(*_anchored(fit, known), 0.0, level) if fit.line else ()


def _joint(survey: Survey, known: Mapping[str, float], ties: str, level: float) -> Joint:
    given = None if survey.answers is None else survey.answers.astype(float)
    return joint_model.fit(survey.pairs, survey.target, known, answers=given, ties=ties, level=level)


def _guards(
    survey: Survey,
    fit: _Fit,
    known: Mapping[str, float],
    use: Anchors,
    odd: Mapping[str, str],
    scale: str,
    draws: int,
    seed: int,
    level: float,
    fewest: int,
) -> tuple[Guard, ...]:
    """Every guard that an estimate can have; equals-comparator-mean is about printed values only."""
    about = ESTIMATE
    found: list[Guard] = []
    if fit.line and fit.reading and fit.moved and fit.predictive_r2 is not None:
        reading = fit.reading
        without = dict(zip(fit.names, fit.moved.without, strict=True))
        found += [
            guards.survey_adds_nothing(fit.predictive_r2, about),
            guards.reversed_slope(fit.line.slope, about),
            guards.extrapolates(fit.line.low_measure, fit.line.high_measure, 0.0, about),
            guards.slope_not_significant(fit.line.p, fit.line.slope_interval(), about),
            guards.one_comparator_decides(reading.value, without, (reading.high - reading.low) / 2, about),
        ]
    asked = any(word in scale.casefold() for word in ("work", "effort")) if scale else None
    used = {name: round(rvu * units.RVU) for name, rvu in known.items()}
    now = {name: work(service(name), use) for name in used}
    separation = paired.separation(fit.measures) if fit.measures else None
    found += [
        guards.unchecked("scale-is-not-work", about, "the file does not say what was asked")
        if asked is None
        else guards.scale_is_not_work(scale, asked, about),
        guards.unchecked(
            "misfit", about, "one answer a pair and respondent leaves nothing to test without a person model"
        ),
        guards.low_reliability(None if separation is None or separation != separation else separation, about),
        guards.few_respondents(_answers(survey), fewest, about),
        guards.star_design(survey.star, about),
        guards.stale_anchors(used, now, use.release, about),
        guards.odd_comparator({name: why for name, why in odd.items() if name in survey.items}, about),
        *_interest(survey, fit, min(draws, 500) or 200, seed),
    ]
    return tuple(found)


def _answers(survey: Survey) -> dict[str, int | None]:
    """Answers by comparison; a comparison with the target is called by the other service's name."""
    found: dict[str, int | None] = {}
    for m, (i, j) in enumerate(zip(survey.pairs.left, survey.pairs.right, strict=True)):
        ends = [survey.pairs.names[end] for end in (i, j) if survey.pairs.names[end] != survey.target]
        found[" / ".join(ends)] = int(survey.pairs.less[m] + survey.pairs.equal[m] + survey.pairs.greater[m])
    return found


def _interest(survey: Survey, fit: _Fit, draws: int, seed: int) -> tuple[Guard, ...]:
    """Whether interest was recorded, and whether those who have one place the target elsewhere."""
    if survey.interest is None or all(one is None for one in survey.interest):
        words = "the survey has no column `interest` with yes or no"
        return (
            guards.interest_not_recorded(False, words, ESTIMATE),
            guards.unchecked("interest-shifts-measure", ESTIMATE, words),
        )
    recorded = guards.interest_not_recorded(True, "", ESTIMATE)
    shift = interest_shift(survey, fit.pairs, draws, np.random.default_rng(seed))
    if isinstance(shift, str):
        return recorded, guards.unchecked("interest-shifts-measure", ESTIMATE, shift)
    return recorded, guards.interest_shifts_measure(*shift, ESTIMATE)


_WEAK = frozenset(
    ("survey-adds-nothing", "reversed-slope", "extrapolates", "slope-not-significant", "scale-is-not-work")
)


def _headline(survey: Survey, reading: anchor.Reading | None, warned: tuple[Guard, ...], why_not: str) -> str:
    head = "SIMULATED, nobody answered this survey. " if survey.simulated else ""
    if reading is None:
        return f"{head}These answers give no work RVU for {survey.target}: {why_not}."
    interval = f"95 % prediction interval {reading.new_low:.2f} to {reading.new_high:.2f}"
    if reading.level != anchor.LEVEL:
        interval = interval.replace("95 %", f"{100 * reading.level:g} %")
    if weak := sorted(guards.fired(warned) & _WEAK):
        return (
            f"{head}These answers do not support a single work RVU for {survey.target} ({', '.join(weak)}); "
            f"the line gives {reading.value:.2f}, {interval}."
        )
    return f"{head}{survey.target}: work RVU {reading.value:.2f}, {interval}."


def _notes(survey: Survey, fits: Mapping[str, _Fit], reading: Reading | None) -> tuple[str, ...]:
    said = [survey.label] if survey.label else []
    if reading and reading.centre is not None:
        said.append(
            f"The intervals allow for the error of the measures: they lie around {reading.centre:.2f}, the line with "
            "that error taken out."
        )
    for fit in fits.values():
        said += [f"ties {fit.ties}: {name} left out, {why}." for name, why in fit.dropped]
    if survey.answers is None:
        said.append("Counts carry no respondents: answers of one person are taken as independent.")
    return tuple(said)
