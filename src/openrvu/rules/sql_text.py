"""Formulas as SQL that gives the same whole numbers everywhere: BIGINT alone, exact quotients, plain truths.

The tree is SQLGlot's, built once and rendered by dialect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from openrvu.errors import BadInput
from openrvu.rules.formula import Formula, Value

if TYPE_CHECKING:
    from sqlglot import exp

DIALECTS = ("duckdb", "spark", "databricks", "snowflake", "bigquery", "redshift")
_NUMBERS = ("+", "-", "*", "//", "%", "least", "greatest")


def column(name: str, table: str = "") -> exp.Expr:
    """A column, always quoted: `on` is a word of SQL, and capitals are no matter of taste to every warehouse."""
    from sqlglot import exp

    return exp.column(name, table=table or None, quoted=True)


def literal(value: Value) -> exp.Expr:
    """A value as it stands in a query."""
    from sqlglot import exp

    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int):
        return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))
    return exp.Literal.string(value)


def big(value: exp.Expr) -> exp.Expr:
    """The expression as BIGINT."""
    from sqlglot import exp

    return exp.cast(value, "BIGINT")


def _is_big(value: Formula | Value) -> bool:
    """Whether a formula of whole numbers is BIGINT by its columns: literals alone would be INTEGER, and overflow."""
    if not isinstance(value, Formula):
        return False
    if value.op == "where":
        return any(_is_big(arg) for arg in value.args[1:])
    return value.op == "col" or value.op in _NUMBERS


def _bit_asked(value: Formula) -> tuple[Formula, int] | None:
    """The column and the bit, where a formula asks for one: `(column // bit) % 2 == 1`. Databases have an operator for
    it that is far quicker than two divisions."""
    match value:
        case Formula("==", (Formula("%", (Formula("//", (Formula("col") as of, int(bit))), 2)), 1)):
            return (of, bit) if bit > 0 and bit & (bit - 1) == 0 else None
        case Formula("any bit", (Formula("col") as of, int(bits))):
            return of, bits
    return None


def _bits_together(value: Formula) -> Formula:
    """Alternatives, with the bits of one column asked for at once."""
    parts: list[Formula] = []
    masks: dict[str, tuple[Formula, int]] = {}
    for part in _alternatives(value):
        if (bit := _bit_asked(part)) is None:
            parts.append(part)
        else:
            name = str(bit[0].args[0])
            masks[name] = (bit[0], masks.get(name, (bit[0], 0))[1] | bit[1])
    parts = [*(Formula("any bit", (of, mask)) for of, mask in masks.values()), *parts]
    return Formula("or", tuple(parts)) if len(parts) > 1 else parts[0]


def _alternatives(value: Formula) -> list[Formula]:
    if value.op != "or":
        return [value]
    return [part for arg in value.args if isinstance(arg, Formula) for part in _alternatives(arg)]


def _choice(value: Formula, table: str) -> exp.Expr:
    """A choice, and the choices that its last resort is made of, as one CASE."""
    from sqlglot import exp

    ifs, rest = [], value
    while isinstance(rest, Formula) and rest.op == "where":
        condition, then, rest = rest.args  # type: ignore[assignment]
        ifs.append(exp.If(this=text_of(condition, table), true=text_of(then, table)))
    return exp.Case(ifs=ifs, default=text_of(rest, table))


def text_of(value: Formula | Value, table: str = "") -> exp.Expr:
    """A formula as a SQL expression. table: the name that its columns are read from."""
    from sqlglot import exp

    if not isinstance(value, Formula):
        return literal(value)
    if value.op == "col":
        return column(str(value.args[0]), table)
    if value.op == "lit":
        return literal(value.args[0])  # type: ignore[arg-type]
    if value.op == "or":
        value = _bits_together(value)
    if (bit := _bit_asked(value)) is not None:
        of, mask = bit
        asked = exp.paren(exp.BitwiseAnd(this=text_of(of, table), expression=literal(mask)), copy=False)
        return exp.NEQ(this=asked, expression=literal(0))
    if value.op == "where":
        return _choice(value, table)
    args = [text_of(arg, table) for arg in value.args]
    if value.op in _NUMBERS and not any(_is_big(arg) for arg in value.args):
        args[0] = big(args[0])
    if value.op in ("least", "greatest"):
        # By name: SQLGlot's own node guards against nulls, and there are none.
        return exp.Anonymous(this=value.op.upper(), expressions=args)
    if value.op == "in":
        return exp.In(this=_held(args[0], _COMPARES), expressions=args[1:])
    if value.op == "not":
        return exp.Not(this=_held(args[0], _NOT))
    tight = _TIGHT[value.op]
    made = _held(args[0], tight)
    for arg in args[1:]:
        made = _binary(value.op, made, _held(arg, tight + 1))
    return made


# How tightly each operator binds, in every dialect: what binds less stands in parentheses.
_OR, _AND, _NOT, _COMPARES, _ADDS, _MULTIPLIES = 1, 2, 3, 4, 5, 6
_TIGHT = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), _COMPARES),
    **dict.fromkeys(("+", "-"), _ADDS),
    **dict.fromkeys(("*", "//", "%"), _MULTIPLIES),
}


def _held(made: exp.Expr, tight: int) -> exp.Expr:
    """In parentheses, where it binds less tightly than it must."""
    from sqlglot import exp

    own: dict[type[exp.Expr], int] = {
        exp.Or: _OR,
        exp.And: _AND,
        exp.Not: _NOT,
        exp.In: _COMPARES,
        exp.Add: _ADDS,
        exp.Sub: _ADDS,
        exp.Mul: _MULTIPLIES,
        exp.IntDiv: _MULTIPLIES,
        exp.Mod: _MULTIPLIES,
    }
    binds = own.get(type(made), _COMPARES if isinstance(made, exp.Predicate) else 9)
    return exp.paren(made, copy=False) if binds < tight else made


def _binary(op: str, left: exp.Expr, right: exp.Expr) -> exp.Expr:
    from sqlglot import exp

    kinds: dict[str, type[exp.Binary]] = {
        "+": exp.Add,
        "-": exp.Sub,
        "*": exp.Mul,
        "//": exp.IntDiv,
        "%": exp.Mod,
        "<": exp.LT,
        "<=": exp.LTE,
        ">": exp.GT,
        ">=": exp.GTE,
        "==": exp.EQ,
        "!=": exp.NEQ,
        "and": exp.And,
        "or": exp.Or,
    }
    made: exp.Expr = kinds[op](this=left, expression=right)
    return made


def number_of(formula: Formula | Value, table: str = "") -> exp.Expr:
    """A formula of whole numbers as BIGINT, also where only literals stand in it."""
    made = text_of(formula, table)
    return made if _is_big(formula) else big(made)


def all_of(conditions: Sequence[exp.Expr]) -> exp.Expr:
    """Conditions joined by AND."""
    from sqlglot import exp

    made = conditions[0]
    for condition in conditions[1:]:
        made = exp.And(this=made, expression=condition)
    return made


def _bare(made: exp.Expr) -> exp.Expr:
    return made.unnest()


def render(query: exp.Expr, dialect: str, *, pretty: bool = True) -> str:
    """The query as text of a dialect. Quotients are exact in each: none goes through a double. The tree may be changed
    on the way: it is made for its text.

    Raises BadInput for a dialect that is not among DIALECTS.
    """
    from sqlglot import exp

    if dialect not in DIALECTS:
        raise BadInput(f"no dialect is called {dialect!r}", exists=f"Dialects: {', '.join(DIALECTS)}")

    def quotient(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.IntDiv):
            return node
        above, below = node.this, node.expression
        if dialect == "bigquery":
            return exp.Anonymous(this="DIV", expressions=[_bare(above), _bare(below)])
        if dialect == "redshift":  # whole numbers divide to whole numbers there
            return exp.Div(this=above, expression=below, typed=True, safe=False)
        if dialect == "snowflake":
            whole = exp.paren(exp.Sub(this=above.copy(), expression=exp.Mod(this=above, expression=below)), copy=False)
            return big(exp.Div(this=whole, expression=below.copy(), typed=False, safe=False))
        return node

    # The others divide whole numbers to whole numbers as they are written; a copy of the tree would be for nothing.
    made = query.transform(quotient) if dialect in ("bigquery", "redshift", "snowflake") else query
    return made.sql(dialect=dialect, pretty=pretty, copy=False)
