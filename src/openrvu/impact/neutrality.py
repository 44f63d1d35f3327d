"""Budget neutrality: what changes of relative values do to the conversion factor.

    factor = sum(volume x old RVU) / sum(volume x new RVU)      at fixed volume, geography and conversion factor
    new conversion factor = old x updates x factor

An adjustment is owed only where spending would move by more than the threshold of the law (42 USC
1395w-4(c)(2)(B)(ii)(II)). What is outside of it (OPPS cap on imaging, reductions of several imaging or therapy
services) is not fed back: the sums are of schedule amounts before those rules.

The conversion factors of 2026 follow from that of 2025, CMS's updates and its budget-neutrality adjustment:

>>> from fractions import Fraction
>>> next_factor(323465, Fraction("1.0049"), (Fraction("1.025"), Fraction("1.0025")))
334009
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from openrvu import params, units

DECIMALS = 6


@dataclass(frozen=True)
class Neutrality:
    """What the law asks for. before_cents, after_cents: spending at fixed volume and at the old conversion factor.

    required: whether the difference passes the threshold. national: whether the sums are of all services; only then is
    there a factor (text, six decimals) and the conversion factor that follows. adjusted: whether it was put into the
    amounts shown.
    """

    before_cents: int
    after_cents: int
    difference_cents: int
    threshold_cents: int
    required: bool
    national: bool
    factor: str | None
    conversion_factor_before: str
    conversion_factor_after: str | None
    adjusted: bool
    sources: tuple[str, ...] = ("42usc1395w-4c2",)


def next_factor(value: int, factor: Fraction, updates: Sequence[Fraction] = ()) -> int:
    """A conversion factor x 10^4 from the one before, exact until one rounding, half up, to four decimals.

    factor: of budget neutrality. updates: of the law, as in 1.025.
    """
    exact = value * factor
    for update in updates:
        exact *= update
    return units.half_up(exact.numerator, exact.denominator)


def neutrality(
    before_cents: int, after_cents: int, conversion_factor: int, on: date, *, national: bool, neutral: bool = True
) -> Neutrality:
    """The factor and the conversion factor that follow from two sums of spending. conversion_factor: x 10^4.

    >>> found = neutrality(10_000_000_000_00, 10_050_000_000_00, 334009, date(2026, 7, 1), national=True)
    >>> found.required, found.factor, found.conversion_factor_after
    (True, '0.995025', '33.2347')
    """
    threshold = params.at("neutrality_threshold", on).value
    required = abs(after_cents - before_cents) > threshold
    known = national and after_cents > 0
    exact = Fraction(before_cents, after_cents) if known else Fraction(1)
    adjusted = known and required and neutral
    after = next_factor(conversion_factor, exact) if required else conversion_factor
    return Neutrality(
        before_cents=before_cents,
        after_cents=after_cents,
        difference_cents=after_cents - before_cents,
        threshold_cents=threshold,
        required=required,
        national=national,
        factor=_text(exact) if known else None,
        conversion_factor_before=units.text(conversion_factor, units.CONVERSION_FACTOR),
        conversion_factor_after=units.text(after, units.CONVERSION_FACTOR) if known else None,
        adjusted=adjusted,
    )


def _text(exact: Fraction) -> str:
    scale = 10**DECIMALS
    return units.text(units.half_up(exact.numerator * scale, exact.denominator), scale)
