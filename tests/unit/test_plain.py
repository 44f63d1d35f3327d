"""The page in plain words: amounts from the rates held, no placeholder left, and a page for every code of a family."""

import re
from datetime import date

import pytest

from openrvu.codes.families import families
from openrvu.codes.plain import plain_page
from openrvu.sources import source


def text_of(code: str) -> str:
    page = plain_page(code)
    assert page is not None
    return " ".join(sentence for block in page.blocks for sentence in block.text)


def test_62380_says_what_a_patient_pays_in_both_places() -> None:
    text = text_of("62380")
    # 20 % of 3,695.53 is 739.106; the hospital's copayment is printed in the addendum.
    assert "$3,695.53 (2026)" in text and "$739.11" in text
    assert "$7,143.73 (2025)" in text and "$1,428.75" in text


def test_62330_says_first_that_a_study_is_needed_and_what_is_not_held() -> None:
    page = plain_page("62330")
    assert page is not None
    assert "only if you take part in an approved study" in page.blocks[0].text[0]
    # 20 % of 5,610.15; no hospital amount of 2026 is held.
    assert "$1,122.03" in text_of("62330")
    assert "In a hospital's outpatient department: amount not found" in text_of("62330")


@pytest.mark.parametrize("code", ["62331", "0275T", "0274T", "G0276"])
def test_a_page_from_rows_leads_with_the_condition_of_coverage(code: str) -> None:
    page = plain_page(code)
    assert page is not None and not page.written
    assert "NCD 150.13" in page.blocks[0].text[0]


def test_on_an_older_date_the_amounts_are_of_that_year() -> None:
    page = plain_page("62380", date(2022, 6, 1))
    assert page is not None
    text = " ".join(page.blocks[3].text)
    assert "$2,998.15 (2022)" in text and "2026" not in text
    assert "amount not found" in text  # no hospital table of 2022 is held


def test_a_capped_share_is_called_the_most() -> None:
    assert "$1,676.00, which is the most" in text_of("22612")


@pytest.mark.parametrize("code", [code for family in families() for code in family.services])
def test_every_code_has_a_page_with_sources_and_nothing_unfilled(code: str) -> None:
    page = plain_page(code)
    assert page is not None
    assert "{" not in text_of(code)
    assert all(source(key) for block in page.blocks for key in block.sources)
    assert all(block.sources for block in page.blocks)


def grade(text: str) -> float:
    """Flesch-Kincaid grade, syllables counted as groups of vowels."""
    words = re.findall(r"[A-Za-z']+", text)
    sentences = [part for part in re.split(r"[.?!:]\s", text) if part.strip()]
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e")))) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def test_the_grade_knows_hard_words() -> None:
    assert grade("The cat sat on the mat. It was fat.") < 2
    assert grade("Contractors individually adjudicate comparators' intraoperative documentation retrospectively.") > 20


@pytest.mark.parametrize("code", ["62380", "62330", "62331", "63047"])
def test_the_page_reads_at_grade_eight_or_below(code: str) -> None:
    assert grade(text_of(code)) <= 8


def test_a_code_of_no_family_has_no_page() -> None:
    assert plain_page("99213") is None
