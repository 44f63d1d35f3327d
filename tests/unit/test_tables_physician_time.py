"""The physician time file: read by its headings from CSV and workbook; every minute here is SYNTHETIC, made up."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from openrvu.errors import BadFile
from openrvu.tables import physician_time as times

HEAD = (
    "HCPCS,DESCRIPTION,Pre_Evaluation_Time,Pre_Positioning_Time,Pre_Service_Scrub_Dress_Wait_Time,"
    "Median_Intra_Service_Time,Immediate_Post_Service_Time,99213,99238,Total_Time"
)
ROWS = ["63047,,40,15,15,90,30,3,1,277", "22869,,33,10,15,43,20,2,0.5,163", "11042,,0,,,20,,,,20"]
LABEL = "SYNTHETIC minutes: no service has these"
TEXT = "\n".join([LABEL, HEAD, *ROWS, "CPT codes are the AMA's"]) + "\n"


def workbook(lines: list[list[object]]) -> bytes:
    """A minimal workbook whose second sheet has the lines; the first has a note."""

    def sheet(rows: list[list[object]]) -> str:
        def cell(value: object) -> str:
            if isinstance(value, (int, float)):
                return f"<c><v>{value}</v></c>"
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'

        body = "".join(f"<row>{''.join(cell(v) for v in row)}</row>" for row in rows)
        return f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'

    kind, rels = (
        f"{OFFICE}/officeDocument/2006/relationships",
        f'<Relationships xmlns="{OFFICE_PACKAGE}/relationships">',
    )
    named = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(("Note", "Times"), 1))
    links = [f'<Relationship Id="r{i}" Type="{kind}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i in (1, 2)]
    root = f'<Relationship Id="r1" Type="{kind}/officeDocument" Target="xl/workbook.xml"/>'
    types = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{OFFICE_PACKAGE}/content-types">{types}</Types>',
        "_rels/.rels": f"{rels}{root}</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{kind}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"{rels}{''.join(links)}</Relationships>",
        "xl/worksheets/sheet1.xml": sheet([["only a note"]]),
        "xl/worksheets/sheet2.xml": sheet(lines),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return out.getvalue()


OFFICE = "http://schemas.openxmlformats.org"
OFFICE_PACKAGE = f"{OFFICE}/package/2006"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def test_a_csv_by_its_headings() -> None:
    found = times.parse(TEXT.encode(), "times.csv")
    assert found.simulated and found.label == LABEL and set(found.rows) == {"63047", "22869", "11042"}
    one = found.rows["63047"]
    assert (one.evaluation, one.positioning, one.scrub, one.intra, one.post, one.total) == (40, 15, 15, 90, 30, 277)
    assert one.pre == 70 and one.counted == {"99213": 3.0, "99238": 1.0}
    assert found.rows["22869"].counted["99238"] == 0.5
    assert found.rows["11042"].pre == 0 and found.rows["11042"].counted == {}


def test_a_workbook_is_the_same_table(tmp_path: Path) -> None:
    body = [row.split(",") for row in ROWS]
    lines: list[list[object]] = [[LABEL], list(HEAD.split(","))]
    lines += [[float(cell) if cell.replace(".", "").isdigit() else cell for cell in row] for row in body]
    path = tmp_path / "times.xlsx"
    path.write_bytes(workbook(lines))
    assert times.read(path).rows == times.parse(TEXT.encode(), "times.csv").rows
    assert times.read(path).label == f"{LABEL}"


def test_columns_in_another_order_and_other_words() -> None:
    text = (
        "Mod,Total Time,Intra-Service Time (median),CPT/HCPCS,Immediate Post-Service,visits 99213\n26,20,15,70450,5,1\n"
    )
    found = times.parse(text.encode(), "x.csv").rows["70450-26"]
    assert (found.code, found.modifier, found.intra, found.post, found.total) == ("70450", "26", 15, 5, 20)
    assert found.counted == {"99213": 1.0}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "no heading with a code"),
        (f"{HEAD}\n", "no codes"),
        (f"{HEAD}\n63047,,x,,,90,,,,\n", "line 2, column evaluation"),
        (f"{HEAD}\n63047,,,,,-5,,,,\n", "column intra"),
        (f"{HEAD}\n63047,,,,,90,,,,\n63047,,,,,90,,,,\n", "63047 stands twice"),
        (f"{HEAD}\nhello,,40,,,90,,,,\n", "'HELLO' is no code"),
        (f"{HEAD},Intra again\n63047,,,,,90,,,,,5\n", "two columns mean intra"),
    ],
)
def test_refusals_name_the_place(text: str, says: str) -> None:
    with pytest.raises(BadFile, match=says) as fault:
        times.parse(text.encode(), "x.csv")
    assert "x.csv" in str(fault.value) and fault.value.fix


def test_a_file_that_is_no_workbook_and_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="workbook cannot be read"):
        times.parse(b"PK\x03\x04 rubbish", "x.xlsx")
    with pytest.raises(BadFile, match="cannot be read"):
        times.read(tmp_path / "none.csv")
