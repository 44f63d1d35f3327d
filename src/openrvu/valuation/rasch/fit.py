"""Whether answers behave as the model says: infit, outfit and their standardised form, of items and of persons.

    outfit = mean z^2      infit = sum of V z^2 / sum of V      z = (x - E) / sqrt(V)

Three kinds of E and V. `at the estimate`: at each person's estimated place, as most programs do; the place was
estimated from the same answers, which makes the mean square too small in short tests. `conditional`: given the person's
score, which is exact whatever the place; our default. `posterior`: averaged over the posterior of the place, as TAM's
msq.itemfit. Fixed limits such as 0.6 to 1.4 hold for no sample size in particular: see `cutoffs.simulated`.

Sources: Wright & Masters 1982, Rating Scale Analysis, chapter 5 (mean squares, ZSTD); Christensen & Kreiner 2013, in
Christensen, Kreiner & Mesbah, Rasch Models in Health, chapter 5 (conditional); Mueller 2020, J Stat Distrib App 7:5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation.rasch import cml, model, persons
from openrvu.valuation.rasch.data import Bools, Cells, Floats, Ints, Responses, cells
from openrvu.valuation.rasch.model import Calibration
from openrvu.valuation.rasch.persons import Persons

CONDITIONAL, AT_ESTIMATE = "conditional", "at the estimate"
_PORTION = 1_000_000

Moments = tuple[Floats, Floats, Floats]


@dataclass(frozen=True, eq=False)
class Fit:
    """Mean squares, of items (k,) or of persons (N,); nan where nothing could be judged.

    n: answers judged. outfit, infit: expected 1. outfit_z, infit_z: standardised (Wilson-Hilferty), about normal.
    """

    kind: str
    n: Floats
    outfit: Floats
    infit: Floats
    outfit_z: Floats
    infit_z: Floats


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over items or persons: n, z^2, (x - E)^2, V, C / V^2, C - V^2 (C: fourth central moment)."""

    n: Floats
    z2: Floats
    square: Floats
    variance: Floats
    ratio: Floats
    excess: Floats

    def fit(self, kind: str) -> Fit:
        """The mean squares of these sums."""
        with np.errstate(divide="ignore", invalid="ignore"):
            outfit, infit = self.z2 / self.n, self.square / self.variance
            q_out = np.sqrt(np.maximum(self.ratio / self.n**2 - 1 / self.n, 0.0))
            q_in = np.sqrt(np.maximum(self.excess, 0.0)) / self.variance
            return Fit(kind, self.n, outfit, infit, standardised(outfit, q_out), standardised(infit, q_in))


def standardised(mean_square: Floats, q: Floats) -> Floats:
    """ZSTD: the cube root of a mean square with standard deviation q, as about standard normal."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = (np.cbrt(mean_square) - 1) * (3 / q) + q / 3
    return found


def item_fit(given: Responses, found: Calibration, people: Persons | None = None) -> Fit:
    """Infit and outfit of the items.

    people: measures at which to expect the answers; None: conditional on the scores, which needs none. Persons with an
    extreme score (or without a measure) are not judged.
    """
    return _both(given, found, people)[0]


def person_fit(given: Responses, found: Calibration, people: Persons | None = None) -> Fit:
    """Infit and outfit of the persons, as `item_fit`."""
    return _both(given, found, people)[1]


def _both(given: Responses, found: Calibration, people: Persons | None) -> tuple[Fit, Fit]:
    part = persons.matching(given, found)
    n, k = part.answers.shape
    items, people_sums = np.zeros((6, k)), np.full((6, n), np.nan)
    for rows, x, mask, (expected, variance, fourth) in expectations(part, found, people):
        with np.errstate(divide="ignore", invalid="ignore"):
            square = (x - expected) ** 2 * mask
            parts = [
                mask.astype(float),
                np.where(mask, square / variance, 0.0),
                square,
                variance * mask,
                np.where(mask, fourth / variance**2, 0.0),
                (fourth - variance**2) * mask,
            ]
        w = part.weights[rows]
        for at, one in enumerate(parts):
            items[at] += w @ one
            people_sums[at, rows] = one.sum(axis=1)
    kind = CONDITIONAL if people is None else AT_ESTIMATE
    return Sums(*items).fit(kind), Sums(*people_sums).fit(kind)


def expectations(
    part: Responses, found: Calibration, people: Persons | None
) -> Iterator[tuple[Ints, Floats, Bools, Moments]]:
    """Portions of persons (rows), their answers, which were answered, and E, V and C (n, k) of each answer."""
    held = cells(part)
    if people is not None and len(people.theta) != len(part.answers):
        raise BadInput(f"{len(people.theta)} measures for {len(part.answers)} persons")
    moments = _given_score(held, found) if people is None else _at_place(held, found, people)
    usable = ~held.extreme
    if people is not None:
        place = np.full(len(held.score), np.nan)
        place[held.of] = people.theta
        usable = ~held.extreme & np.isfinite(place)
    order = np.argsort(held.of, kind="stable")
    starts = np.searchsorted(held.of[order], np.arange(len(held.score) + 1))
    portion = max(1, _PORTION // part.answers.shape[1])
    todo = np.flatnonzero(usable)
    at = 0
    while at < len(todo):
        stop, size = at, 0
        while stop < len(todo) and (stop == at or (size < portion and stop - at < portion)):
            size += int(starts[todo[stop] + 1] - starts[todo[stop]])
            stop += 1
        use = todo[at:stop]
        rows = np.concatenate([order[starts[u] : starts[u + 1]] for u in use])
        inside = np.repeat(np.arange(len(use)), [int(starts[u + 1] - starts[u]) for u in use])
        e, v, c = moments(use)
        x = part.answers[rows]
        mask = x >= 0
        yield rows, x.astype(float), mask, (e[inside], v[inside], c[inside])
        at = stop


def _given_score(held: Cells, found: Calibration) -> Callable[[Ints], Moments]:
    flat = model.flatten(found.thresholds, found.top)
    p = cml.category_chances(flat, found.top)
    rows, steps = model.places(found.top)

    def of(use: Ints) -> Moments:
        chosen = Cells(held.masks, held.group[use], held.score[use], held.weight[use], held.of[:0], held.highest)
        pi = np.zeros((len(use), len(found.top), max(found.top) + 1))
        for part, chances in cml.marginals(found.top, chosen, p):
            pi[part[:, None], rows[None, :], steps[None, :]] = chances
        pi[:, :, 0] = 1 - pi[:, :, 1:].sum(axis=2)
        return _moments(pi)

    return of


def _at_place(held: Cells, found: Calibration, people: Persons) -> Callable[[Ints], Moments]:
    cumulated = model.cumulative(found.thresholds)
    theta = np.full(len(held.score), np.nan)
    theta[held.of] = people.theta

    def of(use: Ints) -> Moments:
        return _moments(model.chances(theta[use], cumulated))

    return of


def _moments(p: Floats) -> Moments:
    c = np.arange(p.shape[2], dtype=float)
    if len(c) == 2:
        up = p[:, :, 1]
        v = up * (1 - up)
        return up, v, v * (1 - 3 * v)
    mean = p @ c
    away = (c - mean[:, :, None]) ** 2
    return mean, (p * away).sum(axis=2), (p * away**2).sum(axis=2)


def posterior_fit(given: Responses, found: Calibration) -> Fit:
    """Infit and outfit of the items with E and V averaged over each person's posterior, all persons included.

    For marginal estimates: the limit of the values that TAM and snowIRT print, which are drawn at random.
    """
    if not found.variance > 0:
        raise BadInput("no variance of persons for a posterior", fix="Fit by mml")
    part = persons.matching(given, found)
    held = cells(part)
    grid = persons.grid(found, found.variance)
    post = persons.posterior(
        model.flatten(found.thresholds, found.top), found.top, held, grid, -0.5 * grid**2 / found.variance
    )
    mean, variance, fourth = _moments(model.chances(grid, model.cumulative(found.thresholds)))
    over = [post @ one for one in (1 / variance, mean / variance, mean**2 / variance)]
    plain = [post @ one for one in (mean, mean**2, variance, fourth / variance**2, fourth - variance**2)]
    sums = np.zeros((6, len(found.items)))
    portion = max(1, _PORTION // len(found.items))
    for start in range(0, len(part.answers), portion):
        x = part.answers[start : start + portion].astype(float)
        of, w = held.of[start : start + portion], part.weights[start : start + portion]
        mask = (x >= 0).astype(float)
        z2 = x**2 * over[0][of] - 2 * x * over[1][of] + over[2][of]
        square = x**2 - 2 * x * plain[0][of] + plain[1][of]
        for at, one in enumerate((np.ones_like(x), z2, square, plain[2][of], plain[3][of], plain[4][of])):
            sums[at] += w @ (one * mask)
    return Sums(*sums).fit("posterior")


def point_measure(given: Responses, found: Calibration, people: Persons) -> Floats:
    """(k,) correlation of each item's answers with the persons' measures, over those who answered."""
    part = persons.matching(given, found)
    known = np.isfinite(people.theta)
    x = part.answers[known].astype(float)
    mask = (x >= 0) * part.weights[known][:, None]
    theta: Any = people.theta[known][:, None]
    n = mask.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_x, mean_t = (mask * x).sum(axis=0) / n, (mask * theta).sum(axis=0) / n
        dx, dt = x - mean_x, theta - mean_t
        both = (mask * dx * dt).sum(axis=0)
        found_r: Floats = both / np.sqrt((mask * dx**2).sum(axis=0) * (mask * dt**2).sum(axis=0))
    return found_r
