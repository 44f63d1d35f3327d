"""Joinpoints, interrupted series, yearly change and rates against base R: trends.R made trends_r.json."""

import json
from pathlib import Path
from typing import Any

import pytest

from openrvu.impact.rates import Beneficiaries, adjusted, rate
from openrvu.impact.segmented import change_a_year, interrupted, joinpoints
from openrvu.impact.trends import use

ORACLE: dict[str, Any] = json.loads((Path(__file__).parent / "trends_r.json").read_text(encoding="utf-8"))
SERIES = [name for name, data in ORACLE.items() if isinstance(data, dict) and "x" in data]


@pytest.mark.parametrize("name", SERIES)
def test_the_change_a_year(name: str) -> None:
    data = ORACLE[name]
    found = change_a_year(data["x"], data["y"])
    assert [found.percent, found.low, found.high] == pytest.approx(data["line"], rel=1e-9)


@pytest.mark.parametrize("name", SERIES)
def test_one_joinpoint(name: str) -> None:
    data, want = ORACLE[name], ORACLE[name]["join"]
    found = joinpoints(data["x"], data["y"], most=1)
    assert found.bic == pytest.approx(want["bic"], rel=1e-9)
    assert found.joinpoints == (want["k"],)
    assert found.interval == tuple(want["interval"])
    for segment, name_of in zip(found.segments, ("first", "second"), strict=True):
        assert [segment.percent, segment.low, segment.high] == pytest.approx(want[name_of], rel=1e-8)
    assert found.left == pytest.approx(want["left"], rel=1e-9)
    assert found.durbin_watson == pytest.approx(want["dw"], rel=1e-9)


@pytest.mark.parametrize("name", SERIES)
def test_an_interrupted_series(name: str) -> None:
    data = ORACLE[name]
    f = interrupted(data["x"], data["y"], data["at"])
    found = [f.step, f.step_low, f.step_high, f.step_p, f.slope_before, f.slope_after, f.change, f.change_low]
    assert [*found, f.change_high, f.change_p] == pytest.approx(data["interrupted"], rel=1e-7)


@pytest.mark.parametrize("code", ["63047", "22614", "0275T"])
def test_the_series_are_the_counts_that_ship(code: str) -> None:
    trend = use(code)
    assert trend
    years = ORACLE[code]["x"]
    assert [trend.lines[year] for year in years] == ORACLE[code]["y"]


def test_a_rate_adjusted_for_age() -> None:
    data = ORACLE["ages"]
    names = ["65-69", "70-74", "75-84", "85+"]
    ages = {2023: dict(zip(names, data["people"], strict=True)), 2014: dict(zip(names, data["standard"], strict=True))}
    people = Beneficiaries({year: sum(one.values()) for year, one in ages.items()}, ages, ("made up",))
    found = adjusted(2023, dict(zip(names, data["count"], strict=True)), people, 2014)
    assert [found.rate, found.low, found.high] == pytest.approx(data["adjusted"], rel=1e-9)


def test_a_rate_with_exact_limits() -> None:
    data = ORACLE["poisson"]
    found = rate(2023, data["count"], Beneficiaries({2023: data["people"]}, {}, ("made up",)))
    assert [found.rate, found.low, found.high] == pytest.approx(data["rate"], rel=1e-6)
