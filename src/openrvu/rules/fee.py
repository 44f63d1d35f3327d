"""The schedule amount: RVUs times GPCIs times the conversion factor, rounded once, half up, to cents.

Source: CMS, RVU25D record layout ("rvu25d-layout"); 42 CFR 414.20 to 414.30. CMS's published amounts confirm the
single rounding at the end: every amount of the payment files that we can recompute agrees to the cent.
"""

from __future__ import annotations

from openrvu import units
from openrvu.rules.formula import Formula, col, where
from openrvu.rules.look import PRICED
from openrvu.rules.steps import Compute, Rule

# RVU x 10^4, GPCI x 10^3 and conversion factor x 10^4 multiply to dollars x 10^11, which is cents x 10^9.
_CENTS = units.RVU * units.GPCI * units.CONVERSION_FACTOR // units.CENTS


def geographic_rvu(work: int, pe: int, mp: int, work_gpci: int, pe_gpci: int, mp_gpci: int) -> int:
    """Total RVUs adjusted to a place, x 10^7 (RVU x 10^4 times GPCI x 10^3), exact.

    >>> geographic_rvu(80000, 56400, 7100, 1000, 1000, 1000)
    143500000
    """
    return work * work_gpci + pe * pe_gpci + mp * mp_gpci


def fee_cents(work: int, pe: int, mp: int, work_gpci: int, pe_gpci: int, mp_gpci: int, conversion_factor: int) -> int:
    """The schedule amount in cents, half up. RVUs x 10^4, GPCIs x 10^3, conversion factor x 10^4.

    62330 nationally in 2026 (8.00 + 5.64 + 0.71 RVUs at 33.4009) is 479.30 dollars:

    >>> fee_cents(80000, 56400, 7100, 1000, 1000, 1000, 334009)
    47930
    """
    total = geographic_rvu(work, pe, mp, work_gpci, pe_gpci, mp_gpci)
    return units.half_up(total * conversion_factor, _CENTS)


def cents(numerator: Formula, denominator: int) -> Formula:
    """Nearest whole number, half up, as a formula; the numerator is never below zero."""
    rounded: Formula = units.half_up_plain(numerator, denominator)
    return rounded


def share_of(amount: Formula, percent: Formula | int) -> Formula:
    """A percent (x 10^4) of cents, half up, as a formula."""
    return cents(amount * percent, units.PERCENT)


def fee_of(work: Formula, pe: Formula, mp: Formula) -> Formula:
    """The same as a formula over the GPCIs and the factor of the line."""
    total = work * col("work_gpci") + pe * col("pe_gpci") + mp * col("mp_gpci")
    return cents(total * col("factor"), _CENTS)


def by_setting(facility: str, elsewhere: str) -> Formula:
    """One of two columns, by where the service is done."""
    return where(col("facility").eq(1), col(facility), col(elsewhere))


FEE = Rule(
    "fee",
    "multiplies RVUs by GPCIs and the conversion factor, and rounds once, half up, to cents",
    (
        Compute("pe_rvu", by_setting("pe_facility_rvu", "pe_nonfacility_rvu")),
        Compute("fee_cents", where(PRICED, fee_of(col("work_rvu"), col("pe_rvu"), col("mp_rvu")), 0)),
        Compute("amount_cents", col("fee_cents")),
    ),
    ("42cfr414.20", "rvu25d-layout"),
    money="fee_cents",
)


def fee_cents_sql(work: str, pe: str, mp: str, conversion_factor: int) -> str:
    """`fee_cents` as the text of a DuckDB expression; the GPCIs are the columns work_gpci, pe_gpci and mp_gpci.

    work, pe, mp: expressions over RVUs x 10^4. All are BIGINT: the product of the largest values fits no smaller type.

    >>> fee_cents_sql("w", "p", "m", 334009)[:67]
    '(sign((w * work_gpci + p * pe_gpci + m * mp_gpci) * 334009) * ((2 *'
    """
    total = f"({work} * work_gpci + {pe} * pe_gpci + {mp} * mp_gpci)"
    return units.half_up_sql(f"{total} * {conversion_factor}", _CENTS)
