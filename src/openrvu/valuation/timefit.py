"""Work regressed on times over the schedule, read at one service, with the prediction interval of one new service.

    log work = b0 + b1 log intra + b2 log(1 + pre) + b3 log(1 + post) + b4 log(1 + visits' work) + global period

It answers what work RVU services of such times have, not what work they are: the schedule's own values are on the left.
The service itself is left out of the fit. Idea: Wynn et al. 2015, RAND RR662 (validation of work RVUs by times).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation.anchor import LEVEL, Floats, quantile

FEWEST_MORE = 20  # services beyond the number of coefficients
_TERMS = ("log intra", "log(1 + pre)", "log(1 + post)", "log(1 + visits' work)")


@dataclass(frozen=True)
class Point:
    """One service as the regression takes it: minutes, the visits' work RVU, the work RVU (None for the target)."""

    code: str
    global_days: str
    pre: float
    intra: float
    post: float
    visits: float
    work: float | None


@dataclass(frozen=True)
class TimeFit:
    """The regression read at the target. value: median work RVU of services of such times. r2 and predictive_r2: of log
    work, the second with each service left out. outside: times of the target beyond those of every service used."""

    code: str
    value: float
    new_low: float
    new_high: float
    level: float
    services: int
    terms: tuple[tuple[str, float, float], ...]
    s: float
    r2: float
    predictive_r2: float
    leverage: float
    outside: tuple[str, ...]


def fit(target: Point, services: Sequence[Point], level: float = LEVEL) -> TimeFit:
    """Fit over all services with a work RVU and intra-service minutes of the target's global period and others.

    Raises BadInput where the target has no intra-service minutes or fewer than 20 services beyond the coefficients are
    left.
    """
    if target.intra <= 0:
        raise BadInput(f"{target.code} has no intra-service minutes", fix="Give them, or a time file that has them")
    used = [p for p in services if p.code != target.code and p.work and p.work > 0 and p.intra > 0]
    groups = sorted({p.global_days for p in used})
    if target.global_days not in groups:
        raise BadInput(
            f"no service of the global period {target.global_days or '(none)'} has times and a work RVU",
            exists=f"Global periods: {', '.join(groups)}",
            fix="Load a whole release: `openrvu load FILE`",
        )
    others = [g for g in groups if g != target.global_days]
    x = np.array([_row(p, others) for p in used])
    if len(used) < x.shape[1] + FEWEST_MORE:
        raise BadInput(
            f"{len(used)} services with times and work RVUs for {x.shape[1]} coefficients",
            fix="Load a whole release: `openrvu load FILE`",
        )
    return _fitted(target, used, x, np.array(_row(target, others)), others, level)


def _fitted(
    target: Point, used: Sequence[Point], x: Floats, at: Floats, others: Sequence[str], level: float
) -> TimeFit:
    y = np.log([p.work or 1.0 for p in used])
    # Terms may hang together (visits that only one global period has); what they say together is still estimated.
    inverse = np.linalg.pinv(x.T @ x, hermitian=True, rcond=1e-11)
    beta, rank = inverse @ (x.T @ y), int(np.linalg.matrix_rank(x))
    if np.abs(at - at @ inverse @ (x.T @ x)).max() > 1e-6 * max(1.0, float(np.abs(at).max())):
        raise BadInput(
            f"the services do not vary in what sets {target.code} apart",
            exists=f"{len(used)} services with times and work RVUs",
            fix="Use a whole time file and a whole release",
        )
    residual = y - x @ beta
    df = len(y) - rank
    s = math.sqrt(float(residual @ residual) / df)
    hat = np.einsum("ij,jk,ik->i", x, inverse, x)
    total, by_mean = float(((y - y.mean()) ** 2).sum()), (y - y.mean()) * len(y) / (len(y) - 1)
    left = residual / np.maximum(1 - hat, 1e-12)
    leverage = float(at @ inverse @ at)
    middle, half = float(at @ beta), quantile(level, df) * s * math.sqrt(1 + leverage)
    names = ["intercept", *_TERMS, *(f"global {g}" for g in others)]
    errors = s * np.sqrt(np.maximum(np.diag(inverse), 0.0))
    terms = tuple((name, float(b), float(se)) for name, b, se in zip(names, beta, errors, strict=True))
    same = [p for p in used if p.global_days == target.global_days]
    return TimeFit(
        code=target.code,
        value=math.exp(middle),
        new_low=math.exp(middle - half),
        new_high=math.exp(middle + half),
        level=level,
        services=len(used),
        terms=terms,
        s=s,
        r2=1 - float(residual @ residual) / total,
        predictive_r2=1 - float(left @ left) / float(by_mean @ by_mean),
        leverage=leverage,
        outside=tuple(name for name in ("pre", "intra", "post", "visits") if _beyond(target, same, name)),
    )


def _row(point: Point, others: Sequence[str]) -> list[float]:
    times = [math.log(point.intra), math.log1p(point.pre), math.log1p(point.post), math.log1p(point.visits)]
    return [1.0, *times, *(1.0 if point.global_days == g else 0.0 for g in others)]


def _beyond(target: Point, same: Sequence[Point], name: str) -> bool:
    seen = [getattr(p, name) for p in same]
    return not min(seen) <= getattr(target, name) <= max(seen)
