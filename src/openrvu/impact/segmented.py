"""Lines through the logarithm of yearly counts or rates: change a year, joinpoints, a series interrupted at a date.

    log y = a + b x                                      annual percent change 100 (e^b - 1), t interval on b
    log y = a + b x + c max(0, x - k)                    joinpoint at k: the year with the least squares left
    log y = a + b x + c [x >= d] + e max(0, x - d)       interrupted at d: step and change of slope

Ordinary least squares; no correction for autocorrelation is made, and the Durbin-Watson statistic stands beside.
Sources: Kim, Fay, Feuer & Midthune 2000, Stat Med 19:335 (joinpoints on a grid); Lerman 1980, Appl Stat 29:77 (interval
of the joinpoint); BIC as the Joinpoint program of the National Cancer Institute has it (from memory, to be confirmed);
Wagner et al. 2002, J Clin Pharm Ther 27:299 (interrupted series).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtri

from openrvu.errors import BadInput
from openrvu.valuation.anchor import LEVEL, quantile

Floats = NDArray[np.float64]
# Years on each side of a joinpoint, itself counted, and the fewest years for a line, a joinpoint, an interruption.
ENDS, FEWEST_LINE, FEWEST_JOIN, FEWEST_SIDE = 3, 3, 6, 2


@dataclass(frozen=True)
class Slope:
    """A straight stretch of years. percent: change a year, with its interval at LEVEL."""

    first: int
    last: int
    percent: float
    low: float
    high: float


@dataclass(frozen=True)
class Joined:
    """Segments with their joinpoints. interval: years that the data do not tell from the one joinpoint; empty where
    there is none or more than one. bic: of 0, 1, 2 joinpoints, None where there are too few years."""

    joinpoints: tuple[int, ...]
    segments: tuple[Slope, ...]
    interval: tuple[int, ...]
    bic: tuple[float | None, ...]
    left: float
    durbin_watson: float


@dataclass(frozen=True)
class Interrupted:
    """A series before and from a year on. step: change of level in percent at that year; slope_before, slope_after:
    percent a year; change: of slope, as a ratio of yearly factors in percent. p: two-sided, t with n - 4."""

    at: int
    step: float
    step_low: float
    step_high: float
    step_p: float
    slope_before: float
    slope_after: float
    change: float
    change_low: float
    change_high: float
    change_p: float
    durbin_watson: float


@dataclass(frozen=True)
class Fitted:
    """Least squares: coefficients, covariance, residual sum of squares, degrees of freedom, residuals."""

    beta: Floats
    covariance: Floats
    left: float
    df: int
    residuals: Floats

    def se(self, weights: Floats) -> float:
        """Standard error of a combination of coefficients."""
        return math.sqrt(max(float(weights @ self.covariance @ weights), 0.0))


def least_squares(design: Floats, y: Floats) -> Fitted:
    """Coefficients of y on the columns of a design. Raises BadInput where years are fewer than columns and one."""
    n, k = design.shape
    if n <= k:
        raise BadInput(f"{n} years are too few for {k} coefficients", fix="Take a longer series, or a simpler line")
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ y
    residuals = y - design @ beta
    left = float(residuals @ residuals)
    return Fitted(beta, inverse * (left / (n - k)), left, n - k, residuals)


def _series(years: Sequence[int], values: Sequence[float], fewest: int) -> tuple[Floats, Floats]:
    if len(years) != len(values) or len(set(years)) != len(years):
        raise BadInput("one value a year is needed")
    if len(years) < fewest:
        raise BadInput(f"{len(years)} years with a figure are too few", exists=f"Needed: {fewest}")
    if min(values) <= 0:
        raise BadInput("a logarithm needs figures above zero", fix="Leave years without services out, and say so")
    order = np.argsort(years)
    return np.asarray(years, dtype=float)[order], np.log(np.asarray(values, dtype=float))[order]


def _percent(log: float) -> float:
    return 100.0 * math.expm1(log)


def _watson(residuals: Floats) -> float:
    total = float(residuals @ residuals)
    return float(np.sum(np.diff(residuals) ** 2) / total) if total > 0 else math.nan


def change_a_year(years: Sequence[int], values: Sequence[float], level: float = LEVEL) -> Slope:
    """The annual percent change of a log-linear line.

    >>> found = change_a_year([2019, 2020, 2021, 2022], [100.0, 110.0, 121.0, 133.1])
    >>> round(found.percent, 6)
    10.0
    """
    x, y = _series(years, values, FEWEST_LINE)
    fitted = least_squares(np.column_stack([np.ones_like(x), x - x[0]]), y)
    half = quantile(level, fitted.df) * fitted.se(np.array([0.0, 1.0]))
    b = float(fitted.beta[1])
    return Slope(int(x[0]), int(x[-1]), _percent(b), _percent(b - half), _percent(b + half))


def _design(x: Floats, knots: Sequence[float]) -> Floats:
    return np.column_stack([np.ones_like(x), x - x[0], *(np.maximum(0.0, x - k) for k in knots)])


def _grid(x: Floats, count: int) -> list[tuple[float, ...]]:
    """Sets of joinpoints with enough years on each side."""
    inside = x[ENDS - 1 : len(x) - ENDS + 1]
    return [set_ for set_ in combinations(map(float, inside), count) if all(b - a >= ENDS for a, b in pairwise(set_))]


def joinpoints(years: Sequence[int], values: Sequence[float], most: int = 2, level: float = LEVEL) -> Joined:
    """Segments of the series, with as many joinpoints (0 to `most`) as BIC asks for.

    The segments' intervals take the joinpoints as given. Raises BadInput for fewer than six years.
    """
    x, y = _series(years, values, FEWEST_JOIN)
    n = len(x)
    best: list[tuple[tuple[float, ...], Fitted] | None] = []
    for count in range(most + 1):
        tried = (
            [(knots, least_squares(_design(x, knots), y)) for knots in _grid(x, count) if n > 2 + count]
            if count
            else [((), least_squares(_design(x, ()), y))]
        )
        best.append(min(tried, key=lambda one: one[1].left) if tried else None)
    bic = tuple(_bic(one[1].left, n, count) if one else None for count, one in enumerate(best))
    chosen = min((b, count) for count, b in enumerate(bic) if b is not None)[1]
    found = best[chosen]
    assert found is not None  # the line without a joinpoint is always there
    knots, fitted = found
    return Joined(
        joinpoints=tuple(int(k) for k in knots),
        segments=_segments(x, knots, fitted, level),
        interval=_interval(x, y, fitted, level) if chosen == 1 else (),
        bic=bic,
        left=fitted.left,
        durbin_watson=_watson(fitted.residuals),
    )


def _bic(left: float, n: int, count: int) -> float:
    """ln(SSE / n) + (2 k + 2) ln(n) / n, with k joinpoints: each costs a slope and a place."""
    return math.log(max(left, 1e-300) / n) + (2 * count + 2) * math.log(n) / n


def _segments(x: Floats, knots: Sequence[float], fitted: Fitted, level: float) -> tuple[Slope, ...]:
    ends = [float(x[0]), *knots, float(x[-1])]
    half = quantile(level, fitted.df)
    found = []
    for number in range(len(ends) - 1):
        weights = np.zeros(len(fitted.beta))
        weights[1 : 2 + number] = 1.0
        b, se = float(weights @ fitted.beta), fitted.se(weights)
        found.append(
            Slope(
                int(ends[number]), int(ends[number + 1]), _percent(b), _percent(b - half * se), _percent(b + half * se)
            )
        )
    return tuple(found)


def _interval(x: Floats, y: Floats, fitted: Fitted, level: float) -> tuple[int, ...]:
    """Years k with SSE(k) <= SSE (1 + F(level; 1, n - 4) / (n - 4)): Lerman 1980."""
    df = len(x) - 4
    bound = fitted.left * (1 + float(fdtri(1, df, level)) / df)
    inside = [k for (k,) in _grid(x, 1) if least_squares(_design(x, (k,)), y).left <= bound * (1 + 1e-12)]
    return int(min(inside)), int(max(inside))


def interrupted(years: Sequence[int], values: Sequence[float], at: int, level: float = LEVEL) -> Interrupted:
    """The series interrupted at a year: a code's introduction, a revaluation, a rule.

    Raises BadInput for fewer than two years before or from it on, or five in all.
    """
    from scipy.special import stdtr

    x, y = _series(years, values, 5)
    before = int(np.sum(x < at))
    if before < FEWEST_SIDE or len(x) - before < FEWEST_SIDE:
        what = f"{before} years before {at} and {len(x) - before} from it on"
        raise BadInput(what, exists=f"Needed: {FEWEST_SIDE} on each side", fix="Choose another year")
    step = (x >= at).astype(float)
    fitted = least_squares(np.column_stack([np.ones_like(x), x - at, step, np.maximum(0.0, x - at)]), y)
    t = quantile(level, fitted.df)
    b, c, e = (float(value) for value in fitted.beta[1:])
    se_c, se_e = (float(np.sqrt(fitted.covariance[i, i])) for i in (2, 3))
    p_c, p_e = (2 * float(stdtr(fitted.df, -abs(v) / s)) if s > 0 else math.nan for v, s in ((c, se_c), (e, se_e)))
    return Interrupted(
        at=at,
        step=_percent(c),
        step_low=_percent(c - t * se_c),
        step_high=_percent(c + t * se_c),
        step_p=p_c,
        slope_before=_percent(b),
        slope_after=_percent(b + e),
        change=_percent(e),
        change_low=_percent(e - t * se_e),
        change_high=_percent(e + t * se_e),
        change_p=p_e,
        durbin_watson=_watson(fitted.residuals),
    )
