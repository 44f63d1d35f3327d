"""How a code stands on a release: why it has no row or no amount, in words, and since when.

>>> from datetime import date
>>> from openrvu.facts import embedded
>>> facts = embedded()
>>> since(facts.record("62380", "", "2025D"), facts.release("2025D"), facts).isoformat()
'2020-01-01'
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from openrvu.codes.families import find_service
from openrvu.facts import Facts, require_held
from openrvu.releases import Release
from openrvu.rules.status import PAID_BY_RVU, outcomes, statuses
from openrvu.schemas import Record

# Statuses that only say that a row is missing: what is known of the code says more.
_OF_THE_ROW = ("no-record", "release-not-held", "place-unknown")


def absence(code: str, on: date, release: Release, facts: Facts) -> tuple[str, str, str]:
    """Status, words and successor of a code that a release as held has no row for."""
    known = find_service(code)
    if known and known.ended and known.ended < on:
        return "ended", f"{code} ended on {known.ended.isoformat()}.", known.successor
    if known and known.introduced and on < known.introduced:
        return "not-yet-introduced", f"{code} was introduced on {known.introduced.isoformat()}.", ""
    if known and not facts.ever(code):
        hospital = " Codes that begin with C are for hospital outpatient billing." if code.startswith("C") else ""
        return "not-on-schedule", f"{code} is in none of the releases of the fee schedule held.{hospital}", ""
    seen = facts.require(code)
    # The embedded rows of a release that was read whole prove absence only for the codes that were chosen from it.
    if not facts.table(release.id).whole and not (release.coverage == "whole" and facts.chosen(code)):
        raise require_held(release, facts.table(release.id), code, seen)
    if seen[0].starts > release.starts:
        return "not-yet-introduced", f"{code} first appears in release {seen[0].id} among those held.", ""
    if seen[-1].starts < release.starts:
        return "ended", f"{code} last appears in release {seen[-1].id} among those held.", ""
    return "no-record", f"Release {release.id} has no row for {code}, though others have.", ""


def since(record: Record, release: Release, facts: Facts) -> date | None:
    """First day of the unbroken run of held releases, up to this one, in which the row has the same status letter."""
    if not record.status:
        return None
    start: date | None = None
    for held in reversed([r for r in facts.releases if r.starts <= release.starts]):
        row = facts.record(record.hcpcs, record.modifier, held.id)
        if row is None or row.status != record.status:
            break
        start = held.starts
    return start


def words_of(row: Mapping[str, Any], facts: Facts) -> tuple[str, str, str, str]:
    """Status, words, how it is paid, and successor."""
    record: Record | None = row["record"]
    ruled = outcomes().get(row["status"])
    if ruled and row["status"] not in _OF_THE_ROW:
        return row["status"], ruled.words, ruled.how_paid, ""
    if record is None:
        other = facts.records(row["code"], row["held"].id)
        if other:
            rows = ", ".join(r.modifier or "global" for r in other)
            words = f"{row['code']} has no row for modifier {row['modifier'] or 'global'}; it has: {rows}."
            return "no-modifier-row", words, "", ""
        status, words, successor = absence(row["code"], row["day"], row["held"], facts)
        return status, words, "", successor
    if row["status"] == "priced":
        return "priced", f"Priced by {'base units and time' if record.status == 'J' else 'its RVUs'}.", "", ""
    if row["status"] == "status-unknown":
        words = "The table held for this release has no status letter, so whether its RVUs pay cannot be told."
        return "status-unknown", words, "", ""
    letter = statuses()[record.status]
    contractor = statuses()["C"]
    if record.status in PAID_BY_RVU:
        words = f"Status {record.status} with no RVUs: {letter.words}"
        return "no-rvus", words, contractor.how_paid, ""
    return row["status"], f"Status {record.status}: {letter.words}", letter.how_paid, ""
