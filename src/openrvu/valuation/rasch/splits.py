"""Whether measures are the same whoever answers: likelihood-ratio tests over groups of persons and over sets of items,
and differential item functioning with its size.

Asymptotic p-values hold from about 150 respondents; below that give `draws` for a parametric bootstrap, which simulates
answers with the scores that were seen (exact under the model given the item measures) and refits every one.

Sources: Andersen 1973, Psychometrika 38:123; Martin-Loef 1973 and Glas & Verhelst 1995, in Fischer & Molenaar, chapter
5; Holm 1979, Scand J Stat 6:65.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrvu.errors import BadInput, OpenRVUError
from openrvu.valuation.rasch import cml, links, model, persons, simulate
from openrvu.valuation.rasch.data import MISSING, Floats, Ints, Responses
from openrvu.valuation.rasch.model import Calibration
from openrvu.valuation.rasch.tails import chi_squared, upper

MEDIAN, MEAN = "median", "mean"
FIRST = ("financial interest", "volume", "specialty")
SECOND = " in the second group"


@dataclass(frozen=True)
class Test:
    """statistic, df and p. p_is: asymptotic, or bootstrap with the number of draws that had an estimate. left_out:
    items that have no finite measure in some group."""

    name: str
    statistic: float
    df: int
    p: float
    p_is: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """One item in two groups. shift: how many logits harder it is in the second group than the others would have it.
    p: likelihood ratio; p_holm: adjusted over the items. size: negligible below 0.43 logits, large from 0.64 on (the
    ETS classes), where the shift is significant; else not significant."""

    item: str
    shift: float
    se: float
    statistic: float
    df: int
    p: float
    p_holm: float
    size: str


def by_score(given: Responses, where: str = MEDIAN) -> Ints:
    """(N,) 0 for persons up to the median (or mean) score among those who are not extreme, 1 above it.

    Needs complete answers: with others, scores of different items cannot be compared.
    """
    if not given.complete:
        raise BadInput("answers are missing, so scores do not split the persons", fix="Give the groups")
    if where not in (MEDIAN, MEAN):
        raise BadInput(f"no split {where!r}", exists=f"There are {MEDIAN} and {MEAN}")
    score = given.answers.sum(axis=1, dtype=np.int64)
    inner = score[(score > 0) & (score < sum(given.top))]
    if not inner.size:
        raise BadInput("all scores are extreme")
    cut = np.median(inner) if where == MEDIAN else inner.mean()
    return np.asarray(score > cut, dtype=np.int64)


def andersen(
    given: Responses,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    kind: str = "",
    draws: int = 0,
    rng: np.random.Generator | None = None,
) -> Test:
    """Andersen's likelihood-ratio test that the groups share their item measures.

    groups: (N,) a label a person; None: up to the median score, and above. Items without a finite measure in some group
    are left out of all. df: parameters of the groups less those of the whole.
    """
    kind = model.which(kind, given)
    fixed = None if groups is None else _labels(given, groups)
    statistic, df, left_out = _andersen(given, fixed, kind)

    def again(simulated: Responses) -> tuple[float, int]:
        return _andersen(simulated, fixed, kind)[:2]

    p, how = _p(statistic, df, given, kind, again, draws, rng)
    return Test("Andersen likelihood ratio", statistic, df, p, how, left_out)


def _andersen(given: Responses, label: Ints | None, kind: str) -> tuple[float, int, tuple[str, ...]]:
    label = by_score(given) if label is None else label
    part, left_out = _estimable(given, label, kind)
    return *_ratio(part, label, kind, cml.fit(part, kind)), left_out


def _ratio(part: Responses, label: Ints, kind: str, whole: Calibration) -> tuple[float, int]:
    fits = [cml.fit(part.persons(label == g), kind) for g in np.unique(label)]
    if any(len(one.items) < len(part.items) for one in fits):
        raise BadInput("an item has no finite measure in a group")
    statistic = 2 * (sum(one.log_likelihood for one in fits) - whole.log_likelihood)
    return max(statistic, 0.0), (len(fits) - 1) * whole.parameters


def _labels(given: Responses, groups: Sequence[Any] | NDArray[Any]) -> Ints:
    _, label = np.unique(np.asarray(groups), return_inverse=True)
    label = label.reshape(-1).astype(np.int64)
    if len(label) != len(given.answers):
        raise BadInput(f"{len(label)} labels of groups for {len(given.answers)} persons")
    if label.max() == 0:
        raise BadInput("one group alone", fix="Give labels of at least two groups")
    return label


def _estimable(given: Responses, label: Ints, kind: str) -> tuple[Responses, tuple[str, ...]]:
    """The items with a finite measure in every group."""
    keep = given
    while True:
        bad: set[str] = set()
        for g in np.unique(label):
            part = keep.persons(label == g)
            inner, dropped = links.without_extremes(part)
            bad |= {name for name, _ in dropped}
            if kind != model.RATING:
                bad |= set(links.with_empty_categories(inner))
        if not bad:
            break
        keep = keep.only([i for i, name in enumerate(keep.items) if name not in bad])
        if len(keep.items) < 2:
            raise BadInput("fewer than two items have a finite measure in every group", fix="Use larger groups")
    return keep, tuple(name for name in given.items if name not in keep.items)


def _p(
    statistic: float,
    df: int,
    given: Responses,
    kind: str,
    again: Callable[[Responses], tuple[float, int]],
    draws: int,
    rng: np.random.Generator | None,
) -> tuple[float, str]:
    """Asymptotic, or the share of simulated samples whose asymptotic p is as small: items left out may differ there."""
    shown = chi_squared(df, statistic)
    if not draws:
        return shown, "asymptotic"
    whole = cml.fit(given, kind)
    part = persons.matching(given, whole)
    found = []
    for answers in simulate.given_scores(part, whole, draws, rng or np.random.default_rng(1)):
        try:
            one, of = again(Responses(part.items, answers, part.top, part.weights))
            found.append(chi_squared(of, one))
        except OpenRVUError:
            continue  # this sample has no finite measures: it says nothing of the statistic
    if len(found) < 20:
        raise BadInput(f"{len(found)} of {draws} simulated samples have finite measures", fix="Use more respondents")
    return (1 + sum(one <= shown * (1 + 1e-9) for one in found)) / (1 + len(found)), f"bootstrap, {len(found)} draws"


def martin_loef(
    given: Responses,
    first: Sequence[str],
    kind: str = "",
    draws: int = 0,
    rng: np.random.Generator | None = None,
) -> Test:
    """Martin-Loef's test that two sets of items measure the same.

    first: names of the items of one set; the others are the second. Complete answers. df: combinations of the two
    scores less one less the scores. The asymptotic p needs many persons for each combination: prefer draws.
    """
    if not given.complete:
        raise BadInput("answers are missing", fix="Martin-Loef's test needs complete answers")
    unknown = [name for name in first if name not in given.items]
    if unknown:
        raise BadInput(f"no item {', '.join(unknown)}", exists=f"Items: {', '.join(given.items)}")
    kind = model.which(kind, given)
    statistic, df, left_out = _martin_loef(given, first, kind)

    def again(simulated: Responses) -> tuple[float, int]:
        return _martin_loef(simulated, first, kind)[:2]

    p, how = _p(statistic, df, given, kind, again, draws, rng)
    return Test("Martin-Loef", statistic, df, p, how, left_out)


def _martin_loef(given: Responses, first: Sequence[str], kind: str) -> tuple[float, int, tuple[str, ...]]:
    part, dropped = links.without_extremes(given)
    one = [i for i, name in enumerate(part.items) if name in first]
    two = [i for i, name in enumerate(part.items) if name not in first]
    if min(len(one), len(two)) < 2:
        raise BadInput("a set has fewer than two items with a finite measure")
    left, right = part.only(one), part.only(two)
    whole, *fits = (cml.fit(side, kind) for side in (part, left, right))
    if sum(len(f.items) for f in fits) < len(part.items):
        raise BadInput("an item has no finite measure in its set")
    w = part.weights
    r, s = (side.answers.sum(axis=1, dtype=np.int64) for side in (left, right))
    joint = _entropy(np.bincount(r * (s.max() + 1) + s, weights=w))
    total = _entropy(np.bincount(r + s, weights=w))
    statistic = 2 * (joint - total + sum(f.log_likelihood for f in fits) - whole.log_likelihood)
    return statistic, sum(left.top) * sum(right.top) - 1, tuple(name for name, _ in dropped)


def common_steps(given: Responses) -> Test:
    """Likelihood-ratio test of the rating scale (steps common to all items) against partial credit. Asymptotic.

    Raises EmptyCategory where partial credit has no finite thresholds: then nothing speaks against the rating scale
    yet.
    """
    free, common = cml.fit(given, model.PARTIAL), cml.fit(given, model.RATING)
    df = free.parameters - common.parameters
    if free.items != common.items or df <= 0:
        raise BadInput("nothing to test: two categories, or items without finite thresholds", fix=links.ADVICE)
    statistic = max(2 * (free.log_likelihood - common.log_likelihood), 0.0)
    return Test("rating scale against partial credit", statistic, df, chi_squared(df, statistic), "asymptotic")


def _entropy(n: Any) -> float:
    held = n[n > 0]
    return float(held @ np.log(held / held.sum()))


def differences(
    given: Responses, groups: Sequence[Any] | NDArray[Any], kind: str = "", stepwise: bool = True
) -> tuple[Difference, ...]:
    """Differential item functioning between two groups, an item at a time.

    Each item in turn has a measure (and thresholds) of its own in the second group, while the others keep theirs; the
    likelihood ratio against no difference has as many df as the item has thresholds. stepwise: the worst item, if
    significant, is parted for good before the others are looked at again, so that one item's real difference does not
    appear in the others with the sign reversed. groups: (N,) two labels; the second in order is the one that shifts are
    of. Items without a finite measure in a group come with nan.
    """
    label = _labels(given, groups)
    if label.max() > 1:
        raise BadInput(f"{label.max() + 1} groups", fix="Compare two at a time")
    kind = model.which(kind, given)
    base, _ = links.without_extremes(given)
    todo, order = list(base.items), base.items
    settled: dict[str, Difference] = {}
    while todo:
        whole = cml.fit(base, kind)
        found = {name: _parted(base, name, label, kind, whole) for name in todo}
        adjusted = holm(np.array([found[name][3] for name in todo]))
        for name, p_holm in zip(todo, adjusted, strict=True):
            shift, se, ratio, p = found[name]
            df = 1 if kind == model.RATING else given.top[given.items.index(name)]
            settled[name] = Difference(name, shift, se, ratio, df, p, float(p_holm), _size(shift, float(p_holm)))
        worst = min(todo, key=lambda name: settled[name].p if math.isfinite(settled[name].p) else 2.0)
        if not stepwise or not settled[worst].p_holm < 0.05 or len(todo) < 3:
            break
        todo.remove(worst)
        base = _part(base, worst, label)
    return tuple(settled[name] for name in order)


def _parted(
    base: Responses, name: str, label: Ints, kind: str, whole: Calibration
) -> tuple[float, float, float, float]:
    """Shift, its standard error, likelihood ratio and p of one item; nan where it has no finite measure in a group."""
    try:
        fitted = cml.fit(_part(base, name, label), kind)
        shift, se = fitted.contrast(f"{name}{SECOND}", name)
    except (OpenRVUError, ValueError):
        return math.nan, math.nan, math.nan, math.nan
    ratio = 2 * (fitted.log_likelihood - whole.log_likelihood)
    return shift, se, ratio, chi_squared(fitted.parameters - whole.parameters, max(ratio, 0.0))


def _part(base: Responses, name: str, label: Ints) -> Responses:
    """The item as two: one for each group."""
    i = base.items.index(name)
    answers = np.column_stack([base.answers, base.answers[:, i]])
    answers[label == 1, i] = MISSING
    answers[label == 0, -1] = MISSING
    return Responses((*base.items, f"{name}{SECOND}"), answers, (*base.top, base.top[i]), base.weights)


SECOND = " in the second group"


def differences_by(
    given: Responses, attributes: Mapping[str, Sequence[Any] | NDArray[Any]], kind: str = ""
) -> dict[str, tuple[Difference, ...]]:
    """`differences` by each attribute of the persons: financial interest, volume and specialty first.

    attributes: name -> (N,) two labels each. p_holm is within an attribute.
    """
    order = [*(one for one in FIRST if one in attributes), *(one for one in attributes if one not in FIRST)]
    return {name: differences(given, attributes[name], kind) for name in order}


def _size(shift: float, p: float) -> str:
    if not math.isfinite(shift):
        return "no finite measure in a group"
    if p >= 0.05:
        return "not significant"
    return "large" if abs(shift) >= 0.64 else "moderate" if abs(shift) >= 0.43 else "negligible"


def wald(
    given: Responses, groups: Sequence[Any] | NDArray[Any] | None = None, kind: str = ""
) -> tuple[tuple[str, float, float], ...]:
    """Item, z and two-sided p of the difference of its measures in two groups, each set of measures summing to zero."""
    label = by_score(given) if groups is None else _labels(given, groups)
    if label.max() > 1:
        raise BadInput(f"{label.max() + 1} groups", fix="Compare two at a time")
    kind = model.which(kind, given)
    part, _ = _estimable(given, label, kind)
    a, b = (cml.fit(part.persons(label == g), kind) for g in (0, 1))
    z = (a.measures - b.measures) / np.sqrt(a.se**2 + b.se**2)
    return tuple((name, float(one), 2 * upper(abs(float(one)))) for name, one in zip(part.items, z, strict=True))


def holm(p: Floats) -> Floats:
    """Holm-adjusted p-values; nan stays nan.

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(np.where(np.isnan(p), np.inf, p))
    n = int(np.isfinite(p).sum())
    found = np.full(len(p), np.nan)
    largest = 0.0
    for rank, at in enumerate(order[:n]):
        largest = max(largest, min(1.0, float(p[at]) * (n - rank)))
        found[at] = largest
    return found
