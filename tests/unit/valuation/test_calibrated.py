"""Intervals that know of the measures' error, by hand where they can be; how often they hold is in tests/recovery."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t

from openrvu.errors import BadInput
from openrvu.valuation import anchor, calibrated

D, W = [-1.0, 0.0, 1.0, 2.0, 3.0], [8.0, 11.0, 12.0, 17.0, 18.0]
# By hand: mean measure 1, squares 10, mean work RVU 13.2, slope 26 / 10, value 13.2 - 2.6 = 10.6. Residuals 0, 0.4,
# -1.2, 1.2, -0.4: squares 3.2, s^2 = 3.2 / 3. Line variance at 0: s^2 (1/5 + 1/10).
S2 = 3.2 / 3


def test_without_error_it_is_the_interval_of_least_squares() -> None:
    found, plain = calibrated.reading(D, W, np.zeros((5, 5)), 30), anchor.fit_line(D, W).at(0.0)
    for name in ("value", "se", "low", "high", "new_low", "new_high"):
        assert getattr(found, name) == pytest.approx(getattr(plain, name)), name
    assert found.se == pytest.approx(math.sqrt(0.3 * S2)) and found.centre == pytest.approx(10.6)


def test_error_that_all_share_is_the_targets_own_and_is_added() -> None:
    # Variance 0.2 of the target's place: slope^2 x 0.2 is added, with as many degrees of freedom as respondents less 1.
    found = calibrated.reading(D, W, np.full((5, 5), 0.2), 31)
    line, target = 0.3 * S2, 2.6**2 * 0.2
    assert found.value == pytest.approx(10.6) and found.centre == pytest.approx(10.6)
    assert found.se == pytest.approx(math.sqrt(line + target))
    df = (line + target) ** 2 / (line**2 / 3 + target**2 / 30)
    assert found.high - 10.6 == pytest.approx(t.ppf(0.975, df) * found.se)
    df = (line + target + S2) ** 2 / ((line + S2) ** 2 / 3 + target**2 / 30)
    assert found.new_high - 10.6 == pytest.approx(t.ppf(0.975, df) * math.sqrt(line + target + S2))


def test_error_of_each_comparator_steepens_the_line() -> None:
    # Variance 0.5 each. Fuller's alpha = 2 corrects 1 - 2 / 4 of it: of the spread 10 / 4 = 2.5 there remain 2.25, so
    # measures are drawn to their mean by 0.9 and the slope is 2.6 / 0.9.
    found = calibrated.reading(D, W, 0.5 * np.eye(5), 31)
    assert found.value == pytest.approx(10.6) and found.centre == pytest.approx(13.2 - 2.6 / 0.9)
    assert (found.low + found.high) / 2 == pytest.approx(found.centre)
    assert found.se > anchor.fit_line(D, W).at(0.0).se


def test_a_comparator_without_a_measure_is_not_there() -> None:
    d = np.array([[-1.0, 0.0, np.nan, 1.0, 2.0, 3.0], [np.nan, np.nan, np.nan, 1.0, 2.0, 3.0], [np.nan] * 6])
    w = np.array([[8.0, 11.0, 99.0, 12.0, 17.0, 18.0]] * 3)
    error = np.broadcast_to(0.3 * np.eye(6) + 0.1, (3, 6, 6))
    found = calibrated.intervals(d, w, error, 31)
    one = calibrated.reading(D, W, 0.3 * np.eye(5) + 0.1, 31)
    for name in ("value", "centre", "low", "high", "new_low", "new_high"):
        assert found[name][0] == pytest.approx(getattr(one, name), abs=1e-6), name
        assert np.isnan(found[name][1:]).all()  # three comparators, or none, carry no line


def test_more_error_than_spread_leaves_a_wide_interval_and_no_failure() -> None:
    found, plain = calibrated.reading(D, W, 20 * np.eye(5), 31), anchor.fit_line(D, W).at(0.0)
    assert math.isfinite(found.low) and found.high - found.low > 3 * (plain.high - plain.low)


def test_three_comparators_are_refused() -> None:
    with pytest.raises(BadInput, match="3 comparators"):
        calibrated.reading(D[:3], W[:3], np.zeros((3, 3)), 31)
