"""A table with one line of column names and rows below it, each cell under its name: the plain form of a file.

However it was saved is `grid`'s affair; what a survey programme puts above its rows is for `surveydata`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openrvu.errors import BadFile
from openrvu.valuation.grid import Grid, grid, read_bytes

__all__ = ["Sheet", "parse", "read_bytes", "under_names"]


@dataclass(frozen=True)
class Sheet:
    """A table of text. head: column names as written. rows: (line number in the file, cells), as many cells as the
    head.

    remarks: lines beginning with # that stand before the head, without the sign.
    """

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    remarks: tuple[str, ...]
    head_line: int


def parse(data: bytes, name: str) -> Sheet:
    """A sheet from bytes. Raises BadFile for an empty file, a head without names, ragged rows, or too much of anything.

    >>> parse(b"item;less;equal;greater\\r\\n63047;1;2;3\\r\\n", "x.csv").rows
    ((2, ('63047', '1', '2', '3')),)
    """
    return under_names(grid(data, name))


def under_names(found: Grid) -> Sheet:
    """The first row as names, the others below it. Raises BadFile as `parse`."""
    head_line, names = found.rows[0]
    _check_head(names, found.name, head_line)
    rows = tuple((line, _cells(cells, len(names), f"{found.name}, line {line}")) for line, cells in found.rows[1:])
    if not rows:
        raise BadFile("there are column names and no rows", where=found.name, exists=f"Columns: {', '.join(names)}")
    return Sheet(found.name, names, rows, found.remarks, head_line)


def _check_head(names: Sequence[str], name: str, line: int) -> None:
    where = f"{name}, line {line}"
    empty = [i for i, cell in enumerate(names, 1) if not cell]
    if empty:
        raise BadFile(f"column {empty[0]} has no name", where=where, fix="Name every column, or take it out")
    lower = [cell.casefold() for cell in names]
    twice = sorted({cell for cell in names if lower.count(cell.casefold()) > 1})
    if twice:
        raise BadFile(f"column {twice[0]!r} is there twice", where=where, fix="Rename or remove one")


def _cells(cells: Sequence[str], width: int, where: str) -> tuple[str, ...]:
    if len(cells) > width:
        raise BadFile(f"{len(cells)} cells under {width} column names", where=where, fix="Check separators and quotes")
    return (*cells, *[""] * (width - len(cells)))
