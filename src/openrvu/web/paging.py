"""Long lists in pages. A cursor is the key of the last row shown, so that rows added meanwhile disturb nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from openrvu.errors import BadInput


@dataclass(frozen=True)
class Cut:
    """One page. total: rows of the whole list. following: the cursor of the next page, None after the last."""

    rows: tuple[Any, ...]
    total: int
    following: str | None


def cut(rows: Sequence[Any], key: Callable[[Any], str], limit: int, cursor: str) -> Cut:
    """The rows after the one that a cursor names, at most `limit`. Raises BadInput for a cursor that is none.

    >>> first = cut(["a", "b", "c"], str, 2, "")
    >>> first.rows, cut(["a", "b", "c"], str, 2, first.following).rows
    (('a', 'b'), ('c',))
    """
    start = _after(rows, key, cursor) if cursor else 0
    kept = tuple(rows[start : start + limit])
    more = start + limit < len(rows)
    return Cut(kept, len(rows), _written(key(kept[-1])) if more else None)


def _written(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _after(rows: Sequence[Any], key: Callable[[Any], str], cursor: str) -> int:
    try:
        wanted = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return next(at for at, row in enumerate(rows) if key(row) == wanted) + 1
    except (binascii.Error, UnicodeError, StopIteration, ValueError):
        raise BadInput(
            "the cursor is none of this list", fix="Take `next` of the page before, or leave it out"
        ) from None
