"""Medically unlikely edits: the most units of a code that CMS expects of one practitioner, patient and day.

The table of practitioner services alone. Each quarter has its own; the embedded rows are the family's.

>>> found = check_units("63048", 6, date(2026, 5, 1))
>>> found.status, found.limit.value, found.limit.quarter
('over-unless-appealed', 5, '2026B')
>>> check_units("63047", 1, date(2026, 5, 1)).status
'within'
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from openrvu.errors import BadInput
from openrvu.files import facts_folder, read_csv
from openrvu.tables import delimited, store
from openrvu.tables.store import Entry

# Adjudication indicator -> what it means for units above the limit, and the status of such a line.
MEANINGS = {
    1: ("each claim line is held to the limit; further lines with a fitting modifier may carry more", "over-on-a-line"),
    2: ("a limit for the whole day, by regulation or anatomy: no appeal raises it", "over-for-the-day"),
    3: ("a limit for the whole day: more can be paid on appeal, with proof of need", "over-unless-appealed"),
}


@dataclass(frozen=True)
class UnitLimit:
    """The limit of a code. quarter: the table's. current: whether that is the quarter of the date.

    value None: CMS publishes no limit for the code in that table. adjudication: 1, 2 or 3; words say what it means.
    rationale: CMS's reason, as printed.
    """

    code: str
    quarter: str
    current: bool
    value: int | None
    adjudication: int
    words: str
    rationale: str
    source: str


@dataclass(frozen=True)
class UnitsCheck:
    """Units of a code against its limit. status: within, over-on-a-line, over-for-the-day, over-unless-appealed,
    no-published-limit or not-held."""

    code: str
    units: int
    status: str
    words: str
    limit: UnitLimit | None

    @property
    def over(self) -> bool:
        """Whether the units exceed the limit."""
        return self.status.startswith("over")


def mue_of(code: str, on: date) -> UnitLimit | None:
    """The limit of a code on a date: of the newest table held that has begun; None where none is held for the code.

    A table of an earlier quarter says so: current is False.
    """
    quarter, entry = _table(on)
    if not quarter:
        return None
    current = delimited.starts(quarter) <= on <= delimited.ends(quarter)
    if entry:
        sql = "SELECT value, adjudication, rationale FROM read_parquet(?) WHERE hcpcs = ?"
        rows = store.query(sql, [str(store.home() / entry.file), code])
        if not rows:
            words = "CMS publishes no limit for this code; some limits are kept confidential"
            return UnitLimit(code, quarter, current, None, 0, words, "", entry.source)
        value, adjudication, rationale = rows[0]
        return UnitLimit(
            code, quarter, current, value, adjudication, MEANINGS[adjudication][0], rationale, entry.source
        )
    for row in read_csv(facts_folder() / "ncci" / "mue.csv"):
        if (row["code"], row["quarter"]) == (code, quarter):
            kind = int(row["adjudication"])
            words = MEANINGS[kind][0]
            return UnitLimit(code, quarter, current, int(row["value"]), kind, words, row["rationale"], row["source"])
    return None


def _table(on: date) -> tuple[str, Entry | None]:
    """The newest quarter held that has begun on a date, and its loaded table; a loaded one goes before an embedded."""
    folder = store.home()
    loaded = {e.release: e for e in _entries(store.manifest_text(folder)) if e.kind == "mue"}
    embedded = {row["quarter"] for row in read_csv(facts_folder() / "ncci" / "mue.csv")}
    begun = [quarter for quarter in {*loaded, *embedded} if delimited.starts(quarter) <= on]
    newest = max(begun, default="")
    return newest, loaded.get(newest)


@lru_cache(maxsize=4)
def _entries(manifest: str) -> tuple[Entry, ...]:
    return store.parse(manifest, store.home())


def check_units(code: str, units: int, on: date) -> UnitsCheck:
    """Units of a code on one line against its limit, in words. Raises BadInput for units below one."""
    if units < 1:
        raise BadInput(f"{units} units of {code}", fix="Units are one or more")
    limit = mue_of(code, on)
    if limit is None:
        words = f"no unit limit of {code} is held for {on.isoformat()}: load CMS's MUE table (`openrvu load FILE`)"
        return UnitsCheck(code, units, "not-held", words, None)
    if limit.value is None:
        return UnitsCheck(code, units, "no-published-limit", f"{code}: {limit.words}", limit)
    said = f"{code}: {units} of at most {limit.value} units a day (practitioners, quarter from "
    said += f"{delimited.starts(limit.quarter).isoformat()}{'' if limit.current else '; that of the date is not held'})"
    if units <= limit.value:
        return UnitsCheck(code, units, "within", said, limit)
    return UnitsCheck(code, units, MEANINGS[limit.adjudication][1], f"{said}: {limit.words}", limit)
