"""Bootstrap intervals: scipy's BCa as a second opinion on the same draws, and resamples by hand."""

import numpy as np
import pytest
from scipy import stats
from tests.unit.valuation.test_anchor import M0202T, W0202T

from openrvu import surveys
from openrvu.valuation import anchor, intervals, paired
from openrvu.valuation.intervals import bca, leave_one_respondent, percentile

LSAT = np.array([576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594.0])


@pytest.mark.parametrize("statistic", [np.mean, np.var])
def test_bca_agrees_with_scipy_on_the_same_draws(statistic: object) -> None:
    made = stats.bootstrap((LSAT,), statistic, n_resamples=4000, method="BCa", random_state=np.random.default_rng(5))
    left = np.array([statistic(np.delete(LSAT, i)) for i in range(LSAT.size)])  # type: ignore[operator]
    found = bca(float(statistic(LSAT)), made.bootstrap_distribution, left, 0.95)  # type: ignore[operator]
    assert found == pytest.approx((made.confidence_interval.low, made.confidence_interval.high), rel=1e-9)


def test_equal_units_by_weight_are_equal_units_by_row() -> None:
    rng = np.random.default_rng(2)
    draws, left = rng.gamma(3.0, 1.0, 2000), rng.gamma(3.0, 1.0, 6)
    rows = bca(3.0, draws, np.repeat(left, 4), 0.9)
    assert bca(3.0, draws, left, 0.9, np.full(6, 4.0)) == pytest.approx(rows)


def test_where_there_is_no_interval() -> None:
    draws = np.arange(100.0)
    assert bca(-5.0, draws, np.array([1.0, 2.0]), 0.95) is None
    assert bca(50.0, draws[:20], np.array([1.0, 2.0]), 0.95) is None
    assert percentile(np.full(100, np.nan), 0.95) is None
    assert percentile(draws, 0.9) == pytest.approx((4.95, 49.5, 94.05))


def test_comparators_drawn_again_by_hand() -> None:
    values, found = intervals.comparators(M0202T, W0202T, 300, np.random.default_rng(3))
    picks = np.random.default_rng(3).integers(0, 8, size=(300, 8))
    by_hand = [anchor.fit_line(np.array(M0202T)[p], np.array(W0202T)[p]).at(0.0).value for p in picks]
    assert values == pytest.approx(by_hand, rel=1e-9) and found is not None
    assert found[0] < 39.4707 < found[1]
    same = intervals.read_rows(np.zeros((1, 4)), np.ones((1, 4)))
    assert np.isnan(same[0])


def test_each_respondent_left_out_once() -> None:
    text = "63047,63030\nless,more\nless,more\nequal,\n"
    found = surveys.of_bytes(text.encode(), "s.csv", "62380")
    counts, times = leave_one_respondent(found, found.pairs, [0, 1])
    assert sorted(times) == [1.0, 2.0]
    of_two = counts[list(times).index(2.0)]
    assert of_two.tolist() == [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    bare = surveys.of_bytes(b"item,less,equal,greater\n63047,2,1,0\n63030,0,0,3\n", "s.csv", "62380")
    counts, times = leave_one_respondent(bare, bare.pairs, [0, 1])
    assert times.tolist() == [2.0, 1.0, 3.0] and counts[0].tolist() == [[1.0, 1.0, 0.0], [0.0, 0.0, 3.0]]
    assert isinstance(bare.pairs, paired.Pairs)
