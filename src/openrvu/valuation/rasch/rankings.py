"""Rankings by Plackett-Luce: each place is a choice among those not yet placed.

    P(a first of S) = exp(worth a) / sum over S of exp(worth)

Rankings may stop early (the best three of eleven) and may be of different sets. Ties within a ranking are not modelled:
ask for pairs, or drop the ranking.

Sources: Luce 1959; Plackett 1975, Applied Statistics 24:193; Hunter 2004, Annals of Statistics 32:384 (when estimates
exist).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation.rasch import links
from openrvu.valuation.rasch.data import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Worths:
    """worth: (k,) logits, sum zero, higher is ranked before. covariance: (k, k) under sum zero. choices: how many
    places inform the worths."""

    items: tuple[str, ...]
    worth: Floats
    covariance: Floats
    log_likelihood: float
    choices: float
    iterations: int

    @property
    def se(self) -> Floats:
        """Standard errors under sum zero."""
        found: Floats = np.sqrt(np.diag(self.covariance))
        return found

    def against(self, reference: str) -> tuple[Floats, Floats]:
        """Worths relative to one item, and their standard errors."""
        if reference not in self.items:
            raise BadInput(f"{reference} is in no ranking", exists=f"Ranked: {', '.join(self.items)}")
        change = np.eye(len(self.items))
        change[:, self.items.index(reference)] -= 1
        return change @ self.worth, np.sqrt(np.clip(np.diag(change @ self.covariance @ change.T), 0.0, None))


def fit(
    rankings: Sequence[Sequence[str]],
    among: Sequence[Sequence[str]] | None = None,
    weights: Sequence[float] | None = None,
) -> Worths:
    """Maximum-likelihood worths.

    rankings: each from first to last, or to where it stopped. among: the items each ranking chose from; else all items
    that occur. weights: how often each counts. Raises BadInput for an item twice in a ranking, Unlinked where no finite
    worths exist, naming the items.

    >>> found = fit([["a", "b"]] * 20 + [["b", "a"]] * 10)
    >>> round(float(found.worth[0] - found.worth[1]), 6)  # ln(20 / 10)
    0.693147
    """
    items = tuple(sorted({one for r in [*rankings, *(among or [])] for one in r}))
    if len(items) < 2:
        raise BadInput(f"{len(items)} item{'s' * (len(items) != 1)} ranked", fix="A ranking needs at least two")
    chosen, sets, w = _choices(rankings, among, weights, items)
    _linked(items, chosen, sets)
    k = len(items)
    worth = np.zeros(k)
    centre = np.eye(k) - 1 / k
    for taken in range(1, 101):
        gradient, information, value = _derivatives(worth, chosen, sets, w)
        inverse = np.linalg.inv(information + 1 / k) - 1 / k
        step = inverse @ gradient
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        worth = centre @ (worth + step)
        if np.abs(worth).max() > 30:
            break
        if np.abs(step).max() < 1e-11:
            return Worths(items, worth, centre @ inverse @ centre, value, float(w.sum()), taken)
    raise BadInput("no finite worths: the likelihood rises without end", fix=links.ADVICE)


def _choices(
    rankings: Sequence[Sequence[str]],
    among: Sequence[Sequence[str]] | None,
    weights: Sequence[float] | None,
    items: tuple[str, ...],
) -> tuple[Ints, Bools, Floats]:
    """Item chosen (M,), the set it was chosen from (M, k), and how often (M,); choices of one alone left out."""
    place = {name: i for i, name in enumerate(items)}
    if among is not None and len(among) != len(rankings):
        raise BadInput(f"{len(among)} sets for {len(rankings)} rankings")
    if weights is not None and (len(weights) != len(rankings) or min(weights, default=1) <= 0):
        raise BadInput("weights are not one number above zero a ranking")
    chosen: list[int] = []
    sets, w = [], []
    for number, ranking in enumerate(rankings):
        at = [place[one] for one in ranking]
        if len(set(at)) < len(at):
            raise BadInput("an item is ranked twice", where=f"ranking {number + 1}")
        left = np.zeros(len(items), dtype=bool)
        left[[place[one] for one in among[number]] if among is not None else slice(None)] = True
        if not left[at].all():
            raise BadInput("an item is ranked that was not to choose from", where=f"ranking {number + 1}")
        for one in at:
            if left.sum() > 1:
                chosen.append(one)
                sets.append(left.copy())
                w.append(1.0 if weights is None else float(weights[number]))
            left[one] = False
    if not chosen:
        raise BadInput("no ranking has a choice in it", fix="Give rankings of at least two items")
    return np.array(chosen), np.array(sets), np.array(w)


def _linked(items: tuple[str, ...], chosen: Ints, sets: Bools) -> None:
    """Finite worths exist if and only if every item was placed before each other one, directly or over others."""
    edges = np.zeros((len(items), len(items)), dtype=bool)
    for one in range(len(items)):
        edges[one] = sets[chosen == one].any(axis=0)
    label = links.parts(edges)
    if not label.any():
        return
    largest = int(np.bincount(label).argmax())
    apart = [name for name, one in zip(items, label, strict=True) if one != largest]
    raise links.Unlinked(
        f"the rankings do not link {', '.join(apart)} both ways with the other items",
        exists=f"Linked: {', '.join(name for name, one in zip(items, label, strict=True) if one == largest)}",
        fix="Leave the item out (it is first, or last, in every ranking), or collect more rankings",
    )


def _derivatives(worth: Floats, chosen: Ints, sets: Bools, w: Floats) -> tuple[Floats, Floats, float]:
    weighted = np.exp(worth - worth.max()) * sets
    total = weighted.sum(axis=1)
    p = weighted / total[:, None]
    gradient = np.bincount(chosen, weights=w, minlength=len(worth)) - w @ p
    information = np.diag(w @ p) - (p * w[:, None]).T @ p
    value = float(w @ (worth[chosen] - worth.max() - np.log(total)))
    return gradient, information, value
