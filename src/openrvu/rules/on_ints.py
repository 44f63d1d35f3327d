"""Rules run over plain dictionaries: one service or one claim, in a fraction of a millisecond.

The steps become one Python function, once; it is run over the lines of a claim and looks rows up by the `one` of seeds.

>>> from openrvu.rules.formula import col
>>> from openrvu.rules.steps import Compute, Rank, Rule
>>> double = Rule("double", "twice the units", (Compute("twice", col("units") * 2),), ("rvu25d-layout",))
>>> lines = [{"line_id": 1, "units": 2}, {"line_id": 2, "units": 3}]
>>> run((double,), lines, {})
>>> [line["twice"] for line in lines]
[4, 6]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

from openrvu.rules.formula import Formula, as_python, columns
from openrvu.rules.steps import Compute, Group, Lookup, Rank, Rule, Running, Seed, Step

Row = dict[str, Any]


def run(rules: tuple[Rule, ...], lines: Sequence[Row], seeds: Mapping[str, Seed]) -> None:
    """Write the columns of the rules into the lines, in order. A rule may look at every line of the sequence."""
    names, function = _compiled(rules)
    function(lines, *(part for name in names for part in (seeds[name].one, seeds[name].missing)))


def source(rules: tuple[Rule, ...]) -> str:
    """The Python function that the rules become, as text."""
    steps = [step for rule in rules for step in rule.steps]
    parts = [f"def pay(lines{''.join(f', one_{name}, none_{name}' for name in _tables(steps))}):"]
    for together, group in groupby(steps, key=lambda step: isinstance(step, (Lookup, Compute))):
        found = list(group)
        parts += _line_by_line(found) if together else [text for step in found for text in _across(step)]
    return "\n".join([*parts, "    return None", ""])


@lru_cache(maxsize=16)
def _compiled(rules: tuple[Rule, ...]) -> tuple[tuple[str, ...], Callable[..., None]]:
    space: dict[str, Any] = {"ranked": _ranked}
    exec(compile(source(rules), "<rules>", "exec"), space)  # noqa: S102  # text made here, from formulas alone
    return _tables([step for rule in rules for step in rule.steps]), space["pay"]


def _tables(steps: Sequence[Step]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(step.table for step in steps if isinstance(step, Lookup)))


def _local(formula: Formula) -> str:
    return as_python(formula, lambda name: f"c_{name}")


def _line_by_line(steps: Sequence[Step]) -> list[str]:
    """A loop over the lines that keeps columns in local names, and writes those that it makes at the end."""
    reads: dict[str, None] = {}
    written: dict[str, None] = {}
    body: list[str] = []
    for step in steps:
        formulas = [key for _, key in step.keys] if isinstance(step, Lookup) else [step.formula]  # type: ignore[union-attr]
        reads |= dict.fromkeys(name for formula in formulas for name in sorted(columns(formula)) if name not in written)
        if isinstance(step, Compute):
            body.append(f"c_{step.column} = {_local(step.formula)}")
            written[step.column] = None
        elif isinstance(step, Lookup):
            body += _lookup(step)
            written |= dict.fromkeys([*(name for _, name in step.take), step.found])
    loads = [f"c_{name} = row[{name!r}]" for name in reads]
    stores = [f"row[{name!r}] = c_{name}" for name in written]
    return ["    for row in lines:", *(f"        {text}" for text in (*loads, *body, *stores))]


def _lookup(step: Lookup) -> list[str]:
    keys = "".join(f"{_local(key)}, " for _, key in step.keys)
    return [
        f"found = one_{step.table}(({keys}))",
        f"c_{step.found} = 1",
        "if found is None:",
        f"    found, c_{step.found} = none_{step.table}, 0",
        *(f"c_{name} = found[{column!r}]" for column, name in step.take),
    ]


def _across(step: Step) -> list[str]:
    """A step that looks at the lines of a group together."""
    assert isinstance(step, (Rank, Group, Running))
    key = "".join(f"row[{name!r}], " for name in step.within)
    among = as_python(step.among)
    if isinstance(step, Rank):
        return [
            "    groups = {}",
            "    for row in lines:",
            f"        row[{step.column!r}] = 0",
            f"        if {among}:",
            f"            groups.setdefault(({key}), []).append((-{as_python(step.by)}, row['line_id'], row))",
            "    for group in groups.values():",
            f"        ranked(group, {step.column!r})",
        ]
    if isinstance(step, Running):
        return [
            "    totals = {}",
            "    for row in sorted(lines, key=lambda row: row['line_id']):",
            f"        row[{step.column!r}] = 0",
            f"        if {among}:",
            f"            key = ({key})",
            f"            row[{step.column!r}] = totals.get(key, 0)",
            f"            totals[key] = row[{step.column!r}] + {as_python(step.of)}",
        ]
    first = f"totals[key] + {as_python(step.of)} if key in totals else {as_python(step.of)}"
    if step.how == "max":
        first = f"max(totals[key], {as_python(step.of)}) if key in totals else {as_python(step.of)}"
    return [
        "    totals = {}",
        "    for row in lines:",
        f"        if {among}:",
        f"            key = ({key})",
        f"            totals[key] = {first}",
        "    for row in lines:",
        f"        row[{step.column!r}] = totals.get(({key}), 0)",
    ]


def _ranked(group: list[tuple[int, int, Row]], column: str) -> None:
    group.sort(key=lambda member: member[:2])
    for rank, (_, _, row) in enumerate(group, start=1):
        row[column] = rank
