"""What the answers have in them besides the measures: reliability and separation, local dependence, further dimensions.

Reliability is printed as it comes out, below zero included: where persons agree there is nothing to tell apart.

Sources: Andrich 1988, Rasch Models for Measurement (PSI); Wright & Masters 1982 (separation, strata); Adams 2005, Stud
Educ Eval 31:162 (WLE and EAP reliability); Yen 1984, Applied Psych Meas 8:125 (Q3); Christensen, Makransky & Horton
2017, Applied Psych Meas 41:178; Holm 1979, Scand J Stat 6:65; Smith 2002, J Appl Meas 3:205 (residual components).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation.rasch import fit, model, persons
from openrvu.valuation.rasch.data import Floats, Responses, cells
from openrvu.valuation.rasch.model import Calibration
from openrvu.valuation.rasch.persons import EAP, Persons
from openrvu.valuation.rasch.tails import two_sided

POSTERIOR, CONDITIONAL, AT_ESTIMATE = "posterior", "conditional", "at the estimate"


@dataclass(frozen=True)
class Separation:
    """reliability: share of the observed variance that is not error. separation: true SD over mean error, nan where
    reliability is not between 0 and 1. strata: levels that can be told apart."""

    reliability: float
    observed: float
    error: float

    @property
    def separation(self) -> float:
        """True SD in units of the root mean square error."""
        r = self.reliability
        return math.sqrt(r / (1 - r)) if 0 <= r < 1 else math.nan

    @property
    def strata(self) -> float:
        """(4 G + 1) / 3."""
        return (4 * self.separation + 1) / 3


def person_separation(people: Persons) -> Separation:
    """Of persons with a finite measure: (variance - mean squared error) / variance, variance over n - 1.

    With WLE of all persons it is the WLE reliability, with ML (extremes left out) the person separation reliability of
    eRm and the PSI.
    """
    known = np.isfinite(people.theta)
    theta, w = people.theta[known], people.weights[known]
    n = w.sum()
    if n <= 1:
        return Separation(math.nan, math.nan, math.nan)
    observed = float(w @ (theta - w @ theta / n) ** 2 / (n - 1))
    error = float(w @ people.se[known] ** 2 / n)
    return Separation(1 - error / observed if observed > 0 else math.nan, observed, error)


def eap_reliability(people: Persons) -> float:
    """Variance of the posterior means over that variance plus the mean posterior variance."""
    if people.method != EAP:
        raise BadInput(f"measures by {people.method}", fix="EAP reliability needs EAP measures")
    w = people.weights / people.weights.sum()
    spread = float(w @ (people.theta - w @ people.theta) ** 2)
    return spread / (spread + float(w @ people.se**2))


def item_separation(found: Calibration) -> Separation:
    """Of the items: the error that moving the origin would change is taken out by centring."""
    k = len(found.items)
    if k < 2:
        return Separation(math.nan, math.nan, math.nan)
    error = float(np.trace(found.covariance) - found.covariance.sum() / k) / (k - 1)
    observed = float(found.measures.var(ddof=1))
    return Separation(1 - error / observed if observed > 0 else math.nan, observed, error)


@dataclass(frozen=True, eq=False)
class Dependence:
    """q3: (k, k) residual correlations, nan on the diagonal. adjusted: q3 less its mean. mad: mean absolute adjusted
    value (MADaQ3). largest: pair of items with the largest, and its adjusted value. p: Holm-adjusted smallest p of all
    pairs by Fisher's z, as snowIRT prints it: it rejects 7 to 22 % under the null at survey sizes."""

    q3: Floats
    adjusted: Floats
    mad: float
    largest: tuple[str, str, float]
    p: float


def dependence(given: Responses, found: Calibration, residual: str = "", people: Persons | None = None) -> Dependence:
    """Yen's Q3 from residuals: posterior (the default after mml), conditional on the score, or at the estimate."""
    kind = residual or (POSTERIOR if found.variance > 0 else CONDITIONAL)
    z = residuals(given, found, kind, people, standard=False)
    q3 = correlations(z)
    k = len(q3)
    upper = np.triu_indices(k, 1)
    values = q3[upper]
    if k < 2 or not np.isfinite(values).any():
        raise BadInput("no pair of items has residuals that vary", fix="Collect more answers")
    adjusted = q3 - np.nanmean(values)
    centred = adjusted[upper]
    worst = int(np.nanargmax(np.abs(centred)))
    i, j = int(upper[0][worst]), int(upper[1][worst])
    n = len(given.answers)
    raw = two_sided(np.arctanh(np.clip(centred, -1 + 1e-15, 1 - 1e-15)) * math.sqrt(max(n - 3, 0)))
    p = min(1.0, float(np.nanmin(raw)) * int(np.isfinite(raw).sum()))
    mad = float(np.nanmean(np.abs(centred)))
    return Dependence(q3, adjusted, mad, (found.items[i], found.items[j], float(centred[worst])), p)


def residuals(
    given: Responses, found: Calibration, kind: str, people: Persons | None = None, standard: bool = True
) -> Floats:
    """(N, k) answers less their expectation, over its SD if standard; nan where not answered or not judged."""
    part = persons.matching(given, found)
    out = np.full(part.answers.shape, np.nan)
    if kind == POSTERIOR:
        if not found.variance > 0:
            raise BadInput("no variance of persons for a posterior", fix="Fit by mml, or take conditional residuals")
        expected, spread = _posterior_moments(part, found)
        of = cells(part).of
        x = part.answers.astype(float)
        out = np.where(x >= 0, x - expected[of], np.nan)
        return out / np.sqrt(spread[of]) if standard else out
    if kind not in (CONDITIONAL, AT_ESTIMATE):
        raise BadInput(f"no residuals {kind!r}", exists=f"There are {POSTERIOR}, {CONDITIONAL}, {AT_ESTIMATE}")
    if kind == AT_ESTIMATE and people is None:
        people = persons.measure(given, found)
    for rows, x, mask, (e, v, _) in fit.expectations(part, found, people if kind == AT_ESTIMATE else None):
        with np.errstate(divide="ignore", invalid="ignore"):
            out[rows] = np.where(mask, (x - e) / np.sqrt(v) if standard else x - e, np.nan)
    return out


def _posterior_moments(part: Responses, found: Calibration) -> tuple[Floats, Floats]:
    """(U, k) mean and variance of each answer over the posterior of the person's place."""
    held = cells(part)
    nodes = persons.grid(found, found.variance)
    flat = model.flatten(found.thresholds, found.top)
    post = persons.posterior(flat, found.top, held, nodes, -0.5 * nodes**2 / found.variance)
    p = model.chances(nodes, model.cumulative(found.thresholds))
    c = np.arange(p.shape[2], dtype=float)
    mean = post @ (p @ c)
    return mean, post @ (p @ c**2) - mean**2


def correlations(z: Floats) -> Floats:
    """(k, k) correlations over the persons who have both values; nan on the diagonal and where they do not vary."""
    mask = np.isfinite(z).astype(float)
    filled = np.where(mask > 0, z, 0.0)
    n = mask.T @ mask
    with np.errstate(divide="ignore", invalid="ignore"):
        own, other = filled.T @ mask, mask.T @ filled
        squares = (filled**2).T @ mask
        cov = filled.T @ filled - own * other / n
        var = squares - own**2 / n
        found: Floats = cov / np.sqrt(np.where(var > 1e-12, var, np.nan) * np.where(var.T > 1e-12, var.T, np.nan))
    np.fill_diagonal(found, np.nan)
    return found


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components of the standardised residuals' correlations. values: (k,) eigenvalues, largest first; they
    sum to k. loadings: (k,) of the first contrast. Whether the first is large is for `cutoffs.simulated` to say."""

    values: Floats
    loadings: Floats


def residual_components(given: Responses, found: Calibration, kind: str = CONDITIONAL) -> Components:
    """Eigenvalues of the residuals' correlations: a first value well above chance speaks for a second dimension."""
    r = correlations(residuals(given, found, kind))
    np.fill_diagonal(r, 1.0)
    values, vectors = np.linalg.eigh(np.nan_to_num(r))
    first = vectors[:, -1] * math.sqrt(max(float(values[-1]), 0.0))
    return Components(values[::-1], first * (1 if first.sum() >= 0 else -1))
