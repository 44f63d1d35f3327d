"""The tables that rules look up in, made of the facts that are held: whole numbers and texts, no nulls.

Each serves one row at a time from dictionaries, so that one price reads no more than it needs, and every row in order
for engines that join.

>>> from openrvu.facts import embedded
>>> tables = seeds(embedded())
>>> tables["calendar"].one((20250701,))["release"]
'2025C'
>>> tables["modifiers"].one(("50",))["bit"]
8
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from openrvu import params, units
from openrvu.errors import NotHeld, UnknownCode, UnknownPlace
from openrvu.facts import Facts
from openrvu.files import facts_folder, read_csv
from openrvu.releases import Release
from openrvu.rules.look import DATED, NEEDED
from openrvu.rules.modifiers import BITS, modifiers
from openrvu.rules.status import outcome
from openrvu.rules.steps import Seed
from openrvu.schemas import NATIONAL, Locality, Record

Row = Mapping[str, int | str]
# The row of a code and modifier within one release, or None.
Find = Callable[[str, str], Record | None]

_RVUS = ("work_rvu", "pe_nonfacility_rvu", "pe_facility_rvu", "mp_rvu")
_SHARES = ("preoperative", "intraoperative", "postoperative")
_OPPS = ("opps_pe_nonfacility_rvu", "opps_pe_facility_rvu", "opps_mp_rvu")
_INDICATORS = (
    "pctc",
    "global_days",
    "multiple",
    "bilateral",
    "assistant",
    "cosurgeon",
    "team",
    "endoscopic_base",
    "imaging_family",
)
_RECENT: dict[int, tuple[Facts, Mapping[str, Seed]]] = {}


def seeds(facts: Facts) -> Mapping[str, Seed]:
    """The seeds of these facts by name. Those of the facts used last are kept."""
    kept = _RECENT.get(id(facts))
    if kept is None or kept[0] is not facts:
        made = (
            *(_calendar(facts), _modifiers(), _stopped(facts), _relative_values(facts), _places(facts)),
            _table("ranks", ("multiple", "rank"), {"multiple": str, "rank": int, "percent": int, "later_percent": int}),
            _table("providers", ("provider",), {"provider": str, "percent": int, "starts": int}),
            *(_anesthesia(facts), _anesthesia_places(facts)),
            _mue(),
        )
        kept = _RECENT[id(facts)] = (facts, {seed.name: seed for seed in made})
        while len(_RECENT) > 4:
            del _RECENT[next(iter(_RECENT))]
    return kept[1]


def _seed(
    name: str,
    keys: tuple[str, ...],
    columns: Mapping[str, type],
    one: Callable[[tuple[Any, ...]], Row | None],
    every: Callable[[], Iterable[Row]],
) -> Seed:
    """A seed whose rows are remembered by their keys."""
    found: dict[tuple[Any, ...], Row | None] = {}

    def remembered(key: tuple[Any, ...]) -> Row | None:
        try:
            return found[key]
        except KeyError:
            row = found[key] = one(key)
            return row

    def rows() -> Iterator[tuple[int | str, ...]]:
        return (tuple(row[column] for column in columns) for row in every())

    return Seed(name, keys, columns, rows, remembered)


def _listed(name: str, keys: tuple[str, ...], columns: Mapping[str, type], listed: Callable[[], Iterable[Row]]) -> Seed:
    """A small seed, read whole when first asked."""

    @cache
    def by_key() -> Mapping[tuple[Any, ...], Row]:
        return {tuple(row[key] for key in keys): row for row in listed()}

    return _seed(name, keys, columns, lambda key: by_key().get(key), lambda: by_key().values())


def _table(name: str, keys: tuple[str, ...], columns: Mapping[str, type]) -> Seed:
    """A seed that is a file of `lookups/`."""

    def listed() -> Iterator[Row]:
        for row in read_csv(Path(__file__).parent / "lookups" / f"{name}.csv"):
            yield {column: kind(row[column]) for column, kind in columns.items()}

    return _listed(name, keys, columns, listed)


def _anesthesia(facts: Facts) -> Seed:
    """Base units of anesthesia codes by release: of a table that the user loaded, else those that are embedded."""
    columns: Mapping[str, type] = {"release": str, "hcpcs": str, "base_units": int}

    def one(key: tuple[str, str]) -> Row | None:
        try:
            count = facts.base_units(key[1], key[0]).units if key[0] else None
        except (NotHeld, UnknownCode):
            count = _embedded_units().get(key[1])
        return None if count is None else {"release": key[0], "hcpcs": key[1], "base_units": count}

    def every() -> Iterator[Row]:
        codes = dict.fromkeys(_embedded_units())
        for (kind, _), table in facts.others.items():
            codes |= {row["hcpcs"]: None for row in table.where()} if kind == "base-units" else {}
        yield from (row for release in facts.releases for code in codes if (row := one((release.id, code))))

    return _seed("anesthesia", ("release", "hcpcs"), columns, one, every)


@cache
def _embedded_units() -> Mapping[str, int]:
    rows = read_csv(Path(__file__).parent / "lookups" / "anesthesia.csv")
    return {row["hcpcs"]: int(row["base_units"]) for row in rows}


def _anesthesia_places(facts: Facts) -> Seed:
    """Anesthesia factors by release and locality, in cents as CMS prints them: of tables that the user loaded."""
    columns: Mapping[str, type] = {"release": str, "place": str, "factor_cents": int, "factor_qp_cents": int}

    def one(key: tuple[str, str]) -> Row | None:
        release, place = key
        if not release or place == NATIONAL.id or not any(kind == "anesthesia" for kind, _ in facts.others):
            return None
        try:
            found = [facts.anesthesia_factor(place, release, qp).value for qp in (False, True)]
        except (NotHeld, UnknownPlace):
            return None
        cents = [value * units.CENTS // units.CONVERSION_FACTOR for value in found]
        return {"release": release, "place": place, "factor_cents": cents[0], "factor_qp_cents": cents[1]}

    def every() -> Iterator[Row]:
        for release in facts.releases:
            places = facts.localities(release.id) if release.gpci else ()
            yield from (row for place in places if (row := one((release.id, place))))

    return _seed("anesthesia_places", ("release", "place"), columns, one, every)


def _mue() -> Seed:
    """Medically unlikely edits by release and code: empty, since none are held."""
    columns: Mapping[str, type] = {"release": str, "hcpcs": str, "units": int, "adjudication": int}
    return _seed("mue", ("release", "hcpcs"), columns, lambda _: None, tuple)


def _number(on: date) -> int:
    return on.year * 10_000 + on.month * 100 + on.day


def _date(number: int) -> date | None:
    try:
        return date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return None


def _calendar(facts: Facts) -> Seed:
    """A row a day on which a release is held: release, its GPCI table, both conversion factors, every parameter."""
    names = DATED
    columns: dict[str, type] = {
        "on": int,
        "rules_held": int,
        "release": str,
        "gpci": str,
        "conversion_factor": int,
        "conversion_factor_qp": int,
    }
    columns |= dict.fromkeys(names, int)

    def of(on: date, release: Release) -> Row | None:
        try:
            factors = [facts.conversion_factor(on, qp).value for qp in (False, True)]
        except NotHeld:
            return None
        row: dict[str, int | str] = {"on": _number(on), "release": release.id, "gpci": release.gpci}
        row |= {"conversion_factor": factors[0], "conversion_factor_qp": factors[1]}
        dated = {name: facts.parameters.get(name, _dated(name, on)) for name in names}
        row["rules_held"] = 0 if any(dated[name] is None for name in NEEDED) else 1
        return row | {name: value or 0 for name, value in dated.items()}

    def one(key: tuple[int]) -> Row | None:
        on = _date(key[0])
        release = on and next((held for held in facts.releases if held.covers(on)), None)
        return of(on, release) if on and release else None

    def every() -> Iterator[Row]:
        done = set()
        for release in facts.releases:
            for day in range((release.ends - release.starts).days + 1):
                on = release.starts + timedelta(day)
                if on not in done and (row := of(on, release)):
                    done.add(on)
                    yield row

    return _seed("calendar", ("on",), columns, one, every)


def _dated(name: str, on: date) -> int | None:
    """The value of a parameter on a date, None where none is held."""
    for row in _by_name()[name]:
        if row.starts <= on and (row.ends is None or on <= row.ends):
            return row.value
    return None


@cache
def _by_name() -> Mapping[str, list[params.Parameter]]:
    found: dict[str, list[params.Parameter]] = {}
    for row in params.rows():
        found.setdefault(row.name, []).append(row)
    return found


def _modifiers() -> Seed:
    def listed() -> Iterator[Row]:
        yield {"modifier": "", "bit": 0}
        for key in modifiers():
            yield {"modifier": key, "bit": BITS.get(key, 0)}

    return _listed("modifiers", ("modifier",), {"modifier": str, "bit": int}, listed)


def _stopped(facts: Facts) -> Seed:
    """The few codes with a row of their own for modifier 53."""

    def one(key: tuple[str, str]) -> Row | None:
        return {"release": key[0], "hcpcs": key[1]} if key[0] and facts.record(key[1], "53", key[0]) else None

    def every() -> Iterator[Row]:
        for release in facts.releases:
            for record in facts.table(release.id).everything():
                if record.modifier == "53":
                    yield {"release": release.id, "hcpcs": record.hcpcs}

    return _seed("stopped", ("release", "hcpcs"), {"release": str, "hcpcs": str}, one, every)


def _relative_values(facts: Facts) -> Seed:
    """The rows of each release. `pro_*`: RVUs of the professional part (that of the 26 row, where it has one).
    `base_*`: RVUs of the base code of an endoscopy family, as far as held."""
    columns: dict[str, type] = {"release": str, "hcpcs": str, "row_modifier": str, "letter": str, "outcome": str}
    columns |= dict.fromkeys((*_RVUS, *_SHARES, *_OPPS), int) | dict.fromkeys(_INDICATORS, str)
    columns |= dict.fromkeys((f"{part}_{name}" for part in ("pro", "base") for name in _RVUS), int)

    def of(record: Record, release: str, find: Find) -> Row:
        row: dict[str, int | str] = {"release": release, "hcpcs": record.hcpcs, "row_modifier": record.modifier}
        row |= {"letter": record.status, "outcome": outcome(record.status, record.zero)}
        row |= {name: getattr(record, name) or 0 for name in (*_RVUS, *_SHARES, *_OPPS)}
        row |= {name: getattr(record, name) for name in _INDICATORS}
        return row | _of("pro", _professional(record, find)) | _of("base", _base(record, find))

    def one(key: tuple[str, str, str]) -> Row | None:
        release, code, modifier = key
        record = facts.record(code, modifier, release) if release else None
        return of(record, release, lambda other, row: facts.record(other, row, release)) if record else None

    def every() -> Iterator[Row]:
        for release in facts.releases:
            # Read once, whole: a look-up a code would be thousands of them for a loaded release.
            rows = {(record.hcpcs, record.modifier): record for record in facts.table(release.id).everything()}
            find = partial(_within, rows)
            for record in rows.values():
                yield of(record, release.id, find)

    return _seed("relative_values", ("release", "hcpcs", "row_modifier"), columns, one, every)


def _within(rows: Mapping[tuple[str, str], Record], code: str, modifier: str) -> Record | None:
    return rows.get((code, modifier))


def _of(part: str, record: Record | None) -> dict[str, int]:
    return {f"{part}_{name}": getattr(record, name) if record else 0 for name in _RVUS}


# The indicator of a row that is technical through and through.
_TECHNICAL = "3"


def _professional(record: Record, find: Find) -> Record | None:
    if record.modifier == "TC" or record.pctc == _TECHNICAL:
        return None
    if record.modifier == "" and record.pctc == "1":
        return find(record.hcpcs, "26") or record
    return record


def _base(record: Record, find: Find) -> Record | None:
    return find(record.endoscopic_base, "") if record.endoscopic_base else None


def _places(facts: Facts) -> Seed:
    """The localities of each GPCI table, `national`, and the pairs of carrier and number that stand for another one."""
    columns: Mapping[str, type] = {"gpci": str, "place": str, "work_gpci": int, "pe_gpci": int, "mp_gpci": int}
    releases = {release.gpci: release.id for release in facts.releases if release.gpci}

    def of(gpci: str, place: str, found: Locality) -> Row:
        gpcis = {"work_gpci": found.work_gpci, "pe_gpci": found.pe_gpci, "mp_gpci": found.mp_gpci}
        return {"gpci": gpci, "place": place, **gpcis}

    def one(key: tuple[str, str]) -> Row | None:
        gpci, place = key
        if place == NATIONAL.id:
            return of(gpci, place, NATIONAL)
        if gpci not in releases:
            return None
        known = facts.localities(releases[gpci])
        found = known.get(place) or known.get(_aliases().get(place, ""))
        return of(gpci, place, found) if found else None

    def every() -> Iterator[Row]:
        for gpci in dict.fromkeys(["", *releases]):
            places = [NATIONAL.id, *(facts.localities(releases[gpci]) if gpci in releases else ()), *_aliases()]
            yield from (row for place in dict.fromkeys(places) if (row := one((gpci, place))))

    return _seed("places", ("gpci", "place"), columns, one, every)


@cache
def _aliases() -> Mapping[str, str]:
    rows = read_csv(facts_folder() / "locality_aliases.csv")
    return {f"{row['mac']}-{row['number']}": row["stands_for"] for row in rows}
