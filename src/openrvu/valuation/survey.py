"""A survey of comparisons, read from the files that people have: counts, wide and long CSV.

counts   item, less, equal, greater: how often the target was judged less, equal or greater work than the item.
wide     a row a respondent, a column a comparator; each cell says how the target compares with that column.
long     rater, left, right, response[, domain]: how the left service compares with the right one.

An item is a code or a bundle (`22630+22840`). Answers are words (less, equal, greater) or numbers (-1 0 1, or 1 2 3).
Missing answers are normal. A respondent with one answer throughout is kept, counted and flagged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openrvu.errors import BadFile, BadInput
from openrvu.valuation import sheet
from openrvu.valuation.paired import Pairs
from openrvu.valuation.services import service
from openrvu.valuation.sheet import Sheet

LESS, EQUAL, GREATER, NONE = -1, 0, 1, 9
WORDS: Mapping[str, int] = {
    **dict.fromkeys(("less", "lower", "lesser", "l", "<"), LESS),
    **dict.fromkeys(("equal", "same", "e", "="), EQUAL),
    **dict.fromkeys(("greater", "more", "higher", "g", ">"), GREATER),
}
MISSING = frozenset(("", "na", "n/a", ".", "-", "none", "missing"))
FROM_MINUS_ONE = {"-1": LESS, "0": EQUAL, "1": GREATER}
FROM_ONE = {"1": LESS, "2": EQUAL, "3": GREATER}
ACCEPTED = "less, equal, greater (or same, more), or numbers: -1 0 1, or 1 2 3; empty or NA for no answer"
FORMS = (
    "counts: item, less, equal, greater; long: rater, left, right, response[, domain]; "
    "wide: a column a comparator named by its code"
)
RESPONDENT = ("respondent", "rater", "id", "respondent_id", "record_id", "responseid", "response id")
INTEREST = ("interest", "financial_interest", "financial interest")
MOST_CELLS = 50_000_000
YES = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}


@dataclass(frozen=True)
class Note:
    """One respondent or row and what was done with it. line: where in the file."""

    line: int
    respondent: str
    words: str


@dataclass(frozen=True)
class Report:
    """What was read, left out and flagged. Excluded rows are gone from the answers; flagged ones are in them.

    respondents: those kept, None for counts. incomplete: respondents kept who left something out.
    """

    form: str
    rows: int
    respondents: int | None
    excluded: tuple[Note, ...]
    incomplete: tuple[Note, ...]
    straight_lined: tuple[Note, ...]
    duplicates: tuple[Note, ...]
    ignored_columns: tuple[str, ...]


@dataclass(frozen=True)
class Survey:
    """Answers about a target. pairs: counted. answers: (R, M) int8 by respondent and pair, LESS EQUAL GREATER or NONE;
    None for counts. interest: by respondent, None where not recorded. label: remarks of the file's head, as SIMULATED.
    """

    name: str
    target: str
    domain: str
    pairs: Pairs
    answers: NDArray[np.int8] | None
    interest: tuple[bool | None, ...] | None
    report: Report
    label: str

    @property
    def items(self) -> tuple[str, ...]:
        """The services compared, without the target."""
        return tuple(name for name in self.pairs.names if name != self.target)

    @property
    def star(self) -> bool:
        """Whether every pair holds the target."""
        at = self.pairs.names.index(self.target)
        return all(at in pair for pair in zip(self.pairs.left, self.pairs.right, strict=True))

    @property
    def simulated(self) -> bool:
        """Whether the file says of itself that nobody answered it."""
        return "SIMULATED" in self.label.upper()


def read(path: Path, target: str, domain: str = "") -> Survey:
    """A survey from a CSV file; the form is recognised from the column names. Raises BadFile or BadInput."""
    return parse(sheet.read_bytes(path), path.name, target, domain)


def parse(data: bytes, name: str, target: str, domain: str = "") -> Survey:
    """A survey from the bytes of a CSV. target: a code or bundle. domain: which, where a long file has several.

    >>> found = parse(b"item,less,equal,greater\\n63047,20,5,10\\n63005,8,6,21\\n", "x.csv", "62380")
    >>> found.report.form, found.items
    ('counts', ('63047', '63005'))
    """
    table, aim = sheet.parse(data, name), service(target).name
    form = detect(table)
    if form == "counts":
        return _counts(table, aim)
    return _long(table, aim, domain) if form == "long" else _wide(table, aim)


def detect(table: Sheet) -> str:
    """counts, long or wide. Raises BadFile, with the columns found and those each form needs."""
    names = {name.casefold() for name in table.head}
    if {"item", "less", "equal", "greater"} <= names:
        return "counts"
    if {"rater", "left", "right", "response"} <= names:
        return "long"
    if sum(_code(name) is not None for name in table.head) >= 2:
        return "wide"
    raise BadFile(
        "no form of survey that is known",
        where=f"{table.name}, line {table.head_line}",
        exists=f"Columns found: {', '.join(table.head)}",
        fix=f"Accepted forms: {FORMS}",
    )


def _code(text: str) -> str | None:
    try:
        return service(text).name
    except BadInput:
        return None


def _item(text: str, where: str) -> str:
    found = _code(text)
    if found is None:
        raise BadFile(
            f"{text!r} is no code", where=where, exists="Accepted: 63047, or a bundle as 22630+22840", fix="Correct it"
        )
    return found


def _column(table: Sheet, name: str) -> int:
    return [column.casefold() for column in table.head].index(name)


def _counts(table: Sheet, target: str) -> Survey:
    at = {name: _column(table, name) for name in ("item", "less", "equal", "greater")}
    rows: dict[str, tuple[int, int, int]] = {}
    for line, cells in table.rows:
        item = _item(cells[at["item"]], f"{table.name}, line {line}, column item")
        if item == target or item in rows:
            why = "is the target" if item == target else "is there twice"
            raise BadFile(f"{item} {why}", where=f"{table.name}, line {line}", fix="One row a comparator")
        less, equal, greater = (_count(table, line, cells, at, name) for name in ("less", "equal", "greater"))
        rows[item] = (less, equal, greater)
    pairs = Pairs(
        names=(target, *rows),
        left=(0,) * len(rows),
        right=tuple(range(1, len(rows) + 1)),
        less=tuple(float(c[0]) for c in rows.values()),
        equal=tuple(float(c[1]) for c in rows.values()),
        greater=tuple(float(c[2]) for c in rows.values()),
    )
    ignored = tuple(name for name in table.head if name.casefold() not in at)
    report = Report("counts", len(rows), None, (), (), (), (), ignored)
    return Survey(table.name, target, "", pairs, None, None, report, " ".join(table.remarks))


def _count(table: Sheet, line: int, cells: Sequence[str], at: Mapping[str, int], name: str) -> int:
    text = cells[at[name]].replace("\u00a0", "")
    if not (text.isascii() and text.isdigit()) or len(text) > 7:
        raise BadFile(
            f"{text!r} is no count",
            where=f"{table.name}, line {line}, column {name}",
            exists="Accepted: whole numbers from 0 to 9999999",
            fix="Give counts of respondents, not percentages",
        )
    return int(text)


def _coding(table: Sheet, cells: Sequence[tuple[int, str, str]]) -> Mapping[str, int]:
    """How this file writes answers: words always, and one of the two number codings. cells: (line, column, text)."""
    numbers = {text for _, _, text in cells if text in FROM_MINUS_ONE or text in FROM_ONE}
    zero, one = numbers & {"-1", "0"}, numbers & {"2", "3"}
    if zero and one:
        raise BadFile(
            f"numbers of two codings: {', '.join(sorted(numbers))}",
            where=table.name,
            exists="Accepted: -1 0 1 (less, equal, greater) or 1 2 3 (less, equal, greater)",
            fix="Use one of them throughout, or words",
        )
    if numbers == {"1"}:
        raise BadFile(
            "the only number is 1, which may mean less (1 2 3) or greater (-1 0 1)",
            where=table.name,
            fix="Write the answers as words: less, equal, greater",
        )
    known: Mapping[str, int] = {**WORDS, **(FROM_ONE if one else FROM_MINUS_ONE)}
    for line, column, text in cells:
        if text.casefold() not in known and text.casefold() not in MISSING:
            raise BadFile(
                f"{text!r} is no answer",
                where=f"{table.name}, line {line}, column {column}",
                exists=f"Accepted: {ACCEPTED}",
                fix="Correct the cell, or leave it empty",
            )
    return known


def _answer(text: str, known: Mapping[str, int]) -> int:
    return NONE if text.casefold() in MISSING else known[text.casefold()]


def _wide(table: Sheet, target: str) -> Survey:
    items = {i: name for i, column in enumerate(table.head) if (name := _code(column)) is not None}
    if target in items.values():
        raise BadFile(
            f"column {target} is the target", where=f"{table.name}, line {table.head_line}",
            fix="Each cell says how the target compares with its column: take this column out",
        )  # fmt: skip
    if len(set(items.values())) < len(items):
        raise BadFile("two columns are the same service", where=f"{table.name}, line {table.head_line}")
    lower = [name.casefold() for name in table.head]
    who = next((lower.index(name) for name in RESPONDENT if name in lower), None)
    stake = next((lower.index(name) for name in INTEREST if name in lower), None)
    known = _coding(table, [(line, table.head[i], cells[i]) for line, cells in table.rows for i in items])
    ids = [(line, cells[who] if who is not None else f"row {line}") for line, cells in table.rows]
    answers = np.array([[_answer(cells[i], known) for i in items] for _, cells in table.rows], dtype=np.int8)
    interest = None if stake is None else tuple(YES.get(cells[stake].casefold()) for _, cells in table.rows)
    used = {*items, who, stake}
    ignored = tuple(name for i, name in enumerate(table.head) if i not in used)
    names = (target, *items.values())
    left, right = (0,) * len(items), tuple(range(1, len(items) + 1))
    return _survey(table, target, "", names, left, right, answers, ids, interest, ignored, "wide")


def _long(table: Sheet, target: str, domain: str) -> Survey:
    at = {name: _column(table, name) for name in ("rater", "left", "right", "response")}
    rows, chosen = _domain(table, domain)
    known = _coding(table, [(line, "response", cells[at["response"]]) for line, cells in rows])
    names: dict[str, int] = {target: 0}
    pairs: dict[tuple[int, int], int] = {}
    raters: dict[str, int] = {}
    found: dict[tuple[int, int], int] = {}
    repeated: list[Note] = []
    for line, cells in rows:
        here = f"{table.name}, line {line}"
        if not cells[at["rater"]]:
            raise BadFile("no rater", where=f"{here}, column rater", fix="Give each respondent a name or number")
        a, b = (names.setdefault(_item(cells[at[s]], f"{here}, column {s}"), len(names)) for s in ("left", "right"))
        if a == b:
            raise BadFile("a service is compared with itself", where=here, fix="Take the row out")
        answer = _answer(cells[at["response"]], known)
        if (b, a) in pairs or b == 0:  # one direction a pair, the target on the left
            a, b, answer = b, a, answer if answer == NONE else -answer
        key = (raters.setdefault(cells[at["rater"]], len(raters)), pairs.setdefault((a, b), len(pairs)))
        if answer == NONE:
            found.setdefault(key, NONE)
        elif found.get(key, NONE) != NONE:
            same = "the same" if found[key] == answer else "another"
            repeated.append(
                Note(line, cells[at["rater"]], f"answered this pair before, with {same} answer: first kept")
            )
        else:
            found[key] = answer
    if not any(0 in pair for pair in pairs):
        raise BadFile(
            f"{target} is in no comparison", where=table.name, exists=f"Compared: {', '.join(list(names)[1:])}",
            fix="Give the target that the survey is about",
        )  # fmt: skip
    if len(raters) * len(pairs) > MOST_CELLS:
        raise BadFile(
            f"{len(raters):,} raters by {len(pairs):,} pairs", where=table.name, fix="Split the file, or give counts"
        )
    answers = np.full((len(raters), len(pairs)), NONE, dtype=np.int8)
    for (rater, pair), answer in found.items():
        answers[rater, pair] = answer
    first = {cells[at["rater"]]: line for line, cells in reversed(rows)}
    ids = [(first[rater], rater) for rater in raters]
    ignored = tuple(name for name in table.head if name.casefold() not in (*at, "domain"))
    left, right = tuple(a for a, _ in pairs), tuple(b for _, b in pairs)
    return _survey(
        table, target, chosen, tuple(names), left, right, answers, ids, None, ignored, "long", tuple(repeated)
    )


def _domain(table: Sheet, domain: str) -> tuple[list[tuple[int, tuple[str, ...]]], str]:
    """The rows of one domain, and its name. Raises BadInput where there are several and none is chosen."""
    if "domain" not in [name.casefold() for name in table.head]:
        if domain:
            raise BadInput(f"no column domain to find {domain!r} in", where=table.name)
        return list(table.rows), ""
    at = _column(table, "domain")
    held = list(dict.fromkeys(cells[at] for _, cells in table.rows))
    wanted = domain or (held[0] if len(held) == 1 else "")
    rows = [(line, cells) for line, cells in table.rows if cells[at].casefold() == wanted.casefold()]
    if not rows or (len(held) > 1 and not domain):
        what = f"no domain {domain!r}" if domain else f"{len(held)} domains and none chosen"
        raise BadInput(what, where=table.name, exists=f"Domains: {', '.join(held)}", fix="Choose one with --domain")
    return rows, wanted


def _survey(
    table: Sheet,
    target: str,
    domain: str,
    names: tuple[str, ...],
    left: tuple[int, ...],
    right: tuple[int, ...],
    answers: NDArray[np.int8],
    ids: Sequence[tuple[int, str]],
    interest: tuple[bool | None, ...] | None,
    ignored: tuple[str, ...],
    form: str,
    repeated: tuple[Note, ...] = (),
) -> Survey:
    """Exclusions and flags, then the answers counted by pair."""
    keep, excluded, incomplete, straight, duplicates = [], [], [], [], list(repeated)
    seen: dict[str, int] = {}
    for i, (line, who) in enumerate(ids):
        given = answers[i][answers[i] != NONE]
        if not given.size:
            excluded.append(Note(line, who, "no answer at all"))
            continue
        if who and who in seen:
            note = Note(line, who, f"respondent {who} was read on line {seen[who]}: this row is left out")
            excluded.append(note)
            duplicates.append(note)
            continue
        seen.setdefault(who, line)
        keep.append(i)
        if given.size < answers.shape[1]:
            incomplete.append(Note(line, who, f"{given.size} of {answers.shape[1]} comparisons answered"))
        if given.size >= 3 and (given == given[0]).all():
            straight.append(Note(line, who, f"one answer throughout ({_WORD[int(given[0])]}): kept"))
    if not keep:
        raise BadFile("nobody answered anything", where=table.name, fix=f"Accepted answers: {ACCEPTED}")
    kept = answers[keep]
    less, equal, greater = (tuple(float(n) for n in (kept == code).sum(axis=0)) for code in (LESS, EQUAL, GREATER))
    report = Report(
        form=form,
        rows=len(table.rows),
        respondents=len(keep),
        excluded=tuple(excluded),
        incomplete=tuple(incomplete),
        straight_lined=tuple(straight),
        duplicates=tuple(duplicates),
        ignored_columns=ignored,
    )
    stakes = None if interest is None else tuple(interest[i] for i in keep)
    pairs = Pairs(names, left, right, less, equal, greater)
    return Survey(table.name, target, domain, pairs, kept, stakes, report, " ".join(table.remarks))


_WORD = {LESS: "less", EQUAL: "equal", GREATER: "greater"}
