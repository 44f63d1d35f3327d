"""RULES as one SQL query: a CTE a rule, named after it, with the seeds as tables.

`query` writes window functions over all lines, for warehouses. `split_sql.py` puts the same parts together for one
machine, where sorting is dear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openrvu.rules.formula import Formula
from openrvu.rules.plan import Placed, Plan, Window
from openrvu.rules.sql_text import all_of, big, column, literal, number_of, text_of
from openrvu.rules.steps import Compute, Group, Lookup, Rank, Seed

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True)
class Names:
    """What tables are called. lines: the table of lines. seed: what stands before the name of a seed."""

    lines: str = "lines"
    seed: str = "seed_"


@dataclass
class Query:
    """The CTEs so far; the last one holds every column made."""

    parts: list[tuple[str, exp.Select, bool | None]]
    names: Names
    seeds: Mapping[str, Seed]

    @property
    def last(self) -> str:
        return self.parts[-1][0]

    def add(self, name: str, select: exp.Select, kept: bool | None = None) -> str:
        taken = {part[0] for part in self.parts}
        own, number = name, 1
        while own in taken or own == self.names.lines:
            number += 1
            own = f"{name}_{number}"
        self.parts.append((own, select, kept))
        return own


def query(plan: Plan, seeds: Mapping[str, Seed], output: Sequence[str], *, names: Names | None = None) -> exp.Query:
    """The query that gives `output`, columns by their public names, for every line of a table: one CTE a rule, and one
    for the windows of a stage."""
    made = Query([], names or Names(), seeds)
    made.add("line", lines(made, plan))
    for stage in range(plan.stages + 1):
        plain_steps(made, plan.plain(stage))
        if windows := plan.windows(stage):
            _windows(made, windows, stage + 1)
    return with_parts(made, output_of(plan, output, made.last))


def lines(made: Query, plan: Plan) -> exp.Select:
    from sqlglot import exp

    return exp.select(*(column(name) for name in plan.inputs)).from_(table_of(made.names.lines))


def output_of(plan: Plan, output: Sequence[str], table: str, own: Mapping[str, str] | None = None) -> exp.Select:
    from sqlglot import exp

    shown = [(name, name) for name in output] + list((own or {}).items())
    return exp.select(*(exp.alias_(column(plan.last[n]), shown_, quoted=True) for n, shown_ in shown)).from_(
        table_of(table)
    )


def with_parts(made: Query, found: exp.Query) -> exp.Query:
    from sqlglot import exp

    for name, select, kept in made.parts:
        found = found.with_(exp.to_identifier(name, quoted=True), as_=select, materialized=kept, copy=False)
    return found


def table_of(name: str, alias: str = "") -> exp.Expr:
    from sqlglot import exp

    found = exp.table_(name, quoted=True)
    return exp.alias_(found, alias, quoted=True, table=True) if alias else found


def everything(table: str) -> exp.Expr:
    from sqlglot import exp

    return exp.Column(this=exp.Star(), table=exp.to_identifier(table, quoted=True))


def named(made: exp.Expr, name: str) -> exp.Expr:
    from sqlglot import exp

    return exp.alias_(made, name, quoted=True, copy=False)


def plain_steps(made: Query, steps: Sequence[Placed]) -> None:
    """A CTE for the steps of a rule that do not need each other; the last of a rule bears its name alone."""
    heights: dict[str, int] = {}
    groups: dict[tuple[str, int], list[Placed]] = {}
    for placed in steps:
        heights[placed.rule] = max(heights.get(placed.rule, 0), placed.level)
        groups.setdefault((placed.rule, placed.level), []).append(placed)
    order = list(heights)
    for rule, level in sorted(groups, key=lambda group: (order.index(group[0]), group[1])):
        name = rule.replace("-", "_")
        own = name if level == heights[rule] else f"{name}_part{level}"
        made.add(own, one_level(made, [placed.step for placed in groups[rule, level]]))


def one_level(
    made: Query, steps: Sequence[object], held: Sequence[str] = (), wanted: Set[str] = frozenset()
) -> exp.Select:
    """The last CTE with the columns of steps that do not need each other. held: the columns to go on with; none: all of
    them, and every column made; else only those of `wanted` are made, and no table is joined for nothing."""
    from sqlglot import exp

    before = made.last
    shown: list[exp.Expr] = [column(name, before) for name in held] or [everything(before)]
    joins: list[tuple[str, str, exp.Expr]] = []
    for step in steps:
        if isinstance(step, Compute):
            shown += [named(_value(step.formula, before), step.column)] if not held or step.column in wanted else []
        elif isinstance(step, Lookup):
            take = [(name, own) for name, own in step.take if not held or own in wanted]
            asked = not held or step.found in wanted
            if not take and not asked:
                continue
            alias = f"{step.table}_{len(joins) + 1}"
            keys = [exp.EQ(this=column(key, alias), expression=text_of(of, before)) for key, of in step.keys]
            joins.append((made.names.seed + step.table, alias, all_of(keys)))
            for name, own in take:
                empty = literal("" if made.seeds[step.table].columns[name] is str else 0)
                shown.append(named(exp.func("COALESCE", column(name, alias), empty), own))
            if asked:
                missing = exp.Is(this=column(step.keys[0][0], alias), expression=exp.Null())
                found = exp.Case(ifs=[exp.If(this=missing, true=literal(0))], default=literal(1))
                shown.append(named(big(found), step.found))
    select = exp.select(*shown, copy=False).from_(table_of(before))
    for table, alias, on in joins:
        select = select.join(table_of(table, alias), on=on, join_type="left", copy=False)
    return select


def _value(formula: Formula, table: str) -> exp.Expr:
    """A formula as a column: a number that is made of literals alone becomes BIGINT."""
    literal_only = formula.op == "where" and not any(isinstance(arg, (Formula, str, bool)) for arg in formula.args[1:])
    if formula.op in ("+", "-", "*", "//", "%", "least", "greatest") or literal_only:
        return number_of(formula, table)
    if formula.op == "where" and _whole(formula):
        return number_of(formula, table)
    return text_of(formula, table)


def _whole(formula: Formula) -> bool:
    """Whether every leaf that a choice ends in is a number written out."""
    ends = formula.args[1:]
    return all(_whole(e) if isinstance(e, Formula) and e.op == "where" else type(e) is int for e in ends)


def _windows(made: Query, steps: Sequence[Window], number: int) -> None:
    """All windows of a stage in one SELECT over all lines."""
    from sqlglot import exp

    before = made.last
    shown = [named(_over(step, before), step.column) for step in steps]
    made.add(f"windows_{number}", exp.select(everything(before), *shown, copy=False).from_(table_of(before)))


def _over(step: Window, table: str) -> exp.Expr:
    """A window step as a window function over every line."""
    from sqlglot import exp

    within = [column(name, table) for name in step.within]
    among = text_of(step.among, table)
    always = isinstance(step.among, Formula) and step.among.op == "lit"
    if isinstance(step, Rank):
        order = [down(chosen(among, literal(1), literal(0))), down(text_of(step.by, table)), up("line_id", table)]
        rank = exp.Window(
            this=exp.RowNumber(), partition_by=within, order=exp.Order(expressions=order[1:] if always else order)
        )
        return chosen(among.copy(), big(rank), big(literal(0)))
    if isinstance(step, Group) and step.how == "max":
        only = exp.Case(ifs=[exp.If(this=among, true=number_of(step.of, table))])
        most = exp.Window(this=exp.Max(this=only), partition_by=within)
        return big(exp.func("COALESCE", most, literal(0)))
    counted = chosen(among, number_of(step.of, table), literal(0))
    if isinstance(step, Group):
        return big(exp.Window(this=exp.Sum(this=counted), partition_by=within))
    total = running(counted, within, table)
    return chosen(among.copy(), big(exp.func("COALESCE", total, literal(0))), big(literal(0)))


def running(counted: exp.Expr, within: Sequence[exp.Expr], table: str = "") -> exp.Expr:
    """The sum over the lines before, of a window without a table or of one; null for the first line."""
    from sqlglot import exp

    return exp.Window(
        this=exp.Sum(this=counted),
        partition_by=list(within),
        order=exp.Order(expressions=[up("line_id", table)]),
        spec=_before(),
    )


def _before() -> exp.Expr:
    from sqlglot import exp

    return exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end=literal(1), end_side="PRECEDING")


def chosen(condition: exp.Expr, then: exp.Expr, otherwise: exp.Expr) -> exp.Expr:
    from sqlglot import exp

    return exp.Case(ifs=[exp.If(this=condition, true=then)], default=otherwise)


def down(made: exp.Expr) -> exp.Expr:
    from sqlglot import exp

    return exp.Ordered(this=made, desc=True, nulls_first=False)


def up(name: str, table: str = "") -> exp.Expr:
    from sqlglot import exp

    return exp.Ordered(this=column(name, table), desc=False, nulls_first=False)
