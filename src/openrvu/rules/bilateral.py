"""Both sides at once: modifier 50, LT and RT, or two units, before anything is ranked.

Source: 100-04 chapter 12 section 40.7. Where two lines make the pair, the first by line_id carries both sides and the
second is nothing of its own, so that the pair is ranked, and rounded, once.
"""

from __future__ import annotations

from openrvu.rules.fee import share_of
from openrvu.rules.formula import col, where
from openrvu.rules.look import PRICED, stops
from openrvu.rules.modifiers import has
from openrvu.rules.steps import Compute, Group, Rule, Running
from openrvu.units import PERCENT

_LEFT, _RIGHT = 1, 1_000
_SAME_CODE = ("session", "on", "role", "hcpcs", "row_modifier")
_DISTINCT = has("59", "XE", "XP", "XS", "XU", "76", "77", "58", "78", "79")

# A line that may be one side of a pair, and then which side.
_SIDED = PRICED & col("side").ne(0)
# Two units are two sides, but for an add-on, whose units count levels.
_TWO_UNITS = col("bilateral").among("1", "2") & col("units").eq(2) & col("global_days").ne("ZZZ")
_BOTH = (
    has("50")
    | (has("LT") & has("RT"))
    | (col("sides").eq(_LEFT + _RIGHT) & _SIDED)
    | (_TWO_UNITS & ~(has("LT", "RT") | _DISTINCT))
)
# Diagnostic services paid a side at a time count as two units, so that the later one is reduced like any other.
_TWICE = col("both").eq(1) & col("bilateral").eq("3")
_BY_UNIT = col("multiple").among("4", "5", "6", "7")

BILATERAL = Rule(
    "bilateral",
    "pays both sides together by the bilateral indicator: 1 at 150 %, 3 a side at a time, 0 and 2 as one",
    (
        Compute(
            "side",
            where(
                PRICED
                & col("bilateral").among("0", "1", "2")
                & col("units").eq(1)
                & (has("LT", "RT") & ~(has("LT") & has("RT")))
                & ~(has("50") | _DISTINCT),
                where(has("LT"), _LEFT, _RIGHT),
                0,
            ),
        ),
        Group("sides", "sum", col("side"), _SAME_CODE, _SIDED),
        Running("sides_before", col("side"), _SAME_CODE, _SIDED),
        *stops("with-other-side", _SIDED & col("sides").eq(_LEFT + _RIGHT) & (col("sides_before") > 0)),
        Compute("both", where(PRICED & _BOTH, 1, 0)),
        Compute(
            "bilateral_percent",
            where(
                col("both").eq(1) & col("bilateral").eq("1"),
                col("bilateral_surgery"),
                where(_TWICE & ~_BY_UNIT, 2 * PERCENT, PERCENT),
            ),
        ),
        Compute(
            "paid_units",
            where(
                col("both").eq(1) & _TWO_UNITS & ~has("50"),
                1,
                where(_TWICE & _BY_UNIT & col("units").eq(1), 2, col("units")),
            ),
        ),
        Compute("bilateral_cents", where(PRICED, share_of(col("fee_cents"), col("bilateral_percent")), 0)),
        Compute("amount_cents", col("bilateral_cents")),
    ),
    ("rvu25d-layout", "claims-manual-12"),
    money="bilateral_cents",
)
