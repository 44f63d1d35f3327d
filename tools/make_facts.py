"""Write the embedded figures from CMS's files, or check that they are what the files give.

    python tools/make_facts.py [FOLDER] [--check]

FOLDER holds the files (default: OPENRVU_CMS, else ../shared/cms). Nothing here names a file: each source of
facts/sources-cms.toml carries the sha256 of the file it stands for. Adding a release is a row there and a row in
facts/releases.toml. Output: facts/rvu/, facts/gpci/, facts/localities/ and facts/conversion_factors.csv, sorted, the
same bytes every time.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import os
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from openrvu import releases
from openrvu.codes.families import families
from openrvu.errors import BadFile, OpenRVUError
from openrvu.files import facts_folder, read_csv
from openrvu.releases import Release
from openrvu.schemas import RELATIVE_VALUES
from openrvu.sources import source
from openrvu.tables import conversion_factor, gpci, locco, pprrvu
from openrvu.tables.text import Text, read_text

RVU_COLUMNS = [column.name for column in RELATIVE_VALUES] + ["source"]
GPCI_COLUMNS = ["mac", "number", "name", "state", *gpci.INDICES, "source"]
LOCALITY_COLUMNS = ["mac", "number", "state", "area", "counties", "source"]
MUE_COLUMNS = ["code", "quarter", "value", "adjudication", "rationale", "source"]
FACTOR_COLUMNS = ["starts", "ends", "track", "value", "source"]

# The embedded codes: all of the newest extract (spine, epidural, SI joint, E/M), and these.
FAMILY = """
    0202T 0274T 0275T 20930 20931 20936 20937 20938 22102 22214 22532 22533 22612 22614 22630 22633 22800 22802 22840
    22842 22843 22853 22857 22867 22868 22869 22870 27279 27280 62287 62330 62331 62380 63005 63012 63017 63030 63035
    63042 63044 63047 63048 63052 63053 63056 63620 C9757 G0276 0200T 0201T 0775T 64479 64480 64483 64484 64999
""".split()  # noqa: SIM905 (a table of codes reads better)
# One or more services for each way of splitting or reducing a payment: rows 26, TC and 53, imaging of the spine and
# head, imaging guidance, therapy, endoscopy, cardiovascular and ophthalmologic tests, a code of an interim revision.
REFERENCE = """
    43235 43239 44388 45378 70450 70492 70551 70552 70553 72100 72110 72131 72132 72133 72141 72146 72148 72149 72156
    72157 72158 72265 76000 76145 77002 77003 92134 93306 95938 95939 95940 97110 97140 G0105 G0121
""".split()  # noqa: SIM905 (a table of codes reads better)
EXTRACT = "rvu26c-extract"
# Unit limits of the codes that a family describes: source and quarter.
MUE = ("mue-practitioner-2026b", "2026B")

# Misspelled counties, by source, MAC and locality number: what CMS prints, and what it means. The fixed-width form of
# the same table (25LOCCO.txt, RVU25D) spells the county rightly.
COUNTY_CORRECTIONS = {
    ("locco-2024a", "01182", "18"): ("LOS ANGELES /ORAGNGE CNTY", "LOS ANGELES/ORANGE CNTY"),
    ("locco-2025d", "01182", "18"): ("LOS ANGELES /ORAGNGE CNTY", "LOS ANGELES/ORANGE CNTY"),
}
# States that are not one state in the county tables. Suburbs of DC stay with DC, as their locality number does.
JOINED_STATES = {"HAWAII/GUAM": "HI/GU"}


@cache
def files_by_hash(folder: Path) -> Mapping[str, Path]:
    """Every file below the folder by its sha256."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in found}


def text_of(source_id: str, folder: Path) -> Text:
    """The file that a source stands for. Raises BadFile where the folder has no file with its hash."""
    wanted = source(source_id).sha256
    path = files_by_hash(folder).get(wanted)
    if path is None:
        raise BadFile(
            f"no file has the sha256 of source {source_id}",
            where=str(folder),
            exists=wanted or "the source has no sha256",
            fix="Bring the file, or mend the row of sources-cms.toml",
        )
    return read_text(path)


def as_csv(columns: list[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Rows as CSV text with a heading and plain line feeds."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def embedded_codes(folder: Path) -> frozenset[str]:
    """The codes whose rows are embedded in every release that has them."""
    extract = pprrvu.read(text_of(EXTRACT, folder)).rows
    return frozenset(FAMILY) | frozenset(REFERENCE) | {row["hcpcs"] for row in extract}


def relative_values(release: Release, codes: frozenset[str], folder: Path) -> str:
    """The embedded rows of one release; its printed conversion factor must be the one of the dated table."""
    text = text_of(release.source, folder)
    table = pprrvu.read(text, partial=release.coverage == "components")
    factors = conversion_factors(folder)
    tracks = {row["value"] for row in factors if row["starts"] <= str(release.starts) <= (row["ends"] or "9999")}
    if table.conversion_factor and table.conversion_factor not in tracks:
        raise BadFile(f"rows print {table.conversion_factor}, the table has {sorted(tracks)}", where=text.name)
    kept = [{**row, "source": release.source} for row in table.rows if row["hcpcs"] in codes]
    return as_csv(RVU_COLUMNS, sorted(kept, key=lambda row: (row["hcpcs"], row["modifier"])))


def county_rows(key: str, folder: Path) -> list[dict[str, str]]:
    """The counties of each locality, states as two letters, known misspellings corrected."""
    source_id = f"locco-{key.lower()}"
    letters = {row["name"].upper(): row["abbreviation"] for row in read_csv(facts_folder() / "states.csv")}
    letters |= JOINED_STATES
    rows = locco.read(text_of(source_id, folder)).rows
    for row in rows:
        row["source"] = source_id
        row["state"] = letters[row["state"].upper()]
        printed, meant = COUNTY_CORRECTIONS.get((source_id, row["mac"], row["number"]), ("", ""))
        if printed and row["counties"] != printed:
            raise BadFile(f"{row['counties']!r} is not the misspelling {printed!r}", where=source_id)
        row["counties"] = meant or row["counties"]
    return sorted(rows, key=lambda row: (row["mac"], row["number"]))


def gpci_rows(key: str, localities_id: str, folder: Path) -> list[dict[str, str]]:
    """The GPCIs of each locality. Where the county table has a state for it, that one is taken (HI/GU, not HI)."""
    source_id = f"gpci-{key.lower()}"
    states = {(row["mac"], row["number"]): row["state"] for row in county_rows(localities_id, folder)}
    rows = gpci.read(text_of(source_id, folder)).rows
    for row in rows:
        row["source"] = source_id
        row["state"] = states.get((row["mac"], row["number"])) or row["state"]
    return sorted(rows, key=lambda row: (row["mac"], row["number"]))


@cache
def conversion_factors(folder: Path) -> tuple[dict[str, str], ...]:
    """Conversion factors by date; the source says whether CMS's relative value files show the figure.

    A factor without an end ends with its year: the law sets one for each year (42 USC 1395w-4(d)(1)(A)).
    """
    rows = conversion_factor.read(text_of("conversion-factors-rvu", folder)).rows
    for row in rows:
        row["ends"] = row["ends"] or f"{row['starts'][:4]}-12-31"
        shown = row.pop("shown") == "yes"
        unseen = "conversion-factors-qp" if row["track"] == "QP" else "conversion-factors-history"
        row["source"] = "conversion-factors-rvu" if shown else unseen
    return tuple(rows)


def unit_limits(folder: Path) -> list[dict[str, str]]:
    """CMS's medically unlikely edits of the families' codes: units, how they are judged, and CMS's reason."""
    source_id, quarter = MUE
    described = {code for family in families() for code in family.services}
    rows = csv.reader(io.StringIO(text_of(source_id, folder).body))
    return [
        dict(zip(MUE_COLUMNS, (row[0], quarter, row[1], row[2][:1], row[3], source_id), strict=True))
        for row in rows
        if len(row) == 4 and row[0] in described
    ]


def build(folder: Path) -> dict[str, str]:
    """Every file of facts/ that this tool writes, by its path below facts/."""
    codes = embedded_codes(folder)
    made = {
        "conversion_factors.csv": as_csv(FACTOR_COLUMNS, conversion_factors(folder)),
        "ncci/mue.csv": as_csv(MUE_COLUMNS, unit_limits(folder)),
    }
    for release in releases.known():
        made[f"rvu/{release.id}.csv"] = relative_values(release, codes, folder)
        if f"gpci/{release.gpci}.csv" not in made:
            rows = gpci_rows(release.gpci, release.localities, folder)
            made[f"gpci/{release.gpci}.csv"] = as_csv(GPCI_COLUMNS, rows)
        if f"localities/{release.localities}.csv" not in made:
            counties = county_rows(release.localities, folder)
            made[f"localities/{release.localities}.csv"] = as_csv(LOCALITY_COLUMNS, counties)
    return made


def differences(made: Mapping[str, str], facts: Path) -> list[str]:
    """Files of facts/ that are missing, other than what the CMS files give, or left over."""
    found = [f"facts/{name}" for name, body in made.items() if _held(facts / name) != body]
    there = (f"{part}/{path.name}" for part in ("rvu", "gpci", "localities") for path in (facts / part).glob("*.csv"))
    return found + [f"facts/{name} (left over)" for name in there if name not in made]


def _held(path: Path) -> str:
    return path.read_bytes().decode() if path.exists() else ""


def default_folder() -> Path:
    """Where CMS's files lie: OPENRVU_CMS, else ../shared/cms beside the repository."""
    return Path(os.environ.get("OPENRVU_CMS") or Path(__file__).parents[2] / "shared" / "cms")


def main() -> int:
    """The command line. Returns 1 where --check finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=default_folder())
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args()
    try:
        made = build(options.folder)
    except OpenRVUError as fault:
        print(fault, file=sys.stderr)
        return 1
    if options.check:
        different = differences(made, facts_folder())
        print("\n".join(f"differs: {name}" for name in different) or f"{len(made)} files agree")
        return 1 if different else 0
    for name, body in made.items():
        path = facts_folder() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body.encode())
    print(f"{len(made)} files, {sum(map(len, made.values())):,} characters")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
