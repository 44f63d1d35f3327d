"""CMS's utilization files: recognised by their headings, typed exactly, suppression kept, faults told by line."""

from __future__ import annotations

import gzip
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from tests.unit.use_files import GEOGRAPHY, NATIONAL, PROVIDER, PSPS, geography, provider, psps, write

from openrvu.errors import BadFile
from openrvu.tables import store, utilization
from openrvu.tables.load import load


def table(home: Path, kind: str) -> list[dict[str, object]]:
    (entry,) = [one for one in store.entries(home) if one.kind == kind]
    return [dict(row) for row in store.KeyedTable(home / entry.file, entry.release, entry.source).where()]


def test_by_provider_and_service(tmp_path: Path) -> None:
    path = write(tmp_path / "MUP_PHY_R25_P05_V20_D23_Prov_Svc.csv", PROVIDER, provider(1003000126, "63030", "12.5"))
    (found,) = load(path, home=tmp_path / "home")
    assert (found.kind, found.release, found.rows) == (utilization.KINDS["use-provider"], "2023", 1)
    assert any("lower bound" in note for note in found.notes), "rows that CMS leaves out are told"
    (row,) = table(tmp_path / "home", "use-provider")
    assert row["hcpcs"] == "63030"
    assert (row["services"], row["average"]) == (Decimal("12.500"), Decimal("907.640000000"))
    assert (row["facility"], row["state"], row["zip"], row["specialty"]) == (1, "OH", "43215", "Neurosurgery")


def test_the_headings_of_the_first_years(tmp_path: Path) -> None:
    head = "npi\tnppes_provider_state\tnppes_provider_zip\tprovider_type\thcpcs_code\tplace_of_service"
    head += "\tline_srvc_cnt\tbene_unique_cnt\taverage_Medicare_allowed_amt"
    line = "1003000126\tMD\t215021854\tInternal Medicine\t99222\tF\t115\t112\t135.25"
    load(write(tmp_path / "Medicare_Provider_Util_Payment_PUF_CY2013.txt", head, line), home=tmp_path / "home")
    (row,) = table(tmp_path / "home", "use-provider")
    assert (row["year"], row["zip"], row["services"]) == (2013, "21502", Decimal("115.000"))


def test_suppressed_counts_stay_missing(tmp_path: Path) -> None:
    path = write(
        tmp_path / "PSPS2018.csv", PSPS, psps("63030", "*"), psps("63030", "40", denied="3"), psps("63030", "")
    )
    (found,) = load(path, home=tmp_path / "home")
    assert "2 counts are suppressed; they stay missing" in found.notes
    rows = table(tmp_path / "home", "use-psps")
    assert sorted(str(row["services"]) for row in rows) == ["37.000", "None", "None"], "40 less 3 denied; no zero"
    assert [row["suppressed"] for row in rows].count(True) == 2
    assert {row["place"] for row in rows} == {"15202-00"}


def test_by_geography_in_a_zip(tmp_path: Path) -> None:
    plain = write(tmp_path / "Geo.csv", GEOGRAPHY, geography("State", "Ohio", "0275T", "3", "40"))
    packed = tmp_path / "MUP_PHY_D22_Geo.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(plain, "MUP_PHY_R24_P05_V10_D22_Geo.csv")
    load(packed, home=tmp_path / "home")
    (row,) = table(tmp_path / "home", "use-geography")
    assert (row["year"], row["level"], row["state"], row["providers"]) == (2022, "state", "Ohio", 3)


def test_the_nation_with_commas_and_a_title(tmp_path: Path) -> None:
    line = '63030,80,made up,"1,234","$56,789.10","45,000.00"'
    path = write(tmp_path / "natsum.csv", "Part B National Summary,,,,,", NATIONAL, line)
    with gzip.open(tmp_path / "natsum2022.csv.gz", "wb") as file:
        file.write(path.read_bytes())
    load(tmp_path / "natsum2022.csv.gz", home=tmp_path / "home")
    (row,) = table(tmp_path / "home", "use-national")
    assert (row["m1"], row["services"], row["charges"]) == ("80", Decimal("1234.000"), Decimal("56789.10"))
    assert (row["level"], row["facility"]) == ("national", -1)


@pytest.mark.parametrize(("services", "word"), [("12x", "12x"), ("1,2", "columns")])
def test_a_bad_cell_is_told_by_its_line_and_nothing_is_written(tmp_path: Path, services: str, word: str) -> None:
    lines = (provider(1, "63030", "12"), provider(2, "63030", services))
    path = write(tmp_path / "MUP_D23_Prov_Svc.csv", PROVIDER, *lines)
    with pytest.raises(BadFile, match=word) as caught:
        load(path, home=tmp_path / "home")
    assert caught.value.where == "MUP_D23_Prov_Svc.csv, line 3"
    assert [path.name for path in (tmp_path / "home").iterdir()] == [], "neither table nor scratch is left"


def test_a_year_must_be_told_and_not_contradicted(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.csv", PROVIDER, provider(1, "63030", "12"))
    with pytest.raises(BadFile, match="--release 2023"):
        load(path, home=tmp_path / "home")
    (found,) = load(path, home=tmp_path / "home", release="2021")
    assert found.release == "2021"
    named = write(tmp_path / "PSPS2018.csv", PSPS, psps("63030", "40"))
    with pytest.raises(BadFile, match="2018"):
        load(named, home=tmp_path / "home", release="2019")


def test_a_heading_without_rows(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="no rows"):
        load(write(tmp_path / "PSPS2018.csv", PSPS), home=tmp_path / "home")
