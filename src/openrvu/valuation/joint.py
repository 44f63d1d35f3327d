"""Measures and the link to work RVUs in one likelihood, so that the interval carries everything at once.

    answers | d, nu, theta    Davidson (or Bradley-Terry), the target at 0; a respondent's own place of it: theta_v
    theta_v ~ N(0, spread^2)  answers of one person go together
    d_i     ~ N(mu, tau^2)    measures of the comparators
    w_i | d ~ N(a + b d_i, sigma^2)

The value is a, the line at the target; one new service adds a draw of sigma. Measures, theta, nu, a and mu are
integrated by a Laplace approximation at each (b, sigma, tau) of a grid, the grid by summation (nested Laplace, Rue,
Martino & Chopin 2009, JRSS B 71:319). Flat priors: a, mu, b, tau, log nu, and the log of the total spread about the
line (Jeffreys' where measures are exact: then the interval is the t interval of the line, with k - 2 degrees of
freedom). The respondents' spread is put in at its maximum. A comparator on which everybody agrees stays in: its measure
is held by the others' spread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation.anchor import LEVEL, Floats
from openrvu.valuation.paired import DAVIDSON, DROPPED, HALF, NOT_GREATER, Pairs

FEWEST_BOTH_WAYS = 3
# Ends of the grid in standard deviations, and nodes: of b, log sigma (its tail is long on the right), log tau.
_GRID = ((-4.0, 4.0, 9), (-3.2, 4.8, 9), (-2.8, 3.2, 5))
_FEW = 8  # comparators; with fewer the tails are heavy, and the grid is wider
_WIDE = ((-14.0, 14.0, 29), (-3.2, 13.0, 17), (-2.8, 3.2, 5))
_COARSE = ((-2.5, 2.5, 4), (-2.5, 2.5, 4), (-2.0, 2.0, 3))


@dataclass(frozen=True)
class Joint:
    """The joint model's value with its intervals. low, high: of the line at the target; new_low, new_high: one new
    service. measures: posterior means in the order of names. respondents: sd of their own place of the target, logits.
    """

    names: tuple[str, ...]
    value: float
    low: float
    high: float
    new_low: float
    new_high: float
    level: float
    slope: float
    slope_low: float
    slope_high: float
    sigma: float
    measures: tuple[float, ...]
    respondents: float
    nodes: int


@dataclass(frozen=True)
class _Data:
    """What the likelihood needs. x: (M, K) design of the measures; z: (M,) how theta enters a pair; y: (P, M, C)
    answers of each pattern (left, right[, equal]); times: (P,) respondents of the pattern."""

    x: Floats
    z: Floats
    y: Floats
    times: Floats
    w: Floats
    known: Sequence[int]
    ties: bool
    people: bool


def fit(
    pairs: Pairs,
    target: str,
    rvus: Mapping[str, float],
    *,
    answers: Floats | None = None,
    ties: str = HALF,
    level: float = LEVEL,
) -> Joint:
    """The target's work RVU from answers and RVUs in one model.

    pairs: counts by pair. rvus: work RVUs by service; at least four must be in the pairs. answers: (R, M) -1, 0, 1 or 9
    (none) by respondent and pair, where they are known. ties: half, dropped, not-greater or davidson.
    """
    data, names = _data(pairs, target, rvus, answers, ties)
    spread = _respondents(data) if data.people else 0.0
    centre, scale, *state = _start(data, spread)
    points = centre + _unit(_GRID if len(data.w) >= _FEW else _WIDE) * scale
    logp, mean, variance, modes, _ = _laplace(data, spread, points, *state)
    weight = np.exp(logp - logp[np.isfinite(logp)].max())
    weight = np.where(np.isfinite(weight), weight, 0.0)
    weight /= weight.sum()
    sigma = np.exp(points[:, 1])
    low, high = (_quantile(weight, mean, np.sqrt(variance), tail) for tail in ((1 - level) / 2, (1 + level) / 2))
    wide = np.sqrt(variance + sigma**2)
    new = [_quantile(weight, mean, wide, tail) for tail in ((1 - level) / 2, (1 + level) / 2)]
    of_slope = _weighted_quantiles(points[:, 0], weight, ((1 - level) / 2, (1 + level) / 2))
    return Joint(
        names=names,
        value=float(weight @ mean),
        low=low,
        high=high,
        new_low=new[0],
        new_high=new[1],
        level=level,
        slope=float(weight @ points[:, 0]),
        slope_low=of_slope[0],
        slope_high=of_slope[1],
        sigma=float(weight @ sigma),
        measures=tuple(float(v) for v in weight @ modes[:, : len(names)]),
        respondents=spread,
        nodes=len(points),
    )


def _data(
    pairs: Pairs, target: str, rvus: Mapping[str, float], answers: Floats | None, ties: str
) -> tuple[_Data, tuple[str, ...]]:
    names = tuple(name for name in pairs.names if name != target)
    known = [i for i, name in enumerate(names) if name in rvus]
    if len(known) < 4:
        raise BadInput(f"{len(known)} comparators with a work RVU", fix="The joint model needs at least 4")
    at = {name: i for i, name in enumerate(names)}
    x, z = np.zeros((len(pairs.left), len(names))), np.zeros(len(pairs.left))
    for m, (i, j) in enumerate(zip(pairs.left, pairs.right, strict=True)):
        for end, sign in ((i, 1.0), (j, -1.0)):
            if pairs.names[end] == target:
                z[m] = sign
            else:
                x[m, at[pairs.names[end]]] = sign
    modelled = ties == DAVIDSON and sum(pairs.equal) > 0
    if answers is None:
        raw, times = pairs.counts()[None], np.ones(1)
    else:
        patterns, seen = np.unique(np.asarray(answers), axis=0, return_counts=True)
        raw, times = np.stack([patterns == code for code in (-1, 0, 1)], axis=-1).astype(float), seen.astype(float)
    y = _treated(raw, DROPPED if ties == DAVIDSON and not modelled else ties)
    w = np.array([rvus[names[i]] for i in known])
    _bounded(x, y, times, names)
    return _Data(x, z, y, times, w, known, modelled, answers is not None and bool((z != 0).any())), names


def _bounded(x: Floats, y: Floats, times: Floats, names: tuple[str, ...]) -> None:
    """Three measures must be held by answers both ways: with fewer, the spread of the measures has no upper end."""
    left, right, equal = np.tensordot(times, y, (0, 0)).T
    both = ((left > 0) & (right > 0)) | (equal > 0)
    held = [name for name, column in zip(names, x.T, strict=True) if both[column != 0].any()]
    if len(held) < FEWEST_BOTH_WAYS:
        raise BadInput(
            f"{len(held)} comparators have answers both ways",
            exists=f"Both ways: {', '.join(held) or 'none'}",
            fix=f"The joint model needs {FEWEST_BOTH_WAYS}: where everybody agrees, nothing says how far apart",
        )


def _treated(raw: Floats, ties: str) -> Floats:
    less, equal, greater = raw[..., 0], raw[..., 1], raw[..., 2]
    if ties == HALF:
        return np.stack([greater + equal / 2, less + equal / 2, 0 * equal], axis=-1)
    if ties == NOT_GREATER:
        return np.stack([greater, less + equal, 0 * equal], axis=-1)
    return np.stack([greater, less, equal if ties == DAVIDSON else 0 * equal], axis=-1)


def _answers(data: _Data, d: Floats, nu: Floats, theta: Floats) -> tuple[Floats, ...]:
    """Log-likelihood of the answers and its derivatives by the difference D and by log nu, for G points at once.

    d: (G, K), nu: (G,), theta: (G, P). Returns, by pattern: (G, P) log-likelihood, (G, P, M) first and minus second
    derivative by D, (G, P) the same two by log nu, (G, P, M) minus the mixed one.
    """
    diff = (d @ data.x.T)[:, None, :] + theta[:, :, None] * data.z
    half = np.exp(np.abs(diff) * -0.5)
    near, far = np.ones_like(half), half**2  # scaled by exp(-|D| / 2)
    middle = np.exp(nu)[:, None, None] * half if data.ties else np.zeros_like(half)
    total = near + far + middle
    up = np.where(diff >= 0, near, far) / total
    down = np.where(diff >= 0, far, near) / total
    even = middle / total
    n = data.y.sum(axis=-1)
    left, right, equal = data.y[..., 0], data.y[..., 1], data.y[..., 2]
    log_total = np.log(total) + np.abs(diff) / 2
    loglik = ((left - right) * diff / 2 - n * log_total).sum(axis=-1)
    if data.ties:
        loglik = loglik + nu[:, None] * equal.sum(axis=-1)
    first = (left - right) / 2 - n * (up - down) / 2
    second = n * ((up + down) / 4 - (up - down) ** 2 / 4)
    by_nu = (equal - n * even).sum(axis=-1)
    nu_nu = (n * even * (1 - even)).sum(axis=-1)
    mixed = -n * even * (up - down) / 2
    return loglik, first, second, by_nu, nu_nu, mixed


def _laplace(
    data: _Data, spread: float, points: Floats, start: Floats, places: Floats | None = None
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """At each (b, log sigma, log tau): log of the integrated posterior, mean and variance of a, and the modes of the
    latent values and of the respondents' places.

    start: (L,) measures, log nu (if modelled), a, mu. places: (P,) of the respondents to start from.
    """
    g, k = len(points), data.x.shape[1]
    b, sigma, tau = points[:, 0], np.exp(points[:, 1]), np.exp(points[:, 2])
    latent = np.repeat(start[None], g, axis=0)
    theta = np.zeros((g, len(data.times))) if places is None else np.repeat(places[None], g, axis=0)
    for _ in range(60):
        value, score, info, of_theta, cross, own = _derivatives(data, spread, b, sigma, tau, latent, theta)
        # Respondents' own places are taken out by blocks: they meet each other only through the measures.
        reduced = info - _blocks(data, cross, own)
        right = score - ((of_theta / own * data.times)[:, None, :] @ cross)[:, 0]
        step = np.linalg.solve(reduced, right[..., None])[..., 0]
        largest = np.abs(step[:, :k]).max(axis=1, keepdims=True)
        step *= np.minimum(1.0, 2.0 / np.maximum(largest, 1e-300))
        moved = (of_theta - (cross @ step[..., None])[..., 0]) / own
        latent, theta = latent + step, theta + np.clip(moved, -2.0, 2.0)
        if np.abs(step[:, :k]).max() < 1e-5 and np.abs(moved).max() < 1e-4:
            break
    value, score, info, of_theta, cross, own = _derivatives(data, spread, b, sigma, tau, latent, theta)
    reduced = info - _blocks(data, cross, own)
    _, logdet = np.linalg.slogdet(reduced)
    logdet = logdet + (np.log(own) @ data.times if data.people else 0.0)
    a_at = latent.shape[1] - 2
    variance: Floats = np.asarray(np.linalg.inv(reduced)[:, a_at, a_at], dtype=float)
    # Flat in log of the total spread about the line, b^2 times the measures' error included; flat in tau.
    error = _error(data, info, b, sigma, tau)
    prior = 2 * np.log(sigma) - np.log(sigma**2 + b**2 * error) + np.log(tau)
    found: Floats = value - logdet / 2 + prior
    return found, latent[:, a_at], variance, latent, theta


def _blocks(data: _Data, cross: Floats, own: Floats) -> Floats:
    """What the respondents' own places take from the information on the measures."""
    found: Floats = cross.transpose(0, 2, 1) @ (cross * (data.times / own)[..., None])
    return found


def _error(data: _Data, info: Floats, b: Floats, sigma: Floats, tau: Floats) -> float:
    """The mean error variance of the measures, at the middle of the grid, from the answers alone."""
    at, known = len(b) // 2, np.array(data.known)
    own = np.diag(info[at])[known] - b[at] ** 2 / sigma[at] ** 2 - 1 / tau[at] ** 2
    return float(np.mean(1 / np.maximum(own, 1e-3)))


def _derivatives(
    data: _Data, spread: float, b: Floats, sigma: Floats, tau: Floats, latent: Floats, theta: Floats
) -> tuple[Floats, ...]:
    """Log joint density, its score and negative Hessian in the latent values, and the respondents' blocks."""
    g, k = len(b), data.x.shape[1]
    nu = latent[:, k] if data.ties else np.zeros(g)
    a, mu, d = latent[:, -2], latent[:, -1], latent[:, :k]
    loglik, first, second, by_nu, nu_nu, mixed = _answers(data, d, nu, theta)
    size = latent.shape[1]
    score, info = np.zeros((g, size)), np.zeros((g, size, size))
    pooled_first = np.tensordot(first, data.times, ([1], [0]))
    pooled_second = np.tensordot(second, data.times, ([1], [0]))
    score[:, :k] = pooled_first @ data.x
    info[:, :k, :k] = (data.x.T[None] * pooled_second[:, None, :]) @ data.x
    if data.ties:
        score[:, k] = by_nu @ data.times
        info[:, k, k] = nu_nu @ data.times
        cross_nu = np.tensordot(mixed, data.times, ([1], [0])) @ data.x
        info[:, :k, k] = info[:, k, :k] = cross_nu
    known = np.array(data.known)
    residual = data.w - a[:, None] - b[:, None] * d[:, known]
    s2, t2 = sigma**2, tau**2
    score[:, known] += b[:, None] * residual / s2[:, None]
    score[:, -2] += residual.sum(axis=1) / s2
    info[:, known, known] += (b**2 / s2)[:, None]
    info[:, known, -2] += (b / s2)[:, None]
    info[:, -2, known] += (b / s2)[:, None]
    info[:, -2, -2] += len(known) / s2
    away = d - mu[:, None]
    score[:, :k] -= away / t2[:, None]
    score[:, -1] += away.sum(axis=1) / t2
    info[:, range(k), range(k)] += (1 / t2)[:, None]
    info[:, :k, -1] -= (1 / t2)[:, None]
    info[:, -1, :k] -= (1 / t2)[:, None]
    info[:, -1, -1] += k / t2
    value = loglik @ data.times - len(known) * np.log(sigma) - (residual**2).sum(axis=1) / (2 * s2)
    value = value - k * np.log(tau) - (away**2).sum(axis=1) / (2 * t2)
    cross = np.zeros((g, theta.shape[1], size))
    if not data.people or spread <= 0:
        return value, score, info, np.zeros_like(theta), cross, np.ones_like(theta)
    v2 = spread**2
    cross[:, :, :k] = (second * data.z) @ data.x
    if data.ties:
        cross[:, :, k] = mixed @ data.z
    own = second @ data.z**2 + 1 / v2
    of_theta = first @ data.z - theta / v2
    value = value - (theta**2) @ data.times / (2 * v2) - data.times.sum() * math.log(spread)
    return value, score, info, of_theta, cross, own


def _respondents(data: _Data) -> float:
    """The respondents' spread at the maximum of the answers' own Laplace likelihood, measures held by a wide normal."""
    from scipy.optimize import minimize_scalar

    loose = np.array([[0.0, math.log(1e3), math.log(3.0)]])
    start = np.zeros(data.x.shape[1] + data.ties + 2)

    def lost(log_spread: float) -> float:
        return -float(_laplace(data, math.exp(log_spread), loose, start)[0][0])

    found = minimize_scalar(lost, bounds=(math.log(0.02), math.log(8.0)), method="bounded", options={"xatol": 0.02})
    return math.exp(float(found.x))


def _start(data: _Data, spread: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Centre and scale of the grid, and the latent values and respondents' places to start from."""
    k = data.x.shape[1]
    start = np.zeros(k + data.ties + 2)
    start[-2] = data.w.mean()
    loose = np.array([[0.0, math.log(1e3), math.log(3.0)]])
    *_, modes, theta = _laplace(data, spread, loose, start)
    mode, places = modes[0], theta[0]
    d = mode[np.array(data.known)]
    centred = d - d.mean()
    sxx = max(float(centred @ centred), 1e-6)
    b = float(centred @ data.w) / sxx
    residual = data.w - data.w.mean() - b * centred
    n = len(d)
    s = max(math.sqrt(float(residual @ residual) / max(n - 2, 1)), 1e-3 * float(np.ptp(data.w)) + 1e-6)
    tau = max(float(d.std(ddof=1)), 0.05)
    start = mode.copy()
    start[-2], start[-1] = data.w.mean() - b * d.mean(), d.mean()
    centre = np.array([b, math.log(s), math.log(tau)])
    scale = np.array([s / math.sqrt(sxx), 1 / math.sqrt(2 * max(n - 2, 1)), 1 / math.sqrt(2 * (n - 1))])
    return _refine(data, spread, centre, scale, start, places)


def _refine(
    data: _Data, spread: float, centre: Floats, scale: Floats, start: Floats, places: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Three passes over a coarse grid move and stretch it to where the posterior lies."""
    for _ in range(3):
        points = centre + _unit(_COARSE) * scale
        logp, *_, modes, theta = _laplace(data, spread, points, start, places)
        weight = np.exp(logp - logp.max())
        weight /= weight.sum()
        centre = weight @ points
        scale = np.maximum(np.sqrt(weight @ (points - centre) ** 2), 0.3 * scale)
        start, places = weight @ modes, weight @ theta
    return centre, scale, start, places


def _unit(grid: Sequence[tuple[float, float, int]]) -> Floats:
    """(G, 3) points of a grid, in standard deviations from its middle."""
    axes = np.meshgrid(*(np.linspace(*axis) for axis in grid), indexing="ij")
    return np.stack([axis.ravel() for axis in axes], axis=1)


def _quantile(weight: Floats, mean: Floats, sd: Floats, tail: float) -> float:
    """The quantile of a mixture of normals, by bisection."""
    from scipy.special import ndtr

    low, high = float((mean - 12 * sd).min()), float((mean + 12 * sd).max())
    for _ in range(80):
        middle = (low + high) / 2
        if float(weight @ ndtr((middle - mean) / sd)) < tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _weighted_quantiles(values: Floats, weight: Floats, tails: tuple[float, float]) -> tuple[float, float]:
    """Quantiles of a density known at equally spaced values: its log is joined by a spline, then summed."""
    from scipy.interpolate import CubicSpline

    at = np.unique(values)
    mass = np.array([weight[values == v].sum() for v in at])
    fine = np.linspace(at[0], at[-1], 801)
    density = np.exp(CubicSpline(at, np.log(np.maximum(mass, 1e-300)))(fine))
    summed = np.cumsum(density) / density.sum()
    low, high = np.interp(tails, summed, fine)
    return float(low), float(high)
