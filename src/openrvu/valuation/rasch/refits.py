"""Many refits at once: respondents drawn again, or answers simulated, for intervals and cut-offs.

All replicates are steps of one array computation: (B, k) measures, each replicate with its own weights of the same
patterns of answers. Steps are taken with the information of the replicate's scores at the estimate from all answers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation.rasch import cml, esf, model
from openrvu.valuation.rasch.data import Bools, Cells, Floats, Ints, Responses, cells
from openrvu.valuation.rasch.model import Calibration

_NUMBERS = 1_500_000  # of one forward pass at once
_STEPS = 40
_RENEW = 8  # steps after which those who are still on their way get an information of their own
_NUDGE = 1e-6
_SHORT = 40  # scores up to which the information of each is computed exactly
_LARGEST = 20.0


def patterns(given: Responses) -> Responses:
    """The distinct rows of answers, weighted by how often they occur."""
    rows, at = np.unique(given.answers, axis=0, return_inverse=True)
    weights: Floats = np.bincount(at.reshape(-1), weights=given.weights, minlength=len(rows)).astype(float)
    return Responses(given.items, np.ascontiguousarray(rows), given.top, weights)


def bootstrap(given: Responses, draws: int, rng: np.random.Generator, kind: str = "") -> Floats:
    """(draws, k) conditional measures, respondents drawn with replacement; nan where a sample has no finite measures.

    Equal rows of answers are drawn together, so the cost does not grow with respondents. Weights must be whole numbers.
    """
    rows = patterns(given)
    n = round(float(rows.weights.sum()))
    if abs(n - rows.weights.sum()) > 1e-9:
        raise BadInput("weights are not whole numbers", fix="Draw respondents from their own rows, without weights")
    drawn = rng.multinomial(n, rows.weights / rows.weights.sum(), size=draws).astype(float)
    return fit_many(rows, drawn, kind)


def fit_many(rows: Responses, weights: Floats, kind: str = "", whole: Calibration | None = None) -> Floats:
    """(B, k) conditional measures of complete answers under B sets of weights (B, N) of the same rows, items sum zero.

    Samples should be of one population: all start at the fit of their sum, or at `whole`. A replicate without finite
    measures (an item with one answer throughout, items not linked) is a row of nan. Raises BadInput for missing
    answers: there fit one replicate at a time.
    """
    thresholds = fit_many_thresholds(rows, weights, kind, whole)
    at, _ = model.places(rows.top)
    mean = np.zeros((len(at), len(rows.items)))
    mean[np.arange(len(at)), at] = 1 / np.asarray(rows.top)[at]
    found: Floats = thresholds @ mean
    return found


def fit_many_thresholds(rows: Responses, weights: Floats, kind: str = "", whole: Calibration | None = None) -> Floats:
    """(B, T) thresholds, as `fit_many`."""
    if not rows.complete:
        raise BadInput("answers are missing", fix="Refit replicates with missing answers one at a time with cml.fit")
    kind = model.which(kind, rows)
    shape = model.design(kind, rows)
    whole = whole or cml.fit(replace(rows, weights=weights.sum(axis=0) + 1e-6), kind)
    if whole.items != rows.items:
        raise BadInput(f"items without a finite measure: {', '.join(sorted(set(rows.items) - set(whole.items)))}")
    at, steps = model.places(rows.top)
    hits = (rows.answers[:, at] == steps).astype(float)
    held = cells(rows)
    scores = np.zeros((len(rows.answers), sum(rows.top) + 1))
    scores[np.arange(len(scores)), held.score[held.of]] = 1.0
    start = model.flatten(whole.thresholds, rows.top)
    sizes = _by_score(rows, start, shape, kind)
    portion = max(1, _NUMBERS // (scores.shape[1] * (len(rows.top) + 1)))
    found = np.full((len(weights), len(at)), np.nan)
    for low in range(0, len(weights), portion):
        part = weights[low : low + portion]
        exists = _has_estimate(rows, part)
        if exists.any():
            part = part[exists]
            solved, slow = _solve(rows.top, part @ hits, part @ scores, shape, sizes, start)
            for one in slow:
                solved[one] = _alone(rows, part[one], kind)
            found[low : low + portion][exists] = solved
    return found


def log_likelihoods(rows: Responses, weights: Floats, thresholds: Floats) -> Floats:
    """(B,) conditional log-likelihoods of B sets of weights (B, N) at thresholds (B, T)."""
    at, steps = model.places(rows.top)
    found = np.full(len(weights), np.nan)
    scores = rows.answers.sum(axis=1, dtype=np.int64)
    by_score = (scores[:, None] == np.arange(sum(rows.top) + 1)).astype(float)
    portion = max(1, _NUMBERS // (by_score.shape[1] * (len(rows.top) + 1)))
    for low in range(0, len(weights), portion):
        w = weights[low : low + portion]
        p = _chances(thresholds[low : low + portion], rows.top)
        f = esf.forward(p, rows.top)[-1].T
        value = (w @ (rows.answers[:, at] == steps) * np.log(p[at, steps]).T).sum(axis=1)
        value += (w @ (rows.answers == 0) * np.log(p[:, 0]).T).sum(axis=1)
        found[low : low + portion] = value - ((w @ by_score) * np.log(f)).sum(axis=1)
    return found


def _alone(rows: Responses, weights: Floats, kind: str) -> Floats:
    """(T,) thresholds of one replicate, fitted by itself; nan where there are none."""
    keep = weights > 0
    try:
        found = cml.fit(Responses(rows.items, rows.answers[keep], rows.top, weights[keep]), kind)
        if found.items == rows.items:
            return model.flatten(found.thresholds, found.top)
    except BadInput:
        pass
    return np.full(sum(rows.top), np.nan)


def _by_score(rows: Responses, flat: Floats, shape: model.Design, kind: str) -> Floats:
    """(S, q, q) what one person of each score adds to the information, conditional on the score."""
    scores = sum(rows.top) + 1
    q = shape.matrix.shape[1]
    found = np.zeros((scores, q, q))
    one = np.ones((1, len(rows.top)), dtype=bool)
    for r in range(1, scores - 1):
        at = np.array([r])
        alone = Cells(one, np.zeros(1, dtype=np.int64), at, np.ones(1), at[:0], np.array([scores - 1]))
        problem = cml.Problem(rows.top, np.zeros(len(flat)), alone, shape, None, [])
        found[r] = cml.exact(problem, flat) if scores <= _SHORT else cml.rough(problem, flat)
    return found


def _has_estimate(rows: Responses, weights: Floats) -> Bools:
    """(B,): whether the answers of persons who are not extreme link all items both ways."""
    top = np.array(rows.top)
    score = rows.answers.sum(axis=1, dtype=np.int64)
    inner = ((score > 0) & (score < top.sum())).astype(np.float32)
    gives, takes = (rows.answers > 0).astype(np.float32), (rows.answers < top).astype(np.float32)
    k = len(top)
    both = (gives[:, :, None] * takes[:, None, :] * inner[:, None, None]).reshape(len(score), k * k)
    edges = ((weights.astype(np.float32) @ both) > 0).reshape(-1, k, k)
    reach = edges | np.eye(k, dtype=bool)
    for _ in range(max(1, int(np.ceil(np.log2(k))))):
        if reach.all():
            break
        reach = (reach.astype(np.float32) @ reach.astype(np.float32)) > 0
    linked: Bools = reach.all(axis=(1, 2))
    return linked


def _solve(
    top: tuple[int, ...], observed: Floats, scores: Floats, shape: model.Design, sizes: Floats, start: Floats
) -> tuple[Floats, Ints]:
    """(B, T) thresholds by steps with each replicate's pinned information; and the replicates that did not arrive."""
    q = shape.matrix.shape[1]
    pinned: Any = np.linalg.inv((scores @ sizes.reshape(len(sizes), -1)).reshape(-1, q, q) + 1e-9 * np.eye(q))
    flat = np.repeat(start[None], len(observed), axis=0)
    live = np.arange(len(observed))
    for count in range(_STEPS):
        if count and count % _RENEW == 0:
            pinned[live] = _renewed(top, flat[live], observed[live], scores[live], shape)
        gradient = _gradient(top, flat[live], observed[live], scores[live])
        step = np.einsum("bqr,br->bq", pinned[live], gradient @ shape.matrix)
        size = np.abs(step).max(axis=1)
        step *= np.minimum(1.0, 1.5 / np.maximum(size, 1e-300))[:, None]
        flat[live] += step @ shape.matrix.T
        away = np.abs(flat[live]).max(axis=1) > _LARGEST
        flat[live[away]] = np.nan
        live = live[(size > 1e-9) & ~away]
        if not live.size:
            break
    return flat, live


def _renewed(top: tuple[int, ...], flat: Floats, observed: Floats, scores: Floats, shape: model.Design) -> Floats:
    """(B, q, q) inverse information at each replicate's own place, by differences of the gradient."""
    a = shape.matrix
    here = _gradient(top, flat, observed, scores) @ a
    size = np.stack(
        [(here - _gradient(top, flat + _NUDGE * column, observed, scores) @ a) / _NUDGE for column in a.T], axis=1
    )
    size = (size + size.transpose(0, 2, 1)) / 2
    ridge = 1e-9 * np.eye(a.shape[1])
    found: Any = np.linalg.inv(size + ridge)
    inverse: Floats = found
    return inverse


def _gradient(top: tuple[int, ...], flat: Floats, observed: Floats, scores: Floats) -> Floats:
    """(B, T) gradients of the conditional log-likelihoods."""
    at, steps = model.places(top)
    p = _chances(flat, top)
    ahead = esf.forward(p, top)
    weight = np.ascontiguousarray(scores.T)
    _, expected = esf.backward(p, top, ahead, esf.shares(ahead[-1], weight))
    away = expected[at, steps].T - observed
    if max(top) == 1:
        return away
    found = np.empty_like(away)
    start = np.concatenate([[0], np.cumsum(top)])
    for i, t in enumerate(top):
        part = away[:, start[i] : start[i] + t]
        found[:, start[i] : start[i] + t] = np.cumsum(part[:, ::-1], axis=1)[:, ::-1]
    return found


def _chances(flat: Floats, top: tuple[int, ...]) -> Floats:
    """(k, m + 1, B) category chances at the middle of the items."""
    b = len(flat)
    found = np.zeros((len(top), max(top) + 1, b))
    start = np.concatenate([[0], np.cumsum(top)])
    if max(top) == 1:
        found[:, 1] = 1 / (1 + np.exp(flat.T))
        found[:, 0] = 1 - found[:, 1]
        return found
    for i, t in enumerate(top):
        logits = np.concatenate([np.zeros((1, b)), -np.cumsum(flat[:, start[i] : start[i] + t], axis=1).T])
        logits -= logits.max(axis=0)
        part = np.exp(logits)
        found[i, : t + 1] = part / part.sum(axis=0)
    return found
