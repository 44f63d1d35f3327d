"""What a dossier is made of: frozen blocks of text, figures, tables and charts, each naming its sources.

Blocks hold text that is ready to print and never markup; the renderers decide how it looks. `type` names the block in
JSON and picks the macro of the template.

>>> Table("Work RVU", (Column("Code"), Column("Work", "RVU", "right")), (Row(("63047", "15.37"), ("rvu25d",)),)).type
'table'
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from openrvu.sources import Source

Align = Literal["left", "right", "whole"]
Tone = Literal["guard", "warning", "missing", "coverage", "simulated"]

# How each tone of a notice is announced, on every output.
TONES: Mapping[Tone, str] = {
    "guard": "Guard",
    "warning": "Warning",
    "missing": "Not held",
    "coverage": "Coverage first",
    "simulated": "SIMULATED",
}


@dataclass(frozen=True)
class Paragraph:
    """Plain text. role: body, lead (larger), note (smaller), equation, or subhead (a heading inside a section)."""

    text: str
    sources: tuple[str, ...] = ()
    role: Literal["body", "lead", "note", "equation", "subhead"] = "body"
    type: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True)
class Item:
    """One entry of a list: an optional term, printed bold, and its text."""

    text: str
    term: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bullets:
    """A list; `ordered` numbers it."""

    items: tuple[Item, ...]
    ordered: bool = False
    type: Literal["bullets"] = "bullets"


@dataclass(frozen=True)
class Figure:
    """One key figure: what it is, the value as text, its unit, and what limits it."""

    label: str
    value: str
    unit: str = ""
    detail: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeyFigures:
    """A few figures that a reader must see first."""

    items: tuple[Figure, ...]
    type: Literal["figures"] = "figures"


@dataclass(frozen=True)
class Column:
    """One column of a table: label, unit (empty where the cells are words or say it), alignment.

    right: figures. whole: words or dates that are never broken over two lines.
    """

    label: str
    unit: str = ""
    align: Align = "left"


@dataclass(frozen=True)
class Row:
    """One row of a table, cells as text; the first cell names the row. strong: the row that the dossier is about."""

    cells: tuple[str, ...]
    sources: tuple[str, ...] = ()
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """A table. sources: of the table as a whole; rows may name their own as well. notes: printed below it."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    type: Literal["table"] = "table"


@dataclass(frozen=True)
class Chart:
    """A drawing and the same figures as a table.

    spec, narrow: Vega-Lite for a page and for a phone. alt: what the drawing shows, in words. caption: printed below.
    labelled: every value is printed in the drawing or in a table beside it, so that paper does not repeat it.
    """

    title: str
    alt: str
    spec: Mapping[str, Any]
    narrow: Mapping[str, Any]
    table: Table
    caption: str = ""
    sources: tuple[str, ...] = ()
    labelled: bool = False
    type: Literal["chart"] = "chart"


@dataclass(frozen=True)
class Notice:
    """Something that must not be overlooked: a guard that fires, a warning, a part for which nothing is held.

    concerns: the value it is about. fix: what to do about it.
    """

    tone: Tone
    title: str
    text: str
    fix: str = ""
    concerns: str = ""
    sources: tuple[str, ...] = ()
    type: Literal["notice"] = "notice"


@dataclass(frozen=True)
class Card:
    """One checked claim: what is said, the verdict, why, and the figures of the check."""

    title: str
    verdict: str
    text: str
    figures: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cards:
    """The verdicts on the claims of one statement."""

    items: tuple[Card, ...]
    type: Literal["cards"] = "cards"


@dataclass(frozen=True)
class Citation:
    """One numbered source, as printed in the last section."""

    number: int
    source: Source


@dataclass(frozen=True)
class SourceList:
    """The numbered sources; the only block that carries links."""

    items: tuple[Citation, ...]
    type: Literal["sources"] = "sources"


Block = Paragraph | Bullets | KeyFigures | Table | Chart | Notice | Cards | SourceList


@dataclass(frozen=True)
class Section:
    """One part of the dossier. id: the anchor, stable. sheet: starts on a new page in print and fills one page."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    sheet: bool = False


@dataclass(frozen=True)
class Dossier:
    """All that is held about one code, or about one survey of it, ready to render.

    first: the answer in one sentence, coverage before any figure; second: what follows it, or empty. answer: the same
    in under ten lines, for a terminal. sources: numbered in the order in which the blocks cite them. foot: release,
    date, place, run id and the notices, as in answers.foot. kind: what it is called. label: what every page must say
    (SIMULATED), or empty.
    """

    code: str
    title: str
    summary: str
    first: str
    second: str
    answer: tuple[str, ...]
    sections: tuple[Section, ...]
    sources: tuple[Citation, ...]
    foot: Mapping[str, str] = field(default_factory=dict)
    kind: str = "dossier"
    label: str = ""

    @property
    def numbers(self) -> dict[str, int]:
        """The number printed for each source id."""
        return {citation.source.id: citation.number for citation in self.sources}


def runs(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Source numbers in order, those that follow each other as one run (first, last): printed as 9–19.

    >>> runs([7, 9, 11, 10, 3, 7])
    ((3, 3), (7, 7), (9, 11))
    """
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


def cited(value: Any) -> Iterator[str]:
    """Every source id that a block, or whatever holds blocks, names, in reading order; repeats included.

    >>> list(cited((Paragraph("a", ("one",)), Table("t", (), (Row((), ("two",)),), ("one",)))))
    ['one', 'one', 'two']
    """
    if isinstance(value, tuple):
        for item in value:
            yield from cited(item)
    elif is_dataclass(value) and not isinstance(value, (type, Source)):
        yield from getattr(value, "sources", ())
        for part in fields(value):
            if part.name != "sources":
                yield from cited(getattr(value, part.name))
