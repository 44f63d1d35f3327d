"""Answers drawn from a calibrated model: given each person's score (exact, whatever the persons are like), or at
measures.

Given the score, items are drawn from the last to the first, each with its chance given what is left of the score.
Cut-offs for fit, local dependence and residual components come from such answers, refitted each time.

Sources: Verhelst 2008, Psychometrika 73:705 (sampling given margins); Christensen, Makransky & Horton 2017, Applied
Psych Meas 41:178 (cut-offs for Q3); Johansson 2025 (cut-offs for item fit).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrvu.errors import BadInput, OpenRVUError
from openrvu.valuation.rasch import cml, esf, fit, model, persons, structure
from openrvu.valuation.rasch.data import MISSING, Floats, Responses, cells
from openrvu.valuation.rasch.model import Calibration


def at_places(theta: Floats, thresholds: Floats, rng: np.random.Generator) -> NDArray[np.int8]:
    """(N, k) answers of persons at theta (N,) to items with thresholds (k, m), nan beyond the highest category."""
    p = model.chances(theta, model.cumulative(thresholds))
    u = rng.random(p.shape[:2])
    found: NDArray[np.int8] = (p.cumsum(axis=2)[:, :, :-1] < u[:, :, None]).sum(axis=2).astype(np.int8)
    return found


def given_scores(
    given: Responses, found: Calibration, draws: int, rng: np.random.Generator
) -> Iterator[NDArray[np.int8]]:
    """`draws` sets of answers (N, k), each person keeping the items answered and the score."""
    part = persons.matching(given, found)
    held = cells(part)
    p = cml.category_chances(model.flatten(found.thresholds, found.top), found.top)
    masked = cml.masked(p, held.masks)
    ahead = esf.forward(masked, found.top)
    columns = held.group[held.of] if masked.shape[2] > 1 else np.zeros(len(held.of), dtype=np.int64)
    score = held.score[held.of]
    missing = part.answers == MISSING
    n = len(score)
    for _ in range(draws):
        left = score.copy()
        answers = np.zeros((n, len(found.top)), dtype=np.int8)
        for j in range(len(found.top) - 1, -1, -1):
            before = ahead[j]
            weight = np.zeros((found.top[j] + 1, n))
            for c in range(found.top[j] + 1):
                rest = left - c
                ok = (rest >= 0) & (rest < len(before))
                weight[c, ok] = masked[j, c, columns[ok]] * before[rest[ok], columns[ok]]
            edges = weight.cumsum(axis=0)
            drawn = (edges[:-1] < rng.random(n) * edges[-1]).sum(axis=0)
            answers[:, j] = drawn
            left -= drawn
        answers[missing] = MISSING
        yield answers


@dataclass(frozen=True, eq=False)
class CutOffs:
    """Simulated under the model, at the level given, pointwise for items. infit, outfit: (k, 2) lower and upper of the
    conditional mean squares. q3: upper of the largest adjusted residual correlation. mad: upper of MADaQ3. component:
    upper of the first eigenvalue. draws: samples with finite measures."""

    level: float
    infit: Floats
    outfit: Floats
    q3: float
    mad: float
    component: float
    p_q3: float
    p_mad: float
    p_component: float
    draws: int


def cutoffs(given: Responses, found: Calibration, draws: int, rng: np.random.Generator, level: float = 0.95) -> CutOffs:
    """Cut-offs for fit and structure from answers simulated with the scores that were seen, refitted each time.

    p_q3, p_mad, p_component: share of the samples that reach what the data show.
    """
    part = persons.matching(given, found)
    rows: list[tuple[Floats, Floats, float, float, float]] = []
    for answers in given_scores(part, found, draws, rng):
        again = Responses(part.items, answers, part.top, part.weights)
        try:
            refit = cml.fit(again, found.model)
            if refit.items == found.items:
                rows.append(_statistics(again, refit))
        except OpenRVUError:
            continue
    if len(rows) < 20:
        raise BadInput(f"{len(rows)} of {draws} simulated samples have finite measures", fix="Use more respondents")
    shown = _statistics(part, cml.fit(part, found.model))
    tail = [(1 - level) / 2, (1 + level) / 2]
    infit, outfit = (np.quantile([row[at] for row in rows], tail, axis=0).T for at in (0, 1))
    q3, mad, component = (float(np.quantile([row[at] for row in rows], level)) for at in (2, 3, 4))
    p = [(1 + sum(bool(row[at] >= shown[at]) for row in rows)) / (1 + len(rows)) for at in (2, 3, 4)]
    return CutOffs(level, infit, outfit, q3, mad, component, p[0], p[1], p[2], len(rows))


def _statistics(part: Responses, found: Calibration) -> tuple[Floats, Floats, float, float, float]:
    items = fit.item_fit(part, found)
    q3 = structure.dependence(part, found, structure.CONDITIONAL)
    component: Any = structure.residual_components(part, found).values[0]
    return items.infit, items.outfit, float(np.nanmax(np.triu(q3.adjusted, 1))), q3.mad, float(component)
