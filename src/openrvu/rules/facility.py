"""How a hospital outpatient department and a surgical centre are paid: small formulas on whole numbers.

Amounts in cents, weights and percents x 10^4, conversion factors x 10^4, wage indices x 10^4. Values are dated rows in
`params/facility.toml`. Quotients are reduced first, so that every product stays below 2^53.

>>> by_weight(801_145, 891_690), minimum_copayment(714_373, 2_000)
(714373, 142875)
"""

from __future__ import annotations

from math import gcd

from openrvu import units

WAGE_INDEX = 10_000
NATIONAL = WAGE_INDEX


def by_weight(weight: int, factor: int) -> int:
    """Relative weight x conversion factor, in cents, half up."""
    return units.half_up(weight * factor, units.RVU * units.CONVERSION_FACTOR // units.CENTS)


def _part(cents: int, numerator: int, denominator: int) -> int:
    common = gcd(numerator, denominator)
    return units.half_up(cents * (numerator // common), denominator // common)


def at_wage_index(cents: int, labor_share: int, wage_index: int) -> int:
    """A rate where the labor share of it is multiplied by the wage index of the place.

    >>> at_wage_index(351_084, 5_000, 12_000), at_wage_index(714_373, 6_000, 9_000)
    (386192, 671511)
    """
    rest = units.PERCENT - labor_share
    return _part(cents, labor_share * wage_index + rest * WAGE_INDEX, units.PERCENT * WAGE_INDEX)


def minimum_copayment(cents: int, share: int) -> int:
    """The patient's share of a hospital's rate, rounded up to the cent."""
    return -(-cents * share // units.PERCENT)


def share_as_printed(cents: int, rate: int, printed: int, share: int) -> int:
    """The copayment of an amount made from a rate, by the copayment that CMS prints beside the rate.

    The printed one is nearly always the least share rounded up, and so is this; or nothing; else the same proportion.

    >>> share_as_printed(357_187, 714_373, 142_875, 2_000), share_as_printed(10_634, 10_634, 0, 2_000)
    (71438, 0)
    """
    if printed == minimum_copayment(rate, share):
        return minimum_copayment(cents, share)
    return _part(cents, printed, rate) if rate else 0


def derived_weight(opps_weight: int, scaler: int) -> int:
    """The weight of a surgical centre from the hospital's: times the scaler, to four decimals, half up."""
    return units.half_up(opps_weight * scaler, units.PERCENT)


def device_intensive(opps_rate: int, device: int, opps_factor: int, scaler: int, asc_factor: int) -> int:
    """A surgical centre's rate where the device is a large part: the device whole, the rest as for any procedure.

    device + (hospital rate - device) / hospital factor x scaler x surgical centre factor; CMS's own figure is within
    a cent, as it rounds on the way.
    """
    return device + _part(opps_rate - device, scaler * asc_factor, units.PERCENT * opps_factor)
