"""The integer arithmetic against exact fractions: the oracle rounds with a floor of a Fraction and shares no code."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

from hypothesis import example, given
from hypothesis import strategies as st

from openrvu import schemas, units
from openrvu.rules.fee import fee_cents

WHOLE = st.integers(min_value=-(10**18), max_value=10**18)
POSITIVE = st.integers(min_value=1, max_value=10**12)
SCALES = st.sampled_from([units.CENTS, units.GPCI, units.RVU, units.CONVERSION_FACTOR])


def nearest(value: Fraction) -> int:
    """Nearest whole number; an exact half goes away from zero."""
    size = floor(abs(value) + Fraction(1, 2))
    return -size if value < 0 else size


@given(WHOLE, POSITIVE)
@example(1, 2)
@example(-1, 2)
@example(10**18, 3)
def test_half_up_is_the_nearest_whole_number(numerator: int, denominator: int) -> None:
    assert units.half_up(numerator, denominator) == nearest(Fraction(numerator, denominator))


@given(st.integers(min_value=-(10**9), max_value=10**9), st.integers(min_value=1, max_value=10**6))
def test_an_exact_half_goes_away_from_zero(whole: int, half: int) -> None:
    away = whole + 1 if whole >= 0 else whole
    assert units.half_up((2 * whole + 1) * half, 2 * half) == away


@given(st.integers(min_value=-(10**12), max_value=10**12), st.integers(min_value=0, max_value=20_000))
def test_a_percent_acts_on_cents(cents: int, percent: int) -> None:
    assert units.percent_of(cents, percent) == nearest(Fraction(cents) * Fraction(percent, 10_000))


@given(WHOLE, SCALES)
def test_text_at_full_scale_reads_back(value: int, scale: int) -> None:
    shown = units.text(value, scale)
    assert units.parse(shown, scale) == value
    assert Fraction(shown) == Fraction(value, scale)


@given(WHOLE, SCALES, st.integers(min_value=0, max_value=6))
def test_text_at_fewer_places_is_the_nearest_decimal(value: int, scale: int, places: int) -> None:
    shown = units.text(value, scale, places)
    assert Fraction(shown) * 10**places == nearest(Fraction(value, scale) * 10**places)
    assert len(shown.partition(".")[2]) == places
    assert not (shown.startswith("-") and Fraction(shown) == 0)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6),
    SCALES,
)
def test_parse_is_exact_or_refuses(number: Decimal, scale: int) -> None:
    exact = Fraction(number) * scale
    try:
        found = units.parse(f"{number:f}", scale)
    except ValueError:
        assert exact.denominator != 1
    else:
        assert found == exact


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_dollars_are_cents_with_separators(cents: int) -> None:
    shown = units.dollars(cents)
    assert Fraction(shown.replace(",", "")) * 100 == cents
    groups = shown.lstrip("-").partition(".")[0].split(",")
    assert 1 <= len(groups[0]) <= 3
    assert all(len(group) == 3 for group in groups[1:])


@given(st.integers(min_value=0, max_value=10**9), POSITIVE, st.integers(min_value=0, max_value=4))
def test_a_ratio_is_a_hundredfold_nearest_decimal(numerator: int, denominator: int, places: int) -> None:
    shown = Fraction(units.ratio_text(numerator, denominator, places))
    assert shown * 10**places == nearest(Fraction(100 * numerator, denominator) * 10**places)


_WORK = st.integers(min_value=0, max_value=schemas.MAX_WORK_RVU)
_PE = st.integers(min_value=0, max_value=schemas.MAX_PE_RVU)
_MP = st.integers(min_value=0, max_value=schemas.MAX_MP_RVU)
_GPCI = st.integers(min_value=0, max_value=schemas.MAX_GPCI)
_FACTOR = st.integers(min_value=1, max_value=schemas.MAX_CONVERSION_FACTOR)


@given(_WORK, _PE, _MP, _GPCI, _GPCI, _GPCI, _FACTOR)
def test_the_fee_rounds_once_at_the_end(
    work: int, pe: int, mp: int, work_gpci: int, pe_gpci: int, mp_gpci: int, factor: int
) -> None:
    rvus = (Fraction(part, 10_000) for part in (work, pe, mp))
    places = (Fraction(part, 1_000) for part in (work_gpci, pe_gpci, mp_gpci))
    dollars = sum(rvu * gpci for rvu, gpci in zip(rvus, places, strict=True)) * Fraction(factor, 10_000)
    assert fee_cents(work, pe, mp, work_gpci, pe_gpci, mp_gpci, factor) == nearest(dollars * 100)


def test_a_fee_numerator_at_the_largest_values_is_exact_in_a_double() -> None:
    """Bulk engines may divide through a double, which holds whole numbers exactly up to 2^53 (frames: n + d // 2)."""
    rvus = schemas.MAX_WORK_RVU + schemas.MAX_PE_RVU + schemas.MAX_MP_RVU
    numerator = rvus * schemas.MAX_GPCI * schemas.MAX_CONVERSION_FACTOR
    half = 10_000 * 1_000 * 10_000 // 100 // 2  # of the divisor that turns RVU x GPCI x CF into cents
    assert numerator + half < 2**53


def test_each_relative_value_column_has_the_maximum_of_its_part() -> None:
    for column in schemas.RELATIVE_VALUES:
        if column.name.endswith("_rvu") and not column.name.startswith("total"):
            part = column.name.removeprefix("opps_").partition("_")[0]
            assert column.maximum == getattr(schemas, f"MAX_{part.upper()}_RVU"), column.name
