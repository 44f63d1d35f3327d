"""A code through the releases: what changed, what is not held, and what stood on an earlier date."""

from __future__ import annotations

from datetime import date

import pytest

from openrvu.cards.history import Gap, history
from openrvu.errors import NotHeld, UnknownCode, UnknownPlace
from openrvu.facts import Facts


def test_every_release_held_has_its_row_and_the_gaps_are_named() -> None:
    found = history("63047")
    assert len(found.rows) == 26
    assert found.gaps == (
        Gap(date(2024, 10, 1), date(2024, 12, 31)),
        Gap(date(2026, 1, 1), date(2026, 6, 30)),
    )


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("63030", {"2023A": "13.18 to 12.00", "2026C": "12.00 to 11.70"}),
        ("22867", {"2022A": "13.50 to 15.00", "2026C": "15.00 to 14.63"}),
        ("22869", {"2026C": "7.03 to 6.85"}),
        ("22633", {"2023A": "27.75 to 26.80", "2026C": "26.80 to 26.13"}),
        ("62380", {}),
    ],
)
def test_changes_of_the_work_rvu(code: str, changes: dict[str, str]) -> None:
    # Work RVUs of 2019-2025: domain notes, section 5; of 2026: less 2.5 %, rounded by CMS to two decimals.
    assert {row.release: row.work_change for row in history(code).rows if row.work_change} == changes


def test_amounts_and_their_change() -> None:
    rows = {row.release: row for row in history("63047").rows}
    # 1,100.53, then 1,118.79 with the factor of March 2024, then 1,094.93 in 2025 and 1,065.49 in 2026.
    wanted = {"2024A": 110_053, "2024AR": 111_879, "2025A": 109_493, "2026C": 106_549}
    assert {key: rows[key].amount_cents for key in wanted} == wanted
    assert rows["2024AR"].amount_change_cents == 1_826
    assert rows["2024B"].amount_change_cents == 0
    assert rows["2026C"].amount_change_cents == 106_549 - 109_493
    assert (rows["2024A"].conversion_factor, rows["2024B"].conversion_factor) == ("32.7442", "33.2875")


def test_2019_shows_rvus_and_no_amount() -> None:
    first = history("63047").rows[0]
    assert (first.release, first.status, first.letter, first.amount_cents) == ("2019", "status-unknown", "", None)
    assert first.work_rvu == 153_700
    assert history("63047").rows[1].amount_change_cents is None


def test_before_the_code_and_after_it() -> None:
    early = {row.release: row.status for row in history("62330").rows}
    assert early["2025D"] == "not-yet-introduced" and early["2026C"] == "priced"
    late = history("0275T").rows[-1]
    assert (late.status, late.status_words, late.work_rvu) == ("ended", "0275T ended on 2025-12-31.", None)
    absent = {row.release: row for row in history("20936").rows}["2026C"]
    assert absent.status == "not-held"


def test_a_place_and_the_factor_of_qualifying_participants() -> None:
    rows = {row.release: row.amount_cents for row in history("22554", place="Alaska").rows}
    assert rows["2026C"] == 144_588  # CMS PFREV26B
    assert history("62330", qualifying_apm=True).rows[-1].amount_cents == 48_169


def test_a_locality_younger_than_a_release_leaves_a_reason(facts: Facts) -> None:
    older = {key: place for key, place in facts.localities("2020A").items() if key != "15202-00"}
    rows = {
        row.release: row for row in history("63047", place="Ohio", facts=facts.with_loaded({}, {"2020A": older})).rows
    }
    assert rows["2020A"].amount_cents is None and "15202-00" in rows["2020A"].status_words
    assert rows["2026C"].amount_cents == 103_183  # 14.99 + 12.03 x 0.913 + 4.88 x 1.008 = 30.89243, x 33.4009 = 1031.83


def test_on_an_earlier_date() -> None:
    found = history("63030", on="2023-02-01")
    assert found.rows[-1].release == "2023A" and found.gaps == ()
    with pytest.raises(NotHeld, match="Nearest: 2019"):
        history("63030", on="2018-01-01")


def test_what_is_unknown() -> None:
    with pytest.raises(UnknownCode):
        history("99999")
    with pytest.raises(UnknownPlace):
        history("63047", place="Atlantis")
