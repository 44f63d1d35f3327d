"""Marginal maximum likelihood: persons normal with mean zero and a variance that is estimated; items not centred.

    log L = sum_v log integral exp(r_v theta - log Z_v(theta)) phi(theta / sigma) dtheta - sum n_ic beta_ic

Two presets. `accurate`: nodes that move with the variance and lie closer than the narrowest posterior is wide, Newton's
method, full observed information with the variance in it. `tam-compatible`: what the R package TAM does by default,
hence jamovi's snowIRT: 21 fixed nodes from -6 to 6, EM that stops at changes of 1e-4, and standard errors from the
diagonal of the expected information alone, which are too small by what the variance and the other items cost.

Sources: Bock & Aitkin 1981, Psychometrika 46:443; Thissen 1982, Psychometrika 47:175; Louis 1982, JRSS B 44:226.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation.rasch import cml, links, model, persons, tam
from openrvu.valuation.rasch.data import Cells, Floats, Ints, Responses, cells, counts
from openrvu.valuation.rasch.model import Anchors, Calibration, Design

ACCURATE, TAM = "accurate", "tam-compatible"
PRESETS = (ACCURATE, TAM)

_SMALLEST = 0.001  # variance below which persons cannot be told apart
_REACH = 7.0  # nodes reach so many SDs


@dataclass(frozen=True, eq=False)
class Expected:
    """One pass at given thresholds and SD: log-likelihood, gradient (T + 1,), and what the information is made of."""

    value: float
    gradient: Floats
    post: Floats
    nodes: Floats
    chances: Floats
    per_node: Floats


def fit(
    given: Responses,
    kind: str = "",
    preset: str = ACCURATE,
    anchors: Anchors | None = None,
    design: Design | None = None,
) -> Calibration:
    """Marginal maximum-likelihood measures; the mean of the persons is the origin.

    kind: dichotomous, rating-scale or partial-credit; empty: what the categories suggest. preset: accurate or
    tam-compatible. anchors: as for conditional estimates; the mean of the persons stays zero. Raises BadInput for an
    unknown preset, EmptyCategory where a category that nobody used has no finite threshold.
    """
    kind = model.which(kind, given)
    if preset not in PRESETS:
        raise BadInput(f"no preset {preset!r}", exists=f"There are {', '.join(PRESETS)}")
    left_out: tuple[tuple[str, str], ...] = ()
    if design is None:
        given, left_out = _without_constant(given)
        anchors = model.kept(anchors, left_out)
        links.check_categories(given, common_steps=kind == model.RATING)
    shape = design or model.design(kind, given, anchors, free_origin=True)
    held = cells(given)
    rows, steps = model.places(given.top)
    observed = counts(given)[rows, steps]
    if preset == TAM:
        flat, variance, value, taken, covariance, error = tam.estimate(given, shape, held, observed)
        definition = "1 / sqrt(expected information of each parameter by itself), as TAM prints them"
    else:
        flat, variance, value, taken = _newton(given.top, held, observed, shape)
        covariance, error, definition = _covariance(given.top, held, observed, shape, flat, variance)
    cml.refuse_runaway(covariance, given)
    warnings = [f"{name} left out: {why}" for name, why in left_out]
    if variance <= _SMALLEST * 1.0001:
        warnings.append(f"the persons' variance is at its lower bound, {_SMALLEST}: the answers do not tell them apart")
    return Calibration(
        model=kind,
        method=f"mml, {preset}",
        items=given.items,
        top=given.top,
        **model.summary(flat, covariance, given.top),
        log_likelihood=value,
        parameters=shape.matrix.shape[1] + 1,
        constraint=shape.constraint,
        se_definition=definition,
        iterations=taken,
        used=float(held.weight[held.highest[held.group] > 0].sum()),
        variance=variance,
        variance_se=error,
        left_out=left_out,
        warnings=tuple(warnings),
    )


def _without_constant(given: Responses) -> tuple[Responses, tuple[tuple[str, str], ...]]:
    """Without the items that everybody answered alike: their measure is infinite here too."""
    seen = counts(given)
    keep, dropped = [], []
    for i, (name, t) in enumerate(zip(given.items, given.top, strict=True)):
        if seen[i, 1:].sum() == 0 or seen[i].sum() == seen[i, t]:
            dropped.append((name, f"the {'highest' if seen[i, t] else 'lowest'} answer from everybody"))
        else:
            keep.append(i)
    if len(keep) < 2:
        raise BadInput("fewer than two items have a finite measure", fix="All answers are alike: collect others")
    return (given.only(keep) if dropped else given), tuple(dropped)


def _grid(flat: Floats, top: tuple[int, ...], sd: float) -> Floats:
    """Nodes in SDs, closer together than 0.8 of the narrowest posterior."""
    cumulated = model.cumulative(model.table(flat, top))
    middle = np.array([float(np.median(flat))])
    information = float(persons.moments(middle, cumulated, None)[1][0])
    narrow = 1 / math.sqrt(1 + sd**2 * information * 1.3)
    return np.linspace(-_REACH, _REACH, max(61, 1 + math.ceil(2 * _REACH / (0.8 * narrow))))


def _pass(top: tuple[int, ...], held: Cells, observed: Floats, flat: Floats, sd: float, grid: Floats) -> Expected:
    nodes = sd * grid
    prior = -0.5 * grid**2
    prior = prior - math.log(float(np.exp(prior).sum()))
    logs = persons.log_joint(flat, top, held, nodes, prior)
    largest = logs.max(axis=1)
    post = np.exp(logs - largest[:, None])
    whole = post.sum(axis=1)
    post /= whole[:, None]
    rows, steps = model.places(top)
    cumulated = model.cumulative(model.table(flat, top))
    value = float(held.weight @ (largest + np.log(whole))) - float(observed @ cumulated[rows, steps])
    p = model.chances(nodes, cumulated)
    weighted = post * held.weight[:, None]
    per_set = _by_group(weighted, held)
    per_node = held.masks.T.astype(float) @ per_set  # (k, Q) persons at each node who answered each item
    expected = (per_node[rows] * p[:, rows, steps].T).sum(axis=1)
    mean = p @ np.arange(p.shape[2], dtype=float)
    lean = float((weighted * held.score[:, None]).sum(axis=0) @ nodes) - float(
        (per_node * (mean * nodes[:, None]).T).sum()
    )
    gradient = np.append(model.through(expected - observed, top), lean)
    return Expected(value, gradient, post, nodes, p, per_node)


def _by_group(values: Floats, held: Cells) -> Floats:
    """(G, Q) sums over the cells of each set of items."""
    if len(held.masks) == len(values) and (held.group == np.arange(len(values))).all():
        return values
    order = np.argsort(held.group, kind="stable")
    starts = np.searchsorted(held.group[order], np.arange(len(held.masks)))
    found: Floats = np.add.reduceat(values[order], starts, axis=0)
    return found


def _newton(top: tuple[int, ...], held: Cells, observed: Floats, shape: Design) -> tuple[Floats, float, float, int]:
    """Thresholds, variance, log-likelihood and steps."""
    a = shape.matrix
    flat, sd = tam.start(top, held, observed, shape), 1.0
    grid = _grid(flat, top, sd)
    free = True
    before, step = -np.inf, np.zeros(a.shape[1] + 1)
    for count in range(200):
        found = _pass(top, held, observed, flat, sd, grid)
        if count and found.value < before - 1e-10 * abs(before) and np.abs(step).max() > 1e-9:
            step /= 2
            flat, sd = flat - a @ step[:-1], sd * math.exp(-step[-1])
            continue
        before = found.value
        gradient = np.append(a.T @ found.gradient[:-1], found.gradient[-1])
        size = _information(top, held, found, shape, near=True)
        step = _solve(size, gradient, free)
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        flat, sd = flat + a @ step[:-1], sd * math.exp(step[-1])
        if free and sd**2 <= _SMALLEST and step[-1] <= 0:
            sd, free, before = math.sqrt(_SMALLEST), False, -np.inf
        if np.abs(flat).max() > 40:
            break
        if np.abs(step).max() < 1e-9:
            return flat, sd**2, found.value, count + 1
        if count == 3:
            grid = _grid(flat, top, sd)
            before = -np.inf
    raise BadInput("no finite measures: the likelihood rises without end", fix=links.ADVICE)


def _solve(size: Floats, gradient: Floats, free: bool) -> Floats:
    step = np.zeros(len(gradient))
    n = len(gradient) if free else len(gradient) - 1
    part = size[:n, :n]
    for ridge in (0.0, 1e-3, 1e-1, 1.0, 10.0):  # far from the top the observed information need not be positive
        try:
            factor = np.linalg.cholesky(part + ridge * np.diag(np.abs(np.diag(part)) + 1e-6))
        except np.linalg.LinAlgError:
            continue
        step[:n] = np.linalg.solve(factor.T, np.linalg.solve(factor, gradient[:n]))
        return step
    step[:n] = gradient[:n] / np.maximum(np.abs(np.diag(part)), 1e-6)
    return step


def _information(top: tuple[int, ...], held: Cells, found: Expected, shape: Design, near: bool) -> Floats:
    """(q + 1, q + 1) observed information of the parameters and log SD (Louis 1982).

    near: with many sets of items, joint answering is taken as independent of the score, which is enough for a step.
    """
    rows, steps = model.places(top)
    p, post, nodes, w = found.chances, found.post, found.nodes, held.weight
    category = p[:, rows, steps]  # (Q, T)
    mean = p @ np.arange(p.shape[2], dtype=float)
    spread = p @ np.arange(p.shape[2], dtype=float) ** 2 - mean**2
    lean = category * (steps - mean[:, rows])
    size = len(rows)
    square = np.where(rows[:, None] == rows[None, :], -(category.T * found.per_node[rows]) @ category, 0.0)
    square[np.arange(size), np.arange(size)] += (found.per_node[rows] * category.T).sum(axis=1)
    masks = held.masks.astype(float)
    answered = masks[held.group]
    average = (post @ category) * answered[:, rows]
    square -= _squares(held, found, category, rows, near) - (average * w[:, None]).T @ average
    # log SD: its score at a node is (r - expected score) theta
    away = (held.score[:, None] - (masks @ mean.T)[held.group]) * nodes
    middle = (post * away).sum(axis=1)
    own = float((found.per_node * (spread * nodes[:, None] ** 2).T).sum()) - float(w @ middle)
    own -= float(w @ ((post * away**2).sum(axis=1) - middle**2))
    cross = -(found.per_node[rows] * (lean * nodes[:, None]).T).sum(axis=1)
    weighted = post * away * w[:, None]
    cross -= (_by_group(weighted, held) @ category * masks[:, rows]).sum(axis=0) - (w * middle) @ average
    a = shape.matrix
    through = model.through_both(square, top)
    found_all = np.zeros((a.shape[1] + 1, a.shape[1] + 1))
    found_all[:-1, :-1] = a.T @ through @ a
    found_all[:-1, -1] = found_all[-1, :-1] = a.T @ model.through(cross, top)
    found_all[-1, -1] = own
    return found_all


def _squares(held: Cells, found: Expected, category: Floats, rows: Ints, near: bool) -> Floats:
    """(T, T) sum over persons of the posterior mean of the product of two chances, over items answered together."""
    weighted = found.post * held.weight[:, None]
    total = weighted.sum(axis=0)
    whole: Floats = (category * total[:, None]).T @ category
    if len(held.masks) == 1:
        return whole
    masks = held.masks.astype(float)
    if near:
        by_set = _by_group(held.weight[:, None], held)[:, 0]
        share = (masks * by_set[:, None]).T @ masks / by_set.sum()
        return np.asarray(whole * share[np.ix_(rows, rows)])
    per_set = _by_group(weighted, held)
    result = np.zeros(whole.shape)
    for q in range(len(total)):
        together = (masks * per_set[:, [q]]).T @ masks
        result += np.outer(category[q], category[q]) * together[np.ix_(rows, rows)]
    return result


def _covariance(
    top: tuple[int, ...], held: Cells, observed: Floats, shape: Design, flat: Floats, variance: float
) -> tuple[Floats, float, str]:
    """Covariance (T, T) of the thresholds, standard error of the variance, and what they are."""
    sd = math.sqrt(variance)
    found = _pass(top, held, observed, flat, sd, _grid(flat, top, sd))
    a = shape.matrix
    fixed = variance <= _SMALLEST * 1.0001
    size = _information(top, held, found, shape, near=False)
    said = "inverse of the observed information, the persons' variance included"
    if fixed:
        size = size[:-1, :-1]
    inverse = cml.inverse(size)
    error = math.nan if fixed else 2 * variance * math.sqrt(max(inverse[-1, -1], 0.0))
    n = a.shape[1]
    return a @ inverse[:n, :n] @ a.T, error, said
