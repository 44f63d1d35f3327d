"""Rasch-family estimators: simulate, fit, look. Seeded. Each test's limits are its own Monte-Carlo error."""

import numpy as np
import pytest
from scipy.special import chdtrc

from openrvu.valuation.rasch import cml, mml, model, persons, refits, simulate, splits
from openrvu.valuation.rasch import fit as fits
from openrvu.valuation.rasch import structure as st
from openrvu.valuation.rasch.data import Responses, responses

TWO = np.linspace(-1.2, 1.2, 6)[:, None]
THREE = np.array([[-1.0, 0.4], [0.1, 0.8], [-0.6, 0.2], [0.2, -0.1]])


def _all_patterns(deltas: np.ndarray) -> Responses:
    """Every pattern of answers, so that a sample is a row of weights."""
    m = deltas.shape[1] + 1
    table = np.array(np.meshgrid(*[range(m)] * len(deltas), indexing="ij")).reshape(len(deltas), -1).T
    return responses(table)


def _samples(rng: np.random.Generator, deltas: np.ndarray, n: int, b: int) -> np.ndarray:
    """(b, patterns) how often each pattern was answered by n persons, normal."""
    k, m = len(deltas), deltas.shape[1] + 1
    x = simulate.at_places(rng.normal(0, 1, n * b), deltas, rng).astype(np.int64)
    key = x @ (m ** np.arange(k - 1, -1, -1))
    return np.stack([np.bincount(part, minlength=m**k) for part in key.reshape(b, n)]).astype(float)


@pytest.mark.parametrize(("deltas", "kind"), [(TWO, model.DICHOTOMOUS), (THREE, model.PARTIAL)])
def test_conditional_measures_are_unbiased(deltas: np.ndarray, kind: str) -> None:
    rng = np.random.default_rng(41)
    rows = _all_patterns(deltas)
    found = refits.fit_many(rows, _samples(rng, deltas, 400, 1500), kind)
    true = deltas.mean(axis=1) - deltas.mean()
    spread = np.nanstd(found, axis=0, ddof=1)
    assert np.isfinite(found).all()
    # Three standard errors of the mean, and the known stretch of logits of order 1 / n.
    assert (np.abs(found.mean(axis=0) - true) < 3 * spread / np.sqrt(1500) + 0.012 * np.abs(true)).all()


@pytest.mark.parametrize(
    ("deltas", "kind", "missing"),
    [(TWO, model.DICHOTOMOUS, 0.0), (TWO, model.DICHOTOMOUS, 0.3), (THREE, model.PARTIAL, 0.2)],
)
def test_intervals_hold_the_truth(deltas: np.ndarray, kind: str, missing: float) -> None:
    rng = np.random.default_rng(43)
    true = deltas.mean(axis=1) - deltas.mean()
    held = []
    for _ in range(200):
        table = simulate.at_places(rng.normal(0, 1, 150), deltas, rng).astype(float)
        table[rng.random(table.shape) < missing] = np.nan
        found = cml.fit(responses(table, top=[deltas.shape[1]] * len(deltas)), kind)
        held.append(np.abs(found.measures - true) < 1.959964 * found.se)
    # 800 or 1,200 intervals, correlated within a sample: a standard error of about 0.009.
    assert 0.92 < np.mean(held) < 0.98


def test_marginal_measures_and_the_variance_are_recovered() -> None:
    rng = np.random.default_rng(44)
    held, variances, errors = [], [], []
    for _ in range(80):
        given = responses(simulate.at_places(rng.normal(0, 1.2, 500), TWO + 0.5, rng))
        found = mml.fit(given)
        held.append(np.abs(found.measures - TWO[:, 0] - 0.5) < 1.959964 * found.se)
        variances.append(found.variance)
        errors.append(found.variance_se)
    assert 0.91 < np.mean(held) < 0.985
    spread = float(np.std(variances, ddof=1))
    assert np.mean(variances) == pytest.approx(1.44, abs=3.5 * spread / np.sqrt(80) + 0.02)
    assert np.mean(errors) == pytest.approx(spread, rel=0.25)


def test_warm_measures_of_persons_are_unbiased_and_their_error_is_real() -> None:
    rng = np.random.default_rng(45)
    deltas = np.linspace(-2, 2, 20)[:, None]
    theta = np.repeat([-1.5, 0.0, 1.0], 3000)
    given = responses(simulate.at_places(theta, deltas, rng))
    flat = model.summary(deltas[:, 0], np.zeros((20, 20)), (1,) * 20)
    known = model.Calibration(
        "dichotomous",
        "known",
        given.items,
        given.top,
        **flat,
        log_likelihood=0,
        parameters=0,
        constraint="",
        se_definition="",
        iterations=0,
        used=0,
    )
    found = persons.measure(given, known)
    for place in (-1.5, 0.0, 1.0):
        here = found.theta[theta == place]
        assert here.mean() == pytest.approx(place, abs=0.03)
        assert np.median(found.se[theta == place]) == pytest.approx(here.std(), rel=0.1)
    # Reliability is the squared correlation with the truth, about.
    mixed = rng.normal(0, 1, 4000)
    given = responses(simulate.at_places(mixed, deltas, rng))
    found = persons.measure(given, cml.fit(given))
    assert st.person_separation(found).reliability == pytest.approx(
        np.corrcoef(found.theta, mixed)[0, 1] ** 2, abs=0.03
    )


def test_conditional_mean_squares_are_one_where_those_at_the_estimate_are_not() -> None:
    rng = np.random.default_rng(46)
    conditional, plain, z = [], [], []
    for _ in range(60):
        given = responses(simulate.at_places(rng.normal(0, 1, 300), TWO, rng))
        found = cml.fit(given)
        items = fits.item_fit(given, found)
        conditional.append(items.outfit)
        z.append(items.infit_z)
        plain.append(fits.item_fit(given, found, persons.measure(given, found, persons.ML)).outfit)
    assert np.mean(conditional) == pytest.approx(1, abs=0.01)
    assert np.mean(plain) < 0.95
    assert np.std(z) == pytest.approx(1, abs=0.2)


def _fitted(rows: Responses, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    thresholds = refits.fit_many_thresholds(rows, weights)
    return thresholds, refits.log_likelihoods(rows, weights, thresholds)


def _rejected(statistic: np.ndarray, df: int) -> float:
    usable = np.isfinite(statistic)
    assert usable.mean() > 0.95
    return float((chdtrc(df, np.maximum(statistic[usable], 0)) < 0.05).mean())


def _entropy(counts: np.ndarray) -> np.ndarray:
    share = counts / counts.sum(axis=1, keepdims=True)
    found: np.ndarray = np.where(counts > 0, counts * np.log(np.where(counts > 0, share, 1.0)), 0.0).sum(axis=1)
    return found


def test_group_and_item_tests_hold_their_level() -> None:
    """10,000 samples of 150 persons at once: 5 % has a standard error of 0.22 %."""
    rng = np.random.default_rng(47)
    rows = _all_patterns(TWO)
    whole = _samples(rng, TWO, 150, 10_000)
    value = _fitted(rows, whole)[1]
    half = rng.binomial(whole.astype(int), 0.5).astype(float)
    random = 2 * (_fitted(rows, half)[1] + _fitted(rows, whole - half)[1] - value)
    assert 0.04 < _rejected(random, 5) < 0.06
    score = rows.answers.sum(axis=1)
    by_score = 2 * (_fitted(rows, whole * (score > 3))[1] + _fitted(rows, whole * (score <= 3))[1] - value)
    assert 0.04 < _rejected(by_score, 5) < 0.06
    left, right = rows.only([0, 1, 2]), rows.only([3, 4, 5])
    joint = np.eye(16)[left.answers.sum(axis=1) * 4 + right.answers.sum(axis=1)]
    parts = _fitted(left, whole)[1] + _fitted(right, whole)[1]
    martin_loef = 2 * (_entropy(whole @ joint) - _entropy(whole @ np.eye(7)[score]) + parts - value)
    assert 0.04 < _rejected(martin_loef, 8) < 0.06


def test_the_numbers_in_bulk_are_those_of_one_test() -> None:
    rng = np.random.default_rng(48)
    rows = _all_patterns(TWO)
    whole = _samples(rng, TWO, 300, 5)
    group = rng.random(64) < 0.5
    fitted = [_fitted(rows, w)[1] for w in (whole, whole * group, whole * ~group)]
    for at, weights in enumerate(whole):
        keep = weights > 0
        one = splits.andersen(Responses(rows.items, rows.answers[keep], rows.top, weights[keep]), group[keep])
        assert one.statistic == pytest.approx(2 * (fitted[1][at] + fitted[2][at] - fitted[0][at]), abs=1e-6)


def test_differences_between_random_groups_are_rarely_significant() -> None:
    rng = np.random.default_rng(49)
    found: list[float] = []
    for _ in range(50):
        given = responses(simulate.at_places(rng.normal(0, 1, 150), TWO, rng))
        found += [one.p for one in splits.differences(given, rng.integers(0, 2, 150), stepwise=False)]
    # 300 p-values: 5 % has a standard error of 1.3 %.
    assert 0.012 < np.mean(np.array(found) < 0.05) < 0.09
