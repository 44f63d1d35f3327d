"""Readers of the addenda and of NCCI's edits: on CMS's own files, and on bad ones made here."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from openrvu.errors import BadFile
from openrvu.sources import source
from openrvu.tables import addenda, asc, mue, opps, store, utilization
from openrvu.tables.load import load
from openrvu.tables.text import decode, read_text

B_HEAD = "HCPCS Code\tShort Descriptor\t CI\t SI\t APC \tRelative Weight\tPayment Rate\tMinimum Unadjusted Copayment\n"
ASC_HEAD = (
    "HCPCS Code,,Short Descriptor,Subject to Multiple Procedure Discounting,"
    "April 2026 Payment Indicator,April 2026  Payment Weight  ,April 2026 Payment Rate\n"
)
# The layout of CMS's text, heading in four lines; the codes and the pairs are made up.
PTP_HEAD = (
    "CPT only copyright 2025 American Medical Association.  All rights reserved.\t\t\t\t\t\t\r\n"
    "Column1/Column2 Edits\t\t\t\t\t\t\r\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n"
    "\t\t\t\t*=no data\t1=allowed\t\r\n"
    "\t\t\t\t\t9=not applicable\t\r\n"
)
SYNTHETIC = "99991\t99992\t\t20240101\t*\t1\tSynthetic\r\n0001A\t99991\t*\t19960101\t20201231\t0\tSynthetic\r\n"


@pytest.mark.needs("cms")
def test_addendum_b_of_cms(cms: Path) -> None:
    """Codes, letters and rates as counted in the file by an independent script; 5,975 rates are weight x 89.169."""
    text = read_text(cms / "opps/2025/2025 NFRM Addendum B.11122024.txt")
    assert addenda.kind_of(text) == "opps-b"
    found = opps.read(text, "opps-b")
    assert len(found.rows) == 18_682
    counted = Counter(row["indicator"] for row in found.rows)
    assert (counted["J1"], counted["C"], counted["N"], counted["T"]) == (3_140, 1_731, 2_228, 1_051)
    assert sum(row["weight"] is not None for row in found.rows) == 5_975
    row = opps.by_code(found)["22612"]
    assert (row["apc"], row["weight"], row["rate"], row["minimum_copayment"], row["adjusted_copayment"]) == (
        "5116",
        2_062_381,
        18_390_050,
        3_678_010,
        1_632_000,
    )
    assert not any("descriptor" in name for name in row)
    assert found.notes == ("inpatient only, with a rate printed that does not pay: 50600",)


@pytest.mark.needs("cms")
def test_the_least_copayment_is_a_fifth_rounded_up(cms: Path) -> None:
    """Of every code that pays and costs the patient something: 20 % of the rate, up to the cent."""
    text = read_text(cms / "opps/2025/2025 NFRM Addendum B.11122024.txt")
    compared = 0
    for row in opps.read(text, "opps-b").rows:
        rate, least = row["rate"], row["minimum_copayment"]
        if row["indicator"] == "C" or not isinstance(rate, int) or not least:
            continue
        assert least == -(-rate // 50) * 10, row["hcpcs"]  # rate in tenths of a cent
        compared += 1
    assert compared == 6_580  # of 6,636 rates: 55 cost nothing (prevention, some drugs), one is inpatient only


@pytest.mark.needs("cms")
def test_the_groups_of_addendum_a_have_the_rates_of_their_codes(cms: Path) -> None:
    folder = cms / "opps/2025"
    groups = opps.by_code(opps.read(read_text(folder / "2025 NFRM Addendum A.11122024.txt"), "opps-a"))
    codes = opps.read(read_text(folder / "2025 NFRM Addendum B.11122024.txt"), "opps-b").rows
    assert len(groups) == 994
    compared = [row for row in codes if row["apc"] and row["weight"] is not None]
    assert len(compared) > 5_000
    assert all(groups[str(row["apc"])]["rate"] == row["rate"] for row in compared)


@pytest.mark.needs("cms")
def test_device_offsets_of_cms(cms: Path) -> None:
    """535 of 535 offsets are rate x percent, half up: the file's own statement of what they are."""
    text = read_text(cms / "opps/2025/2025 NFRM Addendum P - Device Intensive List.11142024.txt")
    assert addenda.kind_of(text) == "opps-p"
    rows = opps.read(text, "opps-p").rows
    assert len(rows) == 535
    for row in rows:
        rate, percent, offset = int(row["rate"] or 0), int(row["offset_percent"] or 0), int(row["offset_amount"] or 0)
        assert (rate // 10 * percent + 5_000) // 10_000 == offset // 10, row["hcpcs"]


@pytest.mark.needs("cms")
def test_every_indicator_of_addendum_d1_has_our_words(cms: Path) -> None:
    from openrvu.facility.indicators import indicators

    text = read_text(cms / "opps/2025/2025 NFRM Addendum D1.10242024.txt")
    assert addenda.kind_of(text) == "opps-d1"
    printed = {str(row["indicator"]) for row in opps.read(text, "opps-d1").rows}
    assert printed == set(indicators())


@pytest.mark.needs("cms")
def test_unit_limits_of_cms(cms: Path) -> None:
    text = read_text(cms / "mue/2026/MCR_MUE_PractitionerServices_Eff_04-01-2026.csv")
    assert addenda.kind_of(text) == "mue"
    rows = mue.read(text).rows
    assert len(rows) == 15_095
    assert Counter(row["adjudication"] for row in rows) == {3: 9_637, 2: 5_417, 1: 41}


@pytest.mark.needs("cms")
def test_all_of_them_are_loaded_and_cited(cms: Path, store: Path) -> None:
    names = {one.kind: one.rows for one in load(sorted((cms / "opps/2025").glob("*.txt")))}
    assert names[addenda.KINDS["opps-b"]] == 18_682 and len(names) == 4
    (entry,) = [one for one in entries() if one.kind == "opps-b"]
    assert "5,975 of 5,975 rates are weight x 89.169 to the cent" in entry.notes
    assert source(entry.source).citation == f"CMS file {entry.source_name}, opps-b-2025, as loaded on this machine"


def entries() -> tuple[store.Entry, ...]:
    return store.entries(store.home())


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("63047\t\t\tJ1\t5114\t80.1145\t$7,143.73\n", "columns instead of"),
        ("6304\t\t\tJ1\t5114\t80.1145\t$7,143.73\t$1,428.75\n", "is no hcpcs"),
        ("63047\t\t\t51\t5114\t80.1145\t$7,143.73\t$1,428.75\n", "is no indicator"),
        ("63047\t\t\tJ1\t5114\teighty\t$7,143.73\t$1,428.75\n", "column weight"),
        ("63047\t\t\tJ1\t5114\t80.1145\t-7,143.73\t$1,428.75\n", "below zero"),
        ("63047\t\t\tN\t\t\t\t\n63047\t\t\tN\t\t\t\t\n", "stands twice"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(line: str, what: str) -> None:
    with pytest.raises(BadFile, match=what) as fault:
        opps.read(decode((B_HEAD + line).encode(), "b.txt"), "opps-b")
    assert "line 2" in str(fault.value) or "line 3" in str(fault.value)


def test_an_addendum_b_that_was_cut_off_is_refused() -> None:
    body = "\tAddendum B.-- OPPS Payment by HCPCS Code for CY 2025\t\t\t\t\t\t\n" + B_HEAD + "63047\t\t\tN\t\t\t\t\n"
    with pytest.raises(BadFile, match="cut off"):
        opps.read(decode(body.encode(), "b.txt"), "opps-b")


def test_a_surgical_centre_addendum_by_its_headings() -> None:
    # 64628 in April 2026: weight 175.6211, rate 9,891.33, as printed in CMS's addendum.
    body = "Title\n\n" + ASC_HEAD + '64628,,x,Y,J8,175.6211,"$9,891.33 "\n62331,,x,N,N1,,\n'
    table = asc.read(decode(body.encode(), "aa.csv"))
    assert (table.kind, table.rows[0]["rate"], table.rows[1]["rate"]) == ("asc-aa", 9_891_330, None)


def test_proposed_rates_are_refused() -> None:
    body = ASC_HEAD.replace("April", "Proposed CY") + "64628,,x,Y,J8,1.0000,$56.32\n"
    with pytest.raises(BadFile, match="proposed"):
        asc.read(decode(body.encode(), "aa.csv"))


def test_the_year_of_a_file_must_be_told(tmp_path: Path) -> None:
    path = tmp_path / "b.txt"
    path.write_text(B_HEAD + "63047\t\t\tN\t\t\t\t\n")
    with pytest.raises(BadFile, match="which year"):
        load(path)
    assert load(path, release="2026B")[0].release == "2026B"
    with pytest.raises(BadFile, match="no year or quarter"):
        load(path, release="next")


def test_a_quarter_in_the_name_goes_before_the_year_in_the_title(tmp_path: Path) -> None:
    path = tmp_path / "2026_April_Web_Addendum_A.txt"
    head = B_HEAD.replace("HCPCS Code\tShort Descriptor\t CI", "APC \tGroup Title").replace("\t APC ", "")
    path.write_text("\tAddendum A.- OPPS APCs for CY 2026\t\t\t\t\n" + head + "5114\t\tJ1\t1.0000\t$91.42\t$18.29\n")
    assert load(path)[0].release == "2026B"


def test_hospital_unit_limits_are_refused() -> None:
    head = '"HCPCS/\nCPT Code",Outpatient Hospital Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n'
    with pytest.raises(BadFile, match="outpatient hospital services"):
        mue.read(decode((head + "63047,1,2 Date,x\n").encode(), "m.csv"))


def edits(folder: Path, body: str = SYNTHETIC, name: str = "ccipra-v321r0-f1.TXT") -> Path:
    path = folder / name
    path.write_bytes((PTP_HEAD + body).encode("cp1252"))
    return path


def test_edits_are_loaded_under_quarter_and_part(tmp_path: Path) -> None:
    (one,) = load(edits(tmp_path))
    assert (one.kind, one.release, one.rows) == (addenda.KINDS["ptp"], "2026B-practitioner-f1", 2)
    (entry,) = entries()
    rows = store.query("SELECT * FROM read_parquet(?)", [str(store.home() / entry.file)])
    assert rows[0] == ("0001A", "99991", 1, 19960101, 20201231, 0, "Synthetic")
    assert rows[1] == ("99991", "99992", 0, 20240101, None, 1, "Synthetic")


def test_edits_of_a_zip_are_read_once_though_it_has_two_forms(tmp_path: Path) -> None:
    path = tmp_path / "ccipra-v321r0-f2.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ccipra-v321r0-f2.txt", PTP_HEAD + SYNTHETIC)
        archive.writestr("ccipra-v321r0-f2.xlsx", b"no workbook")
    assert [one.release for one in load(path)] == ["2026B-practitioner-f2"]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("99991\t99992\t\t20240101\t*\t2\tx\r\n", "none of 0, 1, 9"),
        ("99991\t99992\t\t20241301\t*\t1\tx\r\n", "month must be in"),
        ("99991\t99992\t\tlately\t*\t1\tx\r\n", "is no date"),
        ("99991\tABC\t\t20240101\t*\t1\tx\r\n", "is no code"),
        ("99991\t99992\r\n", "columns instead of"),
    ],
)
def test_a_bad_edit_stops_the_load_and_names_its_line(tmp_path: Path, row: str, what: str) -> None:
    with pytest.raises(BadFile, match=what) as fault:
        load(edits(tmp_path, SYNTHETIC + row))
    assert "line 9" in str(fault.value)
    assert not list(store.home().glob("*.parquet"))


def test_a_zip_with_a_damaged_member_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ccipra-v321r0-f1.zip"
    with zipfile.ZipFile(path, "w") as archive:  # stored as it is, so the rows stay readable and the sum does not fit
        archive.writestr("ccipra-v321r0-f1.txt", PTP_HEAD + SYNTHETIC)
    path.write_bytes(path.read_bytes().replace(b"20240101", b"20240201", 1))
    with pytest.raises(BadFile, match="damaged"):
        load(path)


def test_edits_whose_name_says_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="whose edits"):
        load(edits(tmp_path, name="edits.txt"))


def test_edits_as_csv_are_read(tmp_path: Path) -> None:
    path = tmp_path / "ccipra-v321r0-f3.csv"
    path.write_text((PTP_HEAD + SYNTHETIC).replace("\t", ","))
    assert [one.rows for one in load(path)] == [2]


def workbook(rows: list[list[str | int]]) -> bytes:
    """A workbook of one sheet, the least that a reader takes: numbers as numbers, so that zeros in front are lost."""
    cells = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{"ABCDEFG"[at]}{number}"><v>{cell}</v></c>'
            if isinstance(cell, int)
            else f'<c r="{"ABCDEFG"[at]}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for at, cell in enumerate(row)
        )
        + "</row>"
        for number, row in enumerate(rows, start=1)
    )
    main, office = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://schemas.openxmlformats.org"
    relation = f"{office}/officeDocument/2006/relationships"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{office}/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/xl/workbook.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{office}/package/2006/relationships"><Relationship Id="r1" '
            f'Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets><sheet name="e" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{office}/package/2006/relationships"><Relationship Id="r1" '
            f'Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
        )
    return out.getvalue()


def test_edits_as_a_workbook_are_read_and_lost_zeros_restored(tmp_path: Path) -> None:
    rows: list[list[str | int]] = [list(line.split("\t")) for line in PTP_HEAD.splitlines()]
    rows += [[100, 99991, "", 20240101, "*", 1, "Synthetic"]]
    path = tmp_path / "ccipra-v321r0-f4.xlsx"
    path.write_bytes(workbook(rows))
    load(path)
    (entry,) = entries()
    assert store.query("SELECT column1, column2, effective FROM read_parquet(?)", [str(store.home() / entry.file)]) == [
        ("00100", "99991", 20240101)
    ]


def test_the_zip_tells_what_a_member_does_not(tmp_path: Path) -> None:
    path = tmp_path / "ccioph-v321r0-f1.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("edits.txt", PTP_HEAD + SYNTHETIC)
    assert [one.release for one in load(path)] == ["2026B-hospital-f1"]


def test_kinds_beside_the_schedule_are_those_of_the_addenda_and_of_use() -> None:
    assert frozenset({*addenda.KINDS, *utilization.KINDS}) == store.BESIDE
