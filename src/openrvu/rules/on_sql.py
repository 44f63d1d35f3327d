"""RULES as one SQL query: a CTE a rule, named after it, with the seeds as tables.

Two ways for the windows of a stage. `plain`: window functions over all lines, for warehouses. Else only the lines that
a window concerns are picked, with the few columns that it reads, and what it finds is joined back: most lines are then
never sorted, which is what makes the windows cheap on one machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openrvu.errors import OpenRVUError
from openrvu.rules.formula import Formula, as_python
from openrvu.rules.plan import Placed, Plan, Window
from openrvu.rules.sql_text import all_of, big, column, literal, number_of, text_of
from openrvu.rules.steps import Compute, Group, Lookup, Rank, Running, Seed

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True)
class Names:
    """What tables are called. lines: the table of lines. seed: what stands before the name of a seed."""

    lines: str = "lines"
    seed: str = "seed_"


@dataclass
class _Query:
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
    made = _Query([], names or Names(), seeds)
    made.add("line", _lines(made, plan))
    for stage in range(plan.stages + 1):
        _plain_steps(made, plan.plain(stage))
        if windows := plan.windows(stage):
            _windows(made, windows, stage + 1)
    return _with(made, _output(plan, output, made.last))


def split_query(
    plan: Plan,
    alone: Plan,
    seeds: Mapping[str, Seed],
    output: Sequence[str],
    *,
    names: Names | None = None,
) -> exp.Query:
    """The same for one machine, where sorting is dear: every line is first priced as if alone in its session.

    That holds wherever no window has more than one line to compare, so only the other sessions are priced again, with
    their windows; and of those each window sorts only the lines that it concerns. alone: see `plan.alone`.
    """
    from sqlglot import exp

    made = _Query([], names or Names(), seeds)
    made.add("line", _lines(made, plan), kept=False)
    _plain_steps(made, alone.plain(0), "alone_")
    flags = [f"among_{step.column}" for stage in range(plan.stages) for step in plan.windows(stage)]
    select = _output(alone, [*output, *flags], made.last, own={"session": KEY})
    first = made.add("alone", select, kept=True)
    together = made.add("together", _together(plan, first))
    _hard(made, plan, together)
    again = made.add("again", _output(plan, output, made.last))
    key = exp.In(this=column(KEY, first), query=exp.select(column(KEY)).from_(_table(together)).subquery())
    rest = exp.select(*(column(name) for name in output)).from_(_table(first)).where(exp.Not(this=key))
    other = exp.select(*(column(name) for name in output)).from_(_table(again))
    return _with(made, exp.union(rest, other, distinct=False))


# The session under a name of its own, so that it need not be among the output.
KEY = "of_session"


def _lines(made: _Query, plan: Plan) -> exp.Select:
    from sqlglot import exp

    return exp.select(*(column(name) for name in plan.inputs)).from_(_table(made.names.lines))


def _output(plan: Plan, output: Sequence[str], table: str, own: Mapping[str, str] | None = None) -> exp.Select:
    from sqlglot import exp

    shown = [(name, name) for name in output] + list((own or {}).items())
    return exp.select(*(exp.alias_(column(plan.last[n]), shown_, quoted=True) for n, shown_ in shown)).from_(
        _table(table)
    )


def _with(made: _Query, found: exp.Query) -> exp.Query:
    from sqlglot import exp

    for name, select, kept in made.parts:
        found = found.with_(exp.to_identifier(name, quoted=True), as_=select, materialized=kept, copy=False)
    return found


def _together(plan: Plan, first: str) -> exp.Select:
    """The sessions in which a line is not as if alone: two lines to rank, or any to sum or to take the largest of."""
    from sqlglot import exp

    tests: list[exp.Expr] = []
    flags: list[exp.Expr] = []
    for step in (step for stage in range(plan.stages) for step in plan.windows(stage)):
        if "session" not in step.within:
            raise OpenRVUError(f"{step.column} looks beyond a session, which no engine for many lines can do")
        flag = f"among_{step.column}"
        flags.append(column(flag))
        count = exp.Sum(this=_chosen(column(flag), literal(1), literal(0)))
        tests.append(exp.GT(this=count, expression=literal(1 if isinstance(step, Rank) else 0)))
    return (
        exp.select(column(KEY))
        .from_(_table(first))
        .where(exp.or_(*flags))
        .group_by(column(KEY))
        .having(exp.or_(*tests))
    )


def _hard(made: _Query, plan: Plan, together: str) -> None:
    """The lines of those sessions with every window, each over the lines that it concerns."""
    from sqlglot import exp

    key = exp.In(this=column("session"), query=exp.select(column(KEY)).from_(_table(together)).subquery())
    made.add("line_again", exp.select(_everything("line")).from_(_table("line")).where(key))
    for stage in range(plan.stages + 1):
        _plain_steps(made, plan.plain(stage))
        if windows := plan.windows(stage):
            if stage == 0:
                name, select, _ = made.parts[-1]
                made.parts[-1] = (name, select, True)
            _picked(made, windows, stage + 1)


def _table(name: str, alias: str = "") -> exp.Expr:
    from sqlglot import exp

    found = exp.table_(name, quoted=True)
    return exp.alias_(found, alias, quoted=True, table=True) if alias else found


def _everything(table: str) -> exp.Expr:
    from sqlglot import exp

    return exp.Column(this=exp.Star(), table=exp.to_identifier(table, quoted=True))


def _named(made: exp.Expr, name: str) -> exp.Expr:
    from sqlglot import exp

    return exp.alias_(made, name, quoted=True, copy=False)


def _plain_steps(made: _Query, steps: Sequence[Placed], prefix: str = "") -> None:
    """A CTE for the steps of a rule that do not need each other; the last of a rule bears its name alone."""
    heights: dict[str, int] = {}
    groups: dict[tuple[str, int], list[Placed]] = {}
    for placed in steps:
        heights[placed.rule] = max(heights.get(placed.rule, 0), placed.level)
        groups.setdefault((placed.rule, placed.level), []).append(placed)
    order = list(heights)
    for rule, level in sorted(groups, key=lambda group: (order.index(group[0]), group[1])):
        name = prefix + rule.replace("-", "_")
        own = name if level == heights[rule] else f"{name}_part{level}"
        made.add(own, _one_level(made, [placed.step for placed in groups[rule, level]]))


def _one_level(made: _Query, steps: Sequence[object]) -> exp.Select:
    from sqlglot import exp

    before = made.last
    shown: list[exp.Expr] = [_everything(before)]
    joins: list[tuple[str, str, exp.Expr]] = []
    for step in steps:
        if isinstance(step, Compute):
            shown.append(_named(_value(step.formula, before), step.column))
        elif isinstance(step, Lookup):
            alias = f"{step.table}_{len(joins) + 1}"
            keys = [exp.EQ(this=column(key, alias), expression=text_of(of, before)) for key, of in step.keys]
            joins.append((made.names.seed + step.table, alias, all_of(keys)))
            for name, own in step.take:
                empty = literal("" if made.seeds[step.table].columns[name] is str else 0)
                shown.append(_named(exp.func("COALESCE", column(name, alias), empty), own))
            missing = exp.Is(this=column(step.keys[0][0], alias), expression=exp.Null())
            found = exp.Case(ifs=[exp.If(this=missing, true=literal(0))], default=literal(1))
            shown.append(_named(big(found), step.found))
    select = exp.select(*shown, copy=False).from_(_table(before))
    for table, alias, on in joins:
        select = select.join(_table(table, alias), on=on, join_type="left", copy=False)
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


def _windows(made: _Query, steps: Sequence[Window], number: int) -> None:
    """All windows of a stage in one SELECT over all lines."""
    from sqlglot import exp

    before = made.last
    shown = [_named(_over(step, before), step.column) for step in steps]
    made.add(f"windows_{number}", exp.select(_everything(before), *shown, copy=False).from_(_table(before)))


def _over(step: Window, table: str) -> exp.Expr:
    """A window step as a window function over every line."""
    from sqlglot import exp

    within = [column(name, table) for name in step.within]
    among = text_of(step.among, table)
    always = isinstance(step.among, Formula) and step.among.op == "lit"
    if isinstance(step, Rank):
        order = [_down(_chosen(among, literal(1), literal(0))), _down(text_of(step.by, table)), _up("line_id", table)]
        rank = exp.Window(
            this=exp.RowNumber(), partition_by=within, order=exp.Order(expressions=order[1:] if always else order)
        )
        return _chosen(among.copy(), big(rank), big(literal(0)))
    if isinstance(step, Group) and step.how == "max":
        only = exp.Case(ifs=[exp.If(this=among, true=number_of(step.of, table))])
        most = exp.Window(this=exp.Max(this=only), partition_by=within)
        return big(exp.func("COALESCE", most, literal(0)))
    counted = _chosen(among, number_of(step.of, table), literal(0))
    if isinstance(step, Group):
        return big(exp.Window(this=exp.Sum(this=counted), partition_by=within))
    total = exp.Window(
        this=exp.Sum(this=counted),
        partition_by=within,
        order=exp.Order(expressions=[_up("line_id", table)]),
        spec=_before(),
    )
    return big(exp.func("COALESCE", total, literal(0)))


def _before() -> exp.Expr:
    from sqlglot import exp

    return exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end=literal(1), end_side="PRECEDING")


def _chosen(condition: exp.Expr, then: exp.Expr, otherwise: exp.Expr) -> exp.Expr:
    from sqlglot import exp

    return exp.Case(ifs=[exp.If(this=condition, true=then)], default=otherwise)


def _down(made: exp.Expr) -> exp.Expr:
    from sqlglot import exp

    return exp.Ordered(this=made, desc=True, nulls_first=False)


def _up(name: str, table: str = "") -> exp.Expr:
    from sqlglot import exp

    return exp.Ordered(this=column(name, table), desc=False, nulls_first=False)


def _picked(made: _Query, steps: Sequence[Window], number: int) -> None:
    """The windows of a stage on the lines that they concern, joined back."""
    from sqlglot import exp

    before = made.last
    among = {as_python(step.among): step.among for step in steps}
    truth = {text: f"among_{index}" for index, text in enumerate(among, 1)}
    needed = {name: column(name, before) for step in steps for name in ("line_id", *step.within)}
    flags = [_named(text_of(formula, before), truth[text]) for text, formula in among.items()]
    numbers = [_named(number_of(_number(step), before), f"by_{step.column}") for step in steps]
    some = [exp.paren(text_of(formula, before), copy=False) for formula in among.values()]
    condition: exp.Expr = some[0]
    for other in some[1:]:
        condition = exp.Or(this=condition, expression=other)
    picked = exp.select(*needed.values(), *flags, *numbers, copy=False).from_(_table(before)).where(condition)
    pick = made.add(f"picked_{number}", picked, kept=True)
    joins = [*_ranked(made, pick, steps, truth), *_summed(made, pick, before, steps, truth)]
    select = exp.select(_everything(before), copy=False).from_(_table(before))
    for table, keys, columns in joins:
        found = [exp.func("COALESCE", column(name, table), literal(0)) for name in columns]
        select = select.select(*(_named(made_, name) for made_, name in zip(found, columns, strict=True)), copy=False)
        on = all_of([exp.EQ(this=column(key, table), expression=column(key, before)) for key in keys])
        select = select.join(_table(table), on=on, join_type="left", copy=False)
    made.add(f"windows_{number}", select)


def _number(step: Window) -> Formula:
    return step.by if isinstance(step, Rank) else step.of


Joined = tuple[str, tuple[str, ...], list[str]]


def _ranked(made: _Query, pick: str, steps: Sequence[Window], truth: Mapping[str, str]) -> list[Joined]:
    """Ranks, by line: each group of ranks among the same lines is one SELECT."""
    from sqlglot import exp

    found: list[Joined] = []
    ranks = [step for step in steps if isinstance(step, Rank)]
    for flag in dict.fromkeys(truth[as_python(step.among)] for step in ranks):
        same = [step for step in ranks if truth[as_python(step.among)] == flag]
        shown = []
        for step in same:
            order = exp.Order(expressions=[_down(column(f"by_{step.column}")), _up("line_id")])
            within = [column(name) for name in step.within]
            rank = exp.Window(this=exp.RowNumber(), partition_by=within, order=order)
            shown.append(_named(big(rank), step.column))
        select = exp.select(column("line_id"), *shown, copy=False).from_(_table(pick)).where(column(flag))
        name = made.add(f"ranked_{'_'.join(step.column for step in same)}", select)
        found.append((name, ("line_id",), [step.column for step in same]))
    return found


def _summed(made: _Query, pick: str, before: str, steps: Sequence[Window], truth: Mapping[str, str]) -> list[Joined]:
    """Largest and sum, by group; running sums, by line, over the groups that have lines to sum."""
    from sqlglot import exp

    found: list[Joined] = []
    groups = [step for step in steps if isinstance(step, Group)]
    for key in dict.fromkeys((truth[as_python(step.among)], step.within) for step in groups):
        flag, within = key
        same = [step for step in groups if (truth[as_python(step.among)], step.within) == key]
        aggregates = []
        for step in same:
            of = column(f"by_{step.column}")
            whole = exp.Max(this=of) if step.how == "max" else exp.Sum(this=of)
            aggregates.append(_named(big(whole), step.column))
        select = exp.select(*(column(name) for name in within), *aggregates, copy=False)
        select = select.from_(_table(pick)).where(column(flag)).group_by(*(column(name) for name in within))
        name = made.add(f"grouped_{'_'.join(step.column for step in same)}", select)
        found.append((name, within, [step.column for step in same]))
    for run in (step for step in steps if isinstance(step, Running)):
        found.append(_running(made, pick, before, run, truth[as_python(run.among)]))
    return found


def _running(made: _Query, pick: str, before: str, step: Running, flag: str) -> Joined:
    """A running sum: every line of a group that has a line to sum, none of the others."""
    from sqlglot import exp

    within = [column(name) for name in step.within]
    touched = made.add(
        f"touched_{step.column}",
        exp.select(*within, copy=False).distinct().from_(_table(pick)).where(column(flag)),
    )
    counted = _chosen(column(flag, pick), column(f"by_{step.column}", pick), literal(0))
    total = exp.Window(
        this=exp.Sum(this=exp.func("COALESCE", counted, literal(0))),
        partition_by=[column(name, before) for name in step.within],
        order=exp.Order(expressions=[_up("line_id", before)]),
        spec=_before(),
    )
    on = all_of([exp.EQ(this=column(n, touched), expression=column(n, before)) for n in step.within])
    by_line = exp.EQ(this=column("line_id", pick), expression=column("line_id", before))
    select = (
        exp.select(column("line_id", before), _named(big(exp.func("COALESCE", total, literal(0))), step.column))
        .from_(_table(before))
        .join(_table(touched), on=on, join_type="inner", copy=False)
        .join(_table(pick), on=by_line, join_type="left", copy=False)
    )
    return made.add(f"running_{step.column}", select), ("line_id",), [step.column]
