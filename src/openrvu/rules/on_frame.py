"""RULES on a frame that a user brings, through Narwhals: Polars, and DuckDB or PySpark relations.

There is no order that goes down, so ranks go by the number negated, and a rank is a running count of ones. Ties are
broken by line_id, always. Nothing is rounded here: every step is whole numbers, and each column made is cast to Int64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from openrvu.errors import BadInput
from openrvu.rules.formula import Formula, Value
from openrvu.rules.plan import Plan, Window
from openrvu.rules.steps import Compute, Group, Lookup, Rank, Running, Seed, Step

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

_FOUND = "found_"


def run(
    plan: Plan,
    lines: Any,
    seeds: Mapping[str, Seed],
    output: Sequence[str],
    seed_frame: Callable[[Seed], Any] | None = None,
) -> Any:
    """The columns `output` for every line of a native lazy frame, as a frame of the same kind.

    seed_frame: makes a seed a native lazy frame of that kind; default Polars. Raises BadInput for missing columns.
    """
    import narwhals.stable.v2 as nw

    frame = nw.from_native(lines).lazy()
    held = frame.collect_schema().names()
    if missing := [name for name in plan.inputs if name not in held]:
        raise BadInput(f"the frame lacks {', '.join(missing)}", exists=f"It has: {', '.join(held)}")
    frame = frame.select(*plan.inputs)
    make = seed_frame or polars_frame
    for stage in range(plan.stages + 1):
        for placed in plan.plain(stage):
            frame = _one(frame, placed.step, plan, seeds, make)
        if windows := plan.windows(stage):
            frame = _windows(frame, windows)
    shown = frame.select(*(nw.col(plan.last[name]).alias(name) for name in output))
    return shown.to_native()


def polars_frame(seed: Seed) -> Any:
    """A seed as a lazy frame of Polars."""
    import polars

    kinds = {name: polars.String if kind is str else polars.Int64 for name, kind in seed.columns.items()}
    return polars.DataFrame(list(seed.rows()), schema=kinds, orient="row").lazy()


def expression(value: Formula | Value) -> Any:
    """A formula as an expression of Narwhals."""
    import narwhals.stable.v2 as nw

    if not isinstance(value, Formula):
        return nw.lit(value, nw.Int64()) if type(value) is int else nw.lit(value)
    if value.op in ("col", "lit"):
        return nw.col(str(value.args[0])) if value.op == "col" else expression(value.args[0])
    if value.op == "in":
        return expression(value.args[0]).is_in(list(value.args[1:]))
    args = [expression(arg) for arg in value.args]
    if value.op == "where":
        return nw.when(args[0]).then(args[1]).otherwise(args[2])
    if value.op in ("least", "greatest"):
        return nw.min_horizontal(*args) if value.op == "least" else nw.max_horizontal(*args)
    if value.op == "not":
        return ~args[0]
    made = args[0]
    for arg in args[1:]:
        made = _OPERATORS[value.op](made, arg)
    return made


_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
}


def _one(
    frame: nw.LazyFrame[Any],
    step: Step,
    plan: Plan,
    seeds: Mapping[str, Seed],
    make: Callable[[Seed], Any],
) -> nw.LazyFrame[Any]:
    import narwhals.stable.v2 as nw

    if isinstance(step, Compute):
        made = expression(step.formula)
        if plan.types[step.column] is int:
            made = made.cast(nw.Int64())
        return frame.with_columns(made.alias(step.column))
    assert isinstance(step, Lookup)
    return _lookup(frame, step, seeds[step.table], make)


def _lookup(frame: nw.LazyFrame[Any], step: Lookup, seed: Seed, make: Callable[[Seed], Any]) -> nw.LazyFrame[Any]:
    """A left join by equal keys; what is not found is zero or empty."""
    import narwhals.stable.v2 as nw

    keys = [f"key_{place}" for place in range(len(step.keys))]
    table = nw.from_native(make(seed)).lazy()
    table = table.select(
        *(nw.col(column).alias(key) for key, (column, _) in zip(keys, step.keys, strict=True)),
        *(nw.col(column).alias(name) for column, name in step.take),
    ).with_columns(nw.lit(1, nw.Int64()).alias(_FOUND))
    frame = frame.with_columns(*(expression(of).alias(key) for key, (_, of) in zip(keys, step.keys, strict=True)))
    frame = frame.join(table, on=keys, how="left").drop(*keys)
    filled = [
        nw.col(name).fill_null("" if seed.columns[column] is str else 0).alias(name) for column, name in step.take
    ]
    found = nw.col(_FOUND).fill_null(0).cast(nw.Int64()).alias(step.found)
    return frame.with_columns(*filled, found).drop(_FOUND)


def _windows(frame: nw.LazyFrame[Any], steps: Sequence[Window]) -> nw.LazyFrame[Any]:
    """All windows of a stage: what they read first, then the windows together."""
    import narwhals.stable.v2 as nw

    reads, made, left = [], [], []
    for place, step in enumerate(steps):
        number, flag = f"number_{place}", f"flag_{place}"
        among = expression(step.among)
        if isinstance(step, Rank):
            reads += [(0 - expression(step.by)).alias(number), nw.when(among).then(1).otherwise(0).alias(flag)]
        elif isinstance(step, Group) and step.how == "max":
            reads += [nw.when(among).then(expression(step.of)).alias(number)]
        else:
            reads += [nw.when(among).then(expression(step.of)).otherwise(0).alias(number)]
        if isinstance(step, Running):
            reads += [nw.when(among).then(1).otherwise(0).alias(flag)]
        made.append(_over(step, number, flag).cast(nw.Int64()).alias(step.column))
        left += [number] if isinstance(step, Group) else [number, flag]
    return frame.with_columns(*reads).with_columns(*made).drop(*left)


def _over(step: Window, number: str, flag: str) -> Any:
    import narwhals.stable.v2 as nw

    within = list(step.within)
    if isinstance(step, Rank):
        count = nw.col(flag).cum_sum().over(*within, order_by=[number, "line_id"])
        return count * nw.col(flag)
    if isinstance(step, Running):
        return (nw.col(number).cum_sum().over(*within, order_by="line_id") - nw.col(number)) * nw.col(flag)
    whole = nw.col(number).max() if step.how == "max" else nw.col(number).sum()
    return whole.over(*within).fill_null(0)
