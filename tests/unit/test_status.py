"""Status letters: every one of CMS's list, what each comes to, and no other code named as a substitute."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from openrvu.facts import embedded
from openrvu.rules.status import outcome, statuses
from openrvu.sources import source


def test_every_letter_of_the_layout_is_there() -> None:
    # Attachment A of the file layout lists these; Q is from memory and says so.
    assert set(statuses()) == set("ABCDEFGHIJMNPRTX") | {"Q"}
    assert "to be confirmed" in source(statuses()["Q"].source).note
    assert all(source(row.source).citation for row in statuses().values())


def test_every_letter_that_a_release_has_is_explained() -> None:
    facts = embedded()
    found = {
        row.status
        for release in facts.releases
        for code in facts.table(release.id).codes()
        for row in facts.records(code, release.id)
    }
    assert {"A", "B", "C", "R"} <= found
    assert found - {""} <= set(statuses())


@pytest.mark.needs("cms")
def test_every_letter_of_a_whole_file_is_explained(cms: Path) -> None:
    # Counts of the October 2025 file as collected beside the payment rules.
    with (cms / "pprrvu/2025/PPRRVU2025_Oct.csv").open(encoding="latin-1", newline="") as file:
        letters = Counter(row[3] for row in csv.reader(file) if re.fullmatch(r"\w\d{3}\w", row[0]))
    assert (letters["A"], letters["X"], letters["C"], letters["R"], letters["T"]) == (9021, 2548, 1347, 1058, 8)
    assert set(letters) <= set(statuses())


@pytest.mark.parametrize("letter", sorted("ABCDEFGHIJMNPQRTX"))
def test_no_letter_names_a_code_to_report_instead(letter: str) -> None:
    row = statuses()[letter]
    assert not re.search(r"\b[0-9A-Z]\d{3}[0-9A-Z]\b", row.words + row.how_paid)
    assert row.words and row.how_paid


def test_a_contractor_priced_service_says_how_it_is_paid() -> None:
    row = statuses()["C"]
    assert row.outcome == "contractor-priced"
    assert "operative note" in row.how_paid and "comparator rationale" in row.how_paid
    assert "not as a code to report instead" in row.how_paid


@pytest.mark.parametrize(
    ("letter", "zero", "slug"),
    [
        ("A", False, "priced"),
        ("R", False, "priced"),
        ("T", False, "priced"),
        ("R", True, "no-rvus"),
        ("C", False, "contractor-priced"),
        ("C", True, "contractor-priced"),
        ("B", False, "bundled"),
        ("N", False, "noncovered"),
        ("Z", False, "status-unknown"),
    ],
)
def test_only_three_letters_pay_by_their_rvus(letter: str, zero: bool, slug: str) -> None:
    # Payment rules, section 1: only A, R and T pay by RVUs, whatever RVUs other letters print.
    assert outcome(letter, zero) == slug
