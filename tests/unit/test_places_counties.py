"""Places against CMS's county lists (25LOCCO, 26 GPCI): suburbs of DC, exceptions, counties that share a name."""

import pytest

from openrvu.errors import UnknownPlace
from openrvu.places import find_place


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Ohio", "15202-00"),
        ("oh", "15202-00"),
        ("15202-0", "15202-00"),
        ("Cook, IL", "06102-16"),
        ("Cook County, Illinois", "06102-16"),
        ("Fairfax, VA", "12202-01"),  # Virginia's own row lists Fairfax only as an exception
        ("Montgomery, MD", "12202-01"),
        ("Montgomery, PA", "12502-01"),
        ("Montgomery, IL", "06102-12"),
        ("Queens", "13292-04"),
        ("New York, NY", "13202-01"),
        ("Orange, NY", "13202-03"),
        ("Orange, CA", "01182-18"),
        ("Travis, Texas", "04412-31"),
        ("District of Columbia", "12202-01"),
        ("national", "national"),
    ],
)
def test_one_locality(typed: str, expected: str) -> None:
    assert find_place(typed, "2026C").id == expected


@pytest.mark.parametrize(
    ("typed", "choices"),
    [
        ("Virginia", ["11302-00", "12202-01"]),  # the northern suburbs are paid as DC
        ("Maryland", ["12202-01", "12302-01", "12302-99"]),
        ("Montgomery", ["06102-12", "12202-01", "12502-01"]),
    ],
)
def test_more_than_one_is_an_error_with_the_choices(typed: str, choices: list[str]) -> None:
    with pytest.raises(UnknownPlace) as caught:
        find_place(typed, "2026C")
    assert all(choice in str(caught.value) for choice in choices)


def test_a_county_that_cms_does_not_list_points_to_the_rest_of_the_state() -> None:
    with pytest.raises(UnknownPlace, match="belong to 06102-99"):
        find_place("Sangamon, IL", "2026C")


def test_a_locality_number_that_does_not_exist() -> None:
    with pytest.raises(UnknownPlace, match="109 localities"):
        find_place("15202-77", "2026C")
