"""Pairwise estimates: each pair of items by itself, conditional on the sum of its two answers.

Quick, and good as a first look; single items are off by more than conditional estimates are, so they are not the
default. Pairs share persons: the covariance is the sandwich, never the inverse of the pairwise information.

Sources: Choppin 1968, Nature 219:870; Zwinderman 1995, Applied Psych Meas 19:369; Andrich & Luo 2003, J Appl Meas
4:205; Varin, Reid & Firth 2011, Statistica Sinica 21:5 (composite likelihood).
"""

from __future__ import annotations

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation.rasch import cml, links, model
from openrvu.valuation.rasch.data import Floats, Responses
from openrvu.valuation.rasch.model import Calibration


def fit(given: Responses, kind: str = "") -> Calibration:
    """Pairwise conditional measures, items sum zero. Raises Unlinked and EmptyCategory as conditional estimates do.

    >>> from openrvu.valuation.rasch.data import responses
    >>> found = fit(responses([[1, 0]] * 20 + [[0, 1]] * 10))
    >>> round(float(found.measures[1] - found.measures[0]), 6)
    0.693147
    """
    kind = model.which(kind, given)
    given, left_out = links.without_extremes(given)
    links.check(given, common_steps=kind == model.RATING)
    shape = model.design(kind, given)
    a = shape.matrix
    wide = max(given.top) + 1
    hits = _one_hot(given, wide)
    tables = _tables(given, hits, wide)
    flat = np.zeros(len(a))
    for taken in range(1, 61):
        expected, _, value = _pairs(flat, given.top, tables)
        gradient, information = _derivatives(given.top, tables, expected)
        step = a @ (cml.inverse(a.T @ information @ a) @ (a.T @ gradient))
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        flat = flat + step
        if np.abs(flat).max() > 30:
            break
        if np.abs(step).max() < 1e-10:
            expected, _, value = _pairs(flat, given.top, tables)
            bread = cml.inverse(a.T @ _derivatives(given.top, tables, expected)[1] @ a)
            cml.refuse_runaway(a @ bread @ a.T, given)
            scores = _person_scores(given, hits, expected, wide) @ a
            meat = (scores * given.weights[:, None]).T @ scores
            covariance = a @ bread @ meat @ bread @ a.T
            return Calibration(
                model=kind,
                method="pcml",
                items=given.items,
                top=given.top,
                **model.summary(flat, covariance, given.top),
                log_likelihood=value,
                parameters=a.shape[1],
                constraint=shape.constraint,
                se_definition="sandwich over persons",
                iterations=taken,
                used=float(given.weights.sum()),
                left_out=left_out,
                warnings=tuple(f"{name} left out: {why}" for name, why in left_out),
            )
    raise BadInput("no finite measures: the pairwise likelihood rises without end", fix=links.ADVICE)


def _one_hot(given: Responses, wide: int) -> Floats:
    """(N, k, m + 1): 1 where that category was answered; nothing where the answer is missing."""
    found: Floats = (given.answers[:, :, None] == np.arange(wide)).astype(float)
    return found


def _tables(given: Responses, hits: Floats, wide: int) -> Floats:
    """(k, k, m + 1, m + 1) joint counts of two items' answers; zero for an item with itself."""
    n, k, _ = hits.shape
    flat = hits.reshape(n, k * wide)
    found: Floats = ((flat * given.weights[:, None]).T @ flat).reshape(k, wide, k, wide).transpose(0, 2, 1, 3).copy()
    found[np.arange(k), np.arange(k)] = 0.0
    return found


def _pairs(flat: Floats, top: tuple[int, ...], tables: Floats) -> tuple[Floats, Floats, float]:
    """(k, k, 2 m + 1, m + 1) chances of the first item's answer given the sum, the sums' counts, the log-likelihood."""
    k, wide = len(top), tables.shape[2]
    beta = model.cumulative(model.table(flat, top))
    total = np.arange(2 * wide - 1)[:, None]
    other = total - np.arange(wide)[None, :]
    possible = (other >= 0) & (other < wide)
    second = np.where(possible, np.take(beta, np.clip(other, 0, wide - 1), axis=1), np.inf)  # (k, R, m + 1)
    logits = -(beta[:, None, None, :] + second[None])
    largest = logits.max(axis=3, keepdims=True)
    found = np.exp(logits - np.where(np.isfinite(largest), largest, 0.0))
    whole = found.sum(axis=3, keepdims=True)
    found = np.divide(found, whole, out=np.zeros_like(found), where=whole > 0)
    counts = np.zeros((k, k, len(total)))
    value = 0.0
    for r in range(len(total)):
        for c in range(wide):
            if possible[r, c]:
                n = tables[:, :, c, r - c]
                counts[:, :, r] += n
                value += float((n[n > 0] * np.log(found[:, :, r, c][n > 0])).sum()) / 2
    return found, counts, value


def _derivatives(top: tuple[int, ...], tables: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Gradient (T,) and information (T, T) in the thresholds; each pair counts once."""
    k, wide = len(top), tables.shape[2]
    sums = np.zeros((k, k, 2 * wide - 1))
    for c in range(wide):
        for d in range(wide):
            sums[:, :, c + d] += tables[:, :, c, d]
    rows, steps = model.places(top)
    mean = np.einsum("ijr,ijrc->ic", sums, expected)
    seen = tables.sum(axis=(1, 3))
    gradient = model.through((mean - seen)[rows, steps], top)
    own = -np.einsum("ijr,ijrc,ijrd->icd", sums, expected, expected)
    own[:, np.arange(wide), np.arange(wide)] += mean
    square = np.where(rows[:, None] == rows[None, :], own[rows[:, None], steps[:, None], steps[None, :]], 0.0)
    # Of two items with sum r: P(first c, second d) is that of the first if d = r - c, else nothing.
    apart = -np.einsum("ijr,ijrc,jird->icjd", sums, expected, expected)
    for c in range(wide):
        for d in range(wide):
            apart[:, c, :, d] += sums[:, :, c + d] * expected[:, :, c + d, c]
    other = rows[:, None] != rows[None, :]
    square[other] = apart[rows[:, None], steps[:, None], rows[None, :], steps[None, :]][other]
    return gradient, model.through_both(square, top)


def _person_scores(given: Responses, hits: Floats, expected: Floats, wide: int) -> Floats:
    """(N, T) each person's part of the gradient."""
    n, k, _ = hits.shape
    rows, steps = model.places(given.top)
    if max(given.top) == 1:  # only pairs that differ inform: chance that it is the first, against whether it was
        first = expected[:, :, 1, 1]
        one, none = hits[:, :, 1], hits[:, :, 0]
        parts: Floats = one * (none @ (first - 1).T) + none * (one @ first.T)
        return parts
    found = np.zeros((n, len(rows)))
    flat = hits.reshape(n, k * wide)
    answered = hits.sum(axis=2)
    others = answered.sum(axis=1)[:, None] - answered
    for s, (i, c) in enumerate(zip(rows, steps, strict=True)):
        chance = np.zeros((wide, k, wide))  # own answer, other item, its answer
        for a in range(wide):
            for b in range(wide):
                chance[a, :, b] = expected[i, :, a + b, c]
        chance[:, i, :] = 0.0
        by_own = flat @ chance.reshape(wide, k * wide).T
        found[:, s] = (by_own * hits[:, i, :]).sum(axis=1) - hits[:, i, c] * others[:, i]
    return np.stack([model.through(row, given.top) for row in found])
