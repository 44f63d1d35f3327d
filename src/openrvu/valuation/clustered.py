"""Standard errors of paired comparisons that allow for respondents who judge many pairs.

Answers of one person go together; counted as independent they make errors too small. The sandwich takes each person's
part of the score as the unit: bread (inverse information) x sum of squares of the parts x bread. Where an answer of
equal counts as half a win, plain errors are too large for independent answers, and robust ones may come out smaller.

Source: White 1982, Econometrica 50:1; Liang & Zeger 1986, Biometrika 73:13.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrvu.errors import BadInput
from openrvu.valuation import paired
from openrvu.valuation.paired import Floats, Measures, Pairs

_CELLS = 4_000_000  # answers held at once


def robust(pairs: Pairs, answers: NDArray[Any], found: Measures) -> Measures:
    """The same measures with a covariance that is robust to dependence within respondents.

    answers: (N, M) -1, 0 or 1 for less, equal or greater of the left service, other values not answered; the pairs and
    their order are those of `found`. The small-sample factor N / (N - 1) is applied. Raises BadInput for fewer than two
    respondents or answers of another shape.
    """
    x = np.asarray(answers)
    if x.ndim != 2 or x.shape[1] != len(pairs.left):
        raise BadInput(f"answers of shape {x.shape} for {len(pairs.left)} pairs")
    if len(x) < 2:
        raise BadInput(f"{len(x)} respondent{'s' * (len(x) != 1)}", fix="Robust errors need at least two")
    scores = _scores(pairs, x, found)
    bread = np.linalg.inv(_information(pairs, x, found))
    n = len(x)
    covariance = bread @ (scores.T @ scores) @ bread * n / (n - 1)
    k = len(found.values)
    modelled = found.ties == paired.DAVIDSON
    return replace(
        found,
        covariance=tuple(tuple(float(c) for c in row[:k]) for row in covariance[:k]),
        log_nu_se=math.sqrt(covariance[k, k]) if modelled else None,
    )


def by_answer(pairs: Pairs, found: Measures) -> Floats:
    """(k, k) robust covariance of the measures with each answer as a unit of its own, where only counts are known.

    What answers of one person share is not in it.
    """
    m = len(pairs.left)
    x = np.full((3 * m, m), 9)
    rows = np.arange(m)
    for at, code in enumerate((-1, 0, 1)):
        x[at * m + rows, rows] = code
    times = pairs.counts().T.reshape(-1)
    scores = _scores(pairs, x, found)
    bread = np.linalg.inv(_information(pairs, x, found, times))
    covariance: Floats = bread @ (scores.T @ (scores * times[:, None])) @ bread
    k = len(found.values)
    return covariance[:k, :k]


def robust_many(pairs: Pairs, answers: NDArray[Any], measures: Floats) -> Floats:
    """(B, k, k) robust covariances of many samples' measures, ties as half a win, the target first among the names.

    answers: (B, N, M) as for `robust`; measures: (B, k), nan for a service without one, whose rows mean nothing.
    """
    b, n, m = answers.shape
    k = measures.shape[1]
    design = np.zeros((m, k + 1))
    rows = np.arange(m)
    design[rows, list(pairs.left)], design[rows, list(pairs.right)] = 1.0, -1.0
    design = design[:, 1:]
    found = np.empty((b, k, k))
    absent = ~np.isfinite(measures)
    known = np.where(absent, 0.0, measures)
    step = max(1, _CELLS // (n * m))
    for start in range(0, b, step):
        part = slice(start, start + step)
        up = 1 / (1 + np.exp(-(known[part] @ design.T)))
        given = answers[part]
        there = np.abs(given) <= 1
        lean = np.where(there, (given + 1) / 2 - up[:, None, :], 0.0)
        meat = lean.transpose(0, 2, 1) @ lean * n / max(n - 1, 1)
        weight = there.sum(axis=1) * up * (1 - up)
        information = (design.T[None] * weight[:, None, :]) @ design
        information[:, range(k), range(k)] += np.where(absent[part], 1.0, 0.0)
        bread = np.linalg.inv(information)
        found[part] = bread @ (design.T @ meat @ design) @ bread
    return found


def _parts(pairs: Pairs, found: Measures) -> tuple[Floats, Floats, Floats, Floats]:
    """Design (M, k), and chances (M,) that the left service is greater, less, equal."""
    where = pairs.names.index(found.reference)
    x = np.zeros((len(pairs.left), len(pairs.names)))
    rows = np.arange(len(x))
    x[rows, list(pairs.left)], x[rows, list(pairs.right)] = 1.0, -1.0
    x = np.delete(x, where, axis=1)
    d = x @ np.array(found.values)
    middle = math.exp(found.log_nu) if found.log_nu is not None else 0.0
    up, down = np.exp(d / 2), np.exp(-d / 2)
    total = up + down + middle
    return x, up / total, down / total, middle / total


def _outcomes(x: NDArray[Any], ties: str) -> tuple[Floats, Floats, Floats]:
    """(N, M) wins of the left service, its losses, and modelled ties, as the likelihood takes them."""
    greater, less, equal = ((x == code).astype(float) for code in (1, -1, 0))
    if ties == paired.HALF:
        return greater + equal / 2, less + equal / 2, 0 * equal
    if ties == paired.NOT_GREATER:
        return greater, less + equal, 0 * equal
    return greater, less, equal if ties == paired.DAVIDSON else 0 * equal


def _scores(pairs: Pairs, x: NDArray[Any], found: Measures) -> Floats:
    """(N, k) each respondent's part of the score; with Davidson's tie parameter a column more."""
    design, up, down, equal = _parts(pairs, found)
    won, lost, tied = _outcomes(x, found.ties)
    n = won + lost + tied
    scores: Floats = ((won - lost - n * (up - down)) / 2) @ design
    if found.ties != paired.DAVIDSON:
        return scores
    return np.column_stack([scores, (tied - n * equal).sum(axis=1)])


def _information(pairs: Pairs, x: NDArray[Any], found: Measures, times: Floats | None = None) -> Floats:
    """times: (N,) how often each row of answers was given; once by default."""
    design, up, down, equal = _parts(pairs, found)
    given: Any = sum(_outcomes(x, found.ties))
    n = given.sum(axis=0) if times is None else times @ given
    spread = n * ((up + down) - (up - down) ** 2) / 4
    information: Floats = (design.T * spread) @ design
    if found.ties != paired.DAVIDSON:
        return information
    k = len(information)
    full = np.zeros((k + 1, k + 1))
    full[:k, :k] = information
    full[:k, k] = full[k, :k] = -((n * equal * (up - down) / 2) @ design)
    full[k, k] = float(n @ (equal * (1 - equal)))
    return full
