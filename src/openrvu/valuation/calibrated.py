"""Intervals of the line that know of the measures' own error: regression calibration, with the respondents' errors.

    d = delta + u,  Cov(u) = C          measures of the comparators from the target, C with respondents as the unit
    delta_i ~ (mu, tau^2)               what they measure
    w_i = a + b delta_i + e_i           the line; a is the value at the target

Least squares of w on d is flattened by u, and its usual interval leaves out the error that all comparators share: the
target's own. Here w is regressed on E[delta | d], the measures drawn towards their mean by as much as they are
uncertain, and to the variance of that line are added the shared error (b^2 times its variance) and that of the drawing
together. Each part brings its own degrees of freedom (Satterthwaite). Where C is nothing, the interval is the usual one
of least squares. `value` stays the least-squares reading; `centre` is what the interval lies around.

Sources: Carroll, Ruppert, Stefanski & Crainiceanu 2006, Measurement Error in Nonlinear Models, chapter 4; Fuller 1987,
Measurement Error Models, sections 2.2 and 2.5 (variance of the slope, small-sample modification with alpha = 2);
Satterthwaite 1946, Biometrics Bulletin 2:110. How often the intervals hold: docs/simulations.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import stdtrit

from openrvu.valuation import anchor
from openrvu.valuation.anchor import LEVEL, Floats, Numbers, Reading

_ALPHA = 2.0  # Fuller's modification: the correction for error is 1 - alpha / (k - 1) of the whole
_LEAST = 0.3  # share of the residual variance that is left to the services' own scatter, at least
_ABSENT = 1e9  # variance of a comparator that has no measure
FEWEST = 4


@dataclass(frozen=True)
class _Line:
    """Least squares by survey, (B,) each: value at 0, slope, residual variance, comparators, mean and squares of d."""

    value: Floats
    slope: Floats
    s2: Floats
    k: Floats
    mean: Floats
    sxx: Floats


def reading(measures: Numbers, rvus: Numbers, covariance: Any, respondents: float, level: float = LEVEL) -> Reading:
    """The least-squares line read at the target (0), with intervals that know of the measures' error.

    measures, rvus: (k,), at least four. covariance: (k, k) of the measures, respondents as the unit. respondents: how
    many, for the degrees of freedom of the shared error.

    >>> exact = reading([-1.0, 0.1, 0.9, 2.0], [8.0, 11.0, 12.0, 17.0], np.zeros((4, 4)), 50)
    >>> plain = anchor.fit_line([-1.0, 0.1, 0.9, 2.0], [8.0, 11.0, 12.0, 17.0]).at(0.0)
    >>> round(exact.low - plain.low, 9), round(exact.new_high - plain.new_high, 9)
    (0.0, 0.0)
    """
    d, w = anchor.checked(measures, rvus, FEWEST)
    plain = anchor.fit_line(d, w).at(0.0, level)
    found = intervals(d[None], w[None], np.asarray(covariance, dtype=float)[None], respondents, level)
    low, high, new_low, new_high = (float(found[name][0]) for name in ("low", "high", "new_low", "new_high"))
    return replace(
        plain,
        centre=float(found["centre"][0]),
        low=low,
        high=high,
        new_low=new_low,
        new_high=new_high,
        se=float(found["se"][0]),
    )


def intervals(
    d: Floats, w: Floats, covariance: Floats, respondents: Floats | float, level: float = LEVEL
) -> Mapping[str, Floats]:
    """As `reading`, of many surveys at once: value, centre, se, low, high, new_low, new_high, (B,) each.

    d: (B, k), nan for a comparator without a measure. w: (B, k). covariance: (B, k, k). nan where fewer than four have
    one.
    """
    there = np.isfinite(d)
    counted = there.sum(axis=1)
    good = counted >= FEWEST
    k = np.where(good, counted, FEWEST).astype(float)
    one = there.astype(float)
    error = covariance * one[:, :, None] * one[:, None, :]
    y = np.where(there, w, 0.0)
    raw = _line(np.where(there, d, 0.0), y, one, k)
    own, _ = _parts(error, k)
    kept = 1 - _ALPHA / (k - 1)
    spread = raw.sxx / (k - 1)
    tau2 = np.maximum(spread - kept * own, spread / (k + 1))
    # What comparators do not share is corrected in part (Fuller's alpha); what they share is not touched.
    centred = (np.eye(d.shape[1]) - (1 / k)[:, None, None]) * one[:, :, None] * one[:, None, :]
    damped = error - (1 - kept)[:, None, None] * (centred @ error @ centred)
    drawn, left = _towards_the_mean(np.where(there, d, 0.0), damped, tau2, one)
    line = _line(drawn, y, one, k)
    own_left, shared = _parts(left, k)
    of_line = line.s2 * (1 / k + line.mean**2 / line.sxx)
    of_drawing = line.mean**2 * line.slope**2 * (kept * own) ** 2 / ((k - 1) * tau2**2)
    of_target = line.slope**2 * shared
    variance = of_line + of_drawing + of_target
    more = np.maximum(np.asarray(respondents, dtype=float) - 1, 1.0)
    half = _t(level, variance, of_line + of_drawing, k - 2, of_target, more) * np.sqrt(variance)
    # One new service scatters by sigma alone: what the measures' error put into the residuals is taken out again.
    taken = line.s2 - line.slope**2 * own_left / kept
    scatter = np.maximum(taken, _LEAST * line.s2)
    uncertain = of_line + of_drawing + np.where(taken > _LEAST * line.s2, line.s2, scatter)
    wide = _t(level, variance + scatter, uncertain, k - 2, of_target, more) * np.sqrt(variance + scatter)
    found = {
        "value": raw.value,
        "centre": line.value,
        "se": np.sqrt(variance),
        "low": line.value - half,
        "high": line.value + half,
        "new_low": line.value - wide,
        "new_high": line.value + wide,
    }
    return {name: np.where(good, column, np.nan) for name, column in found.items()}


def _line(x: Floats, y: Floats, one: Floats, k: Floats) -> _Line:
    mean_x, mean_y = (x * one).sum(axis=1) / k, (y * one).sum(axis=1) / k
    dx, dy = (x - mean_x[:, None]) * one, (y - mean_y[:, None]) * one
    sxx = np.maximum((dx**2).sum(axis=1), 1e-12)
    slope = (dx * dy).sum(axis=1) / sxx
    s2 = ((dy - slope[:, None] * dx) ** 2).sum(axis=1) / (k - 2)
    return _Line(mean_y - slope * mean_x, slope, s2, k, mean_x, sxx)


def _parts(error: Floats, k: Floats) -> tuple[Floats, Floats]:
    """(B,) variance of what each comparator's error has of its own, and of what all share."""
    total, trace = error.sum(axis=(1, 2)), np.trace(error, axis1=1, axis2=2)
    own = np.maximum((trace - total / k) / (k - 1), 0.0)
    return own, np.maximum(total / k**2 - own / k, 0.0)


def _towards_the_mean(d: Floats, error: Floats, tau2: Floats, one: Floats) -> tuple[Floats, Floats]:
    """E[delta | d] (B, k) and Cov[delta | d] (B, k, k), the mean of delta unknown (flat)."""
    eye = np.eye(d.shape[1])
    absent = np.where(one > 0, 0.0, _ABSENT)[:, :, None] * eye
    inverse = np.linalg.inv(tau2[:, None, None] * eye + error + absent)
    rows = (inverse @ one[..., None])[..., 0] * one
    total = np.where(one.any(axis=1), rows.sum(axis=1), 1.0)
    mean = (rows * d).sum(axis=1) / total
    away = (d - mean[:, None]) * one
    drawn = mean[:, None] + tau2[:, None] * (inverse @ away[..., None])[..., 0]
    free = one - tau2[:, None] * rows
    left = tau2[:, None, None] * eye - tau2[:, None, None] ** 2 * inverse
    left = left + free[:, :, None] * free[:, None, :] / total[:, None, None]
    return drawn, left * one[:, :, None] * one[:, None, :]


def _t(level: float, total: Floats, first: Floats, first_df: Floats, second: Floats, second_df: Floats) -> Floats:
    """The t quantile with Satterthwaite's degrees of freedom for the sum of two estimated variances."""
    with np.errstate(divide="ignore", invalid="ignore"):
        df = total**2 / (first**2 / first_df + second**2 / second_df)
    found: Floats = stdtrit(np.maximum(np.where(np.isfinite(df), df, first_df), 1.0), 0.5 + level / 2)
    return found
