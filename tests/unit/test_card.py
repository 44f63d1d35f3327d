"""One code's card and the explanation of its amount: figures worked from CMS's rows."""

from __future__ import annotations

from datetime import date

import pytest

from openrvu import answers
from openrvu.cards.card import card
from openrvu.cards.compare import RATIONALE
from openrvu.errors import NotHeld, UnknownCode
from openrvu.explaining import explain, shares
from openrvu.pricing import ALWAYS, price
from openrvu.rules.order import RULES
from openrvu.sources import source


def test_the_card_of_62380() -> None:
    found = card("62380", on="2026-07-01")
    assert (found.facility.status, found.facility.amount_cents, found.nonfacility.amount_cents) == (
        "contractor-priced",
        None,
        None,
    )
    meanings = {item.name: item.value for item in found.indicators}
    # Family notes: global 090, bilateral 1, assistant 2, co-surgeon 2.
    wanted = {"Global period": "090", "Both sides (50)": "1", "Assistant (80, 81, 82, AS)": "2"}
    assert wanted.items() <= meanings.items() and meanings["Two surgeons (62)"] == "2"
    assert found.service is not None and "0275T" in {item.code for item in found.service.confused_with}
    assert found.comparison is not None and found.comparison.note == RATIONALE
    assert found.history is not None and not any(row.work_change for row in found.history.rows)
    assert {rate.amount_cents for rate in found.rates} == {369_553, 714_373}  # ASC 2026, hospital 2025
    assert found.shares == ()


def test_the_card_of_a_covered_with_evidence_service() -> None:
    found = card("62330", on="2026-07-01")
    assert found.coverage is not None and found.coverage.id == "ncd-150.13"
    assert found.facility.leads == (found.coverage.lead,)
    assert found.facility.amount_cents == 47_930


def test_both_settings_of_an_office_visit() -> None:
    # 99213 in 2025: (1.30 + 0.57 + 0.10) and (1.30 + 1.35 + 0.10) x 32.3465.
    found = card("99213", on="2025-01-01")
    assert (found.facility.amount_cents, found.nonfacility.amount_cents) == (6_372, 8_895)
    assert found.service is None and found.comparison is None and found.coverage is None


def test_an_ended_code_keeps_its_card() -> None:
    found = card("0275T", on="2026-07-01")
    assert (found.facility.status, found.facility.successor) == ("ended", "62330")
    assert found.indicators == () and found.history is not None


def test_the_comparators_of_a_place_are_priced_there() -> None:
    found = card("63047", on="2026-07-01", place="Ohio")
    assert found.comparison is not None
    assert found.comparison.locality.id == "15202-00"
    assert found.comparison.rows[0].amount_cents == found.facility.amount_cents == 103_183


def test_the_factor_of_qualifying_participants_reaches_the_whole_card() -> None:
    found = card("63047", on="2026-07-01", qualifying_apm=True)
    # 31.90 x 33.5675 = 1070.80325
    assert found.facility.amount_cents == 107_080
    assert found.comparison is not None and found.comparison.rows[0].amount_cents == 107_080
    assert found.history is not None and found.history.rows[-1].amount_cents == 107_080


def test_a_card_is_json() -> None:
    data = answers.encode(card("63047", on="2025-07-01"))
    assert data["facility"]["amount"] == "1094.93"
    assert data["history"]["rows"][0]["work_rvu"] == "15.37"
    assert data["facility"]["record"]["intraoperative"] == "0.76"


def test_refusals_are_those_of_price() -> None:
    with pytest.raises(UnknownCode):
        card("99999")
    with pytest.raises(NotHeld):
        card("63047", on="2024-11-11")


def test_steps_follow_the_rules_and_each_has_a_source_with_a_citation() -> None:
    steps = explain(price("63047", on="2026-07-01", place="Ohio"))
    assert [step.rule for step in steps] == ["release", *ALWAYS]
    assert set(ALWAYS) <= {rule.name for rule in RULES}
    assert all(source(key).citation for step in steps for key in step.sources)
    assert all(step.sources for step in steps)


def test_the_arithmetic_of_ohio() -> None:
    last = explain(price("63047", on="2026-07-01", place="Ohio"))[-1]
    # 14.99 + 12.03 x 0.913 + 4.88 x 1.008 = 14.99 + 10.98339 + 4.91904 = 30.89243; x 33.4009 = 1031.834965...
    assert last.arithmetic == (
        "(14.99 x 1.000 + 12.03 x 0.913 + 4.88 x 1.008) x 33.4009 = 1031.834965, to cents 1,031.83"
    )


def test_the_office_takes_the_other_practice_expense() -> None:
    steps = {step.rule: step for step in explain(price("99213", on="2025-01-01", setting="nonfacility"))}
    assert steps["record"].value == "work 1.30, PE 1.35 (nonfacility), MP 0.10"
    assert steps["fee"].value == "88.95"


def test_a_line_without_an_amount_is_explained_too() -> None:
    steps = explain(price("62380", on="2026-07-01"))
    assert steps[-1].value == "none" and steps[2].value == "contractor-priced"
    ended = {step.rule: step for step in explain(price("0275T", on="2026-07-01"))}
    assert ended["record"].value == "none" and "ended on 2025-12-31" in ended["status"].words


def test_shares_are_taken_from_rounded_cents_one_after_another() -> None:
    # 1,065.49: 20 % is 213.098; 95 % is 1,012.2155; 115 % of 1,012.22 is 1,164.053.
    found = {share.name: share.amount_cents for share in shares(price("63047", on="2026-07-01"))}
    assert found == {"coinsurance": 21_310, "non-participating": 101_222, "limiting charge": 116_405}
    assert shares(price("62380", on="2026-07-01")) == ()


def test_the_limiting_charge_is_of_the_rounded_amount() -> None:
    # 189.05: 95 % is 179.5975, so 179.60; 115 % of it 206.54. Unrounded it would be 206.537: the same here; of 353.87
    # (G0276, 2025): 336.1765, so 336.18; 115 % is 386.607. The schedule's 109.25 % would be 386.603.
    found = {share.name: share.amount_cents for share in shares(price("G0276", on=date(2025, 1, 1)))}
    assert found["non-participating"] == 33_618 and found["limiting charge"] == 38_661
