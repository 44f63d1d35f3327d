"""Width before the survey: what theory gives where it gives something, and what must follow when an assumption changes.

Everything here is simulated.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2, t

from openrvu.errors import BadInput
from openrvu.valuation import blocks, power
from openrvu.valuation.pairdesign import Offered
from openrvu.valuation.power import Assumed

RVUS = (8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0)
SERVICES = [Offered("62380"), *(Offered(f"6300{i}") for i in range(1, 10))]
STAR, LINKED = blocks.star(SERVICES), blocks.linked(SERVICES, 15)
ASSUMED = Assumed(r2=0.5, spread=1.0)


def width(n: int, assumed: Assumed = ASSUMED, guess: float = 12.0, design: object = STAR, **how: object) -> power.Width:
    return power.width(design, RVUS, guess, assumed, n, surveys=800, **how)  # type: ignore[arg-type]


def test_measures_known_exactly_give_the_width_of_theory() -> None:
    # Half-width t(7) s sqrt(1/9 + dbar^2 / Sxx); s^2 = sigma^2 chi2(7) / 7. dbar^2 / Sxx is of mean about 1 / 81 here:
    # dbar scatters by 0.5^(1/2) / 3 (half of the variance is given by the RVUs), Sxx about 8. A few percent more.
    sigma = float(np.std(RVUS, ddof=1)) * math.sqrt(0.5)
    plain = t.ppf(0.975, 7) * sigma * math.sqrt(chi2.median(7) / 7 / 9)
    found = width(0)
    assert plain < found.line < 1.08 * plain
    assert found.new == pytest.approx(t.ppf(0.975, 7) * sigma * math.sqrt(chi2.median(7) / 7 * (1 + 1 / 9)), rel=0.04)
    assert found.from_answers == 0 and abs(found.holds - 0.95) < 3 * math.sqrt(0.95 * 0.05 / 800)


def test_more_respondents_shrink_what_answers_bring_as_one_over_root_n() -> None:
    few, many = width(40), width(160)
    assert few.from_answers / many.from_answers == pytest.approx(2.0, rel=0.15)
    assert few.line > many.line > 0.98 * width(0).line
    assert few.answers == pytest.approx(0.9 * 9 * 40, rel=0.01)  # ten in a hundred missing


def test_what_widens() -> None:
    base = width(30)
    assert width(30, replace(ASSUMED, missing=0.6)).from_answers > base.from_answers
    assert width(30, replace(ASSUMED, lean=1.5)).from_answers > 1.5 * base.from_answers
    assert width(30, replace(ASSUMED, ties=0.6)).from_answers > base.from_answers
    assert width(30, replace(ASSUMED, r2=0.2)).line > 1.15 * base.line
    assert width(30, guess=8.0).line > 1.3 * base.line  # read at the end of the line


def test_at_the_end_of_the_line_linked_answers_help() -> None:
    # There the slope carries the value, and comparators compared with each other place it better.
    star, linked = width(40, guess=8.0), width(40, guess=8.0, design=LINKED)
    assert linked.from_answers < 0.85 * star.from_answers


def test_the_fewest_needed_are_just_enough() -> None:
    aim = 1.06 * width(0).line
    found = power.needed(STAR, RVUS, 12.0, ASSUMED, aim, surveys=800)
    assert found is not None and found.line <= aim and 8 < found.respondents < 200
    assert width(found.respondents // 2).line > aim
    assert power.needed(STAR, RVUS, 12.0, ASSUMED, 0.5 * aim, surveys=200) is None


def test_the_seed_makes_it_the_same_again() -> None:
    assert width(25, seed=4) == width(25, seed=4) != width(25, seed=5)


def test_each_respondent_answers_the_block_whose_turn_it_is() -> None:
    pairs = power.pairs_of(LINKED)
    given = power._answers(LINKED, pairs, np.zeros((3, 9)), replace(ASSUMED, missing=0.0), 11, np.random.default_rng(1))
    names = list(map(frozenset, zip(pairs.left, pairs.right, strict=True)))
    for person in range(11):
        asked = {frozenset(pair) for pair in LINKED.blocks[person % len(LINKED.blocks)]}
        assert all({names[m] for m in np.flatnonzero(row != 9)} == asked for row in given[:, person])


@pytest.mark.parametrize(
    ("change", "said"),
    [({"r2": 1.0}, "r2 1"), ({"spread": 0.0}, "spread 0"), ({"missing": 1.0}, "missing"), ({"lean": -1.0}, "lean")],
)
def test_what_cannot_be_is_refused(change: dict[str, float], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        width(20, replace(ASSUMED, **change))


def test_equal_comparators_are_refused() -> None:
    with pytest.raises(BadInput, match="whose work RVUs differ"):
        power.truth([10.0] * 5, 10.0, ASSUMED)
