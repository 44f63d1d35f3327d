"""Which release holds on a date: CMS's quarters, the mid-quarter change of March 2024, and the gaps."""

from datetime import date
from itertools import pairwise

import pytest

from openrvu import releases
from openrvu.errors import NotHeld


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2024, 3, 8), "2024A"),
        (date(2024, 3, 9), "2024AR"),  # the conversion factor changed on this day
        (date(2024, 3, 31), "2024AR"),
        (date(2024, 4, 1), "2024B"),
        (date(2025, 12, 31), "2025D"),
        (date(2026, 7, 1), "2026C"),
    ],
)
def test_release_in_force(on: date, expected: str) -> None:
    assert releases.on_date(on).id == expected


@pytest.mark.parametrize(
    ("on", "nearest"),
    [
        (date(2018, 12, 31), "2019"),
        (date(2024, 10, 1), "2024C"),
        (date(2026, 1, 1), "2025D"),
        (date(2026, 10, 1), "2026C"),
    ],
)
def test_a_date_outside_is_refused_and_the_nearest_named(on: date, nearest: str) -> None:
    with pytest.raises(NotHeld, match=f"Nearest: {nearest},"):
        releases.on_date(on)


def test_no_two_releases_overlap() -> None:
    held = releases.known()
    assert all(a.ends < b.starts for a, b in pairwise(held))


@pytest.mark.parametrize("text", ["2026C", "RVU26C", "rvu26c", " 26c "])
def test_release_by_any_of_its_names(text: str) -> None:
    assert releases.named(text).id == "2026C"


def test_an_unknown_release_names_those_that_are_held() -> None:
    with pytest.raises(NotHeld, match="2025D, 2026C"):
        releases.named("2031A")
