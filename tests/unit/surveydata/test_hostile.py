"""Files made to break a reader, and files that are merely strange: a named error or a survey, never anything else."""

from __future__ import annotations

import csv
import io
import zipfile

import numpy as np
import pytest
from tests.unit.surveydata import vendors

from openrvu.answers import csv_text
from openrvu.errors import BadFile, BadInput, OpenRVUError, Unavailable
from openrvu.surveydata import parse
from openrvu.tables import text as texts
from openrvu.valuation.grid import grid


def _zip(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the file is empty"),
        (b"  \n \r\n", "the file is empty"),
        (b"\xff\xfe", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "binary file"),
        (b"%PDF-1.7\n\x00\x01\x02", "binary file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old Excel workbook.*password"),
        (b"PK\x03\x04" + b"junk" * 50, "workbook is damaged.*CSV UTF-8"),
        (_zip(hello=b"x"), "workbook is damaged"),
        (b"," * 3_000 + b"x\n" + b"1\n", "3001 columns"),
        (b"a," * 1_000_000 + b"z\n", "columns.*At most 2,000"),
        (b"id,63047\n1," + b"x" * 200_000 + b"\n", "field larger than|cell of more than"),
        (b'id,63047\n1,"never closed\n', "not CSV.*quotation"),
        (b"id,63047,63005\n1,less,more,extra,cells\n", "5 cells under 3 column names.*line 2"),
        (b"$FL2@(#) SPSS DATA FILE" + bytes(300), "SPSS"),
    ],
    ids=[
        "empty",
        "blank",
        "mark alone",
        "png",
        "pdf",
        "xls",
        "junk zip",
        "zip",
        "columns",
        "a million columns",
        "giant cell",
        "open quote",
        "ragged",
        "spss junk",
    ],
)
def test_a_named_error(data: bytes, says: str) -> None:
    with pytest.raises((BadFile, Unavailable), match=says):
        parse(data, "s.csv")


def test_a_workbook_that_unpacks_to_too_much_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "LARGEST", 2**20)
    bomb = _zip(**{"[Content_Types]_xml": b"<x/>", "xl__worksheets__sheet1_xml": bytes(4 * 2**20)})
    assert len(bomb) < 8_000
    with pytest.raises(BadFile, match="unpacks to more than 1 MiB"):
        parse(bomb, "bomb.xlsx")


def test_a_workbook_whose_sheet_reaches_far_is_refused() -> None:
    sheet = b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    with pytest.raises(BadFile, match=r"spans .* cells.*no survey does"):
        parse(_zip(**{"[Content_Types]_xml": b"<x/>", "xl__worksheets__sheet1_xml": sheet}), "far.xlsx")


def test_cells_that_a_spreadsheet_would_run_come_out_as_text() -> None:
    data = parse(b'id,63047,63005\n"=HYPERLINK(""http://x"")",less,less\n@x,more,same\n', "s.csv", target="62380")
    rows = [(one.line, one.name) for one in data.respondents]
    out = list(csv.reader(io.StringIO(csv_text(("line", "who"), rows))))
    assert [row[1][:1] for row in out[1:]] == ["'", "'"]


def test_a_formula_is_no_answer() -> None:
    with pytest.raises(BadFile, match=r"'=1\+1' is no answer"):
        parse(b"id,63047,63005\n1,=1+1,more\n", "s.csv", target="62380", kind="pairs")


@pytest.mark.parametrize("seed", range(3))
def test_damaged_exports_never_escape_as_another_error(seed: int) -> None:
    """Bytes of every layout overwritten, cut and repeated at random, the same on every run."""
    rng = np.random.default_rng(seed)
    whole = [
        vendors.qualtrics(),
        vendors.qualtrics_legacy(),
        vendors.redcap(),
        vendors.redcap(labels=True),
        vendors.limesurvey(),
        vendors.limesurvey(full=True),
        vendors.surveymonkey(),
        vendors.google(),
        vendors.microsoft(),
        vendors.plain(),
    ]
    strange = np.frombuffer(b'",;\t\n\r|#[]{}<>+-=@0139\x00\xff\xfe\xa0', dtype=np.uint8)
    for data in whole:
        for _ in range(25):
            made = np.frombuffer(data, dtype=np.uint8).copy()
            spots = rng.integers(0, len(made), size=int(rng.integers(1, 12)))
            made[spots] = rng.choice(strange, size=len(spots))
            cut = made.tobytes()[: int(rng.integers(1, len(made) + 1))]
            try:
                found = parse(cut, "s.csv", target="62380")
            except OpenRVUError as fault:
                assert str(fault)
            else:
                assert found.sha256


def test_random_grids_keep_their_lines() -> None:
    """A line of an error is the line in the file, quoted line ends counted."""
    found = grid(b'# remark\n\n"a\nb",c\n1,2\n\n3,4\n', "s.csv")
    assert [line for line, _ in found.rows] == [3, 5, 7]


def test_times_far_apart_and_impossible_dates_are_no_times() -> None:
    text = (
        b"ResponseId,StartDate,EndDate,63047,63005\nR1,2026-02-30 10:00,2026-03-01 10:00,less,more\n"
        b"R2,99/99/9999 99:99,x,less,more\nR3,2026-03-01 11:00,2026-03-01 10:00,same,more\n"
    )
    data = parse(text, "s.csv", target="62380")
    assert [one.seconds for one in data.respondents] == [None, None, None]


def test_day_and_month_in_either_order() -> None:
    head = "Start time,Completion time,62380 with 63047,62380 with 63005\n"
    us = parse((head + "3/5/2026 10:00:00,3/5/2026 10:01:30,less,more\n").encode(), "s.csv")
    assert us.mapping.dates == "mdy" and us.respondents[0].seconds == 90
    uk = parse((head + "31/12/2025 23:59:30,1/1/2026 0:01:00,less,more\n").encode(), "s.csv")
    assert uk.mapping.dates == "dmy" and uk.respondents[0].seconds == 90


@pytest.mark.parametrize("cell", ["12,5,5", "1.2.3", "--3", "0x10", "١٢", "1e5", "1,23,456"])
def test_what_is_no_number(cell: str) -> None:
    with pytest.raises(BadFile, match=r"is no number.*line 2, column rvu"):
        parse(f'id,rvu\n1,"{cell}"\n2,3\n'.encode(), "s.csv")


def test_two_columns_of_one_pair_and_a_target_beside_itself() -> None:
    with pytest.raises(BadFile, match="same service or pair"):
        parse(b"a 62380 63047,b 63047 62380\nless,more\n", "s.csv", target="62380")
    with pytest.raises((BadFile, BadInput), match=r"with itself|is the target"):
        parse(b"62380,63005\nless,less\n", "s.csv", target="62380")
