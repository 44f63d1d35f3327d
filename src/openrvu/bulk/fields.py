"""Fields of a user's file, checked and typed in SQL: each gives a value, or the reason why it cannot be used.

A reason never holds the value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from openrvu.bulk.mapping import SESSION_PARTS, Fields
from openrvu.rules.lines import LINE, MOST

WHOLE_TYPES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
# The schedule began with 1992; a year of four digits ends the other side.
FIRST_DAY, LAST_DAY = 19_920_101, 20_991_231
PROVIDERS = ("", "NP", "PA", "CNS", "CRNA", "CNM", "RD", "LCSW", "MFT", "MHC")
FLAGS = {"0": 0, "1": 1, "N": 0, "Y": 1, "FALSE": 0, "TRUE": 1}


@dataclass(frozen=True)
class Checked:
    """SQL of a field: its value, and its reason (empty text where it is good)."""

    value: str
    reason: str


def quoted(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def name_of(column: str) -> str:
    """A column as SQL."""
    return '"' + column.replace('"', '""') + '"'


def _text(raw: str) -> str:
    return f"upper(trim(coalesce(CAST({raw} AS VARCHAR), '')))"


def _reason(*cases: tuple[str, str]) -> str:
    whens = " ".join(f"WHEN {condition} THEN {quoted(reason)}" for condition, reason in cases)
    return f"CASE {whens} ELSE '' END"


def _whole(raw: str, kind: str, least: int, most: int, default: int, wanted: str) -> Checked:
    """A whole number of a range; nothing there gives the default."""
    if kind in WHOLE_TYPES:
        value = f"coalesce(CAST({raw} AS BIGINT), {default})"
        return Checked(value, _reason((f"{raw} NOT BETWEEN {least} AND {most}", wanted)))
    text = _text(raw)
    value = f"coalesce(TRY_CAST(regexp_replace({text}, '\\.0*$', '') AS BIGINT), {default})"
    shape = f"NOT regexp_full_match({text}, '-?[0-9]+(\\.0*)?')"
    return Checked(
        value,
        _reason(
            (f"{text} = ''", ""),
            (f"length({text}) > 18", "too many digits"),
            (shape, "not a whole number"),
            (f"{value} NOT BETWEEN {least} AND {most}", wanted),
        ),
    )


def _day(raw: str, kind: str) -> Checked:
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        value = f"coalesce(year({raw}) * 10000 + month({raw}) * 100 + day({raw}), 0)"
    elif kind in WHOLE_TYPES:
        value = f"coalesce(CAST({raw} AS BIGINT), 0)"
    else:
        short = f"replace(left({_text(raw)}, 10), '-', '')"
        value = f"CASE WHEN regexp_full_match({short}, '[0-9]{{8}}') THEN CAST({short} AS BIGINT) ELSE 0 END"
    year, month, day = f"({value}) // 10000", f"(({value}) // 100) % 100", f"({value}) % 100"
    longest = (
        f"CASE WHEN {month} IN (4, 6, 9, 11) THEN 30 WHEN {month} <> 2 THEN 31 "
        f"WHEN {year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0) THEN 29 ELSE 28 END"
    )
    reasons = (
        (f"{raw} IS NULL", "missing"),
        (f"({value}) <= 0 OR {month} NOT BETWEEN 1 AND 12 OR {day} NOT BETWEEN 1 AND {longest}", "not a date"),
        (f"({value}) < {FIRST_DAY}", "before 1992, when the fee schedule began"),
        (f"({value}) > {LAST_DAY}", "after 2099"),
    )
    return Checked(value, _reason(*reasons))


def _money(raw: str) -> Checked:
    """Dollars with at most two decimals, as cents."""
    text = f"replace(trim(coalesce(CAST({raw} AS VARCHAR), '')), ',', '')"
    good = f"regexp_full_match({text}, '[0-9]{{1,8}}(\\.[0-9]{{0,2}}0*)?')"
    cents = f"CAST(CAST({text} AS DECIMAL(18, 2)) * 100 AS BIGINT)"
    reasons = (
        (f"{text} = ''", ""),
        (f"starts_with({text}, '-')", "below zero"),
        (f"length({text}) > 14", "more digits than an amount can have"),
        (f"NOT {good}", "not an amount in dollars and cents"),
    )
    return Checked(
        f"CASE WHEN {text} <> '' AND {good} AND length({text}) <= 14 THEN {cents} ELSE -1 END", _reason(*reasons)
    )


def _flag(raw: str, default: int) -> Checked:
    text = _text(raw)
    value = f"CASE WHEN {text} IN ('1', 'Y', 'TRUE') THEN 1 WHEN {text} = '' THEN {default} ELSE 0 END"
    known = ", ".join(map(quoted, FLAGS))
    return Checked(value, _reason((f"{text} <> '' AND {text} NOT IN ({known})", "neither 0 nor 1")))


def _code(raw: str) -> Checked:
    text = _text(raw)
    shape = "[0-9A-Z][0-9]{3}[0-9A-Z]"
    return Checked(
        text, _reason((f"{text} = ''", "missing"), (f"NOT regexp_full_match({text}, '{shape}')", "not a code"))
    )


def _modifier(raw: str) -> Checked:
    text = _text(raw)
    return Checked(
        text, _reason((f"{text} <> '' AND NOT regexp_full_match({text}, '[0-9A-Z]{{2}}')", "not a modifier"))
    )


def _place(raw: str, places: Sequence[str]) -> Checked:
    text = f"CASE WHEN {_text(raw)} IN ('', 'NATIONAL') THEN 'national' ELSE {_text(raw)} END"
    known = ", ".join(map(quoted, places))
    return Checked(text, _reason((f"{text} NOT IN ({known})", "no locality that is held")))


def _name(raw: str, longest: int = 64, *, needed: bool = True) -> Checked:
    text = f"trim(coalesce(CAST({raw} AS VARCHAR), ''))"
    missing = [(f"{text} = ''", "missing")] if needed else []
    return Checked(text, _reason(*missing, (f"length({text}) > {longest}", f"longer than {longest} characters")))


def checked(
    mapping: Fields, kinds: Mapping[str, str], places: Sequence[str], session_of: Callable[[Sequence[str]], str]
) -> dict[str, Checked]:
    """Every field of a line as SQL over the raw columns. kinds: SQL type by column. session_of: SQL that makes one text
    of the texts that tell sessions apart."""
    found: dict[str, Checked] = {}
    for name, default in LINE.items():
        given = mapping.constants.get(name, default)
        column = mapping.columns.get(name)
        if column is None:
            found[name] = Checked(quoted(given) if isinstance(given, str) else str(given), "''")
            continue
        found[name] = _field(name, name_of(column), kinds[column], places, default)
    if "charge" in mapping.columns:
        found["charge_cents"] = _money(name_of(mapping.columns["charge"]))
    if mapping.facility_column:
        codes = ", ".join(map(quoted, mapping.facility_codes)) or "''"
        found["facility"] = Checked(
            f"CASE WHEN {_text(name_of(mapping.facility_column))} IN ({codes}) THEN 1 ELSE 0 END", "''"
        )
    if "session" not in mapping.columns:
        found["session"] = _session(mapping, found, session_of)
    return found


def _field(name: str, raw: str, kind: str, places: Sequence[str], default: int | str) -> Checked:
    match name:
        case "on":
            return _day(raw, kind)
        case "hcpcs":
            return _code(raw)
        case "m1" | "m2" | "m3" | "m4":
            return _modifier(raw)
        case "place":
            return _place(raw, places)
        case "provider":
            text = _text(raw)
            known = ", ".join(map(quoted, PROVIDERS))
            return Checked(text, _reason((f"{text} NOT IN ({known})", "no kind of provider that is known")))
        case "claim_id" | "session":
            return _name(raw)
        case "facility" | "qp" | "participating" | "documented":
            return _flag(raw, int(default))
        case "line_id":
            found = _whole(raw, kind, 0, MOST["line_id"], -1, "not a whole number from 0")
            return Checked(
                found.value,
                _reason((f"{raw} IS NULL", "missing"), (f"{found.reason} <> ''", "not a whole number from 0")),
            )
        case "units":
            return _whole(raw, kind, 1, MOST[name], 1, f"not between 1 and {MOST[name]:,}")
        case "charge_cents":
            return _whole(raw, kind, -1, MOST[name], -1, "not an amount in cents up to 100 million dollars")
    return _whole(raw, kind, 0, MOST[name], int(default), f"not between 0 and {MOST[name]:,}")


def _session(mapping: Fields, found: Mapping[str, Checked], session_of: Callable[[Sequence[str]], str]) -> Checked:
    """Patient, billing group, specialty and date, made unreadable; without a patient, the claim."""
    if "patient" not in mapping.columns:
        return Checked(found["claim_id"].value, "''")
    parts = [_name(name_of(mapping.columns[part]), needed=False) for part in SESSION_PARTS if part in mapping.columns]
    texts = [*(part.value for part in parts), f"CAST({found['on'].value} AS VARCHAR)"]
    return Checked(session_of(texts), _reason((f"{parts[0].value} = ''", "missing")))
