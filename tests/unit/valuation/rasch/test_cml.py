"""Conditional estimates: what must hold of them whatever the data, and what happens where they do not exist."""

from itertools import product

import numpy as np
import pytest

from openrvu.errors import BadInput
from openrvu.valuation.rasch import cml, fit, links, model, simulate
from openrvu.valuation.rasch.data import Responses, responses

DELTAS = np.array([[-1.2, 0.1], [0.4, 0.9], [-0.3, -0.2], [0.8, 0.2], [-0.5, 0.6]])


def rated(n: int = 200, missing: float = 0.0, seed: int = 3) -> Responses:
    rng = np.random.default_rng(seed)
    table = simulate.at_places(rng.normal(0, 1, n), DELTAS, rng).astype(float)
    table[rng.random(table.shape) < missing] = np.nan
    return responses(table, ["a", "b", "c", "d", "e"])


def right(n: int = 200, k: int = 6, missing: float = 0.0, seed: int = 4) -> Responses:
    rng = np.random.default_rng(seed)
    table = simulate.at_places(rng.normal(0, 1, n), np.linspace(-1, 1, k)[:, None], rng).astype(float)
    table[rng.random(table.shape) < missing] = np.nan
    return responses(table)


def _enumerated(given: Responses, thresholds: np.ndarray) -> float:
    """The conditional log-likelihood by writing out every pattern of answers with the person's score."""
    beta = model.cumulative(thresholds)
    total = 0.0
    for row in given.answers:
        at = np.flatnonzero(row >= 0)
        patterns = np.array(list(product(*(range(given.top[i] + 1) for i in at)))).reshape(-1, len(at))
        logs = -beta[at[None, :], patterns].sum(axis=1)
        same = patterns.sum(axis=1) == row[at].sum()
        total += -beta[at, row[at]].sum() - np.log(np.exp(logs[same]).sum())
    return float(total)


@pytest.mark.parametrize("kind", [model.PARTIAL, model.RATING])
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_the_likelihood_is_the_one_of_every_pattern_written_out(kind: str, missing: float) -> None:
    given = rated(60, missing)
    found = cml.fit(given, kind)
    assert found.log_likelihood == pytest.approx(_enumerated(given, found.thresholds), abs=1e-9)
    nudged = found.thresholds + np.random.default_rng(0).normal(0, 0.05, found.thresholds.shape)
    if kind == model.PARTIAL:
        assert _enumerated(given, nudged) < found.log_likelihood


def test_the_information_is_the_slope_of_the_gradient_whatever_the_missing_pattern() -> None:
    for given in (right(150, 12, 0.3), right(80, 5, 0.2), rated(80, 0.3), rated(100)):
        shape = model.design(model.PARTIAL, given)
        problem = cml.problem(given, shape, None)
        flat = np.random.default_rng(1).normal(0, 0.5, len(shape.matrix))
        step = 1e-5
        slope = np.column_stack(
            [
                (cml.likelihood(problem, flat - step * one)[1] - cml.likelihood(problem, flat + step * one)[1])
                / (2 * step)
                for one in np.eye(len(flat))
            ]
        )
        assert shape.matrix.T @ slope @ shape.matrix == pytest.approx(cml.exact(problem, flat), abs=1e-6)


def test_equal_items_in_many_missing_patterns() -> None:
    """Where two items have equal measures the short way to the information divides by nothing."""
    given = right(120, 8, 0.3)
    twin = responses(np.where(given.answers < 0, np.nan, given.answers)[:, [0, 1, 2, 3, 4, 5, 6, 7, 0]].astype(float))
    problem = cml.problem(twin, model.design(model.DICHOTOMOUS, twin), None)
    flat = np.array([0.3, 0.3, -0.5, 0.1, 0.1, 0.1, 0.9, -1.0, 0.3])
    near = flat + np.linspace(0, 1, 9) * 1e-3
    one, other = (cml.conditional_covariance(twin.top, problem.cells, at) for at in (flat, near))
    assert np.isfinite(one).all()
    assert one == pytest.approx(other, abs=0.05)
    slope = (
        cml.likelihood(problem, flat - 1e-5 * np.eye(9)[1])[1] - cml.likelihood(problem, flat + 1e-5 * np.eye(9)[1])[1]
    ) / 2e-5
    assert one[1] == pytest.approx(slope, abs=1e-6)


def test_weights_are_repeated_rows() -> None:
    given = right(60)
    times = np.random.default_rng(2).integers(1, 4, 60)
    weighted = cml.fit(Responses(given.items, given.answers, given.top, times.astype(float)))
    repeated = cml.fit(given.persons(np.repeat(np.arange(60), times)))
    assert weighted.measures == pytest.approx(repeated.measures, abs=1e-10)
    assert weighted.covariance == pytest.approx(repeated.covariance, abs=1e-10)
    assert weighted.used == repeated.used


def test_anchored_items_stay_and_carry_the_origin() -> None:
    given = right()
    free = cml.fit(given)
    anchors = {name: float(free.measures[i]) + 5 for i, name in enumerate(given.items[:2])}
    held = cml.fit(given, anchors=anchors)
    assert held.measures == pytest.approx(free.measures + 5, abs=1e-6)
    assert held.se[:2] == pytest.approx([0, 0])
    assert held.constraint == model.ANCHORED
    rating = rated()
    whole = cml.fit(rating, model.RATING)
    again = cml.fit(rating, model.RATING, anchors={"a": float(whole.measures[0]) - 1})
    assert again.measures == pytest.approx(whole.measures - 1, abs=1e-6)
    steps = cml.fit(rating, model.PARTIAL, anchors={"a": [0.0, 1.0]})
    assert steps.thresholds[0] == pytest.approx([0.0, 1.0])
    with pytest.raises(BadInput, match="no item: x"):
        cml.fit(given, anchors={"x": 0.0})
    with pytest.raises(BadInput, match="every item is anchored"):
        cml.fit(given, anchors=dict.fromkeys(given.items, 0.0))


def test_an_item_answered_alike_is_left_out_and_named() -> None:
    table = right(40, 4).answers.astype(float)
    table = np.column_stack([table, np.ones(40)])
    found = cml.fit(responses(table, ["a", "b", "c", "d", "all"]))
    assert found.items == ("a", "b", "c", "d")
    assert found.left_out == (("all", "the highest answer from everybody"),)
    assert found.warnings[0] == "all left out: the highest answer from everybody"


def test_a_penalty_on_request_makes_every_measure_finite_and_is_named() -> None:
    table = np.column_stack([right(40, 4).answers, np.ones(40)])
    found = cml.fit(responses(table, ["a", "b", "c", "d", "all"]), penalty=3.0)
    assert found.items[-1] == "all"
    assert found.measures[-1] == found.measures.min()
    assert np.isfinite(found.covariance).all()
    assert any("normal prior of SD 3" in one for one in found.warnings)
    given = right()
    assert cml.fit(given, penalty=1000.0).contrast("item 1", "item 6")[0] == pytest.approx(
        cml.fit(given).contrast("item 1", "item 6")[0], abs=1e-4
    )
    with pytest.raises(BadInput, match="penalty of SD 0"):
        cml.fit(given, penalty=0.0)


def test_items_that_no_answers_link_are_named() -> None:
    first, second = right(40, 3, seed=1).answers.astype(float), right(40, 3, seed=2).answers.astype(float)
    gap = np.full((40, 3), np.nan)
    table = np.block([[first, gap], [gap, second]])
    with pytest.raises(links.Unlinked, match=r"do not link .* both ways") as caught:
        cml.fit(responses(table, ["a", "b", "c", "x", "y", "z"]))
    assert "[a, b, c]" in caught.value.exists and "[x, y, z]" in caught.value.exists


def test_everyone_who_gets_one_set_right_gets_the_other_right() -> None:
    """A Guttman gap: connected by persons, but b, c are never missed by somebody who gets a or d."""
    table = [[0, 1, 0, 0], [0, 0, 1, 0], [1, 1, 1, 0], [0, 1, 1, 1]] * 5
    with pytest.raises(links.Unlinked, match="both ways"):
        cml.fit(responses(table, ["a", "b", "c", "d"]))


def test_a_category_that_nobody_used() -> None:
    table = np.where(rated().answers == 1, 2, rated().answers)
    table[:, 1:] = rated().answers[:, 1:]
    given = responses(table, ["a", "b", "c", "d", "e"])
    with pytest.raises(links.EmptyCategory, match="category 1 of a"):
        cml.fit(given, model.PARTIAL)
    assert np.isfinite(cml.fit(given, model.RATING).measures).all()
    assert np.isfinite(cml.fit(given, model.PARTIAL, penalty=3.0).measures).all()
    with pytest.raises(links.EmptyCategory, match="category 1 of the scale"):
        cml.fit(responses(np.where(rated().answers == 1, 2, rated().answers)), model.RATING)


def test_all_scores_extreme() -> None:
    with pytest.raises(BadInput, match="fewer than two items have a finite measure"):
        cml.fit(responses([[1, 1, 1], [0, 0, 0], [1, 1, 1]]))


def test_thresholds_that_run_away_are_named() -> None:
    """Categories are all used and items linked, but who takes the second step on c has all of the others."""
    table = [
        [0, 1, 0],
        [1, 0, 0],
        [1, 2, 0],
        [2, 1, 1],
        [1, 1, 0],
        [0, 0, 1],
        [2, 2, 2],
        [2, 2, 2],
        [1, 0, 1],
        [0, 2, 0],
    ]
    with pytest.raises(links.Unlinked, match="rises without end with c"):
        cml.fit(responses(table, ["a", "b", "c"]), model.PARTIAL)


def test_models_that_do_not_fit_the_categories() -> None:
    with pytest.raises(BadInput, match="no model 'rash'"):
        cml.fit(right(), "rash")
    with pytest.raises(BadInput, match="more than two categories: a, b"):
        cml.fit(rated(), model.DICHOTOMOUS)
    mixed = responses(np.column_stack([rated().answers, right().answers[:, 0]]))
    with pytest.raises(BadInput, match="same categories for all items"):
        cml.fit(mixed, model.RATING)
    assert cml.fit(mixed).model == model.PARTIAL


def test_conditional_item_fit_is_that_of_every_pattern_written_out() -> None:
    given = rated(50, 0.2)
    found = cml.fit(given, model.PARTIAL)
    beta = model.cumulative(found.thresholds)
    n, z2, square, variance = np.zeros((4, 5))
    for row in given.answers:
        at = np.flatnonzero(row >= 0)
        patterns = np.array(list(product(*(range(3) for _ in at)))).reshape(-1, len(at))
        patterns = patterns[patterns.sum(axis=1) == row[at].sum()]
        if len(patterns) == 1:
            continue
        p = np.exp(-beta[at[None, :], patterns].sum(axis=1))
        p /= p.sum()
        mean = p @ patterns
        v = p @ (patterns - mean) ** 2
        n[at] += 1
        z2[at] += (row[at] - mean) ** 2 / v
        square[at] += (row[at] - mean) ** 2
        variance[at] += v
    items = fit.item_fit(given, found)
    assert items.outfit == pytest.approx(z2 / n, abs=1e-9)
    assert items.infit == pytest.approx(square / variance, abs=1e-9)
