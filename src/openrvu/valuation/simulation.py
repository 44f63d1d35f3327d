"""How often intervals hold the truth: made-up surveys with a known line, measured, anchored and looked at. Seeded.

    d_i ~ N(shift, 1), w_i = 18 + 5 d_i + N(0, 4^2)     comparators, drawn anew in each survey
    theta_v ~ N(0, lean^2)                              each respondent's own place of the target
    answers                                             Davidson's model, a share of them missing at random

The target's measure is 0: the truth of the line is 18, that of one new service 18 + N(0, 4^2). Everything that comes
out of here is simulated, and evidence of the methods alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from openrvu.valuation import anchor, calibrated, clustered, intervals, joint, links, paired
from openrvu.valuation.paired import DAVIDSON, HALF, Floats, Pairs

LINE, SLOPE, SCATTER = 18.0, 5.0, 4.0
DEFAULT = "line, its intervals with the measures' error (default)"
CENTRE = "what these lie around: the line with the measures' error taken out"
_TARGET = "T"
_CELLS = 6_000_000  # answers held at once


@dataclass(frozen=True)
class Scenario:
    """One kind of survey. linked: comparators next to each other in difficulty are compared too. shift: mean measure of
    the comparators; at 0 the target is in their middle, at -1.5 nearly all are easier (one-sided).
    """

    name: str
    respondents: int
    missing: float = 0.0
    shift: float = 0.0
    linked: bool = False
    comparators: int = 11
    log_nu: float = -0.3
    lean: float = 0.5


@dataclass(frozen=True)
class Coverage:
    """How one method did. line, new: share of surveys whose interval holds the truth (None: it gives none). bias: mean
    of value less truth. width_line, width_new: medians. surveys: with a value; failed: without one.
    """

    method: str
    surveys: int
    failed: int
    line: float | None
    new: float | None
    bias: float
    width_line: float | None
    width_new: float | None


@dataclass(frozen=True)
class Drawn:
    """Surveys of one scenario. counts: (B, M, 3). d, w: (B, k), d the true measures. new: (B,) RVU of one new service.
    answers: (B, R, M) or None where only counts were kept."""

    pairs: Pairs
    counts: Floats
    w: Floats
    new: Floats
    answers: NDArray[np.int8] | None
    d: Floats


def pairs_of(scenario: Scenario) -> Pairs:
    """The comparisons asked: the target with each comparator and, where linked, each comparator with the next two."""
    k = scenario.comparators
    left, right = [0] * k, list(range(1, k + 1))
    if scenario.linked:
        for gap in (1, 2):
            left += list(range(1, k + 1 - gap))
            right += list(range(1 + gap, k + 1))
    nothing = (0.0,) * len(left)
    return Pairs((_TARGET, *(f"c{i}" for i in range(k))), tuple(left), tuple(right), nothing, nothing, nothing)


def draw(scenario: Scenario, surveys: int, rng: np.random.Generator, keep: bool = False) -> Drawn:
    """So many surveys of a scenario. keep: the answers themselves too, not only their counts."""
    pairs = pairs_of(scenario)
    k, m, n = scenario.comparators, len(pairs.left), scenario.respondents
    d = np.sort(scenario.shift + rng.standard_normal((surveys, k)), axis=1)
    w = LINE + SLOPE * d + SCATTER * rng.standard_normal((surveys, k))
    new = LINE + SCATTER * rng.standard_normal(surveys)
    full = np.column_stack([np.zeros(surveys), d])
    gap = full[:, pairs.left] - full[:, pairs.right]
    with_target = (np.array(pairs.left) == 0).astype(float)
    counts = np.empty((surveys, m, 3))
    kept = np.empty((surveys, n, m), dtype=np.int8) if keep else None
    step = max(1, _CELLS // (n * m))
    for start in range(0, surveys, step):
        rows = slice(start, min(start + step, surveys))
        theta = scenario.lean * rng.standard_normal((rows.stop - start, n, 1))
        given = _answers(gap[rows, None, :] + theta * with_target, scenario, rng)
        counts[rows] = np.stack([(given == code).sum(axis=1) for code in (-1, 0, 1)], axis=-1)
        if kept is not None:
            kept[rows] = given
    return Drawn(pairs, counts, w, new, kept, d)


def _answers(gap: Floats, scenario: Scenario, rng: np.random.Generator) -> NDArray[np.int8]:
    up, down = np.exp(gap / 2), np.exp(-gap / 2)
    total = up + down + math.exp(scenario.log_nu)
    u = rng.random(gap.shape) * total
    given = np.where(u < up, 1, np.where(u < up + down, -1, 0)).astype(np.int8)
    if scenario.missing:
        given[rng.random(gap.shape) < scenario.missing] = 9
    return given


def measures(drawn: Drawn, ties: str = HALF) -> Floats:
    """(B, k) measures; nan for a comparator on which everybody agrees (unless by closed form: the whole survey)."""
    return fitted(drawn.pairs, drawn.counts, _TARGET, ties)


def fitted(pairs: Pairs, counts: Floats, target: str, ties: str = HALF) -> Floats:
    """(B, k) measures of many samples of the same pairs, the target first among the names.

    One-versus-all with ties as half a win has a closed form, in which a comparator on which everybody agrees is nan by
    itself; otherwise the whole sample is.
    """
    if ties == HALF and not any(pairs.left) and pairs.right == tuple(range(1, len(pairs.names))):
        less, equal, greater = counts[..., 0], counts[..., 1], counts[..., 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Floats = np.log((less + equal / 2) / (greater + equal / 2))
        return np.where(np.isfinite(found), found, np.nan)
    return paired.fit_many(pairs, counts, target, ties)


def lines(d: Floats, w: Floats, level: float = anchor.LEVEL) -> Mapping[str, Floats]:
    """Least squares of many surveys at once, unmeasured comparators left out: value, low, high, new_low, new_high at
    0; nan where fewer than four are left. (B, k) in, (B,) out."""
    there = np.isfinite(d)
    k = there.sum(axis=1)
    good = k >= 4
    k = np.where(good, k, 4)
    x, y = np.where(there, d, 0.0), np.where(there, w, 0.0)
    xm, ym = x.sum(axis=1) / k, y.sum(axis=1) / k
    dx, dy = np.where(there, d - xm[:, None], 0.0), np.where(there, w - ym[:, None], 0.0)
    sxx = np.where(good, (dx**2).sum(axis=1), 1.0)
    slope = (dx * dy).sum(axis=1) / sxx
    value = ym - slope * xm
    s2 = ((dy - slope[:, None] * dx) ** 2).sum(axis=1) / (k - 2)
    se2 = s2 * (1 / k + xm**2 / sxx)
    t = stdtrit(k - 2, 0.5 + level / 2)
    half, wide = t * np.sqrt(se2), t * np.sqrt(se2 + s2)
    found = {
        "value": value,
        "low": value - half,
        "high": value + half,
        "new_low": value - wide,
        "new_high": value + wide,
    }
    return {name: np.where(good, column, np.nan) for name, column in found.items()}


def tally(method: str, found: Mapping[str, Floats], new: Floats) -> Coverage:
    """Coverage from columns value, low, high, new_low, new_high (those that the method gives)."""
    value = found["value"]
    good = np.isfinite(value)

    def share(low: str, high: str, truth: Floats | float) -> tuple[float | None, float | None]:
        if low not in found:
            return None, None
        there = good & np.isfinite(found[low]) & np.isfinite(found[high])
        held = (found[low] <= truth) & (truth <= found[high])
        return float(held[there].mean()), float(np.median((found[high] - found[low])[there]))

    (line, wide), (one, wider) = share("low", "high", LINE), share("new_low", "new_high", new)
    bias = float(np.mean(value[good]) - LINE)
    return Coverage(method, int(good.sum()), int((~good).sum()), line, one, bias, wide, wider)


def default(scenario: Scenario, surveys: int, seed: int, *, others: bool = True) -> tuple[Coverage, ...]:
    """The default and its centre; with others, the line with measures taken as exact under two treatments of ties, and
    Fuller's errors in variables, on the same surveys."""
    drawn = draw(scenario, surveys, np.random.default_rng(seed), keep=True)
    assert drawn.answers is not None
    half = measures(drawn)
    error = clustered.robust_many(drawn.pairs, drawn.answers, half)
    known = calibrated.intervals(half, drawn.w, error, scenario.respondents)
    found = [tally(DEFAULT, known, drawn.new), tally(CENTRE, {"value": known["centre"]}, drawn.new)]
    if not others:
        return tuple(found)
    found.append(tally("measures taken as exact", lines(half, drawn.w), drawn.new))
    exact = lines(measures(drawn, DAVIDSON), drawn.w)
    found.append(tally("measures taken as exact, ties modelled (Davidson)", exact, drawn.new))
    if not scenario.linked:
        found.append(tally("errors in variables (Fuller)", _fuller(drawn, half), drawn.new))
    return tuple(found)


def items(scenario: Scenario, surveys: int, seed: int) -> Coverage:
    """The comparators' own measures, ties modelled (Davidson): share of 95 % intervals that hold the truth, and bias.

    line: that share. bias: mean of measure less truth, logits. respondents should not differ (lean 0): a measure is
    that of the answers taken together. failed: surveys without finite measures.
    """
    drawn = draw(scenario, surveys, np.random.default_rng(seed))
    found, errors = paired.errors_many(drawn.pairs, drawn.counts, _TARGET, DAVIDSON)
    good = np.isfinite(found).all(axis=1)
    away, wide = (found - drawn.d)[good], 1.959964 * errors[good]
    held, bias, width = (float(v) for v in ((np.abs(away) <= wide).mean(), away.mean(), np.median(2 * wide)))
    return Coverage("measures of comparators", int(good.sum()), int((~good).sum()), held, None, bias, width, None)


def _fuller(drawn: Drawn, d: Floats) -> Mapping[str, Floats]:
    less, equal, greater = drawn.counts[..., 0], drawn.counts[..., 1], drawn.counts[..., 2]
    with np.errstate(divide="ignore"):
        variance = 1 / (less + equal / 2) + 1 / (greater + equal / 2)
    rows = np.full((len(d), 5), np.nan)
    for i, there in enumerate(np.isfinite(d)):
        if there.sum() >= 4:
            one = links.fuller(d[i, there], drawn.w[i, there], np.diag(variance[i, there]))
            rows[i] = [one.value, one.low, one.high, one.new_low, one.new_high]
    return dict(zip(("value", "low", "high", "new_low", "new_high"), rows.T, strict=True))


def bootstrapped(scenario: Scenario, surveys: int, draws: int, seed: int) -> tuple[Coverage, ...]:
    """Respondents drawn again, and comparators drawn again: percentile and BCa, one-target design, ties half a win."""
    rng = np.random.default_rng(seed)
    drawn = draw(scenario, surveys, rng, keep=True)
    d, names = measures(drawn), ("respondents drawn again", "comparators drawn again")
    ends = {(name, kind): np.full((surveys, 2), np.nan) for name in names for kind in ("percentile", "BCa")}
    value = lines(d, drawn.w)["value"]
    assert drawn.answers is not None
    for i in range(surveys):
        there = np.isfinite(d[i])
        if there.sum() < 4:
            continue
        w = drawn.w[i, there]
        one = _respondents(drawn.answers[i][:, there], w, draws, rng)
        other, better = intervals.comparators(d[i, there], w, draws, rng)
        for name, values, bca in ((names[0], one[0], one[1]), (names[1], other, better)):
            if plain := intervals.percentile(values, anchor.LEVEL):
                ends[name, "percentile"][i] = plain[0], plain[2]
            if bca:
                ends[name, "BCa"][i] = bca
    return tuple(
        tally(f"{name}, {kind}", {"value": value, "low": e[:, 0], "high": e[:, 1]}, drawn.new)
        for (name, kind), e in ends.items()
    )


def _respondents(
    answers: NDArray[np.int8], w: Floats, draws: int, rng: np.random.Generator
) -> tuple[Floats, tuple[float, float] | None]:
    n = len(answers)
    given = np.stack([answers == code for code in (-1, 0, 1)], axis=-1).astype(float).reshape(n, -1)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=draws).astype(float)
    whole = given.sum(axis=0)
    rows = np.concatenate([whole[None], whole - given, weights @ given]).reshape(1 + n + draws, -1, 3)
    with np.errstate(divide="ignore", invalid="ignore"):
        d = np.log((rows[..., 0] + rows[..., 1] / 2) / (rows[..., 2] + rows[..., 1] / 2))
        d = np.where(np.isfinite(d).all(axis=1, keepdims=True), d, np.nan)
        values = anchor.read_many(d, w)
    return values[1 + n :], intervals.bca(float(values[0]), values[1 + n :], values[1 : 1 + n], anchor.LEVEL)


def joined(scenario: Scenario, surveys: int, seed: int) -> Coverage:
    """The joint model on so many surveys (half a second or so each), ties modelled, respondents' spread estimated."""
    drawn = draw(scenario, surveys, np.random.default_rng(seed), keep=True)
    rows = np.full((surveys, 5), np.nan)
    assert drawn.answers is not None
    for i in range(surveys):
        less, equal, greater = (tuple(float(c) for c in column) for column in drawn.counts[i].T)
        pairs = Pairs(drawn.pairs.names, drawn.pairs.left, drawn.pairs.right, less, equal, greater)
        rvus = {f"c{j}": float(w) for j, w in enumerate(drawn.w[i])}
        one = joint.fit(pairs, _TARGET, rvus, answers=drawn.answers[i].astype(float), ties=DAVIDSON)
        rows[i] = one.value, one.low, one.high, one.new_low, one.new_high
    found = dict(zip(("value", "low", "high", "new_low", "new_high"), rows.T, strict=True))
    return tally("joint model", found, drawn.new)
