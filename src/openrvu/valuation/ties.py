"""Two more models of ties in paired comparisons, beside those of `paired`.

    Rao-Kupper           P(i) = s(D - h), P(j) = s(-D - h), P(equal) = the rest: a difference below h is not seen
    adjacent categories  ln P(i) / P(equal) = D - t,  ln P(equal) / P(j) = D + t: the rating scale of three categories

s: logistic; D: difference of the two measures. Adjacent categories are Davidson's model with logits halved (D of
Davidson = 2 D), which the regression of work RVUs on measures does not notice.

Sources: Rao & Kupper 1967, JASA 62:194; Agresti 1992, Applied Statistics 41:287; Linacre 1995, Rasch Meas Trans 9:2,
425.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation import paired
from openrvu.valuation.paired import Floats, Pairs

RAO_KUPPER, ADJACENT = "rao-kupper", "adjacent-categories"
MODELS = (RAO_KUPPER, ADJACENT)

_LARGEST = 25.0


@dataclass(frozen=True)
class TieMeasures:
    """Measures relative to the reference, which is 0. tie: h of Rao-Kupper (above 0) or t of adjacent categories."""

    names: tuple[str, ...]
    reference: str
    model: str
    values: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    tie: float
    tie_se: float
    log_likelihood: float
    answers: float
    iterations: int

    @property
    def se(self) -> tuple[float, ...]:
        """Standard errors of the differences from the reference."""
        return tuple(math.sqrt(self.covariance[i][i]) for i in range(len(self.values)))


def fit(pairs: Pairs, reference: str, model: str = RAO_KUPPER) -> TieMeasures:
    """Maximum-likelihood measures relative to the reference, with ties modelled.

    Raises BadInput for an unknown model or reference, no tie at all, and where no finite estimate exists.

    >>> found = fit(paired.star("62380", ["63047"], [(20, 10, 10)]), "62380")
    >>> [round(found.values[0], 4), round(found.tie, 4)]  # logits of 20/40 and 10/40: 0 = v - h, -1.0986 = -v - h
    [0.5493, 0.5493]
    """
    if model not in MODELS:
        raise BadInput(f"no model of ties {model!r}", exists=f"There are {', '.join(MODELS)}")
    davidson = paired.fit(pairs, reference, paired.DAVIDSON)  # the same data have estimates, or have none
    if model == ADJACENT:
        assert davidson.log_nu is not None and davidson.log_nu_se is not None
        return TieMeasures(
            davidson.names,
            reference,
            model,
            tuple(v / 2 for v in davidson.values),
            tuple(tuple(c / 4 for c in row) for row in davidson.covariance),
            davidson.log_nu,
            davidson.log_nu_se,
            davidson.log_likelihood,
            davidson.answers,
            davidson.iterations,
        )
    where = pairs.names.index(reference)
    x = _design(pairs, where)
    at = np.append(np.array(davidson.values) * 0.7, 0.5)
    for taken in range(1, 101):
        value, score, information = _rao_kupper(x, pairs.counts(), at)
        step = np.linalg.solve(information, score)
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        if at[-1] + step[-1] <= 0:  # h stays above zero
            step *= 0.5 * at[-1] / -step[-1]
        at = at + step
        if np.abs(at).max() > _LARGEST:
            break
        if np.abs(step).max() < 1e-11:
            covariance = np.linalg.inv(information)
            return TieMeasures(
                davidson.names,
                reference,
                model,
                tuple(float(v) for v in at[:-1]),
                tuple(tuple(float(c) for c in row[:-1]) for row in covariance[:-1]),
                float(at[-1]),
                math.sqrt(covariance[-1, -1]),
                value,
                float(pairs.counts().sum()),
                taken,
            )
    raise BadInput("no finite measures: the likelihood rises without end", fix="Use another treatment of ties (half)")


def _design(pairs: Pairs, where: int) -> Floats:
    x = np.zeros((len(pairs.left), len(pairs.names)))
    rows = np.arange(len(pairs.left))
    x[rows, list(pairs.left)] = 1.0
    x[rows, list(pairs.right)] = -1.0
    return np.delete(x, where, axis=1)


def _rao_kupper(x: Floats, counts: Floats, at: Floats) -> tuple[float, Floats, Floats]:
    """Log-likelihood, score and observed information. A tie is a win at +h and a win at -h at once, and a term in h."""
    less, equal, greater = counts.T
    h = float(at[-1])
    d = x @ at[:-1]
    up, down = (1 / (1 + np.exp(-(one - h))) for one in (d, -d))
    a, b = greater + equal, less + equal
    ties = float(equal.sum())
    growth = -math.expm1(-2 * h)  # 1 - exp(-2 h)
    value = float(a @ np.log(up) + b @ np.log(down)) + ties * (2 * h + math.log(growth))
    rises, falls = a * (1 - up), b * (1 - down)
    score = np.append((rises - falls) @ x, -rises.sum() - falls.sum() + ties * 2 / growth)
    v, w = a * up * (1 - up), b * down * (1 - down)
    information: Any = np.zeros((len(at), len(at)))
    information[:-1, :-1] = (x.T * (v + w)) @ x
    information[:-1, -1] = information[-1, :-1] = (w - v) @ x
    information[-1, -1] = (v + w).sum() + ties * 4 * math.exp(-2 * h) / growth**2
    return value, score, information
