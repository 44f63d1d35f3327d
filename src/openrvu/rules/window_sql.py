"""Windows on one machine: each over the lines that it concerns, with the few columns that it reads, joined back.

What is joined are the lines for which a window gives something else than for a line alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from openrvu.rules.formula import Formula, as_python
from openrvu.rules.on_sql import Query, chosen, down, everything, named, running, table_of, up
from openrvu.rules.plan import Window
from openrvu.rules.sql_text import all_of, big, column, literal, number_of, text_of
from openrvu.rules.steps import Group, Rank, Running

if TYPE_CHECKING:
    from sqlglot import exp

# A table to join, the columns it is joined by, the columns it gives.
Joined = tuple[str, tuple[str, ...], list[str]]


def picked(made: Query, before: str, steps: Sequence[Window], number: int, held: Sequence[str]) -> None:
    """The windows of a stage on the lines of `before` that they concern, joined to its columns `held` of all lines."""
    from sqlglot import exp

    among = {as_python(step.among): step.among for step in steps}
    truth = {text: f"among_{index}" for index, text in enumerate(among, 1)}
    needed = {name: column(name, before) for step in steps for name in ("line_id", *step.within)}
    flags = [named(text_of(formula, before), truth[text]) for text, formula in among.items()]
    numbers = [named(number_of(_number(step), before), f"by_{step.column}") for step in steps]
    some = exp.or_(*(text_of(formula, before) for formula in among.values()))
    select = exp.select(*needed.values(), *flags, *numbers, copy=False).from_(table_of(before)).where(some)
    pick = made.add(f"picked_{number}", select, kept=True)
    joins = [*_ranked(made, pick, steps, truth), *_summed(made, pick, steps, truth)]
    alone = {step.column: chosen(text_of(step.among, before), literal(1), literal(0)) for step in _ranks(steps)}
    select = exp.select(*(column(name, before) for name in held), copy=False).from_(table_of(before))
    for table, keys, columns in joins:
        for name in columns:
            found = exp.func("COALESCE", column(name, table), alone.get(name, literal(0)))
            select = select.select(named(found, name), copy=False)
        on = all_of([exp.EQ(this=column(key, table), expression=column(key, before)) for key in keys])
        select = select.join(table_of(table), on=on, join_type="left", copy=False)
    made.add(f"windows_{number}", select, kept=False)


def _number(step: Window) -> Formula:
    return step.by if isinstance(step, Rank) else step.of


def _ranks(steps: Sequence[Window]) -> list[Rank]:
    return [step for step in steps if isinstance(step, Rank)]


def _ranked(made: Query, pick: str, steps: Sequence[Window], truth: Mapping[str, str]) -> list[Joined]:
    """Ranks by line, from the second on: each group of ranks among the same lines is one SELECT."""
    from sqlglot import exp

    found: list[Joined] = []
    ranks = _ranks(steps)
    for flag in dict.fromkeys(truth[as_python(step.among)] for step in ranks):
        same = [step for step in ranks if truth[as_python(step.among)] == flag]
        shown = []
        for step in same:
            order = exp.Order(expressions=[down(column(f"by_{step.column}")), up("line_id")])
            within = [column(name) for name in step.within]
            rank = exp.Window(this=exp.RowNumber(), partition_by=within, order=order)
            shown.append(named(big(rank), step.column))
        select = exp.select(column("line_id"), *shown, copy=False).from_(table_of(pick)).where(column(flag))
        names = [step.column for step in same]
        later = [exp.GT(this=column(name), expression=literal(1)) for name in names]
        found.append((_some(made, f"ranked_{'_'.join(names)}", select, later), ("line_id",), names))
    return found


def _some(made: Query, name: str, select: exp.Select, conditions: Sequence[exp.Expr]) -> str:
    """Of the rows of a query those for which one of the conditions holds."""
    from sqlglot import exp

    whole = made.add(name, select, kept=False)
    some = exp.select(everything(whole)).from_(table_of(whole)).where(exp.or_(*conditions))
    return made.add(f"{name}_later", some, kept=True)


def _summed(made: Query, pick: str, steps: Sequence[Window], truth: Mapping[str, str]) -> list[Joined]:
    """Largest and sum, by group; running sums, by line."""
    from sqlglot import exp

    found: list[Joined] = []
    groups = [step for step in steps if isinstance(step, Group)]
    for flag, within in dict.fromkeys((truth[as_python(step.among)], step.within) for step in groups):
        same = [step for step in groups if (truth[as_python(step.among)], step.within) == (flag, within)]
        aggregates = []
        for step in same:
            of = column(f"by_{step.column}")
            largest: exp.Expr = exp.Max(this=of) if step.how == "max" else exp.Sum(this=of)
            aggregates.append(named(big(largest), step.column))
        select = exp.select(*(column(name) for name in within), *aggregates, copy=False)
        select = select.from_(table_of(pick)).where(column(flag)).group_by(*(column(name) for name in within))
        name = made.add(f"grouped_{'_'.join(step.column for step in same)}", select)
        found.append((name, within, [step.column for step in same]))
    for run in (step for step in steps if isinstance(step, Running)):
        total = running(column(f"by_{run.column}"), [column(name) for name in run.within])
        whole = big(exp.func("COALESCE", total, literal(0)))
        select = exp.select(column("line_id"), named(whole, run.column), copy=False).from_(table_of(pick))
        select = select.where(column(truth[as_python(run.among)]))
        some = [exp.NEQ(this=column(run.column), expression=literal(0))]
        found.append((_some(made, f"running_{run.column}", select, some), ("line_id",), [run.column]))
    return found
