"""The formula family and the chance of a hit."""

from fractions import Fraction

import pytest

from openrvu.errors import BadInput
from openrvu.valuation import formulas as f

RVUS_2024 = (153700, 110800, 120000, 164300, 156000, 70300, 220900, 235300, 259900, 247900, 268000)
RVUS_2022 = (153700, 110800, 131800, 164300, 156000, 70300, 220900, 235300, 259900, 247900, 277500)
MEASURES = (-0.994, -1.662, -0.890, -1.784, -0.482, -1.544, -1.100, -1.318, -0.583, -0.994, -0.994)


def test_means_are_exact() -> None:
    assert f.mean(RVUS_2024) == Fraction(20071, 1100)  # 200.71 / 11 = 18.246363...
    assert f.mean(RVUS_2022) == Fraction(1844, 100)
    assert f.printed(f.mean(RVUS_2024), 4) == "18.2464" and f.printed(f.mean(RVUS_2022), 4) == "18.4400"


def test_the_family_finds_the_mean_by_itself() -> None:
    sets = f.group(
        [("2022D", RVUS_2022), ("2023A", RVUS_2024), ("2024B", RVUS_2024), ("2026C", (None, *RVUS_2024[1:]))]
    )
    assert [s.releases for s in sets] == [("2022D",), ("2023A", "2024B")]
    tried = f.tries("18.2464", sets, MEASURES)
    assert len(tried) == 2 * len(f.FORMULAS)
    assert [(t.formula, t.releases) for t in tried if t.gives] == [
        ("mean", ("2023A", "2024B")),
        ("line-at-mean-measure", ("2023A", "2024B")),
    ]
    by_id = {t.formula: t for t in tried if t.releases != ("2022D",)}
    assert by_id["median"].exact == Fraction(1643, 100)
    assert round(by_id["line-at-target"].value or 0, 3) == 25.589
    assert round(by_id["log-linear-at-target"].value or 0, 2) == 27.50
    assert by_id["weighted-at-target"].value is None and "standard errors" in by_id["weighted-at-target"].why_not


def test_without_measures_only_mean_and_median_are_tried() -> None:
    tried = f.tries("18.2464", f.group([("2024B", RVUS_2024)]), None)
    assert [t.formula for t in tried if t.value is not None] == ["mean", "median"]


def test_with_standard_errors_the_weighted_line_is_tried() -> None:
    (held,) = f.group([("2024B", RVUS_2024)])
    even = next(t for t in f.tries("25.589", [held], MEASURES, [4.0] * 11) if t.formula == "weighted-at-target")
    assert even.gives


def test_chance_hits_of_the_flagship() -> None:
    # 6 formulas x 20 releases x 0.0001 / 19.77 = 0.000607; at one decimal 0.607.
    sets = f.group([(f"r{i}", RVUS_2022) for i in range(13)] + [(f"s{i}", RVUS_2024) for i in range(7)])
    found = f.chance(sets, 4)
    assert found is not None and found.rvu_sets == 20 and found.distinct_rvu_sets == 2
    # The pooled range is 7.03 to 27.75, the dearer of the two years.
    assert found.expected == pytest.approx(6 * 20 * 0.0001 / 20.72)
    assert round(found.expected, 4) == 0.0006
    one = f.chance(sets, 1)
    assert one is not None and round(one.expected, 1) == 0.6
    assert found.expected_distinct == pytest.approx(found.expected / 10)


def test_no_range_no_chance() -> None:
    assert f.chance((), 4) is None and f.chance([f.RvuSet((10, 10), ("r",))], 4) is None
    with pytest.raises(BadInput):
        f.chance_hits(6, 20, 4, low=1.0, high=1.0)
    with pytest.raises(BadInput):
        f.mean([])


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(Fraction(1, 8), 2, "0.13"), (Fraction(1, 2), 0, "1"), (2.5, 1, "2.5"), (Fraction(-1, 8), 2, "-0.13")],
)
def test_printed_is_half_up(value: Fraction | float, decimals: int, text: str) -> None:
    assert f.printed(value, decimals) == text
