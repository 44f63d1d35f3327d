"""How the categories of a rating work: who uses them, and whether their thresholds stand in order.

Disordered thresholds are no misfit of the model: they say that a category is nowhere the most likely answer. Whether
the disorder is more than error is a test of the difference of two neighbouring thresholds.

Sources: Linacre 2002, J Appl Meas 3:85 (guidelines); Andrich 2013, Educ Psych Meas 73:78 (disorder); Masters 1982.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from openrvu.valuation.rasch import model, persons
from openrvu.valuation.rasch.data import Floats, Responses, counts
from openrvu.valuation.rasch.model import Calibration
from openrvu.valuation.rasch.persons import Persons
from openrvu.valuation.rasch.tails import upper


@dataclass(frozen=True)
class Category:
    """count, share: weight of the answers in this category. mean: average measure of the persons who gave it; it should
    rise with the category. threshold: at which it and the one below are equally likely, nan for the lowest; se."""

    item: str
    category: int
    count: float
    share: float
    mean: float
    threshold: float
    se: float


@dataclass(frozen=True)
class Disorder:
    """A threshold that is not above the one before it. step: the upper category. drop: by how many logits it is lower,
    se; p: one-sided, that the true thresholds are in order all the same."""

    item: str
    step: int
    drop: float
    se: float
    p: float


def function(given: Responses, found: Calibration, people: Persons | None = None) -> tuple[Category, ...]:
    """Every category of every item. people: measures, else by WLE."""
    part = persons.matching(given, found)
    people = people or persons.measure(given, found)
    known = np.isfinite(people.theta)
    theta, weight, x = people.theta[known], people.weights[known], part.answers[known]
    used, se = counts(part), found.threshold_se
    rows = []
    for i, (item, top) in enumerate(zip(found.items, found.top, strict=True)):
        for c in range(top + 1):
            here = x[:, i] == c
            mean = float(weight[here] @ theta[here] / weight[here].sum()) if here.any() else math.nan
            threshold, error = (found.thresholds[i, c - 1], se[i, c - 1]) if c else (math.nan, math.nan)
            rows.append(
                Category(
                    item, c, float(used[i, c]), float(used[i, c] / used[i].sum()), mean, float(threshold), float(error)
                )
            )
    return tuple(rows)


def disordered(found: Calibration) -> tuple[Disorder, ...]:
    """Neighbouring thresholds out of order, item by item (of a rating scale: the first item stands for all)."""
    flat, covariance = model.flatten(found.thresholds, found.top), found.threshold_covariance
    at = 0
    rows = []
    for item, top in zip(found.items, found.top, strict=True):
        for step in range(1, top):
            i, j = at + step - 1, at + step
            drop = float(flat[i] - flat[j])
            if drop >= 0:
                se = math.sqrt(max(float(covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]), 0.0))
                p = upper(drop / se) if se > 0 else math.nan
                rows.append(Disorder(item, step + 1, drop, se, p))
        at += top
        if found.model == model.RATING:
            break
    return tuple(rows)


def thurstonian(found: Calibration) -> Floats:
    """(k, m) places at which the chance of answering a category or a higher one is one half, nan beyond the highest.

    Always in order, unlike the thresholds of the model; TAM and snowIRT print these.
    """
    cumulated = model.cumulative(found.thresholds)
    low, high = np.full(found.thresholds.shape, -40.0), np.full(found.thresholds.shape, 40.0)
    m = found.thresholds.shape[1]
    for _ in range(60):
        middle = (low + high) / 2
        p = np.stack(
            [model.chances(middle[:, c], cumulated)[np.arange(len(middle)), np.arange(len(middle))] for c in range(m)]
        )
        upper = p[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
        at_least = np.stack([upper[c, :, c + 1] for c in range(m)], axis=1)
        low, high = np.where(at_least < 0.5, middle, low), np.where(at_least < 0.5, high, middle)
    return np.where(np.isnan(found.thresholds), np.nan, (low + high) / 2)
