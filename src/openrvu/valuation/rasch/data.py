"""Answers as a matrix of persons by items, and what the Rasch family needs of it: who answered which items, with what
score.

Given the items answered, the sum score holds all that the answers say of the person (Rasch 1960), so that the cost of a
fit grows with the distinct pairs of (items answered, score) and not with persons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrvu.errors import BadInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MISSING = -1
HIGHEST = 100  # categories beyond 0: more is a count, not a rating

_EMPTY = ("", "na", "nan", "none", ".")


@dataclass(frozen=True, eq=False)
class Responses:
    """items: (k,) names. answers: (N, k) int8, 0 to top, MISSING where not answered. top: (k,) the highest category.
    weights: (N,) how often each row counts."""

    items: tuple[str, ...]
    answers: NDArray[np.int8]
    top: tuple[int, ...]
    weights: Floats

    @property
    def complete(self) -> bool:
        """Whether every person answered every item."""
        return bool(self.answers.min(initial=0) >= 0)

    def only(self, keep: Sequence[int]) -> Responses:
        """The same persons on some of the items."""
        items, top = tuple(self.items[i] for i in keep), tuple(self.top[i] for i in keep)
        return replace(self, items=items, answers=np.ascontiguousarray(self.answers[:, list(keep)]), top=top)

    def persons(self, rows: Any) -> Responses:
        """Some of the persons, on the same items and categories."""
        return replace(self, answers=self.answers[rows], weights=self.weights[rows])


@dataclass(frozen=True, eq=False)
class Cells:
    """Distinct pairs of (items answered, score).

    masks: (G, k) sets of items answered. group, score, weight: (U,) a pair each. of: (N,) the pair of each person.
    highest: (G,) the largest possible score of each set.
    """

    masks: Bools
    group: Ints
    score: Ints
    weight: Floats
    of: Ints
    highest: Ints

    @property
    def extreme(self) -> Bools:
        """(U,): nothing answered, a score of zero or the largest possible: no finite measure of the person."""
        found: Bools = (self.score == 0) | (self.score == self.highest[self.group])
        return found


def responses(
    table: Any, items: Sequence[str] = (), top: Sequence[int] = (), weights: Sequence[float] | Floats | None = None
) -> Responses:
    """Reads a matrix of persons by items.

    table: (N, k) whole numbers from 0 on; None, nan or an empty text where not answered. items: names, else item 1 to
    k. top: highest category of each item, else the highest seen. weights: one number above zero a person, else 1.
    Raises BadInput with row and column for text, fractions and negative numbers, and for fewer than two persons or
    items.

    >>> r = responses([[0, 1], [1, None], [1, 0]])
    >>> r.items, r.answers.tolist(), r.top
    (('item 1', 'item 2'), [[0, 1], [1, -1], [1, 0]], (1, 1))
    """
    found = _whole(table, tuple(items))
    n, k = found.shape
    if n < 2:
        raise BadInput(
            f"{n} respondent{'s' * (n != 1)}", fix="Measures need at least two, and many more to be worth it"
        )
    if k < 2:
        raise BadInput(f"{k} item{'s' * (k != 1)}", fix="An item is measured against others: give at least two")
    names = tuple(str(one) for one in items) or tuple(f"item {i + 1}" for i in range(k))
    if len(names) != k or len(set(names)) != k:
        raise BadInput(f"{len(names)} names, {len(set(names))} of them distinct, for {k} items")
    seen = found.max(axis=0)
    highest = seen if not len(top) else np.asarray(top)
    if len(highest) != k or (highest < seen).any():
        raise BadInput("the highest category given is below one that was answered, or not one an item")
    if (highest < 1).any():
        bad = [names[i] for i in np.flatnonzero(highest < 1)]
        raise BadInput(
            f"only zeros, or no answer at all: {', '.join(bad)}", fix="Leave the item out, or give its highest category"
        )
    return Responses(names, found, tuple(int(t) for t in highest), _weights(weights, n))


def cells(given: Responses) -> Cells:
    """The distinct pairs of (items answered, score) among the persons."""
    answers, top = given.answers, np.array(given.top)
    n, k = answers.shape
    if given.complete:
        score = row_sums(answers)
        group = np.zeros(n, dtype=np.int64)
        masks = np.ones((1, k), dtype=bool)
    else:
        answered = answers >= 0
        masks, group = distinct(answered)
        score = row_sums(np.maximum(answers, 0))
    wide = int(top.sum()) + 1
    key = group * wide + score
    weight: Any = np.bincount(key, weights=given.weights, minlength=len(masks) * wide)
    held = np.flatnonzero(np.bincount(key, minlength=len(masks) * wide))
    place = np.zeros(len(weight), dtype=np.int64)
    place[held] = np.arange(len(held))
    return Cells(
        masks,
        held // wide,
        held % wide,
        weight[held],
        place[key],
        np.asarray(masks @ top.astype(np.int64), dtype=np.int64),
    )


def distinct(rows: Bools) -> tuple[Bools, Ints]:
    """The distinct rows of a table of yes and no, and which of them each row is."""
    n = len(rows)
    packed = np.packbits(rows, axis=1)
    wide = -(-packed.shape[1] // 8) * 8
    words = np.zeros((n, wide), dtype=np.uint8)
    words[:, : packed.shape[1]] = packed
    long = words.view(np.uint64)
    odd = np.random.default_rng(0).integers(1, 2**62, size=long.shape[1], dtype=np.uint64) * 2 + 1
    odd[0] = 1  # one word alone is its own key
    key = (long * odd).sum(axis=1, dtype=np.uint64)
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    found = rows[first]
    if long.shape[1] > 1 and not (found[which] == rows).all():  # two rows with one key: never seen, and not relied upon
        found, which = np.unique(rows, axis=0, return_inverse=True)
    return found, which.reshape(-1).astype(np.int64)


def counts(given: Responses) -> Floats:
    """(k, m + 1): how often, by weight, each category of each item was answered; m: the highest of all items."""
    m = max(given.top)
    plain = bool((given.weights == 1).all())
    found = np.zeros((len(given.items), m + 1))
    for c in range(1, m + 1):
        here = given.answers == c
        found[:, c] = column_counts(here) if plain else given.weights @ here
    if given.complete:
        found[:, 0] = given.weights.sum() - found.sum(axis=1)
    else:
        none = given.answers == 0
        found[:, 0] = column_counts(none) if plain else given.weights @ none
    return found


def row_sums(answers: NDArray[np.int8]) -> Ints:
    """(N,) sums of the rows: as small floats, portion by portion, several times quicker than adding whole numbers."""
    one = np.ones(answers.shape[1], dtype=np.float32)
    found = np.empty(len(answers), dtype=np.int64)
    for low in range(0, len(answers), 4096):
        part = answers[low : low + 4096]
        found[low : low + 4096] = part.astype(np.float32) @ one  # exact: far below 2^24
    return found


def column_counts(hits: Bools) -> Ints:
    """(k,) how often each column is true: in bytes over 255 rows at a time."""
    n, k = hits.shape
    whole = n - n % 255
    byte = hits.view(np.uint8)
    found: Ints = byte[whole:].sum(axis=0, dtype=np.int64)
    if whole:
        found = found + byte[:whole].reshape(-1, 255, k).sum(axis=1, dtype=np.uint8).sum(axis=0, dtype=np.int64)
    return found


def _weights(weights: Sequence[float] | Floats | None, n: int) -> Floats:
    if weights is None:
        return np.ones(n)
    found = np.asarray(weights, dtype=float)
    if found.shape != (n,) or not np.isfinite(found).all() or (found <= 0).any():
        raise BadInput("weights are not one number above zero a respondent", fix="Give weights, or none")
    return found


def _whole(table: Any, items: tuple[str, ...]) -> NDArray[np.int8]:
    """(N, k) int8 with MISSING, or BadInput at the first cell that is none."""
    raw = table if isinstance(table, np.ndarray) else np.array(_even(table), dtype=object)
    if raw.ndim != 2:
        raise BadInput("answers are no table of persons by items", exists=f"Shape given: {raw.shape}")
    if raw.dtype.kind in "biu":
        number: Any = raw
    else:
        number = raw.astype(float) if raw.dtype.kind == "f" else _numbers(raw, items)
        missing = np.isnan(number)
        number = np.where(missing, 0, number)
        _refuse(~np.isfinite(number) | (number != np.floor(number)), raw, "is not a whole number", items)
    _refuse(number < 0, raw, "is negative: leave a cell empty where there is no answer", items)
    _refuse(number > HIGHEST, raw, f"is above {HIGHEST}", items)
    found: NDArray[np.int8] = np.ascontiguousarray(number, dtype=np.int8)
    if raw.dtype.kind not in "biu":
        found[missing] = MISSING
    return found


def _even(table: Any) -> list[list[Any]]:
    rows = [list(row) for row in table]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise BadInput(f"{len(row)} answers where the first row has {len(rows[0])}", where=f"row {number}")
    return rows or [[]]


def _numbers(raw: NDArray[Any], items: tuple[str, ...]) -> Floats:
    found = np.full(raw.shape, np.nan)
    for (row, column), cell in np.ndenumerate(raw):
        if cell is None or (isinstance(cell, str) and cell.strip().casefold() in _EMPTY):
            continue
        try:
            found[row, column] = float(cell)
        except (TypeError, ValueError):
            raise BadInput(
                f"{cell!r} is no answer",
                where=_place(row, column, items),
                exists=f"Accepted: whole numbers from 0 to {HIGHEST}, or empty",
                fix="Correct the cell, or leave it empty",
            ) from None
    return found


def _refuse(bad: Any, raw: NDArray[Any], why: str, items: tuple[str, ...]) -> None:
    if bad.any():
        row, column = (int(one) for one in np.argwhere(bad)[0])
        raise BadInput(f"{raw[row, column]} {why}", where=_place(row, column, items))


def _place(row: int, column: int, items: tuple[str, ...]) -> str:
    name = items[column] if column < len(items) else f"column {column + 1}"
    return f"row {row + 1}, {name}"
