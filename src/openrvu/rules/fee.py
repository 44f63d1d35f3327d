"""The schedule amount: RVUs times GPCIs times the conversion factor, rounded once, half up, to cents.

Source: CMS, RVU25D record layout ("rvu25d-layout"); 42 CFR 414.20 to 414.30. CMS's published amounts confirm the
single rounding at the end: every amount of the payment files that we can recompute agrees to the cent.
"""

from __future__ import annotations

from openrvu import units

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


def fee_cents_sql(work: str, pe: str, mp: str, conversion_factor: int) -> str:
    """`fee_cents` as the text of a DuckDB expression; the GPCIs are the columns work_gpci, pe_gpci and mp_gpci.

    work, pe, mp: expressions over RVUs x 10^4. All are BIGINT: the product of the largest values fits no smaller type.

    >>> fee_cents_sql("w", "p", "m", 334009)[:67]
    '(sign((w * work_gpci + p * pe_gpci + m * mp_gpci) * 334009) * ((2 *'
    """
    total = f"({work} * work_gpci + {pe} * pe_gpci + {mp} * mp_gpci)"
    return units.half_up_sql(f"{total} * {conversion_factor}", _CENTS)
