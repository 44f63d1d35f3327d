import numpy as np
import pytest

from openrvu.errors import BadInput
from openrvu.valuation.rasch.data import MISSING, cells, counts, distinct, responses


def test_empty_cells_of_all_kinds_are_missing() -> None:
    r = responses([["1", "", "0"], [None, "NA", "1"], [float("nan"), "1", "."]], ["a", "b", "c"], top=[1, 1, 1])
    assert r.answers.tolist() == [[1, MISSING, 0], [MISSING, MISSING, 1], [MISSING, 1, MISSING]]
    assert not r.complete


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([[0, 1], ["often", 0]], "row 2, a"),
        ([[0, 1], [0.5, 0]], "0.5 is not a whole number"),
        ([[0, 1], [-2, 0]], "negative"),
        ([[0, 1], [1, 1000]], "above 100"),
        ([[0, 1], [1]], "1 answers where the first row has 2"),
        ([[0, float("inf")], [1, 0]], "not a whole number"),
    ],
)
def test_a_cell_that_is_no_answer_is_named_with_its_place(table: list[list[object]], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        responses(table, ["a", "b"])


def test_too_few_persons_or_items_and_items_without_answers() -> None:
    with pytest.raises(BadInput, match="1 respondent"):
        responses([[0, 1]])
    with pytest.raises(BadInput, match="1 item"):
        responses([[0], [1]])
    with pytest.raises(BadInput, match="only zeros, or no answer at all: b"):
        responses([[0, 0], [1, 0]], ["a", "b"])
    with pytest.raises(BadInput, match="2 names, 1 of them distinct"):
        responses([[0, 1], [1, 0]], ["a", "a"])
    with pytest.raises(BadInput, match="weights"):
        responses([[0, 1], [1, 0]], weights=[1.0, 0.0])
    with pytest.raises(BadInput, match="highest category"):
        responses([[0, 1], [1, 2]], top=[1, 1])


def test_cells_hold_each_pair_of_items_answered_and_score_once() -> None:
    r = responses([[0, 1, None], [1, 0, None], [1, 1, 0], [None, None, None]], top=[1, 1, 1], weights=[1, 2, 3, 4])
    held = cells(r)
    assert len(held.masks) == 3
    for person, row in enumerate(r.answers):
        cell = held.of[person]
        assert (held.masks[held.group[cell]] == (row >= 0)).all()
        assert held.score[cell] == row[row >= 0].sum()
    assert held.of[0] == held.of[1]
    assert sorted(held.weight.tolist()) == [3.0, 3.0, 4.0]
    assert counts(r).tolist() == [[1.0, 5.0], [2.0, 4.0], [3.0, 0.0]]


def test_distinct_rows_of_more_columns_than_one_word_holds() -> None:
    rng = np.random.default_rng(0)
    rows = rng.random((50, 150)) < 0.5
    table = rows[rng.integers(0, 50, 400)]
    found, which = distinct(table)
    assert len(found) == len(np.unique(table, axis=0))
    assert (found[which] == table).all()
