"""Which column of a user's file is which field of a line: a small TOML file, or the same names.

```toml
[columns]              # our field = your column
line_id = "CLM_LINE_NUM"
claim_id = "CLM_ID"
on = "LINE_1ST_EXPNS_DT"
hcpcs = "HCPCS_CD"
patient = "BENE_ID"    # only to tell sessions apart: never written

[constants]            # the same for every line
place = "15202-00"

[facility]             # places of service that are facilities, where a column has them
column = "PLACE_OF_SERVICE"
codes = ["21", "22", "24"]
```
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from openrvu.errors import BadInput
from openrvu.rules.lines import LINE

# Fields beside those of a line: what tells sessions apart, and a charge in dollars.
SESSION_PARTS = ("patient", "group", "specialty")
FIELDS = (*LINE, *SESSION_PARTS, "charge")
REQUIRED = ("on", "hcpcs")


@dataclass(frozen=True)
class Fields:
    """Fields to columns of the file, and constants. facility: the column with places of service, and the codes that
    are facilities."""

    columns: Mapping[str, str]
    constants: Mapping[str, int | str] = field(default_factory=dict)
    facility_column: str = ""
    facility_codes: tuple[str, ...] = ()

    @property
    def read(self) -> tuple[str, ...]:
        """The columns of the file that are read; no other ever is."""
        return tuple(dict.fromkeys([*self.columns.values(), *filter(None, [self.facility_column])]))


def read_mapping(path: Path | None, held: Sequence[str], *, named: bool = False) -> Fields:
    """The mapping of a file with the columns `held`; without a path, columns bear our names, in any case of letters.

    named: they do even where there is a path, which then says what differs: a constant takes the place of a column.
    Raises BadInput for a field that does not exist, a column that the file lacks, or a required field without column.
    """
    made = _from_names(held) if path is None else _from_toml(path, held)
    if named and path:
        taken = {*made.constants, *(["facility"] if made.facility_column else [])}
        columns = {name: column for name, column in _from_names(held).columns.items() if name not in taken}
        made = replace(made, columns={**columns, **made.columns})
    where = str(path) if path else "columns of the input"
    for name in REQUIRED:
        if name not in made.columns and name not in made.constants:
            raise BadInput(
                f"no column gives {name!r}",
                where=where,
                exists=_exists(held),
                fix="Name it under [columns] of --mapping",
            )
    if not {"claim_id", "session", "patient"} & set(made.columns):
        raise BadInput(
            "no column gives 'claim_id', 'session' or 'patient', one of which tells which lines belong together",
            where=where,
            exists=_exists(held),
            fix="Name it under [columns] of --mapping",
        )
    return made


def _exists(held: Sequence[str]) -> str:
    return f"The file has: {', '.join(held)}"


def _from_names(held: Sequence[str]) -> Fields:
    found: dict[str, str] = {}
    for column in held:
        name = column.strip().lower()
        if name in FIELDS:
            found.setdefault(name, column)
    return Fields(found)


def _from_toml(path: Path, held: Sequence[str]) -> Fields:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadInput(f"the mapping is no TOML: {fault}", where=str(path)) from None
    except OSError as fault:
        raise BadInput(f"the mapping cannot be read: {fault.strerror}", where=str(path)) from None
    unknown = set(data) - {"columns", "constants", "facility"}
    if unknown:
        names = ", ".join(sorted(unknown))
        raise BadInput(
            f"no part of a mapping is called {names}", where=str(path), exists="Parts: columns, constants, facility"
        )
    columns, constants, facility = (data.get(part, {}) for part in ("columns", "constants", "facility"))
    for name in (*columns, *constants):
        if name not in FIELDS:
            close = get_close_matches(name, FIELDS, n=1)
            fix = f"Did you mean {close[0]}?" if close else ""
            raise BadInput(
                f"no field is called {name!r}", where=str(path), exists=f"Fields: {', '.join(FIELDS)}", fix=fix
            )
    for name, column in [*columns.items(), *([("facility", facility["column"])] if "column" in facility else [])]:
        if column not in held:
            close = get_close_matches(str(column), held, n=1, cutoff=0.5)
            fix = f"Did you mean {close[0]!r}?" if close else "Correct the mapping"
            what = f"the file has no column {column!r}, which the mapping names for {name!r}"
            raise BadInput(what, where=str(path), exists=_exists(held), fix=fix)
    for name, value in constants.items():
        if name not in LINE or not isinstance(value, type(LINE[name])) or isinstance(value, bool):
            kind = type(LINE[name]).__name__ if name in LINE else "a column"
            raise BadInput(f"the constant {name!r} must be {kind}", where=str(path))
    codes = tuple(str(code) for code in facility.get("codes", ()))
    return Fields(dict(columns), dict(constants), facility.get("column", ""), codes)
