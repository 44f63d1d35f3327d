"""Guards: named warnings about one value each, with the figures behind them and what to do.

A guard is about the claimed value, the line read at the target, an estimate of ours, or the study as a whole. `fired`
says whether it warns; where the figures it needs were not printed, `checked` is False and nothing is concluded. No
guard speaks of motive, competence or integrity: each says what a figure is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

CLAIMED, LINE, ESTIMATE, STUDY = "claimed", "line", "estimate", "study"

FEWEST_DIGITS = 4
SIGNIFICANCE = 0.05
FIT_LOW, FIT_HIGH = 0.6, 1.4
LOWEST_RELIABILITY = 0.7
FEWEST_ANSWERS = 30
LARGEST_MOVE = 0.10

REMEDIES: Mapping[str, str] = {
    "equals-comparator-mean": "Ask for the work-effort table and the fitted line; read it at the target's own measure.",
    "survey-adds-nothing": "Report the plain mean beside it; add comparators over a wider range, or more respondents.",
    "reversed-slope": "Do not use this line: check the direction of the scale and the comparators.",
    "scale-is-not-work": "Fit the line to measures of work effort, if they can be had.",
    "extrapolates": "Add comparators on both sides of the target.",
    "slope-not-significant": "Add comparators over a wider range of work; until then use the prediction interval.",
    "misfit": "Look at the answers to these comparators; fit again without them and show both.",
    "low-reliability": "More respondents or more distinct comparators are needed to tell the services apart.",
    "few-respondents": "Collect more answers, at least 30 a comparison (50 or 75 where volume asks it).",
    "one-comparator-decides": "Show the value with and without it; add comparators near it.",
    "star-design": "Ask for comparator-comparator pairs too, so that transitivity and the anchors can be tested.",
    "stale-anchors": "Refit with the work RVUs of the release on which the value would be used.",
    "odd-comparator": "Show the value without it, or say why it belongs.",
    "interest-shifts-measure": "Show the measures with and without respondents who have an interest.",
    "interest-not-recorded": "Record financial interest, so that its effect can be tested.",
}


@dataclass(frozen=True)
class Guard:
    """One warning about one value.

    about: claimed, line, estimate or study. fired: it warns. checked: the figures it needs were there. figures: what it
    rests on. words: plain words, true whether it fired or not. remedy: what to do about it.
    """

    name: str
    about: str
    fired: bool
    checked: bool
    words: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    remedy: str = ""


def _guard(name: str, about: str, fired: bool, words: str, **figures: Any) -> Guard:
    return Guard(name, about, fired, True, words, figures, REMEDIES[name])


def unchecked(name: str, about: str, why: str) -> Guard:
    """A guard whose figures are not there: nothing is concluded."""
    return Guard(name, about, False, False, f"could not be checked: {why}", {}, REMEDIES[name])


def fired(guards: Iterable[Guard], about: str = "") -> frozenset[str]:
    """The names of the guards that warn, about one value or all."""
    return frozenset(guard.name for guard in guards if guard.fired and about in ("", guard.about))


def equals_comparator_mean(
    claimed: str, digits: int, mean: float, releases: Sequence[str], expected: float | None
) -> Guard:
    """The printed value is the comparators' unweighted mean, to its printed digits and at least four of them.

    digits: significant digits printed. mean: of the set that gives it, or of the basis. releases: those whose RVUs give
    it. expected: expected number of chance hits of the whole family.
    """
    equal = bool(releases)
    if equal and digits >= FEWEST_DIGITS:
        words = f"{claimed} is the comparators' unweighted mean ({mean:.6f}) to every printed digit"
    elif equal:
        words = f"{claimed} agrees with the comparators' mean, but {digits} digits are too few to say more"
    else:
        words = f"{claimed} is not the comparators' unweighted mean ({mean:.6f})"
    return _guard(
        "equals-comparator-mean",
        CLAIMED,
        equal and digits >= FEWEST_DIGITS,
        words,
        mean=mean,
        digits=digits,
        releases=list(releases),
        expected_chance_hits=expected,
    )


def survey_adds_nothing(predictive_r2: float, about: str = LINE) -> Guard:
    """Leave-one-out predictive R-squared against the plain mean is zero or less."""
    adds = "no better" if predictive_r2 <= 0 else "better"
    words = f"the measures predict a left-out comparator's work RVU {adds} than the plain mean of the others does"
    return _guard("survey-adds-nothing", about, predictive_r2 <= 0, words, predictive_r2=predictive_r2)


def reversed_slope(slope: float, about: str = LINE) -> Guard:
    """Services judged harder have lower work RVUs."""
    way = "fall" if slope < 0 else "rise"
    words = f"work RVUs {way} by {abs(slope):.3f} a logit of judged difficulty"
    return _guard("reversed-slope", about, slope < 0, words, slope=slope)


def scale_is_not_work(scale: str, is_work: bool, about: str = LINE) -> Guard:
    """The measures used answer another question than how much work a service is."""
    words = f"the measures are of {scale}" + ("" if is_work else ", which is not work")
    return _guard("scale-is-not-work", about, not is_work, words, scale=scale)


def extrapolates(low: float, high: float, at: float = 0.0, about: str = LINE) -> Guard:
    """The target's measure lies outside the comparators' range."""
    out = not low <= at <= high
    where = "outside" if out else "inside"
    words = f"the target's measure {at:g} lies {where} the comparators' range, {low:g} to {high:g}"
    return _guard("extrapolates", about, out, words, low=low, high=high, at=at)


def slope_not_significant(p: float, interval: tuple[float, float], about: str = LINE) -> Guard:
    """The slope's p is above 0.05, or its interval holds 0: the measures do not order the work RVUs."""
    holds = interval[0] <= 0 <= interval[1]
    warns = p > SIGNIFICANCE or holds
    words = f"slope p = {p:.4f}, interval {interval[0]:.2f} to {interval[1]:.2f}" + (
        ": the measures do not clearly order the work RVUs" if warns else ""
    )
    return _guard("slope-not-significant", about, warns, words, p=p, low=interval[0], high=interval[1])


def misfit(fits: Mapping[str, tuple[float | None, float | None]], about: str = LINE) -> Guard:
    """An infit or outfit (by comparator) outside 0.6 to 1.4. A fixed cut-off, printed as such."""
    outside = {
        name: [fit for fit in pair if fit is not None and not FIT_LOW <= fit <= FIT_HIGH] for name, pair in fits.items()
    }
    worst = {name: found for name, found in outside.items() if found}
    given = [fit for pair in fits.values() for fit in pair if fit is not None]
    if not given:
        return unchecked("misfit", about, "infit and outfit are not printed")
    shown = ", ".join(f"{name} {fit:g}" for name, found in worst.items() for fit in found)
    words = f"infit or outfit outside {FIT_LOW} to {FIT_HIGH}: {shown or 'none'}"
    return _guard("misfit", about, bool(worst), words, outside=worst)


def low_reliability(reliability: float | None, about: str = STUDY) -> Guard:
    """Separation reliability of the services below 0.7. Person reliability is printed elsewhere and never guarded."""
    if reliability is None:
        return unchecked("low-reliability", about, "the reliability of the services' separation is not printed")
    words = f"separation reliability of the services {reliability:.3f}"
    return _guard("low-reliability", about, reliability < LOWEST_RELIABILITY, words, reliability=reliability)


def few_respondents(answers: Mapping[str, int | None], fewest: int = FEWEST_ANSWERS, about: str = STUDY) -> Guard:
    """Fewer than 30 answers on a comparison (50 or 75 where volume asks it). answers: by comparison or by panel."""
    known = {name: count for name, count in answers.items() if count is not None}
    if not known:
        return unchecked("few-respondents", about, "the number of respondents is not printed")
    few = {name: count for name, count in known.items() if count < fewest}
    shown = ", ".join(f"{name} {count}" for name, count in few.items())
    least = min(known.values())
    words = f"fewer than {fewest} answers: {shown}" if few else f"at least {least} answers, {fewest} are asked for"
    return _guard("few-respondents", about, bool(few), words, few=few, least=least, asked=fewest)


def one_comparator_decides(
    value: float, without: Mapping[str, float], half_width: float | None, about: str = LINE
) -> Guard:
    """Leaving one comparator out moves the value by more than the interval's half width, or by more than 10 %."""
    limit = LARGEST_MOVE * abs(value)
    if half_width is not None:
        limit = min(limit, half_width)
    deciding = {name: left for name, left in without.items() if abs(left - value) > limit}
    shown = ", ".join(f"without {name} {left:.2f}" for name, left in deciding.items())
    words = (
        f"one comparator moves {value:.2f} by more than {limit:.2f}: {shown}"
        if deciding
        else f"no comparator moves {value:.2f} by more than {limit:.2f}"
    )
    low, high = min(without.values()), max(without.values())
    return _guard(
        "one-comparator-decides", about, bool(deciding), words, without=deciding, limit=limit, low=low, high=high
    )


def star_design(star: bool | None, about: str = STUDY) -> Guard:
    """Only target-comparator pairs were asked: transitivity and anchors cannot be tested. None: no pairs at all."""
    if star is None:
        return unchecked("star-design", about, "respondents chose a reference code; there are no pairs")
    words = (
        "every question pairs the target with a comparator" if star else "comparators were compared with each other too"
    )
    return _guard("star-design", about, star, words)


def stale_anchors(used: Mapping[str, int], now: Mapping[str, int | None], release: str, about: str = CLAIMED) -> Guard:
    """Comparators' work RVUs (x 10^4) are not those of the release on which the value would be used.

    now: by comparator on that release, None where the release as held lacks one of its codes.
    """
    changed = [name for name, rvu in used.items() if now.get(name) not in (None, rvu)]
    absent = [name for name in used if now.get(name) is None]
    stale = bool(changed or absent)
    counts = f"{len(changed)} differ in release {release} and {len(absent)} are not held"
    words = f"of {len(used)} comparators' work RVUs, {counts}"
    if not stale:
        words = f"all {len(used)} comparators' work RVUs are those of release {release}"
    return _guard("stale-anchors", about, stale, words, release=release, changed=changed, not_held=absent)


def odd_comparator(odd: Mapping[str, str], about: str = CLAIMED) -> Guard:
    """A comparator of another family, region or kind of work. odd: comparator -> why, from the study's file."""
    shown = "; ".join(f"{name}, {why}" for name, why in odd.items())
    words = f"another kind of work: {shown}" if odd else "no comparator is marked as of another family, region or kind"
    return _guard("odd-comparator", about, bool(odd), words, comparators=dict(odd))


def interest_shifts_measure(shift: float, se: float, about: str = STUDY) -> Guard:
    """Respondents with a disclosed interest place the target elsewhere: |shift| / SE above 1.96 (logits)."""
    moved = abs(shift) > 1.959964 * se
    words = f"respondents with an interest place the target {shift:+.3f} logits apart (SE {se:.3f})"
    return _guard("interest-shifts-measure", about, moved, words, shift=shift, se=se)


def interest_not_recorded(recorded: bool | None, words: str, about: str = STUDY) -> Guard:
    """Financial interest of the respondents was not recorded. None: could not be read whether it was."""
    if recorded is None:
        return unchecked("interest-not-recorded", about, words or "whether it was recorded was not read")
    return _guard("interest-not-recorded", about, not recorded, words or ("recorded" if recorded else "not recorded"))
