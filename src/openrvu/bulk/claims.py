"""What claims that are no table (X12 837P, FHIR) come to: rows of the columns below, and refusals without values.

Names, birth dates, member numbers and addresses go no further than the parser. The member number leaves it in one
form only: inside the keyed hash that tells which lines are of one session.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import TextIO, TypeAlias

from openrvu.errors import NotHeld, UnknownPlace
from openrvu.facts import Facts
from openrvu.files import read_csv
from openrvu.places import find_zip
from openrvu.rules import settings

# What a reader of claims gives. The last two are read only where a mapping names them.
COLUMNS = (
    *("line_id", "claim_id", "session", "on", "hcpcs", "m1", "m2", "m3", "m4", "place", "facility", "units", "charge"),
    *("minutes", "provider", "participating", "line_control", "place_of_service"),
)
# Lines of a session, by column of a CSV of the same claims: patient, group, specialty and date, in this order.
_SEPARATOR = "|"

Row: TypeAlias = tuple[str, int]
Problem: TypeAlias = tuple[str, str]


@dataclass
class Service:
    """One line of a claim as read. cells: by column. problems: field and reason; never a value.

    zip: of the place of service. taxonomy: of who did it. patient, group: for the session, and nowhere else.
    """

    cells: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    zip: str = ""
    taxonomy: str = ""
    patient: str = ""
    group: str = ""
    claim: int = 0


@dataclass
class Sink:
    """Where the lines of claims go: rows of `read` to one file, refusals to another.

    lines: how many service lines were met, refused ones included; the number of a line is its line_id. unnamed: lines
    whose claim names no patient. fault: the first that a file has, not a line.
    """

    rows: TextIO
    refusals: TextIO
    read: Sequence[str]
    key: str
    places: Places | None
    lines: int = 0
    written: int = 0
    unnamed: int = 0
    fault: tuple[Row, str] | None = None

    def __post_init__(self) -> None:
        self._row = csv.writer(self.rows, lineterminator="\n").writerow
        self._refusal = csv.writer(self.refusals, lineterminator="\n").writerow

    def take(self, row: Row, service: Service) -> None:
        """Write one line, or why it cannot be used."""
        self.lines += 1
        problems = [*service.problems, *_unwritable(service.cells)]
        cells = service.cells | {"line_id": str(self.lines), "provider": provider_of(service.taxonomy)}
        on = cells.get("on", "")
        if self.places and not problems:
            cells["place"], why = self.places.of(service.zip, on)
            problems += [("place", why)] if why else []
        if problems:
            for name, reason in problems:
                self.refuse(row, name, reason)
            return
        self.unnamed += not service.patient
        patient = service.patient or f"{row[0]}{_SEPARATOR}{service.claim}"
        cells["session"] = session_of(self.key, patient, service.group, service.taxonomy, on)
        self._row([*row, *(cells.get(name, "") for name in self.read)])
        self.written += 1

    def refuse(self, row: Row, name: str, reason: str) -> None:
        """Note why a row cannot be used."""
        self._refusal([*row, name, reason])

    def refuse_all(self, row: Row, reason: str) -> None:
        """Note why something cannot be read that may hold many lines."""
        self.refuse(row, "", reason)
        self.fault = self.fault or (row, reason)

    def mark(self) -> int:
        """Where the rows stand now."""
        return self.rows.tell()

    def take_back(self, mark: int, row: Row, reason: str) -> None:
        """Refuse every line that was written since a mark, or the row itself where there is none."""
        self.rows.flush()
        path = Path(self.rows.name)
        taken = 0
        with path.open(encoding="utf-8", newline="") as written:
            written.seek(mark)
            for name, number, *_ in csv.reader(iter(written.readline, "")):
                self.refuse((name, int(number)), "", reason)
                taken += 1
        self.rows.seek(mark)
        self.rows.truncate()
        self.written -= taken
        self.fault = self.fault or (row, reason)
        if not taken:
            self.refuse(row, "", reason)


def _unwritable(cells: Mapping[str, str]) -> list[Problem]:
    """Cells that no file of text can hold: a zero byte, or half of a pair of UTF-16."""
    return [
        (name, "holds no text")
        for name, cell in cells.items()
        if "\0" in cell or not (cell.isascii() or cell.isprintable())
    ]


def session_of(key: str, patient: str, group: str, specialty: str, on: str) -> str:
    """Which lines are ranked together, made unreadable: the same text as a CSV of the same claims gets.

    >>> session_of("key", "1", "2", "3", "2025-07-01") == session_of("key", "1", "2", "3", "20250701")
    True
    """
    text = _SEPARATOR.join((key, patient.strip(), group.strip(), specialty.strip(), on.replace("-", "")[:8]))
    return hashlib.md5(text.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()


@dataclass
class Places:
    """Localities by ZIP code of the place of service, each looked up once for a quarter."""

    facts: Facts
    known: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not any(kind == "zip5" for kind, _ in self.facts.others):
            raise NotHeld(
                "claims name the place of service by its ZIP code, and no ZIP table is held",
                fix="Load CMS's ZIP5 (`openrvu load FILE`), or name one locality for all lines: a --mapping file with "
                '[constants] place = "15202-00", or "national"',
            )

    def of(self, code: str, on: str) -> tuple[str, str]:
        """The locality, or why there is none. A day that is no date gives the national one: the line is refused."""
        day = day_of(on)
        if day is None:
            return "national", ""
        zip_code = code.strip()[:5]
        if len(zip_code) != 5 or not zip_code.isdecimal() or not zip_code.isascii():
            return "", "no ZIP code of the place of service"
        asked = zip_code, on[:6]
        if asked not in self.known:
            self.known[asked] = self._looked_up(zip_code, day)
        return self.known[asked]

    def _looked_up(self, zip_code: str, day: date) -> tuple[str, str]:
        try:
            release = self.facts.release_on(day)
        except NotHeld:
            release = self.facts.newest()
        try:
            return find_zip(zip_code, release.id, self.facts, day).locality.id, ""
        except UnknownPlace:
            if self.facts.zip_areas(zip_code, day):
                return "", "the ZIP code of the place of service lies in more than one locality, or in none of the day"
            return "", "the ZIP code of the place of service is not in the ZIP table held"


def day_of(text: str) -> date | None:
    """A date as 20250701 or 2025-07-01..., or None.

    >>> day_of("20250701"), day_of("2025-07-01T10:00:00Z"), day_of("2025-07"), day_of("20250230")
    (datetime.date(2025, 7, 1), datetime.date(2025, 7, 1), None, None)
    """
    digits = text[:10].replace("-", "")
    if len(digits) != 8 or not digits.isdecimal() or not digits.isascii():
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def setting_of(place: str) -> tuple[str, list[Problem]]:
    """Whether a place of service is a facility, as the text of a flag, and what is wrong with it.

    >>> setting_of("22"), setting_of("11"), setting_of("")
    (('1', []), ('0', []), ('', [('facility', 'no place of service')]))
    """
    if not place:
        return "", [("facility", "no place of service")]
    found = settings.places_of_service().get(place)
    if found is None:
        return "", [("facility", "no place of service whose setting is held")]
    return "1" if found else "0", []


@cache
def _taxonomies() -> Mapping[str, str]:
    path = Path(settings.__file__).parent / "lookups" / "taxonomies.csv"
    return {row["taxonomy"]: row["provider"] for row in read_csv(path)}


def provider_of(taxonomy: str) -> str:
    """The kind of practitioner by the beginning of a taxonomy code; empty for a physician and for none.

    >>> provider_of("363LF0000X"), provider_of("367500000X"), provider_of("207T00000X"), provider_of("")
    ('NP', 'CRNA', '', '')
    """
    held = _taxonomies()
    return next((held[taxonomy[:end]] for end in range(len(taxonomy), 3, -1) if taxonomy[:end] in held), "")


def described(row: int, name: str, elements: Mapping[str, str], items: int) -> tuple[int, str]:
    """Line and field of a refusal as a user finds them: the element that gives the field, and the item of a resource.

    items: how many rows a line of the file takes; 1 where a row is a line.

    >>> described(3 * 100 + 2, "units", {"units": "quantity"}, 100)
    (3, 'item 2 units (quantity)')
    """
    line, item = divmod(row, items) if items > 1 else (row, 0)
    shown = f"{name} ({elements[name]})" if name in elements else name
    return line, " ".join(part for part in (f"item {item}" if item else "", shown) if part)
