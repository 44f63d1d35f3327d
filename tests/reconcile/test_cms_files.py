"""Every file of CMS that is read loads, the forms of one table say the same, and what CMS prints adds up.

The relative value files of each release are loaded by test_any_code.py; here are the other forms and all other tables.
"""

from __future__ import annotations

import csv
import gzip
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from tests.unit.test_tables_workbook import book, sheet

from openrvu import holdings
from openrvu.errors import OpenRVUError
from openrvu.facts import Facts
from openrvu.releases import known
from openrvu.sources import source
from openrvu.tables import anesthesia, gpci, locco, pprrvu, recognise, workbook, zip5
from openrvu.tables.archive import contents
from openrvu.tables.load import Loaded, load
from openrvu.tables.text import Text
from openrvu.verifying import verify

pytestmark = pytest.mark.needs("cms")

# Files whose title and name tell a year at most: the release that the README of the files gives.
TOLD = {
    "GPCI2022.xlsx": "2022A",
    "GPCI2025.csv": "2025D",
    "GPCI2025.txt": "2025D",
    "GPCI2026.csv": "2026A",
    "gpci2019_secondary.csv": "2019",
    "25LOCCO.csv": "2025D",
    "25LOCCO.txt": "2025D",
    "ANES2025.csv": "2025D",
    "ANES2025.txt": "2025D",
    "Anesthesia CY 2025 locality adjusted CF_floor extension 23DEC24.xlsx": "2025A",
    "ANES2026.csv": "2026A",
    "OPPSCAP_JAN.csv": "2025A",
    "OPPSCAP_APR.csv": "2025B",
    "OPPSCAP_JUL.csv": "2025C",
    "OPPSCAP_Oct.csv": "2025D",
}
# Rows that the README counts, less blank lines, end-of-file marks and equal second rows, which are not rows.
ROWS = {
    **dict.fromkeys((2019, 2020, 2021, 2022, 2023), 112),
    **dict.fromkeys((2024, 2025, 2026), 109),
}
CAPS = {
    *(("RVU20A", 18207), ("RVU20C", 18207), ("RVU21A", 17969), ("RVU21C", 19397), ("RVU22A", 18564)),
    *(("RVU23A", 18326), ("RVU24A", 17710), ("RVU24C", 17710), ("OPPSCAP", 16100)),
}
COUNTS = {"PFAL25A": 160, "PFREV25C": 109, "PFREV26B": 4033, "ZIP5": 42956, "Section": 276}


def listed() -> list[str]:
    """The tables other than relative values, without the layouts that lie beside the ZIP codes."""
    from tests.conftest import cms_folder

    kinds = ("gpci", "locco", "anes", "oppscap", "payment", "zip")
    found = (path for kind in kinds for path in sorted(cms_folder().glob(f"{kind}/*/*")))
    return [path.relative_to(cms_folder()).as_posix() for path in found if "lyout" not in path.name]


def text_of(path: Path) -> Text:
    return next(contents(path)).text


@dataclass(frozen=True)
class Outcome:
    """A store with every file that could be loaded, and by name what each became, or why it did not."""

    home: Path
    files: Mapping[str, Loaded | OpenRVUError]


@pytest.fixture(scope="session")
def everything(cms: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    home = tmp_path_factory.mktemp("tables")
    found: dict[str, Loaded | OpenRVUError] = {}
    for name in listed():
        try:
            (found[name],) = load(cms / name, release=TOLD.get(Path(name).name, ""), home=home)
        except OpenRVUError as fault:
            found[name] = fault
    return Outcome(home, found)


@pytest.mark.parametrize("name", listed())
def test_a_file_of_cms_loads(everything: Outcome, name: str) -> None:
    loaded = everything.files[name]
    assert isinstance(loaded, Loaded), loaded
    kind, year, file = name.split("/")
    tracks = 2 if file == "ANES2026.csv" else 1
    counted = {**dict(CAPS), **COUNTS}
    expected = next((rows for key, rows in counted.items() if file.startswith(key)), 0) if kind != "gpci" else 0
    if kind in ("gpci", "locco", "anes") and "Base_Units" not in name:
        expected = ROWS[int(year)] * tracks
    assert loaded.rows == expected
    assert loaded.release[:4] == year
    assert len(loaded.sha256) == 64


def test_every_table_that_was_loaded_passes_its_checks(everything: Outcome) -> None:
    facts = holdings.current(everything.home)
    only = Facts(facts.releases, facts.loaded, facts.loaded_localities, facts.others)
    found = [check for check in verify(only) if check.origin == "loaded"]
    assert [(check.name, check.release, check.examples) for check in found if check.failed] == []
    factors = {check.release: check.compared for check in found if check.name == "anesthesia-factors"}
    assert {key: factors[key] for key in ("2025A", "2025D", "2026A")} == {"2025A": 109, "2025D": 0, "2026A": 218}
    aliased = {check.words.partition(" (")[2] for check in found if check.name == "oppscap-localities"}
    assert aliased == {"7 by a cited alias)", "6 by a cited alias)"}


@pytest.mark.parametrize(("month", "rows"), [("2025_Oct", 19_090), ("25_JAN", 18_865)])
def test_fixed_width_and_csv_have_the_same_rows(cms: Path, month: str, rows: int) -> None:
    folder = cms / "pprrvu/2025"
    plain = pprrvu.read(text_of(folder / f"PPRRVU{month}.csv"))
    fixed = pprrvu.read(text_of(folder / f"PPRRVU{month}.txt.gz"))
    assert len(fixed.rows) == rows and fixed.rows == plain.rows
    assert fixed.conversion_factor == plain.conversion_factor == "32.3465"


@pytest.mark.parametrize("name", ["2022/PPRRVU22_JAN.csv", "2023/PPRRVU23_JAN.csv"])
def test_the_original_and_the_re_encoded_file_have_the_same_rows(cms: Path, name: str) -> None:
    year = name[2:4]
    again = cms / "pprrvu" / f"20{year}" / f"RVU{year}A_PPRRVU{year}_JAN.csv.gz"
    assert pprrvu.read(text_of(cms / "pprrvu" / name)).rows == pprrvu.read(text_of(again)).rows


def test_a_workbook_of_numbers_has_the_same_rows(cms: Path) -> None:
    """No relative value file is here as a workbook: CMS's CSV as one, all figures and codes of digits as numbers."""

    def number(cell: str) -> object:
        return float(cell) if re.fullmatch(r"\d*\.?\d+", cell.strip()) else cell

    path = cms / "pprrvu/2025/PPRRVU2025_Oct.csv"
    with path.open(encoding="cp1252", newline="") as file:
        lines = [[number(cell) for cell in row] for row in csv.reader(file)]
    (text,) = workbook.sheets(book(sheet(lines)), "PPRRVU2025_Oct.xlsx", "")
    table = pprrvu.read(text)
    assert table.rows == pprrvu.read(text_of(path)).rows
    assert any("leading zeros of hcpcs" in note for note in table.notes)


def test_a_file_of_each_release_is_loaded_elsewhere_or_here(cms: Path) -> None:
    """Every relative value file with a whole layout is one of the known ones, or one of the forms above."""
    hashes = {source(release.source).sha256 for release in known()}
    here = {"PPRRVU22_JAN.csv", "PPRRVU23_JAN.csv", "RVU22A_PPRRVU22_JAN.csv.gz", "RVU23A_PPRRVU23_JAN.csv.gz"}
    here |= {"PPRRVU2025_Oct.txt.gz", "PPRRVU25_JAN.txt.gz"}
    unread = []
    for path in sorted(cms.glob("pprrvu/*/*")):
        if path.name not in here and text_of(path).sha256 not in hashes and "secondary" not in path.name:
            unread.append(path.name)
    assert unread == []


def test_the_forms_of_the_gpci_table_agree(cms: Path) -> None:
    assert (
        gpci.read(text_of(cms / "gpci/2025/GPCI2025.txt")).rows
        == gpci.read(text_of(cms / "gpci/2025/GPCI2025.csv")).rows
    )
    book = gpci.read(text_of(cms / "gpci/2022/GPCI2022.xlsx")).rows
    plain = gpci.read(text_of(cms / "gpci/2022/RVU22A_GPCI2022.csv")).rows
    assert [{**row, "state": ""} for row in book] == [{**row, "state": ""} for row in plain]


def test_the_forms_of_the_county_table_agree_but_for_what_cms_cut_off_and_misspelled(cms: Path) -> None:
    fixed = locco.read(text_of(cms / "locco/2025/25LOCCO.txt"))
    plain = {(row["mac"], row["number"]): row for row in locco.read(text_of(cms / "locco/2025/25LOCCO.csv")).rows}
    assert len(fixed.rows) == len(plain) == 109 and len(fixed.cut) == 9
    for row in fixed.rows:
        place = (row["mac"], row["number"])
        full = plain[place]["counties"]
        assert (
            full.startswith(row["counties"])
            if place in fixed.cut
            else full == row["counties"] or place == ("01182", "18")
        )
        # The text form prints no state for California, and must not take Arkansas, which stands before it.
        assert row["state"] == ("" if plain[place]["state"] == "CALIFORNIA" else plain[place]["state"])


def test_the_forms_of_the_anesthesia_table_agree(cms: Path) -> None:
    def factors(name: str) -> list[tuple[str, str, str]]:
        rows = anesthesia.read(text_of(cms / "anes/2025" / name)).rows
        return [(row["mac"], row["number"], row["value"]) for row in rows]

    book = "Anesthesia CY 2025 locality adjusted CF_floor extension 23DEC24.xlsx"
    assert factors("ANES2025.csv") == factors("ANES2025.txt") == factors(book)


def test_the_zip_table_is_the_text_of_cms(cms: Path) -> None:
    """Cut here once more, by the positions of ZIP5lyout.txt."""
    path = cms / "zip/2025/ZIP5_OCT2025.txt.gz"
    lines = gzip.decompress(path.read_bytes()).decode("ascii").splitlines()
    rows = zip5.read(text_of(path)).rows
    assert [(row["state"], row["zip"], row["mac"], row["number"], row["split"]) for row in rows] == [
        (line[0:2], line[2:7], line[7:12], line[12:14], {"0": "", "1": "yes"}[line[20]]) for line in lines
    ]
    assert sum(row["split"] == "yes" for row in rows) == 580


def test_the_opps_caps_in_the_store_are_the_cents_of_cms(cms: Path, tmp_path: Path) -> None:
    path = cms / "oppscap/2025/OPPSCAP_Oct.csv"
    load(path, release="2025D", home=tmp_path)
    with path.open(encoding="cp1252", newline="") as file:
        printed = {
            (row[0], row[1].strip(), row[3].zfill(5), row[4].zfill(2)): (
                int(100 * Decimal(row[5])),
                int(100 * Decimal(row[6])),
            )
            for row in list(csv.reader(file))[1:]
            if row[0].strip(" \x1a")
        }
    held = {
        (row["hcpcs"], row["modifier"], row["mac"], row["locality"]): (
            row["opps_facility_cents"],
            row["opps_nonfacility_cents"],
        )
        for row in holdings.current(tmp_path).others["oppscap", "2025D"].where()
    }
    assert len(held) == 16_100 and held == printed


@pytest.fixture(scope="session")
def release_zip(cms: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """RVU25D as CMS zips it, as far as its members are here."""
    path = tmp_path_factory.mktemp("zip") / "rvu25d.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in ("GPCI2025", "25LOCCO", "ANES2025"):
            for ending in (".csv", ".txt"):
                (found,) = cms.glob(f"*/2025/{name}{ending}")
                packed.write(found, found.name)
        packed.write(cms / "pprrvu/2025/PPRRVU2025_Oct.csv", "PPRRVU2025_Oct.csv")
        body = gzip.decompress((cms / "pprrvu/2025/PPRRVU2025_Oct.txt.gz").read_bytes())
        packed.writestr("PPRRVU2025_Oct.txt", body)
        packed.write(cms / "oppscap/2025/OPPSCAP_Oct.csv", "OPPSCAP_Oct.csv")
        packed.write(cms / "layouts/2025/RVU25D.pdf", "RVU25D.pdf")
    return path


def test_a_release_as_cms_zips_it_is_loaded_whole(release_zip: Path, tmp_path: Path) -> None:
    loaded = load(release_zip, home=tmp_path)
    assert [(one.release, one.rows) for one in loaded] == [
        *(("2025D", 19_090), ("2025D", 109), ("2025D", 109), ("2025D", 109), ("2025D", 16_100))
    ]
    assert [recognise.KINDS[kind] for kind in ("pprrvu", "gpci", "locco", "anesthesia", "oppscap")] == [
        one.kind for one in loaded
    ]
    failed = [check for check in verify(holdings.current(tmp_path), "2025D") if check.failed]
    assert failed == []
