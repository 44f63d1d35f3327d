"""Joint maximum likelihood, items and persons together: only to repeat what Winsteps and its like print.

Estimates are too wide, by about k / (k - 1) with k items; the usual correction shrinks them by (k - 1) / k, and
standard errors leave out that persons were estimated too. Use conditional estimates for anything else.

Source: Wright & Panchapakesan 1969, Educ Psych Meas 29:23; Andersen 1973 (inconsistency); Wright 1988, Rasch Meas Trans
2:2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation.rasch import cml, links, model, persons
from openrvu.valuation.rasch.data import Floats, Responses, cells
from openrvu.valuation.rasch.model import Calibration


def fit(given: Responses, kind: str = "", corrected: bool = True) -> Calibration:
    """Joint measures, items sum zero, persons with extreme scores left out.

    corrected: shrink measures by (k - 1) / k, k the number of items; standard errors are left as they are.
    """
    kind = model.which(kind, given)
    given, left_out = links.without_extremes(given)
    links.check(given, common_steps=kind == model.RATING)
    whole = cells(given)
    inner = given.persons(~whole.extreme[whole.of])
    shape = model.design(kind, inner)
    problem = cml.problem(inner, shape, None)
    flat = np.zeros(len(shape.matrix))
    steps = 0
    while steps < 200:
        steps += 1
        gradient, own, value = _derivatives(problem, flat)
        step = shape.matrix @ (cml.inverse(cml.rough(problem, flat)) @ (shape.matrix.T @ gradient))
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        flat = flat + step
        if np.abs(flat).max() > 30 or np.abs(step).max() < 1e-9:
            break
    if np.abs(flat).max() > 30 or steps == 200:
        raise BadInput("no finite measures: the joint likelihood rises without end", fix=links.ADVICE)
    k = len(inner.items)
    covariance: Any
    if kind == model.RATING:
        covariance = shape.matrix @ cml.inverse(shape.matrix.T @ own @ shape.matrix) @ shape.matrix.T
    else:
        covariance = cml.inverse(own)
    cml.refuse_runaway(covariance, inner)
    warning = "joint estimates are biased: for comparison with other programs alone"
    return Calibration(
        model=kind,
        method="jml, corrected" if corrected else "jml",
        items=inner.items,
        top=inner.top,
        **model.summary(flat * (k - 1) / k if corrected else flat, covariance, inner.top),
        log_likelihood=value,
        parameters=shape.matrix.shape[1],
        constraint=shape.constraint,
        se_definition="inverse of each item's information, persons and origin taken as known",
        iterations=steps,
        used=float(inner.weights.sum()),
        left_out=left_out,
        warnings=(*(f"{name} left out: {why}" for name, why in left_out), warning),
    )


def _derivatives(problem: cml.Problem, flat: Floats) -> tuple[Floats, Floats, float]:
    """Gradient (T,), information with persons known (T, T), log-likelihood, persons at their best for these items."""
    top, held = problem.top, problem.cells
    rows, steps = model.places(top)
    use = np.arange(len(held.score))
    theta = persons.places_of(flat, top, held, use)
    beta = model.cumulative(model.table(flat, top))
    p = model.chances(theta, beta)[:, rows, steps] * held.masks[held.group][:, rows]
    expected = held.weight @ p
    own = np.where(rows[:, None] == rows[None, :], -(p * held.weight[:, None]).T @ p, 0.0)
    own[np.arange(len(rows)), np.arange(len(rows))] += expected
    normal = (persons.log_normaliser(theta, beta) * held.masks[held.group]).sum(axis=1)
    value = float(held.weight @ (held.score * theta - normal)) - float(problem.observed @ beta[rows, steps])
    return model.through(expected - problem.observed, top), model.through_both(own, top), value
