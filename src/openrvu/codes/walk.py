"""From what the operative note says to the code: the questions of a family, asked until one code is left, or none.

The walk knows no code and no question itself: both are rows of the family files. An answer rules out every code that
wants another one; a question is asked as long as a code that is left depends on it; a code is given only when all
that it depends on is answered. What cannot be decided is refused with the reason.

>>> from openrvu.codes.families import families
>>> found = walk({"region": "lumbar", "approach": "percutaneous", "target": "disc"}, date(2026, 7, 1), families())
>>> found.family, found.question.id, found.candidates[0].code
('lumbar-decompression', 'device', '62287')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from openrvu.codes import wording
from openrvu.codes.families import UNKNOWN, Barrier, Choice, Confusion, Family, Question, Relation, Service
from openrvu.errors import BadInput

FAMILY = "family"
FIX = "Write one of these"
# Why nothing was decided.
MISSING, CONTRADICTION, NO_CODE, DATE = "missing-answer", "contradiction", "no-code", "date"


@dataclass(frozen=True)
class Candidate:
    """A code that the answers still allow, in our own words."""

    code: str
    words: str


@dataclass(frozen=True)
class Ruled:
    """A code that is out. by: the question, or "on" for the date. answer: what was answered. asked, said: the same in
    words; empty for the date. why: what the code is for, or its dates."""

    code: str
    words: str
    by: str
    answer: str
    asked: str
    said: str
    why: str


@dataclass(frozen=True)
class Billed:
    """One line of the claim. modifier: empty, or 50 and the like. units of `unit`; empty: once for all of it.

    needs: the primaries of which one must stand on the same claim, for an add-on that is no line's further unit.
    """

    code: str
    words: str
    modifier: str
    units: int
    unit: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Reason:
    """A diagnosis that the service is done for: ICD-10 code and our own words."""

    icd10: str
    words: str


@dataclass(frozen=True)
class Result:
    """What the walk came to. lines: the primary code first. open: what no code exists for. document: what the note must
    say. settled False: some of it is from coding knowledge, to be confirmed in the code book."""

    lines: tuple[Billed, ...]
    open: tuple[str, ...]
    document: tuple[str, ...]
    confused_with: tuple[Confusion, ...]
    traps: tuple[str, ...]
    ncci: tuple[Relation, ...]
    reasons: tuple[Reason, ...]
    settled: bool


@dataclass(frozen=True)
class Undecided:
    """Why no code is given. kind: missing-answer, contradiction, no-code or date. code: for unlisted work, if known."""

    kind: str
    reason: str
    code: str
    settled: bool


@dataclass(frozen=True)
class Walk:
    """Where the walk stands. One of question, result and undecided is set.

    family: empty as long as it is asked for. answers: as understood, in the order of the questions. candidates: codes
    left, ruled_out: the others.
    """

    family: str
    title: str
    on: date
    answers: Mapping[str, str | int]
    question: Question | None
    candidates: tuple[Candidate, ...]
    ruled_out: tuple[Ruled, ...]
    result: Result | None
    undecided: Undecided | None
    leads: tuple[str, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]


def walk(answers: Mapping[str, str | int], on: date, held: Sequence[Family]) -> Walk:
    """One step: the next question, a result, or why there is none. held: the families that may be meant.

    Raises BadInput for a question or an answer that no family has.
    """
    asked = [family for family in held if family.questions]
    given = {_plain(key): value for key, value in answers.items()}
    family = _choose(given, asked)
    if family is None:
        question = Question(
            FAMILY,
            "What was done?",
            "Each kind of work has its own questions.",
            "",
            tuple(Choice(one.id, one.what) for one in asked),
        )
        codes = tuple(Candidate(s.code, s.words) for one in asked for s in one.services.values() if s.answers)
        return Walk("", "", on, _kept(given), question, codes, (), None, None, (), (), ())
    given.pop(FAMILY, None)
    understood = {key: _answer(family, key, value) for key, value in given.items()}
    return _step(family, {one.id: understood[one.id] for one in family.questions if one.id in understood}, on)


def _plain(text: str) -> str:
    return text.strip().lower().replace("_", "-")


def _kept(given: Mapping[str, str | int]) -> dict[str, str | int]:
    return {key: _plain(value) if isinstance(value, str) else value for key, value in given.items()}


def _choose(given: Mapping[str, str | int], held: Sequence[Family]) -> Family | None:
    """The family that was named, or the only one whose questions take all of the answers; None where several do."""
    if FAMILY in given:
        wanted = _plain(str(given[FAMILY]))
        for family in held:
            if family.id == wanted:
                return family
        raise BadInput(
            f"no family is called {wanted!r}", exists=f"Families: {', '.join(one.id for one in held)}", fix=FIX
        )
    if len(held) == 1:
        return held[0]
    if not given:
        return None
    fitting = [family for family in held if all(_takes(family, key, value) for key, value in given.items())]
    if len(fitting) > 1:
        return None
    return fitting[0] if fitting else _nearest(given, held)


def _nearest(given: Mapping[str, str | int], held: Sequence[Family]) -> Family:
    """The only family that has every question, though not every answer: its error is the clearest. Else BadInput."""
    known = {question.id for family in held for question in family.questions}
    if unknown := [key for key in given if key not in known]:
        raise BadInput(
            f"no question is called {unknown[0]!r}", exists=f"Questions: {', '.join(sorted(known))}", fix=FIX
        )
    having = [family for family in held if all(family.question(key) for key in given)]
    if len(having) == 1:
        return having[0]
    for key, value in given.items():
        if not any(_takes(family, key, value) for family in held):
            choices = dict.fromkeys(c.key for f in held if (q := f.question(key)) for c in q.choices)
            raise BadInput(f"{key} has no answer {value!r}", exists=f"Answers: {', '.join(choices)}", fix=FIX)
    raise BadInput(
        f"no family has all of these questions with these answers: {', '.join(given)}",
        exists=f"Families: {', '.join(one.id for one in held)}",
        fix="Say which family is meant, as in family=lumbar-decompression",
    )


def _takes(family: Family, key: str, value: str | int) -> bool:
    try:
        _answer(family, key, value)
    except BadInput:
        return False
    return True


def _answer(family: Family, key: str, value: str | int) -> str | int:
    """An answer as the family's question takes it. Raises BadInput with the answers that exist."""
    question = family.question(key)
    if question is None:
        names = ", ".join(one.id for one in family.questions)
        raise BadInput(f"{family.id} has no question {key!r}", exists=f"Questions: {names}", fix=FIX)
    text = _plain(str(value))
    if text == UNKNOWN:
        return UNKNOWN
    if question.unit:
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= question.most):
            raise BadInput(
                f"{key} is {text!r}", exists=f"A whole number from 1 to {question.most}, or unknown", fix=FIX
            )
        return int(text)
    if text not in (one.key for one in question.choices):
        keys = ", ".join(one.key for one in question.choices)
        raise BadInput(f"{key} has no answer {text!r}", exists=f"Answers: {keys}, or unknown", fix=FIX)
    return text


def _step(family: Family, answers: dict[str, str | int], on: date) -> Walk:
    left, out = _divide(family, answers, on)
    here = Walk(
        family=family.id,
        title=family.title,
        on=on,
        answers=answers,
        question=None,
        candidates=tuple(Candidate(one.code, one.words) for one in left),
        ruled_out=out,
        result=None,
        undecided=None,
        leads=(),
        notes=(),
        sources=(family.source,),
    )
    if family.since and on < family.since:
        reason = f"What {family.id} says holds for dates of service from {family.since.isoformat()}; this is earlier."
        return replace(here, undecided=Undecided(DATE, reason, "", True))
    for kind, rows in ((CONTRADICTION, family.contradictions), (NO_CODE, family.no_code)):
        if barrier := _met(rows, answers, on):
            found = Undecided(kind, _told(barrier, answers), barrier.code, barrier.settled)
            return replace(here, undecided=found, sources=_ids(family.source, barrier.sources))
    if not left:
        return replace(here, undecided=Undecided(NO_CODE, wording.nothing(family, answers, on), "", True))
    if question := _next(family, answers, left):
        return replace(here, question=question)
    if missing := [key for key in _needed(family, left) if answers.get(key) == UNKNOWN]:
        return replace(here, undecided=Undecided(MISSING, wording.missing(family, missing, left), "", True))
    (service,) = left  # the reader of the file has seen to it that answers tell every two codes apart
    lines, gaps = _lines(family, service, answers, on)
    used = [family.services[line.code] for line in lines]
    return replace(
        here,
        result=_result(family, service, lines, gaps),
        sources=_ids(family.source, *(one.sources for one in used), *(r.sources for r in service.ncci)),
    )


def _ids(*groups: str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for group in groups for key in ((group,) if isinstance(group, str) else group)))


def _divide(family: Family, answers: Mapping[str, str | int], on: date) -> tuple[list[Service], tuple[Ruled, ...]]:
    """The codes that the answers leave, and the others with the first answer that rules each out."""
    left, out = [], []
    for service in family.services.values():
        if not service.answers:
            continue
        against = next(
            (q for q in family.questions if q.id in answers and not service.allows(q.id, answers[q.id])), None
        )
        if against:
            answer = answers[against.id]
            told = (against.ask, wording.said(against, answer), f"it is for: {wording.wants(service, against)}.")
            out.append(Ruled(service.code, service.words, against.id, str(answer), *told))
        elif not service.in_force(on):
            out.append(Ruled(service.code, service.words, "on", on.isoformat(), "", "", wording.dated(service, on)))
        else:
            left.append(service)
    return left, tuple(out)


def _met(rows: Sequence[Barrier], answers: Mapping[str, str | int], on: date) -> Barrier | None:
    for row in rows:
        dated = (row.starts is None or row.starts <= on) and (row.ends is None or on <= row.ends)
        if dated and all(answers.get(key) in wanted for key, wanted in row.when.items()):
            return row
    return None


def _told(barrier: Barrier, answers: Mapping[str, str | int]) -> str:
    given = ", ".join(f"{key} {answers[key]}" for key in barrier.when)
    return f"{barrier.why} (answers: {given})"


def _needed(family: Family, left: Sequence[Service]) -> list[str]:
    return [q.id for q in family.questions if any(q.id in one.needs for one in left)]


def _next(family: Family, answers: Mapping[str, str | int], left: Sequence[Service]) -> Question | None:
    return next((family.question(key) for key in _needed(family, left) if key not in answers), None)


def _lines(
    family: Family, service: Service, answers: Mapping[str, str | int], on: date
) -> tuple[list[Billed], list[str]]:
    """The lines of the claim, and what no code exists for."""
    lines = [Billed(service.code, service.words, _modifier(service, answers), 1, service.unit, service.add_on_to)]
    count = service.count
    counted = answers[count.question] if count else 1
    more = counted - count.covers if count and isinstance(counted, int) else 0
    if not count or more <= 0:
        return lines, []
    question = family.question(count.question)
    named = question.unit if question else service.unit
    add = family.services[count.further] if count.further else None
    if add is None or not add.in_force(on):
        why = "no code of its own exists" if add is None else wording.dated(add, on).rstrip(".")
        return lines, [f"{more} further {wording.many(named, more)}: {why}; ask the payer how to bill."]
    units = more if count.further_most is None else min(more, count.further_most)
    lines.append(Billed(add.code, add.words, _modifier(add, answers), units, add.unit, ()))
    if over := more - units:
        return lines, [
            f"{over} further {wording.many(named, over)}: beyond what {add.code} counts, and no code exists."
        ]
    return lines, []


def _modifier(service: Service, answers: Mapping[str, str | int]) -> str:
    found = (kinds.get(str(answers.get(key, "")), "") for key, kinds in service.modifiers.items())
    return " ".join(filter(None, found))


def _result(family: Family, service: Service, lines: Sequence[Billed], gaps: Sequence[str]) -> Result:
    used = [family.services[line.code] for line in lines]
    asked = (family.question(key) for key in service.needs)
    document = [one.document for one in asked if one and one.document]
    return Result(
        lines=tuple(lines),
        open=tuple(gaps),
        document=tuple(dict.fromkeys((*document, *(text for one in used for text in one.document)))),
        confused_with=service.confused_with,
        traps=tuple(dict.fromkeys(text for one in used for text in one.traps)),
        ncci=tuple(dict.fromkeys(one for each in used for one in each.ncci)),
        reasons=tuple(Reason(key, family.icd10[key]) for key in service.reasons),
        settled=all(one.settled for one in used),
    )
