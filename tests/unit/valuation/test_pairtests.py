"""Ties, order, transitivity: worked cases and what cannot be tested."""

import math

import numpy as np
import pytest

from openrvu.errors import BadInput
from openrvu.valuation import paired, pairtests, ties
from openrvu.valuation.paired import Pairs


def _linked(counts: list[tuple[float, float, float]]) -> Pairs:
    """Counts of a-b, a-c, b-c: less, equal, greater."""
    less, equal, greater = zip(*counts, strict=True)
    return Pairs(("a", "b", "c"), (0, 0, 1), (1, 2, 2), less, equal, greater)


def test_rao_kupper_of_one_pair_is_two_logits() -> None:
    """P(greater) = s(D - h) and P(less) = s(-D - h): with 50, 30 and 20 of 100, D and h in closed form."""
    found = ties.fit(paired.star("T", ["a"], [(50, 30, 20)]), "T")
    up, down = math.log(20 / 80), math.log(50 / 50)
    assert found.values[0] == pytest.approx(-(up - down) / 2)  # of a, relative to the target on the left
    assert found.tie == pytest.approx(-(up + down) / 2)


@pytest.mark.parametrize("model", ties.MODELS)
def test_ties_are_recovered(model: str) -> None:
    rng = np.random.default_rng(5)
    values, h = np.array([0.0, 0.6, -0.4, 1.0]), 0.5
    left, right = np.triu_indices(4, 1)
    d = values[left] - values[right]
    if model == ties.RAO_KUPPER:
        up, down = 1 / (1 + np.exp(-(d - h))), 1 / (1 + np.exp(d + h))
    else:
        total = np.exp(d) + math.exp(h) + np.exp(-d)
        up, down = np.exp(d) / total, np.exp(-d) / total
    counts = np.array([rng.multinomial(3000, [b, 1 - a - b, a]) for a, b in zip(up, down, strict=True)])
    pairs = Pairs(("a", "b", "c", "d"), tuple(left), tuple(right), *(tuple(map(float, c)) for c in counts.T))
    found = ties.fit(pairs, "a", model)
    for value, se, true in zip(found.values, found.se, values[1:], strict=True):
        assert value == pytest.approx(true, abs=3.5 * se)
    assert found.tie == pytest.approx(h, abs=3.5 * found.tie_se)


def test_ties_refused() -> None:
    star = paired.star("T", ["a"], [(50, 30, 20)])
    with pytest.raises(BadInput, match="no model of ties"):
        ties.fit(star, "T", "probit")
    with pytest.raises(BadInput, match="no answer of equal"):
        ties.fit(paired.star("T", ["a"], [(50, 0, 20)]), "T")


def test_majorities_that_go_round_in_a_circle() -> None:
    """a beats b, b beats c and c beats a, 30 of 40 each: all measures are equal and each pair departs from one half."""
    circle = _linked([(10, 0, 30), (30, 0, 10), (10, 0, 30)])
    found = pairtests.model_fit(circle)
    expected = 3 * 2 * (30 * math.log(30 / 20) + 10 * math.log(10 / 20))
    assert found.statistic == pytest.approx(expected)
    assert found.df == 1
    assert pairtests.stochastic_transitivity(circle) == pairtests.Transitivity(1, 0, 0, 0)
    good = _linked([(10, 0, 30), (5, 0, 35), (10, 0, 30)])
    assert pairtests.stochastic_transitivity(good) == pairtests.Transitivity(1, 1, 1, 1)
    moderate = _linked([(10, 0, 30), (9, 0, 31), (5, 0, 35)])
    assert pairtests.stochastic_transitivity(moderate) == pairtests.Transitivity(1, 1, 1, 0)


@pytest.mark.parametrize("how", ["half", "dropped", "not-greater", "davidson"])
def test_the_fit_of_measures_has_the_degrees_of_freedom_that_pairs_leave(how: str) -> None:
    pairs = _linked([(10, 6, 30), (12, 5, 28), (15, 9, 20)])
    assert pairtests.model_fit(pairs, how).df == (3 if how == "davidson" else 1)


def test_nothing_to_test_in_a_star() -> None:
    star = paired.star("T", ["a", "b"], [(10, 0, 5), (4, 0, 9)])
    with pytest.raises(BadInput, match="no comparisons beyond"):
        pairtests.model_fit(star)
    with pytest.raises(BadInput, match="one way round"):
        pairtests.order_effect(star)
    with pytest.raises(BadInput, match="no three services"):
        pairtests.stochastic_transitivity(star)


def test_the_service_shown_first_gains() -> None:
    """Two services, each shown first in turn: 30 of 40 and 20 of 40 for the first give the effect in closed form."""
    pairs = Pairs(("a", "b"), (0, 1), (1, 0), (10.0, 20.0), (0.0, 0.0), (30.0, 20.0))
    found = pairtests.order_effect(pairs)
    assert found.effect == pytest.approx((math.log(3) + math.log(1)) / 2)
    assert found.se == pytest.approx(math.sqrt(1 / 10 + 1 / 30 + 1 / 20 + 1 / 20) / 2)


def test_circular_triads_counted_one_by_one() -> None:
    rng = np.random.default_rng(3)
    left, right = np.triu_indices(6, 1)
    answers = rng.choice([-1, 1], size=(20, 15))
    answers[0] = 1  # a straight order: no circle
    answers[1, 3] = 0  # a tie: not judged
    found = {one.respondent: one for one in pairtests.circular_triads(answers, left, right, 6)}
    assert 1 not in found
    assert (found[0].triads, found[0].zeta, found[0].most) == (0, 1.0, 8)
    for who, one in found.items():
        beats = np.zeros((6, 6), dtype=bool)
        for m, x in enumerate(answers[who]):
            beats[(left[m], right[m]) if x == 1 else (right[m], left[m])] = True
        circles = sum(
            bool(beats[a, b] and beats[b, c] and beats[c, a]) for a in range(6) for b in range(6) for c in range(6)
        )
        assert one.triads == circles // 3
        assert math.isnan(one.p)
    left, right = np.triu_indices(9, 1)
    (straight,) = pairtests.circular_triads(np.ones((1, 36), dtype=int), left, right, 9)
    assert straight.p < 1e-3
    random = pairtests.circular_triads(rng.choice([-1, 1], size=(500, 36)), left, right, 9)
    assert np.mean([one.p < 0.05 for one in random]) < 0.08
    with pytest.raises(BadInput, match="nobody judged every pair"):
        pairtests.circular_triads(np.zeros((3, 36)), left, right, 9)
