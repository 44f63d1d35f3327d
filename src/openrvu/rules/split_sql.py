"""RULES as one SQL query for one machine, where sorting is dear: most lines are never sorted.

Windows that few sessions need are at first taken as for a line alone. What does not wait for another window is worked
out once for every line; the windows that many sessions need sort only the lines that they concern, with the few columns
that they read, and are joined back. Sessions in which that first assumption does not hold are priced again with all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openrvu.errors import OpenRVUError
from openrvu.rules.on_sql import Names, Query, chosen, lines, one_level, output_of, table_of, with_parts
from openrvu.rules.plan import Plan, Window, alone, folded, in_layers, make_plan, reads, writes
from openrvu.rules.simpler import simpler
from openrvu.rules.sql_text import column, literal
from openrvu.rules.steps import Rank, Rule, Seed, Step
from openrvu.rules.window_sql import picked

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
    """The windows of `often`, then all of them. Which are in `often` changes the time alone, never the result.

    Raises OpenRVUError for a window that looks beyond a session.
    """
    windows = {step.column: isinstance(step, Rank) for rule in rules for step in rule.steps if isinstance(step, Window)}
    for rule in rules:
        for step in rule.steps:
            if isinstance(step, Window) and "session" not in step.within:
                raise OpenRVUError(f"{step.column} looks beyond a session, which no engine for many lines can do")
    few = _level_of(rules, seeds, inputs, output, windows, often)
    # Whether an assumption holds must be known before any window: what waits for a kept one is kept as well.
    while late := [name for name in few.assumed if few.plan.last[f"among_{name}"] in _after_windows(few.plan)]:
        few = _level_of(
            rules, seeds, inputs, output, windows, [name for name in windows if name not in few.assumed or name in late]
        )
    return [few, _level_of(rules, seeds, inputs, output, windows, tuple(windows))]


def _level_of(
    rules: Sequence[Rule],
    seeds: Mapping[str, Seed],
    inputs: Mapping[str, type],
    output: Sequence[str],
    windows: Mapping[str, bool],
    kept: Sequence[str],
) -> Level:
    assumed = {name: ranks for name, ranks in windows.items() if name not in kept}
    plan = make_plan(alone(rules, kept), seeds, inputs)
    return Level(in_layers(folded(simpler(plan), [*output, *(f"among_{name}" for name in assumed)])), assumed)


def _after_windows(plan: Plan) -> set[str]:
    """The columns that some window stands before."""
    found: set[str] = set()
    for placed in plan.steps:
        found |= set(writes(placed.step)) if placed.stage or isinstance(placed.step, Window) else set()
    return found


def split_query(
    levels: Sequence[Level], seeds: Mapping[str, Seed], output: Sequence[str], *, names: Names | None = None
) -> exp.Query:
    """The query that gives `output`, columns by their public names, for every line of a table."""
    from sqlglot import exp

    few, all_ = levels
    made = Query([], names or Names(), seeds)
    made.add("line", lines(made, few.plan), kept=False)
    own = {few.plan.last[name] for name in (*output, *few.flags, *few.plan.inputs)}
    held = _plain(made, few.plan, 0, list(few.plan.inputs), own)
    base = made.add("base", exp.select(*(column(name) for name in held)).from_(table_of(made.last)), kept=True)
    together = _together(made, few, base) if few.assumed else ""
    last = _level(made, few.plan, base, held, own)
    if not together:
        return with_parts(made, output_of(few.plan, output, last))
    # A session's lines are all priced the one way or all the other.
    few_priced = made.add("priced", output_of(few.plan, output, last, own={"session": KEY}), kept=False)
    shown = [column(name) for name in output]
    first = exp.select(*shown).from_(table_of(few_priced)).where(exp.Not(this=_in(KEY, together)))
    again = exp.select(*(column(name) for name in all_.plan.inputs)).from_(table_of(base))
    made.add("again", again.where(_in("session", together)), kept=True)
    own = {all_.plan.last[name] for name in output}
    held = _plain(made, all_.plan, 0, list(all_.plan.inputs), own)
    rest = output_of(all_.plan, output, _level(made, all_.plan, made.last, held, own, kept=True))
    return with_parts(made, exp.union(first, rest, distinct=False))


def _in(key: str, together: str) -> exp.Expr:
    from sqlglot import exp

    return exp.In(this=column(key), query=exp.select(column(KEY)).from_(table_of(together)).subquery())


def _together(made: Query, level: Level, base: str) -> str:
    """The sessions of several lines in which an assumption does not hold: two lines to rank, or any to sum or to take
    the largest of."""
    from sqlglot import exp

    flags = [column(level.plan.last[flag]) for flag in level.flags]
    tests = []
    for flag, ranks in zip(flags, level.assumed.values(), strict=True):
        count = exp.Sum(this=chosen(flag, literal(1), literal(0)))
        tests.append(exp.GT(this=count, expression=literal(1 if ranks else 0)))
    key = exp.alias_(column("session"), KEY, quoted=True)
    concerned = exp.select(key).from_(table_of(base)).where(exp.or_(*flags))
    concerned = concerned.group_by(column("session")).having(exp.or_(*tests))
    name = made.add("concerned", concerned, kept=True)
    several = exp.GT(this=exp.Count(this=exp.Star()), expression=literal(1))
    found = exp.select(key.copy()).from_(table_of(base)).where(_in("session", name))
    return made.add("together", found.group_by(column("session")).having(several), kept=True)


def _level(made: Query, plan: Plan, before: str, held: Sequence[str], own: Set[str], *, kept: bool = False) -> str:
    """The windows of a plan, stage by stage, and the steps after each; the name of the last part. before, held: the
    part with the steps before any window, and its columns. own: those to end with. kept: whether what stands before a
    window is kept, or worked out again for each of the few lines that it concerns."""
    for stage in range(plan.stages):
        if kept:
            name, select, _ = made.parts[-1]
            made.parts[-1] = (name, select, True)
        windows = plan.windows(stage)
        later = _later(plan, stage, own)
        held = [name for name in held if name in later]
        picked(made, before, windows, stage + 1, held)
        held = _plain(made, plan, stage + 1, [*held, *(step.column for step in windows)], own)
        before = made.last
    return before


def _later(plan: Plan, stage: int, own: Set[str]) -> set[str]:
    """The columns that are read after the windows of a stage, or are to end with."""
    steps = [placed.step for placed in plan.steps if placed.stage > stage]
    return set(own).union(*(reads(step) for step in steps))


def _plain(made: Query, plan: Plan, stage: int, held: Sequence[str], own: Set[str]) -> list[str]:
    """The steps of a stage that look at one line, each layer with the columns that are still to be read."""
    windows = plan.windows(stage)
    after = _later(plan, stage, own).union(*(reads(step) for step in windows))
    layers: dict[int, list[Step]] = {}
    for placed in plan.plain(stage):
        layers.setdefault(placed.level, []).append(placed.step)
    held = list(held)
    for level in sorted(layers):
        steps = [step for other, found in layers.items() if other > level for step in found]
        needed = after.union(*(reads(step) for step in steps))
        before = [name for name in held if name in needed]
        new = [name for step in layers[level] for name in writes(step) if name in needed]
        if new:
            made.add("layer", one_level(made, layers[level], before, needed), kept=False)
        held = [*before, *new]
    return held
