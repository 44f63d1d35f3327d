"""The one way results become JSON, and the foot that every output carries. CLI, web page and dossier share both.

>>> encode({"amount_cents": 47930, "work_rvu": 80000, "on": date(2026, 7, 1)})
{'amount': '479.30', 'amount_cents': 47930, 'work_rvu': '8.00', 'on': '2026-07-01'}
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from openrvu import __version__, units
from openrvu.files import facts_folder, store_folder
from openrvu.schemas import ConversionFactor

DISCLAIMER = (
    "Not coding, legal or medical advice. A schedule amount is not coverage and not payment: confirm both with the "
    "Medicare Administrative Contractor."
)
CPT_NOTICE = (
    "CPT is a registered trademark of the American Medical Association. Code numbers are shown for identification; "
    "the descriptions are OpenRVU's own words, not the AMA's."
)


def decimal_text(name: str) -> tuple[int, int] | None:
    """Scale and decimals of a field that is held as a scaled whole number and shown as decimal text, by its name."""
    if name.endswith("_rvu"):
        return units.RVU, 2
    if name.endswith("_gpci"):
        return units.GPCI, 3
    return (units.PERCENT, 2) if name in ("preoperative", "intraoperative", "postoperative") else None


def _pairs(name: str, value: Any) -> dict[str, Any]:
    if name.endswith("_cents"):
        stem = name.removesuffix("_cents")
        shown = None if value is None else units.text(value, units.CENTS)
        return {stem: shown, name: value}
    if isinstance(value, int) and not isinstance(value, bool) and (how := decimal_text(name)):
        return {name: units.text(value, *how)}
    return {name: encode(value)}


def encode(value: Any) -> Any:
    """A result as plain JSON data.

    Fields called `*_cents` give two: `amount` as text and `amount_cents` as a whole number. `*_rvu` and `*_gpci`, held
    as scaled whole numbers, give decimal text. Dates are ISO text, fractions text, a float that is no number None.
    """
    if hasattr(value, "to_dict"):
        return encode(value.to_dict())
    if is_dataclass(value) and not isinstance(value, type):
        if isinstance(value, ConversionFactor):
            return {**_flat(value), "value": units.text(value.value, units.CONVERSION_FACTOR)}
        return _flat(value)
    if isinstance(value, Mapping):
        return {k: v for name, item in value.items() for k, v in _pairs(str(name), item).items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value) if isinstance(value, (set, frozenset)) else value
        return [encode(item) for item in items]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (Fraction, Path)):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _flat(value: Any) -> dict[str, Any]:
    return {k: v for f in fields(value) for k, v in _pairs(f.name, getattr(value, f.name)).items()}


def to_json(value: Any) -> str:
    """The result as JSON text, two spaces deep, ending in a line feed."""
    return json.dumps(encode(value), indent=2, ensure_ascii=False) + "\n"


def document(value: Any, foot_: Mapping[str, str]) -> str:
    """A result as the JSON document that the command line and the web page both give: its fields, and the foot."""
    data = encode(value)
    body = data if isinstance(data, dict) else {"rows": data}
    return to_json({**body, "foot": foot_})


def guarded(cell: str) -> str:
    """A cell that begins like a formula gets an apostrophe, unless it is a number.

    >>> guarded("=1+1"), guarded("-2.5"), guarded("62380")
    ("'=1+1", '-2.5', '62380')
    """
    if cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        try:
            float(cell)
        except ValueError:
            return f"'{cell}"
    return cell


def csv_text(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows as CSV. A cell that a spreadsheet would run as a formula is quoted with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([["" if cell is None else guarded(str(cell)) for cell in row] for row in rows])
    return out.getvalue()


@cache
def facts_hash() -> str:
    """First twelve hexadecimal digits of the SHA-256 over all embedded figures, names included: facts, scenarios,
    and the values and tables of the rules."""
    digest = hashlib.sha256()
    package = facts_folder().parent
    for path in sorted(
        p
        for room in ("facts", "rules", "scenarios")
        for p in (package / room).rglob("*")
        if p.suffix in (".csv", ".toml")
    ):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def loaded_hash() -> str:
    """First six hexadecimal digits of the SHA-256 over the tables that the user has loaded; empty where none are.

    A damaged manifest gives an empty text too: whoever needs the tables says what is wrong with it.
    """
    try:
        manifest = json.loads((store_folder() / "manifest.json").read_text(encoding="utf-8"))
        tables = sorted([row["kind"], row["release"], row.get("part", ""), row["sha256"]] for row in manifest["tables"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return hashlib.sha256(json.dumps(tables).encode()).hexdigest()[:6] if tables else ""


def run_id(seed: int | None = None) -> str:
    """What reproduces an output: version, hash of the embedded figures, `+` hash of what was loaded in their place, and
    `-s` seed where anything was drawn at random."""
    loaded = loaded_hash()
    drawn = "" if seed is None else f"-s{seed}"
    return f"{__version__}-{facts_hash()}{f'+{loaded}' if loaded else ''}{drawn}"


def foot(*, release: str, on: date, place: str, setting: str = "", seed: int | None = None) -> dict[str, str]:
    """The foot of every output: release, date of service, place, setting, run id, and the two notices."""
    return {
        "release": release,
        "on": on.isoformat(),
        "place": place,
        "setting": setting,
        "run_id": run_id(seed),
        "version": __version__,
        "disclaimer": DISCLAIMER,
        "cpt_notice": CPT_NOTICE,
    }
