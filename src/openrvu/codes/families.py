"""Families of codes: what each service is in our own words, how it is done, and what it is confused with.

A family is one file in `facts/families`; a coder can add one without Python (docs/families.md).

>>> find_service("62380").visualization
'continuous direct view through the endoscope'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from openrvu.errors import BadFile, BadInput
from openrvu.files import facts_folder

# The answer to a question that the note does not give.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Confusion:
    """A code that a service is taken for, and the one sentence why it is not the same."""

    code: str
    why: str


@dataclass(frozen=True)
class Choice:
    """One answer that a question takes: the key that is typed, and what it means in plain words."""

    key: str
    words: str


@dataclass(frozen=True)
class Question:
    """One question of the way from the operative note to the code.

    ask: the question. why: why it is asked. document: what the note must say of it. choices: the answers it takes;
    empty for a count, which takes a whole number from 1 to `most` and counts `unit`.
    """

    id: str
    ask: str
    why: str
    document: str
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    most: int = 0


@dataclass(frozen=True)
class Span:
    """How many a code takes, both ends included. most None: no upper end."""

    least: int
    most: int | None = None


@dataclass(frozen=True)
class Count:
    """How units follow from a count. question: which count. covers: how many the code itself stands for.

    further: the add-on for each one beyond; empty where no code exists for them. further_most: most units of it, or
    None.
    """

    question: str
    covers: int = 1
    further: str = ""
    further_most: int | None = None


@dataclass(frozen=True)
class Relation:
    """How a code stands beside others on one claim. settled False: from coding knowledge, to be confirmed."""

    codes: tuple[str, ...]
    rule: str
    settled: bool = True
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Barrier:
    """Answers for which the walk gives no code. when: answers by question; empty code: none to name.

    starts, ends: dates of service, inclusive; None: open. code: the code for unlisted work, where there is one.
    """

    when: Mapping[str, tuple[str, ...]]
    why: str
    starts: date | None = None
    ends: date | None = None
    code: str = ""
    settled: bool = True
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Service:
    """One code of a family. Empty text or None: not stated by the sources read.

    words: at most twelve, our own. unit: what one unit counts (interspace or vertebral segment). category: I, III or
    HCPCS. introduced, ended: first and last day of the code. add_on_to: primaries that an add-on goes with.
    coverage: id of a coverage decision. traps: what coders get wrong. answers: what the note must say for this code,
    by question; empty for a code that the walk does not lead to. count: how units are counted. modifiers: by question
    and answer. reasons: ICD-10 codes that it is done for. ncci: how it stands beside other codes. document: what the
    note must say. settled False: from coding knowledge, to be confirmed in the code book.
    """

    code: str
    words: str
    family: str
    approach: str = ""
    visualization: str = ""
    target: str = ""
    region: str = ""
    pathology: str = ""
    unit: str = ""
    category: str = ""
    introduced: date | None = None
    ended: date | None = None
    predecessor: str = ""
    successor: str = ""
    coverage: str = ""
    add_on_to: tuple[str, ...] = ()
    confused_with: tuple[Confusion, ...] = ()
    traps: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    answers: Mapping[str, tuple[str, ...] | Span] = field(default_factory=dict)
    count: Count | None = None
    modifiers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    ncci: tuple[Relation, ...] = ()
    document: tuple[str, ...] = ()
    settled: bool = True

    @property
    def needs(self) -> tuple[str, ...]:
        """The questions that must be answered before this code can be given."""
        counted = (self.count.question,) if self.count else ()
        return tuple(dict.fromkeys((*self.answers, *counted, *self.modifiers)))

    def allows(self, question: str, answer: str | int) -> bool:
        """Whether an answer leaves this code: it does not ask, the answer is not known, or it is one that it wants."""
        wanted = self.answers.get(question)
        if wanted is None or answer == UNKNOWN:
            return True
        if isinstance(wanted, Span):
            return isinstance(answer, int) and wanted.least <= answer <= (wanted.most or answer)
        return answer in wanted

    def in_force(self, on: date) -> bool:
        """Whether the code can be billed for a date of service, as far as its dates are known."""
        return not (self.introduced and on < self.introduced) and not (self.ended and self.ended < on)


@dataclass(frozen=True)
class Family:
    """Services that belong together. comparators: priced services used for a pricing rationale only.

    what: the work in plain words, as one choice among the families. since: first date of service that the questions
    hold for. questions: in the order they are asked. contradictions, no_code: answers that exclude each other, and
    answers for which no code exists. icd10: reasons by ICD-10 code, in our own words. sources: citations of its own.
    order: where it stands among the families.
    """

    id: str
    title: str
    source: str
    comparators: tuple[str, ...]
    services: Mapping[str, Service]
    what: str = ""
    since: date | None = None
    questions: tuple[Question, ...] = ()
    contradictions: tuple[Barrier, ...] = ()
    no_code: tuple[Barrier, ...] = ()
    icd10: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    order: int = 50

    def question(self, key: str) -> Question | None:
        """The question of this id, or None."""
        return next((one for one in self.questions if one.id == key), None)


def read_family(path: Path) -> Family:
    """One family file. Raises BadFile naming the file, the table and the key that cannot be used."""
    from openrvu.codes.family_file import read

    return read(path)


@cache
def families() -> tuple[Family, ...]:
    """Every family that the package ships, in their order."""
    return read_folder(facts_folder() / "families")


def read_folder(folder: Path) -> tuple[Family, ...]:
    """Every family file of a folder, by name. Raises BadInput for a folder without one, BadFile as `read_family`.

    A code may stand in one family only: which one its answers come from must not depend on the order of files.
    """
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise BadInput("no family file", where=str(folder), fix="A family is a .toml file; docs/families.md")
    found = tuple(read_family(path) for path in paths)
    seen: dict[str, str] = {}
    for path, family in zip(paths, found, strict=True):
        for code in family.services:
            if code in seen:
                raise BadFile(f"{code} stands in {seen[code]} too", where=path.name, fix="Keep it in one family")
            seen[code] = path.name
    return tuple(sorted(found, key=lambda family: (family.order, family.id)))


@cache
def _files() -> Mapping[str, Path]:
    """The shipped file with the table of each code: one price needs one family, and reading all of them takes time."""
    paths = sorted((facts_folder() / "families").glob("*.toml"))
    table = re.compile(r"^\[services\.(\w+)\]", re.M)
    return {code: path for path in paths for code in table.findall(path.read_text(encoding="utf-8"))}


@cache
def _shipped(path: Path) -> Family:
    return read_family(path)


def family_of(code: str) -> Family | None:
    """The family that describes a code, or None."""
    path = _files().get(code)
    return _shipped(path) if path else None


def find_service(code: str) -> Service | None:
    """What is known of a code beyond the fee schedule, or None."""
    family = family_of(code)
    return family.services[code] if family else None


def plain_words(code: str) -> str:
    """Our own words for a code; empty where no family describes it.

    >>> plain_words("63005")
    'open lumbar bone removal to free nerves, one or two segments'
    """
    service = find_service(code)
    return service.words if service else ""
