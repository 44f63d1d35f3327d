"""Text in fixed columns: a record is cut at the positions of CMS's layout, and what lies between them must be blank.

>>> from openrvu.tables.text import decode
>>> layout = (Field("state", 1, 2), Field("zip", 4, 8))
>>> text = decode(b"OH 43215\\nOH43215\\n", "z.txt")
>>> [cells(text, line, layout) for line in islice(raw_lines(text), 1)]
[['OH', '43215']]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from openrvu.errors import BadFile
from openrvu.tables.text import FETCH_AGAIN, Text, place


@dataclass(frozen=True)
class Field:
    """One column of a layout: its name and its first and last position, counted from 1. No name: not kept."""

    name: str
    first: int
    last: int


class Raw(NamedTuple):
    """One line as it stands, without its break, and its number."""

    number: int
    body: str


def raw_lines(text: Text) -> Iterator[Raw]:
    """The lines of a text, split at line feeds alone: a form feed or Ctrl-Z inside one is no end of line."""
    start, number = 0, 0
    while start < len(text.body):
        stop = text.body.find("\n", start)
        stop, number = len(text.body) if stop < 0 else stop, number + 1
        yield Raw(number, text.body[start:stop].removesuffix("\r"))
        start = stop + 1


def first_lines(text: Text, count: int = 40) -> list[Raw]:
    """The first lines, by which a file is recognised."""
    return [Raw(at, body.rstrip("\r")) for at, body in enumerate(islice(text.body[:20_000].split("\n"), count), 1)]


def cells(text: Text, line: Raw, layout: Sequence[Field]) -> list[str]:
    """The cells of a record, stripped. Raises BadFile for a short record, and for one with characters between the
    columns or behind the last: its columns are shifted."""
    body, last = line.body, layout[-1].last
    if len(body) < last:
        cut = "; it may be cut off, for the file has no last line break" if not text.ended else ""
        what = f"the record has {len(body)} characters, and the layout at least {last}{cut}"
        raise BadFile(what, where=place(text, line.number, f"{len(body) + 1}"), fix=FETCH_AGAIN)
    found, at = [], 0
    for field in layout:
        if not body[at : field.first - 1].isspace() and field.first - 1 > at:
            _shifted(text, line, at, field.first - 1)
        if field.name:
            found.append(body[field.first - 1 : field.last].strip())
        at = field.last
    if body[last:].strip():
        _shifted(text, line, last, len(body))
    return found


def _shifted(text: Text, line: Raw, start: int, stop: int) -> None:
    at = next(at for at in range(start, stop) if not line.body[at].isspace())
    raise BadFile(
        f"{line.body[at:stop].strip()[:20]!r} stands between the columns of the layout: the columns are shifted",
        where=place(text, line.number, f"position {at + 1}"),
        fix="Load CMS's own file. If CMS changed the layout, openrvu needs the new one",
    )
