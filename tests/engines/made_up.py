"""Small made-up rules that use every kind of step, random lines for them, and what they give by a slow reading.

The reading here is written from the words of steps.py alone, apart from every engine under test.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from openrvu import units
from openrvu.rules.formula import as_python, col, greatest, least, where
from openrvu.rules.steps import Compute, Group, Lookup, Rank, Rule, Running, Seed

INPUTS: dict[str, type] = {
    "line_id": int,
    "session": str,
    "on": int,
    "hcpcs": str,
    "m1": str,
    "m2": str,
    "place": str,
    "units": int,
    "charge_cents": int,
    "deductible_cents": int,
}


def seed(name: str, keys: tuple[str, ...], columns: dict[str, type], rows: list[tuple[int | str, ...]]) -> Seed:
    names = list(columns)
    held = {tuple(row[names.index(key)] for key in keys): dict(zip(names, row, strict=True)) for row in rows}
    return Seed(name, keys, columns, lambda: rows, held.get)


SEEDS: dict[str, Seed] = {
    "calendar": seed(
        "calendar",
        ("day",),
        {"day": int, "release": str, "factor": int},
        [(20240100 + day, "A" if day < 16 else "B", 327442 + day) for day in range(1, 32)],
    ),
    "values": seed(
        "values",
        ("release", "hcpcs"),
        {"release": str, "hcpcs": str, "rvu": int, "kind": int, "family": str},
        [
            (release, f"{code}", 10_000 * (code % 7 + 1) + (release == "B"), code % 4, f"f{code % 3}")
            for release in "AB"
            for code in range(10_000, 10_024)
        ],
    ),
    "modifiers": seed(
        "modifiers",
        ("modifier",),
        {"modifier": str, "bit": int, "percent": int},
        [("", 0, 10_000), ("50", 1, 15_000), ("62", 2, 6_250), ("o'k", 4, 3_333)],
    ),
}

fee, kind = col("fee_cents"), col("kind")
surgery = kind.among(2, 3) & (fee > 0)
RULES = (
    Rule(
        "day-of-service",
        "",
        (
            Lookup("calendar", (("day", col("on")),), (("release", "release"), ("factor", "factor")), "day_held"),
            Lookup(
                "values",
                (("release", col("release")), ("hcpcs", col("hcpcs"))),
                (("rvu", "rvu"), ("kind", "kind"), ("family", "family")),
                "row_held",
            ),
            Lookup("modifiers", (("modifier", col("m1")),), (("bit", "b1"), ("percent", "p1")), "m1_held"),
            Lookup("modifiers", (("modifier", col("m2")),), (("bit", "b2"), ("percent", "p2")), "m2_held"),
        ),
        (),
    ),
    Rule(
        "status",
        "",
        (
            Compute(
                "status",
                where(
                    (col("day_held") + col("row_held") + col("m1_held") + col("m2_held")).eq(4), "priced", "not-held"
                ),
            ),
            Compute("good", col("status").eq("priced") & ~kind.eq(1)),
            Compute("flags", where(col("good"), where(kind.eq(3), 3, 1), 0)),
        ),
        (),
    ),
    Rule(
        "fee",
        "",
        (
            Compute(
                "fee_cents",
                where(
                    col("good"),
                    units.half_up_plain(col("rvu") * col("factor") * col("units"), 10_000_000)
                    + where(kind.eq(2), 20_000, 30_000) * where(col("b1").eq(1), 70_000, 1) // 700_000,
                    0,
                ),
            ),
            Compute("amount_cents", units.half_up_plain(fee * col("p1"), 10_000)),
            Compute("amount_cents", units.half_up_plain(col("amount_cents") * least(col("p2"), 9_999), 10_000)),
        ),
        (),
        "fee_cents",
    ),
    Rule(
        "several",
        "",
        (
            Rank("rank", ("session",), col("amount_cents"), surgery),
            Rank("any_rank", ("session", "hcpcs"), 0 - col("amount_cents"), kind.ne(1)),
            Group("family_most", "max", fee, ("session", "family"), kind.eq(3)),
            Group("family_sum", "sum", col("amount_cents"), ("session", "family"), kind.eq(3)),
            Group("least_one", "max", 0 - fee, ("session",), surgery),
            Compute(
                "amount_cents",
                where(col("rank") > 1, units.half_up_plain(col("amount_cents"), 2), col("amount_cents")),
            ),
            Rank("rank_again", ("session",), col("amount_cents") + col("family_sum") % 7, surgery & (col("rank") > 1)),
        ),
        (),
        "amount_cents",
    ),
    Rule(
        "patient",
        "",
        (
            Running("before", col("amount_cents"), ("session",), col("deductible_cents") > 0),
            Running("all_before", col("amount_cents"), ("session",), col("amount_cents") >= 0),
            Compute("left", greatest(col("deductible_cents") - col("before"), 0)),
            Compute("patient_cents", least(col("left"), col("amount_cents"))),
            Compute("status", where(col("patient_cents") > 0, "patient", col("status"))),
        ),
        (),
        "patient_cents",
    ),
)

OUTPUT = (
    *INPUTS,
    *("release", "status", "good", "flags", "fee_cents", "rank", "any_rank", "family_most", "family_sum", "least_one"),
    *("rank_again", "before", "all_before", "left", "patient_cents", "amount_cents", "row_held", "family"),
)


def lines(count: int, number: int) -> list[dict[str, Any]]:
    """Random lines: ties, groups of one to many, codes, days and modifiers that are not held."""
    chance = random.Random(number)
    return [
        {
            "line_id": line,
            "session": f"s{chance.randrange(max(1, count // 3))}",
            "on": 20240100 + chance.choice([0, *range(1, 32), 99]),
            "hcpcs": str(chance.choice([10_000, 10_001, 10_002, 10_003, chance.randrange(9_998, 10_026)])),
            "m1": chance.choice(["", "", "", "50", "62", "o'k", "XX"]),
            "m2": chance.choice(["", "", "", "", "62"]),
            "place": "national",
            "units": chance.choice([1, 1, 1, 2, 40]),
            "charge_cents": -1,
            "deductible_cents": chance.choice([0, 0, 0, 5_000, 10_000_000]),
        }
        for line in chance.sample(range(10 * count), count)
    ]


def slowly(rules: Sequence[Rule], seeds: Mapping[str, Seed], given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines through the rules, one step at a time, in the order of line_id."""
    rows = sorted((dict(line) for line in given), key=lambda row: row["line_id"])

    def value(formula: Any, row: dict[str, Any]) -> Any:
        return eval(as_python(formula), {"min": min, "max": max}, {"row": row})

    for step in (step for rule in rules for step in rule.steps):
        if isinstance(step, Lookup):
            for row in rows:
                found = seeds[step.table].one(tuple(value(formula, row) for _, formula in step.keys))
                kinds = seeds[step.table].columns
                row.update({name: found[c] if found else kinds[c]() for c, name in step.take})
                row[step.found] = int(found is not None)
        elif isinstance(step, Compute):
            for row in rows:
                row[step.column] = value(step.formula, row)
        else:
            together: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
            for row in rows:
                together.setdefault(tuple(row[name] for name in step.within), []).append(row)
            for group in together.values():
                chosen = [row for row in group if value(step.among, row)]
                if isinstance(step, Rank):
                    made = {id(row): 0 for row in group}
                    ordered = sorted(chosen, key=lambda row: (-value(step.by, row), row["line_id"]))
                    made |= {id(row): place for place, row in enumerate(ordered, 1)}
                elif isinstance(step, Group):
                    values = [value(step.of, row) for row in chosen]
                    whole = (max(values) if step.how == "max" else sum(values)) if values else 0
                    made = {id(row): whole for row in group}
                else:
                    values = [value(step.of, row) if value(step.among, row) else 0 for row in group]
                    made = {
                        id(row): sum(values[:place]) if value(step.among, row) else 0 for place, row in enumerate(group)
                    }
                for row in group:
                    row[step.column] = made[id(row)]
    return rows
