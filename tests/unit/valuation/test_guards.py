"""Every guard can fire, can stay silent, and says what it rests on."""

import pytest

from openrvu.valuation import guards as g
from openrvu.valuation.guards import Guard

PAIRS = [
    # (fires, stays silent)
    (
        g.equals_comparator_mean("18.2464", 6, 18.246364, ["2024B"], 0.0006),
        g.equals_comparator_mean("18.2564", 6, 18.246364, [], 0.0006),
    ),
    (g.survey_adds_nothing(0.0), g.survey_adds_nothing(0.001)),
    (g.reversed_slope(-0.1), g.reversed_slope(0.0)),
    (g.scale_is_not_work("learning curve", False), g.scale_is_not_work("work effort", True)),
    (g.extrapolates(-1.784, -0.482), g.extrapolates(-1.266, 1.099)),
    (g.slope_not_significant(0.0501, (-0.01, 2.0)), g.slope_not_significant(0.0499, (0.01, 2.0))),
    (g.misfit({"22612": (0.726, 0.468)}), g.misfit({"22612": (0.6, 1.4)})),
    (g.low_reliability(0.699), g.low_reliability(0.7)),
    (g.few_respondents({"a": 29, "b": 80}), g.few_respondents({"a": 30})),
    (g.one_comparator_decides(20.0, {"x": 22.1, "y": 20.0}, None), g.one_comparator_decides(20.0, {"x": 22.0}, None)),
    (g.star_design(True), g.star_design(False)),
    (g.stale_anchors({"63047": 153700}, {"63047": 149900}, "2026C"), g.stale_anchors({"a": 1}, {"a": 1}, "2025D")),
    (g.odd_comparator({"63620": "radiosurgery"}), g.odd_comparator({})),
    (g.interest_shifts_measure(0.4, 0.2), g.interest_shifts_measure(0.39, 0.2)),
    (g.interest_not_recorded(False, ""), g.interest_not_recorded(True, "")),
]


def test_every_named_guard_is_tried() -> None:
    assert [fires.name for fires, _ in PAIRS] == list(g.REMEDIES)
    assert len(g.REMEDIES) == 15


@pytest.mark.parametrize(("fires", "silent"), PAIRS, ids=[fires.name for fires, _ in PAIRS])
def test_fires_and_stays_silent(fires: Guard, silent: Guard) -> None:
    assert fires.fired and fires.checked and not silent.fired and silent.checked
    assert fires.words and silent.words and fires.words != silent.words
    assert fires.remedy == g.REMEDIES[fires.name]


def test_three_digits_are_never_found() -> None:
    # 14.1 is printed to three digits: it may equal a mean, and that says nothing.
    found = g.equals_comparator_mean("14.1", 3, 14.08, ["2016"], 0.6)
    assert not found.fired and "too few" in found.words and found.figures["expected_chance_hits"] == 0.6


def test_the_half_width_counts_where_it_is_smaller_than_ten_percent() -> None:
    assert g.one_comparator_decides(20.0, {"x": 21.0}, 0.9).fired
    assert not g.one_comparator_decides(20.0, {"x": 21.0}, 5.0).fired
    assert g.one_comparator_decides(20.0, {"x": 22.5}, 5.0).figures["without"] == {"x": 22.5}


def test_a_comparator_that_the_release_lacks_makes_anchors_stale() -> None:
    found = g.stale_anchors({"63047": 153700, "63620": 156000}, {"63047": 153700, "63620": None}, "2026C")
    assert found.fired and found.figures["not_held"] == ["63620"] and found.figures["changed"] == []


def test_an_interval_that_holds_zero_fires_whatever_p_says() -> None:
    assert g.slope_not_significant(0.04, (-0.1, 2.0)).fired


@pytest.mark.parametrize(
    "guard",
    [
        g.misfit({"a": (None, None)}),
        g.low_reliability(None),
        g.few_respondents({"survey": None}),
        g.star_design(None),
        g.interest_not_recorded(None, ""),
    ],
    ids=lambda guard: guard.name,
)
def test_what_is_not_printed_is_not_concluded(guard: Guard) -> None:
    assert not guard.fired and not guard.checked and guard.words.startswith("could not be checked")


def test_fired_by_value() -> None:
    both = [g.reversed_slope(-1.0), g.star_design(True), g.odd_comparator({})]
    assert g.fired(both) == {"reversed-slope", "star-design"}
    assert g.fired(both, "line") == {"reversed-slope"} and g.fired(both, "claimed") == frozenset()


def test_no_guard_speaks_of_motive() -> None:
    words = " ".join([*g.REMEDIES.values(), *(x.words for pair in PAIRS for x in pair)]).casefold()
    for word in ("fraud", "forensic", "manipul", "dishonest", "deliberate", "conceal", "invent", "fabricat"):
        assert word not in words
