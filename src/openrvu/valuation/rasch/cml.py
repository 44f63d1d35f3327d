"""Conditional maximum likelihood: measures that do not depend on the persons, for any missing pattern.

    log L = - sum n_ic beta_ic - sum_r n_r log gamma_r(beta)        beta: cumulative thresholds

Answers are conditioned on each person's score over the items that person answered, so persons drop out and no
distribution of them is assumed. Steps are taken with the information of independent items less the score's share, which
is close to the exact one and cheap; the exact information is computed at the end, takes the last step and gives the
covariance.

Sources: Andersen 1970, JRSS B 32:283 and 1973, BJMSP 26:31; Fischer & Molenaar 1995, Rasch Models, chapters 3, 8, 15.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation.rasch import esf, links, model, persons
from openrvu.valuation.rasch.data import Bools, Cells, Floats, Ints, Responses, cells, counts
from openrvu.valuation.rasch.model import Anchors, Calibration, Design

_LARGEST = 30.0  # logits from the first guess: a fit that gets there has run away
_WIDEST = 50.0  # and so has one with a standard error like this
_MANY_SETS = 8  # sets of items up to which the pair sums are swept set by set
_CACHE, _HELD, _COLUMNS = 300_000, 4_000_000, 256  # numbers of one forward pass that are quick, and that are allowed
_STEPS = 60


@dataclass(frozen=True, eq=False)
class Problem:
    """What the likelihood needs: observed counts (T,), the cells, and the design."""

    top: tuple[int, ...]
    observed: Floats
    cells: Cells
    design: Design
    penalty: float | None
    sets: list[tuple[Bools, Floats]]


def fit(
    given: Responses,
    kind: str = "",
    anchors: Anchors | None = None,
    penalty: float | None = None,
    design: Design | None = None,
) -> Calibration:
    """Conditional maximum-likelihood measures.

    kind: dichotomous, rating-scale or partial-credit; empty: what the categories suggest. anchors: item -> measure or
    thresholds, kept as they are. penalty: None, or the SD in logits of a normal prior on each free threshold around
    the origin, which makes every measure finite and pulls all of them a little; it is named in the warnings. Items that
    everybody answers alike are left out and named. Raises Unlinked and EmptyCategory where no finite estimate exists.

    >>> from openrvu.valuation.rasch.data import responses
    >>> found = fit(responses([[1, 0]] * 20 + [[0, 1]] * 10))
    >>> round(float(found.measures[1] - found.measures[0]), 6)  # ln(20 / 10)
    0.693147
    """
    kind = model.which(kind, given)
    left_out: tuple[tuple[str, str], ...] = ()
    used, groups = counts(given), cells(given)
    if penalty is None and design is None:
        if links.has_extremes(used, groups, given.top):
            given, left_out = links.without_extremes(given)
            used, groups = counts(given), cells(given)
        anchors = model.kept(anchors, left_out)
        links.check(given, kind == model.RATING, used)
    elif penalty is not None and not penalty > 0:
        raise BadInput(f"a penalty of SD {penalty}", fix="Give an SD above zero, such as 3, or none")
    shape = design or model.design(kind, given, anchors, free_origin=penalty is not None and not anchors)
    rows, steps = model.places(given.top)
    held = Problem(given.top, used[rows, steps], groups, shape, penalty, by_set(groups, given.top))
    flat, value, taken = _solve(held, _start(held), given.items)
    spread = inverse(exact(held, flat))
    covariance = shape.matrix @ spread @ shape.matrix.T
    if penalty is None:
        refuse_runaway(covariance, given)
    extreme = float(held.cells.weight[held.cells.extreme].sum())
    return Calibration(
        model=kind,
        method="cml" if penalty is None else "cml, penalised",
        items=given.items,
        top=given.top,
        **model.summary(flat, covariance, given.top),
        log_likelihood=value,
        parameters=shape.matrix.shape[1],
        constraint=shape.constraint if penalty is None or anchors else "a normal prior around zero",
        se_definition="inverse of the conditional information under the constraint",
        iterations=taken,
        used=float(held.cells.weight.sum()) - extreme,
        left_out=left_out,
        warnings=_warnings(left_out, extreme, penalty),
    )


def problem(given: Responses, shape: Design, penalty: float | None) -> Problem:
    """Answers as the likelihood needs them."""
    rows, steps = model.places(given.top)
    held = cells(given)
    return Problem(given.top, counts(given)[rows, steps], held, shape, penalty, by_set(held, given.top))


def _warnings(left_out: tuple[tuple[str, str], ...], extreme: float, penalty: float | None) -> tuple[str, ...]:
    found = [f"{name} left out: {why}" for name, why in left_out]
    if extreme:
        found.append(f"respondents with an extreme score, which says nothing of the items: {extreme:g}")
    if penalty is not None:
        found.append(f"a normal prior of SD {penalty:g} logits on each threshold pulls measures towards zero")
    return tuple(found)


def _start(problem: Problem) -> Floats:
    """Log odds of neighbouring categories, as a first guess."""
    n = problem.observed
    rows, steps = model.places(problem.top)
    answered = problem.cells.weight @ problem.cells.masks[problem.cells.group]
    base = answered - np.bincount(rows, weights=n)
    before = np.where(steps == 1, base[rows], np.concatenate([[0.0], n[:-1]]))
    flat = np.log((before + 0.5) / (n + 0.5))
    return _fitted(problem.design, flat)


def _fitted(shape: Design, flat: Floats) -> Floats:
    a = shape.matrix
    if shape.constraint == model.ANCHORED:  # the others start near the anchors, wherever those are
        moving = np.column_stack([a, -np.ones(len(a))])
        found = np.linalg.lstsq(moving, flat - shape.offset)[0][:-1]
    else:
        found = model.nearest(shape, flat - flat.mean() if shape.constraint == model.SUM_ZERO else flat)
    start: Floats = shape.offset + a @ found
    return start


def _solve(problem: Problem, flat: Floats, items: tuple[str, ...]) -> tuple[Floats, float, int]:
    """Thresholds, log-likelihood and steps: with the cheap information twice, then with the exact one until they are
    small; halved where the likelihood falls."""
    a = problem.design.matrix
    before, spread = -np.inf, np.zeros((0, 0))
    step, begun = np.zeros(len(flat)), flat
    previous = np.inf
    for count in range(_STEPS):
        value, gradient = likelihood(problem, flat)
        if value < before - 1e-9 * abs(before):
            step = step / 2
            flat = flat - step
            continue
        size = float(np.abs(step).max())
        if count < 3 or size > 0.4 * previous:
            spread = inverse(rough(problem, flat) if count < 2 else exact(problem, flat))
        previous = size if count else np.inf
        before = value
        step = a @ (spread @ (a.T @ gradient))
        step *= min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-300))
        flat = flat + step
        if np.abs(flat - begun).max() > _LARGEST:
            break
        settled = problem.penalty is not None and float(gradient @ step) < 1e-15 * max(1.0, abs(value))
        if np.abs(step).max() < 1e-8 or settled:
            return flat, value, count + 1
    raise _runaway(problem.top, np.abs(flat - begun), items)


def refuse_runaway(covariance: Floats, given: Responses) -> None:
    """Raises Unlinked where errors of thresholds (T, T) are those of a likelihood that has become flat far out."""
    width = np.abs(np.diag(covariance))  # of information that is singular but for rounding it may come out below zero
    if width.max() > _WIDEST**2:
        raise _runaway(given.top, np.sqrt(width), given.items)


def _runaway(top: tuple[int, ...], far: Floats, items: tuple[str, ...]) -> BadInput:
    """The error of a likelihood that rises without end. far: (T,) how far each threshold got."""
    rows, _ = model.places(top)
    names = dict.fromkeys(items[i] for i, one in zip(rows, far, strict=True) if one > far.max() / 4)
    return links.Unlinked(
        f"no finite measures: the likelihood rises without end with {', '.join(names)}",
        exists=f"{len(items)} items, {sum(top)} thresholds",
        fix=links.ADVICE,
    )


def inverse(information: Floats) -> Floats:
    """The inverse, or BadInput where the answers leave a measure open."""
    try:
        found: Any = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        raise BadInput("the answers do not fix all measures: the information is singular", fix=links.ADVICE) from None
    solved: Floats = found
    return solved


def likelihood(problem: Problem, flat: Floats) -> tuple[float, Floats]:
    """Conditional log-likelihood and its gradient (T,) in the thresholds."""
    top = problem.top
    p = category_chances(flat, top)
    rows, steps = model.places(top)
    expected = np.zeros(len(rows))
    logs = np.log(np.maximum(p, 1e-300))
    value = float(problem.observed @ logs[rows, steps]) + float(_lowest(problem) @ logs[:, 0])
    for masks, weight in problem.sets:
        seen = masked(p, masks)
        lowest, highest = _range(weight)
        ahead = esf.forward(seen, top, highest)
        f, weight = ahead[-1], weight[: highest + 1]
        value -= float((weight * np.log(np.where(weight > 0, f, 1.0))).sum())
        _, found = esf.backward(seen, top, ahead, esf.shares(f, weight), lowest)
        if len(masks) > 1:
            found *= masks.T[:, None, :]
        expected += found.sum(axis=2)[rows, steps]
    gradient = model.through(expected - problem.observed, top)
    if problem.penalty is not None:
        value -= float(flat @ flat) / (2 * problem.penalty**2)
        gradient -= flat / problem.penalty**2
    return value, gradient


def _range(weight: Floats) -> tuple[int, int]:
    """The lowest and the highest score with weight."""
    held = np.flatnonzero(weight.any(axis=1))
    return (int(held[0]), int(held[-1])) if held.size else (0, 0)


def _lowest(problem: Problem) -> Floats:
    """(k,) how often each item was answered with category 0."""
    rows, _ = model.places(problem.top)
    return problem.cells.weight @ problem.cells.masks[problem.cells.group] - np.bincount(rows, weights=problem.observed)


def category_chances(flat: Floats, top: tuple[int, ...]) -> Floats:
    """(k, m + 1) category chances at the middle of the items."""
    middle = float(np.average(flat))
    found: Floats = model.chances(np.array([middle]), model.cumulative(model.table(flat, top)))[0]
    return found


def masked(p: Floats, masks: Bools) -> Floats:
    """(k, m + 1, B): an item not answered adds nothing to the score."""
    if masks.all():
        return p[:, :, None]
    found = p[:, :, None] * masks.T[:, None, :]
    found[:, 0, :] += ~masks.T
    return found


def _portion(size: int) -> int:
    """How many sets of items go through one pass: enough to keep Python busy little, few enough to stay near."""
    return max(1, min(_HELD // size, max(_COLUMNS, _CACHE // size)))


def by_set(held: Cells, top: tuple[int, ...]) -> list[tuple[Bools, Floats]]:
    """Sets of items in portions that stay in a processor's cache, each with the weight (S, B) of its scores.

    Sets go by their scores, so that a portion needs few of them.
    """
    scores = sum(top) + 1
    portion = _portion(scores * (len(top) + 1))
    first = np.bincount(held.group, weights=held.score) / np.maximum(np.bincount(held.group), 1)
    by_score = np.argsort(first, kind="stable")
    place = np.empty_like(by_score)
    place[by_score] = np.arange(len(by_score))
    order = np.argsort(place[held.group], kind="stable")
    group = place[held.group][order]
    found = []
    for start in range(0, len(held.masks), portion):
        stop = min(start + portion, len(held.masks))
        lo, hi = np.searchsorted(group, [start, stop])
        at = order[lo:hi]
        weight = np.zeros((scores, stop - start))
        weight[held.score[at], group[lo:hi] - start] = held.weight[at]
        found.append((held.masks[by_score[start:stop]], weight))
    return found


def rough(problem: Problem, flat: Floats) -> Floats:
    """(q, q) information with items independent at each score's own place, less what fixing the score takes away."""
    top = problem.top
    rows, steps = model.places(top)
    use = np.flatnonzero(~problem.cells.extreme)
    scale = 1.0
    if len(use) > 4000:  # a sample of the cells is near enough for a step
        scale = len(use) / 2000
        use = use[np.linspace(0, len(use) - 1, 2000).astype(int)]
    theta = persons.places_of(flat, top, problem.cells, use, close=0.01)
    p = model.chances(theta, model.cumulative(model.table(flat, top)))
    mask = problem.cells.masks[problem.cells.group[use]]
    weight = problem.cells.weight[use]
    flatp = p[:, rows, steps] * mask[:, rows]
    mean = (p * np.arange(p.shape[2])).sum(axis=2)
    spread = ((p * np.arange(p.shape[2]) ** 2).sum(axis=2) - mean**2) * mask
    lean = flatp * (steps[None, :] - mean[:, rows])
    total = np.maximum(spread.sum(axis=1), 1e-12)
    own = np.where(rows[:, None] == rows[None, :], -(flatp * weight[:, None]).T @ flatp, 0.0)
    own[np.arange(len(rows)), np.arange(len(rows))] += weight @ flatp
    square = own - (lean * (weight / total)[:, None]).T @ lean
    return _in_parameters(problem, square * scale)


def _in_parameters(problem: Problem, square: Floats) -> Floats:
    """Information in cumulative thresholds (T, T) as information in the parameters (q, q), penalty included."""
    found = model.through_both(square, problem.top)
    if problem.penalty is not None:
        found = found + np.eye(len(found)) / problem.penalty**2
    a = problem.design.matrix
    both: Floats = a.T @ found @ a
    return both


def exact(problem: Problem, flat: Floats) -> Floats:
    """(q, q) exact conditional information of the parameters."""
    return _in_parameters(problem, conditional_covariance(problem.top, problem.cells, flat))


def conditional_covariance(top: tuple[int, ...], held: Cells, flat: Floats) -> Floats:
    """(T, T) covariance of the category indicators given the scores, summed over persons."""
    p = category_chances(flat, top)
    rows, _ = model.places(top)
    size = len(rows)
    outer, diagonal = np.zeros((size, size)), np.zeros(size)
    joint = np.zeros((size, size))
    for use, pi in marginals(top, held, p):
        weight = held.weight[use]
        outer += (pi * weight[:, None]).T @ pi
        diagonal += weight @ pi
        if len(held.masks) > _MANY_SETS and max(top) == 1:
            joint += (pi * weight[:, None]).T @ held.masks[held.group[use]]
    if len(held.masks) > _MANY_SETS and max(top) == 1:
        together = esf.right_pairs(p[:, 1] / p[:, 0], joint)
        _close_pairs(together, held, p)
    else:
        together = np.zeros((size, size))
        for mask, weight in _each_set(held, top):
            seen = masked(p, mask[None])
            ahead = esf.forward(seen, top)
            behind, _ = esf.backward(seen, top, ahead, esf.shares(ahead[-1], weight))
            together += esf.pairs(seen[:, :, 0], top, ahead, behind) * (mask[rows][:, None] & mask[rows][None, :])
    together[rows[:, None] == rows[None, :]] = 0.0
    found: Floats = np.diag(diagonal) + together - outer
    return found


def _each_set(held: Cells, top: tuple[int, ...]) -> list[tuple[Bools, Floats]]:
    return [(mask, weight[:, [at]]) for masks, weight in by_set(held, top) for at, mask in enumerate(masks)]


def marginals(top: tuple[int, ...], held: Cells, p: Floats) -> list[tuple[Ints, Floats]]:
    """Portions of cells (n,), each with the chances (n, T) of every category given the score."""
    rows, steps = model.places(top)
    scores = sum(top) + 1
    portion = _portion(scores * (len(top) + 1))
    order = np.lexsort((held.group, held.score))
    found = []
    for start in range(0, len(order), portion):
        use = order[start : start + portion]
        masks = held.masks[held.group[use]]
        seen = masked(p, masks)
        lowest, highest = int(held.score[use].min()), int(held.score[use].max())
        ahead = esf.forward(seen, top, highest)
        one = np.zeros((highest + 1, len(use)))
        one[held.score[use], np.arange(len(use))] = 1.0
        _, expected = esf.backward(seen, top, ahead, esf.shares(ahead[-1], one), lowest)
        found.append((use, (expected * masks.T[:, None, :])[rows, steps].T))
    return found


def _close_pairs(together: Floats, held: Cells, p: Floats) -> None:
    """Fills the pairs whose odds are nearly equal: the score of the other items must be two less."""
    for i, j in np.argwhere(np.triu(np.isnan(together), 1)):
        use = np.flatnonzero(held.masks[held.group, i] & held.masks[held.group, j])
        others = np.array([one for one in range(len(p)) if one not in (i, j)])
        seen = masked(p[others], held.masks[held.group[use]][:, others])
        rest = esf.forward(seen, (1,) * len(others))[-1]
        rest = np.concatenate([rest, np.zeros((2, rest.shape[1]))])
        rest = np.broadcast_to(rest, (len(rest), len(use)))
        at, score = np.arange(len(use)), held.score[use]
        none, one_right, two = (rest[score - c, at] * (score >= c) for c in (0, 1, 2))
        q, s = p[i], p[j]
        whole = none * q[0] * s[0] + one_right * (q[1] * s[0] + q[0] * s[1]) + two * q[1] * s[1]
        together[i, j] = together[j, i] = float(held.weight[use] @ (two * q[1] * s[1] / whole))
