"""Other links from measures to work RVUs, beside the least-squares line: each with its interval, or why it has none.

Log-linear, weighted, Fuller (error in measures and in the equation), York and Deming (every sigma stated), inverse with
Fieller and delta intervals, isotonic. All are read at the target's own measure. They are sensitivity, not a choice: the
default stays the line with its prediction interval.

Sources: Fuller 1987, Measurement Error Models, section 2.2; York et al. 2004, Am J Phys 72:367; Linnet 1990, Stat Med
9:1463 (Deming); Fieller 1954, JRSS B 16:175; Draper & Smith 1998, chapter 3 (inverse); Barlow et al. 1972 (isotonic).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openrvu.errors import BadInput
from openrvu.valuation import anchor
from openrvu.valuation.anchor import LEVEL, Floats, Numbers, quantile


@dataclass(frozen=True)
class Link:
    """The value by one method. low, high: interval of the fitted mean; new_low, new_high: prediction interval of one
    new service. interval: how it was made, or why there is none. value None: it does not exist here, see why_not.
    """

    name: str
    words: str
    value: float | None
    low: float | None = None
    high: float | None = None
    new_low: float | None = None
    new_high: float | None = None
    slope: float | None = None
    interval: str = ""
    why_not: str = ""


@dataclass(frozen=True)
class StraightLine:
    """A line w = intercept + slope d with errors on both axes. mswd: weighted squares over k - 2, 1 where the stated
    sigmas explain the scatter."""

    intercept: float
    slope: float
    se_intercept: float
    se_slope: float
    covariance: float
    mswd: float
    k: int


@dataclass(frozen=True)
class FiellerSet:
    """The work RVUs that an inverse reading does not reject.

    kind: interval (low to high), outside (everything below low and above high) or everything.
    """

    kind: str
    low: float | None
    high: float | None


def york(
    measures: Numbers,
    rvus: Numbers,
    se_measures: Numbers,
    se_rvus: Numbers,
    correlation: Numbers | float = 0.0,
) -> StraightLine:
    """The best line where every standard error on both axes is stated (York et al. 2004, their thirteen steps).

    The standard errors hold only if the stated sigmas are all there is: a comparator's RVU scatters about the line far
    more than any sigma of it, so mswd says whether to believe them. Raises BadInput for a sigma that is not above zero.
    """
    d, w = anchor.checked(measures, rvus, 3)
    sd, sw = np.asarray(se_measures, dtype=float), np.asarray(se_rvus, dtype=float)
    r = np.broadcast_to(np.asarray(correlation, dtype=float), d.shape)
    for name, sigma in (("measure", sd), ("work RVU", sw)):
        if sigma.shape != d.shape or not np.isfinite(sigma).all() or (sigma <= 0).any():
            raise BadInput(
                f"the standard errors of each {name} are not all stated and above zero",
                fix="York needs one a comparator on both axes; without them use errors-in-variables",
            )
    wd, ww = 1 / sd**2, 1 / sw**2
    slope = anchor.fit_line(d, w).slope
    for _ in range(200):
        before = slope
        weight, beta, d_mean, w_mean = _york_weights(d, w, wd, ww, r, slope)
        slope = float(weight @ (beta * (w - w_mean)) / (weight @ (beta * (d - d_mean))))
        if abs(slope - before) <= 1e-14 * max(abs(slope), 1e-300):
            break
    weight, beta, d_mean, w_mean = _york_weights(d, w, wd, ww, r, slope)
    adjusted = d_mean + beta
    mean = float(weight @ adjusted / weight.sum())
    variance = 1 / float(weight @ (adjusted - mean) ** 2)
    intercept = w_mean - slope * d_mean
    residual = float(weight @ (w - intercept - slope * d) ** 2)
    return StraightLine(
        intercept=intercept,
        slope=slope,
        se_intercept=math.sqrt(1 / float(weight.sum()) + mean**2 * variance),
        se_slope=math.sqrt(variance),
        covariance=-mean * variance,
        mswd=residual / (d.size - 2),
        k=d.size,
    )


def _york_weights(
    d: Floats, w: Floats, wd: Floats, ww: Floats, r: Floats, slope: float
) -> tuple[Floats, Floats, float, float]:
    root = np.sqrt(wd * ww)
    weight = wd * ww / (wd + slope**2 * ww - 2 * slope * r * root)
    d_mean, w_mean = float(weight @ d / weight.sum()), float(weight @ w / weight.sum())
    u, v = d - d_mean, w - w_mean
    beta = weight * (u / ww + slope * v / wd - (slope * u + v) * r / root)
    return weight, beta, d_mean, w_mean


def deming(measures: Numbers, rvus: Numbers, ratio: float) -> StraightLine:
    """The line where only the ratio of error variances (of RVU over measure) is known; standard errors by jackknife.

    Equal to York's line where all sigmas of an axis are the same. mswd is not known without them: nan.
    """
    d, w = anchor.checked(measures, rvus, 4)
    if not (math.isfinite(ratio) and ratio > 0):
        raise BadInput(f"ratio of error variances {ratio}", fix="Give the variance of an RVU over that of a measure")
    slope, intercept = _deming(d, w, ratio)
    left = np.array([_deming(np.delete(d, i), np.delete(w, i), ratio) for i in range(d.size)])
    spread = np.cov(left.T, bias=True) * (d.size - 1)
    return StraightLine(
        intercept, slope, math.sqrt(spread[1, 1]), math.sqrt(spread[0, 0]), float(spread[0, 1]), math.nan, d.size
    )


def _deming(d: Floats, w: Floats, ratio: float) -> tuple[float, float]:
    sdd, sww, sdw = float(d.var()), float(w.var()), float(np.cov(d, w, bias=True)[0, 1])
    if sdw == 0:
        return 0.0, float(w.mean())
    lean = sww - ratio * sdd
    slope = (lean + math.sqrt(lean**2 + 4 * ratio * sdw**2)) / (2 * sdw)
    return slope, float(w.mean() - slope * d.mean())


def fuller(
    measures: Numbers,
    rvus: Numbers,
    covariance: Sequence[Sequence[float]] | Floats,
    at: float = 0.0,
    level: float = LEVEL,
) -> Link:
    """Errors in variables with an error of the equation and the full covariance of the measures, with intervals.

    Comparators share the target's error: centring takes it out of the slope, and it comes back as slope^2 times its
    variance where the line is read at the target. Variance of the slope: Fuller 1987, theorem 2.2.1 (error variance
    known). Intervals by t with k - 2 degrees of freedom, an approximation in small samples; the prediction interval
    keeps the scatter that the comparators' measures have by error, on the safe side.
    """
    d, w = anchor.checked(measures, rvus, 4)
    c = np.asarray(covariance, dtype=float)
    value = anchor.errors_in_variables(d, w, c, at)
    n = d.size
    own = max(float(np.trace(c) - c.sum() / n) / (n - 1), 0.0)
    shared = max(float(c.sum()) / n**2 - own / n, 0.0)
    slope = float(_eiv_slope(d, w, own))
    spread = float(d.var(ddof=1))
    clear = float(np.cov(d, w)[0, 1]) / slope if slope else spread  # S_dd less the correction that was allowed
    residual = w - w.mean() - slope * (d - d.mean())
    around = float(residual @ residual) / (n - 2)
    own_used = min(own, max(spread - clear, 0.0))
    of_slope = (spread * around + slope**2 * own_used**2) / ((n - 1) * clear**2)
    of_mean = around / n + (at - float(d.mean())) ** 2 * of_slope + slope**2 * shared
    half = quantile(level, n - 2) * math.sqrt(of_mean)
    # The comparators' own error of measurement stays in: taken out, the rest is a difference too uncertain to stand on.
    wide = quantile(level, n - 2) * math.sqrt(of_mean + around)
    return Link(
        "errors-in-variables",
        "measures with their full covariance and an error of the equation (Fuller)",
        value,
        value - half,
        value + half,
        value - wide,
        value + wide,
        slope,
        "large-sample variance, t with k - 2; the target's own error of measurement is in it",
    )


def _eiv_slope(d: Floats, w: Floats, own: float) -> float:
    """The slope behind anchor.errors_in_variables: the value one logit on, less the value here."""
    shrunk = np.eye(d.size) * own
    return anchor.errors_in_variables(d, w, shrunk, 1.0) - anchor.errors_in_variables(d, w, shrunk, 0.0)


def log_linear(measures: Numbers, rvus: Numbers, at: float = 0.0, level: float = LEVEL) -> Link:
    """The line through log work RVUs, read at the target: the median scale. Intervals of the log line, turned back."""
    words = "line through log work RVUs, read at the target"
    if min(rvus) <= 0:
        return Link("log-linear", words, None, why_not="a comparator has no work RVU above zero")
    line = anchor.fit_line(measures, [math.log(w) for w in rvus])
    read = line.at(at, level)
    value, low, high, new_low, new_high = (
        math.exp(min(x, 700.0)) for x in (read.value, read.low, read.high, read.new_low, read.new_high)
    )
    return Link("log-linear", words, value, low, high, new_low, new_high, line.slope, "of the log line, turned back")


def weighted(measures: Numbers, rvus: Numbers, covariance: Floats, at: float = 0.0, level: float = LEVEL) -> Link:
    """The line weighted by 1 / SE^2 of each measure; the new service counts as one of average weight."""
    line = anchor.fit_line(measures, rvus, [1 / c for c in np.diag(np.asarray(covariance, dtype=float))])
    read = line.at(at, level)
    return Link(
        "weighted",
        "line weighted by 1 / SE^2 of the measures",
        read.value,
        read.low,
        read.high,
        read.new_low,
        read.new_high,
        line.slope,
        "of the weighted line, t with k - 2",
    )


def fieller(measures: Numbers, rvus: Numbers, at: float = 0.0, level: float = LEVEL, new: bool = False) -> FiellerSet:
    """Fieller's set for the inverse reading: every w at which the line of measures on RVUs does not reject `at`.

    new: for one new service, whose measure scatters too. Where the slope is not clear of zero the set is no interval,
    and that is the answer: these data bound the value on one side or not at all.

    >>> fieller([-1.0, 0.1, 0.9, 2.0], [8.0, 11.0, 12.0, 17.0]).kind
    'interval'
    """
    d, w = _differing(measures, rvus)
    line = anchor.fit_line(w, d)
    t2s2 = (quantile(level, line.df) * line.s) ** 2
    a = line.slope**2 - t2s2 / line.sxx
    gap = at - float(d.mean())
    b = -2 * line.slope * gap
    c = gap**2 - t2s2 * (1 / d.size + (1.0 if new else 0.0))
    root = b**2 - 4 * a * c
    if a > 0:
        low, high = ((-b - s * math.sqrt(max(root, 0.0))) / (2 * a) + line.mean_measure for s in (1, -1))
        return FiellerSet("interval", low, high)
    if root <= 0 or a == 0:
        return FiellerSet("everything", None, None)
    ends = sorted((-b + s * math.sqrt(root)) / (2 * a) + line.mean_measure for s in (1, -1))
    return FiellerSet("outside", ends[0], ends[1])


def _differing(measures: Numbers, rvus: Numbers) -> tuple[Floats, Floats]:
    d, w = anchor.checked(measures, rvus, 3)
    if np.ptp(w) == 0:
        raise BadInput("the comparators' work RVUs are all the same", fix="Use comparators that differ")
    return d, w


def inverse(measures: Numbers, rvus: Numbers, at: float = 0.0, level: float = LEVEL) -> Link:
    """The line of measures on work RVUs, solved for the target's measure; Fieller's set as its interval.

    Not reported where the target's measure or the value lies outside the comparators' range: there it runs away.
    """
    d, w = anchor.checked(measures, rvus, 4)
    words = "line of measure on work RVU, solved for the target (inverse regression)"
    if not d.min() <= at <= d.max():
        return Link("inverse", words, None, why_not="the target's measure lies outside the comparators' range")
    if np.ptp(w) == 0:
        return Link("inverse", words, None, why_not="the comparators' work RVUs are all the same")
    line = anchor.fit_line(w, d)
    if line.slope == 0:
        return Link("inverse", words, None, why_not="the measures do not change with the work RVUs")
    value = (at - line.intercept) / line.slope
    if not w.min() <= value <= w.max():
        return Link("inverse", words, None, why_not="the value lies outside the comparators' work RVUs")
    mean, new = fieller(d, w, at, level), fieller(d, w, at, level, new=True)
    said = {
        "interval": "Fieller",
        "outside": "Fieller: no interval, the set is unbounded",
        "everything": "Fieller: no bound",
    }
    return Link(
        "inverse",
        words,
        value,
        *((mean.low, mean.high) if mean.kind == "interval" else (None, None)),
        *((new.low, new.high) if new.kind == "interval" else (None, None)),
        1 / line.slope,
        said[mean.kind if mean.kind != "interval" else new.kind],
    )


def inverse_delta(
    measures: Numbers, rvus: Numbers, at: float = 0.0, level: float = LEVEL
) -> tuple[float, float, float]:
    """The inverse reading with its delta-method interval: value, low, high.

    Symmetric, and too short where the slope is weak; Fieller's set is exact.
    """
    d, w = _differing(measures, rvus)
    line = anchor.fit_line(w, d)
    if line.slope == 0:
        raise BadInput("the measures do not change with the work RVUs", fix="No inverse reading exists")
    value = (at - line.intercept) / line.slope
    se = line.s / abs(line.slope) * math.sqrt(1 / d.size + (value - line.mean_measure) ** 2 / line.sxx)
    half = quantile(level, line.df) * se
    return value, value - half, value + half


def isotonic(measures: Numbers, rvus: Numbers, at: float = 0.0) -> Link:
    """The rising step function nearest to the RVUs (pool adjacent violators), interpolated at the target.

    It assumes only that more work has more RVUs. No interval is given: none holds its level with a handful of
    comparators. Not reported outside their range.
    """
    from scipy.optimize import isotonic_regression

    d, w = anchor.checked(measures, rvus, 3)
    words = "rising steps through the comparators, interpolated at the target"
    if not d.min() <= at <= d.max():
        return Link("isotonic", words, None, why_not="the target's measure lies outside the comparators' range")
    levels, at_level = np.unique(d, return_inverse=True)
    counts = np.bincount(at_level).astype(float)
    means = np.bincount(at_level, weights=w) / counts
    steps: NDArray[np.float64] = isotonic_regression(means, weights=counts).x
    value = float(np.interp(at, levels, steps))
    return Link("isotonic", words, value, interval="none: none holds its level with so few comparators")


def sensitivity(
    measures: Numbers,
    rvus: Numbers,
    covariance: Sequence[Sequence[float]] | Floats,
    at: float = 0.0,
    level: float = LEVEL,
) -> tuple[Link, ...]:
    """Every other link that needs no more than measures, their covariance and RVUs, and the plain mean beside them."""
    c = np.asarray(covariance, dtype=float)
    plain = float(np.mean(np.asarray(rvus, dtype=float)))
    return (
        log_linear(measures, rvus, at, level),
        fuller(measures, rvus, c, at, level),
        weighted(measures, rvus, c, at, level),
        isotonic(measures, rvus, at),
        inverse(measures, rvus, at, level),
        Link("plain mean", "mean of the comparators' work RVUs, whatever was answered", plain, interval="none"),
    )
