"""A code's page put together: the public calls it makes, its parts, its numbered sources, and the same elsewhere."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from openrvu import answers
from openrvu.cards.card import Card, card, foot_of
from openrvu.cards.compare import Comparison, compare
from openrvu.cards.everywhere import everywhere
from openrvu.cards.history import History, history
from openrvu.dossier.blocks import Citation, KeyFigures, Notice, cited
from openrvu.facts import Facts
from openrvu.pricing import Priced
from openrvu.sources import source
from openrvu.web import parts
from openrvu.web.asked import Asked
from openrvu.web.parts import Part


@dataclass(frozen=True)
class CodePage:
    """All that the template shows. said: the answer, the first sentence large. numbers: source id to printed number.

    python, command: the same answer elsewhere.
    """

    card: Card
    shown: Priced
    said: tuple[str, ...]
    figures: KeyFigures | None
    notices: tuple[Notice, ...]
    parts: tuple[Part, ...]
    citations: tuple[Citation, ...]
    foot: Mapping[str, str]
    python: str
    command: str

    @property
    def numbers(self) -> dict[str, int]:
        """The number printed for each source id."""
        return {one.source.id: one.number for one in self.citations}


def card_of(code: str, asked: Asked, facts: Facts) -> Card:
    """The card of a code, as the command line and the JSON give it. Errors as in `card`."""
    chosen = asked.checked()
    return card(code, on=chosen.on or None, place=chosen.place, qualifying_apm=chosen.qp, facts=facts)


def shown(found: Card, asked: Asked) -> Priced:
    """The price in the setting asked for."""
    return found.facility if asked.setting == "facility" else found.nonfacility


def comparison_of(found: Card, asked: Asked, facts: Facts) -> Comparison | None:
    """The card's comparison, made again where the setting is not the card's."""
    if found.comparison is None or asked.setting == "facility":
        return found.comparison
    codes, priced = [row.code for row in found.comparison.rows], found.facility
    return compare(
        codes,
        on=priced.on,
        place=priced.locality.id,
        setting=asked.setting,
        qualifying_apm=asked.qp,
        facts=facts,
    )


def history_of(found: Card, asked: Asked, facts: Facts) -> History | None:
    """The card's history, made again where the setting is not the card's."""
    if found.history is None or asked.setting == "facility":
        return found.history
    place = found.facility.locality.id
    return history(found.code, place=place, setting=asked.setting, qualifying_apm=asked.qp, facts=facts)


def parts_of(found: Card, asked: Asked, facts: Facts) -> tuple[Part, ...]:
    """The parts of the page, in order; those for which nothing is held are left out."""
    priced = shown(found, asked)
    compared, through = comparison_of(found, asked, facts), history_of(found, asked, facts)
    line = priced.line
    places = everywhere(
        line.code,
        on=priced.on,
        place=priced.locality.id,
        setting=line.setting,
        qualifying_apm=line.qualifying_apm,
        facts=facts,
    )
    made = (
        parts.made(priced),
        parts.participation(priced),
        parts.coverage(found),
        parts.building(found),
        parts.indicators(found),
        parts.confusions(found),
        parts.comparators(compared, found.code) if compared else None,
        parts.history(through, priced.locality) if through else None,
        parts.localities(places) if places.national_cents is not None else None,
    )
    return tuple(part for part in made if part)


def code_page(code: str, asked: Asked, facts: Facts) -> CodePage:
    """The page of a code. Errors as in `card`."""
    found = card_of(code, asked, facts)
    priced = shown(found, asked)
    sections = parts_of(found, asked, facts)
    figures, warned = parts.settings(found), parts.notices(found, priced)
    used = dict.fromkeys(
        [
            *priced.sources,
            *cited(figures),
            *cited(warned),
            *cited(tuple((p.blocks, p.folded, p.chart) for p in sections)),
        ]
    )
    citations = tuple(Citation(number, source(key)) for number, key in enumerate(used, 1))
    python, command = elsewhere(found.code, asked)
    return CodePage(
        card=found,
        shown=priced,
        said=parts.answer(priced),
        figures=figures,
        notices=warned,
        parts=sections,
        citations=citations,
        foot=foot_of(found),
        python=python,
        command=command,
    )


def elsewhere(code: str, asked: Asked) -> tuple[str, str]:
    """The same answer in Python and on the command line.

    >>> elsewhere("63047", Asked(place="Cook, IL", qp=True))[1]
    "openrvu code 63047 --place 'Cook, IL' --qp --json"
    """
    chosen = asked.chosen
    named = [f"{name}={chosen[name]!r}" for name in ("on", "place") if name in chosen]
    named += ["qualifying_apm=True"] if asked.qp else []
    inside = ", ".join([repr(code), *named])
    options = [part for name in ("on", "place") if name in chosen for part in (f"--{name}", chosen[name])]
    options += ["--qp"] if asked.qp else []
    return f"import openrvu\ncard = openrvu.card({inside})", shlex.join(["openrvu", "code", code, *options, "--json"])


def json_of(found: Card) -> str:
    """The card as JSON: the bytes of `openrvu code CODE --json`."""
    return answers.document(found, foot_of(found))
