"""What other programs get wrong and no single claim can show. The claims are `claims/peers.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from openrvu.rules.settings import is_facility

FACILITY = ["02", "19", "21", "22", "23", "24", "26", "31", "34", "41", "42", "51", "52", "53", "56", "61"]


@pytest.mark.parametrize("place", FACILITY)
def test_a_facility_is_a_facility(place: str) -> None:
    assert is_facility(place)


@pytest.mark.parametrize("place", ["11", "10", "12", "32", "65", "81"])
def test_an_office_is_not(place: str) -> None:
    assert not is_facility(place)


def test_no_golden_price_without_a_source() -> None:
    """Each claim says where its amounts come from: a file of CMS, the manual, a law, or a page that can be opened."""
    cited = (
        "RVU25",
        "RVU20",
        "100-04",
        "MLN Matters",
        "USC",
        "CFR",
        "PF25PD",
        "First Coast",
        "aapc.com",
        "GPCI2025",
        "CMS RVU",
    )
    for path in sorted((Path(__file__).parent / "claims").glob("*.toml")):
        for claim in tomllib.loads(path.read_text(encoding="utf-8"))["claim"]:
            assert any(name in claim["source"] for name in cited), claim["name"]
