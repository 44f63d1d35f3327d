"""Raters, domains, rankings."""

import numpy as np
import pytest

from openrvu.errors import BadInput
from openrvu.valuation.rasch import cml, facets, links, model, rankings, simulate
from openrvu.valuation.rasch.data import responses

ITEMS, RATERS = np.array([-0.8, 0.0, 0.8]), np.array([-0.5, 0.1, 0.4])
STEPS = np.array([-0.7, 0.7])


def _judged(n: int, per_person: int, seed: int = 1) -> tuple[list[int], list[int], dict[str, list[str]]]:
    """Each person judged by some of three raters on three items, three categories."""
    rng = np.random.default_rng(seed)
    persons, answers, item, rater = [], [], [], []
    for person in range(n):
        theta = rng.normal()
        for r in rng.permutation(3)[:per_person]:
            thresholds = ITEMS[:, None] + RATERS[r] + STEPS[None, :]
            for i, x in enumerate(simulate.at_places(np.array([theta]), thresholds, rng)[0]):
                persons.append(person)
                answers.append(int(x))
                item.append(f"item {i}")
                rater.append(f"rater {r}")
    return persons, answers, {"item": item, "rater": rater}


def test_raters_who_judge_some_of_the_persons_are_recovered() -> None:
    found = facets.fit(*_judged(1500, 2))
    rater, item = found.facet("rater"), found.facet("item")
    assert rater.measures == pytest.approx(RATERS, abs=3.5 * rater.se.max())
    assert item.measures == pytest.approx(ITEMS, abs=3.5 * item.se.max())
    assert found.steps == pytest.approx(STEPS, abs=0.1)
    assert rater.se.max() < 0.06
    assert rater.measures.sum() == pytest.approx(0, abs=1e-9)


def test_one_rater_of_all_items_is_the_rating_scale() -> None:
    persons, answers, labels = _judged(200, 3)
    keep = [i for i, r in enumerate(labels["rater"]) if r == "rater 0"]
    one = facets.fit(
        [persons[i] for i in keep], [answers[i] for i in keep], {"item": [labels["item"][i] for i in keep]}
    )
    table = np.full((200, 3), np.nan)
    for i in keep:
        table[persons[i], int(labels["item"][i][-1])] = answers[i]
    plain = cml.fit(responses(table), model.RATING)
    assert one.facets[0].measures == pytest.approx(plain.measures, abs=1e-8)
    assert one.facets[0].se == pytest.approx(plain.se, abs=1e-8)
    assert one.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-8)


def test_facets_that_cannot_be_told_apart() -> None:
    persons, answers, labels = _judged(100, 1)
    with pytest.raises(links.Unlinked, match="cannot be told apart"):  # nobody was judged by two raters
        facets.fit(persons, answers, labels)
    with pytest.raises(BadInput, match="twice"):
        facets.fit([1, 1], [0, 1], {"item": ["a", "a"]})
    with pytest.raises(links.Unlinked, match="item b has the lowest answer alone"):
        facets.fit([1, 1, 2, 2], [1, 0, 2, 0], {"item": ["a", "b", "a", "b"]})
    with pytest.raises(BadInput, match="labels of rater for"):
        facets.fit(persons, answers, {**labels, "rater": ["r"]})
    with pytest.raises(BadInput, match="whole numbers"):
        facets.fit(persons, [0.5] * len(persons), labels)  # type: ignore[list-item]
    with pytest.raises(BadInput, match="no facet 'domain'"):
        facets.fit(*_judged(100, 3)).facet("domain")


def test_a_ranking_of_two_is_a_comparison_and_weights_repeat_it() -> None:
    found = rankings.fit([["a", "b"], ["b", "a"]], weights=[30, 10])
    worth, se = found.against("b")
    assert worth[0] == pytest.approx(np.log(3))
    assert se[0] == pytest.approx(np.sqrt(1 / 30 + 1 / 10))


def test_rankings_recover_worths_and_sets_may_differ() -> None:
    rng = np.random.default_rng(2)
    worth = np.array([0.9, 0.3, 0.0, -0.4, -0.8])
    ranked, among = [], []
    for _ in range(3000):
        chosen = rng.permutation(5)[:4]
        order = chosen[np.argsort(-(worth[chosen] + rng.gumbel(size=4)))]
        ranked.append([str(i) for i in order[: rng.integers(1, 5)]])
        among.append([str(i) for i in chosen])
    found = rankings.fit(ranked, among)
    assert found.worth == pytest.approx(worth, abs=3.5 * found.se.max())
    assert found.se.max() < 0.05


def test_rankings_without_finite_worths_and_faulty_ones() -> None:
    with pytest.raises(links.Unlinked, match="do not link a both ways"):
        rankings.fit([["a", "b", "c"], ["a", "c", "b"]])
    with pytest.raises(BadInput, match="ranked twice"):
        rankings.fit([["a", "b", "a"]])
    with pytest.raises(BadInput, match="not to choose from"):
        rankings.fit([["a", "b"]], among=[["a", "c"]])
    with pytest.raises(BadInput, match="1 item ranked"):
        rankings.fit([["a"]])
    with pytest.raises(BadInput, match="no ranking has a choice"):
        rankings.fit([["a"], ["b"]], among=[["a"], ["b"]])
