"""Tables beside the fee schedule (hospital and surgical centre addenda, NCCI's edits) on their way into the store."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from openrvu import params, units
from openrvu.errors import BadFile, NotHeld
from openrvu.rules import facility
from openrvu.tables import asc, delimited, mue, opps
from openrvu.tables.opps import Addendum
from openrvu.tables.store import Entry, NewTable
from openrvu.tables.text import Text

if TYPE_CHECKING:
    from openrvu.tables.archive import Found
    from openrvu.tables.ptp import Part

KINDS = {
    "opps-a": "hospital outpatient payment groups (OPPS Addendum A)",
    "opps-b": "hospital outpatient rates by code (OPPS Addendum B)",
    "opps-d1": "hospital outpatient status indicators (OPPS Addendum D1)",
    "opps-p": "device offsets (OPPS Addendum P)",
    "asc-aa": "surgical centre rates of procedures (ASC Addendum AA)",
    "asc-bb": "surgical centre rates of other services (ASC Addendum BB)",
    "mue": "medically unlikely edits of practitioners (MUE)",
    "ptp": "procedure-to-procedure edits (NCCI PTP)",
}
_COLUMNS = {**opps.COLUMNS, "asc-aa": asc.COLUMNS, "asc-bb": asc.COLUMNS, "mue": mue.COLUMNS}
_KEYS = {**opps.KEYS, "asc-aa": "hcpcs", "asc-bb": "hcpcs", "mue": "hcpcs"}
# The conversion factor that the rates of a kind are weight times; a note says of how many it is true.
_FACTORS = {"opps-b": "opps_conversion_factor", "asc-aa": "asc_conversion_factor"}


def kind_of(text: Text) -> str:
    """One of KINDS (not ptp, which is never read whole), or empty."""
    try:
        for line in islice(delimited.lines(text), 40):
            found = opps.kind_of(line) or asc.kind_of(line) or ("mue" if mue.is_header(line) else "")
            if found:
                return found
    except BadFile:
        pass  # broken quotes in what is perhaps another kind's file: its own reader says so
    return ""


def table(kind: str, item: Found, asked: str) -> NewTable:
    """The table of a text, checked. asked: the year or quarter of --release. Raises BadFile."""
    found = _read(kind, item.text)
    if kind == "mue":
        said = [mue.quarter_says(name) for name in item.names]
    else:
        said = [delimited.span_said(text) for text in (" ".join(found.heads), *item.names)]
    key = delimited.span_of(said, asked, item.text.name)
    if kind == "mue" and len(key) < 5:
        raise BadFile(
            "nothing tells which quarter the edits are of", where=item.text.name, fix="Say it: `--release 2026B`"
        )
    entry = _entry(
        kind, key, item.text.name, item.text.sha256, len(found.rows), (*found.notes, *_by_weight(found, key))
    )
    return NewTable(entry, _COLUMNS[kind], found.rows, order=(_KEYS[kind],))


def _read(kind: str, text: Text) -> Addendum:
    if kind == "mue":
        return mue.read(text)
    return asc.read(text) if kind.startswith("asc") else opps.read(text, kind)


def _entry(kind: str, key: str, name: str, sha256: str, rows: int, notes: tuple[str, ...]) -> Entry:
    return Entry(
        kind=kind,
        release=key,
        file=f"{kind}-{key}-{uuid4().hex[:12]}.parquet",
        source_name=name,
        sha256=sha256,
        rows=rows,
        loaded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        notes=notes,
        checks=("cells", "keys"),
    )


def _by_weight(found: Addendum, key: str) -> tuple[str, ...]:
    """How many of the rates are weight times the conversion factor of the year, to the cent."""
    if found.kind not in _FACTORS:
        return ()
    try:
        factor = params.at(_FACTORS[found.kind], delimited.starts(key)).value
    except NotHeld:
        return ()
    both = [(row["weight"], row["rate"]) for row in found.rows if row["weight"] is not None and row["rate"] is not None]
    equal = sum(10 * facility.by_weight(int(weight), factor) == rate for weight, rate in both)
    shown = units.text(factor, units.CONVERSION_FACTOR, 3)
    return (f"{equal:,} of {len(both):,} rates are weight x {shown} to the cent",) if both else ()


def edits_in(paths: Sequence[Path]) -> tuple[list[Part], list[Path]]:
    """The parts of edits in what was brought, which are never read whole, and the files that hold none."""
    from openrvu.tables import ptp

    parts: list[Part] = []
    rest: list[Path] = []
    for path in paths:
        found = ptp.parts_of(path)
        parts.extend(found)
        if not found:
            rest.append(path)
    return parts, rest


def add_edits(tables: dict[tuple[str, str, str], NewTable], part: Part, asked: str) -> None:
    """Check a part and add it under quarter, whose edits and part. Raises BadFile, also for a part brought twice."""
    from openrvu.tables import ptp

    quarter, whose, number = ptp.name_says(f"{part.name} {part.zip}")
    if not whose:
        raise BadFile(
            "the name does not tell whose edits the file holds",
            where=part.name,
            exists="Named by CMS: ccipra-v321r0-f1 (practitioners, version 32.1, part 1), ccioph-... (hospitals)",
            fix="Keep the name that CMS gave it",
        )
    key = asked.strip().upper() or quarter
    if not re.fullmatch(r"20\d\d[A-D]", key):
        fix = "Keep the name that CMS gave it, or say it: `--release 2026B` for the second quarter"
        raise BadFile("nothing tells which quarter the edits are of", where=part.name, fix=fix)
    count, sha256 = ptp.checked(part)
    entry = _entry("ptp", f"{key}-{whose}-{number or 'f1'}", part.name, sha256, count, ())
    if entry.key in tables:
        raise BadFile(f"{entry.release} was brought twice", where=part.name, fix="Load each part once")
    tables[entry.key] = NewTable(entry, ptp.COLUMNS, ptp.Rows(part), order=ptp.ORDER)
