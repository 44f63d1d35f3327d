"""The page that leads from the operative note to the code: one question at a time, answers in the address."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from openrvu.cards.which import which
from openrvu.codes.families import UNKNOWN, Question
from openrvu.codes.families import families as shipped
from openrvu.codes.walk import FAMILY, Ruled, Walk
from openrvu.dossier.blocks import Citation, Column, Row, Table
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.sources import source
from openrvu.web.asked import LONGEST, Asked

MOST = 40
_TOP = ("on", "place", "setting", "qp")


@dataclass(frozen=True)
class Answered:
    """An answer that was given: the question, what was answered in words, and the address of the page without it."""

    ask: str
    said: str
    href: str


@dataclass(frozen=True)
class Out:
    """Codes that one answer excludes, under the question and the answer; both empty for the date."""

    asked: str
    said: str
    codes: tuple[Ruled, ...]


@dataclass(frozen=True)
class WhichPage:
    """All that the template shows. kept: the answers that the form carries on."""

    found: Walk
    kept: Mapping[str, str]
    answered: tuple[Answered, ...]
    lines: Table | None
    left: Table
    out: tuple[Out, ...]
    citations: tuple[Citation, ...]
    python: str
    command: str

    @property
    def numbers(self) -> dict[str, int]:
        """The number printed for each source id."""
        return {one.source.id: one.number for one in self.citations}


def answers_in(pairs: Mapping[str, str]) -> dict[str, str | int]:
    """The answers in an address: whatever is not of the top bar. Raises BadInput for more than can be meant."""
    found: dict[str, str | int] = {
        name: text.strip() for name, text in pairs.items() if name not in _TOP and text.strip()
    }
    if len(found) > MOST or any(len(name) > LONGEST or len(str(text)) > LONGEST for name, text in found.items()):
        raise BadInput("the address holds more than a walk has", fix=f"Give {MOST} short answers at most")
    return found


def walk_of(pairs: Mapping[str, str], asked: Asked, facts: Facts) -> Walk:
    """The walk, as the command line and the JSON give it. Errors as in `which`."""
    return which(answers_in(pairs), on=asked.checked().on or None, facts=facts)


def which_page(pairs: Mapping[str, str], asked: Asked, facts: Facts) -> WhichPage:
    """The page. Errors as in `which`."""
    found = walk_of(pairs, asked, facts)
    kept = {name: str(text) for name, text in found.answers.items()}
    if found.family:
        kept = {FAMILY: found.family, **kept}
    python, command = elsewhere(kept, asked)
    return WhichPage(
        found=found,
        kept=kept,
        answered=_answered(found, kept, asked),
        lines=_lines(found),
        left=_left(found),
        out=_out(found),
        citations=tuple(Citation(number, source(key)) for number, key in enumerate(found.sources, 1)),
        python=python,
        command=command,
    )


def _answered(found: Walk, kept: Mapping[str, str], asked: Asked) -> tuple[Answered, ...]:
    family = next((one for one in shipped() if one.id == found.family), None)
    if family is None:
        return ()
    rows = [Answered("What was done?", family.what, asked.url("/which"))]
    for question in family.questions:
        if question.id in found.answers:
            rest = {name: text for name, text in kept.items() if name != question.id}
            rows.append(
                Answered(question.ask, _said(question, found.answers[question.id]), asked.url("/which", **rest))
            )
    return tuple(rows)


def _said(question: Question, answer: str | int) -> str:
    if answer == UNKNOWN:
        return "the note does not say"
    return next((one.words for one in question.choices if one.key == answer), str(answer))


def _lines(found: Walk) -> Table | None:
    if found.result is None:
        return None
    columns = (Column("Code", "", "whole"), Column("Modifier"), Column("Units", "", "right"), Column("In plain words"))
    rows = tuple(Row((one.code, one.modifier or "—", str(one.units), one.words)) for one in found.result.lines)
    return Table("What the note leads to", columns, rows, sources=found.sources)


def _left(found: Walk) -> Table:
    columns = (Column("Code", "", "whole"), Column("In plain words"))
    rows = tuple(Row((one.code, one.words)) for one in found.candidates)
    return Table("Codes that the answers leave", columns, rows)


def _out(found: Walk) -> tuple[Out, ...]:
    groups = dict.fromkeys((one.asked, one.said) for one in found.ruled_out)
    return tuple(
        Out(asked, said, tuple(one for one in found.ruled_out if (one.asked, one.said) == (asked, said)))
        for asked, said in groups
    )


def elsewhere(kept: Mapping[str, str], asked: Asked) -> tuple[str, str]:
    """The same answer in Python and on the command line.

    >>> elsewhere({"region": "lumbar"}, Asked(on="2026-07-01"))[1]
    'openrvu which region=lumbar --on 2026-07-01 --json'
    """
    on = f", on={asked.on!r}" if asked.on else ""
    options = ["--on", asked.on] if asked.on else []
    pairs = [f"{name}={text}" for name, text in kept.items()]
    python = f"import openrvu\nwalk = openrvu.which({dict(kept)!r}{on})"
    return python, shlex.join(["openrvu", "which", *pairs, *options, "--json"])
