"""The lines of a claim paid together: every rule, in order, over plain dictionaries.

>>> from openrvu.facts import embedded
>>> lines = [{"line_id": 1, "on": 20250701, "hcpcs": "63047"}, {"line_id": 2, "on": 20250701, "hcpcs": "62380"}]
>>> [(line["status"], line["fee_cents"]) for line in price_lines(lines, embedded())]
[('priced', 109493), ('contractor-priced', 0)]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openrvu.facts import Facts
from openrvu.rules import on_ints
from openrvu.rules.lines import LINE
from openrvu.rules.order import RULES
from openrvu.rules.seeds import seeds


def price_lines(lines: Iterable[Mapping[str, Any]], facts: Facts) -> list[dict[str, Any]]:
    """The lines with every column that the rules write, in the order given.

    Each line has the columns of `lines.LINE`; one that is left out takes the value that says nothing. Lines are ranked
    together by `session`, so lines of several claims may be given at once.
    """
    rows = [{**LINE, **line} for line in lines]
    on_ints.run(RULES, rows, seeds(facts))
    return rows
