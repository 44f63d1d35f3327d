"""The embedded figures are whole: components add up, every locality has GPCIs, every source resolves, maxima hold.

Expected values: CMS's relative value files as cited beside each, or ../shared/domain where it names them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date

import pytest

from openrvu import schemas, units
from openrvu.errors import NotHeld
from openrvu.facts import Facts
from openrvu.files import facts_folder, read_csv
from openrvu.places import find_place
from openrvu.releases import Release, known
from openrvu.schemas import Record
from openrvu.sources import source, sources

RELEASES = pytest.mark.parametrize("release", known(), ids=lambda r: r.id)


def records(facts: Facts, release: Release) -> Iterator[Record]:
    for code in facts.table(release.id).codes():
        yield from facts.records(code, release.id)


@RELEASES
def test_professional_and_technical_parts_add_up_to_the_global_row(facts: Facts, release: Release) -> None:
    compared = 0
    for code in facts.table(release.id).codes():
        rows = {row.modifier: row for row in facts.records(code, release.id)}
        if not {"", "26", "TC"} <= rows.keys() or rows[""].status == "C":
            continue  # a contractor-priced global row has no RVUs, whatever its professional part has
        for part in ("work_rvu", "pe_nonfacility_rvu", "pe_facility_rvu", "mp_rvu"):
            whole = getattr(rows[""], part)
            assert whole == getattr(rows["26"], part) + getattr(rows["TC"], part), (code, part)
            compared += 1
    if release.coverage == "whole":
        assert compared >= 4 * 15


@RELEASES
def test_components_add_up_to_the_printed_totals(facts: Facts, release: Release) -> None:
    compared = 0
    for row in records(facts, release):
        for pe, total in (
            (row.pe_nonfacility_rvu, row.total_nonfacility_rvu),
            (row.pe_facility_rvu, row.total_facility_rvu),
        ):
            if total is not None:
                assert row.work_rvu + pe + row.mp_rvu == total, (row.hcpcs, row.modifier)
                compared += 1
    assert compared > 300 or release.coverage == "components"


@RELEASES
def test_shares_of_the_global_package_add_up(facts: Facts, release: Release) -> None:
    for row in records(facts, release):
        shares = (row.preoperative, row.intraoperative, row.postoperative)
        if None not in shares:
            assert sum(share or 0 for share in shares) in (0, units.PERCENT), row.hcpcs


@RELEASES
def test_every_locality_has_gpcis_counties_and_a_state(facts: Facts, release: Release) -> None:
    localities = facts.localities(release.id)
    counties = {f"{row['mac']}-{row['number']}" for row in county_rows(release)}
    assert localities.keys() == counties
    assert len(localities) == (112 if release.starts.year < 2024 else 109)
    for place in localities.values():
        assert place.counties and place.state and "*" not in place.name
        # The work floor of 1.0 holds everywhere in these years, 1.5 in Alaska.
        assert place.work_gpci >= (1_500 if place.state == "AK" else 1_000), place.id


def county_rows(release: Release) -> list[dict[str, str]]:
    return read_csv(facts_folder() / "localities" / f"{release.localities}.csv")


def test_every_source_id_resolves() -> None:
    used = {release.source for release in known()} | {schemas.NATIONAL.source}
    files = [*facts_folder().glob("rvu/*.csv"), *facts_folder().glob("gpci/*.csv")]
    files += [*facts_folder().glob("localities/*.csv"), facts_folder() / "conversion_factors.csv"]
    for path in files:
        found = {row["source"] for row in read_csv(path)}
        assert found and "" not in found, path.name
        used |= found
    assert all(source(key).citation for key in used)
    cms_files = [key for key in used if key in sources() and key != "rvu25d-layout"]
    assert all(len(source(key).sha256) == 64 for key in cms_files)


@RELEASES
def test_rows_are_sorted_and_unique(release: Release) -> None:
    rows = read_csv(facts_folder() / "rvu" / f"{release.id}.csv")
    keys = [(row["hcpcs"], row["modifier"]) for row in rows]
    assert keys == sorted(set(keys))
    assert list(rows[0]) == [column.name for column in schemas.RELATIVE_VALUES] + ["source"]


@pytest.mark.parametrize(
    ("code", "release", "work"),
    [
        ("63047", "2025D", "15.37"),  # domain/lumbar-family.md section 1
        ("63047", "2026C", "14.99"),
        ("63030", "2019", "13.18"),
        ("63030", "2022D", "13.18"),
        ("63030", "2023A", "12.00"),
        ("63030", "2026C", "11.70"),
        ("63005", "2025D", "16.43"),
        ("62330", "2026C", "8.00"),
        ("62331", "2026C", "4.25"),
        ("22869", "2025D", "7.03"),
        ("22869", "2026C", "6.85"),
        ("22867", "2021D", "13.50"),
        ("22867", "2022A", "15.00"),
        ("22633", "2022D", "27.75"),  # section 5
        ("22633", "2023A", "26.80"),
        ("27279", "2019", "9.03"),
        ("27279", "2020A", "12.13"),
        ("63620", "2023A", "15.60"),
        ("G0276", "2025D", "7.17"),
        ("62380", "2020A", "0.00"),
        ("62380", "2026C", "0.00"),
    ],
)
def test_known_work_rvus(facts: Facts, code: str, release: str, work: str) -> None:
    assert facts.work_rvu(code, release) == units.parse(work, units.RVU)


def test_known_rows_in_full(facts: Facts) -> None:
    row = facts.record("62330", "", "2026C")
    assert row is not None
    assert (row.status, row.pe_facility_rvu, row.mp_rvu, row.global_days) == ("A", 56_400, 7_100, "090")
    endoscopic = facts.record("62380", "", "2025D")
    assert endoscopic is not None and endoscopic.zero and endoscopic.status == "C"
    assert (endoscopic.global_days, endoscopic.bilateral, endoscopic.assistant, endoscopic.cosurgeon) == (
        "090",
        "1",
        "2",
        "2",
    )
    # domain/payment-rules.md section 6: 22867 and 22869 are paid 0.10/0.80/0.10 before, in and after the operation.
    for code in ("22867", "22869"):
        spacer = facts.record(code, "", "2025D")
        assert spacer is not None
        assert (spacer.preoperative, spacer.intraoperative, spacer.postoperative) == (1_000, 8_000, 1_000)


def test_what_a_file_lacks_stays_missing(facts: Facts) -> None:
    row = facts.record("63047", "", "2019")
    assert row is not None and row.status == "" and row.total_facility_rvu is None and row.preoperative is None
    assert facts.records("0275T", "2026C") == () and facts.records("62330", "2025D") == ()


@pytest.mark.parametrize(
    ("on", "qualifying", "value"),
    [
        (date(1998, 1, 1), False, "36.6873"),  # domain/payment-rules.md section 9
        (date(2015, 7, 1), False, "35.9335"),
        (date(2024, 3, 8), True, "32.7442"),
        (date(2024, 3, 9), False, "33.2875"),
        (date(2025, 12, 31), False, "32.3465"),
        (date(2026, 7, 1), False, "33.4009"),
        (date(2026, 7, 1), True, "33.5675"),
    ],
)
def test_conversion_factor_on_a_date(facts: Facts, on: date, qualifying: bool, value: str) -> None:
    assert facts.conversion_factor(on, qualifying).value == units.parse(value, units.CONVERSION_FACTOR)


def test_no_conversion_factor_is_carried_into_another_year(facts: Facts) -> None:
    with pytest.raises(NotHeld, match="2027-01-01"):
        facts.conversion_factor(date(2027, 1, 1))


def test_conversion_factors_have_no_gap_and_no_overlap() -> None:
    rows = read_csv(facts_folder() / "conversion_factors.csv")
    spans = [(date.fromisoformat(r["starts"]), r["ends"]) for r in rows if r["track"] != "QP"]
    for (_, end), (start, _) in itertools.pairwise(spans):
        assert start.toordinal() == date.fromisoformat(end).toordinal() + 1
    assert rows[-1]["track"] == "QP" and rows[-2]["track"] == "nonQP" and rows[-1]["starts"] == "2026-01-01"


def test_the_largest_fee_numerator_stays_exact() -> None:
    parts = schemas.MAX_WORK_RVU + schemas.MAX_PE_RVU + schemas.MAX_MP_RVU
    numerator = parts * schemas.MAX_GPCI * schemas.MAX_CONVERSION_FACTOR
    denominator = units.RVU * units.GPCI * units.CONVERSION_FACTOR // units.CENTS
    assert numerator < 2**53
    assert 2 * numerator + denominator < 2**63


def test_a_misspelled_county_is_corrected_and_its_neighbours_are_not(facts: Facts) -> None:
    places = facts.localities("2025D")
    assert places["01182-18"].counties == "LOS ANGELES/ORANGE CNTY"
    assert places["12202-01"].counties.startswith("DISTRICT OF COLUMBIA; ALEXANDRIA CITY")
    assert (places["01212-01"].state, places["01112-75"].state) == ("HI/GU", "CA")


@pytest.mark.parametrize("typed", ["Hawaii", "Guam", "HI"])
def test_hawaii_and_guam_are_one_locality_and_both_are_found(typed: str) -> None:
    assert find_place(typed, "2025D").id == find_place(typed, "2019").id == "01212-01"
