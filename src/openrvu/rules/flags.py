"""Which rules changed the amount of a line, as bits in the order of the rules that write money."""

from __future__ import annotations

from itertools import pairwise

from openrvu.rules.formula import col, where
from openrvu.rules.look import PRICED
from openrvu.rules.steps import Compute, Rule


def flags(rules: tuple[Rule, ...]) -> Rule:
    """The last rule: bit n is 1 where the n-th rule that writes money gave other cents than the one before it."""
    columns = [rule.money for rule in rules if rule.money]
    total = where(col(columns[0]).ne(0), 1, 0)
    for place, (before, after) in enumerate(pairwise(columns), start=1):
        total = total + where(col(before).ne(col(after)), 2**place, 0)
    return Rule(
        "flags",
        "notes which rules changed the amount",
        (Compute("rule_flags", where(PRICED, total, 0)),),
        ("rvu25d-layout",),
    )
