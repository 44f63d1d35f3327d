"""From what a person types into the box to codes: a code, several codes, or words of our own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from openrvu.cards.search import search
from openrvu.codes.families import plain_words
from openrvu.dossier.asked import money
from openrvu.dossier.blocks import Column, Row, Table
from openrvu.errors import NotHeld, UnknownCode
from openrvu.facts import Facts
from openrvu.pricing import price
from openrvu.web.asked import Asked

LONGEST = 120
MOST = 60
NOTHING = "No service held has these words. Try one word, such as endoscopic, or the code itself."
# A code, its modifiers and its units, as a case is typed.
_TYPED = re.compile(r"([A-Z0-9]\d{3}[A-Z0-9])((?:[-:/][A-Z0-9]{2})*)(?:[X*](\d{1,4}))?", re.ASCII)


@dataclass(frozen=True)
class Found:
    """What was found. codes: in order. note: how much of the words was found, in a sentence; else empty.

    services: what was typed, where a code has a modifier or units: then it is a case.
    """

    codes: tuple[str, ...]
    note: str = ""
    services: str = ""

    @property
    def one(self) -> str:
        """The code, where the text was a code and nothing else."""
        return self.codes[0] if len(self.codes) == 1 and not self.note else ""


def find(typed: str, facts: Facts) -> Found:
    """The codes that a text names or begins, or the services whose words hold most of its words.

    >>> from openrvu.facts import embedded
    >>> find("63047", embedded()).one, find("endoscopic lumbar", embedded()).codes
    ('63047', ('62380', '62287'))
    >>> find("63030-50, 63047", embedded()).services
    '63030-50 63047'
    """
    words = [word for word in re.split(r"[\s,;]+", typed.strip().upper()) if word]
    pairs = [_TYPED.fullmatch(word) for word in words]
    if pairs and all(pairs):
        codes = tuple(dict.fromkeys(match[1] for match in pairs if match))
        more = any(match[2] or match[3] for match in pairs if match)
        return Found(codes, services=" ".join(words) if more else "")
    if not re.search(r"[^\W_]", typed):
        return Found((), NOTHING)
    hits = search(typed, facts)
    if not hits:
        return Found((), NOTHING)
    codes = tuple(hit.code for hit in hits[:MOST])
    matched, of = hits[0].matched, hits[0].of
    if matched < of:
        return Found(codes, f"No service has all of these words; these have {matched} of {of}.")
    return Found(codes, f"{len(hits)} found" + (f", the first {MOST} shown." if len(hits) > MOST else "."))


def priced(codes: tuple[str, ...], caption: str, asked: Asked, facts: Facts) -> Table:
    """Codes with our words and the amount in the setting asked for, or what stands in its place."""
    rows = tuple(Row((code, plain_words(code), _amount(code, asked, facts))) for code in codes)
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
