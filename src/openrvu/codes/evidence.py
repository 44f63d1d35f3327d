"""Clinical evidence with its funding, dissent beside it, and who asks for or against a revaluation.

>>> [study.id for study in evidence_of("62330").studies][:2]
['midas-encore', 'motion']
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from openrvu.files import facts_folder, read_toml


@dataclass(frozen=True)
class EvidenceStudy:
    """One study: figures as text, follow-up, who paid, which way it speaks, and what of it was read."""

    id: str
    title: str
    n: str
    follow_up: str
    figures: tuple[str, ...]
    speaks: str
    funding: str
    read: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Dissent:
    """One point against, with its sources."""

    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """The evidence collected for a group of codes. about: what it does and does not speak to."""

    codes: tuple[str, ...]
    about: str
    studies: tuple[EvidenceStudy, ...]
    dissent: tuple[Dissent, ...]


@dataclass(frozen=True)
class Voice:
    """Someone who asks for a revaluation or objects to it."""

    who: str
    text: str
    sources: tuple[str, ...]
    on: date | None = None


@dataclass(frozen=True)
class NextStep:
    """One step on the way to a value. settled False: general knowledge of the process, to be confirmed."""

    step: str
    text: str
    settled: bool
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Revaluation:
    """Who asked, who objects, and what happens next."""

    code: str
    asked: tuple[Voice, ...]
    objects: tuple[Voice, ...]
    steps: tuple[NextStep, ...]


@cache
def _evidence() -> tuple[Evidence, ...]:
    path = facts_folder() / "evidence" / "lumbar.toml"
    data = read_toml(path)
    studies = tuple(
        EvidenceStudy(**{**row, "figures": tuple(row["figures"]), "sources": tuple(row["sources"])})
        for row in data["studies"]
    )
    dissent = tuple(Dissent(row["text"], tuple(row["sources"])) for row in data["dissent"])
    return (Evidence(tuple(data["codes"]), data["about"], studies, dissent),)


def evidence_of(code: str) -> Evidence | None:
    """The evidence collected for a code, or None where none was."""
    return next((found for found in _evidence() if code in found.codes), None)


def revaluation_of(code: str) -> Revaluation | None:
    """Who asked for a value of a code and who objects, or None where nothing was collected."""
    data = read_toml(facts_folder() / "evidence" / "revaluation.toml")
    if data["code"] != code:
        return None

    def voices(key: str) -> tuple[Voice, ...]:
        return tuple(Voice(row["who"], row["text"], tuple(row["sources"]), row.get("on")) for row in data[key])

    steps = tuple(NextStep(row["step"], row["text"], row["settled"], tuple(row["sources"])) for row in data["next"])
    return Revaluation(code, voices("asked"), voices("objects"), steps)
