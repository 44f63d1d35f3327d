"""What a dossier was asked for, looked up once and handed to every section, and how figures become text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from openrvu import units
from openrvu.errors import NotHeld
from openrvu.facts import Facts
from openrvu.pricing import Priced, price
from openrvu.releases import Release
from openrvu.schemas import Locality
from openrvu.valuation.services import Anchors

NONE = "not held"
RATIONALE = "For pricing rationale only, not reportable instead."


@dataclass(frozen=True)
class Asked:
    """One question: the code, the date and its release, the place, the facts, and the answer of pricing.

    comparators: codes that the code is compared with, from its published study, else from its family. anchors: their
    work RVUs in every release held, as a valuation takes them.
    """

    code: str
    on: date
    release: Release
    place: Locality
    facts: Facts
    priced: Priced
    comparators: tuple[str, ...]
    anchors: Mapping[str, Anchors]

    def price(self, code: str, **other: object) -> Priced:
        """A code priced on the date and at the place asked for, unless `other` says otherwise."""
        wanted = {"on": self.on, "place": self.place.id, "facts": self.facts, "today": self.on, **other}
        return price(code, **wanted)  # type: ignore[arg-type]  # the names are price's own

    def priced_if_held(self, code: str, **other: object) -> Priced | None:
        """The same, or None where the release as held does not have the code."""
        try:
            return self.price(code, **other)
        except NotHeld:
            return None

    @property
    def tracks(self) -> tuple[tuple[str, bool], ...]:
        """The conversion-factor tracks in force: one until 2025, from 2026 one for QPs and one for others."""
        if self.facts.conversion_factor(self.on).track == "all":
            return (("", False),)
        return (("not a QP", False), ("QP", True))


def rvu(value: int | None, places: int = 2) -> str:
    """A work RVU x 10^4 as text, or that none is held.

    >>> rvu(164300), rvu(None)
    ('16.43', 'not held')
    """
    return NONE if value is None else units.text(value, units.RVU, places)


def money(cents: int | None, missing: str = "no amount") -> str:
    """Cents as dollars, or what stands where there is no amount.

    >>> money(109493), money(None)
    ('1,094.93', 'no amount')
    """
    return missing if cents is None else units.dollars(cents)


def place_name(place: Locality) -> str:
    """How a place is printed.

    >>> from openrvu.schemas import NATIONAL
    >>> place_name(NATIONAL)
    'National'
    """
    return "National" if place.id == "national" else f"{place.name.strip(' *').title()} ({place.id})"


def listed(words: tuple[str, ...], last: str = "and") -> str:
    """Words as one phrase.

    >>> listed(("a", "b", "c"))
    'a, b and c'
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def sentence(words: str) -> str:
    """Words as a sentence: a capital first, a full stop last.

    >>> sentence("slope p = 0.2147")
    'Slope p = 0.2147.'
    """
    text = words.strip()
    text = text[:1].upper() + text[1:]
    return text if not text or text[-1] in ".?!" else f"{text}."
