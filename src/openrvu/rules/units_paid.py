"""Units, and lines that a person must look at before anything is paid.

The first unit at the amount so far, each further one at what a further service of its kind is paid.
"""

from __future__ import annotations

from openrvu.rules.formula import col, where
from openrvu.rules.look import PRICED, stops
from openrvu.rules.modifiers import has
from openrvu.rules.steps import Compute, Lookup, Rule

UNITS = Rule(
    "units",
    "adds up the units of a line: the first, and each further one as a further service of its kind",
    (
        Compute(
            "units_cents",
            where(PRICED, col("amount_cents") + (col("paid_units") - 1) * col("later_cents"), 0),
        ),
        Compute("amount_cents", col("units_cents")),
    ),
    ("claims-manual-12",),
    money="units_cents",
)

# A hook: no table of medically unlikely edits is held, so nothing is found; with one in the seed `mue` the line is
# marked, and paid as before.
UNLIKELY = Rule(
    "unlikely-units",
    "marks a line with more units than the medically unlikely edits of the day allow, where they are held",
    (
        Lookup(
            "mue",
            (("release", col("release")), ("hcpcs", col("hcpcs"))),
            (("units", "mue_units"), ("adjudication", "mue_adjudication")),
            "mue_found",
        ),
        Compute("over_mue", where(col("mue_found").eq(1) & (col("units") > col("mue_units")), 1, 0)),
    ),
    ("ncci-mue",),
)

BY_REPORT = Rule(
    "by-report",
    "leaves to the contractor what has no fixed percent: 22, 52, 53 without a row of its own, 66, the sixth operation",
    (
        *stops("facility-modifier", has("73", "74")),
        *stops("by-report", has("22", "52", "66") | (has("53") & col("row_modifier").ne("53"))),
        *stops("by-report", col("past_ranks").eq(1)),
        Compute("amount_cents", where(PRICED, col("amount_cents"), 0)),
    ),
    ("claims-manual-12", "pf25pd-layout"),
)
