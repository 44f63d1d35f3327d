"""Modifiers as a set of bits, so that any engine can ask for one with whole numbers.

What each means is `lookups/modifiers.csv`. A modifier that changes no amount has no bit of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from openrvu.files import read_csv
from openrvu.rules.formula import Formula, col, where
from openrvu.rules.steps import Compute, Lookup, Rule, Step

# The modifiers that some rule asks for. Their place here is their bit.
WITH_EFFECT = (
    *("26", "TC", "53", "50", "LT", "RT", "51", "22", "52", "54", "55", "56", "62", "66", "78", "80", "81", "82", "AS"),
    *("59", "XE", "XP", "XS", "XU", "76", "77", "58", "79", "73", "74", "AA", "AD", "QK", "QX", "QY", "QZ"),
    *("CO", "CQ", "FX", "FY", "CT"),
)
BITS: Mapping[str, int] = {modifier: 2**place for place, modifier in enumerate(WITH_EFFECT)}


@dataclass(frozen=True, slots=True)
class Modifier:
    """One modifier: row of the relative value file that it asks for, what it does here, in words, and its source."""

    modifier: str
    row: str
    effect: str
    words: str
    source: str


@cache
def modifiers() -> Mapping[str, Modifier]:
    """Every modifier that is known."""
    path = Path(__file__).parent / "lookups" / "modifiers.csv"
    return {row["modifier"]: Modifier(**row) for row in read_csv(path)}


def has(*any_of: str) -> Formula:
    """Whether the line carries one of the modifiers."""
    found = [((col("modifiers") // BITS[modifier]) % 2).eq(1) for modifier in any_of]
    asked = found[0]
    for one in found[1:]:
        asked = asked | one
    return asked


def _look(place: int) -> tuple[Step, ...]:
    """Look up one of the four; the same one given twice counts once."""
    name, bit = f"m{place}", f"bit{place}"
    found = Lookup("modifiers", (("modifier", col(name)),), (("bit", bit),), f"known{place}")
    earlier = [col(name).ne(col(f"m{other}")) for other in range(1, place)]
    fresh = earlier[0] if earlier else None
    for one in earlier[1:]:
        fresh = fresh & one if fresh is not None else one
    if fresh is None:
        return (found,)
    return (found, Compute(bit, where(fresh, col(bit), 0)))


# A line has one row of the file: 26 and TC before 53, which few codes have a row of their own for.
_ROW = where(has("26"), "26", where(has("TC"), "TC", where(has("53") & col("stopped_row").eq(1), "53", "")))


def _several(*group: str) -> Formula:
    """Whether more than one of a group of modifiers stands on the line."""
    total = where(has(group[0]), 1, 0)
    for modifier in group[1:]:
        total = total + where(has(modifier), 1, 0)
    return total > 1


# Each says something that the other denies.
_CONFLICT = (
    _several("26", "TC")
    | _several("62", "66", "80", "81", "82", "AS")
    | _several("54", "55", "56", "78")
    | _several("AA", "AD", "QK", "QX", "QY", "QZ")
)

# Whose services are ranked together: the surgeon's, an assistant's, a directing anesthesiologist's, the directed one's.
_ROLE = where(has("80", "81", "82"), 1, where(has("AS"), 2, where(has("QK", "QY", "AD"), 3, where(has("QX"), 4, 0))))

MODIFIERS = Rule(
    "modifiers",
    "reads up to four modifiers; the same one twice counts once, and each must be known",
    (
        *(step for place in (1, 2, 3, 4) for step in _look(place)),
        Compute("modifiers", col("bit1") + col("bit2") + col("bit3") + col("bit4")),
        Compute("modifiers_known", col("known1") * col("known2") * col("known3") * col("known4")),
        Lookup("stopped", (("release", col("release")), ("hcpcs", col("hcpcs"))), (), "stopped_row"),
        Compute("row_modifier", _ROW),
        Compute("role", _ROLE),
        Compute("modifiers_conflict", where(_CONFLICT, 1, 0)),
    ),
    ("rvu25d-layout",),
)
