"""Parts of a global package: surgery only, care afterwards, return to the operating room.

Source: 100-04 chapter 12 section 40; the shares are columns of the relative value file. That a return pays the
operation's share alone is quoted in `return-to-room`.
"""

from __future__ import annotations

from openrvu.rules.fee import cents, share_of
from openrvu.rules.formula import col, least, where
from openrvu.rules.look import PRICED, stops
from openrvu.rules.modifiers import has
from openrvu.rules.steps import Compute, Rule
from openrvu.units import PERCENT

_PACKAGE = col("global_days").among("010", "090")
_SHORT = col("global_days").eq("010")
_DAYS = where(_SHORT, 10, 90)
_POST = col("amount_cents") * col("postoperative") * col("days_held")

SPLIT = Rule(
    "split",
    "pays the part of a 10 or 90 day package that was done: 54 operation and before, 55 after by days, 78 operation",
    (
        *stops("package-not-split", has("55", "56") & ~_PACKAGE),
        *stops("in-surgery-share", has("56")),
        Compute("days_held", where(col("post_days").eq(0), _DAYS, least(col("post_days"), _DAYS))),
        Compute(
            "split_percent",
            where(
                _PACKAGE & has("54"),
                col("preoperative") + col("intraoperative"),
                where(_PACKAGE & has("78"), col("intraoperative"), PERCENT),
            ),
        ),
        Compute(
            "split_cents",
            where(
                PRICED,
                where(
                    has("55"),
                    where(_SHORT, cents(_POST, 10 * PERCENT), cents(_POST, 90 * PERCENT)),
                    share_of(col("amount_cents"), col("split_percent")),
                ),
                0,
            ),
        ),
        Compute("amount_cents", col("split_cents")),
    ),
    ("claims-manual-12", "return-to-room"),
    money="split_cents",
)
