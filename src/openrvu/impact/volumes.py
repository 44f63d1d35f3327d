"""A practice's own volumes: a spreadsheet (CSV or workbook) or services typed as 63047x120, a line a service.

Columns, in any order and case: code; units (or volume, services, count); modifier, place, setting, payer where they
differ from line to line. No other column is read or kept: names and numbers of patients have no use here.

>>> [(line.code, line.modifier, line.units) for line in typed(["63047x120", "63030-50x8"])]
[('63047', '', 120), ('63030', '50', 8)]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openrvu.errors import BadFile, BadInput, OpenRVUError
from openrvu.pricing import SETTINGS, read_code, read_modifiers
from openrvu.tables.archive import contents
from openrvu.tables.text import Line, Text, csv_lines, place

NAMES: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "hcpcs", "cpt", "procedure"),
    "units": ("units", "volume", "services", "count"),
    "modifier": ("modifier", "mod", "modifiers"),
    "place": ("place", "locality"),
    "setting": ("setting",),
    "payer": ("payer",),
}
MOST_LINES = 2_000
MOST_UNITS = 10**7
_TYPED = re.compile(r"([A-Za-z0-9]{5})((?:-[A-Za-z0-9]{2})*)[xX*](\d{1,7})", re.ASCII)


@dataclass(frozen=True)
class Volume:
    """Services of one code in the time that the volumes are of. place, setting, payer: empty for the practice's own.

    line: of the file; 0 where it was typed.
    """

    code: str
    modifier: str
    units: int
    place: str = ""
    setting: str = ""
    payer: str = ""
    line: int = 0


def typed(services: Sequence[str]) -> tuple[Volume, ...]:
    """Volumes typed as CODE[-MODIFIER]xUNITS. Raises BadInput for any other text."""
    found = []
    for text in services:
        match = _TYPED.fullmatch(text.strip())
        if not match or not 0 < int(match[3]) <= MOST_UNITS:
            raise BadInput(
                f"{text[:40]!r} is no service with its volume", fix="Write code, modifier and volume as 63030-50x80"
            )
        modifier = "-".join(read_modifiers(match[2].lstrip("-")))
        found.append(Volume(read_code(match[1]), modifier, int(match[3])))
    return _bounded(tuple(found), "")


def read(path: Path) -> tuple[Volume, ...]:
    """The volumes of a file. Raises BadFile, naming the line and the column, for whatever cannot be read."""
    (first, *others) = contents(path)
    if others:
        raise BadFile(
            "there is more than one table in the file", where=path.name, fix="Keep the sheet of volumes alone"
        )
    return _bounded(tuple(_volumes(first.text)), path.name)


def _bounded(found: tuple[Volume, ...], where: str) -> tuple[Volume, ...]:
    if not found:
        raise BadInput("there are no volumes", where=where, fix="Give a line a service: code, units")
    if len(found) > MOST_LINES:
        fix = "Add up the lines of one code, place and payer; for single claims use `openrvu price-file`"
        raise BadInput(f"there are {len(found):,} lines of volumes", where=where, fix=f"At most {MOST_LINES:,}. {fix}")
    return found


def _volumes(text: Text) -> Iterator[Volume]:
    lines = (line for line in csv_lines(text) if any(cell.strip() for cell in line.cells))
    head = next(lines, None)
    if head is None:
        raise BadFile(
            "the file is empty", where=text.name, fix="A first line with code and units, then a line a service"
        )
    at = _columns(text, head)
    for line in lines:
        cells = {name: line.cells[i].strip() if i < len(line.cells) else "" for name, i in at.items()}
        if not re.fullmatch("(?i)total|sum", cells["code"]):
            yield _volume(text, line, cells)


def _columns(text: Text, head: Line) -> dict[str, int]:
    """Where each column stands. Raises BadFile where code or units lack, or one stands twice."""
    heads = [re.sub(r"[^a-z]", "", cell.lower()) for cell in head.cells]
    found: dict[str, int] = {}
    for name, words in NAMES.items():
        here = [i for i, word in enumerate(heads) if word in words]
        if len(here) > 1:
            raise BadFile(f"two columns may be {name}", where=place(text, head.number), fix=f"Keep one called {name}")
        if here:
            found[name] = here[0]
    for name in ("code", "units"):
        if name not in found:
            exists = f"Columns: {', '.join(cell[:30] for cell in head.cells[:12])}"
            raise BadFile(
                f"no column is called {name}", where=place(text, head.number), exists=exists, fix="Name it so"
            )
    return found


def _volume(text: Text, line: Line, cells: Mapping[str, str]) -> Volume:
    try:
        units = _whole(cells["units"])
        setting = {"office": "nonfacility", "non-facility": "nonfacility"}.get(
            cells.get("setting", "").lower(), cells.get("setting", "").lower()
        )
        if setting and setting not in SETTINGS:
            raise BadInput(f"no setting is called {setting[:30]!r}", exists=f"Settings: {', '.join(SETTINGS)}")
        code, modifier = read_code(cells["code"]), "-".join(read_modifiers(cells.get("modifier", "")))
    except OpenRVUError as fault:
        raise BadFile(fault.what, where=place(text, line.number), exists=fault.exists, fix=fault.fix) from None
    return Volume(code, modifier, units, cells.get("place", ""), setting, cells.get("payer", "").lower(), line.number)


def _whole(cell: str) -> int:
    """Units as a whole number above 0; spreadsheets add thousands separators and decimal zeros."""
    bare = re.sub(r"\.0+$", "", cell.replace(",", ""))
    if not bare.isascii() or not bare.isdigit() or not 0 < int(bare[:9]) <= MOST_UNITS or len(bare) > 8:
        raise BadInput(f"units {cell[:30]!r} is no whole number above 0", fix=f"From 1 to {MOST_UNITS:,}")
    return int(bare)
