"""Every number that a rule makes stays below 2^53, whatever a line may say, so that any engine can make it exactly.

The largest and smallest value of each column are carried through the steps: from what a line may hold, from the
maxima of `schemas.py`, and from the dated values.
"""

from __future__ import annotations

from functools import reduce

import pytest

from openrvu import params, schemas
from openrvu.files import read_csv
from openrvu.rules.formula import Formula, Value
from openrvu.rules.lines import LINE, MOST
from openrvu.rules.modifiers import BITS
from openrvu.rules.order import RULES
from openrvu.rules.people import providers
from openrvu.rules.steps import Compute, Group, Lookup, Rank, Rule, Running

EXACT = 2**53
LINES_IN_A_SESSION = 1_000
Span = tuple[int, int]

LINE_LEAST = {"units": 1, "charge_cents": -1}
ROW_MOST = {column.name: column.maximum for column in schemas.RELATIVE_VALUES}
TAKEN = {
    "calendar": {
        "conversion_factor": schemas.MAX_CONVERSION_FACTOR,
        "conversion_factor_qp": schemas.MAX_CONVERSION_FACTOR,
    }
    | {row.name: max(one.value for one in params.rows() if one.name == row.name) for row in params.rows()},
    "places": dict.fromkeys(("work_gpci", "pe_gpci", "mp_gpci"), schemas.MAX_GPCI),
    "modifiers": {"bit": max(BITS.values())},
    "ranks": {"percent": 10_000, "later_percent": 10_000},
    "providers": {"percent": 10_000, "starts": 99_991_231},
    "anesthesia": {"base_units": 50},
    "anesthesia_places": dict.fromkeys(("factor_cents", "factor_qp_cents"), 10_000),
    "mue": {"units": 10_000, "adjudication": 3},
}


def most_of(table: str, column: str) -> int:
    """The largest value that a lookup may take; texts count as 0."""
    if table == "relative_values":
        name = column.removeprefix("pro_").removeprefix("base_")
        return ROW_MOST.get(name, 0)
    return TAKEN.get(table, {}).get(column, 1)


def span(value: Formula | Value, known: dict[str, Span], seen: list[Span]) -> Span:
    """The smallest and largest value of a formula; those of every part of it are added to `seen`."""
    found = _span(value, known, seen)
    seen.append(found)
    return found


def _span(value: Formula | Value, known: dict[str, Span], seen: list[Span]) -> Span:
    if not isinstance(value, Formula):
        number = value if isinstance(value, int) else 0
        return number, number
    if value.op == "col":
        return known[str(value.args[0])]
    parts = [span(arg, known, seen) for arg in value.args]
    if value.op == "where":
        return min(parts[1][0], parts[2][0]), max(parts[1][1], parts[2][1])
    if value.op in ("least", "greatest"):
        pick = min if value.op == "least" else max
        return pick(low for low, _ in parts), pick(high for _, high in parts)
    if value.op in ("==", "!=", "<", "<=", ">", ">=", "in", "and", "or", "not"):
        return 0, 1
    (a, b), (c, d) = parts
    if value.op == "+":
        return a + c, b + d
    if value.op == "-":
        return a - d, b - c
    corners = [x * y for x in (a, b) for y in (c, d)]
    if value.op == "*":
        return min(corners), max(corners)
    if value.op == "%":
        assert a >= 0 and c > 0, "% of a number below zero"
        return 0, min(b, d - 1)
    assert value.op == "//" and a >= 0 and c > 0, "// of a number below zero, or by one that may be zero"
    return a // d, b // c


def walk(rules: tuple[Rule, ...]) -> tuple[dict[str, Span], list[tuple[str, Span]]]:
    """The span of every column, and of everything computed on the way, with the rule it belongs to."""
    known: dict[str, Span] = {}
    for name in LINE:
        known[name] = (LINE_LEAST.get(name, 0), MOST.get(name, 0))
    found: list[tuple[str, Span]] = []
    for rule in rules:
        for step in rule.steps:
            seen: list[Span] = []
            if isinstance(step, Lookup):
                for _, key in step.keys:
                    span(key, known, seen)
                known |= {name: (0, most_of(step.table, column)) for column, name in step.take}
                known[step.found] = (0, 1)
            elif isinstance(step, Compute):
                known[step.column] = span(step.formula, known, seen)
            elif isinstance(step, Rank):
                span(step.by, known, seen)
                known[step.column] = (0, LINES_IN_A_SESSION)
            else:
                assert isinstance(step, (Group, Running))
                low, high = span(step.of, known, seen)
                most = 1 if isinstance(step, Group) and step.how == "max" else LINES_IN_A_SESSION
                known[step.column] = (min(0, low * most), max(0, high * most))
                seen.append(known[step.column])
            found += [(rule.name, one) for one in seen]
    return known, found


def test_no_number_of_any_rule_passes_two_to_the_53() -> None:
    _, found = walk(RULES)
    assert len(found) > 500
    beyond = [(rule, one) for rule, one in found if not -EXACT < one[0] <= one[1] < EXACT]
    assert not beyond


def test_no_money_is_below_zero() -> None:
    known, _ = walk(RULES)
    for rule in RULES:
        if rule.money:
            assert known[rule.money][0] >= 0, rule.name


def test_the_check_sees_a_number_that_is_too_large() -> None:
    from openrvu.rules.formula import col

    large = Rule("large", "", (Compute("x", reduce(lambda a, b: a * b, [col("charge_cents")] * 2)),), ())
    _, found = walk((large,))
    assert max(high for _, (_, high) in found) > EXACT


@pytest.mark.parametrize("name", ["ranks", "providers", "anesthesia", "modifiers"])
def test_the_maxima_hold_for_the_tables(name: str) -> None:
    from pathlib import Path

    rows = read_csv(Path(schemas.__file__).parent / "rules" / "lookups" / f"{name}.csv")
    for row in rows:
        for column, most in TAKEN[name].items():
            assert int(row.get(column) or 0) <= most
    assert providers()
