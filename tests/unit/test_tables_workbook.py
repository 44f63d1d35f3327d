"""Workbooks: numbers come back as printed, zeros that Excel dropped are put back, and nothing hostile is unpacked."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from openrvu.errors import BadFile
from openrvu.tables import anesthesia, archive, gpci, text, workbook, zip5
from openrvu.tables.load import load

ROOT = Path(__file__).parents[2]
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def sheet(rows: Sequence[Sequence[object]]) -> str:
    """A worksheet: numbers as numbers, everything else as text in its cell."""
    body = []
    for number, row in enumerate(rows, 1):
        cells = []
        for at, cell in enumerate(row):
            name = f"{chr(64 + at // 26) if at > 25 else ''}{chr(65 + at % 26)}{number}"
            if isinstance(cell, (int, float)):
                cells.append(f'<c r="{name}"><v>{cell!r}</v></c>')
            elif cell:
                cells.append(f'<c r="{name}" t="inlineStr"><is><t>{escape(str(cell))}</t></is></c>')
        body.append(f'<row r="{number}">{"".join(cells)}</row>')
    return f'<worksheet xmlns="{SPACE}"><sheetData>{"".join(body)}</sheetData></worksheet>'


def book(*sheets: str) -> bytes:
    """A workbook of worksheets."""
    out = BytesIO()
    numbers = range(1, len(sheets) + 1)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(workbook.MARK, f'<Types xmlns="{PACKAGE}/content-types"/>')
        packed.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r0" Type="{RELATIONS}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        names = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in numbers)
        packed.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{SPACE}" xmlns:r="{RELATIONS}"><sheets>{names}</sheets></workbook>'
        )
        links = "".join(
            f'<Relationship Id="r{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
        )
        packed.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'
        )
        for n, body in zip(numbers, sheets, strict=True):
            packed.writestr(f"xl/worksheets/sheet{n}.xml", body)
    return out.getvalue()


GPCI: list[list[object]] = [
    ["ADDENDUM E. FINAL CY 2025 GEOGRAPHIC PRACTICE COST INDICES"],
    [],
    ["Contractor", "State", "Locality Number", "Locality Name", "PW GPCI\n(with 1.0 Floor)", "PE GPCI", "MP GPCI"],
    ["10112", "AL", "00", "ALABAMA", 1.0, 0.869, 0.575],
    [2102, "AK", 1, "ALASKA*", 1.5, 1.0810000000000002, 0.592],
]
ZIP: list[list[object]] = [
    ["STATE", "ZIP CODE", "CARRIER", "LOCALITY", "RURAL IND", "LAB CB LOCALITY", "PLUS 4 FLAG", "YEAR/QTR"],
    ["MA", 1001, "14212", "99", "", "Z9", 0.0, "20261"],
    ["KY", "42223", "15102", 0, "", "Z9", 1.0, 20261],
]
ANES: list[list[object]] = [
    ["CY 2025 Final Rule"],
    ["Updated 12/23/2024"],
    ["Contractor", "Locality", "Locality Name", "2025 Work GPCI\n*through 3/31/2025", "National Anes CF of 20.3178"],
    [10112.0, 0.0, "ALABAMA", 1.0, 19.31],
    [2102, 1, "ALASKA", 1.5, 27.860000000000003],
]


def read(rows: Sequence[Sequence[object]], name: str = "b.xlsx") -> text.Text:
    (found,) = workbook.sheets(book(sheet(rows)), name, "")
    return found


def test_numbers_come_back_as_cms_prints_them() -> None:
    table = gpci.read(read(GPCI))
    assert [(row["mac"], row["number"], row["work_gpci"], row["pe_gpci"], row["mp_gpci"]) for row in table.rows] == [
        ("10112", "00", "1.000", "0.869", "0.575"),
        ("02102", "01", "1.500", "1.081", "0.592"),
    ]
    assert table.notes == ("leading zeros of mac or number restored (1 times)",)


def test_zeros_that_excel_dropped_are_put_back() -> None:
    table = zip5.read(read(ZIP))
    assert [(row["zip"], row["mac"], row["number"], row["split"]) for row in table.rows] == [
        ("01001", "14212", "99", ""),
        ("42223", "15102", "00", "yes"),
    ]
    assert table.notes == ("leading zeros of number restored (1 times)", "leading zeros of zip restored (1 times)")
    assert [row["value"] for row in anesthesia.read(read(ANES)).rows] == ["19.31", "27.86"]


@pytest.mark.parametrize(
    ("row", "column", "cell", "words"),
    [
        (4, 5, "0.8x", "(b.xlsx, line 5, column pe_gpci)"),
        (3, 4, 1.00051, "more than 3 decimals"),
        (4, 0, 10112, "locality 10112-01"),
        (3, 2, "Alabama", "line 4"),
    ],
)
def test_a_bad_cell_is_named_by_its_row(row: int, column: int, cell: object, words: str) -> None:
    rows = [list(one) for one in GPCI]
    rows[row][column] = cell
    if words.startswith("locality"):
        rows.append(["10112", "AL", "01", "TWICE", 1.0, 1.0, 1.0])
    with pytest.raises(BadFile) as fault:
        gpci.read(read(rows))
    assert words in str(fault.value)


def test_a_sheet_that_is_no_table_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "anes.xlsx"
    path.write_bytes(book(sheet(ANES), sheet([["Anesthesia Shares"], ["Work", "PE", "MP"], [0.769, 0.166, 0.065]])))
    (loaded,) = load(path, release="2025D", home=tmp_path / "store")
    assert (loaded.release, loaded.rows, loaded.file) == ("2025D", 2, "anes.xlsx, sheet S1")


def test_a_workbook_without_any_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    path.write_bytes(book(sheet([["a", "b"]]), sheet([["c"]])))
    with pytest.raises(BadFile, match=r"none that is read here \(b\.xlsx, sheet S1\)"):
        load(path, home=tmp_path / "store")
    assert not (tmp_path / "store").exists()


def with_part(name: str, body: bytes) -> bytes:
    """A good workbook with one part more, or another one in its place."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(book(sheet(GPCI)))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info.filename, old.read(info))
        new.writestr(name, body)
    return out.getvalue()


def far_apart(name: str = "XFD1048576") -> bytes:
    first = sheet(GPCI).removesuffix("</sheetData></worksheet>")
    row = f'<row r="1048576"><c r="{name}"><v>1</v></c></row></sheetData></worksheet>'
    return with_part("xl/worksheets/sheet1.xml", f"{first}{row}".encode())


def one_text_often() -> bytes:
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 10_001))
    out = BytesIO(with_part("xl/sharedStrings.xml", f"<sst><si><t>{'A' * 10_000}</t></si></sst>".encode()))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(
            "xl/worksheets/sheet2.xml", f'<worksheet xmlns="{SPACE}"><sheetData>{cells}</sheetData></worksheet>'
        )
    return out.getvalue()


def encrypted() -> bytes:
    data = bytearray(book(sheet(GPCI)))
    for at in (data.find(b"PK\x03\x04") + 6, data.find(b"PK\x01\x02") + 8):
        data[at] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (book(sheet(GPCI))[:-40], "damaged or cut off"),
        (book(sheet(GPCI))[:600], "damaged or cut off"),
        (encrypted(), "damaged or cut off.*password|encrypted"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old Excel workbook .* or an encrypted one"),
        (far_apart(), r"spans 17,179,869,184 cells"),
        (far_apart("B1048576"), "spans"),
        (one_text_often(), "texts of up to"),
        (with_part("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row"), "damaged|no cells"),
        (with_part("xl/worksheets/sheet1.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet/>"), "declares entities"),
        (with_part("xl/media/big.bin", bytes(2**20 + 1)), "unpacks to more than 1 MiB"),
        (book(), "damaged|no cells"),
    ],
    ids=["cut", "headless", "encrypted", "old", "far", "long", "text", "xml", "entity", "big", "empty"],
)
def test_a_hostile_workbook_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, words: str
) -> None:
    monkeypatch.setattr(text, "LARGEST", 2**20)
    path = tmp_path / "b.xlsx"
    path.write_bytes(data)
    with pytest.raises(BadFile, match=words) as fault:
        list(archive.contents(path))
    assert "b.xlsx" in str(fault.value) and fault.value.fix


# What a bomb of two gigabytes may take of memory: far less than what it unpacks to.
BOUNDED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1_400 * 2**20, 1_400 * 2**20))
from openrvu.errors import BadFile
from openrvu.tables.load import load
try:
    load(sys.argv[1], release="2025D")
except BadFile as fault:
    print(fault)
# Not ru_maxrss: that of a child begins with what its parent had.
print(int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0]) // 1024)
"""
GIBIBYTES = 2


def deflated() -> bytes:
    """A deflate stream of 2 GiB of zeros: one block of 1 MiB, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * (1024 * GIBIBYTES) + packer.flush()


def bomb(path: Path, said: int = GIBIBYTES * 2**30) -> None:
    """A file that unpacks to 2 GiB of zeros, in two megabytes. said: the size that the directory of a zip tells."""
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(bytes(2**24)) * (64 * GIBIBYTES))
        return
    with zipfile.ZipFile(path, "w") as packed:
        if path.suffix == ".xlsx":
            packed.writestr(workbook.MARK, "<Types/>")
        packed.writestr("xl/worksheets/sheet1.xml" if path.suffix == ".xlsx" else "GPCI.csv", deflated())
    # Written as stored: the headers of the last member are made to say deflated, and the size.
    data = bytearray(path.read_bytes())
    for mark, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = data.rfind(mark)
        data[at + method] = zipfile.ZIP_DEFLATED
        data[at + method + 14 : at + method + 18] = said.to_bytes(4, "little")
    path.write_bytes(data)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on memory")
@pytest.mark.parametrize("name", ["bomb.zip", "bomb.csv.gz", "bomb.xlsx", "lies.zip", "lies.xlsx"])
def test_two_gigabytes_are_never_unpacked(tmp_path: Path, name: str) -> None:
    path, home = tmp_path / name, tmp_path / "store"
    bomb(path, *([1000] if name.startswith("lies") else []))
    assert path.stat().st_size < 4 * 2**20
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "OPENRVU_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(path)], env=environment, capture_output=True, text=True, timeout=120
    )
    said = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert any(word in said[0] for word in ("more than 256 MiB", "damaged or cut off")) and name in said[0]
    assert int(said[-1]) < 700
    assert not home.exists()
