"""Parts of a global package: surgery only, care afterwards, return to the operating room.

Source: 100-04 chapter 12 section 40; the shares are columns of the relative value file. That a return pays the
operation's share alone is quoted in `return-to-room`.
"""

from __future__ import annotations

from openrvu.rules.fee import cents, share_of
from openrvu.rules.formula import Formula, col, least, where
from openrvu.rules.look import PRICED, stops
from openrvu.rules.modifiers import has
from openrvu.rules.steps import Compute, Rule
from openrvu.units import PERCENT

_PACKAGE = col("global_days").among("010", "090")
_SHORT = col("global_days").eq("010")
_DAYS = where(_SHORT, 10, 90)


def _part(amount: Formula) -> Formula:
    """The part of an amount that the modifiers leave, rounded once."""
    after = amount * col("postoperative") * col("days_held")
    return where(
        has("55"),
        where(_SHORT, cents(after, 10 * PERCENT), cents(after, 90 * PERCENT)),
        share_of(amount, col("split_percent")),
    )


PACKAGE = Rule(
    "package",
    "asks whether a part of a global package is paid apart at all: 55 and 56 need a package of 10 or 90 days",
    (
        *stops("package-not-split", has("55", "56") & ~_PACKAGE),
        *stops("in-surgery-share", has("56")),
    ),
    ("claims-manual-12", "manual-global-quoted"),
)

# After the ranks, which go by the schedule amount of the whole package.
SPLIT = Rule(
    "split",
    "pays the part of a 10 or 90 day package that was done: 54 operation and before, 55 after by days, 78 operation",
    (
        Compute("days_held", where(col("post_days").eq(0), _DAYS, least(col("post_days"), _DAYS))),
        Compute(
            "split_percent",
            where(
                _PACKAGE & has("54"),
                col("preoperative") + col("intraoperative"),
                where(_PACKAGE & has("78"), col("intraoperative"), PERCENT),
            ),
        ),
        Compute("later_cents", where(PRICED, _part(col("later_cents")), 0)),
        Compute("split_cents", where(PRICED, _part(col("amount_cents")), 0)),
        Compute("amount_cents", col("split_cents")),
    ),
    ("claims-manual-12", "manual-global-quoted", "return-to-room"),
    money="split_cents",
)
