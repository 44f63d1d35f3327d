"""Other links from measures to RVUs: published examples, second opinions, and why a link does not exist."""

import math

import numpy as np
import pytest
from scipy import stats
from tests.unit.valuation.test_anchor import M0202T, M62380, W0202T, W62380

from openrvu.errors import BadInput
from openrvu.valuation import anchor, links

# Pearson's data with York's weights.
X = [0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4]
Y = [5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5]
WX = np.array([1000, 1000, 500, 800, 200, 80, 60, 20, 1.8, 1])
WY = np.array([1, 1.8, 4, 8, 20, 20, 70, 70, 100, 500])
INSIDE_D = [-1.2, -0.6, 0.0, 0.4, 0.9, 1.5]
INSIDE_W = [8.0, 13.0, 15.0, 14.0, 20.0, 24.0]


def test_york_gives_the_printed_digits_of_its_paper() -> None:
    """York et al. 2004, Table II: Pearson's data with York's weights."""
    found = links.york(X, Y, WX**-0.5, WY**-0.5)
    assert round(found.intercept, 8) == 5.47991022 and round(found.slope, 9) == -0.480533407
    assert round(found.se_intercept, 9) == 0.294970735 and round(found.se_slope, 9) == 0.057985009
    assert round(found.mswd, 4) == 1.4833


def test_york_with_equal_sigmas_is_deming() -> None:
    york = links.york(M0202T, W0202T, [0.4] * 8, [3.0] * 8)
    deming = links.deming(M0202T, W0202T, (3.0 / 0.4) ** 2)
    assert deming.slope == pytest.approx(york.slope, rel=1e-10)
    assert deming.intercept == pytest.approx(york.intercept, rel=1e-10)
    # By hand: the first principal axis of the scaled points.
    scaled = np.column_stack([np.array(M0202T) / 0.4, np.array(W0202T) / 3.0])
    axis = np.linalg.eigh(np.cov(scaled.T))[1][:, -1]
    assert deming.slope == pytest.approx(axis[1] / axis[0] * 3.0 / 0.4, rel=1e-10)


def test_york_and_deming_between_the_two_regressions() -> None:
    lower = anchor.fit_line(INSIDE_D, INSIDE_W).slope
    upper = 1 / anchor.fit_line(INSIDE_W, INSIDE_D).slope
    assert lower < links.deming(INSIDE_D, INSIDE_W, 9.0).slope < upper


def test_the_inverse_of_the_flagship_is_62_69_and_not_reported() -> None:
    """Published figures: reading 62380 by the inverse regression gives 62.69, far outside its comparators."""
    value, low, high = links.inverse_delta(M62380, W62380)
    assert round(value, 2) == 62.69 and low < value < high
    found = links.inverse(M62380, W62380)
    assert found.value is None and "outside the comparators' range" in found.why_not
    assert links.fieller(M62380, W62380).kind == "outside"


@pytest.mark.parametrize("new", [False, True])
def test_fieller_ends_are_where_the_line_just_does_not_reject(new: bool) -> None:
    found = links.fieller(INSIDE_D, INSIDE_W, new=new)
    assert found.kind == "interval" and found.low is not None and found.high is not None
    again = stats.linregress(INSIDE_W, INSIDE_D)
    n, mean = len(INSIDE_W), float(np.mean(INSIDE_W))
    sxx = float(((np.array(INSIDE_W) - mean) ** 2).sum())
    s2 = (again.stderr**2) * sxx
    for end in (found.low, found.high):
        gap = again.intercept + again.slope * end
        se = math.sqrt(s2 * (1 / n + (end - mean) ** 2 / sxx + new))
        assert abs(gap) / se == pytest.approx(stats.t.ppf(0.975, n - 2), rel=1e-9)


def test_fieller_of_measures_that_know_nothing_is_no_interval() -> None:
    flat = links.fieller([0.3, -0.4, 0.1, -0.2, 0.2, -0.1], INSIDE_W)
    assert flat.kind == "everything" and flat.low is None


def test_delta_and_fieller_agree_where_the_slope_is_sharp() -> None:
    d = [-1.2, -0.6, 0.01, 0.4, 0.9, 1.5]
    w = [15 + 5 * x + e for x, e in zip(d, (0.02, -0.03, 0.01, 0.02, -0.01, -0.01), strict=True)]
    value, low, high = links.inverse_delta(d, w)
    exact = links.fieller(d, w)
    assert exact.low == pytest.approx(low, abs=1e-3) and exact.high == pytest.approx(high, abs=1e-3)
    assert links.inverse(d, w).value == pytest.approx(value)


def test_fuller_without_error_of_measures_is_the_line() -> None:
    line = anchor.fit_line(INSIDE_D, INSIDE_W).at(0.0)
    found = links.fuller(INSIDE_D, INSIDE_W, np.zeros((6, 6)))
    assert found.value == pytest.approx(line.value, rel=1e-12) and found.low is not None and found.new_low is not None
    # Fuller divides by n - 1 where the line divides by its own sum of squares: the same here.
    assert [found.low, found.high] == pytest.approx([line.low, line.high], rel=1e-9)
    assert [found.new_low, found.new_high] == pytest.approx([line.new_low, line.new_high], rel=1e-9)


def test_fuller_counts_the_targets_own_error_once() -> None:
    own, shared = np.eye(6) * 0.04, np.full((6, 6), 0.09)
    apart, together = links.fuller(INSIDE_D, INSIDE_W, own), links.fuller(INSIDE_D, INSIDE_W, own + shared)
    assert together.value == pytest.approx(apart.value) and together.slope == pytest.approx(apart.slope)
    t = stats.t.ppf(0.975, 4)
    assert apart.high is not None and apart.value is not None and apart.slope is not None
    assert together.high is not None
    more = ((together.high - apart.value) / t) ** 2 - ((apart.high - apart.value) / t) ** 2
    assert more == pytest.approx(apart.slope**2 * 0.09, rel=1e-9)


def test_fuller_interval_covers_a_true_line_read_off_the_middle() -> None:
    """Structural errors, k = 40: simulated coverage of the line at 1.5 logits, least squares far below it."""
    rng = np.random.default_rng(8)
    held, flat = [], []
    for _ in range(800):
        true = rng.normal(0, 1, 40)
        w = 20 + 6 * true + rng.normal(0, 3, 40)
        seen = true + rng.normal(0, 0.5, 40)
        found = links.fuller(seen, w, np.eye(40) * 0.25, 1.5)
        line = anchor.fit_line(seen, w).at(1.5)
        assert found.low is not None and found.high is not None
        held.append(found.low < 29 < found.high)
        flat.append(line.low < 29 < line.high)
    assert 0.93 < np.mean(held) < 0.975 and np.mean(flat) < 0.75


def test_log_linear_is_the_line_of_logs_turned_back() -> None:
    again = stats.linregress(INSIDE_D, np.log(INSIDE_W))
    found = links.log_linear(INSIDE_D, INSIDE_W)
    assert found.value == pytest.approx(math.exp(again.intercept)) and found.low is not None and found.high is not None
    half = stats.t.ppf(0.975, 4) * again.intercept_stderr
    assert (math.log(found.low), math.log(found.high)) == pytest.approx(
        (again.intercept - half, again.intercept + half)
    )
    assert "above zero" in links.log_linear(INSIDE_D, [0.0, *INSIDE_W[1:]]).why_not


def test_isotonic_by_hand() -> None:
    # 15 and 14 violate the order and become 14.5 each; at 0.2 both sides are 14.5. Equal measures count as one.
    found = links.isotonic(INSIDE_D, INSIDE_W, 0.2)
    assert found.value == pytest.approx(14.5) and found.low is None and found.interval.startswith("none")
    assert links.isotonic(INSIDE_D, INSIDE_W, -0.9).value == pytest.approx((8 + 13) / 2)
    assert links.isotonic([-1.0, -1.0, 1.0], [8.0, 10.0, 20.0], 0.0).value == pytest.approx(14.5)
    assert links.isotonic(INSIDE_D, INSIDE_W, 2.0).value is None
    assert links.isotonic(M62380, W62380).value is None


def test_sensitivity_names_every_link_and_the_plain_mean() -> None:
    found = links.sensitivity(INSIDE_D, INSIDE_W, np.eye(6) * 0.03 + 0.02)
    assert [one.name for one in found] == [
        "log-linear",
        "errors-in-variables",
        "weighted",
        "isotonic",
        "inverse",
        "plain mean",
    ]
    assert found[-1].value == pytest.approx(94 / 6)
    assert all(one.value is not None or one.why_not for one in found)


def test_equal_rvus_have_a_value_by_every_link_but_the_inverse() -> None:
    found = {one.name: one for one in links.sensitivity(INSIDE_D, [12.0] * 6, np.eye(6) * 0.03)}
    assert "all the same" in found["inverse"].why_not
    assert all(one.value == pytest.approx(12.0) for name, one in found.items() if name != "inverse")


def test_refusals() -> None:
    with pytest.raises(BadInput, match="work RVUs are all the same"):
        links.fieller(INSIDE_D, [12.0] * 6)
    with pytest.raises(BadInput, match="work RVU are not all stated"):
        links.york(INSIDE_D, INSIDE_W, [0.2] * 6, [0.0] * 6)
    with pytest.raises(BadInput, match="measure are not all stated"):
        links.york(INSIDE_D, INSIDE_W, [0.2] * 5, [1.0] * 6)
    with pytest.raises(BadInput, match="ratio"):
        links.deming(INSIDE_D, INSIDE_W, 0.0)
    with pytest.raises(BadInput, match="at least 4"):
        links.fuller([0.0, 1.0, 2.0], [1.0, 2.0, 3.0], np.eye(3))
