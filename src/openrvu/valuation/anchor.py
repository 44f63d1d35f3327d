"""From measures to work RVUs: the straight line through the comparators, read at the target's own measure.

    w_i = a + b d_i + e_i        d_i: measure of comparator i in logits (target at 0), w_i: its work RVU

The line is read at the target's measure, never at the mean of d: there any line returns the plain mean of the RVUs and
the survey has said nothing. Beside the value stand the interval of the line, the prediction interval of one new service
(the one that answers the question), what each comparator decides, and whether the line predicts better than the mean.

Sources: Draper & Smith 1998, Applied Regression Analysis, chapters 1, 3 and 8 (line, intervals, influence); Allen 1974,
Technometrics 16:125 (PRESS, prediction of what was left out); Cook 1977, Technometrics 19:15; Fuller 1987, Measurement
Error Models, chapter 2 (error in the equation and known error covariance of the measures).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrvu.errors import BadInput

Floats = NDArray[np.float64]
Numbers = Sequence[float] | Floats

LEVEL = 0.95


@dataclass(frozen=True)
class Reading:
    """The line read at one measure. low, high: interval of the line; new_low, new_high: prediction interval (t, df).

    centre: what the intervals lie around where they allow for error of the measures (see calibrated), None where they
    lie around the value.
    """

    at: float
    value: float
    se: float
    low: float
    high: float
    new_low: float
    new_high: float
    level: float
    centre: float | None = None


@dataclass(frozen=True)
class Line:
    """A fitted line: w = intercept + slope d.

    s: residual standard deviation; df = k - 2; p: two-sided, of the slope; sxx and mean_measure carry the intervals
    (weighted where weights were given).
    """

    intercept: float
    slope: float
    se_intercept: float
    se_slope: float
    s: float
    r2: float
    p: float
    df: int
    k: int
    mean_measure: float
    mean_rvu: float
    sxx: float
    weight_sum: float
    low_measure: float
    high_measure: float

    def at(self, measure: float, level: float = LEVEL) -> Reading:
        """The line read at a measure (logits), with its interval and the prediction interval of one new service.

        Weights, if any, act on the line; the new service counts as one of weight 1.
        """
        t = quantile(level, self.df)
        value = self.intercept + self.slope * measure
        se = self.s * math.sqrt(1 / self.weight_sum + (measure - self.mean_measure) ** 2 / self.sxx)
        wide = math.hypot(self.s, se)
        return Reading(measure, value, se, value - t * se, value + t * se, value - t * wide, value + t * wide, level)

    def slope_interval(self, level: float = LEVEL) -> tuple[float, float]:
        """The interval of the slope."""
        half = quantile(level, self.df) * self.se_slope
        return self.slope - half, self.slope + half


@dataclass(frozen=True)
class Influence:
    """What each comparator does to the line, in the order given.

    leverage: diagonal of the hat matrix (sums to 2). cook: Cook's distance. without: the value read at the target's
    measure when this comparator is left out.
    """

    leverage: tuple[float, ...]
    cook: tuple[float, ...]
    without: tuple[float, ...]


def quantile(level: float, df: float) -> float:
    """The t quantile of a two-sided interval.

    >>> round(quantile(0.95, 9), 4)
    2.2622
    """
    if not 0 < level < 1:
        raise BadInput(f"level {level} is not between 0 and 1", fix="Give 0.95 for a 95 % interval")
    from scipy.special import stdtrit  # late: the server starts without SciPy

    return float(stdtrit(df, 0.5 + level / 2))


def checked(measures: Numbers, rvus: Numbers, fewest: int) -> tuple[Floats, Floats]:
    """Measures and RVUs as arrays. Raises BadInput for too few, unequal lengths, no numbers, or equal measures."""
    d, w = np.asarray(measures, dtype=float), np.asarray(rvus, dtype=float)
    if d.ndim != 1 or d.shape != w.shape:
        raise BadInput(f"{d.size} measures and {w.size} work RVUs", fix="Give one work RVU a measure")
    if d.size < fewest:
        raise BadInput(f"{d.size} comparators with measure and work RVU", fix=f"A line needs at least {fewest}")
    if not (np.isfinite(d).all() and np.isfinite(w).all()):
        raise BadInput("a measure or a work RVU is not a finite number", fix="Leave that comparator out, and say so")
    if np.ptp(d) == 0:
        raise BadInput("all measures are the same", fix="No line goes through one point: use comparators that differ")
    return d, w


def fit_line(measures: Numbers, rvus: Numbers, weights: Numbers | None = None) -> Line:
    """Least squares of work RVUs on measures (ordinary, or weighted by positive weights).

    measures, rvus: (k,) logits and work RVUs, k >= 3. Raises BadInput for fewer, unequal lengths or equal measures.

    >>> line = fit_line([-1.0, 0.0, 1.0, 2.0], [8.0, 11.0, 12.0, 17.0])
    >>> round(line.at(0.0).value, 3), round(line.slope, 3), line.df
    (10.6, 2.8, 2)
    """
    from scipy.special import stdtr

    d, w = checked(measures, rvus, 3)
    v = np.ones_like(d) if weights is None else np.asarray(weights, dtype=float)
    if v.shape != d.shape or not np.isfinite(v).all() or (v <= 0).any():
        raise BadInput("weights are not one positive number a comparator", fix="Give weights, or none")
    v = v * (d.size / v.sum())  # scaled to mean 1, so that s stays the spread of an average comparator
    mean_d, mean_w = float(v @ d / d.size), float(v @ w / d.size)
    sxx = float(v @ (d - mean_d) ** 2)
    slope = float(v @ ((d - mean_d) * (w - mean_w)) / sxx)
    total = float(v @ (w - mean_w) ** 2)
    residual = float(v @ (w - mean_w - slope * (d - mean_d)) ** 2)
    df = d.size - 2
    s = math.sqrt(residual / df)
    se_slope = s / math.sqrt(sxx)
    p = 2 * float(stdtr(df, -abs(slope) / se_slope)) if se_slope > 0 else 0.0
    return Line(
        intercept=mean_w - slope * mean_d,
        slope=slope,
        se_intercept=s * math.sqrt(1 / d.size + mean_d**2 / sxx),
        se_slope=se_slope,
        s=s,
        r2=1 - residual / total if total > 0 else math.nan,
        p=p,
        df=df,
        k=d.size,
        mean_measure=mean_d,
        mean_rvu=mean_w,
        sxx=sxx,
        weight_sum=float(d.size),
        low_measure=float(d.min()),
        high_measure=float(d.max()),
    )


def influence(measures: Numbers, rvus: Numbers, at: float = 0.0) -> Influence:
    """Leverage, Cook's distance and the value without each comparator, in closed form (k >= 4)."""
    d, w = checked(measures, rvus, 4)
    x = np.column_stack([np.ones_like(d), d])
    inverse = np.linalg.inv(x.T @ x)
    hat = np.einsum("ij,jk,ik->i", x, inverse, x)
    beta = inverse @ x.T @ w
    residual = w - x @ beta
    if (1 - hat < 1e-9).any():
        raise BadInput(
            "one comparator alone decides the slope: the others share one measure", fix="Use comparators that differ"
        )
    s2 = residual @ residual / (d.size - 2)
    cook = residual**2 * hat / (2 * s2 * (1 - hat) ** 2) if s2 > 0 else np.zeros_like(d)
    without = beta[:, None] - inverse @ x.T * (residual / (1 - hat))
    values = without[0] + without[1] * at
    return Influence(_floats(hat), _floats(cook), _floats(values))


def leave_one_out(measures: Numbers, rvus: Numbers, at: float = 0.0) -> tuple[float, ...]:
    """The value read at the target's measure with each comparator left out in turn, in the order given.

    >>> [round(v, 2) for v in leave_one_out([-1.0, 0.0, 1.0, 2.0], [8.0, 11.0, 12.0, 17.0])]
    [10.33, 10.43, 11.0, 10.33]
    """
    return influence(measures, rvus, at).without


def predictive_r2(measures: Numbers, rvus: Numbers) -> float:
    """How much better the line predicts a comparator it has not seen than the plain mean of the others does.

        1 - sum (w_i - line without i)^2 / sum (w_i - mean without i)^2

    Both sides leave the comparator out: against the mean of all (which has seen it) the line would be held to more.
    Zero or less: the survey predicts RVUs no better than not asking. The published measures give -0.027 for 62380 and
    0.226 for 0202T.
    """
    d, w = checked(measures, rvus, 4)
    x = np.column_stack([np.ones_like(d), d])
    hat = np.einsum("ij,jk,ik->i", x, np.linalg.inv(x.T @ x), x)
    beta = np.linalg.lstsq(x, w, rcond=None)[0]
    by_line = (w - x @ beta) / (1 - hat)
    by_mean = (w - w.mean()) * d.size / (d.size - 1)
    total = float(by_mean @ by_mean)
    return 1 - float(by_line @ by_line) / total if total > 0 else math.nan


def log_linear(measures: Numbers, rvus: Numbers, at: float = 0.0) -> float:
    """exp of the line through log RVUs, read at the target's measure: a sensitivity value, the median scale.

    Raises BadInput where a work RVU is not above zero.
    """
    if len(rvus) and min(rvus) <= 0:
        raise BadInput("a comparator has no work RVU above zero", fix="The log-linear fit leaves such services out")
    return math.exp(fit_line(measures, [math.log(w) for w in rvus]).at(at).value)


def errors_in_variables(
    measures: Numbers, rvus: Numbers, covariance: Sequence[Sequence[float]] | Floats, at: float = 0.0
) -> float:
    """The value where measures carry sampling error of known, full covariance and the equation has an error of its own.

    Comparators share the target's error. Centring removes what is common, so the error of the spread is
    trace(M C) / (k - 1), M the centring matrix: with diagonal errors alone it would be taken too large. The slope is
    S_dw / (S_dd - error), with Fuller's small-sample limit on the correction. Source: Fuller 1987, chapter 2.
    """
    d, w = checked(measures, rvus, 4)
    c = np.asarray(covariance, dtype=float)
    if c.shape != (d.size, d.size):
        raise BadInput(f"covariance of shape {c.shape} for {d.size} measures", fix="Give the k by k covariance")
    n = d.size
    error = float(np.trace(c) - c.sum() / n) / (n - 1)
    s_dd, s_dw, s_ww = float(d.var(ddof=1)), float(np.cov(d, w)[0, 1]), float(w.var(ddof=1))
    share = math.inf if error <= 0 else (s_dd - s_dw**2 / s_ww if s_ww > 0 else s_dd) / error
    allowed = 1.0 if share >= 1 + 1 / (n - 1) else share - 1 / (n - 1)
    slope = s_dw / (s_dd - max(allowed, 0.0) * max(error, 0.0))
    return float(w.mean() + slope * (at - d.mean()))


def read_many(measures: Floats, rvus: Numbers, at: float = 0.0) -> Floats:
    """Least-squares values for many sets of measures at once: (B, k) in, (B,) out. For the bootstrap.

    A set whose measures are all the same gives no number (nan).
    """
    w: Any = np.asarray(rvus, dtype=float)
    centred = measures - measures.mean(axis=1, keepdims=True)
    sxx = (centred**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(sxx > 0, centred @ (w - w.mean()) / sxx, np.nan)
    found: Floats = w.mean() + slope * (at - measures.mean(axis=1))
    return found


def _floats(values: Floats) -> tuple[float, ...]:
    return tuple(float(v) for v in values)
