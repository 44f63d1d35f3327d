"""Paired comparisons: closed forms, a direct likelihood as second opinion, existence, and many samples at once."""

import math

import numpy as np
import pytest
from scipy import optimize

from openrvu.errors import BadInput
from openrvu.valuation import paired
from openrvu.valuation.paired import DAVIDSON, DROPPED, HALF, NOT_GREATER, Pairs

STAR = paired.star("T", ["a", "b", "c"], [(30, 10, 20), (12, 8, 40), (25, 20, 15)])
ALL = Pairs(
    names=("T", "a", "b", "c"),
    left=(0, 0, 0, 1, 1, 2),
    right=(1, 2, 3, 2, 3, 3),
    less=(12, 20, 25, 15, 17, 14),
    equal=(6, 5, 4, 8, 7, 3),
    greater=(18, 9, 5, 10, 6, 11),
)


def _minus_log_likelihood(at: np.ndarray, pairs: Pairs, ties: str) -> float:
    """Written out answer by answer, apart from the package's own."""
    values = [0.0, *at[: len(pairs.names) - 1]]
    total = 0.0
    for m, (i, j) in enumerate(zip(pairs.left, pairs.right, strict=True)):
        d = values[i] - values[j]
        less, e, g = pairs.less[m], pairs.equal[m], pairs.greater[m]
        if ties == DAVIDSON:
            scale = math.exp(d / 2) + math.exp(-d / 2) + math.exp(at[-1])
            total += g * (d / 2) - less * (d / 2) + e * at[-1] - (less + e + g) * math.log(scale)
            continue
        up, down = {HALF: (g + e / 2, less + e / 2), DROPPED: (g, less), NOT_GREATER: (g, less + e)}[ties]
        total += -up * math.log1p(math.exp(-d)) - down * math.log1p(math.exp(d))
    return -total


@pytest.mark.parametrize("pairs", [STAR, ALL], ids=["star", "all pairs"])
@pytest.mark.parametrize("ties", paired.TIES)
def test_agrees_with_a_direct_maximisation(pairs: Pairs, ties: str) -> None:
    found = paired.fit(pairs, "T", ties)
    size = 3 + (ties == DAVIDSON)
    direct = optimize.minimize(_minus_log_likelihood, np.zeros(size), (pairs, ties), method="BFGS", tol=1e-10)
    assert found.values == pytest.approx(direct.x[:3], abs=1e-5)
    assert found.log_likelihood == pytest.approx(-direct.fun, abs=1e-8)
    # Standard errors from a numerical Hessian of the same likelihood at our estimate.
    at = np.array([*found.values, *([found.log_nu] if found.log_nu is not None else [])])
    h, eye = 1e-4, np.eye(size)
    hessian = np.array(
        [
            [
                sum(
                    s * t * _minus_log_likelihood(at + h * (s * eye[i] + t * eye[j]), pairs, ties)
                    for s in (1, -1)
                    for t in (1, -1)
                )
                / (4 * h * h)
                for j in range(size)
            ]
            for i in range(size)
        ]
    )
    assert found.covariance == pytest.approx(np.linalg.inv(hessian)[:3, :3], rel=1e-4, abs=1e-6)


def test_star_closed_forms() -> None:
    # One comparator, one logit: ln(judged more / judged less), variance 1 / more + 1 / less.
    dropped = paired.fit(STAR, "T", DROPPED)
    assert dropped.values == pytest.approx([math.log(30 / 20), math.log(12 / 40), math.log(25 / 15)], abs=1e-12)
    assert dropped.se == pytest.approx(
        [math.sqrt(1 / 30 + 1 / 20), math.sqrt(1 / 12 + 1 / 40), math.sqrt(1 / 25 + 1 / 15)]
    )
    half = paired.fit(STAR, "T", HALF)
    assert half.values == pytest.approx([math.log(35 / 25), math.log(16 / 44), math.log(35 / 25)], abs=1e-12)
    kept = paired.fit(STAR, "T", NOT_GREATER)
    assert kept.values == pytest.approx([math.log(40 / 20), math.log(20 / 40), math.log(45 / 15)], abs=1e-12)
    assert (dropped.answers, half.answers, kept.answers) == (142, 180, 180)


def test_counting_an_answer_twice_would_shrink_the_error_by_root_two() -> None:
    once = paired.fit(ALL, "T", HALF)
    twice = Pairs(ALL.names, ALL.left * 2, ALL.right * 2, ALL.less * 2, ALL.equal * 2, ALL.greater * 2)
    again = paired.fit(twice, "T", HALF)
    assert again.values == pytest.approx(once.values) and np.array(again.se) * math.sqrt(2) == pytest.approx(once.se)


def test_the_direction_of_a_pair_does_not_matter_where_ties_are_symmetric() -> None:
    turned = Pairs(ALL.names, ALL.right, ALL.left, ALL.greater, ALL.equal, ALL.less)
    for ties in (HALF, DROPPED, DAVIDSON):
        assert paired.fit(turned, "T", ties).values == pytest.approx(paired.fit(ALL, "T", ties).values, abs=1e-10)


def test_changing_the_reference_shifts_all_measures() -> None:
    by_target, by_a = paired.fit(ALL, "T", DAVIDSON), paired.fit(ALL, "a", DAVIDSON)
    shift = by_target.values[0]
    assert by_a.values == pytest.approx([-shift, by_target.values[1] - shift, by_target.values[2] - shift], abs=1e-10)


def test_unanimous_services_are_named() -> None:
    data = paired.star("62380", ["63047", "22869", "63030"], [(30, 0, 0), (0, 0, 30), (10, 5, 15)])
    with pytest.raises(BadInput, match="63047 is judged greater in every usable answer; 22869 is judged less"):
        paired.fit(data, "62380", HALF)
    with pytest.raises(BadInput, match="c is in no usable answer"):
        paired.fit(paired.star("T", ["a", "b", "c"], [(3, 0, 3), (2, 0, 2), (0, 4, 0)]), "T", DROPPED)


def test_two_circles_that_never_met_are_named() -> None:
    apart = Pairs(("a", "b", "c", "d"), (0, 2), (1, 3), (3, 3), (0, 0), (3, 3))
    with pytest.raises(BadInput, match=r"\[a, b\] \[c, d\]"):
        paired.fit(apart, "a", HALF)
    one_way = Pairs(("a", "b", "c", "d"), (0, 2, 0), (1, 3, 2), (3, 3, 0), (0, 0, 0), (3, 3, 5))
    with pytest.raises(BadInput, match="do not link all services both ways"):
        paired.fit(one_way, "a", HALF)


def test_ties_link_both_ways_only_where_they_are_kept() -> None:
    data = paired.star("T", ["a", "b"], [(5, 5, 0), (4, 3, 5)])
    assert paired.fit(data, "T", HALF).values[0] == pytest.approx(math.log(7.5 / 2.5))
    assert paired.fit(data, "T", DAVIDSON).values[0] > 0
    with pytest.raises(BadInput, match="a is judged greater"):
        paired.fit(data, "T", DROPPED)


def test_davidson_where_the_tie_parameter_cannot_be_had() -> None:
    with pytest.raises(BadInput, match="no answer of equal"):
        paired.fit(paired.star("T", ["a"], [(5, 0, 5)]), "T", DAVIDSON)
    # Wins one way and ties: the likelihood rises without end as measure and tie parameter grow together.
    with pytest.raises(BadInput, match="ever better"):
        paired.fit(paired.star("T", ["a", "b"], [(5, 5, 0), (0, 4, 6)]), "T", DAVIDSON)


def test_refusals() -> None:
    with pytest.raises(BadInput, match="half, dropped, not-greater, davidson"):
        paired.fit(STAR, "T", "coin")
    with pytest.raises(BadInput, match="Compared: T, a, b, c"):
        paired.fit(STAR, "63047")
    with pytest.raises(BadInput, match="negative"):
        paired.fit(paired.star("T", ["a"], [(-1, 0, 5)]), "T")
    with pytest.raises(BadInput, match="with itself"):
        paired.fit(Pairs(("a",), (0,), (0,), (1,), (0,), (1,)), "a")


@pytest.mark.parametrize("ties", paired.TIES)
@pytest.mark.parametrize("pairs", [STAR, ALL], ids=["star", "all pairs"])
def test_many_samples_equal_one_at_a_time(pairs: Pairs, ties: str) -> None:
    rng = np.random.default_rng(3)
    counts = np.stack([rng.multinomial(int(n), c / n) for c in pairs.counts() for n in [c.sum()] for _ in range(20)])
    samples = counts.reshape(len(pairs.left), 20, 3).swapaxes(0, 1).astype(float)
    samples[7, 2] = (9, 0, 0)  # one comparison unanimous in one sample
    found = paired.fit_many(pairs, samples, "T", ties)
    assert found.shape == (20, 3)
    for row, values in zip(samples, found, strict=True):
        sample = Pairs(pairs.names, pairs.left, pairs.right, tuple(row[:, 0]), tuple(row[:, 1]), tuple(row[:, 2]))
        try:
            assert values == pytest.approx(paired.fit(sample, "T", ties).values, abs=1e-9)
        except BadInput:
            assert np.isnan(values).all()
    assert np.isnan(found[7]).all() == (pairs is STAR)


def test_separation_takes_out_the_targets_own_error() -> None:
    found = paired.fit(STAR, "T", DROPPED)
    v, c = np.array(found.values), np.array(found.covariance)
    # Star and dropped ties: errors are independent, so the mean error variance is that of the SEs.
    assert paired.separation(found) == pytest.approx(1 - np.diag(c).mean() / v.var(ddof=1))
    shifted = paired.Measures(
        found.names, "T", DROPPED, found.values, tuple(map(tuple, c + 0.5)), None, None, 0.0, 1.0, 1
    )
    assert paired.separation(shifted) == pytest.approx(paired.separation(found))


def test_what_is_not_linked_can_be_left_out_by_name() -> None:
    data = paired.star("T", ["a", "b", "c"], [(30, 0, 0), (12, 8, 10), (9, 1, 20)])
    kept, dropped = paired.keep_linked(data, "T", HALF)
    assert dropped == (("a", "judged greater in every usable answer"),)
    assert kept.names == ("T", "b", "c") and kept.less == (12, 9)
    assert paired.fit(kept, "T", HALF).values[0] == pytest.approx(math.log(16 / 14))
    assert paired.keep_linked(STAR, "T", HALF) == (STAR, ())
    apart = Pairs(("a", "b", "c", "d"), (0, 2), (1, 3), (3, 3), (0, 0), (3, 3))
    assert paired.keep_linked(apart, "a", HALF)[1] == (
        ("c", "not linked both ways with the target"),
        ("d", "not linked both ways with the target"),
    )


@pytest.mark.parametrize("ties", [paired.HALF, paired.DAVIDSON])
def test_errors_of_many_samples_are_those_of_one_at_a_time(ties: str) -> None:
    pairs = paired.star("T", ["a", "b"], [(20.0, 5.0, 10.0), (8.0, 6.0, 21.0)])
    apart = np.array([[[20.0, 5.0, 10.0], [8.0, 6.0, 21.0]], [[35.0, 0.0, 0.0], [8.0, 0.0, 21.0]]])
    values, errors = paired.errors_many(pairs, apart, "T", ties)
    one = paired.fit(pairs, "T", ties)
    assert values[0] == pytest.approx(one.values) and errors[0] == pytest.approx(one.se)
    assert np.isnan(values[1]).all() and np.isnan(errors[1]).all()  # everybody agrees on a
