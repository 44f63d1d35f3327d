"""The steps that a rule is made of, as data: what any engine must be able to do, and nothing else.

Five kinds: look up a row by equal keys, compute a column, rank lines within a group, take the largest or the sum within
a group, and add up the lines before. A step may write a column again; later steps then read the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openrvu.rules.formula import Formula


@dataclass(frozen=True)
class Lookup:
    """The row of a table whose keys are equal, at most one.

    keys: pairs of a key column of the table and the formula it must equal. take: pairs of a column of the table and the
    name it gets. found: column that says 1 where a row was found, else 0; the columns taken are then zero or empty.
    """

    table: str
    keys: tuple[tuple[str, Formula], ...]
    take: tuple[tuple[str, str], ...]
    found: str


@dataclass(frozen=True)
class Compute:
    """A column by formula."""

    column: str
    formula: Formula


@dataclass(frozen=True)
class Rank:
    """1, 2, 3 ... within a group, largest `by` first, equal ones in the order of line_id; 0 where `among` is false."""

    column: str
    within: tuple[str, ...]
    by: Formula
    among: Formula


@dataclass(frozen=True)
class Group:
    """The largest (`max`) or the sum (`sum`) of a number over the lines of a group for which `among` is true, written
    to every line of the group; 0 where there are none."""

    column: str
    how: str
    of: Formula
    within: tuple[str, ...]
    among: Formula


@dataclass(frozen=True)
class Running:
    """The sum of a number over the lines of a group for which `among` is true and that stand before this one, in the
    order of line_id; 0 where `among` is false."""

    column: str
    of: Formula
    within: tuple[str, ...]
    among: Formula


Step = Lookup | Compute | Rank | Group | Running


@dataclass(frozen=True)
class Seed:
    """A table that rules look up in: small or large, whole numbers and texts only, no nulls.

    columns: name to type, keys among them; `keys` name a row. rows: every row, in the order of columns, for engines
    that join. one: the row of some keys, for one line at a time; None where there is none.
    """

    name: str
    keys: tuple[str, ...]
    columns: Mapping[str, type]
    rows: Callable[[], Iterable[tuple[int | str, ...]]] = field(repr=False)
    one: Callable[[tuple[Any, ...]], Mapping[str, int | str] | None] = field(repr=False)

    @property
    def missing(self) -> dict[str, int | str]:
        """What a lookup takes where no row is found: zero, or an empty text."""
        return {name: "" if kind is str else 0 for name, kind in self.columns.items()}


@dataclass(frozen=True)
class Rule:
    """One rule of payment. says: what it does, in our words. sources: ids. money: the column of cents that it writes,
    empty for a rule that changes no amount."""

    name: str
    says: str
    steps: tuple[Step, ...]
    sources: tuple[str, ...]
    money: str = ""
