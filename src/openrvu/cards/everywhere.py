"""A code at every payment locality: its amount there, as a percentage of the national one, and its rank.

>>> found = everywhere("63047", on="2025-07-01")
>>> found.rows[0].locality, found.rows[0].percent, len(found.rows)
('13202-02', '124.10', 109)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from openrvu import answers, holdings, units
from openrvu.codes.families import plain_words
from openrvu.facts import Facts
from openrvu.pricing import Priced, price

SHEET = (
    *("rank", "locality", "name", "state", "work_gpci", "pe_gpci", "mp_gpci"),
    *("amount", "percent of national", "counties", "source"),
)


@dataclass(frozen=True)
class Spot:
    """A locality. rank: 1 pays most, equal amounts share one; None where the code has no amount. GPCIs x 10^3.

    percent: of the national amount, as text; empty where there is none. counties: as CMS lists them.
    """

    locality: str
    name: str
    state: str
    rank: int | None
    work_gpci: int
    pe_gpci: int
    mp_gpci: int
    amount_cents: int | None
    percent: str
    counties: str
    source: str


@dataclass(frozen=True)
class Everywhere:
    """A code at every locality of the release of a date, dearest first, or by number where it has no amount.

    national_cents: the amount with all GPCIs 1.000; None with `status` and `words` that say why. asked: the locality
    that was named, `national` where none was. leads: what must be said first.
    """

    code: str
    plain: str
    release: str
    on: date
    setting: str
    status: str
    words: str
    conversion_factor: str
    track: str
    national_cents: int | None
    asked: str
    rows: tuple[Spot, ...]
    leads: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    sources: tuple[str, ...]

    def spot(self, locality: str) -> Spot | None:
        """The row of a locality; None for the national amount."""
        return next((row for row in self.rows if row.locality == locality), None)


def everywhere(
    code: str,
    *,
    on: str | date | None = None,
    place: str = "national",
    setting: str = "facility",
    qualifying_apm: bool = False,
    facts: Facts | None = None,
) -> Everywhere:
    """Price a code at every locality. place: the one to mark. Arguments and errors as in `price`."""
    held = facts or holdings.current()
    asked = price(code, on=on, place=place, setting=setting, qualifying_apm=qualifying_apm, facts=held)
    national = _at(asked, "national", held)
    priced = [_at(asked, key, held) for key in sorted(held.localities(asked.release.id))]
    priced.sort(key=lambda one: -(one.amount_cents or 0))  # stable: equal amounts stay by number
    used = (*national.sources, *(one.locality.source for one in priced))
    return Everywhere(
        code=asked.line.code,
        plain=plain_words(asked.line.code),
        release=asked.release.id,
        on=asked.on,
        setting=setting,
        status=national.status,
        words=national.words,
        conversion_factor=units.text(national.conversion_factor.value, units.CONVERSION_FACTOR),
        track=national.conversion_factor.track,
        national_cents=national.amount_cents,
        asked=asked.locality.id,
        rows=tuple(_spot(one, priced, national) for one in priced),
        leads=asked.leads,
        notes=asked.notes,
        warnings=asked.warnings,
        sources=tuple(dict.fromkeys(used)),
    )


def _at(asked: Priced, place: str, facts: Facts) -> Priced:
    """The same line at another place."""
    line = asked.line
    return price(
        line.code, on=asked.on, place=place, setting=line.setting, qualifying_apm=line.qualifying_apm, facts=facts
    )


def _spot(one: Priced, all_of: list[Priced], national: Priced) -> Spot:
    place, paid = one.locality, one.amount_cents
    rank = None if paid is None else 1 + sum(other.amount_cents > paid for other in all_of if other.amount_cents)
    share = "" if paid is None or not national.amount_cents else units.ratio_text(paid, national.amount_cents, 2)
    return Spot(
        locality=place.id,
        name=place.name.strip(" *").title(),
        state=place.state,
        rank=rank,
        work_gpci=place.work_gpci,
        pe_gpci=place.pe_gpci,
        mp_gpci=place.mp_gpci,
        amount_cents=paid,
        percent=share,
        counties=place.counties.strip().title(),
        source=place.source,
    )


def foot_of(found: Everywhere) -> dict[str, str]:
    """The foot of its outputs."""
    return answers.foot(release=found.release, on=found.on, place=found.asked, setting=found.setting)


def sheet(found: Everywhere) -> str:
    """The localities as CSV, columns SHEET."""
    rows = [
        (
            *(row.rank or "", row.locality, row.name, row.state),
            *(units.text(value, units.GPCI) for value in (row.work_gpci, row.pe_gpci, row.mp_gpci)),
            "" if row.amount_cents is None else units.text(row.amount_cents, units.CENTS),
            *(row.percent, row.counties, row.source),
        )
        for row in found.rows
    ]
    return answers.csv_text(SHEET, rows)
