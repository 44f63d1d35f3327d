"""Bundles of codes, and a RUC survey with the work RVUs of its reference services."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openrvu import holdings, units
from openrvu.errors import NotHeld
from openrvu.facts import Facts
from openrvu.routes.asked import release_of
from openrvu.valuation import ruc
from openrvu.valuation.held import anchors
from openrvu.valuation.ruc import RucSurvey
from openrvu.valuation.services import Part, missing, parts, service, with_roles


@dataclass(frozen=True)
class Bundle:
    """Codes done together. work_rvu x 10^4 by the bundle rule; parts: what each code adds and why."""

    service: str
    release: str
    work_rvu: int
    parts: tuple[Part, ...]
    sources: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data; RVUs are scaled whole numbers under names that the JSON encoder knows."""
        parts = [
            {"code": p.code, "count": p.count, "work_rvu": p.rvu, "counted_rvu": p.counted, "why": p.why}
            for p in self.parts
        ]
        return {
            "service": self.service,
            "release": self.release,
            "work_rvu": self.work_rvu,
            "parts": parts,
            "sources": list(self.sources),
        }


def bundle(text: str, facts: Facts | None = None, *, release: str = "") -> Bundle:
    """The work RVU of codes done together: first stand-alone code whole, further ones half, add-ons whole, B none.

    text: codes joined by +, units as 22614x2. Raises BadInput for text that is none, NotHeld naming codes not held.
    """
    held = facts or holdings.current()
    chosen = release_of(held, release)
    wanted = service(text)
    rvus = next(a for a in with_roles(anchors(held, [c for c, _ in wanted.codes])) if a.release == chosen.id)
    if absent := missing(wanted, rvus):
        raise NotHeld(
            f"{', '.join(absent)} is not held",
            where=f"release {chosen.id}",
            fix="Load the whole release with `openrvu load FILE`",
        )
    found = parts(wanted, rvus) or ()
    sources = (chosen.source, "lorio-2024")
    return Bundle(wanted.name, chosen.id, sum(part.counted for part in found), found, sources)


def ruc_survey(
    path: Path,
    target: str,
    facts: Facts | None = None,
    *,
    release: str = "",
    sent: int | None = None,
    volume: int | None = None,
    mapping: Path | None = None,
) -> RucSurvey:
    """A RUC survey from a file of any form that `surveydata` reads, reference services with their work RVU on the
    release."""
    from openrvu.surveydata.mapping import MAGNITUDES
    from openrvu.surveydata.reading import read
    from openrvu.surveydata.using import as_sheet, origin

    held = facts or holdings.current()
    chosen = release_of(held, release)
    given = read(path, mapping, kind=MAGNITUDES)
    table = as_sheet(given)
    works = {
        code: work / units.RVU for code in ruc.codes_in(table) if (work := held.work_rvu(code, chosen.id)) is not None
    }
    name = service(target).name
    behind = (*given.ignored, *origin(given).left_behind)
    return ruc.of_sheet(table, name, sent=sent, volume=volume, works=works, ignored=behind)
