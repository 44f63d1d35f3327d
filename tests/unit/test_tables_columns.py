"""The text forms of CMS's tables: cut by the layout, refused where a record does not fit it. Records typed by hand from
the layouts, not by our own code."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from openrvu.errors import BadFile
from openrvu.tables import anesthesia, fixed, gpci, locco, pprrvu, recognise, zip5
from openrvu.tables.text import Text, decode


def record(modifier: str = "", words: str = "") -> str:
    """A record of 171 characters: positions 1-57, 58-102, 103-120, 121-140 and 141-171."""
    left = f"63047{modifier:<2}{words:<50}"
    return left + (
        "A  15.37  12.00NA  11.98    4.90  32.27 32.25" + "0090.10.69.2122110" + f"{'32.3465':>20}" + " 090 99"
        "      0.00   1.50   0.11"
    )


PPRRVU = "\r\n".join(["HDR CPT CODES AND", "HDR RESERVED.", record(words="INVENTED WORDS"), record("26"), "\x1a"])


def read(body: str, reader: Callable[[Text], object] = pprrvu.read) -> object:
    return reader(decode(body.encode(), "t.txt"))


def test_a_relative_value_record_is_cut_where_the_layout_says() -> None:
    table = pprrvu.read(decode(PPRRVU.encode(), "t.txt"))
    first, second = table.rows
    assert (first["hcpcs"], first["modifier"], second["modifier"]) == ("63047", "", "26")
    assert [first[name] for name in ("work_rvu", "pe_nonfacility_rvu", "pe_facility_rvu", "mp_rvu")] == [
        *("15.37", "12.00", "11.98", "4.90")
    ]
    assert (first["na_nonfacility"], first["na_facility"], first["global_days"]) == ("NA", "", "090")
    assert (first["preoperative"], first["intraoperative"], first["postoperative"]) == ("0.10", "0.69", "0.21")
    assert [first[name] for name in ("pctc", "multiple", "bilateral", "assistant", "cosurgeon", "team")] == [
        *("0", "2", "2", "1", "1", "0")
    ]
    assert (first["supervision"], first["calculation_flag"], first["imaging_family"]) == ("09", "0", "99")
    assert (first["opps_pe_nonfacility_rvu"], first["opps_pe_facility_rvu"], first["opps_mp_rvu"]) == (
        *("0.00", "1.50", "0.11"),
    )
    assert table.conversion_factor == "32.3465" and table.heads == ("CPT CODES AND", "RESERVED.")
    assert table.descriptors == {} and "text" not in first
    assert recognise.kind(decode(PPRRVU.encode(), "t.txt")) == "pprrvu"


def test_a_pricing_indicator_stands_in_position_121() -> None:
    row = pprrvu.read(decode(PPRRVU.replace("22110 ", "221109").encode(), "t.txt")).rows[0]
    assert (row["team"], row["pricing_indicator"]) == ("0", "9")


def test_descriptors_are_given_only_where_asked_for() -> None:
    found = pprrvu.read(decode(PPRRVU.encode(), "t.txt"), descriptors=True).descriptors
    assert found == {("63047", ""): "INVENTED WORDS"}


GPCI = (
    "ADDENDUM E. FINAL CY 2025 GEOGRAPHIC PRACTICE COST INDICES\r\n\r\n"
    "Medicare Admi State  Locality      Locality Name        2025 PW GPCI2025 PE GPCI2025 MP GPCI\r\n"
    "10112           AL      00   ALABAMA                        1.000       0.869       0.575\r\n"
    " 2102           AK       1   ALASKA*                        1.500       1.081       0.592\r\n"
    "MAC Assignments as of November 22, 2023\r\n"
)


def test_gpcis_in_columns() -> None:
    table = gpci.read(decode(GPCI.encode(), "t.txt"))
    assert [(row["mac"], row["number"], row["name"], row["pe_gpci"]) for row in table.rows] == [
        ("10112", "00", "ALABAMA", "0.869"),
        ("02102", "01", "ALASKA", "1.081"),
    ]
    assert table.footnotes == ("MAC Assignments as of November 22, 2023",)
    assert table.notes == ("leading zeros of mac or number restored (1 times)",)
    assert recognise.kind(decode(GPCI.encode(), "t.txt")) == "gpci"


def county(mac: str, number: str, state: str, area: str, counties: str) -> str:
    return f"    {mac}       {number}    {state:<23}{area:<98}{counties}"


LOCCO = "\r\n".join(
    [
        "COUNTIES INCLUDED IN 2025 LOCALITIES.",
        "Medicare AdmiLocality         State                 Fee Schedule Area             Counties",
        county("05302", "02", "MISSOURI", "METROPOLITAN KANSAS CITY", "CLAY, JACKSON AND PLATTE"),
        county("05302", "99", "", "REST OF STATE*", "ALL OTHER COUNTIES"),
        "",
        county("01182", "18", "", "LOS ANGELES", "LOS ANGELES/ORANGE"),
        county("01112", "52", "", "SAN FRANCISCO", "MARIN, " + "X" * 52),
        "*  Payment locality is serviced by two carriers.",
        "",
    ]
)


def test_counties_in_columns_carry_no_state_over_a_blank_line_and_name_what_was_cut() -> None:
    table = locco.read(decode(LOCCO.encode(), "t.txt"))
    assert [(row["number"], row["state"], row["area"]) for row in table.rows] == [
        ("02", "MISSOURI", "METROPOLITAN KANSAS CITY"),
        ("99", "MISSOURI", "REST OF STATE"),
        ("18", "", "LOS ANGELES"),
        ("52", "", "SAN FRANCISCO"),
    ]
    assert table.rows[0]["counties"] == "CLAY, JACKSON AND PLATTE"
    assert table.cut == {("01112", "52")}
    assert recognise.kind(decode(LOCCO.encode(), "t.txt")) == "locco"


ANES = "\r\n".join(
    f"{mac}       {number}    {name:<40}{'':15}{cents:>4}"
    for mac, number, name, cents in (("10112", "00", "ALABAMA", 1931), ("02102", "01", "ALASKA", 2786))
)
ANES_FIVE = (
    "Contractor,Locality,Locality Name,Qualifying APM National Anes CF (with 2.5% statutory increase) of 20.599835,"
    "Non-Qualifying APM National Anes CF (with 2.5% Statutory increase)  of 20.49754\n"
    "10112 ,00 ,ALABAMA,19.63,19.53\n2102 ,1 ,ALASKA*,28.29,28.15\n,,,,\n"
)
BASE = "CODE\t2022\r\n\tBASE\r\n\tUNIT\r\n00100\t5\r\n01999\t0\r\n"


def test_anesthesia_amounts_in_columns_have_no_point() -> None:
    rows = anesthesia.read(decode((ANES + "\r\n").encode(), "t.txt")).rows
    assert [(row["mac"], row["name"], row["value"]) for row in rows] == [
        ("10112", "ALABAMA", "19.31"),
        ("02102", "ALASKA", "27.86"),
    ]


def test_a_year_with_two_factors_gives_two_rows_a_locality() -> None:
    table = anesthesia.read(decode(ANES_FIVE.encode(), "t.csv"))
    assert [(row["mac"], row["track"], row["value"], row["national"]) for row in table.rows] == [
        ("10112", "nonQP", "19.53", "20.49754"),
        ("10112", "QP", "19.63", "20.599835"),
        ("02102", "nonQP", "28.15", "20.49754"),
        ("02102", "QP", "28.29", "20.599835"),
    ]
    assert table.notes == ("leading zeros of mac restored (1 times)", "leading zeros of number restored (1 times)")


def zip_line(
    code: str = "43215", state: str = "OH", carrier: str = "15202", split: str = "0", quarter: str = "20254"
) -> str:
    return f"{state}{code}{carrier}00 Z9   {split} A{'':52}{quarter}"


ZIP = "\r\n".join([zip_line(), zip_line("42223", "KY", "15102", "1"), zip_line("66002", "EK", "05202"), ""])


def test_zip_codes_in_columns() -> None:
    table = zip5.read(decode(ZIP.encode(), "t.txt"))
    assert [(row["zip"], row["state"], row["mac"], row["split"]) for row in table.rows] == [
        ("43215", "OH", "15202", ""),
        ("42223", "KY", "15102", "yes"),
        ("66002", "EK", "05202", ""),
    ]
    assert table.quarter == "2025D"


def test_zip9_is_refused_by_name() -> None:
    line = f"KY422231510200      1{'0001':4}      A{'':43}20254\r\n"
    with pytest.raises(BadFile, match=r"ZIP9 .*not read.*Load ZIP5"):
        recognise.kind(decode(line.encode(), "z.txt"))


# Reader, file, what is changed in it to what, and what the refusal must say.
REFUSED: list[tuple[Callable[[Text], object], str, str, str, str]] = [
    (pprrvu.read, PPRRVU, "0.11\r\n6304726", "0.1\r\n6304726", "line 3 .. 170 characters, and the layout at least 171"),
    (pprrvu.read, PPRRVU, "4.90  32.27", "4.9032.27  ", "line 3 .. stands between the columns"),
    (pprrvu.read, PPRRVU, "15.37  12.00", "15x37  12.00", "line 3, column work_rvu"),
    (pprrvu.read, PPRRVU, "6304726", "63047  ", "63047 stands twice, first in line 3 .. line 4, column hcpcs"),
    (pprrvu.read, PPRRVU, "\r\n6304726", "\r\nHDR AGAIN\r\n6304726", "second heading .. line 4"),
    (pprrvu.read, PPRRVU, "\r\n6304726", "\r\n\x1a\r\n6304726", "after the end-of-file mark of line 4 .. line 5"),
    (pprrvu.read, PPRRVU, "32.3465 09", "32.3465X09", "'X' stands between the columns .. line 3, column position 141"),
    (pprrvu.read, PPRRVU, "\r\n\x1a", "EXTRA\r\n", "'EXTRA' stands between the columns .. line 4"),
    (gpci.read, GPCI, "0.869", "O.869", "line 4, column pe_gpci"),
    (gpci.read, GPCI, "0.869       0.575", "0.575", "6 columns instead of 7 .. line 4"),
    (gpci.read, GPCI, " 2102           AK       1 ", "10112           AL      00 ", "10112-00 stands twice .. line 5"),
    (gpci.read, GPCI, " 2102 ", "\x1a\r\n2102 ", "after the end-of-file mark .. line 6"),
    (gpci.read, GPCI, "MAC Assign", GPCI.splitlines()[2] + "\r\nMAC Assign", "second heading .. line 6"),
    (locco.read, LOCCO, "    05302       99", "  05302       99  ", "line 4 .. between the columns"),
    (locco.read, LOCCO, "    05302       99", "\x1a\r\n    05302       99", "after the end-of-file mark .. line 5"),
    (locco.read, LOCCO, "    01182", LOCCO.splitlines()[1] + "\r\n    01182", "second heading .. line 6"),
    (
        anesthesia.read,
        ANES_FIVE,
        "19.63",
        "1963",
        "1963 is outside 5 to 42 dollars .. line 2, column conversion factor (QP)",
    ),
    (anesthesia.read, ANES_FIVE, "19.63", "19.6x", "'19.6x' is no amount .. line 2, column conversion factor (QP)"),
    (anesthesia.read, ANES_FIVE, "19.63", "19.635", "is no amount with two decimals .. line 2"),
    (anesthesia.read, ANES_FIVE, "ALABAMA,19.63", "19.63,ALABAMA", "line 2, column name"),
    (anesthesia.read, ANES_FIVE, "10112 ,00", "00 ,10112", "'10112' is no locality number .. line 2, column number"),
    (anesthesia.read, ANES_FIVE, "2102 ,1 ,ALASKA*", "10112,00,ALABAMA", "stands twice, first in line 2 .. line 3"),
    (anesthesia.read, ANES_FIVE, ",28.15", "", "4 columns instead of 5 .. line 3"),
    (anesthesia.read, ANES_FIVE, "2102 ,1", "\x1a,,,,\n2102 ,1", "after the end-of-file mark of line 3 .. line 4"),
    (anesthesia.read, ANES_FIVE, "\n2102", "\n" + ANES_FIVE.splitlines()[0] + "\n2102", "second heading .. line 3"),
    (anesthesia.read, "Contractor,Locality,Locality Name,Anes CF\n", "", "", "no anesthesia conversion factor"),
    (anesthesia.read, ANES, "    ALABAMA", "  ALABAMA  ", "line 1 .. between the columns"),
    (anesthesia.read, ANES, "2786", "27.8", "line 2"),
    (anesthesia.base_units, BASE, "00100\t5", "00100\tfive", "line 4, column BASE UNIT"),
    (anesthesia.base_units, BASE, "00100\t5", "00100 5", "1 columns instead of 2 .. line 4"),
    (anesthesia.base_units, BASE, "01999", "00100", "stands twice, first in line 4 .. line 5, column CODE"),
    (anesthesia.base_units, BASE, "01999", "63047", "no anesthesia code .. line 5, column CODE"),
    (anesthesia.base_units, BASE, "01999", "CODE\t2023\r\n01999", "second heading .. line 5"),
    (anesthesia.base_units, BASE, "01999", "\x1a\r\n01999", "end-of-file mark of line 5 .. line 6"),
    (zip5.read, ZIP, "OH43215", "XX43215", "'XX' is no state .. line 1, column state"),
    (zip5.read, ZIP, "KY4222315102", "KY4321515202", "ZIP 43215 stands twice, first in line 1 .. line 2, column zip"),
    (zip5.read, ZIP, "20254\r\nEK", "20261\r\nEK", "mixes the quarters 20254 and 20261 .. line 2, column quarter"),
    (zip5.read, ZIP, " 0 A", "  A ", "'A' stands between .. line 1, column position 22"),
    (zip5.read, ZIP, "OH4321515202", "OH 432151520", "line 1, column zip"),
    (zip5.read, ZIP + "KY4222", "", "", "6 characters, and the layout at least 80; it may be cut off .. line 4"),
    (zip5.read, ZIP + "\x1a\r\n" + ZIP, "", "", "after the end-of-file mark of line 4 .. line 5"),
    (zip5.read, ZIP.replace("20254", "20259"), "", "", "line 1, column quarter"),
]


@pytest.mark.parametrize(("reader", "body", "old", "new", "words"), REFUSED)
def test_a_bad_record_is_named(reader: Callable[[Text], object], body: str, old: str, new: str, words: str) -> None:
    assert old == new or old in body
    with pytest.raises(BadFile) as fault:
        read(body.replace(old, new, 1), reader)
    said = str(fault.value)
    assert "t.txt" in said and fault.value.fix
    assert [part for part in words.split(" .. ") if part not in said] == [], said


def test_lines_end_with_a_line_feed_alone() -> None:
    found = list(fixed.raw_lines(decode(b"a\x0cb\r\nc\x85d\n\ne", "t.txt")))
    assert [(line.number, line.body[:1]) for line in found] == [(1, "a"), (2, "c"), (3, ""), (4, "e")]
