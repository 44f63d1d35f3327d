"""Building block, order and regression on times: arithmetic by hand, scipy beside it; every minute here is made up."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from openrvu.errors import BadInput
from openrvu.tables.physician_time import Times
from openrvu.valuation import iwput, order, timefit
from openrvu.valuation.constants import intensities, visits
from openrvu.valuation.order import Timed
from openrvu.valuation.timefit import Point

ONE = Times("X0001", "", 40, 10, 15, 90, 20, {"99213": 2.0, "99238": 0.5})
VISITS = {"99213": 9700, "99238": 12800}


def test_the_constants_are_those_of_the_text_and_not_settled() -> None:
    found = {part: (one.rate, one.settled) for part, one in intensities().items()}
    assert found == {
        "evaluation": (224, False),
        "positioning": (224, False),
        "scrub": (81, False),
        "post": (224, False),
    }
    assert visits().before.isoformat() == "2021-01-01" and not visits().settled


def test_building_block_both_ways_by_hand() -> None:
    found = iwput.blocks(ONE, VISITS, "rvu20d")
    # 70 x 0.0224 + 15 x 0.0081 + 2 x 0.97 + 0.5 x 1.28
    assert found.outside == pytest.approx(1.568 + 0.1215 + 1.94 + 0.64)
    assert iwput.intensity(12.0, found) == pytest.approx((12.0 - 4.2695) / 90)
    assert iwput.built(0.08, found) == pytest.approx(4.2695 + 7.2)
    assert iwput.intensity(iwput.built(0.077, found), found) == pytest.approx(0.077)
    assert iwput.intensity(3.0, found) < 0, "parts outside that come to more leave less than nothing"


def test_what_is_missing_is_not_filled() -> None:
    lacks = iwput.blocks(ONE, {"99213": 9700}, "rvu20d")
    assert lacks.not_held == ("99238",)
    with pytest.raises(BadInput, match="99238 is not held"):
        iwput.intensity(12.0, lacks)
    with pytest.raises(BadInput, match="no intra-service minutes"):
        iwput.built(0.08, iwput.blocks(Times("X0001"), {}, "x"))


def test_neighbours_and_time_ratios_by_hand() -> None:
    target = Timed("X0001", None, "090", 90.0, 200.0)
    others = [
        Timed("X0002", 12.0, "090", 100.0, 210.0),
        Timed("X0003", 10.0, "090", 80.0, 170.0),
        Timed("X0004", 20.0, "090", 150.0, 210.0),  # too long
        Timed("X0005", 9.0, "000", 90.0, 200.0),  # another global period
        Timed("X0006", None, "090", 90.0, 200.0),  # no work RVU
    ]
    first, second = order.neighbours(target, others)
    assert (first.code, second.code) == ("X0002", "X0003")
    assert first.by_intra == pytest.approx(12 * 90 / 100) and first.by_total == pytest.approx(12 * 200 / 210)
    assert second.intra_ratio == pytest.approx(90 / 80) and second.total_ratio == pytest.approx(200 / 170)
    with pytest.raises(BadInput, match="has no times"):
        order.neighbours(Timed("X0001", None, "090"), others)
    with pytest.raises(BadInput, match="near"):
        order.neighbours(target, others, near=0.0)


def test_anomalies_need_both_times_clearly_longer() -> None:
    a = Timed("X0001", 9.0, "090", 100.0, 220.0)
    rows = [a, Timed("X0002", 10.0, "090", 80.0, 180.0), Timed("X0003", 10.0, "090", 80.0, 215.0)]
    rows += [Timed("X0004", 10.0, "000", 80.0, 180.0), Timed("X0005", 0.0, "090", 300.0, 400.0)]
    assert [(one.more, one.less) for one in order.anomalies(rows)] == [("X0001", "X0002")]


def test_anomalies_by_measure() -> None:
    rows = [
        Timed("X0001", 9.0, "090", measure=0.4),
        Timed("X0002", 10.0, "090", measure=0.1),
        Timed("X0003", 11.0, "090"),
    ]
    (found,) = order.anomalies(rows)
    assert (
        found.by == "measures"
        and found.words == "X0001 was judged harder (+0.400) and has 9.00; X0002 (+0.100) has 10.00"
    )


def _points(n: int, seed: int = 1) -> list[Point]:
    rng = np.random.default_rng(seed)
    intra = rng.uniform(20, 240, n)
    work = np.exp(-1.5 + 0.8 * np.log(intra) + rng.normal(0, 0.2, n))
    return [
        Point(f"X{i:03d}1", "090", 50.0, float(t), 20.0, 2.0, float(w))
        for i, (t, w) in enumerate(zip(intra, work, strict=True))
    ]


def test_with_one_time_that_varies_it_is_the_line_of_logs() -> None:
    points = _points(60)
    found = timefit.fit(Point("T0001", "090", 50.0, 90.0, 20.0, 2.0, None), points)
    x, y = np.log([p.intra for p in points]), np.log([p.work or 0 for p in points])
    again = stats.linregress(x, y)
    at = again.intercept + again.slope * math.log(90)
    s = math.sqrt(float(((y - again.intercept - again.slope * x) ** 2).sum()) / 58)
    half = (
        stats.t.ppf(0.975, 58)
        * s
        * math.sqrt(1 + 1 / 60 + (math.log(90) - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum())
    )
    assert found.value == pytest.approx(math.exp(at)) and found.services == 60
    assert [found.new_low, found.new_high] == pytest.approx([math.exp(at - half), math.exp(at + half)])
    assert found.r2 == pytest.approx(again.rvalue**2) and found.outside == ()
    assert {name: b for name, b, _ in found.terms}["log intra"] == pytest.approx(again.slope)


def test_the_target_is_left_out_of_its_own_regression() -> None:
    points = _points(60)
    odd = Point("T0001", "090", 50.0, 90.0, 20.0, 2.0, 400.0)
    assert timefit.fit(odd, [*points, odd]).value == pytest.approx(timefit.fit(odd, points).value)


def test_its_prediction_interval_holds_new_services() -> None:
    held = []
    for seed in range(300):
        *points, new = _points(41, seed)
        found = timefit.fit(new, points)
        held.append(found.new_low < (new.work or 0) < found.new_high)
    assert 0.91 < np.mean(held) < 0.985


def test_global_periods_have_their_own_level_and_outside_times_are_named() -> None:
    other = [
        Point(f"Y{i:03d}1", "000", 10.0 + i % 7, p.intra, 5.0 + i % 3, float(i % 2), (p.work or 0) / 2)
        for i, p in enumerate(_points(40, 2))
    ]
    target = Point("T0001", "090", 50.0, 600.0, 20.0, 2.0, None)
    found = timefit.fit(target, [*_points(40), *other])
    assert found.outside == ("intra",) and any(name == "global 000" for name, _, _ in found.terms)


def test_refusals_of_the_regression() -> None:
    target = Point("T0001", "090", 50.0, 90.0, 20.0, 2.0, None)
    with pytest.raises(BadInput, match="10 services with times"):
        timefit.fit(target, _points(10))
    with pytest.raises(BadInput, match="no intra-service minutes"):
        timefit.fit(Point("T0001", "090", 1, 0, 1, 1, None), _points(60))
    with pytest.raises(BadInput, match="global period 010"):
        timefit.fit(Point("T0001", "010", 1, 5, 1, 1, None), _points(60))
