"""The texts of a national simulation, in DuckDB's dialect, of plain joins and sums: Spark runs the same, by sqlglot.

use_rows  rows of a utilization file       summed  the same, summed by the columns that its kind has
cells     services by code, modifiers, place, setting, specialty
lines     one line for the rules a key     effect  cells with both prices
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from openrvu.rules.lines import LINE
from openrvu.tables.use_sql import quoted

KEYS = ("hcpcs", "m1", "m2", "place", "facility", "provider")
# Names that the file gives the buildings of surgical centres: their lines are no physician's.
BUILDINGS = ("Ambulatory Surgical Center", "49")
OUTPUT = ("line_id", "status", "fee_cents", "tests_cents", "capped_cents", "allowed_cents")
BY = {"code": "hcpcs", "specialty": "specialty", "locality": "place", "setting": "setting"}
MILLI = 1_000
# The columns of each kind of file that a simulation tells services apart by, and those that only a price needs.
GROUPED: Mapping[str, tuple[str, ...]] = {
    "use-provider": ("hcpcs", "facility", "specialty", "state"),
    "use-geography": ("hcpcs", "facility"),
    "use-national": ("hcpcs", "m1"),
    "use-psps": ("hcpcs", "facility", "m1", "m2", "specialty", "place"),
}
APART = ("m1", "m2", "specialty", "state", "place")


def summed(kind: str, by_zip: bool) -> str:
    """The rows of a file summed once, by the columns that its kind has.

    Specialty, state, place and modifiers are kept apart only where the release has the code: others have no price that
    they could change. by_zip: whether there are ZIP codes that lie in one locality.
    """
    columns = GROUPED[kind]
    shown = [
        f"CASE WHEN h.hcpcs IS NULL THEN '' ELSE u.{c} END AS {c}" if c in APART else f"u.{c} AS {c}" for c in columns
    ]
    zips = by_zip and "state" in columns
    shown += ["CASE WHEN h.hcpcs IS NULL THEN '' ELSE z.place END AS zip_place"] if zips else []
    wanted = ["u.level = 'national'"] if kind == "use-geography" else []
    if "specialty" in columns:
        wanted.append(f"(u.specialty IS NULL OR u.specialty NOT IN ({', '.join(map(quoted, BUILDINGS))}))")
    allowed = "u.charges" if kind in ("use-national", "use-psps") else "u.services * u.average"
    numbers = ", ".join(str(number + 1) for number in range(len(shown)))
    return f"""
SELECT {", ".join(shown)}, sum(u.services) AS services, CAST(sum({allowed}) AS DECIMAL(38,12)) AS allowed,
  count(CASE WHEN u.suppressed THEN 1 END) AS hidden, count(*) AS rows_read
FROM use_rows u LEFT JOIN held_codes h ON h.hcpcs = u.hcpcs {"LEFT JOIN zip_places z ON z.zip = u.zip" if zips else ""}
{"WHERE " + " AND ".join(wanted) if wanted else ""} GROUP BY {numbers}
"""


def cells(kind: str, by_zip: bool, modifiers: Sequence[str]) -> str:
    """Services, thousandths, by what tells an amount, and by specialty. modifiers: those that the rules know."""
    known = ", ".join(quoted(one) for one in modifiers)
    have = {name: f"coalesce(u.{name}, '')" if name in GROUPED[kind] else "''" for name in APART}
    facility = "coalesce(u.facility, -1)" if "facility" in GROUPED[kind] else "-1"
    zip_place = "nullif(u.zip_place, '')" if by_zip and "state" in GROUPED[kind] else "NULL"
    return f"""
SELECT u.hcpcs AS hcpcs, CASE WHEN {have["m1"]} IN ({known}) THEN {have["m1"]} ELSE '' END AS m1,
  CASE WHEN {have["m2"]} IN ({known}) AND {have["m2"]} <> {have["m1"]} THEN {have["m2"]} ELSE '' END AS m2,
  coalesce(k.place, {zip_place}, s.place, 'national') AS place, CASE WHEN {facility} = 0 THEN 0 ELSE 1 END AS facility,
  coalesce(p.provider, '') AS provider, {have["specialty"]} AS specialty,
  CAST(coalesce(sum(u.services), 0) * {MILLI} AS BIGINT) AS milli, sum(u.allowed) AS allowed,
  CAST(sum(u.hidden) AS BIGINT) AS hidden, CAST(sum(u.rows_read) AS BIGINT) AS rows_read,
  CAST(sum(CASE WHEN {facility} < 0 THEN u.rows_read ELSE 0 END) AS BIGINT) AS no_setting
FROM summed u
LEFT JOIN known_places k ON k.place = {have["place"]}
LEFT JOIN state_places s ON s.state = {have["state"]}
LEFT JOIN specialties p ON p.specialty = {have["specialty"]}
WHERE coalesce(u.hcpcs, '') <> ''
GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


def keys() -> str:
    """Each distinct key of the cells whose code the release has, numbered: no other one can have a price."""
    names = ", ".join(KEYS)
    return (
        f"SELECT row_number() OVER (ORDER BY {names}) AS line_id, {names} "
        f"FROM (SELECT DISTINCT {names} FROM cells WHERE hcpcs IN (SELECT hcpcs FROM held_codes)) d"
    )


def lines(inputs: Sequence[str], types: Mapping[str, type], on: int, qualifying_apm: bool) -> str:
    """A line for the rules a key: one service, in a session of its own, with documents as its payment shows."""
    own = {name: name for name in KEYS} | {
        "line_id": "line_id",
        "session": "CAST(line_id AS VARCHAR)",
        "on": str(on),
        "qp": str(int(qualifying_apm)),
        "documented": "1",
    }
    rest = {name: quoted(value) if isinstance(value, str) else str(value) for name, value in LINE.items()}
    kinds = {int: "BIGINT", str: "VARCHAR"}
    shown = ", ".join(f'CAST({own.get(n, rest.get(n))} AS {kinds[types[n]]}) AS "{n}"' for n in inputs)
    return f"SELECT {shown} FROM keys"


def effect(elasticity: Fraction) -> str:
    """Each cell with its price before and after; `plain_*`: without the OPPS cap, which is outside neutrality."""
    share = f"{float(elasticity)!r} * (CAST(after_cents AS DOUBLE) / before_cents - 1)"
    moved = f"CAST(floor(milli * greatest(1 + {share}, 0) + 0.5) AS BIGINT)" if elasticity else "milli"
    joined = " AND ".join(f"c.{name} = k.{name}" for name in KEYS)
    uncapped = "(allowed_cents * tests_cents * 2 + capped_cents) // (2 * capped_cents)"
    plain = f"CASE WHEN capped_cents > 0 THEN {uncapped} ELSE 0 END"
    return f"""
SELECT hcpcs, specialty, place, facility, CASE WHEN facility = 1 THEN 'facility' ELSE 'nonfacility' END AS setting,
  milli, CASE WHEN before_cents > 0 THEN {moved} ELSE milli END AS milli_after, allowed, hidden, rows_read, no_setting,
  status_before, status_after, before_cents, after_cents, plain_before, plain_after,
  status_before = 'priced' AND status_after = 'priced' AS compared
FROM (SELECT c.*, coalesce(b.status, 'no-record') AS status_before, coalesce(a.status, 'no-record') AS status_after,
    coalesce(b.allowed_cents, 0) AS before_cents, coalesce(a.allowed_cents, 0) AS after_cents,
    coalesce(b.plain, 0) AS plain_before, coalesce(a.plain, 0) AS plain_after
  FROM cells c LEFT JOIN keys k ON {joined}
  LEFT JOIN (SELECT *, {plain} AS plain FROM priced_before) b ON b.line_id = k.line_id
  LEFT JOIN (SELECT *, {plain} AS plain FROM priced_after) a ON a.line_id = k.line_id) x
"""


def _sum(count: str, cents: str) -> str:
    """Thousandths of a cent, exact."""
    return f"coalesce(sum(CAST({count} AS DECIMAL(19,0)) * CAST({cents} AS DECIMAL(12,0))), 0)"


def totals() -> str:
    """The sums of neutrality, at fixed volume and without the cap; spending; what was read."""
    only = "FROM effect"
    both = {
        "plain_before": _sum("CASE WHEN compared THEN milli ELSE 0 END", "plain_before"),
        "plain_after": _sum("CASE WHEN compared THEN milli ELSE 0 END", "plain_after"),
        "before": _sum("CASE WHEN compared THEN milli ELSE 0 END", "before_cents"),
        "after": _sum("CASE WHEN compared THEN milli_after ELSE 0 END", "after_cents"),
        "services": "coalesce(sum(CAST(milli AS DECIMAL(19,0))), 0)",
        "compared": "coalesce(sum(CAST(CASE WHEN compared THEN milli ELSE 0 END AS DECIMAL(19,0))), 0)",
        "allowed": "coalesce(sum(allowed), 0)",
        "allowed_compared": "coalesce(sum(CASE WHEN compared THEN allowed END), 0)",
        "hidden": "coalesce(sum(hidden), 0)",
        "rows_read": "coalesce(sum(rows_read), 0)",
        "no_setting": "coalesce(sum(no_setting), 0)",
        "nationally": "coalesce(sum(CASE WHEN place = 'national' THEN rows_read ELSE 0 END), 0)",
    }
    return f"SELECT {', '.join(f'{text} AS sum_{name}' for name, text in both.items())} {only}"


def groups(by: str) -> str:
    """Spending by code, specialty, locality or setting, the largest change first."""
    column = BY[by]
    return f"""
SELECT {column} AS key, sum(CAST(milli AS DECIMAL(19,0))) AS services, sum(CAST(milli_after AS DECIMAL(19,0))) AS later,
  {_sum("milli", "before_cents")} AS before, {_sum("milli_after", "after_cents")} AS after, sum(hidden) AS hidden
FROM effect WHERE compared GROUP BY {column} ORDER BY {column}
"""


def left_out() -> str:
    """What has no price on the baseline, or none after: by status, with the charges that CMS allowed."""
    return (
        "SELECT CASE WHEN status_before <> 'priced' THEN status_before ELSE status_after END AS status, "
        "count(DISTINCT hcpcs) AS codes, sum(CAST(milli AS DECIMAL(19,0))) AS services, "
        "coalesce(sum(allowed), 0) AS allowed FROM effect WHERE NOT compared GROUP BY 1 ORDER BY 1"
    )
