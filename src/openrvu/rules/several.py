"""Several procedures in one session: endoscopy families first, then the ranking of all surgery.

Source: 100-04 chapter 12 section 40.6. Ranks go by the amount after bilateral; an endoscopy family is ranked as one,
by its total. Each line is then reduced by itself, so a family's total may differ by a cent from the total reduced.
"""

from __future__ import annotations

from openrvu.rules.fee import fee_of, share_of
from openrvu.rules.formula import col, greatest, where
from openrvu.rules.look import PRICED, stops
from openrvu.rules.modifiers import has
from openrvu.rules.steps import Compute, Group, Lookup, Rank, Rule
from openrvu.units import PERCENT

_TOGETHER = ("session", "on", "role")
_FAMILY = (*_TOGETHER, "scope")
_SCOPE = col("multiple").eq("3")
_SURGERY = col("multiple").among("1", "2", "3") & ~has("78")
_IN_FAMILY = col("in_family").eq(1)
_HEAD = ~_IN_FAMILY | col("family_rank").eq(1)

ENDOSCOPY = Rule(
    "endoscopy",
    "inside an endoscopy family pays the highest in full and takes the base code's amount off each other one",
    (
        # A line whose own code is the base of another line belongs to that family.
        Compute("scope", where(_SCOPE, col("endoscopic_base"), col("hcpcs"))),
        Group("members", "sum", where(_SCOPE, 1, 0), _FAMILY, PRICED & _SURGERY & _SCOPE),
        Compute("in_family", where(PRICED & _SURGERY & (col("members") > 0), 1, 0)),
        Rank("family_rank", _FAMILY, col("amount_cents"), _IN_FAMILY),
        Compute(
            "base_cents",
            where(
                _IN_FAMILY & _SCOPE,
                fee_of(
                    col("base_work_rvu"),
                    where(col("facility").eq(1), col("base_pe_facility_rvu"), col("base_pe_nonfacility_rvu")),
                    col("base_mp_rvu"),
                ),
                where(_IN_FAMILY, col("amount_cents"), 0),
            ),
        ),
        *stops("endoscopy-base-not-held", _IN_FAMILY & (col("family_rank") > 1) & col("base_cents").eq(0)),
        Compute("later_cents", where(PRICED, greatest(col("amount_cents") - col("base_cents"), 0), 0)),
        Compute("family_cents", where(PRICED & (col("family_rank") > 1), col("later_cents"), col("amount_cents"))),
        Compute("family_cents", where(PRICED, col("family_cents"), 0)),
        Compute("amount_cents", col("family_cents")),
    ),
    ("rvu25d-layout", "claims-manual-12"),
    money="family_cents",
)

MULTIPLE = Rule(
    "multiple",
    "ranks surgery by amount: the highest in full, the second to fifth at 50 %, any further by report",
    (
        Group("family_total", "sum", col("amount_cents"), _FAMILY, _IN_FAMILY & PRICED),
        Compute("rank_by", where(_IN_FAMILY, col("family_total"), col("amount_cents"))),
        Rank("surgery_rank", _TOGETHER, col("rank_by"), PRICED & _SURGERY & _HEAD),
        Group("head_rank", "max", col("surgery_rank"), _FAMILY, _IN_FAMILY),
        Compute("surgery_rank", where(_IN_FAMILY, col("head_rank"), col("surgery_rank"))),
        Lookup(
            "ranks",
            (("multiple", col("multiple")), ("rank", col("surgery_rank"))),
            (("percent", "rank_percent"), ("later_percent", "later_percent")),
            "rank_found",
        ),
        Compute("past_ranks", where(PRICED & (col("surgery_rank") > 0) & col("rank_found").eq(0), 1, 0)),
        Compute("rank_percent", where(col("rank_found").eq(1), col("rank_percent"), PERCENT)),
        Compute("later_percent", where(col("rank_found").eq(1), col("later_percent"), PERCENT)),
        Compute("later_cents", share_of(col("later_cents"), col("later_percent"))),
        Compute("multiple_cents", where(PRICED, share_of(col("amount_cents"), col("rank_percent")), 0)),
        Compute("amount_cents", col("multiple_cents")),
    ),
    ("rvu25d-layout", "claims-manual-12"),
    money="multiple_cents",
)
