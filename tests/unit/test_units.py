"""Scaled integers against values worked by hand. The Fraction oracle is in tests/properties."""

import pytest

from openrvu import units


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (1, 2, 1),
        (-1, 2, -1),
        (3, 2, 2),
        (-3, 2, -2),
        (124, 100, 1),
        (149, 100, 1),
        (150, 100, 2),
        (0, 7, 0),
        (5, 1, 5),
    ],
)
def test_half_goes_away_from_zero(numerator: int, denominator: int, expected: int) -> None:
    assert units.half_up(numerator, denominator) == expected


@pytest.mark.parametrize("denominator", [0, -1])
def test_a_denominator_that_is_not_positive_is_refused(denominator: int) -> None:
    with pytest.raises(ValueError, match="denominator must be positive"):
        units.half_up(1, denominator)


@pytest.mark.parametrize("text", ["", ".", "1,000", "1e3", "NA", "12.34567", "--1", "1.2.3", "½", "١"])
def test_text_that_is_no_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a number|more than 4 decimals"):
        units.parse(text, units.RVU)


def test_a_trailing_zero_beyond_the_scale_is_no_loss() -> None:
    assert units.parse("1.23400000", units.GPCI) == 1234


def test_small_negative_amounts_keep_no_sign_when_they_round_to_nothing() -> None:
    assert units.text(-4, units.RVU, 2) == "0.00"


def test_an_eighth_of_a_dollar_rounds_up() -> None:
    # 0.125 to cents is 0.13; engines disagree, so this is ours (DESIGN section 2).
    assert units.text(1250, units.RVU, 2) == "0.13"


def test_assistant_share_of_a_fee() -> None:
    # 16 % of 1,094.93 is 175.1888, which is 175.19.
    assert units.percent_of(109493, 1600) == 17519
