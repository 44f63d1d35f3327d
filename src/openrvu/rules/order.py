"""The whole payment as one ordered tuple.

Each rule reads the columns written before it. A line that cannot be priced keeps going with the status that says why.
`seeds.py` holds the tables that they look up in; `on_ints.py` runs them over one claim.
"""

from __future__ import annotations

from openrvu.rules.fee import FEE
from openrvu.rules.look import FACTOR, LOCALITY, RECORD, RELEASE, STATUS
from openrvu.rules.modifiers import MODIFIERS
from openrvu.rules.steps import Rule

RULES: tuple[Rule, ...] = (
    RELEASE,
    MODIFIERS,
    RECORD,
    STATUS,
    LOCALITY,
    FACTOR,
    FEE,
)
