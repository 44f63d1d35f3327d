"""Checks of what is held: all pass on the embedded facts, and each finds the fault that it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from openrvu.facts import EmbeddedTable, Facts, embedded
from openrvu.holdings import current
from openrvu.schemas import Record
from openrvu.tables.load import load
from openrvu.verifying import verify


def altered(change: Callable[[Record], Record]) -> Facts:
    """The facts with one row of 2025D changed: 70492-26, whose global and technical rows are held."""
    held = embedded()
    rows = {
        code: tuple(change(row) if (row.hcpcs, row.modifier) == ("70492", "26") else row for row in found)
        for code in held.table("2025D").codes()
        if (found := held.records(code, "2025D"))
    }
    return held.with_loaded({held.release("2025D"): EmbeddedTable(rows)})


def failed(facts: Facts) -> dict[str, tuple[str, ...]]:
    return {check.name: check.examples for check in verify(facts, "2025D") if check.failed}


def test_everything_embedded_passes() -> None:
    assert [check for check in verify(embedded()) if check.failed] == []
    assert {check.release for check in verify(embedded())} == {release.id for release in embedded().releases}


def test_a_part_that_does_not_add_up() -> None:
    wrong = failed(altered(lambda row: replace(row, work_rvu=row.work_rvu + 100)))
    assert wrong["components-of-global"] == ("70492 work_rvu",)
    assert wrong["components-of-total"] == ("70492-26 nonfacility", "70492-26 facility")


def test_an_indicator_that_no_layout_knows() -> None:
    assert failed(altered(lambda row: replace(row, bilateral="7"))) == {"indicators": ("70492-26 bilateral 7",)}


def test_a_locality_without_gpcis() -> None:
    held = embedded()
    fewer = {key: place for key, place in held.localities("2025D").items() if key != "15202-00"}
    short = held.with_loaded({}, {held.release("2025D").gpci: fewer})
    assert failed(short) == {"localities": ("15202-00 STATEWIDE",)}


@pytest.mark.needs("cms")
def test_a_whole_release_of_cms_passes(cms: Path, tmp_path: Path) -> None:
    load(cms / "pprrvu/2025/PPRRVU2025_Oct.csv", home=tmp_path)
    found = {check.name: check for check in verify(current(tmp_path), "2025D")}
    assert {name: check.failed for name, check in found.items()} == dict.fromkeys(found, 0)
    # Counted in CMS's file: 19,090 rows of two totals; codes with all three rows: 815 of status A, 72 of R, and 3
    # of N, I and B whose global row has figures. The 211 of status C have none.
    assert found["components-of-total"].compared == 2 * 19_090
    assert found["components-of-global"].compared == 4 * (815 + 72 + 3)
