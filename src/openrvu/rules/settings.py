"""Where a service is done: the two-digit place of service decides between facility and non-facility amounts.

Source: 100-04 chapter 12 section 20.4.2. The table is `lookups/places_of_service.csv`; 02 for telehealth is paid as a
facility, 10 (the patient's home) is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from openrvu.errors import BadInput
from openrvu.files import read_csv


@cache
def places_of_service() -> Mapping[str, bool]:
    """Whether each place of service that is held is paid as a facility."""
    rows = read_csv(Path(__file__).parent / "lookups" / "places_of_service.csv")
    return {row["place"]: row["facility"] == "1" for row in rows}


def is_facility(place: str) -> bool:
    """Whether a place of service is paid as a facility. Raises BadInput for one that is not held.

    >>> is_facility("11"), is_facility("19"), is_facility("21")
    (False, True, True)
    """
    found = places_of_service().get(place.strip().zfill(2))
    if found is None:
        held = ", ".join(places_of_service())
        raise BadInput(
            f"place of service {place!r} is not held", exists=f"Held: {held}", fix="Give the setting instead"
        )
    return found
