"""Internal consistency of what a study prints: do its figures agree with each other, each to its printed digits?

Every check is arithmetic on printed figures. One that differs says that two printed figures cannot both be as printed
under what the check takes for granted, and nothing of why. Where a figure is not printed, there is no check.

Sources: Brown & Heathers 2017, Social Psychological and Personality Science 8:363 (granularity of means of whole
numbers, GRIM); Popoviciu 1935 (largest variance of bounded answers), used for the smallest standard error of a measure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from openrvu.valuation.formulas import printed
from openrvu.valuation.study import Average, Interval, Panel, Printed, Study, Total

if TYPE_CHECKING:
    from openrvu.valuation.found import Ratio

AGREES, DIFFERS = "agrees", "differs"
_NEAR = 3  # other numbers of respondents that are named, at most, as giving a percentage
_SEARCH = 4  # looked for up to so many times the number printed


@dataclass(frozen=True)
class Check:
    """One comparison of printed figures. outcome: agrees or differs. words: what is compared, with the figures.

    assumes: what it takes for granted. source: of the figures.
    """

    name: str
    about: str
    outcome: str
    words: str
    assumes: str
    source: str
    figures: dict[str, Any] = field(default_factory=dict)


def checks(study: Study, ratios: Sequence[Ratio] = ()) -> tuple[Check, ...]:
    """Every check that the printed figures allow, in a fixed order."""
    found: list[Check] = []
    for panel in study.panels:
        found += _funnel(panel)
        found += _rates(panel)
    found += _listed(study)
    found += [one for share in study.shares for one in _share(study, share)]
    found += _wholes(study)
    found += [_average(one) for one in study.averages]
    found += [one for interval in study.intervals for one in _interval(interval)]
    found += [_total(one) for one in study.totals]
    found += _measures(study)
    found += _ratios(study, ratios)
    return tuple(found)


def bounds(text: str) -> tuple[Fraction, Fraction]:
    """The values that round to a printed figure, both ends included: half a unit of the last digit either way.

    >>> bounds("43.1")
    (Fraction(861, 20), Fraction(863, 20))
    """
    half = Fraction(1, 2 * 10 ** len(text.partition(".")[2]))
    return Fraction(text) - half, Fraction(text) + half


def counts_of(percent: str, n: int) -> tuple[int, ...]:
    """The whole numbers of n that are, to the printed digits, this percentage of n; none where no number is.

    >>> counts_of("57", 28), counts_of("43.1", 322)
    ((16,), ())
    """
    low, high = (end * n / 100 for end in bounds(percent))
    first, last = max(math.ceil(low), 0), min(math.floor(high), n)
    return tuple(range(first, last + 1))


def numbers_giving(percent: str, least: int = 1, most: int = 100) -> tuple[int, ...]:
    """Which numbers of respondents can give a printed percentage at all.

    >>> numbers_giving("14.3", most=25), numbers_giving("43.1", most=70)
    ((7, 14, 21), (51, 58, 65))
    """
    return tuple(n for n in range(least, most + 1) if counts_of(percent, n))


def reach(percent: str, n: int) -> float:
    """Share of the percentages of this many decimals, 0 to 100, that n respondents can give: how much a check can see.

    >>> round(reach("57", 28), 3)
    0.287
    """
    scale = 10 ** len(percent.partition(".")[2])
    return float(Fraction(min(n + 1, 100 * scale + 1), 100 * scale + 1))


def _check(name: str, about: str, agrees: bool, words: str, source: str, assumes: str = "", **figures: Any) -> Check:
    return Check(name, about, AGREES if agrees else DIFFERS, words, assumes, source, figures)


def _funnel(panel: Panel) -> Iterator[Check]:
    """Each step has no more people than the one before, and the groups sent to come to those sent to."""
    steps = [(word, getattr(panel, word)) for word in ("sent", "opened", "started", "responded", "completed")]
    known = [(word, count) for word, count in steps if count is not None]
    if len(known) > 1:
        rises = [(a, b) for a, b in pairwise(known) if b[1] > a[1]]
        said = ", ".join(f"{word} {count}" for word, count in known)
        words = f"{said}: " + (
            "a later step has more people" if rises else "no step has more people than the one before"
        )
        yield _check("funnel", panel.name, not rises, words, panel.source, **dict(known))
    if panel.parts and panel.sent is not None:
        total = sum(panel.parts)
        said = " + ".join(map(str, panel.parts))
        yield _check(
            "funnel-parts",
            panel.name,
            total == panel.sent,
            f"{said} = {total}, and {panel.sent} are printed as sent",
            panel.source,
            "nobody is in two groups",
            total=total,
            printed=panel.sent,
        )


def _rates(panel: Panel) -> Iterator[Check]:
    for rate, name, above, under in (
        (panel.response_rate, "response", panel.responded, (("sent", panel.sent),)),
        (
            panel.completion_rate,
            "completion",
            panel.completed,
            (
                ("responded", panel.responded),
                ("started", panel.started),
                ("opened", panel.opened),
                ("sent", panel.sent),
            ),
        ),
    ):
        known = [(word, n) for word, n in under if n]
        if not rate or above is None or not known:
            continue
        given = {word: printed(Fraction(100 * above, n), _decimals(rate)) for word, n in known}
        right = [word for word, n in known if above in counts_of(rate, n)]
        said = "; ".join(f"{above} of {n} {word} are {given[word]} %" for word, n in known)
        words = f"a {name} rate of {rate} % is printed; {said}"
        if not right:
            n = known[0][1]
            words += "".join(f"; {k} of {n} would be {rate} %" for k in counts_of(rate, n)) or (
                f"; no whole number of {n} is {rate} %"
            )
            low, high = (100 * above / end if end > 0 else Fraction(0) for end in bounds(rate)[::-1])
            near = range(max(math.ceil(low), above), math.floor(high) + 1)
            words += f"; {above} are {rate} % of {_some(near)}" if near else ""
        yield _check(f"{name}-rate", panel.name, bool(right), words, panel.source, printed=rate, computed=given)


def _some(numbers: Sequence[int]) -> str:
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _listed(study: Study) -> Iterator[Check]:
    """As many comparators are listed as are printed as compared (one panel: each may have had its own)."""
    stated = [panel for panel in study.panels if panel.comparators is not None]
    if len(stated) == 1 and study.comparators:
        panel, n = stated[0], len(study.comparators)
        words = f"{panel.comparators} comparators are stated, {n} are listed with a measure or a work RVU"
        yield _check(
            "comparators-listed",
            panel.name,
            n == panel.comparators,
            words,
            panel.source,
            stated=panel.comparators,
            listed=n,
        )


def _share(study: Study, share: Printed) -> Iterator[Check]:
    """A percentage of respondents must be a whole number of them."""
    answering = [panel.answering for panel in study.panels]
    n = share.of or (answering[0] if len(answering) == 1 else None)
    if not n:
        return
    found = counts_of(share.percent, n)
    if found:
        words = f"{share.percent} % of {n} ({share.what}) is {_some(found)} of them"
    else:
        others = [m for m in numbers_giving(share.percent, 1, _SEARCH * n) if m != n]
        near = sorted(sorted(others, key=lambda m: (abs(m - n), m))[:_NEAR])
        words = f"no whole number of {n} is {share.percent} % ({share.what})"
        words += f"; the nearest numbers that can give it are {', '.join(map(str, near))}" if near else ""
    yield _check(
        "percentage-of-n",
        share.what,
        bool(found),
        words,
        share.source or study.source,
        "it is of all who answered",
        n=n,
        counts=list(found),
        reach=round(reach(share.percent, n), 4),
    )


def _wholes(study: Study) -> Iterator[Check]:
    """Shares that are all answers to one question come to 100 %, give or take what rounding allows."""
    for name in dict.fromkeys(share.whole for share in study.shares if share.whole):
        parts = [share for share in study.shares if share.whole == name]
        low = sum((bounds(one.percent)[0] for one in parts), Fraction(0))
        high = sum((bounds(one.percent)[1] for one in parts), Fraction(0))
        total = sum((Fraction(one.percent) for one in parts), Fraction(0))
        words = f"{' + '.join(one.percent for one in parts)} = {float(total):g} % ({name})"
        yield _check(
            "shares-to-100",
            name,
            low <= 100 <= high,
            words,
            parts[0].source or study.source,
            "each respondent gave one of these answers",
            total=float(total),
        )


def _average(one: Average) -> Check:
    """A mean of whole-number answers is a whole number of steps over their count (GRIM)."""
    unit = Fraction(one.step) / (one.n * one.items)
    low, high = bounds(one.value)
    steps = list(range(math.ceil(low / unit), math.floor(high / unit) + 1))
    sees = unit > high - low
    if steps:
        words = f"{one.value} ({one.words}) is a mean that {one.n} respondents can give"
    else:
        near = [printed(k * unit, _decimals(one.value) + 2) for k in (math.floor(low / unit), math.ceil(high / unit))]
        words = (
            f"{one.value} ({one.words}) is no mean of whole-number answers of {one.n} respondents; the nearest are "
            f"{near[0]} and {near[1]}"
        )
    if not sees:
        words += "; so many answers can give every value of these digits, so that nothing is tested"
    return _check(
        "mean-of-n",
        one.words,
        bool(steps),
        words,
        one.source,
        f"answers are whole numbers of steps of {one.step}",
        n=one.n,
        items=one.items,
        unit=float(unit),
        tests=sees,
    )


def _interval(one: Interval) -> Iterator[Check]:
    """Value, standard error, interval, sd and n of one estimate, two at a time."""
    from statistics import NormalDist

    z = NormalDist().inv_cdf(0.5 + one.level / 200)
    if one.low:
        low, high, value = bounds(one.low), bounds(one.high), bounds(one.value)
        middle = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2)
        words = f"{one.words}: {one.value} with {one.level:g} % interval {one.low} to {one.high}, whose middle is "
        words += printed((Fraction(one.low) + Fraction(one.high)) / 2, _decimals(one.value) + 1)
        yield _check(
            "interval-middle",
            one.words,
            middle[0] <= value[1] and value[0] <= middle[1],
            words,
            one.source,
            "the interval is symmetrical on this scale",
        )
    if one.low and one.se:
        half = ((low[0] - high[1]) / -2, (low[1] - high[0]) / -2)
        se = bounds(one.se)
        quotients = (float(min(half)) / max(float(se[1]), 1e-12), float(max(half)) / max(float(se[0]), 1e-12))
        most = _t_of(one) if one.n else None
        right = quotients[0] <= (most or z) * 1.0005 and quotients[1] >= z * 0.9995
        words = f"{one.words}: half the interval is {_quotient(quotients)} standard errors; {z:.3f} for a normal"
        words += f", {most:.3f} for t with {(one.n or 0) - 1} degrees of freedom" if most else ""
        yield _check(
            "interval-and-se",
            one.words,
            right,
            words,
            one.source,
            "the interval is value and so many standard errors",
            quotient=[round(q, 4) for q in quotients],
            normal=round(z, 4),
            t=most,
        )
    if one.se and one.sd and one.n:
        sd, se = bounds(one.sd), bounds(one.se)
        ends = (float(sd[0]) / math.sqrt(one.n), float(sd[1]) / math.sqrt(one.n))
        words = (
            f"{one.words}: sd {one.sd} over the root of {one.n} is {float(Fraction(one.sd)) / math.sqrt(one.n):.4f}; "
        )
        words += f"a standard error of {one.se} is printed"
        right = ends[0] <= float(se[1]) and float(se[0]) <= ends[1]
        implied = (Fraction(one.sd) / Fraction(one.se)) ** 2 if Fraction(one.se) else None
        yield _check(
            "se-and-n",
            one.words,
            right,
            words,
            one.source,
            "a mean of independent answers",
            implied_n=None if implied is None else round(float(implied), 1),
        )


def _quotient(ends: tuple[float, float]) -> str:
    low, high = (f"{end:.3f}" for end in ends)
    return low if low == high else f"{low} to {high}"


def _t_of(one: Interval) -> float:
    from openrvu.valuation.anchor import quantile

    return round(quantile(one.level / 100, (one.n or 2) - 1), 4)


def _total(one: Total) -> Check:
    parts = [bounds(part) for part in one.parts]
    by = len(parts) if one.how == "mean" else 1
    low, high = sum((p[0] for p in parts), Fraction(0)) / by, sum((p[1] for p in parts), Fraction(0)) / by
    exact = sum((Fraction(p) for p in one.parts), Fraction(0)) / by
    ends = bounds(one.printed)
    shown = printed(exact, _decimals(one.printed) + 1)
    words = f"the {one.how} of {', '.join(one.parts)} is {shown}; {one.printed} is printed"
    return _check("total", one.words, low <= ends[1] and ends[0] <= high, f"{one.words}: {words}", one.source)


def _measures(study: Study) -> Iterator[Check]:
    """Standard errors and differences of printed measures against the least that so many answers can give.

    One answer of m + 1 categories has at most the information m^2 / 4 on a measure in logits, so n answers give no
    standard error below 2 / (m root n), and one step of the raw score moves a measure by at least 4 / (m^2 n).
    """
    held = study.measures
    if held is None or not held.respondents or not held.categories:
        return
    n, m = held.respondents, held.categories - 1
    assumes = f"Rasch measures of {n} complete answers of {held.categories} categories, each respondent counted once"
    least = 2 / (m * math.sqrt(n))
    with_se = [(one.service.name, one.se) for one in study.comparators if one.se]
    if with_se:
        low = [f"{name} {se}" for name, se in with_se if float(bounds(se)[1]) < least]
        words = f"{n} answers give no standard error below {least:.3f}; below it: {', '.join(low) or 'none'}"
        yield _check("se-of-measures", held.scale, not low, words, held.source, assumes, least=round(least, 4))
    known = sorted((one.measure, one.service.name) for one in study.comparators if one.measure is not None)
    if len(known) > 2:
        step = 4 / (m**2 * n)
        gaps = [(b[0] - a[0], a[1], b[1]) for a, b in pairwise(known) if b[0] > a[0]]
        if not gaps:
            return
        gap, one, other = min(gaps)
        rounding = 0.001  # measures are printed to three decimals at most
        equal = len(known) - len({measure for measure, _ in known})
        words = (
            f"the nearest measures that differ, of {one} and {other}, are {gap:.3f} logits apart; {n} answers allow "
            f"{step:.4f} at the least"
            + (f"; {equal + 1} or more comparators share a measure, which is one raw score" if equal else "")
        )
        yield _check(
            "steps-of-measures",
            held.scale,
            gap + rounding >= step,
            words,
            held.source,
            assumes,
            gap=round(gap, 4),
            least=round(step, 4),
        )


def _ratios(study: Study, ratios: Sequence[Ratio]) -> Iterator[Check]:
    """A printed percentage of another service's work RVU must come out on some release; on which, is said."""
    for one in study.ratios:
        tried = [ratio for ratio in ratios if ratio.code == one.what]
        if not tried:
            continue
        right = [name for ratio in tried if ratio.agrees for name in ratio.releases]
        others = ", ".join(f"{ratio.percent} % on {_span(ratio.releases)}" for ratio in tried if not ratio.agrees)
        words = f"{tried[0].claimed} is printed as {one.percent} % of {one.what}: "
        words += f"so it is on {_span(right)}" if right else "on no release held"
        words += f"; {others}" if others else ""
        yield _check("percentage-of-rvu", one.what, bool(right), words, one.source or study.source, releases=right)


def _span(releases: Sequence[str]) -> str:
    return releases[0] if len(releases) == 1 else f"{releases[0]} to {releases[-1]}"
