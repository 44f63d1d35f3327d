"""Status indicators of the hospital outpatient system: what each means, in our words, and how it acts on a claim.

>>> indicators()["N"].words
'packaged: nothing is paid for it on its own'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from openrvu.files import read_csv


@dataclass(frozen=True)
class Indicator:
    """One status indicator (Addendum D1).

    way: how it is paid (each, comprehensive, packaged, unless-stv, unless-t, laboratory, composite, maybe, day, cost,
    elsewhere, inpatient, not). discounted: of several, each but the highest is paid half. with_comprehensive: packaged,
    apart or not, beside a comprehensive service. wage: the wage index applies.
    """

    letter: str
    way: str
    discounted: bool
    with_comprehensive: str
    wage: bool
    words: str
    source: str


@cache
def indicators() -> Mapping[str, Indicator]:
    """Every status indicator by its letter."""
    folder = Path(__file__).parents[1] / "rules" / "lookups"
    return {
        row["indicator"]: Indicator(
            letter=row["indicator"],
            way=row["way"],
            discounted=row["discounted"] == "1",
            with_comprehensive=row["with_comprehensive"],
            wage=row["wage"] == "1",
            words=row["words"],
            source=row["source"],
        )
        for row in read_csv(folder / "opps_status.csv")
    }
