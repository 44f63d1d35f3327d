"""Paired comparisons: Bradley-Terry with ties, by maximum likelihood, measures relative to the target with full
covariance.

    P(i greater) : P(equal) : P(j greater) = exp(D/2) : nu : exp(-D/2),   D = measure_i - measure_j        (Davidson)

Without the middle term it is Bradley-Terry on the answers left after ties are split, dropped or called not greater. The
target's measure is 0 and a positive measure means more work than the target's. Standard errors come from the full
covariance of one likelihood in which each answer counts once: entering every pair twice into Rasch software doubles
logits and inflates standard errors by 1.4, and is not done here. Linacre's Rasch pairs with ties are the same family
with logits halved.

Sources: Bradley & Terry 1952, Biometrika 39:324; Davidson 1970, JASA 65:317; Ford 1957, Amer Math Monthly 64(8):28
(when estimates exist); Linacre 1995, Rasch Measurement Transactions 9:2, 425.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrvu.errors import BadInput

Floats = NDArray[np.float64]

HALF, DROPPED, NOT_GREATER, DAVIDSON = "half", "dropped", "not-greater", "davidson"
TIES = (HALF, DROPPED, NOT_GREATER, DAVIDSON)
TIES_IN_WORDS = {
    HALF: "an answer of equal counts as half a win each",
    DROPPED: "answers of equal are left out",
    NOT_GREATER: "an answer of equal counts as not greater",
    DAVIDSON: "answers of equal are modelled (Davidson)",
}

_LARGEST = 25.0  # logits: nothing that exists lies beyond; a fit that gets there has run away
_STEP = 2.0


@dataclass(frozen=True)
class Pairs:
    """Answers counted by pair of services.

    names: the services. left, right: (M,) indices into names. less, equal, greater: (M,) how often the left service was
    judged less, equal or greater than the right one. A pair may occur more than once.
    """

    names: tuple[str, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    less: tuple[float, ...]
    equal: tuple[float, ...]
    greater: tuple[float, ...]

    def counts(self) -> Floats:
        """(M, 3): less, equal, greater."""
        return np.column_stack([self.less, self.equal, self.greater]).astype(float)


@dataclass(frozen=True)
class Measures:
    """Measures of the services relative to the reference, which is 0.

    names: services without the reference. values: logits. covariance: (k, k) of the values. log_nu, log_nu_se:
    Davidson's tie parameter, None elsewhere. log_likelihood: kernel, without binomial constants. answers: answers used
    (a tie counted as half a win each is one answer).
    """

    names: tuple[str, ...]
    reference: str
    ties: str
    values: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    log_nu: float | None
    log_nu_se: float | None
    log_likelihood: float
    answers: float
    iterations: int

    @property
    def se(self) -> tuple[float, ...]:
        """Standard errors of the differences from the reference."""
        return tuple(math.sqrt(self.covariance[i][i]) for i in range(len(self.values)))


def star(target: str, items: Sequence[str], counts: Sequence[tuple[float, float, float]]) -> Pairs:
    """Pairs of a one-target survey. counts: an item each, how often the target was less, equal, greater than it."""
    return Pairs(
        names=(target, *items),
        left=(0,) * len(items),
        right=tuple(range(1, len(items) + 1)),
        less=tuple(c[0] for c in counts),
        equal=tuple(c[1] for c in counts),
        greater=tuple(c[2] for c in counts),
    )


def fit(pairs: Pairs, reference: str, ties: str = HALF) -> Measures:
    """Maximum-likelihood measures of all services relative to the reference.

    ties: half, dropped, not-greater or davidson. Raises BadInput for an unknown treatment or reference, impossible
    counts, and data in which no finite estimate exists, naming the services at fault.

    >>> fit(star("62380", ["63047"], [(20, 0, 10)]), "62380").values  # ln(20 / 10)
    (0.6931471805599453,)
    """
    where = _reference(pairs, reference, ties)
    counts = pairs.counts()
    _usable(pairs, counts)
    check(pairs, ties)
    values, nu, steps = _newton(pairs, counts[None], where, ties)
    if not np.isfinite(values).all():
        raise _no_estimate(pairs.names, "the likelihood rises without end")
    information, kernel = _information(pairs, counts[None], values, nu, where, ties)
    covariance = np.linalg.inv(information[0])
    k = len(pairs.names) - 1
    modelled = ties == DAVIDSON
    return Measures(
        names=tuple(name for i, name in enumerate(pairs.names) if i != where),
        reference=reference,
        ties=ties,
        values=tuple(float(v) for i, v in enumerate(values[0]) if i != where),
        covariance=tuple(tuple(float(c) for c in row[:k]) for row in covariance[:k]),
        log_nu=float(nu[0]) if modelled else None,
        log_nu_se=math.sqrt(covariance[k, k]) if modelled else None,
        log_likelihood=float(kernel[0]),
        answers=float(_treated(counts[None], ties).sum()),
        iterations=steps,
    )


def fit_many(pairs: Pairs, counts: Floats, reference: str, ties: str = HALF) -> Floats:
    """Measures of many samples over the same pairs at once, for the bootstrap.

    counts: (B, M, 3) less, equal, greater. Returns (B, k): one column a service other than the reference, in the order
    of names; a row of nan where a sample has no finite estimate. Raises BadInput as `fit` does for treatment and
    reference.
    """
    where = _reference(pairs, reference, ties)
    found = np.full((len(counts), len(pairs.names)), np.nan)
    exists = _linked_many(pairs, counts, ties)
    if exists.any():
        found[exists] = _newton(pairs, counts[exists], where, ties)[0]
    return np.delete(found, where, axis=1)


def errors_many(pairs: Pairs, counts: Floats, reference: str, ties: str = HALF) -> tuple[Floats, Floats]:
    """(B, k) measures as `fit_many`, and their standard errors from the full covariance, each answer once."""
    where = _reference(pairs, reference, ties)
    exists = _linked_many(pairs, counts, ties)
    values, nu, _ = _newton(pairs, counts[exists], where, ties)
    good = np.isfinite(values).all(axis=1)
    exists[np.flatnonzero(exists)[~good]] = False
    information = _information(pairs, counts[exists], values[good], nu[good], where, ties)[0]
    k = len(pairs.names) - 1
    found, errors = np.full((len(counts), k), np.nan), np.full((len(counts), k), np.nan)
    found[exists] = np.delete(values[good], where, axis=1)
    errors[exists] = np.sqrt(np.diagonal(np.linalg.inv(information), axis1=1, axis2=2))[:, :k]
    return found, errors


def check(pairs: Pairs, ties: str) -> None:
    """Raises BadInput where no finite estimate exists, naming the services that the answers do not link both ways.

    Every service must be reachable from every other over wins (a tie that is kept links both ways): Ford 1957.
    Davidson's tie parameter needs ties and other answers besides.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    counts = pairs.counts()
    edges = _edges(pairs, counts[None], ties)[0]
    groups, label = connected_components(csr_array(edges.astype(int)), directed=True, connection="strong")
    if groups > 1:
        raise _unlinked(pairs, edges, [int(one) for one in label], ties)
    if ties == DAVIDSON:
        if not counts[:, 1].sum():
            raise BadInput(
                "no answer of equal", fix="Davidson's model needs ties: use `dropped`, which is the same here"
            )
        if not (counts > 0).all(axis=1).any() and _runs_away(pairs, counts):
            raise _no_estimate(pairs.names, "ties and wins can be fitted ever better by a larger tie parameter")


def keep_linked(pairs: Pairs, reference: str, ties: str) -> tuple[Pairs, tuple[tuple[str, str], ...]]:
    """The pairs among services that the answers link with the reference both ways, and the others with the reason.

    A comparator on which everybody agrees has no finite measure. It is left out and named; the rest is estimated.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    where = _reference(pairs, reference, ties)
    edges = _edges(pairs, pairs.counts()[None], ties)[0]
    _, label = connected_components(csr_array(edges.astype(int)), directed=True, connection="strong")
    keep = [i for i in range(len(pairs.names)) if label[i] == label[where]]
    dropped = tuple(
        (pairs.names[i], _apart(edges, i) or "not linked both ways with the target")
        for i in range(len(pairs.names))
        if i not in keep
    )
    if not dropped:
        return pairs, ()
    new = {old: i for i, old in enumerate(keep)}
    rows = [m for m, ends in enumerate(zip(pairs.left, pairs.right, strict=True)) if all(e in new for e in ends)]
    kept = Pairs(
        names=tuple(pairs.names[i] for i in keep),
        left=tuple(new[pairs.left[m]] for m in rows),
        right=tuple(new[pairs.right[m]] for m in rows),
        less=tuple(pairs.less[m] for m in rows),
        equal=tuple(pairs.equal[m] for m in rows),
        greater=tuple(pairs.greater[m] for m in rows),
    )
    return kept, dropped


def separation(measures: Measures) -> float:
    """Reliability of the services' separation: (variance - error variance) / variance of the comparators' measures.

    The error that all comparators share, the target's, is taken out by centring. Can be negative; printed as it is.
    """
    values, covariance = np.array(measures.values), np.array(measures.covariance)
    k = len(values)
    if k < 2 or np.ptp(values) == 0:
        return math.nan
    error = float(np.trace(covariance) - covariance.sum() / k) / (k - 1)
    return 1 - error / float(values.var(ddof=1))


def _reference(pairs: Pairs, reference: str, ties: str) -> int:
    if ties not in TIES:
        raise BadInput(f"no treatment of ties {ties!r}", exists=f"There are {', '.join(TIES)}")
    if reference not in pairs.names:
        raise BadInput(f"{reference} is in no comparison", exists=f"Compared: {', '.join(pairs.names)}")
    return pairs.names.index(reference)


def _usable(pairs: Pairs, counts: Floats) -> None:
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise BadInput("a count of answers is negative or no number", fix="Counts are whole numbers from 0 on")
    if any(a == b for a, b in zip(pairs.left, pairs.right, strict=True)):
        raise BadInput("a service is compared with itself", fix="Leave that pair out")


def _treated(counts: Floats, ties: str) -> Floats:
    """(B, M, 2 or 3): answers as the likelihood takes them: left wins, right wins and, for Davidson, ties."""
    less, equal, greater = counts[..., 0], counts[..., 1], counts[..., 2]
    if ties == HALF:
        return np.stack([greater + equal / 2, less + equal / 2], axis=-1)
    if ties == DROPPED:
        return np.stack([greater, less], axis=-1)
    if ties == NOT_GREATER:
        return np.stack([greater, less + equal], axis=-1)
    return np.stack([greater, less, equal], axis=-1)


def _design(pairs: Pairs) -> Floats:
    x = np.zeros((len(pairs.left), len(pairs.names)))
    rows = np.arange(len(pairs.left))
    x[rows, list(pairs.left)] = 1.0
    x[rows, list(pairs.right)] = -1.0
    return x


def _probabilities(d: Floats, nu: Floats, ties: str) -> tuple[Floats, Floats, Floats]:
    """(B, M) chances of left, right, equal; equal is 0 unless ties are modelled."""
    middle = np.exp(nu)[:, None] if ties == DAVIDSON else 0.0
    up, down = np.exp(d / 2), np.exp(-d / 2)
    total = up + down + middle
    return up / total, down / total, np.broadcast_to(middle / total, d.shape)


def _newton(pairs: Pairs, counts: Floats, where: int, ties: str) -> tuple[Floats, Floats, int]:
    """Newton's method for all samples at once; the likelihood is concave. Returns (B, K) values, (B,) log nu, steps."""
    x = np.delete(_design(pairs), where, axis=1)
    treated = _treated(counts, ties)
    b, k = len(counts), x.shape[1]
    size = k + (ties == DAVIDSON)
    at = np.zeros((b, size))
    live = np.ones(b, dtype=bool)
    steps = 0
    while live.any() and steps < 100:
        steps += 1
        rows = np.flatnonzero(live)
        score, information = _derivatives(x, treated[rows], at[rows], ties)
        step = np.linalg.solve(information, score[..., None])[..., 0]
        step *= np.minimum(1.0, _STEP / np.maximum(np.abs(step).max(axis=1, keepdims=True), 1e-300))
        at[rows] += step
        away = np.abs(at[rows]).max(axis=1) > _LARGEST
        at[rows[away]] = np.nan
        live[rows] = ~away & (np.abs(step).max(axis=1) > 1e-11)
    at[live] = np.nan
    values = np.insert(at[:, :k], where, 0.0, axis=1)
    values[np.isnan(at).any(axis=1)] = np.nan
    return values, at[:, k] if ties == DAVIDSON else np.zeros(b), steps


def _derivatives(x: Floats, treated: Floats, at: Floats, ties: str) -> tuple[Floats, Floats]:
    """Score (B, p) and information (B, p, p); the link is canonical, so observed and expected information agree."""
    k = x.shape[1]
    modelled = ties == DAVIDSON
    d = at[:, :k] @ x.T
    left, right, equal = _probabilities(d, at[:, k] if modelled else np.zeros(len(at)), ties)
    n = treated.sum(axis=-1)
    lean = (treated[..., 0] - n * left - treated[..., 1] + n * right) / 2
    spread = n * ((left + right) / 4 - (left - right) ** 2 / 4)
    score = lean @ x
    information = (x.T[None] * spread[:, None, :]) @ x
    if not modelled:
        return score, information
    tie_score = (treated[..., 2] - n * equal).sum(axis=1)
    cross = -(n * equal * (left - right) / 2) @ x
    own = (n * equal * (1 - equal)).sum(axis=1)
    full = np.zeros((len(at), k + 1, k + 1))
    full[:, :k, :k] = information
    full[:, :k, k] = full[:, k, :k] = cross
    full[:, k, k] = own
    return np.column_stack([score, tie_score]), full


def _information(
    pairs: Pairs, counts: Floats, values: Floats, nu: Floats, where: int, ties: str
) -> tuple[Floats, Floats]:
    x = np.delete(_design(pairs), where, axis=1)
    treated = _treated(counts, ties)
    at = np.delete(values, where, axis=1)
    if ties == DAVIDSON:
        at = np.column_stack([at, nu])
    information = _derivatives(x, treated, at, ties)[1]
    chances = np.stack(_probabilities(values @ _design(pairs).T, nu, ties), axis=-1)[..., : treated.shape[-1]]
    return information, np.where(treated > 0, treated * np.log(chances), 0.0).sum(axis=(1, 2))


def _edges(pairs: Pairs, counts: Floats, ties: str) -> NDArray[np.bool_]:
    """(B, K, K): whether the first service beat, or by a kept tie drew with, the second at least once."""
    treated = _treated(counts, ties)
    kept = treated[..., 2] > 0 if ties == DAVIDSON else np.zeros(treated.shape[:2], dtype=bool)
    found = np.zeros((len(counts), len(pairs.names), len(pairs.names)), dtype=bool)
    for m, (i, j) in enumerate(zip(pairs.left, pairs.right, strict=True)):
        found[:, i, j] |= (treated[:, m, 0] > 0) | kept[:, m]
        found[:, j, i] |= (treated[:, m, 1] > 0) | kept[:, m]
    return found


def _linked_many(pairs: Pairs, counts: Floats, ties: str) -> NDArray[np.bool_]:
    """(B,): whether each sample links every service with every other both ways (and, for Davidson, has ties)."""
    reach: Any = _edges(pairs, counts, ties) | np.eye(len(pairs.names), dtype=bool)
    for _ in range(max(1, math.ceil(math.log2(len(pairs.names))))):
        reach = (reach.astype(np.float32) @ reach.astype(np.float32)) > 0
    linked: NDArray[np.bool_] = reach.all(axis=(1, 2))
    return linked & (counts[..., 1].sum(axis=1) > 0) if ties == DAVIDSON else linked


def _runs_away(pairs: Pairs, counts: Floats) -> bool:
    """Whether some direction of measures and tie parameter raises the likelihood for ever (a linear programme).

    A direction does if, in every pair, each outcome seen gains at least as much as every other outcome does, and some
    gains more. Only needed where no pair has all three outcomes: one that has rules it out once services are linked.
    """
    from scipy.optimize import linprog

    k = len(pairs.names)
    x = _design(pairs)
    gains = np.zeros((len(x), 3, k + 1))  # less, equal, greater by pair
    gains[:, 0, :k], gains[:, 2, :k], gains[:, 1, k] = -x / 2, x / 2, 1.0
    rows = [
        gains[m, other] - gains[m, seen]
        for m in range(len(x))
        for seen in range(3)
        for other in range(3)
        if counts[m, seen] > 0 and other != seen
    ]
    limits = [(0.0, 0.0), *[(-1.0, 1.0)] * k]
    found = linprog(np.sum(rows, axis=0), A_ub=np.array(rows), b_ub=np.zeros(len(rows)), bounds=limits)
    return bool(found.fun < -1e-9)


def _unlinked(pairs: Pairs, edges: NDArray[np.bool_], label: list[int], ties: str) -> BadInput:
    """The error that names what the answers do not link: services never beaten or never winning, else the groups."""
    names = pairs.names
    largest = max(set(label), key=label.count)
    apart = [i for i in range(len(names)) if label[i] != largest]
    said: list[str] = []
    for i in apart:
        if why := _apart(edges, i):
            said.append(f"{names[i]} is {why}")
    groups = [f"[{', '.join(names[i] for i in range(len(names)) if label[i] == g)}]" for g in sorted(set(label))]
    advice = "Leave the service out, or collect more answers"
    if ties == DROPPED:
        advice += "; `half` keeps the answers of equal"
    return BadInput(
        "no finite measures: " + ("; ".join(said) or "the answers do not link all services both ways"),
        exists=f"Linked both ways: {' '.join(groups)}",
        fix=advice,
    )


def _apart(edges: NDArray[np.bool_], i: int) -> str:
    """Why a service stands alone: it is in no answer, or everybody agrees about it. Empty where neither is so."""
    beats, beaten = bool(edges[i].any()), bool(edges[:, i].any())
    if not beats and not beaten:
        return "in no usable answer"
    return "" if beats and beaten else f"judged {'greater' if beats else 'less'} in every usable answer"


def _no_estimate(names: Sequence[str], why: str) -> BadInput:
    return BadInput(
        f"no finite measures: {why}",
        where=f"{len(names)} services",
        fix="Use another treatment of ties (half), or collect more answers",
    )
