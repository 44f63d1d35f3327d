"""From the amount to what each pays: participation, charge, deductible, coinsurance, sequestration.

Each is taken from the cents before it, half up; CMS's figures confirm only the schedule amount. The deductible is used
up in the order of line_id.
"""

from __future__ import annotations

from openrvu.rules.fee import share_of
from openrvu.rules.formula import Formula, col, greatest, least, where
from openrvu.rules.look import PRICED
from openrvu.rules.steps import Compute, Group, Rule, Running
from openrvu.units import PERCENT

_SAME_CODE = ("session", "on", "role", "hcpcs", "row_modifier")
_OUTSIDE = col("participating").eq(0)
# A charge that was not given makes the sum of a pair's charges unknown: it counts as more than any charge.
_NONE = 1_000_000_000_000


def _left(taken: str) -> Formula:
    """What is left of the allowed amount; never below zero."""
    return greatest(col("allowed_cents") - col(taken), 0)


PARTICIPATION = Rule(
    "participation",
    "pays a physician who does not take part 95 %, and limits the charge to 115 % of that",
    (
        Compute("participation_percent", where(_OUTSIDE, col("nonparticipating"), PERCENT)),
        Compute("participation_cents", where(PRICED, share_of(col("amount_cents"), col("participation_percent")), 0)),
        Compute(
            "limiting_charge_cents",
            where(_OUTSIDE, share_of(col("participation_cents"), col("limiting_charge")), 0),
        ),
        Compute("amount_cents", col("participation_cents")),
    ),
    ("42usc1395w-4g",),
    money="participation_cents",
)

CHARGE = Rule(
    "charge",
    "pays the lower of the charge and the amount; both lines of a pair of sides charge together",
    (
        Group(
            "pair_charge",
            "sum",
            where(col("charge_cents") < 0, _NONE, greatest(col("charge_cents"), 0)),
            _SAME_CODE,
            col("side").ne(0) & col("sides").eq(1_001),
        ),
        Compute(
            "charged_cents",
            where(
                PRICED & col("side").ne(0) & col("sides").eq(1_001),
                where(col("pair_charge") >= _NONE, -1, col("pair_charge")),
                col("charge_cents"),
            ),
        ),
        Compute(
            "allowed_cents",
            where(
                col("charged_cents") < 0,
                col("amount_cents"),
                least(col("amount_cents"), greatest(col("charged_cents"), 0)),
            ),
        ),
        Compute("amount_cents", col("allowed_cents")),
    ),
    ("rvu25d-layout",),
    money="allowed_cents",
)

PATIENT = Rule(
    "patient",
    "takes what is left of the deductible, then coinsurance; Medicare pays the rest less sequestration",
    (
        Running("allowed_before", col("allowed_cents"), ("session",), PRICED & (col("deductible_cents") > 0)),
        Compute(
            "deductible_used_cents",
            least(col("allowed_cents"), greatest(col("deductible_cents") - col("allowed_before"), 0)),
        ),
        Compute("coinsurance_cents", share_of(_left("deductible_used_cents"), col("coinsurance"))),
        Compute("patient_cents", col("deductible_used_cents") + col("coinsurance_cents")),
        Compute("sequestration_cents", share_of(_left("patient_cents"), col("sequestration"))),
        Compute("medicare_cents", col("allowed_cents") - col("patient_cents") - col("sequestration_cents")),
    ),
    ("42usc1395l", "sequestration"),
)
