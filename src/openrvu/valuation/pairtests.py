"""Tests of what paired comparisons take for granted: that one line of measures explains all pairs, that the order on
the page does not matter, and that each respondent's own answers do not go round in a circle.

A one-target survey has target-comparator pairs alone: none of these can be tested there, and the functions say so.

Sources: Bradley 1954, Biometrika 41:502 (fit of the model); Davidson & Beaver 1977, Biometrics 33:693 (order);
Kendall & Babington Smith 1940, Biometrika 31:324 (circular triads); Tversky & Russo 1969 (stochastic transitivity).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtr

from openrvu.errors import BadInput
from openrvu.valuation import paired
from openrvu.valuation.paired import HALF, Floats, Pairs


@dataclass(frozen=True)
class PairTest:
    """A statistic with its df and p (asymptotic)."""

    name: str
    statistic: float
    df: int
    p: float


@dataclass(frozen=True)
class Order:
    """effect: logits by which the service named first gains, whatever it is. z, p: Wald."""

    effect: float
    se: float
    z: float
    p: float


@dataclass(frozen=True)
class Circles:
    """One respondent's circular triads. triads: d. most: the largest possible. zeta: consistency, 1 without circles.
    p: chance of so few or fewer circles from somebody who answers at random (small: consistent); nan below 8 services,
    where the approximation does not hold."""

    respondent: int
    triads: int
    most: int
    zeta: float
    p: float


@dataclass(frozen=True)
class Transitivity:
    """Triples of services that hold weak, moderate and strong stochastic transitivity, of those with all pairs seen."""

    triples: int
    weak: int
    moderate: int
    strong: int


def model_fit(pairs: Pairs, ties: str = HALF) -> PairTest:
    """Likelihood-ratio test of the measures against a chance of its own for each pair.

    ties: half, dropped, not-greater or davidson. Counts are taken as independent: where each respondent judged many
    pairs, p is too small. Raises BadInput for a star design, where nothing is left to test.
    """
    merged = _merged(pairs)
    found = paired.fit(merged, merged.names[0], ties)
    kinds = 3 if ties == paired.DAVIDSON else 2
    treated = _treated(merged.counts(), ties)
    used = treated.sum(axis=1) > 0
    df = int(used.sum()) * (kinds - 1) - (len(merged.names) - 1) - (kinds - 2)
    if df <= 0:
        raise BadInput(
            "no comparisons beyond those that the measures need",
            exists=f"{int(used.sum())} pairs of {len(merged.names)} services",
            fix="Compare comparators with each other too (a linked design)",
        )
    share = treated / np.maximum(treated.sum(axis=1, keepdims=True), 1e-300)
    saturated = float((treated * np.log(np.where(treated > 0, share, 1.0))).sum())
    statistic = max(2 * (saturated - found.log_likelihood), 0.0)
    return PairTest("fit of one line of measures", statistic, df, float(chdtrc(df, statistic)))


def order_effect(pairs: Pairs) -> Order:
    """Whether the service shown first (left) is judged greater more often than its measure says, ties as half a win.

    Needs pairs shown both ways, or a linked design; in a star whose target is always first it cannot be told apart.
    """
    merged = _merged(pairs, keep_order=True)
    paired.check(merged, HALF)
    k = len(merged.names)
    x = np.zeros((len(merged.left), k))
    rows = np.arange(len(x))
    x[rows, list(merged.left)], x[rows, list(merged.right)] = 1.0, -1.0
    x = np.column_stack([x[:, 1:], np.ones(len(x))])
    counts = merged.counts()
    win, lose = counts[:, 2] + counts[:, 1] / 2, counts[:, 0] + counts[:, 1] / 2
    if np.linalg.matrix_rank(x[win + lose > 0]) < k:
        raise BadInput(
            "order cannot be told from the measures: each pair was shown one way round",
            fix="Show pairs both ways round, at random",
        )
    at = np.zeros(k)
    for _ in range(100):
        p = 1 / (1 + np.exp(-(x @ at)))
        n = win + lose
        information = (x.T * (n * p * (1 - p))) @ x
        step = np.linalg.solve(information, x.T @ (win - n * p))
        at += step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        if np.abs(step).max() < 1e-11:
            break
    else:
        raise BadInput("no finite order effect: the first service won, or lost, throughout")
    se = math.sqrt(float(np.linalg.inv(information)[-1, -1]))
    z = float(at[-1]) / se
    return Order(float(at[-1]), se, z, 2 * float(ndtr(-abs(z))))


def circular_triads(answers: NDArray[Any], left: Any, right: Any, services: int) -> tuple[Circles, ...]:
    """Circular triads of each respondent who judged every pair without a tie.

    answers: (N, M) -1 less, 0 equal, 1 greater of the left service, other values missing. left, right: (M,).
    """
    full = services * (services - 1) // 2
    most = (services**3 - services) // 24 if services % 2 else (services**3 - 4 * services) // 24
    found = []
    for who, row in enumerate(np.asarray(answers)):
        decided = np.flatnonzero(np.abs(row) == 1)
        keys = {frozenset((int(left[m]), int(right[m]))) for m in decided}
        if len(keys) < full or services < 3:
            continue
        wins = np.zeros(services)
        for m in decided:
            wins[left[m] if row[m] == 1 else right[m]] += 1
        d = round(services * (services - 1) * (2 * services - 1) / 12 - float(wins @ wins) / 2)
        found.append(Circles(who, d, most, 1 - d / most, _by_chance(d, services)))
    if not found:
        raise BadInput(
            "nobody judged every pair without a tie", fix="Circular triads need all pairs of at least three services"
        )
    return tuple(found)


def _by_chance(d: int, k: int) -> float:
    """Kendall's chi-squared approximation, from 8 services on."""
    if k < 8:
        return math.nan
    df = k * (k - 1) * (k - 2) / (k - 4) ** 2
    statistic = 8 / (k - 4) * (math.comb(k, 3) / 4 - d + 0.5) + df
    return float(chdtrc(df, statistic))


def stochastic_transitivity(pairs: Pairs) -> Transitivity:
    """Whether majorities are transitive: if a beats b and b beats c, a beats c (weak), by at least the smaller of the
    two majorities (moderate), by at least the larger (strong). Ties count as half; sampling error is left aside.
    """
    merged = _merged(pairs)
    k = len(merged.names)
    share = np.full((k, k), np.nan)
    for (i, j), (less, equal, greater) in zip(
        zip(merged.left, merged.right, strict=True), merged.counts(), strict=True
    ):
        if less + equal + greater > 0:
            share[i, j] = (greater + equal / 2) / (less + equal + greater)
            share[j, i] = 1 - share[i, j]
    seen = weak = moderate = strong = 0
    for triple in combinations(range(k), 3):
        values = share[np.ix_(triple, triple)]
        if np.isnan(values[~np.eye(3, dtype=bool)]).any():
            continue
        seen += 1
        levels = [_holds(values, order) for order in _orders(values)]
        best = max(levels, default=0)
        weak, moderate, strong = weak + (best >= 1), moderate + (best >= 2), strong + (best >= 3)
    if not seen:
        raise BadInput("no three services with all three pairs judged", fix="Use a linked design")
    return Transitivity(seen, weak, moderate, strong)


def _orders(values: Floats) -> list[tuple[int, int, int]]:
    """Orders a, b, c in which a beats b and b beats c by majority (or draws)."""
    every = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    return [(a, b, c) for a, b, c in every if values[a, b] >= 0.5 and values[b, c] >= 0.5]


def _holds(values: Floats, order: tuple[int, int, int]) -> int:
    a, b, c = order
    first, second, over = float(values[a, b]), float(values[b, c]), float(values[a, c])
    return 3 if over >= max(first, second) else 2 if over >= min(first, second) else 1 if over >= 0.5 else 0


def _treated(counts: Floats, ties: str) -> Floats:
    """(M, 2 or 3) answers as the likelihood takes them."""
    less, equal, greater = counts.T
    if ties == paired.DAVIDSON:
        return counts
    if ties == paired.NOT_GREATER:
        return np.column_stack([greater, less + equal])
    share = equal / 2 if ties == HALF else 0 * equal
    return np.column_stack([greater + share, less + share])


def _merged(pairs: Pairs, keep_order: bool = False) -> Pairs:
    """Each pair once (in each order, if order is kept), the services that are in no pair left in."""
    total: dict[tuple[int, int], Floats] = {}
    for i, j, row in zip(pairs.left, pairs.right, pairs.counts(), strict=True):
        a, b, values = (i, j, row) if keep_order or i < j else (j, i, row[::-1])
        total[a, b] = total.get((a, b), np.zeros(3)) + values
    columns = np.array(list(total.values()))
    return Pairs(
        pairs.names,
        tuple(a for a, _ in total),
        tuple(b for _, b in total),
        tuple(float(v) for v in columns[:, 0]),
        tuple(float(v) for v in columns[:, 1]),
        tuple(float(v) for v in columns[:, 2]),
    )
