"""The page of a file of claims: what is in it, the form that maps its columns, and what pricing it gave."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openrvu.bulk.mapping import FIELDS, REQUIRED, Fields, read_mapping
from openrvu.bulk.proposing import mapping_text, propose
from openrvu.bulk.sheets import summary_rows
from openrvu.dossier.asked import money
from openrvu.dossier.blocks import Column, Row, Table
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.places import find_place
from openrvu.rules.lines import MEANING
from openrvu.rules.settings import places_of_service
from openrvu.web.asked import Asked
from openrvu.web.parts import DOLLARS

if TYPE_CHECKING:
    from openrvu.state.jobs import Job
    from openrvu.state.uploads import Upload

# Fields that most files have, in the order of the form; the rest are in a fold.
USUAL = (
    "on",
    "hcpcs",
    "m1",
    "m2",
    "m3",
    "m4",
    "units",
    "claim_id",
    "patient",
    "group",
    "specialty",
    "place",
    "facility",
)
OWN_WORDS = {
    "on": "date of service",
    **{f"m{place}": f"modifier {place}" for place in (1, 2, 3, 4)},
    "place": "locality as MAC-number, or national",
    "patient": "patient's number: to tell sessions apart, made unreadable, never written",
    "group": "billing group, beside the patient",
    "specialty": "specialty, beside the patient",
    "charge": "charge of the line in dollars",
    "facility": "1 in a facility, 0 elsewhere; or see place of service below",
}
CONSTANT_SETTINGS = {"facility": 1, "nonfacility": 0}


@dataclass(frozen=True)
class Choice:
    """A field of the form. column: the one that is proposed or was chosen; empty for none."""

    name: str
    words: str
    column: str
    needed: bool


def columns_of(upload: Upload) -> tuple[str, ...]:
    """The columns of the file as they were found."""
    return tuple(upload.about["columns"])


def proposal(upload: Upload, remembered: str) -> Fields:
    """The mapping to show: the one confirmed before for the same columns, else a guess by heading."""
    if remembered:
        try:
            return parsed(remembered, columns_of(upload))
        except BadInput:
            pass  # an earlier version's: the guess will do
    return propose(columns_of(upload))


def parsed(text: str, columns: tuple[str, ...]) -> Fields:
    """A mapping from its text. Raises BadInput as `read_mapping` does, without the name of a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mapping.toml")
        path.write_text(text, encoding="utf-8")
        try:
            return read_mapping(path, columns)
        except BadInput as fault:
            fix = fault.fix.replace("Name it under [columns] of --mapping", "Choose its column in the form")
            raise BadInput(fault.what, exists=fault.exists, fix=fix) from None


def choices(fields: Fields) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """The fields of the form: those that most files have, and the others."""

    def one(name: str) -> Choice:
        words = OWN_WORDS.get(name) or MEANING.get(name, name)
        return Choice(name, words, fields.columns.get(name, ""), name in REQUIRED)

    return tuple(map(one, USUAL)), tuple(one(name) for name in FIELDS if name not in (*USUAL, "session"))


def facility_codes(fields: Fields) -> str:
    """The places of service that are paid as facilities, as the form shows them."""
    return " ".join(fields.facility_codes or [place for place, inside in places_of_service().items() if inside])


def chosen(sent: Mapping[str, str], columns: tuple[str, ...], asked: Asked, facts: Facts) -> str:
    """The mapping that a form holds, as TOML. Raises BadInput or UnknownPlace."""
    named = {name: sent[f"column-{name}"] for name in FIELDS if sent.get(f"column-{name}")}
    constants: dict[str, int | str] = {}
    if "place" not in named and (place := sent.get("place") or asked.place) != "national":
        constants["place"] = find_place(place, facts.newest().id, facts).id
    column, codes = sent.get("setting-column", ""), tuple(sent.get("setting-codes", "").split())
    if column:
        if "facility" in named:
            raise BadInput("both a column for the setting and one for the place of service were chosen", fix="Keep one")
        if not codes or any(len(code) > 2 or not code.isalnum() for code in codes):
            raise BadInput("the places of service that are facilities are not two-digit codes", fix="As in 19 21 22 24")
    elif "facility" not in named:
        constants["facility"] = CONSTANT_SETTINGS.get(sent.get("setting", "facility"), 1)
    text = mapping_text(Fields(named, constants, column, codes if column else ()))
    parsed(text, columns)
    return text


def contents_table(upload: Upload, samples: Mapping[str, list[str]]) -> Table:
    """What the file has: each column, what it holds first, and what it looks like."""
    like = {one["column"]: one["like"] for one in upload.about["suspects"]}
    rows = tuple(
        Row((name, like_or(like.get(name, ""), samples.get(name, ())), like.get(name, "")))
        for name in columns_of(upload)
    )
    columns = (Column("Column", "", "whole"), Column("First values"), Column("Looks like a patient's"))
    return Table(f"{len(rows)} columns of {upload.name}", columns, rows)


def like_or(like: str, values: Any) -> str:
    """The first values of a column; those of one that looks personal are not shown."""
    return "not shown" if like else "; ".join(value or "(empty)" for value in values)


def by_status(job: Job) -> Table:
    """Lines by status."""
    assert job.outcome is not None
    rows = [(name, count) for kind, name, count, _ in summary_rows(job.outcome) if kind == "status"]
    cells = tuple(Row((name.replace("-", " "), f"{int(count):,}")) for name, count in rows)
    return Table("Lines by status", (Column("Status"), Column("Lines", "", "right")), cells)


def by_rule(job: Job) -> Table:
    """The money that each rule left, summed over the lines."""
    assert job.outcome is not None
    cents = job.outcome["cents_by_rule"]
    rows = tuple(
        Row((name.removesuffix("_cents").replace("_", " "), money(number)), strong=name == "allowed_cents")
        for name, number in cents.items()
        if name.endswith("_cents")
    )
    notes = ("After each rule in their order, summed over the lines. Patient and Medicare share what is allowed.",)
    return Table("Dollars by rule", (Column("Rule"), Column(DOLLARS, "", "right")), rows, notes=notes)


def by_reason(job: Job) -> Table | None:
    """The rows that could not be used, by reason; None where all could."""
    assert job.outcome is not None
    reasons = job.outcome["reasons"]
    if not reasons:
        return None
    rows = tuple(Row((name, f"{count:,}")) for name, count in reasons.items())
    return Table("Rows that cannot be used", (Column("Field and reason"), Column("Rows", "", "right")), rows)


def said(job: Job) -> str:
    """The answer in one sentence."""
    assert job.outcome is not None
    done = job.outcome
    text = f"${money(done['amount_cents'])} allowed for {done['by_status'].get('priced', 0):,} priced lines"
    return f"{text} of {done['lines']:,}."


COMMAND = "openrvu price-file {file} -o priced.parquet --mapping mapping.toml --json"
PYTHON = (
    "from pathlib import Path\nfrom openrvu.bulk.price_file import Asked, price_file\n"
    'done = price_file(Asked(Path("{file}"), Path("priced.parquet"), Path("mapping.toml")))'
)
