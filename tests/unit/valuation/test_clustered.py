"""Errors that allow for respondents' answers going together, against respondents drawn again."""

import numpy as np
import pytest

from openrvu.errors import BadInput
from openrvu.valuation import clustered, paired
from openrvu.valuation.paired import Floats, Measures, Pairs

LEFT, RIGHT = np.triu_indices(4, 1)


def _answers(n: int, own: float, seed: int = 1) -> np.ndarray:
    """n respondents on all pairs of four services; own: SD of each respondent's own views of the services."""
    rng = np.random.default_rng(seed)
    values = np.array([0.0, 0.5, -0.4, 0.8]) + rng.normal(0, own, (n, 4))
    d = values[:, LEFT] - values[:, RIGHT]
    total = np.exp(d / 2) + np.exp(-d / 2) + 0.8
    u = rng.random(d.shape)
    return np.where(u < np.exp(d / 2) / total, 1, np.where(u < (np.exp(d / 2) + 0.8) / total, 0, -1))


def _pairs(answers: np.ndarray) -> Pairs:
    less, equal, greater = (tuple(map(float, (answers == code).sum(axis=0))) for code in (-1, 0, 1))
    return Pairs(("a", "b", "c", "d"), tuple(LEFT.tolist()), tuple(RIGHT.tolist()), less, equal, greater)


def _fit(answers: np.ndarray, ties: str) -> tuple[Pairs, Measures]:
    pairs = _pairs(answers)
    return pairs, paired.fit(pairs, "a", ties)


@pytest.mark.parametrize("ties", paired.TIES)
def test_robust_errors_are_those_of_respondents_drawn_again(ties: str) -> None:
    answers = _answers(200, 2.0)
    pairs, found = _fit(answers, ties)
    robust = clustered.robust(pairs, answers, found)
    rng = np.random.default_rng(2)
    counts: list[Floats] = []
    for _ in range(800):
        drawn = answers[rng.integers(0, 200, 200)]
        counts.append(_pairs(drawn).counts())
    again = paired.fit_many(pairs, np.array(counts), "a", ties).std(axis=0, ddof=1)
    assert robust.se == pytest.approx(again, rel=0.08)
    assert robust.values == found.values
    if ties == paired.DAVIDSON:  # the answers of one person go together
        assert min(np.array(robust.se) / found.se) > 1.1


def test_without_views_of_their_own_both_errors_agree() -> None:
    answers = _answers(3000, 0.0)
    pairs, found = _fit(answers, paired.DAVIDSON)
    robust = clustered.robust(pairs, answers, found)
    assert robust.se == pytest.approx(found.se, rel=0.06)
    assert robust.log_nu_se == pytest.approx(found.log_nu_se, rel=0.06)


def test_answers_of_another_shape() -> None:
    answers = _answers(50, 0.5)
    pairs, found = _fit(answers, paired.HALF)
    with pytest.raises(BadInput, match="for 6 pairs"):
        clustered.robust(pairs, answers[:, :5], found)
    with pytest.raises(BadInput, match="1 respondent"):
        clustered.robust(pairs, answers[:1], found)


def test_many_at_once_are_those_of_one_at_a_time() -> None:
    samples = np.stack([_answers(40, 1.0, seed) for seed in (3, 4)]).astype(np.int8)
    samples[:, :5, 2] = 9  # not answered
    fitted = [_fit(one, paired.HALF) for one in samples]
    pairs = fitted[0][0]
    found = clustered.robust_many(pairs, samples, np.array([measures.values for _, measures in fitted]))
    for one, (own, measures), covariance in zip(samples, fitted, found, strict=True):
        assert covariance == pytest.approx(np.array(clustered.robust(own, one, measures).covariance), abs=1e-12)


def test_counts_give_the_errors_of_independent_answers() -> None:
    # Without ties and one pair a service the robust variance is the plain one: 1 / 20 + 1 / 10.
    plain = paired.star("a", ["b"], [(20.0, 0.0, 10.0)])
    assert clustered.by_answer(plain, paired.fit(plain, "a")) == pytest.approx(np.array([[0.15]]))
    # 6 less, 4 equal, 2 greater: 8 to 4, p = 1/3. Sum of squares 2 (2/3)^2 + 4 (1/6)^2 + 6 (1/3)^2 = 5/3; information
    # 12 x 2/9 = 8/3; variance (5/3) / (8/3)^2 = 15/64.
    ties = paired.star("a", ["b"], [(6.0, 4.0, 2.0)])
    assert clustered.by_answer(ties, paired.fit(ties, "a")) == pytest.approx(np.array([[15 / 64]]))


@pytest.mark.parametrize("ties", paired.TIES)
def test_counts_agree_with_one_answer_a_person(ties: str) -> None:
    answers = _answers(300, 0.0)
    alone = np.full((answers.size, answers.shape[1]), 9)
    for at, (person, pair) in enumerate(np.ndindex(*answers.shape)):
        alone[at, pair] = answers[person, pair]
    pairs, found = _fit(answers, ties)
    one = np.array(clustered.robust(pairs, alone, found).covariance)
    assert clustered.by_answer(pairs, found) * len(alone) / (len(alone) - 1) == pytest.approx(one, rel=1e-9)
