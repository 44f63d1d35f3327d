"""The models as one linear design, category chances, and what every estimator returns.

Thresholds of all items, one after the other: (T,) = offset + matrix @ parameters. Partial credit frees each threshold,
the rating scale writes it as item measure + step, anchored items are an offset.

Sources: Rasch 1960; Andrich 1978, Psychometrika 43:561 (rating scale); Masters 1982, Psychometrika 47:149 (partial
credit); Fischer & Ponocny 1994, Psychometrika 59:177 (linear design).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation.rasch.data import Floats, Ints, Responses

DICHOTOMOUS, RATING, PARTIAL = "dichotomous", "rating-scale", "partial-credit"
MODELS = (DICHOTOMOUS, RATING, PARTIAL)

SUM_ZERO, ANCHORED, PERSONS = "items sum to zero", "anchored", "persons have mean zero"

Anchors = Mapping[str, float | Sequence[float]]


@dataclass(frozen=True, eq=False)
class Design:
    """thresholds (T,) = offset + matrix (T, q) @ parameters; constraint: what fixes the origin, in words."""

    matrix: Floats
    offset: Floats
    constraint: str


@dataclass(frozen=True, eq=False)
class Calibration:
    """Measures of items.

    measures: (k,) mean of each item's thresholds. covariance: (k, k) of the measures. thresholds: (k, m), nan beyond an
    item's highest category. threshold_covariance: (T, T) of all thresholds, one item after the other. variance: of the
    persons, where a distribution was fitted, else nan. se_definition: what the covariance is. left_out: items without a
    finite measure, with the reason. used: weight of the answers' persons that inform the measures.
    """

    model: str
    method: str
    items: tuple[str, ...]
    top: tuple[int, ...]
    measures: Floats
    covariance: Floats
    thresholds: Floats
    threshold_covariance: Floats
    log_likelihood: float
    parameters: int
    constraint: str
    se_definition: str
    iterations: int
    used: float
    variance: float = float("nan")
    variance_se: float = float("nan")
    left_out: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def se(self) -> Floats:
        """Standard errors of the measures under the constraint. Differences need the covariance."""
        found: Floats = np.sqrt(np.clip(np.diag(self.covariance), 0.0, None))
        return found

    @property
    def threshold_se(self) -> Floats:
        """(k, m) standard errors of the thresholds, nan beyond an item's highest category."""
        found = np.full(self.thresholds.shape, np.nan)
        rows, steps = places(self.top)
        found[rows, steps - 1] = np.sqrt(np.clip(np.diag(self.threshold_covariance), 0.0, None))
        return found

    def contrast(self, item: str, other: str) -> tuple[float, float]:
        """How much harder an item is than another, and the standard error of that difference."""
        i, j = self.items.index(item), self.items.index(other)
        c = self.covariance
        return float(self.measures[i] - self.measures[j]), float(np.sqrt(c[i, i] + c[j, j] - 2 * c[i, j]))

    def moved(self, weights: Sequence[float] | Floats, constraint: str = "moved") -> Calibration:
        """The same measures with another origin: the weighted mean of the thresholds (T,) becomes zero.

        Standard errors depend on the origin and are those of the new one.
        """
        w = np.asarray(weights, dtype=float) / np.sum(weights)
        change = np.eye(len(w)) - w[None, :]
        flat = change @ flatten(self.thresholds, self.top)
        return replace(
            self, constraint=constraint, **summary(flat, change @ self.threshold_covariance @ change.T, self.top)
        )


def places(top: Sequence[int]) -> tuple[Ints, Ints]:
    """Item (T,) and category (T,), from 1, of each threshold."""
    return _places(tuple(top))


@lru_cache(maxsize=256)
def _places(top: tuple[int, ...]) -> tuple[Ints, Ints]:
    rows = np.repeat(np.arange(len(top)), top)
    steps = np.concatenate([np.arange(1, t + 1) for t in top])
    rows.flags.writeable = steps.flags.writeable = False
    return rows, steps


def flatten(thresholds: Floats, top: Sequence[int]) -> Floats:
    """(k, m) thresholds as (T,)."""
    rows, steps = places(top)
    found: Floats = thresholds[rows, steps - 1]
    return found


def table(flat: Floats, top: Sequence[int], beyond: float = np.nan) -> Floats:
    """(T,) thresholds as (k, m)."""
    found = np.full((len(top), max(top)), beyond)
    rows, steps = places(top)
    found[rows, steps - 1] = flat
    return found


def cumulative(thresholds: Floats) -> Floats:
    """(k, m) thresholds as (k, m + 1) cumulative sums from 0; inf beyond an item's highest category."""
    filled = np.where(np.isnan(thresholds), np.inf, thresholds)
    return np.concatenate([np.zeros((len(filled), 1)), np.cumsum(filled, axis=1)], axis=1)


def chances(theta: Floats, cumulated: Floats) -> Floats:
    """(n, k, m + 1) chances of each category for persons at theta (n,)."""
    m = cumulated.shape[1] - 1
    if m == 1:
        up = 1 / (1 + np.exp(np.clip(cumulated[None, :, 1] - theta[:, None], -700, 700)))
        both: Floats = np.stack([1 - up, up], axis=-1)
        return both
    logits = theta[:, None, None] * np.arange(m + 1) - cumulated[None]
    logits -= logits.max(axis=-1, keepdims=True)
    found: Floats = np.exp(logits)
    found /= found.sum(axis=-1, keepdims=True)
    return found


def through(values: Floats, top: Sequence[int]) -> Floats:
    """Derivatives in cumulative thresholds as derivatives in thresholds: sums over the categories from each one on."""
    if max(top) == 1:
        return values
    rows, steps = places(top)
    wide = np.zeros((len(top), max(top)))
    wide[rows, steps - 1] = values
    return np.cumsum(wide[:, ::-1], axis=1)[:, ::-1][rows, steps - 1]


def through_both(square: Floats, top: Sequence[int]) -> Floats:
    """The same for a square (T, T)."""
    if max(top) == 1:
        return square
    rows, steps = places(top)
    same = (rows[:, None] == rows[None, :]) & (steps[:, None] <= steps[None, :])
    reach: Floats = same.astype(float)
    found: Floats = reach @ square @ reach.T
    return found


def summary(flat: Floats, covariance: Floats, top: Sequence[int]) -> dict[str, Any]:
    """The fields of a Calibration that follow from thresholds (T,) and their covariance (T, T)."""
    rows, _ = places(top)
    mean = np.zeros((len(top), len(rows)))
    mean[rows, np.arange(len(rows))] = 1 / np.asarray(top)[rows]
    return {
        "measures": mean @ flat,
        "covariance": mean @ covariance @ mean.T,
        "thresholds": table(flat, top),
        "threshold_covariance": covariance,
    }


def which(model: str, given: Responses) -> str:
    """The model asked for, else what the categories suggest: dichotomous, one rating scale, or partial credit."""
    highest = set(given.top)
    if not model:
        return PARTIAL if len(highest) > 1 else DICHOTOMOUS if highest == {1} else RATING
    if model not in MODELS:
        raise BadInput(f"no model {model!r}", exists=f"There are {', '.join(MODELS)}")
    if model == DICHOTOMOUS and highest != {1}:
        bad = [name for name, t in zip(given.items, given.top, strict=True) if t > 1]
        raise BadInput(f"more than two categories: {', '.join(bad[:5])}", fix=f"Use {RATING} or {PARTIAL}")
    if model == RATING and len(highest) > 1:
        raise BadInput("a rating scale has the same categories for all items", fix=f"Use {PARTIAL}")
    return model


def kept(anchors: Anchors | None, left_out: Sequence[tuple[str, str]]) -> Anchors:
    """The anchors without those of items left out."""
    gone = {name for name, _ in left_out}
    return {name: value for name, value in (anchors or {}).items() if name not in gone}


def design(model: str, given: Responses, anchors: Anchors | None = None, free_origin: bool = False) -> Design:
    """The design of a model.

    anchors: item -> its measure, or its thresholds. free_origin: nothing is set to zero, the persons fix the origin.
    """
    rows, steps = places(given.top)
    fixed, offset = _anchored(given, anchors or {})
    free = np.flatnonzero(~fixed)
    if model == RATING and max(given.top) > 1:
        matrix = _rating(rows, steps, len(given.items), free_origin or bool(fixed.any()))
        if fixed.any():
            return _rating_anchored(matrix, offset, fixed, rows, steps, len(given.items))
    else:
        matrix = np.zeros((len(rows), len(free)))
        held = fixed[rows]
        columns = np.flatnonzero(~held)
        matrix = np.zeros((len(rows), len(columns)))
        matrix[columns, np.arange(len(columns))] = 1.0
        if not fixed.any() and not free_origin:
            matrix = matrix @ sum_zero(1 / np.asarray(given.top)[rows])
    constraint = ANCHORED if fixed.any() else PERSONS if free_origin else SUM_ZERO
    return Design(matrix, offset, constraint)


def nearest(shape: Design, flat: Floats) -> Floats:
    """(q,) parameters whose thresholds lie nearest to thresholds (T,)."""
    a = shape.matrix
    found: Any = np.linalg.solve(a.T @ a, a.T @ (flat - shape.offset))
    near: Floats = found
    return near


def sum_zero(weights: Floats) -> Floats:
    """(n, n - 1): a basis of all vectors whose weighted sum is zero."""
    n = len(weights)
    basis = np.zeros((n, n - 1))
    basis[:-1] = np.eye(n - 1)
    basis[-1] = -weights[:-1] / weights[-1]
    return basis


def _rating(rows: Ints, steps: Ints, k: int, free_origin: bool) -> Floats:
    """Item measures and steps that sum to zero."""
    m = int(steps.max())
    items = np.zeros((len(rows), k))
    items[np.arange(len(rows)), rows] = 1.0
    step = np.zeros((len(rows), m))
    step[np.arange(len(rows)), steps - 1] = 1.0
    items = items if free_origin else items @ sum_zero(np.ones(k))
    return np.column_stack([items, step @ sum_zero(np.ones(m))])


def _rating_anchored(matrix: Floats, offset: Floats, fixed: Any, rows: Ints, steps: Ints, k: int) -> Design:
    """Anchored items keep their measure; the steps stay common and free."""
    keep = [i for i in range(k) if not fixed[i]]
    columns = [*keep, *range(k, matrix.shape[1])]
    measure = np.array([offset[rows == i].mean() for i in range(k)])
    if any(np.ptp(offset[rows == i]) > 0 for i in range(k)):
        raise BadInput("thresholds anchored in a rating scale", fix=f"Anchor measures, or use {PARTIAL}")
    return Design(matrix[:, columns], measure[rows], ANCHORED)


def _anchored(given: Responses, anchors: Anchors) -> tuple[Any, Floats]:
    unknown = [name for name in anchors if name not in given.items]
    if unknown:
        raise BadInput(f"anchored but no item: {', '.join(unknown)}", exists=f"Items: {', '.join(given.items)}")
    rows, _ = places(given.top)
    fixed, offset = np.zeros(len(given.items), dtype=bool), np.zeros(len(rows))
    for name, value in anchors.items():
        i = given.items.index(name)
        values = np.atleast_1d(np.asarray(value, dtype=float))
        if values.size not in (1, given.top[i]) or not np.isfinite(values).all():
            raise BadInput(f"the anchor of {name} is not one measure, nor {given.top[i]} thresholds")
        fixed[i] = True
        offset[rows == i] = values
    if fixed.all():
        raise BadInput("every item is anchored", fix="Leave at least one item free")
    return fixed, offset
