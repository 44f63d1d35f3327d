"""Blocks of pairs: every pair asked, all linked, sides and blocks balanced, order from the seed."""

from __future__ import annotations

from collections import Counter

import pytest

from openrvu.errors import BadInput
from openrvu.valuation import blocks
from openrvu.valuation.pairdesign import Offered

CODES = ("62380", "22869", "62330", "62287", "22102", "63030", "22867", "63047", "63005", "63017", "63042")
SERVICES = [Offered(code) for code in CODES]
# Ten comparators in order: each with the next (9) and the one after (8), and the target with all ten.
LINKS = {frozenset((i, i + gap)) for gap in (1, 2) for i in range(1, 11 - gap)}
STAR = {frozenset((0, i)) for i in range(1, 11)}


@pytest.mark.parametrize("questions", [9, 14, 20, 40])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_linked_design_asks_every_pair_and_leads_everywhere(questions: int, seed: int) -> None:
    found = blocks.linked(SERVICES, questions, seed=seed)
    assert {frozenset(pair) for pair in found.pairs} == LINKS | STAR
    assert blocks.linked_together(found.blocks, len(SERVICES))
    sizes = [len(block) for block in found.blocks]
    assert max(sizes) <= questions and max(sizes) - min(sizes) <= 1
    target = [sum(0 in pair for pair in block) for block in found.blocks]
    assert max(target) - min(target) <= 1
    if questions >= 13:  # ten and three more: everybody places the target against everything
        assert min(target) == 10


@pytest.mark.parametrize("questions", [9, 40])
def test_each_service_stands_on_the_left_as_often_as_on_the_right(questions: int) -> None:
    shown = [pair for block in blocks.linked(SERVICES, questions).blocks for pair in block]
    left, right = Counter(i for i, _ in shown), Counter(j for _, j in shown)
    assert all(abs(left[one] - right[one]) <= 1 for one in range(len(SERVICES)))


def test_a_pair_asked_in_two_blocks_comes_the_other_way_round() -> None:
    first, second = blocks.linked(SERVICES, 20).blocks
    both = {frozenset(pair) for pair in first} & {frozenset(pair) for pair in second}
    assert both == STAR
    assert not {pair for pair in first if frozenset(pair) in both} & set(second)


def test_the_seed_draws_the_order_and_no_more() -> None:
    one, again, other = (blocks.linked(SERVICES, 14, seed=seed) for seed in (1, 1, 2))
    assert one == again and one.blocks != other.blocks
    assert [{frozenset(p) for p in b} for b in one.blocks] == [{frozenset(p) for p in b} for b in other.blocks]


def test_a_star_has_no_threes_and_a_linked_design_has() -> None:
    star = blocks.star(SERVICES)
    assert [frozenset(p) for p in star.blocks[0]] != sorted(STAR, key=max) and set(map(frozenset, star.pairs)) == STAR
    assert blocks.triangles(star.blocks) == 0
    # In one block: target with each linked pair (17), and each run of three neighbours all round (8).
    assert blocks.triangles(blocks.linked(SERVICES, 40).blocks) == 25


def test_two_groups_are_not_linked() -> None:
    assert not blocks.linked_together([[(0, 1)], [(2, 3)]], 4)
    assert blocks.linked_together([[(0, 1)], [(2, 3), (1, 2)]], 4)


def test_too_few_comparators_or_questions_are_refused() -> None:
    with pytest.raises(BadInput, match="2 comparators and 20 questions"):
        blocks.linked(SERVICES[:3], 20)
    with pytest.raises(BadInput, match="10 comparators and 2 questions"):
        blocks.linked(SERVICES, 2)
