"""Building a dossier: what is asked is looked up once, each section is made by one function, sources are numbered.

>>> build("62380", on="2026-07-01").first
'Public data do not support a single work RVU for 62380.'
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from openrvu import holdings
from openrvu.answers import foot
from openrvu.codes.families import family_of, find_service, plain_words
from openrvu.dossier.answer import section_answer, text_lines
from openrvu.dossier.appendix import SEED, has_demonstration, section_appendix
from openrvu.dossier.asked import Asked, money, place_name, rvu, sentence
from openrvu.dossier.blocks import Citation, Dossier, Section, SourceList, cited
from openrvu.dossier.change import section_change
from openrvu.dossier.claims import section_claims
from openrvu.dossier.comparators import section_comparators
from openrvu.dossier.identity import section_identity
from openrvu.dossier.money import section_price
from openrvu.dossier.plain import section_plain
from openrvu.dossier.record import section_evidence, section_methods, section_use, section_voices
from openrvu.dossier.survey import section_survey
from openrvu.facts import Facts
from openrvu.pricing import price, read_code, read_date
from openrvu.sources import source
from openrvu.valuation.audit import audit as audit_study
from openrvu.valuation.found import Audit
from openrvu.valuation.held import anchors, codes_of
from openrvu.valuation.study import Study, known


def build(code: str, *, on: str | date | None = None, place: str = "national", facts: Facts | None = None) -> Dossier:
    """The dossier of a code: pure data, ready for any renderer.

    code: CPT or HCPCS. on: date of service (default: first day of the newest release held). place: as in `price`.
    facts: what to look up in (default: embedded facts and what the user has loaded). Same arguments and facts, same
    dossier: no clock is read. Raises BadInput, UnknownCode, UnknownPlace or NotHeld, as `price` does.
    """
    held = facts or holdings.current()
    asked, study = _asked(read_code(code), read_date(on), place, held)
    found = _audit(asked, study)
    claimed = _claimed(found)
    made = (
        section_answer(asked, found),
        section_plain(asked),
        section_identity(asked),
        section_price(asked),
        section_comparators(asked, claimed),
        section_survey(asked, found),
        section_change(asked),
        section_use(asked),
        section_voices(asked),
        section_evidence(asked),
        section_claims(asked),
        section_methods(asked),
        section_appendix(asked),
    )
    # Coverage comes before any figure.
    first, second = (*asked.priced.leads[:1], _first(asked, found), "")[:2]
    return _whole(
        asked, [section for section in made if section], (first, second), text_lines(asked, found, first, second)
    )


def _asked(code: str, on: date | None, place: str, facts: Facts) -> tuple[Asked, Study | None]:
    when = on or facts.newest().starts
    # A date of the newest release is not "today": no clock is read, so the dossier of a day stays the same.
    priced = price(code, on=when, place=place, facts=facts, today=when)
    study = next((item for item in known() if item.target == code), None)
    codes = _comparators(code, study)
    inside = codes_of(study) if study else (code, *codes)
    by_release = {found.release: found for found in anchors(facts, inside)}
    asked = Asked(code, when, priced.release, priced.locality, facts, priced, codes, by_release)
    return asked, study


def _comparators(code: str, study: Study | None) -> tuple[str, ...]:
    """Single codes that a published study compares the code with, else the family's own comparators."""
    family = family_of(code)
    inside = (
        [c for item in study.comparators for c, _ in item.service.codes if len(item.service.codes) == 1]
        if study
        else []
    )
    named = inside or (list(family.comparators) if family else [])
    return tuple(dict.fromkeys(c for c in named if c != code))


def _audit(asked: Asked, study: Study | None) -> Audit | None:
    if study is None:
        return None
    return audit_study(study, tuple(asked.anchors.values()), asked.release.id, on=asked.on)


def _claimed(found: Audit | None) -> tuple[int, str] | None:
    """The published value x 10^4 with its source, where the study states exactly one."""
    if found is None or len(found.claims) != 1:
        return None
    exact = found.claims[0].claim.exact * 10_000
    return (int(exact), found.claims[0].claim.source) if exact.denominator == 1 else None


def _first(asked: Asked, found: Audit | None) -> str:
    """The answer in one sentence."""
    code, priced = asked.code, asked.priced
    if priced.amount_cents is not None:
        work = asked.facts.work_rvu(code, asked.release.id)
        where = "nationally" if asked.place.id == "national" else f"in {place_name(asked.place)}"
        return (
            f"{code} has {rvu(work)} work RVUs in release {asked.release.id}; the schedule gives "
            f"{money(priced.amount_cents)} US dollars {where}, in a facility."
        )
    if priced.successor:
        return f"{priced.words} Its successor is {priced.successor}."
    if found and (found.fired("line") or found.fired("claimed") or found.status != "reproduced"):
        return f"Public data do not support a single work RVU for {code}."
    if found is None:
        return f"No public work RVU of {code} is held. {priced.words}"
    return found.headline


def _numbered(ids: Iterable[str]) -> tuple[Citation, ...]:
    return tuple(Citation(i, source(key)) for i, key in enumerate(dict.fromkeys(ids), 1))


def _summary(code: str) -> str:
    """How the service is done, in a line."""
    known = find_service(code)
    if known is None:
        return ""
    parts = (known.approach, known.visualization, f"counted by {known.unit}" if known.unit else "")
    return sentence("; ".join(part for part in parts if part))


def _whole(asked: Asked, sections: list[Section], first: tuple[str, str], lines: tuple[str, ...]) -> Dossier:
    citations = _numbered(cited(tuple(sections)))
    last = Section("sources", "Sources", (SourceList(citations),))
    words = plain_words(asked.code)
    return Dossier(
        code=asked.code,
        title=f"{words[:1].upper()}{words[1:]}" if words else "",
        summary=_summary(asked.code),
        first=first[0],
        second=first[1],
        answer=lines,
        sections=(*sections, last),
        sources=citations,
        foot=foot(
            release=asked.release.id,
            on=asked.on,
            place=place_name(asked.place),
            setting="facility",
            seed=SEED if has_demonstration(asked.code) else None,
        ),
    )
