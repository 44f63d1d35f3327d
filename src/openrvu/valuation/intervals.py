"""Bootstrap intervals: percentile, and BCa, which mends bias and skewness; respondents or comparators drawn again.

Respondents drawn again carry that people disagree; comparators drawn again carry that services scatter about the line.
Neither is the interval of one new service: that is the prediction interval.

Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapters 13 and 14.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from openrvu.valuation import anchor
from openrvu.valuation.anchor import Floats, Numbers
from openrvu.valuation.paired import Pairs
from openrvu.valuation.survey import EQUAL, GREATER, LESS, Survey

FEWEST_DRAWS = 50  # fewer finite draws carry no interval


def percentile(draws: Floats, level: float) -> tuple[float, float, float] | None:
    """Low, median and high of the finite draws; None where fewer than FEWEST_DRAWS are finite."""
    good = draws[np.isfinite(draws)]
    if good.size < FEWEST_DRAWS:
        return None
    half = (1 - level) / 2
    low, middle, high = np.quantile(good, [half, 0.5, 1 - half])
    return float(low), float(middle), float(high)


def histogram(draws: Floats, bins: int = 40) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Ends of equal bins (bins + 1) and how many finite draws each holds (bins); empty where too few are finite.

    The bins end three interquartile ranges beyond the quartiles, if not before: what lies further is in none of them.
    """
    good = draws[np.isfinite(draws)]
    if good.size < FEWEST_DRAWS or np.ptp(good) == 0:
        return (), ()
    first, third = np.quantile(good, [0.25, 0.75])
    reach = 3 * (third - first)
    ends = (max(float(good.min()), float(first - reach)), min(float(good.max()), float(third + reach)))
    heights, edges = np.histogram(good, bins, ends)
    return tuple(float(e) for e in edges), tuple(int(h) for h in heights)


def bca(
    value: float, draws: Floats, jackknife: Floats, level: float, times: Floats | None = None
) -> tuple[float, float] | None:
    """The bias-corrected and accelerated interval, or None where it does not exist.

    value: of the data. draws: the value of each resample. jackknife: the value with one unit left out; times: how many
    units each stands for. It does not exist where all draws lie on one side of the value, or too few are finite.
    """
    good = draws[np.isfinite(draws)]
    weight = np.ones_like(jackknife) if times is None else np.asarray(times, dtype=float)
    kept = np.isfinite(jackknife)
    if good.size < FEWEST_DRAWS or not math.isfinite(value) or not kept.any():
        return None
    below = (float((good < value).sum()) + float((good <= value).sum())) / (2 * good.size)
    if not 0 < below < 1:
        return None
    leaves, weight = jackknife[kept], weight[kept]
    lean = float(weight @ leaves / weight.sum()) - leaves
    scale = float(weight @ lean**2) ** 1.5
    speed = float(weight @ lean**3) / (6 * scale) if scale > 0 else 0.0
    bias = float(ndtri(below))
    ends = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        moved = bias + float(ndtri(tail))
        if speed * moved >= 1:
            return None
        ends.append(float(ndtr(bias + moved / (1 - speed * moved))))
    low, high = np.quantile(good, ends)
    return float(low), float(high)


def leave_one_respondent(survey: Survey, pairs: Pairs, rows: list[int]) -> tuple[Floats, Floats]:
    """Counts with each respondent left out, equal ones once: (P, M, 3), and how many each stands for (P,).

    For counts, which carry no respondents, each answer is left out instead.
    """
    whole = pairs.counts()
    if survey.answers is None:
        cells = np.argwhere(whole > 0)
        found = np.repeat(whole[None], len(cells), axis=0)
        found[np.arange(len(cells)), cells[:, 0], cells[:, 1]] -= 1
        return found, whole[cells[:, 0], cells[:, 1]]
    patterns, times = np.unique(survey.answers[:, rows], axis=0, return_counts=True)
    given = np.stack([patterns == code for code in (LESS, EQUAL, GREATER)], axis=-1).astype(float)
    return whole[None] - given, times.astype(float)


def comparators(
    measures: Numbers,
    rvus: Numbers,
    draws: int,
    rng: np.random.Generator,
    at: float = 0.0,
    level: float = anchor.LEVEL,
) -> tuple[Floats, tuple[float, float] | None]:
    """Comparators drawn with replacement, the line redone: the (draws,) values and the BCa interval.

    A draw in which all measures are the same has no line: nan.
    """
    d, w = anchor.checked(measures, rvus, 4)
    picks = rng.integers(0, d.size, size=(draws, d.size))
    values = read_rows(d[picks], w[picks], at)
    left = np.array(anchor.leave_one_out(d, w, at))
    return values, bca(anchor.fit_line(d, w).at(at).value, values, left, level)


def read_rows(measures: Floats, rvus: Floats, at: float = 0.0) -> Floats:
    """Least-squares values of many sets, each with its own RVUs: (B, k) and (B, k) in, (B,) out; nan without a line."""
    dx, wx = measures - measures.mean(axis=1, keepdims=True), rvus - rvus.mean(axis=1, keepdims=True)
    sxx = (dx**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(sxx > 1e-12, (dx * wx).sum(axis=1) / sxx, np.nan)
    found: NDArray[np.float64] = rvus.mean(axis=1) + slope * (at - measures.mean(axis=1))
    return found
