"""Therapy: the unit with the most practice expense of the day in full, every other with half of its practice expense.

Halved inside the formula and rounded once, as CMS's payment files print it. Ranked by practice expense RVUs, ties by
the whole amount. Source: RVU25D.pdf, indicator 5; PF25PD.pdf, therapy reduction amounts.
"""

from __future__ import annotations

from openrvu.rules.fee import fee_of
from openrvu.rules.formula import col, where
from openrvu.rules.look import PRICED
from openrvu.rules.steps import Compute, Rank, Rule
from openrvu.units import PERCENT

_THERAPY = PRICED & col("multiple").eq("5")
# Above any amount in cents, and low enough that RVUs times it stay below 2^53.
_ABOVE = 1_000_000_000

# RVUs have two decimals at most, so that a whole percent of RVU x 10^4 is a whole number.
_HALVED = fee_of(col("work_rvu"), col("pe_rvu") * col("therapy_pe") // PERCENT, col("mp_rvu"))

THERAPY = Rule(
    "therapy",
    "pays the therapy unit with the most practice expense in full, and every other with half of its practice expense",
    (
        Rank("therapy_rank", ("session", "on"), col("pe_rvu") * _ABOVE + col("fee_cents"), _THERAPY),
        Compute("halved_cents", where(_THERAPY, _HALVED, 0)),
        Compute("later_cents", where(_THERAPY, col("halved_cents"), col("later_cents"))),
        Compute(
            "therapy_cents",
            where(_THERAPY & (col("therapy_rank") > 1), col("halved_cents"), col("amount_cents")),
        ),
        Compute("amount_cents", col("therapy_cents")),
    ),
    ("rvu25d-layout", "pf25pd-layout", "novitas-therapy"),
    money="therapy_cents",
)
