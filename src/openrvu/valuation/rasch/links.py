"""Whether finite estimates exist: items that everybody answers alike, categories that nobody used, items that no
answers link.

Finite conditional estimates of dichotomous items exist if and only if the items cannot be parted into two sets such
that nobody who missed an item of one got one of the other: Fischer 1981, Psychometrika 46:59.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openrvu.errors import BadInput
from openrvu.valuation.rasch.data import MISSING, Bools, Cells, Floats, Ints, Responses, counts

ADVICE = "Leave the item out, collect more answers, or ask for a penalty (a normal prior of a stated SD)"


class Unlinked(BadInput):
    """The answers do not link all items: no finite measures on one scale."""

    kind = "unlinked"


class EmptyCategory(BadInput):
    """A category between others that nobody used: no finite threshold."""

    kind = "empty-category"


def has_extremes(used: Floats, held: Cells, top: tuple[int, ...]) -> bool:
    """Whether an item has one extreme answer from all persons who tell items apart. used: (k, m + 1) counts."""
    masks = held.masks[held.group]
    low = (held.weight * (held.score == 0)) @ masks
    high = (held.weight * (held.score == held.highest[held.group])) @ masks
    total, rows = used.sum(axis=1), np.arange(len(top))
    inner = total - low - high
    near = 1e-9 * np.maximum(total, 1.0)
    found = (used[:, 0] - low >= inner - near) | (used[rows, np.array(top)] - high >= inner - near)
    return bool(found.any())


def without_extremes(given: Responses) -> tuple[Responses, tuple[tuple[str, str], ...]]:
    """The items that have a finite measure, and the others with the reason.

    Leaving an item out can make persons extreme, whose answers then say nothing of the others: repeated until it holds.
    Raises BadInput where fewer than two items are left.
    """
    keep = list(range(len(given.items)))
    dropped: list[tuple[str, str]] = []
    while True:
        inner = _informative(given, keep)
        low = ((inner == 0) | (inner == MISSING)).all(axis=0)
        high = ((inner == np.array(given.top)[keep]) | (inner == MISSING)).all(axis=0)
        bad = [(i, at) for at, i in enumerate(keep) if low[at] or high[at]]
        if not bad:
            break
        for i, at in bad:
            if low[at] and high[at]:
                why = "answered by nobody who tells items apart"
            else:
                why = "the lowest answer from everybody" if low[at] else "the highest answer from everybody"
            dropped.append((given.items[i], why))
        keep = [i for i in keep if i not in {i for i, _ in bad}]
    if len(keep) < 2:
        said = "; ".join(f"{name}: {why}" for name, why in dropped) or "no item"
        raise BadInput(
            f"fewer than two items have a finite measure ({said})",
            fix="All answers are extreme: collect more, or others",
        )
    return (given.only(keep) if dropped else given), tuple(dropped)


def _informative(given: Responses, keep: list[int]) -> NDArray[np.int8]:
    """Answers of the persons whose score on the kept items is neither zero nor the largest possible."""
    answers = given.answers[:, keep] if len(keep) < len(given.items) else given.answers
    top = np.array(given.top)[keep]
    if answers.size and answers.min() >= 0:
        score, highest = answers.sum(axis=1, dtype=np.int64), int(top.sum())
        return answers if ((score > 0) & (score < highest)).all() else answers[(score > 0) & (score < highest)]
    answered = answers != MISSING
    score = np.where(answered, answers, 0).sum(axis=1, dtype=np.int64)
    inner: NDArray[np.int8] = answers[(score > 0) & (score < answered @ top)]
    return inner


def check(given: Responses, common_steps: bool, used: Floats | None = None) -> None:
    """Raises Unlinked or EmptyCategory where no finite estimate exists, naming the items at fault."""
    check_categories(given, common_steps, used)
    linked(given)


def check_categories(given: Responses, common_steps: bool, used: Floats | None = None) -> None:
    """Raises EmptyCategory where a category was used by nobody (common_steps: on no item). used: counts, if at hand."""
    used = counts(given) if used is None else used
    if common_steps:
        empty = [str(c) for c in range(max(given.top) + 1) if not used[:, c].sum()]
        said = [f"category {', '.join(empty)} of the scale"] if empty else []
    else:
        said = [
            f"category {c} of {name}"
            for i, (name, t) in enumerate(zip(given.items, given.top, strict=True))
            for c in range(t + 1)
            if not used[i, c]
        ]
    if said:
        more = f" and {len(said) - 6} more" if len(said) > 6 else ""
        raise EmptyCategory(
            f"nobody used {'; '.join(said[:6])}{more}",
            fix="Join it with a neighbour, use the rating scale, or ask for a penalty (a normal prior of a stated SD)",
        )


def with_empty_categories(given: Responses) -> tuple[str, ...]:
    """Items with a category that nobody used."""
    used = counts(given)
    return tuple(
        name for i, (name, t) in enumerate(zip(given.items, given.top, strict=True)) if (used[i, : t + 1] == 0).any()
    )


def linked(given: Responses) -> None:
    """Raises Unlinked where the items fall into groups that the answers do not link both ways."""
    label = parts(_edges(given))
    if not label.any():
        return
    sizes = np.bincount(label)
    largest = int(sizes.argmax())
    apart = [name for name, one in zip(given.items, label, strict=True) if one != largest]
    groups = [
        f"[{', '.join(name for name, one in zip(given.items, label, strict=True) if one == g)}]"
        for g in np.argsort(-sizes)[:6]
    ]
    more = f" and {len(apart) - 8} more" if len(apart) > 8 else ""
    raise Unlinked(
        f"the answers do not link {', '.join(apart[:8])}{more} both ways with the other items",
        exists=f"Linked: {' '.join(groups)}",
        fix=ADVICE,
    )


def parts(edges: Bools) -> Ints:
    """(k,) a number from 0 for each set of nodes that reach each other both ways; all 0 where there is one set."""
    k = len(edges)
    reach = edges | np.eye(k, dtype=bool)
    while True:
        further = (reach.astype(np.float32) @ reach.astype(np.float32)) > 0
        if (further == reach).all():
            break
        reach = further
    first = (reach & reach.T).argmax(axis=1)
    found: Ints = np.unique(first, return_inverse=True)[1].reshape(-1)
    return found


def _edges(given: Responses) -> Bools:
    """(k, k): whether some person could have given a step on the first item for one on the second."""
    found = np.eye(len(given.items), dtype=bool)
    top = np.array(given.top, dtype=np.int8)
    at, step = 0, 256  # a few persons are mostly enough
    while at < len(given.answers):
        part = given.answers[at : at + step]
        at, step = at + step, min(4 * step, 20_000)
        gives = (part > 0).astype(np.float32)
        takes = ((part != MISSING) & (part < top)).astype(np.float32)
        found |= (gives.T @ takes) > 0
        if found.all():
            break
    return found
