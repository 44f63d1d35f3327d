"""Persons' measures from calibrated items: maximum likelihood, Warm's weighted likelihood, and the mean of the
posterior.

Given the items answered, equal scores have equal measures, so each distinct pair of items answered and score is
computed once. Standard errors are 1 / sqrt(information) at the estimate (ML, WLE), or the posterior SD (EAP).

Sources: Warm 1989, Psychometrika 54:427; Bock & Mislevy 1982, Applied Psych Meas 6:431 (EAP).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation.rasch import model
from openrvu.valuation.rasch.data import Bools, Cells, Floats, Ints, Responses, cells
from openrvu.valuation.rasch.model import Calibration

ML, WLE, EAP = "ml", "wle", "eap"
_PORTION = 2_000_000
_FAR = 40.0


@dataclass(frozen=True, eq=False)
class Persons:
    """theta, se: (N,) a person each, nan where nothing was answered (ML: also at an extreme score). score: (N,).
    highest: (N,) largest possible score. weights: (N,)."""

    method: str
    theta: Floats
    se: Floats
    score: Ints
    highest: Ints
    weights: Floats

    @property
    def extreme(self) -> Bools:
        """(N,): a score of zero or the largest possible, or nothing answered."""
        found: Bools = (self.score == 0) | (self.score == self.highest)
        return found


def measure(given: Responses, found: Calibration, method: str = WLE, variance: float | None = None) -> Persons:
    """Persons' measures on the calibrated items.

    method: wle, ml or eap. variance: of the persons' normal distribution with mean 0, for eap; else that of the
    calibration. Raises BadInput where eap has none.
    """
    part = matching(given, found)
    held = cells(part)
    flat = model.flatten(found.thresholds, found.top)
    use = np.arange(len(held.score))
    if method == EAP:
        spread = found.variance if variance is None else variance
        if not spread > 0:
            raise BadInput("no variance of persons for an EAP", fix="Fit by mml, or give the variance")
        nodes = grid(found, spread)
        post = posterior(flat, found.top, held, nodes, -0.5 * nodes**2 / spread)
        theta = post @ nodes
        se = np.sqrt(np.maximum(post @ nodes**2 - theta**2, 0.0))
    elif method in (ML, WLE):
        theta = places_of(flat, found.top, held, use, warm=method == WLE)
        se = _errors(theta, flat, found.top, held)
        nothing = held.extreme if method == ML else held.highest[held.group] == 0
        theta, se = np.where(nothing, np.nan, theta), np.where(nothing, np.nan, se)
    else:
        raise BadInput(f"no measure of persons {method!r}", exists="There are wle, ml and eap")
    of = held.of
    return Persons(method, theta[of], se[of], held.score[of], held.highest[held.group[of]], part.weights)


def matching(given: Responses, found: Calibration) -> Responses:
    """The answers to the calibrated items, in their order."""
    if given.items == found.items:
        return given
    return given.only([given.items.index(name) for name in found.items])


def places_of(
    flat: Floats, top: tuple[int, ...], held: Cells, use: Ints, warm: bool = False, close: float = 1e-11
) -> Floats:
    """(n,) theta at which the expected score is the score (warm: by Warm's equation), for some of the cells.

    Newton's method, kept between bounds that close in. Extreme scores without warm come out at the bounds.
    """
    found = np.empty(len(use))
    portion = max(1, _PORTION // sum(t + 1 for t in top))
    cumulated = model.cumulative(model.table(flat, top))
    for start in range(0, len(use), portion):
        part = use[start : start + portion]
        found[start : start + portion] = _newton(cumulated, held, part, warm, close)
    return found


def _newton(cumulated: Floats, held: Cells, use: Ints, warm: bool, close: float) -> Floats:
    masks = held.masks[held.group[use]]
    score, highest = held.score[use].astype(float), held.highest[held.group[use]].astype(float)
    centre = _centre(cumulated)
    low, high = np.full(len(use), centre - _FAR), np.full(len(use), centre + _FAR)
    theta: Floats = centre + np.log((score + 0.5) / (highest - score + 0.5))
    everyone = bool(masks.all())
    finite = (score > 0) & (score < highest) if not warm else highest > 0
    for _ in range(60):
        mean, spread, third = moments(theta, cumulated, None if everyone else masks)
        wanted = score + third / (2 * np.maximum(spread, 1e-300)) if warm else score
        over = mean > wanted
        high, low = np.where(over, theta, high), np.where(over, low, theta)
        step = (wanted - mean) / np.maximum(spread, 1e-12)
        new = theta + np.clip(step, -2.0, 2.0)
        new = np.where((new < low) | (new > high), (low + high) / 2, new)
        moved = np.abs(new - theta)[finite].max(initial=0.0)
        theta = new
        if moved < close:
            break
    return theta


def _centre(cumulated: Floats) -> float:
    top = np.isfinite(cumulated).sum(axis=1) - 1
    return float(np.mean(cumulated[np.arange(len(top)), top] / top))


def moments(theta: Floats, cumulated: Floats, masks: Bools | None) -> tuple[Floats, Floats, Floats]:
    """Mean, variance (the information) and third central moment (n,) of the score at theta (n,)."""
    p = model.chances(theta, cumulated)
    if p.shape[2] == 2:
        up = p[:, :, 1]
        spread = up * (1 - up)
        parts = (up, spread, spread * (1 - 2 * up))
    else:
        c = np.arange(p.shape[2])
        up = p @ c.astype(float)
        away = c[None, None, :] - up[:, :, None]
        parts = (up, (p * away**2).sum(axis=2), (p * away**3).sum(axis=2))
    if masks is None:
        return parts[0].sum(axis=1), parts[1].sum(axis=1), parts[2].sum(axis=1)
    a, b, c3 = (np.einsum("nk,nk->n", one, masks) for one in parts)
    return a, b, c3


def _errors(theta: Floats, flat: Floats, top: tuple[int, ...], held: Cells) -> Floats:
    cumulated = model.cumulative(model.table(flat, top))
    found = np.empty(len(theta))
    portion = max(1, _PORTION // sum(t + 1 for t in top))
    for start in range(0, len(theta), portion):
        use = slice(start, start + portion)
        information = moments(theta[use], cumulated, held.masks[held.group[use]])[1]
        found[use] = 1 / np.sqrt(np.maximum(information, 1e-300))
    return found


def grid(found: Calibration, variance: float) -> Floats:
    """Nodes for a posterior: TAM's own where the calibration imitates it, else close together and wide."""
    if found.method.endswith("tam-compatible"):
        return np.linspace(-6.0, 6.0, 21)
    return np.linspace(-8.0, 8.0, 241) * float(np.sqrt(variance))


def posterior(flat: Floats, top: tuple[int, ...], held: Cells, nodes: Floats, log_prior: Floats) -> Floats:
    """(U, Q) posterior weights of the nodes for each cell."""
    logs = log_joint(flat, top, held, nodes, log_prior)
    logs -= logs.max(axis=1, keepdims=True)
    np.exp(logs, out=logs)
    logs /= logs.sum(axis=1, keepdims=True)
    return logs


def log_joint(flat: Floats, top: tuple[int, ...], held: Cells, nodes: Floats, log_prior: Floats) -> Floats:
    """(U, Q) score * node - log normaliser of the items answered + log prior: the answers' own part is left out."""
    cumulated = model.cumulative(model.table(flat, top))
    normal = log_normaliser(nodes, cumulated)
    taken = held.masks.astype(float) @ normal.T
    found: Floats = held.score[:, None] * nodes[None, :] - taken[held.group] + log_prior[None, :]
    return found


def log_normaliser(nodes: Floats, cumulated: Floats) -> Floats:
    """(Q, k) log of the sum over categories of exp(c node - beta_ic)."""
    if cumulated.shape[1] == 2:
        two: Floats = np.logaddexp(0.0, nodes[:, None] - cumulated[None, :, 1])
        return two
    logits = nodes[:, None, None] * np.arange(cumulated.shape[1]) - cumulated[None]
    largest = logits.max(axis=2)
    found: Floats = largest + np.log(np.exp(logits - largest[:, :, None]).sum(axis=2))
    return found
