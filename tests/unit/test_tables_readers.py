"""Readers of CMS files on small made-up files in CMS's shape: what is mended is noted, what is wrong is named."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from openrvu.errors import BadFile
from openrvu.schemas import RELATIVE_VALUES
from openrvu.tables import conversion_factor, gpci, locco, pprrvu, text

PLAIN = (
    "hcpcs,mod,description,status_code,not_used_for_medicare_payment,work_rvu,non_fac_pe_rvu,non_fac_indicator,"
    "facility_pe_rvu,facility_indicator,mp_rvu,non_facility_total,facility_total,pctc_ind,glob_days,pre_op,intra_op,"
    "post_op,mult_proc,bilat_surg,asst_surg,co_surg,team_surg,endo_base,conv_factor,"
    "physician_supervision_of_diagnostic_procedures,calculation_flag,diagnostic_imaging_family_indicator,"
    "non_facility_pe_used_for_opps_payment_amount,facility_pe_used_for_opps_payment_amount,mp_used_for_opps_payment_amount"
)
# One row of each kind: a global row, its two parts, an operation.
ROWS = [
    "70492,,SECRET,A,,1.62,4.27,,4.27,,0.12,6.01,6.01,1,XXX,0.00,0.00,0.00,4,0,0,0,0,,32.3465,02,0,88,9.00,9.00,0.10",
    "70492,TC,,A,,0.00,3.60,,3.60,,0.02,3.62,3.62,1,XXX,0.00,0.00,0.00,4,0,0,0,0,,32.3465,02,0,88,9.00,9.00,0.10",
    "70492,26,,A,,1.62,0.67,,0.67,,0.10,2.39,2.39,1,XXX,0.00,0.00,0.00,4,0,0,0,0,,32.3465,02,0,99,0.00,0.00,0.00",
    "63047,,,A,,15.37,14.3,NA,14.3,,4.2,33.87,33.87,0,090,0.11,0.76,0.13,2,2,2,1,0,,32.3465,09,0,99,0.00,0.00,0.00",
]
# CMS's own heading: upper parts of the words stand in the lines above the last one.
ABOVE = [
    ",,2025 National Physician Fee Schedule Relative Value File January Release" + "," * 28,
    ",,RELEASED 12/23/2024" + "," * 28,
    ",, , ,,,,,,,,,,,,,,,,,,,,,,,,,NON-FACILITY,FACILITY,",
    ",,,,NOT USED,,,,,,,,,,,,,,,,,,,,,PHYSICIAN,,DIAGNOSTIC,PE USED,PE USED,MP USED",
    ",,,,FOR,,,NON-FAC,,FACILITY ,,,,,,,,,,,,,,,,SUPERVISION OF,,IMAGING,FOR OPPS,FOR OPPS,FOR OPPS",
    ",,,STATUS,MEDICARE ,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,POST,MULT,BILAT,"
    "ASST,CO-,TEAM,ENDO,CONV,DIAGNOSTIC,CALCULATION,FAMILY,PAYMENT,PAYMENT,PAYMENT",
    "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,"
    "SURG,SURG,SURG,SURG,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT",
]


def plain(*rows: str, end: str = "\r\n") -> str:
    return "\r\n".join([PLAIN, *(rows or ROWS)]) + end


def read(body: str | bytes) -> pprrvu.RelativeValues:
    return pprrvu.read(text.decode(body.encode() if isinstance(body, str) else body, "file.csv"))


def refused(body: str | bytes) -> str:
    with pytest.raises(BadFile) as fault:
        read(body)
    assert "file.csv" in str(fault.value) and fault.value.fix
    return str(fault.value)


def cell(row: str, at: int, value: str) -> str:
    cells = row.split(",")
    cells[at] = value
    return ",".join(cells)


def test_rows_are_named_as_the_schema_names_them() -> None:
    table = read(plain())
    assert [set(row) for row in table.rows] == [{column.name for column in RELATIVE_VALUES}] * 4
    assert table.rows[0]["imaging_family"] == "88" and table.rows[0]["opps_mp_rvu"] == "0.10"
    assert table.rows[3]["pe_facility_rvu"] == "14.30" and table.rows[3]["na_nonfacility"] == "NA"
    assert (table.conversion_factor, table.columns, table.missing, table.notes) == ("32.3465", 31, (), ())


def test_the_descriptor_is_dropped_as_it_is_read() -> None:
    assert "SECRET" not in repr(read(plain()))


def test_the_split_heading_of_cms_gives_the_same_rows() -> None:
    table = read("\r\n".join([*ABOVE, *ROWS, "\x1a" + "," * 30, ""]))
    assert table.rows == read(plain()).rows
    assert table.heads[:2] == (
        "2025 National Physician Fee Schedule Relative Value File January Release",
        "RELEASED 12/23/2024",
    )
    assert table.notes == ("line without a code left out (1 times)",)


@pytest.mark.parametrize("name", ["pricing_ind", "some_new_word"])
def test_the_layout_of_32_columns_is_read_by_its_heading(name: str) -> None:
    head = PLAIN.replace("team_surg,", f"team_surg,{name},")
    cells = ROWS[3].split(",")
    table = read("\n".join([head, ",".join([*cells[:23], "1", *cells[23:]]), ""]))
    assert table.columns == 32 and table.rows[0] == read(plain(ROWS[3])).rows[0] | {"pricing_indicator": "1"}


def test_a_column_moved_with_its_heading_is_found_there() -> None:
    def swap(row: str) -> str:
        cells = row.split(",")
        return ",".join([*cells[:5], cells[10], *cells[6:10], cells[5], *cells[11:]])

    assert read("\n".join([swap(PLAIN), *map(swap, ROWS), ""])).rows == read(plain()).rows


def test_lost_leading_zeros_come_back_and_are_counted() -> None:
    spoiled = cell(cell(ROWS[3], 14, "90"), 25, "9")
    anesthesia = cell(cell(spoiled, 0, "100"), 14, "0")
    table = read(plain(spoiled, anesthesia))
    assert [(row["hcpcs"], row["global_days"], row["supervision"]) for row in table.rows] == [
        ("63047", "090", "09"),
        ("00100", "000", "09"),
    ]
    assert table.notes == (
        "leading zeros of global_days restored (2 times)",
        "leading zeros of hcpcs restored (1 times)",
        "leading zeros of supervision restored (2 times)",
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (plain(cell(ROWS[3], 5, "fifteen")), ["line 2, column work_rvu", "'fifteen' is no plain number"]),
        (plain(ROWS[0], cell(ROWS[3], 5, "1,5".replace(",", "e"))), ["line 3, column work_rvu", "'1e5'"]),
        (plain(cell(ROWS[3], 6, "501.00")), ["column pe_nonfacility_rvu", "outside 0 to 500"]),
        (plain(cell(ROWS[3], 5, "-1.00")), ["column work_rvu", "outside 0 to 150"]),
        (plain(cell(ROWS[3], 14, "9O")), ["line 2, column global_days", "'9O' is no global_days"]),
        (plain(cell(ROWS[3], 3, "15.37")), ["column status"]),
        (plain(ROWS[3] + ",1"), ["line 2", "32 columns instead of 31"]),
        (plain(ROWS[0], PLAIN, ROWS[3]), ["line 3", "second heading"]),
        (plain(ROWS[0], ROWS[3], ROWS[0]), ["line 4, column hcpcs", "70492 stands twice, first in line 2"]),
        (plain(ROWS[1], ROWS[1]), ["70492 TC stands twice"]),
        (plain(ROWS[0], "\x1a" + "," * 30, ROWS[3]), ["line 4", "after the end-of-file mark of line 3"]),
        (plain(ROWS[0], ROWS[3][:40], end=""), ["line 3", "it was cut off"]),
        (plain(ROWS[0], ROWS[3][:-1], end=""), ["line 3, column opps_mp_rvu", "the last line is cut off"]),
        (plain(ROWS[0], '"open'), ["line 3", "is no CSV: unexpected end of data"]),
        (PLAIN + "\r\n", ["a heading and no rows"]),
        (plain().encode("utf-16"), ["line 1", "UTF-16"]),
        (plain().encode("utf-16-le"), ["line 1", "UTF-16"]),
        (plain().replace("0.12", "0\x0012").encode(), ["line 2", "NUL byte"]),
        (b"", ["the file is empty"]),
        (b" \r\n\r\n", ["the file is empty"]),
        ("a,b\n1,2\n", ["no heading line begins with HCPCS"]),
        (plain().replace("work_rvu", "labour"), ["line 1, column 6", "is headed 'LABOUR'"]),
        (plain().replace("mp_rvu,", "work_rvu,", 1), ["two columns are headed 'WORKRVU'"]),
        ("\n".join(r.rsplit(",", 3)[0] for r in [PLAIN, *ROWS]) + "\n", ["missing: opps_pe_nonfacility_rvu, opps_pe"]),
    ],
    ids=lambda value: value[-1][:40] if isinstance(value, list) else "",
)
def test_what_is_wrong_is_named_with_line_and_column(body: str | bytes, words: list[str]) -> None:
    message = refused(body)
    assert all(word in message for word in words), message


def test_a_number_in_a_shuffled_column_does_not_pass() -> None:
    """Cells of two columns exchanged under an unchanged heading: status beside work RVU."""
    cells = ROWS[3].split(",")
    cells[3], cells[5] = cells[5], cells[3]
    assert "'15.37' is no status" in refused(plain(",".join(cells)))


def test_a_gzip_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rvu.csv.gz"
    packed = gzip.compress(plain().encode())
    path.write_bytes(packed)
    assert pprrvu.read(text.read_text(path)).rows == read(plain()).rows
    path.write_bytes(packed[:-20])
    with pytest.raises(BadFile, match=r"gzip file is damaged or cut off.*rvu\.csv\.gz"):
        text.read_text(path)


def test_a_gzip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "LARGEST", 2**20)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"0" * (2**20 + 1)))
    with pytest.raises(BadFile, match="unpacks to more than 1 MiB"):
        text.read_text(path)
    path.write_bytes(b"0" * (2**20 + 1))
    with pytest.raises(BadFile, match="larger than 1 MiB"):
        text.read_text(path)


def test_a_file_that_is_not_there_is_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        text.read_text(tmp_path / "none.csv")


CMS_GPCI = (
    "ADDENDUM E. GEOGRAPHIC PRACTICE COST INDICES,,,,,,,\r\n,,,,,,,\r\n"
    "Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,2026 PW GPCI (without 1.0 Floor),"
    "2026 PW GPCI (with 1.0 Floor),2026 PE GPCI,2026 MP GPCI\r\n"
    "10112,AL,00,ALABAMA,0.988,1.000,0.875,0.566\r\n2102,AK,1,ALASKA*,1.5,1.5,1.065,.551\r\n"
    ",,,,,,,\r\n*A footnote.,,,,,,,\r\n"
)


def gpci_table(body: str) -> text.Table:
    return gpci.read(text.decode(body.encode(), "g.csv"))


def test_gpcis_are_read_with_the_floor_and_without_footnote_stars() -> None:
    table = gpci_table(CMS_GPCI)
    alabama, alaska = table.rows
    assert alabama == {
        "mac": "10112",
        "number": "00",
        "name": "ALABAMA",
        "state": "AL",
        "work_gpci": "1.000",
        "pe_gpci": "0.875",
        "mp_gpci": "0.566",
    }
    assert (alaska["mac"], alaska["number"], alaska["name"], alaska["mp_gpci"]) == ("02102", "01", "ALASKA", "0.551")
    assert table.notes == ("leading zeros of mac or number restored (1 times)",)
    assert table.footnotes == ("*A footnote.",)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("0.875", "0.8x", "g.csv, line 4, column pe_gpci"),
        ("0.875", "8.75", "outside 0 to 3"),
        ("0.875", "0", "outside 0 to 3"),
        ("2102,AK,1", "10112,AL,00", "locality 10112-00 stands twice"),
        (",0.566", "", "7 columns instead of 8"),
        ("10112", "ALA", "no MAC and locality number"),
        ("Locality Number", "Area", "no heading with MAC"),
    ],
)
def test_a_bad_gpci_file_is_named(old: str, new: str, words: str) -> None:
    with pytest.raises(BadFile, match=words):
        gpci_table(CMS_GPCI.replace(old, new))


LOCCO = (
    "COUNTIES INCLUDED,,,,\r\n,,,,\r\nMedicare Adminstrative Contractor,Locality Number,State ,Fee Schedule Area ,"
    'Counties\r\n,,,,\r\n5302,2,MISSOURI ,METROPOLITAN KANSAS CITY,"CLAY, JACKSON AND PLATTE"\r\n'
    "5302,99,,REST OF STATE* ,ALL OTHER COUNTIES \r\n5302,99,,REST OF STATE*,ALL OTHER COUNTIES\r\n , , , , \r\n"
    "*  Payment locality is serviced by two carriers.,,,,\r\n"
)


def test_counties_carry_the_state_down_and_merge_equal_rows() -> None:
    table = locco.read(text.decode(LOCCO.encode(), "l.csv"))
    assert [(r["mac"], r["number"], r["state"], r["area"]) for r in table.rows] == [
        ("05302", "02", "MISSOURI", "METROPOLITAN KANSAS CITY"),
        ("05302", "99", "MISSOURI", "REST OF STATE"),
    ]
    assert "second, equal row of a locality merged (1 times)" in table.notes


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("REST OF STATE*,ALL OTHER COUNTIES", "REST OF STATE*,BUTTE", "line 7.*stands twice|stands twice.*line 7"),
        ("MISSOURI ", "", "the first locality has no state"),
        ("5302,2", "5302,Z", "no MAC and locality number"),
        ("5302,2,", "5302,2,,", "6 columns instead of 5"),
        ("Counties", "Places", "no heading"),
    ],
)
def test_a_bad_county_file_is_named(old: str, new: str, words: str) -> None:
    with pytest.raises(BadFile, match=words):
        locco.read(text.decode(LOCCO.replace(old, new).encode(), "l.csv"))


@pytest.mark.parametrize("row", ["2026-13-01,,QP,33.5", "2026-01-01,,qp,33.5", "2026-01-01,,QP,60.1", "a,b"])
def test_a_bad_conversion_factor_is_named(row: str) -> None:
    body = ",".join(conversion_factor.HEADING) + f"\n{row},no\n"
    with pytest.raises(BadFile, match=r"cf\.csv, line 2"):
        conversion_factor.read(text.decode(body.encode(), "cf.csv"))
