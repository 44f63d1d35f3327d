"""The audit of a published study against the facts held: the study's file, the work RVUs of every release, the audit.

>>> found = audit("lewandrowski-2024-62380", on=date(2026, 11, 23))
>>> found.claims[0].claim.value
'18.2464'
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from openrvu import holdings
from openrvu.answers import csv_text
from openrvu.facts import Facts
from openrvu.valuation.audit import audit as audit_study
from openrvu.valuation.found import Audit
from openrvu.valuation.held import anchors, codes_of
from openrvu.valuation.study import Study, read, study

GUARD_HEAD = ("about", "warning", "what", "what to do")


def audit(key: str, facts: Facts | None = None, *, release: str = "", on: date | None = None) -> Audit:
    """Audit a study that is held, by its id (upper or lower case).

    facts: default what is held. release: where the value would be used (default: the newest held). on: the audit's
    date. Raises BadInput for an unknown study, NotHeld for a release that is not held.
    """
    return _audited(study(key), facts, release, on)


def audit_file(path: Path, facts: Facts | None = None, *, release: str = "", on: date | None = None) -> Audit:
    """Audit a study of one's own, from its TOML file (docs/studies.md), as `audit`.

    Raises BadFile for a file that is none, with the line.
    """
    return _audited(read(path), facts, release, on)


def _audited(published: Study, facts: Facts | None, release: str, on: date | None) -> Audit:
    held = facts or holdings.current()
    use = held.release(release).id if release else ""
    return audit_study(published, anchors(held, codes_of(published)), use, on=on)


def sheet(found: Audit) -> str:
    """The warnings that fire, and the printed figures held against each other, as CSV, columns GUARD_HEAD."""
    rows = [(guard.about, guard.name, guard.words, guard.remedy) for guard in found.guards if guard.fired]
    rows += [("consistency", one.name, one.words, one.outcome) for one in found.checks]
    return csv_text(GUARD_HEAD, rows)
