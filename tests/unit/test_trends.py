"""Use over time: the changes that the domain text states, and what was not found."""

import pytest

from openrvu.errors import NotHeld
from openrvu.impact.trends import use


@pytest.mark.parametrize(("code", "change"), [("63047", "-27.6"), ("22612", "-14.0"), ("22633", "-12.7")])
def test_change_from_2017_to_2023(code: str, change: str) -> None:
    trend = use(code)
    assert trend is not None
    assert trend.change_percent(2017, 2023) == change


def test_years_without_a_figure_stay_missing() -> None:
    trend = use("0275T")
    assert trend is not None
    assert trend.missing == (2015, 2016)
    with pytest.raises(NotHeld, match="2015"):
        trend.change_percent(2015, 2023)


@pytest.mark.parametrize("code", ["62380", "22867", "22869", "63030"])
def test_looked_for_and_not_found(code: str) -> None:
    trend = use(code)
    assert trend is not None
    assert not trend.found
    assert trend.caveats


def test_a_code_nobody_looked_for() -> None:
    assert use("99213") is None
