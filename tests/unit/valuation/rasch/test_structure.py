"""Persons, reliability, dependence, groups, categories: what must hold, and what is refused."""

import math

import numpy as np
import pytest

from openrvu.errors import BadInput
from openrvu.valuation.rasch import categories, cml, fit, jml, mml, model, pcml, persons, refits, simulate, splits
from openrvu.valuation.rasch import structure as st
from openrvu.valuation.rasch.data import Responses, responses


def right(n: int = 300, k: int = 8, seed: int = 5, missing: float = 0.0) -> Responses:
    rng = np.random.default_rng(seed)
    table = simulate.at_places(rng.normal(0, 1, n), np.linspace(-1, 1, k)[:, None], rng).astype(float)
    table[rng.random(table.shape) < missing] = np.nan
    return responses(table)


def test_maximum_likelihood_places_expect_the_score_and_extremes_have_none() -> None:
    given = right(missing=0.2)
    found = cml.fit(given)
    people = persons.measure(given, found, persons.ML)
    assert np.isnan(people.theta[people.extreme]).all()
    inner = ~people.extreme
    mask = given.answers >= 0
    p = model.chances(people.theta[inner], model.cumulative(found.thresholds))[:, :, 1] * mask[inner]
    assert p.sum(axis=1) == pytest.approx(people.score[inner], abs=1e-8)
    assert people.se[inner] == pytest.approx(1 / np.sqrt((p * (1 - p)).sum(axis=1)), abs=1e-8)
    warm = persons.measure(given, found)
    answered = warm.highest > 0
    assert np.isfinite(warm.theta[answered]).all()


def test_posterior_means_need_a_variance() -> None:
    given = right()
    with pytest.raises(BadInput, match="no variance"):
        persons.measure(given, cml.fit(given), persons.EAP)
    with pytest.raises(BadInput, match="no measure of persons 'map'"):
        persons.measure(given, cml.fit(given), "map")
    people = persons.measure(given, cml.fit(given), persons.EAP, variance=1.0)
    assert 0 < st.eap_reliability(people) < 1
    with pytest.raises(BadInput, match="needs EAP"):
        st.eap_reliability(persons.measure(given, cml.fit(given)))


def test_persons_who_agree_have_a_reliability_below_zero() -> None:
    rng = np.random.default_rng(6)
    given = responses(simulate.at_places(np.zeros(200), np.linspace(-1, 1, 6)[:, None], rng))
    separation = st.person_separation(persons.measure(given, cml.fit(given)))
    assert separation.reliability < 0
    assert math.isnan(separation.separation)


def test_a_pair_of_items_that_go_together_is_found() -> None:
    given = right(400)
    rng = np.random.default_rng(1)
    answers = given.answers.copy()
    answers[:, 5] = np.where(rng.random(400) < 0.8, answers[:, 4], answers[:, 5])
    given = Responses(given.items, answers, given.top, given.weights)
    for found in (cml.fit(given), mml.fit(given)):
        together = st.dependence(given, found)
        assert together.largest[:2] == ("item 5", "item 6")
        assert together.p < 1e-6
    shown = simulate.cutoffs(given, cml.fit(given), 60, np.random.default_rng(2))
    assert shown.p_q3 == pytest.approx(1 / (1 + shown.draws))
    assert st.residual_components(given, cml.fit(given)).values[0] > shown.component


def test_noise_misfits_and_a_muddled_person_too() -> None:
    given = right(500, 12)
    rng = np.random.default_rng(3)
    answers = given.answers.copy()
    answers[:, 3] = rng.integers(0, 2, 500)
    answers[0] = [0] * 6 + [1] * 6  # easy ones wrong, hard ones right
    given = Responses(given.items, answers, given.top, given.weights)
    found = cml.fit(given)
    items = fit.item_fit(given, found)
    assert int(np.argmax(items.infit)) == 3
    assert items.infit_z[3] > 4
    muddled = fit.person_fit(given, found).outfit
    assert muddled[0] > np.nanquantile(muddled, 0.97)
    people = persons.measure(given, found)
    assert int(np.argmin(fit.point_measure(given, found, people))) == 3
    own = np.corrcoef(given.answers[:, 3], people.theta)[0, 1]
    assert fit.point_measure(given, found, people)[3] == pytest.approx(own)


def test_an_item_that_one_group_finds_harder() -> None:
    rng = np.random.default_rng(8)
    theta, group = rng.normal(0, 1, 600), np.repeat(["no", "yes"], 300)
    deltas = np.linspace(-1, 1, 7)
    table = simulate.at_places(theta, deltas[:, None], rng)
    shifted = simulate.at_places(theta, deltas[:, None] + 1.2 * (np.arange(7) == 2)[:, None], rng)
    table[300:] = shifted[300:]
    given = responses(table)
    found = splits.differences(given, group)
    third = found[2]
    assert third.shift == pytest.approx(1.2, abs=3 * third.se)
    assert (third.size, third.p_holm < 0.001) == ("large", True)
    assert all(one.size == "not significant" for one in found if one is not third)
    z = {name: p for name, _, p in splits.wald(given, group)}
    assert min(z, key=lambda name: z[name]) == "item 3"
    by = splits.differences_by(given, {"volume": rng.integers(0, 2, 600), "financial interest": group})
    assert list(by) == ["financial interest", "volume"]
    with pytest.raises(BadInput, match="one group alone"):
        splits.differences(given, ["a"] * 600)
    with pytest.raises(BadInput, match="3 groups"):
        splits.differences(given, np.arange(600) % 3)


def test_bootstrap_p_values_say_so_and_come_again() -> None:
    given = right(60, 5)
    one, two = (splits.andersen(given, draws=24, rng=np.random.default_rng(4)) for _ in range(2))
    assert one == two
    assert one.p_is.startswith("bootstrap, ")
    assert splits.andersen(given).p_is == "asymptotic"
    other = splits.martin_loef(given, given.items[:2], draws=24, rng=np.random.default_rng(4))
    assert 0 < other.p <= 1
    with pytest.raises(BadInput, match="fewer than two items"):
        splits.martin_loef(given, given.items[:1])
    with pytest.raises(BadInput, match="answers are missing"):
        splits.martin_loef(right(missing=0.2), given.items[:2])


def test_simulated_answers_keep_what_was_answered_and_every_score() -> None:
    given = right(120, 6, missing=0.3)
    found = cml.fit(given)
    for answers in simulate.given_scores(given, found, 3, np.random.default_rng(0)):
        assert ((answers < 0) == (given.answers < 0)).all()
        assert (np.where(answers < 0, 0, answers).sum(1) == np.where(given.answers < 0, 0, given.answers).sum(1)).all()
    drawn = np.mean(list(simulate.given_scores(given, found, 400, np.random.default_rng(1))), axis=0)
    for rows, _, mask, (expected, _, _) in fit.expectations(given, found, None):
        assert np.abs(drawn[rows][mask] - expected[mask]).max() < 4.5 * 0.5 / math.sqrt(400)


def test_disordered_thresholds_are_listed_with_their_chance() -> None:
    rng = np.random.default_rng(9)
    deltas = np.array([[-1.0, 1.0], [0.8, -0.8], [-0.5, 0.5], [0.0, 0.4]])
    given = responses(simulate.at_places(rng.normal(0, 1, 800), deltas, rng))
    found = cml.fit(given, model.PARTIAL)
    (one,) = categories.disordered(found)
    assert (one.item, one.step) == ("item 2", 2)
    assert one.drop == pytest.approx(1.6, abs=3 * one.se)
    assert one.p < 0.001
    rows = categories.function(given, found)
    assert sum(row.count for row in rows if row.item == "item 1") == 800
    assert [row.mean for row in rows[:3]] == sorted(row.mean for row in rows[:3])


def test_refits_are_the_fits_of_each_sample() -> None:
    given = right(40, 5)
    rows = refits.patterns(given)
    weights = np.random.default_rng(1).multinomial(40, rows.weights / 40, size=30).astype(float)
    found = refits.fit_many(rows, weights)
    for w, measures in zip(weights, found, strict=True):
        keep = w > 0
        one = cml.fit(Responses(rows.items, rows.answers[keep], rows.top, w[keep]))
        assert measures == pytest.approx(one.measures, abs=1e-7)
    with pytest.raises(BadInput, match="missing"):
        refits.fit_many(right(missing=0.2), np.ones((2, 300)))


def test_a_sample_without_finite_measures_is_a_row_of_nan() -> None:
    given = responses([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1]])
    found = refits.fit_many(given, np.array([[1.0, 1, 1, 1, 1], [1, 0, 0, 0, 0]]))
    assert np.isfinite(found[0]).all() and np.isnan(found[1]).all()


def test_joint_estimates_are_wider_by_what_the_correction_takes() -> None:
    given = right(2000, 6)
    conditional, joint = cml.fit(given), jml.fit(given, corrected=False)
    slope = float(conditional.measures @ joint.measures / (conditional.measures @ conditional.measures))
    assert slope == pytest.approx(6 / 5, abs=0.02)
    assert jml.fit(given).measures == pytest.approx(joint.measures * 5 / 6)
    assert any("biased" in one for one in joint.warnings)


def test_pairwise_errors_are_those_of_persons_drawn_again() -> None:
    given = right(400, 5)
    found = pcml.fit(given)
    rng = np.random.default_rng(2)
    drawn = [pcml.fit(given.persons(rng.integers(0, 400, 400))).measures for _ in range(150)]
    assert found.se == pytest.approx(np.std(drawn, axis=0, ddof=1), rel=0.2)


def test_marginal_estimates_with_missing_answers() -> None:
    given = right(400, 6, missing=0.3)
    found = mml.fit(given)
    assert found.measures - found.measures.mean() == pytest.approx(cml.fit(given).measures, abs=0.05)
    assert found.constraint == model.PERSONS
    with pytest.raises(BadInput, match="no preset"):
        mml.fit(given, preset="quick")
    constant = responses(np.column_stack([right(50, 3).answers, np.ones(50)]), ["a", "b", "c", "all"])
    assert mml.fit(constant).left_out == (("all", "the highest answer from everybody"),)
