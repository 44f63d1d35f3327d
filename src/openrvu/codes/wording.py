"""The sentences of a walk: what was answered, what a code is for, and why no code is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from openrvu.codes.families import Family, Question, Service, Span


def said(question: Question, answer: str | int) -> str:
    """An answer in the words of its choice."""
    return next((one.words for one in question.choices if one.key == answer), str(answer))


def wants(service: Service, question: Question) -> str:
    """The answers that a code is for."""
    wanted = service.answers[question.id]
    if isinstance(wanted, Span):
        upper = "or more" if wanted.most is None else f"to {wanted.most}"
        return f"{wanted.least}" if wanted.least == wanted.most else f"{wanted.least} {upper}"
    return "; or ".join(one.words for one in question.choices if one.key in wanted)


def dated(service: Service, on: date) -> str:
    """Why a code is not in force on a date."""
    if service.introduced and on < service.introduced:
        before = f"; before it there was {service.predecessor}" if service.predecessor else ""
        return f"{service.code} was introduced on {service.introduced.isoformat()}{before}."
    ended = service.ended.isoformat() if service.ended else ""
    after = f"; its successor is {service.successor}" if service.successor else ""
    return f"{service.code} ended on {ended}{after}."


def nothing(family: Family, answers: Mapping[str, str | int], on: date) -> str:
    """Why no code is left: one that had another date, or the answers themselves."""
    led = [one for one in family.services.values() if one.answers]
    fits = [one for one in led if all(one.allows(key, answer) for key, answer in answers.items())]
    if fits:
        return " ".join(("No code of this family is in force on the date.", *(dated(one, on) for one in fits)))
    given = ", ".join(f"{key} {answer}" for key, answer in answers.items())
    near = []
    for one in answers:
        rest = {key: answer for key, answer in answers.items() if key != one}
        codes = [s.code for s in led if s.in_force(on) and all(s.allows(key, answer) for key, answer in rest.items())]
        near += [f"with another answer to `{one}`, {', '.join(codes)}"] if codes else []
    close = f" Close: {'; '.join(near)}." if near else ""
    return (
        f"No code of this family is for {given}.{close} Look at the answers again; if the note says just this, no code "
        "describes it, and it is reported as unlisted work with the note attached."
    )


def missing(family: Family, lacking: Sequence[str], left: Sequence[Service]) -> str:
    """What the note would have to say for one of the codes left."""
    asked = " ".join(question.document for key in lacking if (question := family.question(key)))
    codes = ", ".join(one.code for one in left)
    rest = f"between {codes}" if len(left) > 1 else f"on {codes} and its units"
    return f"The note does not say what decides {rest}. It must say: {asked}"


def many(unit: str, count: int) -> str:
    """The unit of a count, for one or for several.

    >>> many("interspace", 2), many("vertebral body", 2)
    ('interspaces', 'vertebral bodies')
    """
    if count == 1:
        return unit
    return f"{unit[:-1]}ies" if unit.endswith("y") else f"{unit}s"
