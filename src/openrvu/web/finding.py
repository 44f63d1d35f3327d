"""From what a person types into the box to codes: a code, several codes, or words of our own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from openrvu.codes.families import Service, families
from openrvu.dossier.asked import money
from openrvu.dossier.blocks import Column, Row, Table
from openrvu.errors import NotHeld, UnknownCode
from openrvu.facts import Facts
from openrvu.pricing import price
from openrvu.web.asked import Asked

LONGEST = 120
_TYPED = re.compile(r"([A-Z0-9]\d{3}[A-Z0-9])(?:[-:/]([A-Z0-9]{2}))?", re.ASCII)


@dataclass(frozen=True)
class Found:
    """What was found. codes: in order. note: what was left out or could not be told, in a sentence; else empty."""

    codes: tuple[str, ...]
    note: str = ""

    @property
    def one(self) -> str:
        """The code, where the text was a code and nothing else."""
        return self.codes[0] if len(self.codes) == 1 and not self.note else ""


def _services() -> tuple[Service, ...]:
    return tuple(service for family in families() for service in family.services.values())


def _main(service: Service) -> str:
    return " ".join((service.code, service.words, service.approach)).lower()


def _own(service: Service) -> str:
    """What a service is, in all that its row says."""
    parts = (service.visualization, service.target, service.region, service.pathology, service.unit)
    return " ".join((_main(service), *parts)).lower()


def _said(service: Service) -> str:
    """The same, and what is said of it where another one is taken for it: a brand name stands only there."""
    why = (item.why for other in _services() for item in other.confused_with if item.code == service.code)
    return " ".join((_own(service), *why)).lower()


def find(typed: str) -> Found:
    """The codes that a text names, or the services whose words hold all of its words, or else most of them.

    >>> find("63047").one, find("endoscopic lumbar").codes
    ('63047', ('62380',))
    >>> find("63030-50").note
    'Modifiers are not priced on a page yet: 50 was left out.'
    """
    words = re.split(r"[\s,;]+", typed.strip().upper())
    pairs = [_TYPED.fullmatch(word) for word in words if word]
    if pairs and all(pairs):
        codes = tuple(dict.fromkeys(match[1] for match in pairs if match))
        left = [match[2] for match in pairs if match and match[2]]
        note = f"Modifiers are not priced on a page yet: {', '.join(dict.fromkeys(left))} was left out." if left else ""
        return Found(codes, note)
    return _by_words(typed)


def _by_words(typed: str) -> Found:
    wanted = re.findall(r"[a-z0-9]+", typed.lower())
    for text in (_own, _said):
        if hits := [one for one in _services() if wanted and all(word in text(one) for word in wanted)]:
            # Those whose own words have them stand first; the order of the family file is kept among equals.
            hits.sort(key=lambda one: -sum(word in _main(one) for word in wanted))
            return Found(tuple(one.code for one in hits), f"{len(hits)} found.")
    scored = [(sum(word in _said(one) for word in wanted), one.code) for one in _services()]
    best = max(score for score, _ in scored)
    if not best:
        return Found((), "No service held has these words. Try one word, such as endoscopic, or the code itself.")
    note = f"No service has all of these words; these have {best} of {len(wanted)}."
    return Found(tuple(code for score, code in scored if score == best), note)


def priced(codes: tuple[str, ...], caption: str, asked: Asked, facts: Facts) -> Table:
    """Codes with our words and the amount in the setting asked for, or what stands in its place."""
    known = {service.code: service.words for service in _services()}
    rows = tuple(Row((code, known.get(code, ""), _amount(code, asked, facts))) for code in codes)
    setting = "in a facility" if asked.setting == "facility" else "outside a facility"
    columns = (Column("Code", "", "whole"), Column("In plain words"), Column("US dollars", setting, "right"))
    return Table(caption, columns, rows)


def _amount(code: str, asked: Asked, facts: Facts) -> str:
    try:
        found = price(
            code, on=asked.on or None, place=asked.place, setting=asked.setting, qualifying_apm=asked.qp, facts=facts
        )
    except (NotHeld, UnknownCode):
        return "not held"
    return money(found.amount_cents, found.status.replace("-", " "))
