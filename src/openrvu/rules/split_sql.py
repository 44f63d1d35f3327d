"""RULES as one SQL query for one machine, where sorting is dear: most lines are never sorted.

Every line is first priced as if alone in its session. That holds wherever no window has more than one line to compare.
The other sessions are priced again, first with the windows that many of them need, then, where that does not hold
either, with all; and each window sorts only the lines that it concerns, with the few columns that it reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openrvu.errors import OpenRVUError
from openrvu.rules.on_sql import (
    Names,
    Query,
    chosen,
    everything,
    lines,
    output_of,
    picked,
    plain_steps,
    table_of,
    with_parts,
)
from openrvu.rules.plan import Plan, Window, alone, folded, in_layers, make_plan
from openrvu.rules.sql_text import column, literal
from openrvu.rules.steps import Rank, Rule, Seed

if TYPE_CHECKING:
    from sqlglot import exp

# The session under a name of its own, so that it need not be among the output.
KEY = "of_session"


@dataclass(frozen=True)
class Level:
    """RULES with some windows as they are for a line alone. assumed: those windows, and whether each ranks."""

    plan: Plan
    assumed: Mapping[str, bool]

    @property
    def flags(self) -> tuple[str, ...]:
        """The columns that say whether an assumed window concerns a line."""
        return tuple(f"among_{name}" for name in self.assumed)


def levels(
    rules: Sequence[Rule],
    seeds: Mapping[str, Seed],
    inputs: Mapping[str, type],
    output: Sequence[str],
    often: Sequence[str] = (),
) -> list[Level]:
    """No window, those of `often`, all of them. Which are in `often` changes the time alone, never the result.

    Raises OpenRVUError for a window that looks beyond a session.
    """
    windows = {step.column: isinstance(step, Rank) for rule in rules for step in rule.steps if isinstance(step, Window)}
    for rule in rules:
        for step in rule.steps:
            if isinstance(step, Window) and "session" not in step.within:
                raise OpenRVUError(f"{step.column} looks beyond a session, which no engine for many lines can do")
    found = []
    kept: Sequence[str]
    for kept in [(), often, tuple(windows)] if often else [(), tuple(windows)]:
        assumed = {name: ranks for name, ranks in windows.items() if name not in kept}
        plan = make_plan(alone(rules, kept), seeds, inputs)
        shown = [*output, *(f"among_{name}" for name in assumed)]
        found.append(Level(in_layers(folded(plan, shown)), assumed))
    return found


def split_query(
    levels: Sequence[Level], seeds: Mapping[str, Seed], output: Sequence[str], *, names: Names | None = None
) -> exp.Query:
    """The query that gives `output`, columns by their public names, for every line of a table."""
    from sqlglot import exp

    made = Query([], names or Names(), seeds)
    made.add("line", lines(made, levels[0].plan), kept=False)
    shown = [column(name) for name in output]
    found: list[exp.Query] = []
    together = ""
    for number, level in enumerate(levels):
        if together:
            made.add(
                f"line_{number}", exp.select(everything("line")).from_(table_of("line")).where(_in("session", together))
            )
        _level(made, level.plan)
        if not level.assumed:
            last = made.add(f"priced_{number}", output_of(level.plan, output, made.last))
            found.append(exp.select(*shown).from_(table_of(last)))
            break
        select = output_of(level.plan, [*output, *level.flags], made.last, own={"session": KEY})
        priced = made.add(f"priced_{number}", select, kept=True)
        together = made.add(f"together_{number}", _together(level, priced))
        found.append(exp.select(*shown).from_(table_of(priced)).where(exp.Not(this=_in(KEY, together))))
    return with_parts(made, exp.union(*found, distinct=False))


def _in(key: str, together: str) -> exp.Expr:
    from sqlglot import exp

    return exp.In(this=column(key), query=exp.select(column(KEY)).from_(table_of(together)).subquery())


def _together(level: Level, priced: str) -> exp.Select:
    """The sessions in which an assumption does not hold: two lines to rank, or any to sum or to take the largest of."""
    from sqlglot import exp

    flags = [column(flag) for flag in level.flags]
    tests = []
    for flag, ranks in zip(level.flags, level.assumed.values(), strict=True):
        count = exp.Sum(this=chosen(column(flag), literal(1), literal(0)))
        tests.append(exp.GT(this=count, expression=literal(1 if ranks else 0)))
    return (
        exp.select(column(KEY))
        .from_(table_of(priced))
        .where(exp.or_(*flags))
        .group_by(column(KEY))
        .having(exp.or_(*tests))
    )


def _level(made: Query, plan: Plan) -> None:
    """The steps of a plan, each window over the lines that it concerns."""
    for stage in range(plan.stages + 1):
        plain_steps(made, plan.plain(stage))
        if windows := plan.windows(stage):
            if stage == 0:
                name, select, _ = made.parts[-1]
                made.parts[-1] = (name, select, True)
            picked(made, windows, stage + 1)
