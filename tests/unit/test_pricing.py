"""Pricing beyond the payment cases: the default release, notes, amounts against exact fractions of the rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import floor

import pytest

from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.files import facts_folder
from openrvu.pricing import Priced, price
from openrvu.schemas import Record

IN_FORCE = date(2026, 8, 1)
LATER = date(2026, 11, 23)

# Release, a date in it, its conversion factor (payment rules, section 9), its GPCI table, and places of every kind.
FACTORS = (
    ("2020A", date(2020, 2, 1), "36.0896", "2020A"),
    ("2021D", date(2021, 11, 1), "34.8931", "2021A"),
    ("2024A", date(2024, 2, 1), "32.7442", "2024A"),
    ("2024AR", date(2024, 3, 20), "33.2875", "2024A"),
    ("2025D", date(2025, 12, 31), "32.3465", "2025D"),
    ("2026C", date(2026, 7, 1), "33.4009", "2026A"),
)
PLACES = ("15202-00", "02102-01", "09202-20", "13202-01", "03602-21", "10112-00", "01112-05", "12202-01")


def rows(folder: str, table: str) -> list[dict[str, str]]:
    with (facts_folder() / folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_fractions(row: dict[str, str], place: dict[str, str], setting: str, factor: str) -> int:
    parts = (("work_rvu", "work_gpci"), (f"pe_{setting}_rvu", "pe_gpci"), ("mp_rvu", "mp_gpci"))
    total = sum((Fraction(row[rvu]) * Fraction(place[gpci]) for rvu, gpci in parts), Fraction())
    return floor(100 * total * Fraction(factor) + Fraction(1, 2))


def compared() -> Iterator[tuple[Priced, int]]:
    for release, on, factor, gpci in FACTORS:
        places = {f"{row['mac']}-{row['number']}": row for row in rows("gpci", gpci)}
        priced = [row for row in rows("rvu", release) if row["status"] == "A"]
        for index, row in enumerate(priced[::9]):
            key = PLACES[index % len(PLACES)]
            setting = ("facility", "nonfacility")[index % 2]
            found = price(row["hcpcs"], row["modifier"], on=on, place=key, setting=setting)
            yield found, by_fractions(row, places[key], setting, factor)


def test_amounts_equal_exact_fractions_of_the_rows_as_written() -> None:
    seen = 0
    for found, expected in compared():
        assert found.amount_cents == expected, (found.line, found.release.id)
        seen += 1
    assert seen > 150


def test_no_date_takes_the_newest_release_and_warns_when_another_is_in_force() -> None:
    found = price("63047", today=LATER)
    assert (found.release.id, found.on) == ("2026C", date(2026, 7, 1))
    assert found.amount_cents == 106549
    (warning,) = found.warnings
    assert "2026C, in force 2026-07-01 to 2026-09-30" in warning and "2026-11-23" in warning


def test_no_warning_while_it_is_in_force_or_when_a_date_was_given() -> None:
    assert price("63047", today=IN_FORCE).warnings == ()
    assert price("63047", on="2025-07-01", today=LATER).warnings == ()


def test_one_factor_before_2026_is_told_to_who_asks_for_another() -> None:
    plain, asked = (price("63047", on="2025-07-01", qualifying_apm=qp) for qp in (False, True))
    assert asked.amount_cents == plain.amount_cents == 109493
    assert not plain.notes
    assert "one conversion factor held for all" in asked.notes[0]


def test_a_setting_that_cms_marks_na_is_told() -> None:
    assert price("63047", on="2025-07-01").notes == ()
    assert "rarely or never done" in price("63047", on="2025-07-01", setting="nonfacility").notes[0]


@dataclass(frozen=True)
class Changed:
    """A table with one row changed."""

    row: Record
    origin: str = "loaded"
    whole: bool = True

    def records(self, code: str) -> tuple[Record, ...]:
        return (self.row,) if code == self.row.hcpcs else ()

    def codes(self) -> frozenset[str]:
        return frozenset({self.row.hcpcs})

    def everything(self) -> tuple[Record, ...]:
        return (self.row,)


def with_row(facts: Facts, code: str, modifier: str, release: str, **change: object) -> Facts:
    row = facts.record(code, modifier, release)
    assert row is not None
    return facts.with_loaded({facts.release(release): Changed(replace(row, **change))})  # type: ignore[arg-type]


def test_an_imaging_cap_below_the_amount_is_told_and_one_above_is_not(facts: Facts) -> None:
    # 70492-TC nationally in 2025: (4.43 + 0.02) x 32.3465 = 143.94; its cap (5.48 + 0.02) x 32.3465 = 177.91.
    assert price("70492", "TC", on="2025-02-01", setting="nonfacility").notes == ()
    low = with_row(facts, "70492", "TC", "2025A", opps_pe_nonfacility_rvu=20_000)
    found = price("70492", "TC", on="2025-02-01", setting="nonfacility", facts=low)
    assert found.amount_cents == 14394
    assert any("65.34" in note for note in found.notes)  # (2.00 + 0.02) x 32.3465 = 65.33993


def test_conditional_and_restricted_rows_say_so(facts: Facts) -> None:
    conditional = with_row(facts, "63047", "", "2025A", status="T")
    assert "Status T" in price("63047", on="2025-02-01", facts=conditional).notes[0]


@pytest.mark.parametrize(
    ("letter", "status"), [("N", "noncovered"), ("I", "invalid"), ("X", "not-a-physician-service"), ("J", "anesthesia")]
)
def test_letters_that_do_not_pay_by_rvus_have_no_amount(facts: Facts, letter: str, status: str) -> None:
    found = price("63047", on="2025-02-01", facts=with_row(facts, "63047", "", "2025A", status=letter))
    assert (found.status, found.amount_cents) == (status, None)
    assert found.how_paid and found.since == date(2025, 1, 1)


def test_a_loaded_release_is_named_as_such(facts: Facts) -> None:
    assert price("63047", on="2025-02-01", facts=with_row(facts, "63047", "", "2025A")).origin == "loaded"
    assert price("63047", on="2025-02-01").origin == "embedded"


def test_a_code_absent_from_a_whole_release_has_ended_or_not_begun(facts: Facts) -> None:
    whole = with_row(facts, "63047", "", "2025A")  # a whole table of one row
    assert price("99213", on="2025-02-01", facts=whole).status == "no-record"
    newest = with_row(facts, "63047", "", "2026C")
    found = price("20936", on="2026-07-01", facts=newest)
    assert (found.status, found.successor) == ("ended", "")
    assert "2025D" in found.words


@pytest.mark.parametrize("typed", ["", "630470", "63-47", "abcde"])
def test_what_no_code_can_be_is_refused(typed: str) -> None:
    with pytest.raises(BadInput, match="not a CPT or HCPCS code"):
        price(typed)


def test_small_letters_and_spaces_are_read() -> None:
    assert price(" g0276 ", on="2025-02-01").line.code == "G0276"
    assert price("70492", "tc", on="2025-02-01").line.modifier == "TC"


def test_an_unknown_setting_is_refused_with_the_two_that_exist() -> None:
    with pytest.raises(BadInput, match="facility, nonfacility"):
        price("63047", setting="moon")


def test_every_source_of_an_answer_has_a_citation() -> None:
    from openrvu.sources import source

    found = price("62330", on="2026-07-01", place="Ohio")
    assert all(source(key).citation for key in found.sources)
    assert {"gpci-2026a", "rvu26c-extract", "ncd-150.13"} <= set(found.sources)
