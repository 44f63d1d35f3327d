"""Formulas as data: a small tree over named columns, read by each engine in its own way.

A formula is whole numbers, texts and truths, with `+ - * // %`, comparisons, `& | ~`, `where`, `least` and `greatest`.
`//` and `%` are for numbers that are not below zero. No null reaches a formula: a lookup that finds nothing gives zero
or an empty text and says so in its `found` column.

>>> fee = where(col("status").eq("priced"), units.half_up_plain(col("fee_cents") * 5000, 10_000), 0)
>>> sorted(columns(fee))
['fee_cents', 'status']
>>> as_python(fee)
"((((row['fee_cents'] * 5000) + 5000) // 10000) if (row['status'] == 'priced') else 0)"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from openrvu import units

Value = int | str | bool


@dataclass(frozen=True, eq=False)
class Formula:
    """One node. op: col, lit, an operator, where, least, greatest or in. args: what it works on."""

    op: str
    args: tuple[Formula | Value, ...]

    def __add__(self, other: Formula | int) -> Formula:
        return Formula("+", (self, other))

    def __radd__(self, other: int) -> Formula:
        return Formula("+", (other, self))

    def __sub__(self, other: Formula | int) -> Formula:
        return Formula("-", (self, other))

    def __rsub__(self, other: int) -> Formula:
        return Formula("-", (other, self))

    def __mul__(self, other: Formula | int) -> Formula:
        return Formula("*", (self, other))

    def __rmul__(self, other: int) -> Formula:
        return Formula("*", (other, self))

    def __floordiv__(self, other: Formula | int) -> Formula:
        return Formula("//", (self, other))

    def __mod__(self, other: Formula | int) -> Formula:
        return Formula("%", (self, other))

    def __lt__(self, other: Formula | int) -> Formula:
        return Formula("<", (self, other))

    def __le__(self, other: Formula | int) -> Formula:
        return Formula("<=", (self, other))

    def __gt__(self, other: Formula | int) -> Formula:
        return Formula(">", (self, other))

    def __ge__(self, other: Formula | int) -> Formula:
        return Formula(">=", (self, other))

    def eq(self, other: Formula | Value) -> Formula:
        """Whether both are equal. A method, so that formulas themselves stay comparable by identity."""
        return Formula("==", (self, other))

    def ne(self, other: Formula | Value) -> Formula:
        """Whether they differ."""
        return Formula("!=", (self, other))

    def among(self, *values: Value) -> Formula:
        """Whether it is one of the values."""
        return Formula("in", (self, *values))

    def __and__(self, other: Formula) -> Formula:
        return Formula("and", (self, other))

    def __or__(self, other: Formula) -> Formula:
        return Formula("or", (self, other))

    def __invert__(self) -> Formula:
        return Formula("not", (self,))


def col(name: str) -> Formula:
    """The value of a column."""
    return Formula("col", (name,))


def where(condition: Formula, then: Formula | Value, otherwise: Formula | Value) -> Formula:
    """One of two values."""
    return Formula("where", (condition, then, otherwise))


def least(*values: Formula | int) -> Formula:
    """The smallest of some numbers."""
    return Formula("least", values)


def greatest(*values: Formula | int) -> Formula:
    """The largest of some numbers."""
    return Formula("greatest", values)


def nodes(formula: Formula) -> Iterator[Formula]:
    """The formula and every formula inside it."""
    yield formula
    for arg in formula.args:
        if isinstance(arg, Formula):
            yield from nodes(arg)


def columns(formula: Formula) -> frozenset[str]:
    """The columns that a formula reads."""
    return frozenset(str(node.args[0]) for node in nodes(formula) if node.op == "col")


def _row_item(name: str) -> str:
    return f"row[{name!r}]"


def as_python(value: Formula | Value, name_of: Callable[[str], str] = _row_item) -> str:
    """The formula as a Python expression; `name_of` says how a column is written (default: `row['name']`)."""
    if not isinstance(value, Formula):
        return repr(value)
    if value.op == "col":
        return name_of(str(value.args[0]))
    args = [as_python(arg, name_of) for arg in value.args]
    if value.op == "where":
        return f"({args[1]} if {args[0]} else {args[2]})"
    if value.op in ("least", "greatest"):
        return f"{'min' if value.op == 'least' else 'max'}({', '.join(args)})"
    if value.op == "in":
        return f"({args[0]} in ({', '.join(args[1:])},))"
    if value.op == "not":
        return f"(not {args[0]})"
    return f"({f' {value.op} '.join(args)})"


__all__ = ["Formula", "Value", "as_python", "col", "columns", "greatest", "least", "nodes", "units", "where"]
