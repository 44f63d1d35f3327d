"""A scenario over the services of a whole utilization file: spending, neutrality, who gains and who loses.

The same texts run on DuckDB and on Spark. Each distinct key of code, modifiers, place, setting and practitioner goes
through every rule of payment once before and once after; services are counted in thousandths and cents are whole, so
that sums are exact in any engine.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from openrvu import units
from openrvu.bulk import duck
from openrvu.facts import Facts, embedded
from openrvu.files import read_csv
from openrvu.impact import national_sql
from openrvu.impact.changed import Case, factor_of
from openrvu.impact.national_sql import OUTPUT
from openrvu.impact.neutrality import Neutrality, neutrality
from openrvu.impact.use import Use
from openrvu.rules.lines import TYPES
from openrvu.rules.modifiers import modifiers
from openrvu.rules.on_sql import query
from openrvu.rules.order import RULES
from openrvu.rules.plan import Plan, alone, folded, in_layers, make_plan
from openrvu.rules.seeds import seeds
from openrvu.rules.sql_text import render

# The seeds that a scenario can change.
CHANGED = ("relative_values", "stopped", "places", "calendar")

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Group:
    """Spending of one code, specialty, locality or setting. services: rounded. hidden: counts suppressed."""

    key: str
    services: int
    services_after: int
    before_cents: int
    after_cents: int
    change_cents: int
    percent: str
    hidden: int


@dataclass(frozen=True)
class LeftOut:
    """Services without a price: by status, with the charges that CMS allowed for them."""

    status: str
    codes: int
    services: int
    allowed_cents: int


@dataclass(frozen=True)
class National:
    """What a scenario does over a utilization file. before_cents, after_cents: allowed for the services that have a
    price, by our rules. reported_cents: what CMS says was allowed for them, in its own year. hidden: suppressed counts.

    by_*: every group. left_out: services without a price. engine: what computed it.
    """

    kind: str
    words: str
    year: int
    rows: int
    services: int
    services_compared: int
    before_cents: int
    after_cents: int
    change_cents: int
    reported_cents: int
    hidden: int
    by_code: tuple[Group, ...]
    by_specialty: tuple[Group, ...]
    by_locality: tuple[Group, ...]
    by_setting: tuple[Group, ...]
    left_out: tuple[LeftOut, ...]
    engine: str
    notes: tuple[str, ...]


class Engine(Protocol):
    """Where the texts run: DuckDB here, Spark in on_spark.py."""

    name: str

    def use(self, use: Use) -> None:
        """Give the rows of a utilization file the name use_rows."""
        ...

    def table(self, name: str, sql: str) -> None:
        """Make a table of a query in DuckDB's dialect."""
        ...

    def bring(self, name: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        """Make a small table of texts."""
        ...

    def price(self, name: str, facts: Facts, changed: tuple[str, ...] = ()) -> None:
        """Price the table `lines` with these facts into a table. changed: seeds that differ from those used last."""
        ...

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        ...


class OnDuckDB:
    """A connection with bounded memory in a folder of its own."""

    name = "duckdb"

    def __init__(self, made: DuckDBPyConnection, room: Path) -> None:
        self.made, self.room = made, room

    def use(self, use: Use) -> None:
        self.made.execute(f"CREATE OR REPLACE VIEW use_rows AS {use.text}")

    def table(self, name: str, sql: str) -> None:
        self.made.execute(f"CREATE OR REPLACE TABLE {name} AS {sql}")

    def bring(self, name: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        from openrvu.amounts import bring

        bring(self.made, name, dict.fromkeys(columns, "VARCHAR"), rows)

    def price(self, name: str, facts: Facts, changed: tuple[str, ...] = ()) -> None:
        held = seeds(facts)
        plan = plan_of(facts)
        used = duck.used_seeds(plan, held)
        # Only what changes from one pricing to the next is read again.
        again = {key: used[key] for key in used if not changed or key in changed}
        duck.load_seeds(self.made, again, self.room / "seeds")
        self.table(name, pricing_text())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.made.execute(sql).fetchall()
        return found


@cache
def pricing_text() -> str:
    """The query of the rules. It is the same for every facts: what differs is in the seeds."""
    plan = plan_of(embedded())
    used = duck.used_seeds(plan, seeds(embedded()))
    return render(query(in_layers(folded(plan, OUTPUT)), used, OUTPUT), "duckdb")


@contextmanager
def on_duckdb(memory: str = "2GB", threads: int = 2) -> Iterator[OnDuckDB]:
    """The engine of one machine."""
    with tempfile.TemporaryDirectory(prefix="openrvu-") as folder:
        room = Path(folder)
        with duck.connection(room / "spill", memory, threads) as made:
            made.execute("SET enable_progress_bar = false")
            yield OnDuckDB(made, room)


def plan_of(facts: Facts) -> Plan:
    """The rules for lines that no other line touches: each key is a service by itself."""
    return make_plan(alone(RULES), seeds(facts), TYPES)


def run(
    case: Case,
    use: Use,
    engine: Engine,
    *,
    qualifying_apm: bool = False,
    say: Callable[[str], None] = lambda _text: None,
) -> tuple[National, Neutrality]:
    """The scenario over the services of a file. Raises what the engine raises, in our words."""
    before, after = _alone(case.before, case), _alone(case.after, case)
    on = int(case.on.strftime("%Y%m%d"))
    say(f"reading {use.words}")
    by_zip = _lay_out(engine, case, before)
    engine.use(use)
    engine.table("summed", national_sql.summed(use.kind, by_zip))
    engine.table("cells", national_sql.cells(use.kind, by_zip, [name for name in modifiers() if name]))
    engine.table("keys", national_sql.keys())
    engine.table("lines", national_sql.lines(plan_of(before).inputs, TYPES, on, qualifying_apm))
    say("pricing")
    engine.price("priced_before", before)
    engine.price("priced_after", after, CHANGED)
    engine.table("effect", national_sql.effect(case.scenario.elasticity))
    sums = _sums(engine)
    rate = case.before.conversion_factor(case.on, qualifying_apm).value
    moved = neutrality(
        _cents(sums["plain_before"]),
        _cents(sums["plain_after"]),
        rate,
        case.on,
        national=case.before.table(case.release.id).whole and not case.scenario.factors,
        neutral=case.scenario.neutral,
    )
    if moved.adjusted and moved.conversion_factor_after:
        say("pricing with the conversion factor that follows")
        value = units.parse(moved.conversion_factor_after, units.CONVERSION_FACTOR)
        engine.price("priced_after", replace(after, factors=(factor_of(value, "all", case.on),)), ("calendar",))
        engine.table("effect", national_sql.effect(case.scenario.elasticity))
        sums = _sums(engine)
    return _found(engine, case, use, sums), moved


def _alone(facts: Facts, case: Case) -> Facts:
    """The facts with the baseline release alone: no engine needs the rows of the others."""
    return replace(facts, releases=(case.release,))


def _lay_out(engine: Engine, case: Case, facts: Facts) -> bool:
    """The small tables: codes and localities held, ZIP codes and states that lie in one, specialties that are no
    physicians. Returns whether there are ZIP codes."""
    places = facts.localities(case.release.id) if case.release.gpci else {}
    engine.bring("held_codes", ("hcpcs",), [(code,) for code in sorted(facts.table(case.release.id).codes())])
    engine.bring("known_places", ("place",), [(key,) for key in places])
    by_state: dict[str, list[str]] = {}
    for key, place in places.items():
        by_state.setdefault(place.state, []).append(key)
    engine.bring("state_places", ("state", "place"), [(s, keys[0]) for s, keys in by_state.items() if len(keys) == 1])
    zips = _zips(case, places)
    engine.bring("zip_places", ("zip", "place"), zips)
    path = Path(national_sql.__file__).parents[1] / "rules" / "lookups" / "specialties.csv"
    engine.bring("specialties", ("specialty", "provider"), [(r["specialty"], r["provider"]) for r in read_csv(path)])
    return bool(zips)


def _zips(case: Case, places: Mapping[str, object]) -> list[tuple[str, ...]]:
    """ZIP codes that lie in one locality, of the loaded table nearest to the date; none where none is loaded."""
    tables = {key: table for (kind, key), table in case.before.others.items() if kind == "zip5"}
    if not tables:
        return []
    table = tables[max([key for key in tables if key[:4] <= case.release.id[:4]] or tables)]
    found: dict[str, set[str]] = {}
    for row in table.where():
        found.setdefault(str(row["zip"]), set()).add(f"{row['mac']}-{row['number']}")
    return [(code, *keys) for code, keys in found.items() if len(keys) == 1 and keys <= set(places)]


def _sums(engine: Engine) -> dict[str, Decimal]:
    (row,) = engine.rows(national_sql.totals())
    names = ("plain_before", "plain_after", "before", "after", "services", "compared", "allowed", "allowed_compared")
    return {n: Decimal(v) for n, v in zip((*names, "hidden", "rows", "no_setting", "nationally"), row, strict=True)}


def _cents(thousandths: Decimal | int) -> int:
    """Thousandths of cents as cents, half up."""
    return units.half_up(int(thousandths), national_sql.MILLI)


def _dollars(amount: Decimal) -> int:
    """Exact dollars as cents, half up."""
    top, bottom = (Decimal(amount) * 100).as_integer_ratio()
    return units.half_up(top, bottom)


def _group(row: tuple[Any, ...]) -> Group:
    key, services, later, before, after, hidden = row
    old, new = _cents(before), _cents(after)
    return Group(
        key=str(key),
        services=_cents(services),
        services_after=_cents(later),
        before_cents=old,
        after_cents=new,
        change_cents=new - old,
        percent=units.ratio_text(new - old, old, 2) if old else "",
        hidden=int(hidden),
    )


def _groups(engine: Engine, by: str) -> tuple[Group, ...]:
    found = [_group(row) for row in engine.rows(national_sql.groups(by))]
    return tuple(sorted(found, key=lambda one: (-abs(one.change_cents), one.key)))


def _found(engine: Engine, case: Case, use: Use, sums: Mapping[str, Decimal]) -> National:
    left = tuple(
        LeftOut(str(status), int(codes), _cents(services), _dollars(allowed))
        for status, codes, services, allowed in engine.rows(national_sql.left_out())
    )
    before, after = _cents(sums["before"]), _cents(sums["after"])
    return National(
        kind=use.kind,
        words=use.words,
        year=use.year,
        rows=int(sums["rows"]),
        services=_cents(sums["services"]),
        services_compared=_cents(sums["compared"]),
        before_cents=before,
        after_cents=after,
        change_cents=after - before,
        reported_cents=_dollars(sums["allowed_compared"]),
        hidden=int(sums["hidden"]),
        by_code=_groups(engine, "code"),
        by_specialty=_groups(engine, "specialty"),
        by_locality=_groups(engine, "locality"),
        by_setting=_groups(engine, "setting"),
        left_out=left,
        engine=engine.name,
        notes=_notes(case, use, sums),
    )


def _notes(case: Case, use: Use, sums: Mapping[str, Decimal]) -> tuple[str, ...]:
    found = [f"{note[:1].upper()}{note[1:]}." for note in use.notes]
    table = case.before.table(case.release.id)
    if not table.whole:
        found.append(
            f"Of release {case.release.id} {len(table.codes()):,} codes are held, and services of all others have no "
            "price here: there is no national factor. Load the whole release."
        )
    if sums["hidden"]:
        found.append(
            f"{int(sums['hidden']):,} counts are suppressed: they are in no sum, and no zero was put for them."
        )
    if sums["nationally"]:
        found.append(
            f"{int(sums['nationally']):,} of {int(sums['rows']):,} rows tell no single locality and are priced at "
            "national GPCIs; CMS's ZIP5 table, loaded, places those with a ZIP code."
        )
    if sums["no_setting"]:
        found.append(f"{int(sums['no_setting']):,} rows tell no setting and are priced as in a facility.")
    if use.kind != "use-psps":
        found.append("The file has no modifiers of assistants: their lines are priced as the surgeon's.")
    found.append(
        f"Services are those of {use.year}, at the amounts of {case.on.isoformat()}: no trend of volume is put on "
        "them. Reductions of several services on one day are in neither sum."
    )
    return tuple(found)
