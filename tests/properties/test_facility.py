"""Facility formulas against exact fractions: the oracle rounds with a floor of a Fraction and shares no code."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from hypothesis import given
from hypothesis import strategies as st

from openrvu.rules import facility

CENTS = st.integers(min_value=0, max_value=5 * 10**8)
SHARES = st.sampled_from([5_000, 6_000])
INDICES = st.integers(min_value=2_000, max_value=25_000)


def nearest(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


@given(CENTS, SHARES, INDICES)
def test_the_wage_index_multiplies_the_labor_share(cents: int, share: int, index: int) -> None:
    labor, wage = Fraction(share, 10_000), Fraction(index, 10_000)
    assert facility.at_wage_index(cents, share, index) == nearest(cents * (labor * wage + 1 - labor))


@given(st.integers(min_value=0, max_value=7_000_000), st.sampled_from([891_690, 914_150, 563_220]))
def test_a_rate_is_weight_times_factor(weight: int, factor: int) -> None:
    assert facility.by_weight(weight, factor) == nearest(Fraction(weight, 10_000) * Fraction(factor, 10_000) * 100)


@given(CENTS)
def test_the_least_copayment_is_rounded_up(cents: int) -> None:
    assert facility.minimum_copayment(cents, 2_000) == ceil(Fraction(cents, 5))


@given(CENTS, st.integers(min_value=0, max_value=10_000))
def test_the_device_is_whole_and_the_rest_is_scaled(rate: int, percent: int) -> None:
    device = rate * percent // 10_000
    rest = Fraction(rate - device) / Fraction("91.415") * Fraction("0.872") * Fraction("56.322")
    assert facility.device_intensive(rate, device, 914_150, 8_720, 563_220) == device + nearest(rest)
