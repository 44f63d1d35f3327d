"""What is known: figures that the package ships, each row with its source, and the one object that hands them out.

The folder holds CSV and TOML beside this file: `rvu/` (a table a release), `gpci/`, `localities/`,
`conversion_factors.csv`, `families/`, `studies/`, `evidence/`, `statements/`, `utilization/`. `Facts` serves them by
release, date and place; a release that a user has loaded replaces the embedded one whole (see holdings.py).

>>> facts = embedded()
>>> facts.record("63047", "", "2025D").work_rvu
153700
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any, Protocol

from openrvu import releases, units
from openrvu.errors import NotHeld, UnknownCode, UnknownPlace
from openrvu.files import facts_folder, read_csv
from openrvu.releases import Release
from openrvu.schemas import (
    NATIONAL,
    AnesthesiaFactor,
    BaseUnits,
    ConversionFactor,
    Locality,
    Record,
    ZipArea,
    record_from_text,
)


class RvuTable(Protocol):
    """The relative values of one release, whoever keeps them: the package's CSV or a loaded Parquet file.

    origin: "embedded" or "loaded". whole: whether every code of the release is in it.
    """

    @property
    def origin(self) -> str: ...

    @property
    def whole(self) -> bool: ...

    def records(self, code: str) -> tuple[Record, ...]:
        """All modifier rows of a code, the global row first; empty where the table has none."""
        ...

    def codes(self) -> frozenset[str]:
        """Every code in the table."""
        ...

    def everything(self) -> tuple[Record, ...]:
        """Every row, by code and modifier."""
        ...


@dataclass(frozen=True)
class EmbeddedTable:
    """One release's rows from `facts/rvu/<release>.csv`."""

    rows: Mapping[str, tuple[Record, ...]]
    origin: str = "embedded"
    whole: bool = False

    def records(self, code: str) -> tuple[Record, ...]:
        return self.rows.get(code, ())

    def codes(self) -> frozenset[str]:
        return frozenset(self.rows)

    def everything(self) -> tuple[Record, ...]:
        return tuple(row for code in sorted(self.rows) for row in self.rows[code])


class KeyedTable(Protocol):
    """A table that a user loaded, other than relative values and GPCIs: rows asked by the values of some columns."""

    @property
    def release(self) -> str: ...

    @property
    def source(self) -> str: ...

    def where(self, **wanted: str) -> tuple[Mapping[str, Any], ...]:
        """The rows that have these values, as column name to text or whole number."""
        ...


class _WhenAsked(Mapping[str, tuple[Record, ...]]):
    """Rows of text by code, made into records when a code is asked for: one price needs one code of each release."""

    def __init__(self, text: Mapping[str, list[dict[str, str]]]) -> None:
        self._text, self._made = text, dict[str, tuple[Record, ...]]()

    def __getitem__(self, code: str) -> tuple[Record, ...]:
        if code not in self._made:
            rows = sorted(self._text[code], key=lambda row: row["modifier"])
            self._made[code] = tuple(record_from_text(row) for row in rows)
        return self._made[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._text)

    def __len__(self) -> int:
        return len(self._text)


@cache
def _embedded_table(release_id: str) -> EmbeddedTable:
    text: dict[str, list[dict[str, str]]] = {}
    for row in read_csv(facts_folder() / "rvu" / f"{release_id}.csv"):
        text.setdefault(row["hcpcs"], []).append(row)
    return EmbeddedTable(_WhenAsked(text))


@cache
def _localities(gpci_id: str, counties_id: str) -> Mapping[str, Locality]:
    counties = {
        (row["mac"], row["number"]): row for row in read_csv(facts_folder() / "localities" / f"{counties_id}.csv")
    }
    found: dict[str, Locality] = {}
    for row in read_csv(facts_folder() / "gpci" / f"{gpci_id}.csv"):
        area = counties.get((row["mac"], row["number"]), {})
        locality = Locality(
            mac=row["mac"],
            number=row["number"],
            name=row["name"],
            state=row["state"] or area.get("state", ""),
            work_gpci=units.parse(row["work_gpci"], units.GPCI),
            pe_gpci=units.parse(row["pe_gpci"], units.GPCI),
            mp_gpci=units.parse(row["mp_gpci"], units.GPCI),
            counties=area.get("counties", ""),
            source=row["source"],
        )
        found[locality.id] = locality
    return found


@cache
def _conversion_factors() -> tuple[ConversionFactor, ...]:
    return tuple(
        ConversionFactor(
            starts=date.fromisoformat(row["starts"]),
            ends=date.fromisoformat(row["ends"]) if row["ends"] else None,
            track=row["track"],
            value=units.parse(row["value"], units.CONVERSION_FACTOR),
            source=row["source"],
        )
        for row in read_csv(facts_folder() / "conversion_factors.csv")
    )


@cache
def locality_aliases() -> Mapping[str, str]:
    """Localities under a carrier that no GPCI file has, and the one that each stands for, cited in the file."""
    rows = read_csv(facts_folder() / "locality_aliases.csv")
    return {f"{row['mac']}-{row['number']}": row["stands_for"] for row in rows}


@dataclass(frozen=True)
class Facts:
    """Everything that a price or a valuation looks up. Immutable; `with_loaded` returns a copy.

    releases: what is held, oldest first. loaded: relative values by release id that a user brought.
    loaded_localities: GPCI tables by id that a user brought. others: the other tables that a user brought, by kind
    (locco, anesthesia, base-units, zip5, oppscap, payment) and release; of payment files by release and name.
    factors, parameters: of a what-if, in place of the conversion factors and the dated scalars of the rules.
    """

    releases: tuple[Release, ...]
    loaded: Mapping[str, RvuTable] = field(default_factory=dict)
    loaded_localities: Mapping[str, Mapping[str, Locality]] = field(default_factory=dict)
    others: Mapping[tuple[str, str], KeyedTable] = field(default_factory=dict)
    factors: tuple[ConversionFactor, ...] = ()
    parameters: Mapping[str, int] = field(default_factory=dict)

    def with_loaded(
        self,
        found: Mapping[Release, RvuTable],
        localities: Mapping[str, Mapping[str, Locality]] | None = None,
    ) -> Facts:
        """A copy in which each loaded release stands in place of the embedded one of the same id, whole."""
        by_id = {r.id: r for r in self.releases} | {r.id: r for r in found}
        return replace(
            self,
            releases=tuple(sorted(by_id.values(), key=lambda r: (r.starts, r.id))),
            loaded={**self.loaded, **{r.id: table for r, table in found.items()}},
            loaded_localities={**self.loaded_localities, **(localities or {})},
        )

    def release_on(self, on: date) -> Release:
        """The held release in force on a date of service. Raises NotHeld, naming the nearest."""
        return releases.on_date(on, self.releases)

    def release(self, key: str) -> Release:
        """The held release of this id. Raises NotHeld with the ids that exist."""
        return releases.named(key, self.releases)

    def newest(self) -> Release:
        """The newest release held."""
        return self.releases[-1]

    def until(self, on: date | None) -> Facts:
        """The facts as they stood on a date: without releases that began later. None leaves them as they are.

        Raises NotHeld for a date before every release held.
        """
        if on is None:
            return self
        kept = tuple(release for release in self.releases if release.starts <= on)
        if not kept:
            self.release_on(on)  # raises, and names the nearest
        return replace(self, releases=kept)

    def table(self, release_id: str) -> RvuTable:
        """The relative values of a held release: the user's own where loaded, else the embedded ones."""
        held = self.release(release_id)
        return self.loaded.get(held.id) or _embedded_table(held.id)

    def records(self, code: str, release_id: str) -> tuple[Record, ...]:
        """All modifier rows of a code on a release; empty where it has none."""
        return self.table(release_id).records(code)

    def record(self, code: str, modifier: str, release_id: str) -> Record | None:
        """The row of a code and modifier (empty, 26, TC, 53) on a release, or None."""
        return next((row for row in self.records(code, release_id) if row.modifier == modifier), None)

    def work_rvu(self, code: str, release_id: str) -> int | None:
        """Work RVU x 10^4 of the global row, or None where the release as held has no row."""
        row = self.record(code, "", release_id)
        return None if row is None else row.work_rvu

    def ever(self, code: str) -> tuple[Release, ...]:
        """The held releases, oldest first, that have a row for the code."""
        return tuple(r for r in self.releases if self.records(code, r.id))

    def chosen(self, code: str) -> bool:
        """Whether the code is one of those that the package ships of every release that has them.

        Of such a code, no row in a release that was read whole means that CMS's file has none.
        """
        return bool(embedded().ever(code))

    def require(self, code: str) -> tuple[Release, ...]:
        """Like `ever`, but raises UnknownCode with close codes when no held release has the code."""
        if found := self.ever(code):
            return found
        from difflib import get_close_matches

        codes = sorted(self.table(self.newest().id).codes())
        close = get_close_matches(code, codes, n=4, cutoff=0.7)
        raise UnknownCode(
            f"{code} is in none of the {len(self.releases)} releases held",
            exists=f"{self.newest().id} has {len(codes):,} codes" + (f"; close: {', '.join(close)}" if close else ""),
            fix="Check the code. Codes outside the embedded families need CMS's whole file: "
            + releases.way_to(self.newest().id),
        )

    def localities(self, release_id: str) -> Mapping[str, Locality]:
        """The localities of a release by id (MAC-number), GPCIs with the work floor as published."""
        held = self.release(release_id)
        if not held.gpci:
            fix = f"CMS's zip has them: {releases.way_to(held.id)}"
            raise NotHeld(f"no GPCIs are held for release {held.id}", fix=fix)
        return self.loaded_localities.get(held.gpci) or _localities(held.gpci, held.localities)

    def locality(self, key: str, release_id: str) -> Locality:
        """One locality by id (`15202-00`), or the national one (`national`). Raises UnknownPlace."""
        if key == "national":
            return NATIONAL
        try:
            return self.localities(release_id)[key]
        except KeyError:
            raise UnknownPlace(
                f"no locality {key!r}",
                where=f"release {release_id}",
                exists=f"{len(self.localities(release_id))} localities, written MAC-number as in 15202-00",
                fix="`openrvu places` lists them",
            ) from None

    def conversion_factor(self, on: date, qualifying_apm: bool = False) -> ConversionFactor:
        """The conversion factor on a date. From 2026 there are two: for qualifying APM participants and for others.

        Raises NotHeld for a date without one.
        """
        wanted = {"all", "QP" if qualifying_apm else "nonQP"}
        for row in (*self.factors, *_conversion_factors()):
            if row.track in wanted and row.starts <= on and (row.ends is None or on <= row.ends):
                return row
        raise NotHeld(f"no conversion factor is held for {on.isoformat()}", fix="Choose a later date")

    def counties(self, release_id: str) -> tuple[Mapping[str, str], ...]:
        """The county table of a release, one row a locality: mac, number, state, area, counties.

        The user's own of the year where one is loaded, else the embedded one.
        """
        held = self.release(release_id)
        if keys := [key for kind, key in self.others if kind == "locco" and key[:4] == held.id[:4]]:
            return self.others["locco", max(keys)].where()
        return tuple(read_csv(facts_folder() / "localities" / f"{held.localities}.csv"))

    def anesthesia_factor(self, place: str, release_id: str, qualifying_apm: bool = False) -> AnesthesiaFactor:
        """The anesthesia conversion factor of a locality (`15202-00`) on a release, from a table that a user loaded.

        The table of the release itself, else the last one before it of the same year, as long as the fee schedule's
        own conversion factor was the same. Raises NotHeld where there is none, UnknownPlace for another locality.
        """
        held = self.release(release_id)
        keys = sorted(key for kind, key in self.others if kind == "anesthesia")
        of_year = [key for key in keys if key[:4] == held.id[:4] and key <= held.id]
        rate = self.conversion_factor(held.starts).value
        table = self.others["anesthesia", of_year[-1]] if of_year else None
        if not table or self.conversion_factor(releases.starts_of(table.release)).value != rate:
            raise NotHeld(
                f"no anesthesia conversion factors are held for release {held.id}",
                exists=f"Held: {', '.join(keys)}" if keys else "",
                fix=f"CMS's zip has them (ANES): {releases.way_to(held.id)}",
            )
        mac, _, number = place.partition("-")
        tracks = {row["track"]: row for row in table.where(mac=mac, number=number)}
        row = tracks.get("all") or tracks.get("QP" if qualifying_apm else "nonQP")
        if not row:
            raise UnknownPlace(
                f"no anesthesia conversion factor of {place!r}",
                where=f"release {table.release}",
                fix="Name a locality by number, as in 15202-00: `openrvu places` lists them",
            )
        return AnesthesiaFactor(place, row["track"], row["value"], row["national"], table.release, table.source)

    def base_units(self, code: str, release_id: str) -> BaseUnits:
        """The anesthesia base units of a code, from the newest table that a user loaded, those of later years left out.

        CMS publishes a table when base units change, so an older one holds on; its year is in the answer. Raises
        NotHeld where no table is loaded, UnknownCode for a code that it does not have.
        """
        held = self.release(release_id)
        found = [table for (kind, key), table in self.others.items() if kind == "base-units" and key[:4] <= held.id[:4]]
        if not found:
            fix = "`openrvu load FILE` with CMS's table of anesthesia base units"
            raise NotHeld(f"no anesthesia base units are held for {held.id[:4]}", exists="", fix=fix)
        table = max(found, key=lambda one: one.release)
        for row in table.where(hcpcs=code):
            return BaseUnits(code, row["units"], int(table.release[:4]), table.source)
        raise UnknownCode(
            f"{code} is not among the {len(table.where())} anesthesia codes of {table.release[:4]}",
            fix="Check the code: anesthesia codes are 00100 to 01999",
        )

    def zip_areas(self, zip_code: str, on: date) -> tuple[ZipArea, ...]:
        """The localities of a five-digit ZIP code, from the loaded ZIP table whose quarter is nearest to a date.

        Empty where that table has no such ZIP code. Raises NotHeld where no table is loaded.
        """
        tables = {key: table for (kind, key), table in self.others.items() if kind == "zip5"}
        if not tables:
            raise NotHeld(
                f"{zip_code} looks like a ZIP code, and no ZIP table is held",
                fix="Load CMS's ZIP5 (Zip Code to Carrier Locality File): `openrvu load ZIP5_OCT2025.txt`; or type the "
                "state, the county (`Cook, IL`) or the locality (`06102-16`)",
            )
        wanted = releases.quarter(on)
        table = tables.get(wanted) or tables[min(tables, key=lambda key: abs((releases.starts_of(key) - on).days))]
        return tuple(
            ZipArea(
                zip=row["zip"],
                state=row["state"],
                mac=row["mac"],
                number=row["number"],
                rural=row["rural"],
                split=row["split"] == "yes",
                quarter=table.release,
                source=table.source,
            )
            for row in table.where(zip=zip_code)
        )


@cache
def embedded() -> Facts:
    """The facts that ship with the package, and nothing a user has loaded."""
    return Facts(releases=releases.known())


def require_held(release: Release, table: RvuTable, code: str, seen: tuple[Release, ...] = ()) -> NotHeld:
    """The error for a code that a release as held does not have: an extract is no proof of absence.

    seen: the held releases that have it, oldest first.
    """
    last = f", up to {seen[-1].ends.isoformat()}" if seen else ""
    span = f"release {seen[0].id}" if len(seen) == 1 else f"releases {seen[0].id} to {seen[-1].id}" if seen else ""
    return NotHeld(
        f"{code} is not among the {len(table.codes()):,} codes held of release {release.id}",
        exists=f"Held of {code}: {span}{last}" if seen else "",
        fix=f"Get the whole release: {releases.way_to(release.id)}"
        + (", or choose a date that is held" if seen else ""),
    )
