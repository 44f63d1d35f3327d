"""Payment files: read in both forms, refused by name; and their comparison, on records worked by hand."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from openrvu.cli import main
from openrvu.errors import BadFile, NotHeld
from openrvu.facts import Facts
from openrvu.reconciling import Difference, reconcile, reconcile_all
from openrvu.tables import payment, text

HEAD = (
    "year,carrier,locality,hcpcs,modifier,non_facility_fee,facility_fee,pctc,status,mult_surg,opps_indicator,"
    "opps_non_facility_fee,opps_facility_fee"
)
TRAILER = '"TRL- ALL RIGHTS RESERVED."\r\n'


def quoted(
    code: str = "63047", fees: tuple[str, str] = ("0001094.93", "0001094.93"), year: str = "2025", place: str = "15202"
) -> str:
    cells = [year, place, "00", code, "  ", *fees, " ", "0", "A", "2", "0000000.00", "0000000.00", "9"]
    return ",".join(f'"{cell}"' for cell in [*cells, "0000000.00", "0000000.00"]) + "\r\n"


def read(body: str) -> text.Table:
    return payment.read(text.decode(body.encode(), "pay.txt"))


def test_both_forms_give_the_same_rows() -> None:
    table = read(quoted() + TRAILER)
    (row,) = read(f"{HEAD}\n2025,15202,00,63047,,1094.93,1094.93,0,A,2,9,0.00,0.00\n").rows
    halved = {"therapy_office_cents": "0", "therapy_institution_cents": "0"}  # the extract has no such columns
    assert table.rows == [row | halved]
    assert table.rows[0]["nonfacility_cents"] == "109493" and table.footnotes and not table.notes
    assert set(table.rows[0]) == set(payment.NAMES)


def test_a_file_without_its_trailer_says_so() -> None:
    assert read(quoted()).notes == ("no trailer lines: the file may be cut off",)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (quoted() + quoted(), "line 2.*15202 00 63047 stands twice, first in line 1|stands twice.*line 2"),
        (quoted() + TRAILER + quoted("63030"), "after the trailer lines.*line 3"),
        (quoted(fees=("12O.00", "1")) + TRAILER, "not a number: '12O.00'.*line 1, column nonfacility_cents"),
        (quoted() + quoted("6303"), "'6303' is no hcpcs.*line 2"),
        (quoted() + '"2025","15202"\r\n', "2 fields instead of 16.*line 2"),
        (TRAILER, "no payment record"),
    ],
)
def test_a_bad_payment_file_is_named(body: str, words: str) -> None:
    with pytest.raises(BadFile, match=words):
        read(body)


# 63047 in Ohio, October 2025, from CMS's files: 15.37 x 1.000 + 13.61 x 0.911 + 4.87 x 1.033 = 32.79942 RVUs;
# x 32.3465 = 1,060.94643903 dollars.
OHIO = 106_095


def test_equal_and_different_amounts_are_counted(facts: Facts, tmp_path: Path) -> None:
    path = tmp_path / "PFREV25D.txt"
    path.write_text(
        quoted(fees=("0001060.95", "1.00"))
        + quoted("A0021", ("5.00", "5.00"))
        + quoted("62380", ("9.00", "9.00"))
        + quoted("63030", place="99999")
        + TRAILER
    )
    done = reconcile(path, facts)
    assert (done.records, done.compared, done.matched, done.release, done.track) == (4, 2, 1, "2025D", "all")
    assert done.differences == (Difference("15202", "00", "63047", "", "facility", 100, OHIO),)
    assert done.not_comparable == {"locality-not-in-gpci": 1, "no-rvu": 1, "no-rvu-value": 1}
    assert done.why == "named by the file, and not held whole" and done.no_rvu == {"A0021": 1}


def test_the_two_factors_of_a_year_are_told_apart_by_the_amounts(facts: Facts, tmp_path: Path) -> None:
    """62330 in July 2026 is 8.00 + 5.64 + 0.71 RVUs, Alabama's GPCIs 1.000, 0.875, 0.566 (GPCI2026.csv).

    8.00 + 5.64 x 0.875 + 0.71 x 0.566 = 13.33686; x 33.4009 = 445.4631..., x 33.5675 = 447.6850...
    """
    for amount, track in (("445.46", "nonQP"), ("447.69", "QP")):
        path = tmp_path / "pay.csv"
        path.write_text(f"{HEAD}\n2026,10112,00,62330,,{amount},{amount},0,A,2,9,0.00,0.00\n")
        done = reconcile(path, facts)
        assert (done.track, done.compared, done.matched, done.release) == (track, 2, 2, "2026C")


def test_each_payment_file_of_a_zip_is_read(facts: Facts, tmp_path: Path) -> None:
    path = tmp_path / "PFREV25D.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("PF25PD.txt", "This file contains words.\r\n")
        archive.writestr("PFREV.txt", quoted() + TRAILER)
    assert reconcile(path, facts).file == "PFREV.txt"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("PFALL.txt", quoted() + TRAILER)
    assert [(one.file, one.matched) for one in reconcile_all(path, facts)] == [("PFREV.txt", 0), ("PFALL.txt", 0)]
    with pytest.raises(BadFile, match="2 files of amounts are in the zip"):
        reconcile(path, facts)


def test_what_cannot_be_compared_is_said(facts: Facts, tmp_path: Path) -> None:
    path = tmp_path / "pay.txt"
    path.write_text(quoted(year="2017") + TRAILER)
    with pytest.raises(NotHeld, match="no release of 2017 is held"):
        reconcile(path, facts)
    path.write_text(quoted() + quoted("63030", year="2026") + TRAILER)
    with pytest.raises(BadFile, match="mixes the years 2025, 2026"):
        reconcile(path, facts)
    path.write_text(quoted() + TRAILER)
    with pytest.raises(BadFile, match="the file is of 2025 and release 2026C is not"):
        reconcile(path, facts, "2026C")
    assert reconcile(path, facts, "RVU25A").release == "2025A"
    path.write_text("mac,state,locality_number,locality_name,gpci_work,gpci_pe,gpci_mp\n10112,AL,00,ALABAMA,1,1,1\n")
    with pytest.raises(BadFile, match="holds geographic practice cost indices"):
        reconcile(path, facts)


def test_several_files_are_one_object_and_one_table(tmp_path: Path) -> None:
    paths = [tmp_path / "PFREV25D.txt", tmp_path / "PFREV25A.txt"]
    paths[0].write_text(quoted(fees=("0001060.95", "0000001.00")) + TRAILER)
    paths[1].write_text(quoted("A0021") + TRAILER)
    result = CliRunner().invoke(main, ["reconcile", *map(str, paths), "--json"])
    found = json.loads(result.stdout)
    assert (found["release"], found["compared"], found["matched"], found["different"]) == ("2025D, 2025A", 2, 1, 1)
    assert [one["file"] for one in found["files"]] == ["PFREV25D.txt", "PFREV25A.txt"]
    assert found["files"][1]["no_rvu"] == {"A0021": 1} and found["differences"] == found["files"][0]["differences"]
    printed = CliRunner().invoke(main, ["reconcile", *map(str, paths), "--csv"]).stdout.splitlines()
    assert printed == [
        "file,mac,locality,code,modifier,amount,published,computed",
        "PFREV25D.txt,15202,00,63047,,facility,1.00,1060.95",
    ]
    assert CliRunner().invoke(main, ["reconcile", *map(str, paths), "--strict"]).exit_code == 3


def test_all_differences_are_counted_and_the_first_listed(
    facts: Facts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "PFREV25D.txt"
    path.write_text(quoted(fees=("0000001.00", "0000002.00")) + TRAILER)
    monkeypatch.setattr("openrvu.reconciling.comparing.LISTED", 1)
    done = reconcile(path, facts)
    assert (done.compared, done.matched, done.different) == (2, 0, 2)
    assert done.differences == (Difference("15202", "00", "63047", "", "nonfacility", 100, OHIO),)
    assert done.notes == ("of 2 differences the first 1 are listed",)
