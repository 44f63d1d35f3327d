"""The anchor line: the figures of the published studies, scipy as a second opinion, and refusals."""

import math

import numpy as np
import pytest
from scipy import stats

from openrvu.errors import BadInput
from openrvu.valuation import anchor

# Measures as printed and work RVUs of 2023-2025, in the order of the study's table.
M62380 = [-0.994, -1.662, -0.890, -1.784, -0.482, -1.544, -1.100, -1.318, -0.583, -0.994, -0.994]
W62380 = [15.37, 11.08, 12.00, 16.43, 15.60, 7.03, 22.09, 23.53, 25.99, 24.79, 26.80]
M0202T = [-0.385, -1.266, 0.128, 1.099, -0.385, -1.266, -1.099, -0.653]
W0202T = [38.86, 38.84, 34.85, 48.34, 41.225, 15.37, 15.00, 45.31]


def test_62380_line_read_at_the_target() -> None:
    line = anchor.fit_line(M62380, W62380)
    at = line.at(0.0)
    assert round(at.value, 3) == 25.589 and round(at.se, 2) == 5.84
    assert (round(at.low, 3), round(at.high, 3)) == (12.381, 38.797)
    assert (round(at.new_low, 3), round(at.new_high, 3)) == (5.850, 45.329)
    assert (round(line.slope, 3), round(line.r2, 3), round(line.p, 4)) == (6.543, 0.165, 0.2147)
    assert round(anchor.predictive_r2(M62380, W62380), 3) == -0.027
    assert round(anchor.leave_one_out(M62380, W62380)[4], 2) == 30.67  # without 63620
    assert round(anchor.log_linear(M62380, W62380), 2) == 27.50
    low, high = line.slope_interval()
    assert low < 0 < high


def test_0202t_line_read_at_the_target() -> None:
    line = anchor.fit_line(M0202T, W0202T)
    at = line.at(0.0)
    assert (round(at.value, 4), round(line.slope, 4), round(line.r2, 5)) == (39.4707, 9.9217, 0.39203)
    assert round(at.se, 5) == 4.49765 and round(line.p, 4) == 0.0968
    assert (round(at.low, 3), round(at.high, 3)) == (28.465, 50.476)
    assert (round(at.new_low, 3), round(at.new_high, 3)) == (10.990, 67.952)
    assert round(anchor.predictive_r2(M0202T, W0202T), 3) == 0.226
    left = anchor.leave_one_out(M0202T, W0202T)
    assert (round(min(left), 2), round(max(left), 2)) == (37.96, 41.29)


def test_read_at_the_mean_measure_any_line_returns_the_plain_mean() -> None:
    line = anchor.fit_line(M62380, W62380)
    assert line.at(line.mean_measure).value == pytest.approx(200.71 / 11, abs=1e-12)


@pytest.mark.parametrize(("d", "w"), [(M62380, W62380), (M0202T, W0202T)])
def test_agrees_with_scipy_and_with_refits(d: list[float], w: list[float]) -> None:
    ours, theirs = anchor.fit_line(d, w), stats.linregress(d, w)
    assert ours.intercept == pytest.approx(theirs.intercept, rel=1e-12)
    assert ours.slope == pytest.approx(theirs.slope, rel=1e-12)
    assert ours.se_slope == pytest.approx(theirs.stderr, rel=1e-12)
    assert ours.se_intercept == pytest.approx(theirs.intercept_stderr, rel=1e-12)
    assert ours.p == pytest.approx(theirs.pvalue, rel=1e-10)
    assert ours.r2 == pytest.approx(theirs.rvalue**2, rel=1e-12)
    found = anchor.influence(d, w)
    assert sum(found.leverage) == pytest.approx(2.0)
    press = mean_press = 0.0
    full = np.array([ours.at(x).value for x in d])
    for i in range(len(d)):
        rest_d, rest_w = d[:i] + d[i + 1 :], w[:i] + w[i + 1 :]
        again = stats.linregress(rest_d, rest_w)
        assert found.without[i] == pytest.approx(again.intercept, rel=1e-10)
        moved = again.intercept + again.slope * np.array(d)
        assert found.cook[i] == pytest.approx(float(((full - moved) ** 2).sum()) / (2 * ours.s**2), rel=1e-9)
        press += (w[i] - again.intercept - again.slope * d[i]) ** 2
        mean_press += (w[i] - float(np.mean(rest_w))) ** 2
    assert anchor.predictive_r2(d, w) == pytest.approx(1 - press / mean_press, abs=1e-12)


def test_equal_weights_change_nothing_and_a_heavy_weight_pulls() -> None:
    plain, even = anchor.fit_line(M62380, W62380), anchor.fit_line(M62380, W62380, [3.0] * 11)
    assert even.at(0.0).value == pytest.approx(plain.at(0.0).value) and even.se_slope == pytest.approx(plain.se_slope)
    # Two of each comparator by weight is two of each by row, as far as the line goes.
    doubled = anchor.fit_line([*M0202T, M0202T[3]], [*W0202T, W0202T[3]])
    weighted = anchor.fit_line(M0202T, W0202T, [1, 1, 1, 2, 1, 1, 1, 1])
    assert weighted.at(0.0).value == pytest.approx(doubled.at(0.0).value, rel=1e-12)


def test_errors_in_variables_knows_that_a_shared_error_is_no_error_of_the_spread() -> None:
    k = len(M0202T)
    shared = np.full((k, k), 0.04)
    plain = anchor.fit_line(M0202T, W0202T).at(0.0).value
    assert anchor.errors_in_variables(M0202T, W0202T, shared) == pytest.approx(plain, rel=1e-12)
    own = np.eye(k) * 0.04
    steeper = anchor.errors_in_variables(M0202T, W0202T, own)
    # By hand: slope S_dw / (S_dd - 0.04), read at 0 from the means.
    s_dd, s_dw = np.var(M0202T, ddof=1), np.cov(M0202T, W0202T)[0, 1]
    assert steeper == pytest.approx(np.mean(W0202T) - s_dw / (s_dd - 0.04) * np.mean(M0202T))
    assert anchor.errors_in_variables(M0202T, W0202T, own + shared) == pytest.approx(steeper, rel=1e-12)
    # Errors larger than the whole spread do not turn the slope round: the correction is limited.
    assert math.isfinite(anchor.errors_in_variables(M0202T, W0202T, np.eye(k) * 9.0))


def test_errors_in_variables_recovers_a_slope_that_least_squares_flattens() -> None:
    rng = np.random.default_rng(5)
    k, error = 400, 0.5
    true = rng.normal(0, 1, k)
    rvu = 20 + 6 * true + rng.normal(0, 2, k)
    seen = true + rng.normal(0, error, k)
    flat = anchor.fit_line(seen, rvu).at(2.0).value
    mended = anchor.errors_in_variables(seen, rvu, np.eye(k) * error**2, at=2.0)
    assert flat == pytest.approx(20 + 6 * 0.8 * 2, abs=0.8)  # attenuated by 1 / (1 + 0.25)
    assert mended == pytest.approx(32, abs=0.8)


def test_many_sets_at_once_equal_one_at_a_time() -> None:
    rng = np.random.default_rng(1)
    many = np.array(M62380) + rng.normal(0, 0.2, (50, 11))
    found = anchor.read_many(many, W62380, at=0.3)
    for row, value in zip(many, found, strict=True):
        assert value == pytest.approx(anchor.fit_line(row, W62380).at(0.3).value, rel=1e-12)
    assert math.isnan(anchor.read_many(np.zeros((1, 11)), W62380)[0])


@pytest.mark.parametrize(
    ("d", "w", "says"),
    [
        ([1.0, 2.0], [1.0, 2.0], "at least 3"),
        ([1.0, 2.0, 3.0], [1.0, 2.0], "3 measures and 2 work RVUs"),
        ([1.0, 1.0, 1.0], [1.0, 2.0, 3.0], "all measures are the same"),
        ([1.0, 2.0, math.nan], [1.0, 2.0, 3.0], "not a finite number"),
    ],
)
def test_refusals(d: list[float], w: list[float], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        anchor.fit_line(d, w)


def test_more_refusals() -> None:
    with pytest.raises(BadInput, match="level"):
        anchor.quantile(95, 9)
    with pytest.raises(BadInput, match="weights"):
        anchor.fit_line(M0202T, W0202T, [0.0] * 8)
    with pytest.raises(BadInput, match="no work RVU above zero"):
        anchor.log_linear([1.0, 2.0, 3.0], [0.0, 1.0, 2.0])
    with pytest.raises(BadInput, match="decides the slope"):
        anchor.influence([1.0, 1.0, 1.0, 2.0], [1.0, 2.0, 3.0, 4.0])
    with pytest.raises(BadInput, match="k by k"):
        anchor.errors_in_variables(M0202T, W0202T, np.eye(3))
