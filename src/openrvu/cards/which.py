"""Which code: the walk of codes/walk.py on a date, with what coverage, unit limits and payers add to its answer.

>>> note = {"approach": "percutaneous", "region": "lumbar", "pathology": "stenosis", "target": "ligament-lamina",
...     "visualization": "indirect", "device": "none", "fusion": "none", "trial": "no", "interspaces": 2}
>>> found = which(note, on="2026-07-01")
>>> [(line.code, line.units) for line in found.result.lines]
[('62330', 1), ('62331', 1)]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from openrvu import answers as shared
from openrvu import holdings, releases
from openrvu.codes.coverage import coverage_of, leads, positions
from openrvu.codes.families import Family, families, read_folder
from openrvu.codes.walk import Walk, walk
from openrvu.errors import BadInput, NotHeld
from openrvu.facts import Facts
from openrvu.ncci.mue import check_units, mue_of
from openrvu.pricing import read_date

SHEET = ("state", "code", "words", "modifier", "units", "why")


def held_families(folder: Path | None = None) -> tuple[Family, ...]:
    """The families that the package ships; those of a folder stand before them, and in place of one with the same id.

    Raises BadInput for a folder without a family file, BadFile for a file that cannot be used.
    """
    if folder is None:
        return families()
    own = read_folder(folder)
    ids = {family.id for family in own}
    return (*own, *(family for family in families() if family.id not in ids))


def read_answers(pairs: Iterable[str]) -> dict[str, str | int]:
    """Answers as typed, each QUESTION=ANSWER. Raises BadInput for one that is none, or a question answered twice.

    >>> read_answers(["region=lumbar", "interspaces=2"])
    {'region': 'lumbar', 'interspaces': '2'}
    """
    found: dict[str, str | int] = {}
    for item in pairs:
        key, sign, value = item.partition("=")
        key = key.strip().lower()
        if not sign or not key or not value.strip():
            raise BadInput(
                f"{item!r} is no answer", fix="Write QUESTION=ANSWER, for example region=lumbar interspaces=2"
            )
        if key in found:
            raise BadInput(f"{key} is answered twice", fix="Give one answer")
        found[key] = value
    return found


def which(
    answers: Mapping[str, str | int] | None = None,
    *,
    on: str | date | None = None,
    folder: Path | None = None,
    facts: Facts | None = None,
) -> Walk:
    """One step from the operative note to the code: the next question, the code, or why none can be given.

    answers: by question, as {"region": "lumbar", "interspaces": 2}; "family" names the family, "unknown" what the note
    does not say. on: date of service (default: the first day of the newest release held). folder: family files of your
    own. Raises BadInput for a question or an answer that does not exist.
    """
    held = facts or holdings.current()
    when = read_date(on) or held.newest().starts
    found = walk(answers or {}, when, held_families(folder))
    codes = _spoken(found)
    spoken = leads(codes, when) if found.family else ()
    notes = (*_notes(found), *_lacking(codes, when, held)) if found.result else ()
    return replace(found, leads=spoken, notes=notes, sources=_sources(found, codes))


def _spoken(found: Walk) -> list[str]:
    """The codes that an answer speaks of: those of the claim, else those left and those that a refusal names."""
    if found.result:
        return [line.code for line in found.result.lines]
    reason = found.undecided.reason if found.undecided else ""
    named = [one.code for one in found.ruled_out if one.code in reason]
    return [*(one.code for one in found.candidates), *named]


def _lacking(codes: Sequence[str], on: date, facts: Facts) -> tuple[str, ...]:
    """What is not held of the release of the date, and how to get it."""
    try:
        release = facts.release_on(on)
    except NotHeld:
        return ()
    lacking = [code for code in codes if not facts.records(code, release.id)]
    if not lacking or facts.table(release.id).whole or release.coverage == "whole":
        return ()
    said = f"{', '.join(lacking)}: not among the codes held of release {release.id}, so no amount can be told here"
    return (f"{said}; get the whole release: {releases.way_to(release.id)}.",)


def _notes(found: Walk) -> tuple[str, ...]:
    """What stands beside a result: unit limits, unsettled facts, payers."""
    if found.result is None:
        return ()
    notes = []
    for line in found.result.lines:
        check = check_units(line.code, line.units, found.on)
        notes += [f"Unit limit: {check.words}."] if check.over else []
        if line.needs:
            notes.append(f"{line.code} is an add-on: it needs {' or '.join(line.needs)} on the same claim.")
    if not found.result.settled:
        notes.append("Part of this is from coding knowledge: confirm it in the code book of the date of service.")
    said = {(one.payer, one.policy): one for line in found.result.lines for one in positions(line.code)}
    notes += [f"{one.payer}, {one.policy} ({one.read}): {one.text}." for one in said.values()]
    return tuple(notes)


def _sources(found: Walk, codes: Sequence[str]) -> tuple[str, ...]:
    if found.result is None:
        return found.sources
    limits = [limit.source for code in codes if (limit := mue_of(code, found.on))]
    rules = [key for code in codes if (rule := coverage_of(code, found.on)) for key in rule.sources]
    payers = [key for code in codes for one in positions(code) for key in one.sources]
    return tuple(dict.fromkeys((*found.sources, *rules, *limits, *payers)))


def foot_of(found: Walk) -> dict[str, str]:
    """The foot of a walk: a date, and neither a release nor a place, for it rests on the family's facts alone."""
    return shared.foot(release="", on=found.on, place="")


def sheet(found: Walk) -> str:
    """A walk as CSV, columns SHEET: the lines of the claim or the codes left, then those ruled out with the reason."""
    rows: list[tuple[object, ...]] = []
    if found.result:
        rows += [("billed", one.code, one.words, one.modifier, one.units, "") for one in found.result.lines]
        rows += [("open", "", "", "", "", text) for text in found.result.open]
    else:
        rows += [("left", one.code, one.words, "", "", "") for one in found.candidates]
    if found.undecided:
        rows.append((found.undecided.kind, found.undecided.code, "", "", "", found.undecided.reason))
    rows += [("ruled-out", o.code, o.words, "", "", f"{o.by}={o.answer}: {o.why}") for o in found.ruled_out]
    return shared.csv_text(SHEET, rows)
