"""The JSON encoder: money twice, scaled numbers as decimals, nothing that JSON cannot hold."""

import json
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

from openrvu import __version__, answers


@dataclass(frozen=True)
class Sample:
    fee_cents: int | None
    work_rvu: int
    pe_gpci: int
    on: date
    share: Fraction
    spread: float


def test_every_kind_of_field() -> None:
    sample = Sample(None, 164300, 890, date(2026, 7, 1), Fraction(20071, 1100), float("nan"))
    assert json.loads(answers.to_json(sample)) == {
        "fee": None,
        "fee_cents": None,
        "work_rvu": "16.43",
        "pe_gpci": "0.890",
        "on": "2026-07-01",
        "share": "20071/1100",
        "spread": None,
    }


def test_an_object_may_say_how_it_is_written() -> None:
    class Own:
        def to_dict(self) -> dict[str, object]:
            return {"total_cents": 5, "names": {"b", "a"}}

    assert answers.encode(Own()) == {"total": "0.05", "total_cents": 5, "names": ["a", "b"]}


def test_the_seed_is_part_of_the_run_id() -> None:
    assert answers.run_id(7) == answers.run_id() + "-s7"
    assert __version__ in answers.run_id()


def test_the_foot_carries_release_date_place_and_both_notices() -> None:
    foot = answers.foot(release="2026C", on=date(2026, 7, 1), place="national")
    assert foot["release"] == "2026C"
    assert "confirm both with the Medicare Administrative Contractor" in foot["disclaimer"]
    assert "trademark of the American Medical Association" in foot["cpt_notice"]


def test_the_run_id_tells_what_was_loaded(store: Path, tmp_path: Path) -> None:
    from openrvu.tables.load import load

    plain = answers.run_id()
    assert "+" not in plain and answers.run_id(7) == f"{plain}-s7"
    source = tmp_path / "GPCI2025.csv"
    head = "mac,state,locality_number,locality_name,gpci_work,gpci_pe,gpci_mp\n"
    ids = []
    for pe in ("0.869", "0.870"):
        source.write_text(f"{head}10112,AL,00,ALABAMA,1.000,{pe},0.575\n", encoding="utf-8")
        load(source, release="2025D")
        ids.append(answers.run_id())
    assert all(one.startswith(f"{plain}+") for one in ids) and ids[0] != ids[1]
    (store / "manifest.json").write_text("{", encoding="utf-8")
    assert answers.run_id() == plain
