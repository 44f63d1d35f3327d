"""Use over time: the changes that the domain text states, and what was not found."""

import csv
from pathlib import Path

import pytest

from openrvu.errors import NotHeld
from openrvu.impact.trends import use


@pytest.mark.parametrize(("code", "change"), [("63047", "-27.6"), ("22612", "-14.0"), ("22633", "-12.7")])
def test_change_from_2017_to_2023(code: str, change: str) -> None:
    trend = use(code)
    assert trend is not None
    assert trend.change_percent(2017, 2023) == change


@pytest.mark.needs("cms")
@pytest.mark.parametrize("code", ["63047", "22612", "22633", "22614", "22842"])
def test_ten_years_add_up_to_the_published_total(cms: Path, code: str) -> None:
    """Another aggregation of the same files prints the total of 2014 to 2023 for the 500 largest codes."""
    path = cms / "utilization/2023/partb_provider_service_top500_2014_2023_secondary.csv"
    with path.open(encoding="utf-8", newline="") as file:
        totals = {row["hcpcs"]: int(row["total_services"]) for row in csv.DictReader(file)}
    trend = use(code)
    assert trend is not None
    assert sum(trend.lines.values()) == totals[code]


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
