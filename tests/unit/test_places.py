"""From what people type to one locality: numbers, states, names, and clear refusals. GPCIs as CMS prints them."""

from __future__ import annotations

import pytest

from openrvu.errors import NotHeld, UnknownPlace
from openrvu.places import find_place, localities_of
from openrvu.schemas import NATIONAL


@pytest.mark.parametrize(
    ("typed", "release", "gpcis"),
    [
        # CMS GPCI2025 and GPCI2026, work GPCI with the 1.0 floor.
        ("15202-00", "2025D", (1000, 911, 1033)),
        ("15202-00", "2026C", (1000, 913, 1008)),
        ("02102-01", "2025D", (1500, 1081, 592)),
    ],
)
def test_gpcis_of_a_release(typed: str, release: str, gpcis: tuple[int, int, int]) -> None:
    found = find_place(typed, release)
    assert (found.work_gpci, found.pe_gpci, found.mp_gpci) == gpcis


@pytest.mark.parametrize("typed", ["", "national", "National", " US ", "United States"])
def test_national_has_gpcis_of_one(typed: str) -> None:
    assert find_place(typed, "2026C") is NATIONAL
    assert (NATIONAL.work_gpci, NATIONAL.pe_gpci, NATIONAL.mp_gpci) == (1000, 1000, 1000)


@pytest.mark.parametrize("typed", ["15202-00", "15202/00", "15202 0", "15202-0", " 15202-00 ", "OHIO", "Ohio", "oh"])
def test_ways_to_write_ohio(typed: str) -> None:
    assert find_place(typed, "2026C").id == "15202-00"


def test_a_lost_leading_zero_of_the_mac_is_put_back() -> None:
    assert find_place("2102-01", "2026C").id == "02102-01"


def test_the_same_locality_number_under_two_macs_is_two_places() -> None:
    assert find_place("10112-00", "2026C").state == "AL"
    assert find_place("15202-00", "2026C").state == "OH"


@pytest.mark.parametrize(
    ("typed", "expected"), [("Manhattan", "13202-01"), ("Detroit", "08202-01"), ("Chicago", "06102-16")]
)
def test_names_of_localities(typed: str, expected: str) -> None:
    assert find_place(typed, "2026C").id == expected


@pytest.mark.parametrize("typed", ["Atlantis", "Cook, OH", "Nowhere, XX"])
def test_no_such_place(typed: str) -> None:
    with pytest.raises(UnknownPlace, match="no Medicare locality is called"):
        find_place(typed, "2026C")


@pytest.mark.parametrize("typed", ["43210", "43210-1234"])
def test_a_zip_code_is_told_what_to_type_instead(typed: str) -> None:
    with pytest.raises(NotHeld, match="looks like a ZIP code"):
        find_place(typed, "2026C")


def test_all_localities_of_a_release_and_those_of_a_state() -> None:
    assert len(localities_of("", "2026C")) == 109
    assert len(localities_of("Texas", "2026C")) == 8
    assert [place.id for place in localities_of("OH", "2026C")] == ["15202-00"]
    with pytest.raises(UnknownPlace, match="no state is called"):
        localities_of("Atlantis", "2026C")


def test_every_locality_is_found_by_its_number_and_ids_are_unique() -> None:
    places = localities_of("", "2026C")
    assert len({place.id for place in places}) == len(places)
    assert all(find_place(place.id, "2026C") == place for place in places)
