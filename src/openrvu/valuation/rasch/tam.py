"""The estimates of the R package TAM at its defaults, step by step, so that its printed digits come out.

Only for comparison with published work: the nodes are too few for long tests, and the standard errors leave out what
the other parameters cost. Written from TAM's documentation and from its numbers, not from its code.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from openrvu.valuation.rasch import model, persons
from openrvu.valuation.rasch.data import Cells, Floats, Responses
from openrvu.valuation.rasch.model import Design

NODES = 21
REACH = 6.0
CHANGE, DEVIANCE = 1e-4, 1e-3
SMALLEST = 0.001


def start(top: tuple[int, ...], held: Cells, observed: Floats, shape: Design) -> Floats:
    """Log odds of each parameter's sufficient statistic, as a first guess."""
    rows, _ = model.places(top)
    answered = (held.weight @ held.masks[held.group])[rows]
    at_least = model.through(observed, top)
    flat = -np.log((at_least + 0.5) / (answered - at_least + 0.5))
    if max(top) > 1:
        flat = flat - np.array([flat[rows == i].mean() for i in rows]) + _item_odds(top, held, observed)[rows]
    found: Floats = shape.offset + shape.matrix @ model.nearest(shape, flat)
    return found


def _item_odds(top: tuple[int, ...], held: Cells, observed: Floats) -> Floats:
    rows, steps = model.places(top)
    score = np.bincount(rows, weights=observed * steps)
    most = (held.weight @ held.masks[held.group]) * np.array(top)
    found: Floats = -np.log((score + 0.5) / (most - score + 0.5))
    return found


def estimate(
    given: Responses, shape: Design, held: Cells, observed: Floats, change: float = CHANGE
) -> tuple[Floats, float, float, int, Floats, float]:
    """Thresholds (T,), variance, log-likelihood, steps, covariance (T, T, from the diagonal alone) and nan."""
    top = given.top
    nodes = np.linspace(-REACH, REACH, NODES)
    a = shape.matrix
    at: Any = model.nearest(shape, start(top, held, observed, shape))
    variance, deviance = 1.0, math.inf
    size = np.ones(len(at))
    value, taken = -math.inf, 0
    while taken < 1000:
        taken += 1
        flat = shape.offset + a @ at
        value, per_node, new = _expect(top, held, observed, flat, nodes, variance)
        before = at
        at, size = _maximise(top, per_node, observed, shape, at, nodes)
        moved = max(float(np.abs(at - before).max()), abs(new - variance))
        fell = abs(-2 * value - deviance)
        variance, deviance = new, -2 * value
        if moved < change and fell < DEVIANCE * change / CHANGE:
            break
    flat = shape.offset + a @ at
    covariance = a @ np.diag(1 / size) @ a.T
    return flat, variance, value, taken, covariance, math.nan


def _expect(
    top: tuple[int, ...], held: Cells, observed: Floats, flat: Floats, nodes: Floats, variance: float
) -> tuple[float, Floats, float]:
    """Log-likelihood, persons (k, Q) at each node by item, and the new variance."""
    prior = -0.5 * nodes**2 / variance
    prior = prior + math.log((nodes[1] - nodes[0]) / math.sqrt(2 * math.pi * variance))  # not made to sum to one
    logs = persons.log_joint(flat, top, held, nodes, prior)
    largest = logs.max(axis=1)
    post = np.exp(logs - largest[:, None])
    whole = post.sum(axis=1)
    post /= whole[:, None]
    rows, steps = model.places(top)
    beta = model.cumulative(model.table(flat, top))[rows, steps]
    value = float(held.weight @ (largest + np.log(whole))) - float(observed @ beta)
    weighted = post * held.weight[:, None]
    per_node = held.masks[held.group].T.astype(float) @ weighted
    second = float((weighted @ nodes**2).sum() / held.weight.sum())
    return value, per_node, max(second, SMALLEST)


def _maximise(
    top: tuple[int, ...], per_node: Floats, observed: Floats, shape: Design, at: Floats, nodes: Floats
) -> tuple[Floats, Floats]:
    """Four Newton steps with each parameter's own information."""
    rows, steps = model.places(top)
    a = shape.matrix
    size = np.ones(len(at))
    largest = np.full(len(at), 1.0)
    for _ in range(4):
        flat = shape.offset + a @ at
        p = model.chances(nodes, model.cumulative(model.table(flat, top)))
        category = p[:, rows, steps]
        expected = (per_node[rows] * category.T).sum(axis=1)
        square = np.where(rows[:, None] == rows[None, :], -(category.T * per_node[rows]) @ category, 0.0)
        square[np.arange(len(rows)), np.arange(len(rows))] += expected
        size = np.diag(a.T @ model.through_both(square, top) @ a)
        step = (a.T @ model.through(expected - observed, top)) / size
        too_far = np.ceil(np.abs(step) / (largest + 1e-10))
        step = np.where(np.abs(step) > largest, step / (2 * np.maximum(too_far, 1.0)), step)
        largest = np.abs(step)  # damped: neighbouring thresholds move against each other
        at = at + step
        if np.abs(step).max() < CHANGE:
            break
    return at, size
