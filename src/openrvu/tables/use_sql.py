"""The text of the query that makes typed rows of a utilization file: exact decimals, nulls where CMS shows no count.

Each cell gets its type as it is read, which is what makes ten million rows cheap; a cell that is no number stops the
query with its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from openrvu.files import facts_folder, read_csv
from openrvu.tables.utilization import SUPPRESSED, UseFile

# Column -> DuckDB type. Counts of services have parts of a unit; an average is CMS's own, with nine decimals.
COLUMNS: Mapping[str, str] = {
    "year": "INTEGER",
    "hcpcs": "VARCHAR",
    "m1": "VARCHAR",
    "m2": "VARCHAR",
    "npi": "VARCHAR",
    "level": "VARCHAR",
    "state": "VARCHAR",
    "zip": "VARCHAR",
    "place": "VARCHAR",
    "facility": "INTEGER",
    "specialty": "VARCHAR",
    "services": "DECIMAL(18,3)",
    "benes": "BIGINT",
    "providers": "BIGINT",
    "average": "DECIMAL(18,9)",
    "charges": "DECIMAL(18,2)",
    "suppressed": "BOOLEAN",
}
# Dollars that CMS allowed for the services of a row, exact; summed before anything is rounded.
ALLOWED = "coalesce(charges::DECIMAL(30,12), services * average)"
_TYPES = {
    "services": "DECIMAL(18,3)",
    "denied": "DECIMAL(18,3)",
    "benes": "BIGINT",
    "providers": "BIGINT",
    "average": "DECIMAL(18,9)",
    "charges": "DECIMAL(18,2)",
}


def quoted(text: str) -> str:
    """A text of SQL.

    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def given(file: UseFile, path: Path) -> str:
    """The table function that streams the file: columns c0, c1 and so on, numbers typed unless they have commas."""
    numbers = {} if _printed(file) else {at: _TYPES[name] for name, at in file.at.items() if name in _TYPES}
    columns = ", ".join(f"'c{n}': {quoted(numbers.get(n, 'VARCHAR'))}" for n in range(len(file.names)))
    hidden = ", ".join(quoted(text) for text in SUPPRESSED)
    return (
        f"read_csv({quoted(str(path))}, delim = {quoted(file.delimiter)}, header = false, skip = {file.skip + 1}, "
        f"quote = '\"', escape = '\"', auto_detect = false, null_padding = false, nullstr = [{hidden}], "
        f"columns = {{{columns}}})"
    )


def _printed(file: UseFile) -> bool:
    """Whether numbers are printed for the eye, with commas and dollar signs: the small file of the nation."""
    return file.kind == "use-national"


def _text(file: UseFile, name: str) -> str:
    return f"coalesce(c{file.at[name]}, '')" if name in file.at else "''"


def _number(file: UseFile, name: str) -> str:
    kind = _TYPES[name]
    if name not in file.at:
        return f"NULL::{kind}"
    cell = f"c{file.at[name]}"
    return f"CAST(replace(replace({cell}, ',', ''), '$', '') AS {kind})" if _printed(file) else cell


def _facility(file: UseFile) -> str:
    """1 in a facility, 0 elsewhere, -1 where the file does not tell. Two digits: CMS's place of service codes."""
    if "setting" not in file.at:
        return "-1"
    cell = _text(file, "setting")
    if file.kind != "use-psps":
        return f"CASE {cell} WHEN 'F' THEN 1 WHEN 'O' THEN 0 ELSE -1 END"
    rows = read_csv(facts_folder().parent / "rules" / "lookups" / "places_of_service.csv")
    inside = ", ".join(quoted(row["place"]) for row in rows if row["facility"] == "1")
    return f"CASE WHEN {cell} IN ('', '99') THEN -1 WHEN lpad({cell}, 2, '0') IN ({inside}) THEN 1 ELSE 0 END"


def rows(file: UseFile, path: Path, year: int, *, bare: bool = False) -> str:
    """The rows of a file with COLUMNS. Of PSPS, denied services are taken off: what is left was allowed.

    bare: an empty text is NULL, which is cheaper over ten million rows; the caller puts it right once rows are summed.
    """

    def text(name: str) -> str:
        return f"c{file.at[name]}" if bare and name in file.at else _text(file, name)

    code = text("hcpcs")
    place = f"lpad({text('mac')}, 5, '0') || '-' || lpad({text('locality')}, 2, '0')" if "mac" in file.at else "''"
    services = _number(file, "services")
    denied = f" - coalesce({_number(file, 'denied')}, 0)" if "denied" in file.at else ""
    level = "national" if file.kind == "use-national" else ""
    parts = {
        "year": str(year),
        "hcpcs": f"upper(CASE WHEN length({code}) < 5 AND {code} <> '' THEN lpad({code}, 5, '0') ELSE {code} END)",
        "m1": f"upper({text('m1')})",
        "m2": f"upper({text('m2')})",
        "npi": text("npi"),
        "level": f"lower({text('level')})" if "level" in file.at else quoted(level),
        "state": text("state"),
        "zip": f"left({text('zip')}, 5)" if "zip" in file.at else "''",
        "place": place,
        "facility": _facility(file),
        "specialty": text("specialty"),
        "services": f"{services}{denied}",
        "benes": _number(file, "benes"),
        "providers": _number(file, "providers"),
        "average": _number(file, "average"),
        "charges": _number(file, "charges"),
        "suppressed": f"{services} IS NULL",
    }
    shown = ", ".join(f"({parts[name]})::{kind} AS {name}" for name, kind in COLUMNS.items())
    return f"SELECT {shown} FROM {given(file, path)}"  # noqa: S608 (our own names)
