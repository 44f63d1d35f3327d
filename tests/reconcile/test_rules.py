"""The rules against CMS's own figures: OPPS caps of payment files, anesthesia factors, floors, and every kind of code.

The random claims over a whole release are judged by the fraction oracle of `tests/properties`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties.payment_oracle import pay
from tests.properties.test_payment import claims_of

from openrvu import holdings, params, units
from openrvu.facts import Facts, embedded
from openrvu.releases import known
from openrvu.rules.claim import price_lines
from openrvu.tables.load import load

pytestmark = pytest.mark.needs("cms")


@pytest.fixture(scope="module")
def whole(cms: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    """Facts with RVU25A and RVU25D loaded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENRVU_HOME", str(tmp_path_factory.mktemp("store")))
        load([cms / "pprrvu/2025/PPRRVU25_JAN.csv", cms / "pprrvu/2025/PPRRVU2025_Oct.csv"])
        yield holdings.current()


def test_imaging_is_paid_the_lower_of_fee_and_opps_amount(cms: Path, whole: Facts) -> None:
    with (cms / "payment/2025/PFAL25A_extract.csv").open(newline="") as file:
        records = [row for row in csv.DictReader(file) if row["opps_indicator"] == "1"]
    lines: list[dict[str, Any]] = []
    expected: list[int] = []
    for number, row in enumerate(records):
        for setting, facility in (("non_facility", 0), ("facility", 1)):
            line = {"line_id": len(lines), "session": f"{number}{setting}", "on": 20250201, "hcpcs": row["hcpcs"]}
            lines.append({**line, "m1": row["modifier"], "place": "10112-00", "facility": facility})
            fee = units.parse(row[f"{setting}_fee"], units.CENTS)
            expected.append(min(fee, units.parse(row[f"opps_{setting}_fee"], units.CENTS)))
    paid = [line["allowed_cents"] for line in price_lines(lines, whole)]
    assert len(expected) > 20 and paid == expected
    assert any(line["fee_cents"] > line["allowed_cents"] for line in price_lines(lines, whole)), "no cap was binding"


def factors(path: Path) -> Iterator[tuple[str, list[int]]]:
    """Locality and its factors in cents, of a table of CMS."""
    with path.open(newline="", encoding="cp1252") as file:
        for row in csv.reader(file):
            if len(row) > 3 and row[0].strip().isdigit():
                cells = [units.parse(cell, units.CENTS) for cell in row[3:]]
                yield f"{row[0].strip().zfill(5)}-{row[1].strip().zfill(2)}", cells


@pytest.mark.parametrize(("name", "on"), [("2025/ANES2025.csv", 20250701), ("2026/ANES2026.csv", 20260815)])
def test_anesthesia_factors_of_all_localities(cms: Path, name: str, on: int) -> None:
    """CMS rounds a locality's factor to cents: 1 base unit and no time would be the factor itself."""
    rows = list(factors(cms / "anes" / name))
    assert len(rows) == 109
    for place, cents in rows:
        # Columns: one factor, or that of qualifying APM participants first.
        for qp, expected in zip((1, 0), [cents[0], cents[-1]], strict=True):
            line = {"line_id": 1, "on": on, "hcpcs": "62323", "place": place, "qp": qp}
            assert price_lines([line], embedded())[0]["local_factor_cents"] == expected, place


def test_a_loaded_table_of_factors_is_used_as_printed(cms: Path, tmp_path: Path) -> None:
    """RVU23A prints 20.37 for Alabama; CMS's table has 4 base units for 01938; 4 + 45 / 15 = 7 units."""
    files = ["pprrvu/2023/PPRRVU23_JAN.csv", "anes/2023/RVU23A_ANES2023.csv"]
    load([cms / name for name in files], home=tmp_path)
    (base,) = (cms / "anes/2022").glob("*Base_Units*")
    load(base, home=tmp_path)
    printed = dict(factors(cms / "anes/2023/RVU23A_ANES2023.csv"))
    line = {"line_id": 1, "on": 20230215, "hcpcs": "01938", "place": "10112-00", "minutes": 45}
    (paid,) = price_lines([line], holdings.current(tmp_path))
    assert paid["status"] == "priced"
    assert paid["allowed_cents"] == 14_259 == 7 * printed["10112-00"][0]


FRONTIER = ("MT", "ND", "NV", "SD", "WY")


def test_published_gpcis_hold_their_floors() -> None:
    """So no rule raises them again."""
    facts, seen = embedded(), set()
    for release in known():
        if release.starts.year < 2020:
            continue
        work, alaska, frontier = (
            params.at(name, release.starts).value
            for name in ("work_gpci_floor", "work_gpci_floor_alaska", "pe_gpci_floor_frontier")
        )
        assert (work, alaska, frontier) == (1000, 1500, 1000)
        for place in facts.localities(release.id).values():
            assert place.work_gpci >= (alaska if place.state == "AK" else work), (release.id, place.id)
            assert place.state not in FRONTIER or place.pe_gpci >= frontier, (release.id, place.id)
            seen.add(place.state)
    assert {"AK", *FRONTIER} <= seen


def kinds(facts: Facts) -> list[str]:
    """Two codes of every combination of the indicators that rules ask for."""
    found: dict[tuple[str, ...], list[str]] = {}
    for row in facts.table("2025D").everything():
        if row.modifier == "" and (row.status in "ART" or row.status == "J"):
            capped = bool(row.opps_pe_nonfacility_rvu and row.opps_pe_nonfacility_rvu < row.pe_nonfacility_rvu)
            key = (row.status, row.multiple, row.bilateral, row.pctc, row.global_days, row.endoscopic_base, str(capped))
            found.setdefault(key, []).append(row.hcpcs)
    return sorted({code for codes in found.values() for code in (codes[0], codes[-1])})


def test_random_claims_of_every_kind_of_code(whole: Facts) -> None:
    codes = kinds(whole)
    assert len(codes) > 150
    families: dict[str, list[str]] = {}
    for row in whole.table("2025D").everything():
        if row.endoscopic_base:
            families.setdefault(row.endoscopic_base, [row.endoscopic_base]).append(row.hcpcs)
    chosen = st.one_of(
        st.lists(st.sampled_from(codes), min_size=1, max_size=5, unique=True),
        st.sampled_from(sorted(families)).flatmap(
            lambda base: st.lists(st.sampled_from([*families[base], "63047", "29880"]), min_size=2, max_size=6)
        ),
    )

    @settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(claims_of(chosen, (20251015,)))
    def compare(lines: list[dict[str, Any]]) -> None:
        paid, expected = price_lines(lines, whole), pay(lines, whole)
        for line, row, right in zip(lines, paid, expected, strict=True):
            assert {name: row[name] for name in right} == right, line

    compare()
