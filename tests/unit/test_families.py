"""The family file: words of our own, dates, confusions; and a clear error for a file a coder got wrong."""

from datetime import date
from pathlib import Path

import pytest

from openrvu.codes.coverage import coverage_of, positions
from openrvu.codes.families import families, family_of, find_service, plain_words, read_family
from openrvu.errors import BadFile
from openrvu.sources import source

HEAD = 'id = "x"\ntitle = "x"\nsource = "s"\n[services.12345]\n'


def test_mild_is_not_62380() -> None:
    confused = {item.code for item in find_service("62380").confused_with}  # type: ignore[union-attr]
    assert {"0275T", "62330", "62287", "C9757"} <= confused


def test_0275t_ended_with_2025_and_62330_follows() -> None:
    old, new = find_service("0275T"), find_service("62330")
    assert old is not None and new is not None
    assert (old.ended, old.successor) == (date(2025, 12, 31), "62330")
    assert (new.introduced, new.predecessor) == (date(2026, 1, 1), "0275T")


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        ("62380", "interspace"),
        ("63030", "interspace"),
        ("63005", "vertebral segment"),
        ("63047", "vertebral segment"),
        ("22612", "interspace"),
    ],
)
def test_unit_of_count(code: str, unit: str) -> None:
    assert find_service(code).unit == unit  # type: ignore[union-attr]


def test_every_confusion_successor_and_primary_is_described() -> None:
    for family in families():
        for service in family.services.values():
            named = [item.code for item in service.confused_with] + [service.successor, service.predecessor]
            assert all(plain_words(code) for code in named if code), service.code


def test_each_service_is_found_in_its_own_family() -> None:
    """A look-up reads one file, by the table's heading: the shipped files must write it so."""
    for family in families():
        for code, service in family.services.items():
            assert find_service(code) == service
            assert family_of(code) == family
    assert families()[0].id == "lumbar-decompression"


def test_a_code_outside_every_family_has_no_words() -> None:
    assert family_of("99213") is None
    assert plain_words("99213") == ""


@pytest.mark.parametrize("code", ["62330", "62331", "0275T", "0274T", "G0276"])
def test_pild_is_covered_only_with_evidence_development(code: str) -> None:
    coverage = coverage_of(code, date(2026, 7, 1))
    assert coverage is not None
    assert "150.13" in coverage.lead
    assert any(not requirement.settled for requirement in coverage.requirements)  # the place of service is from memory


def test_the_decision_does_not_reach_back_before_it_was_made() -> None:
    assert coverage_of("0275T", date(2013, 12, 31)) is None


def test_62380_has_no_national_decision_but_payer_positions() -> None:
    assert coverage_of("62380", date(2026, 7, 1)) is None
    assert [position.policy for position in positions("62380")] == ["SURG.00071"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('id = "x"\ntitle = "x"\n[services.12345]\nwords = "y"', "no `source`"),
        ('id = "x"\ntitle = "x"\nsource = "s"\n[services.12345]\nwrods = "y"', "unknown keys: wrods"),
        ('id = "x"\ntitle = "x"\nsource = "s"\n[services.12345]\nunit = "y"', "no `words`"),
        (HEAD + 'words = "y"\nintroduced = "2017"', "service 12345: `introduced` is '2017', no date"),
        (HEAD + 'words = "y"\nsources = "s"', "`sources` is 's', no list"),
        (HEAD + 'words = "y"\n[[services.12345.confused_with]]\ncode = "1"', "needs `code` and `why`"),
    ],
)
def test_a_family_file_that_is_wrong_says_where(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(BadFile, match=fault) as told:
        read_family(path)
    assert "mine.toml" in str(told.value)


# Domain text, section 1: the tables, what the family also needs, and the comparators of the published surveys.
NEEDED = """62380 0275T 0274T G0276 62330 62331 62287 63005 63030 63047 22867 22869 22868 22870 C9757
63035 63042 63044 63048 63052 63053 63012 63017 63056
22102 22532 22533 22612 22614 22630 22633 63620 22214 22800 22802 22840 22842 22843 22853 20936 20937
27279 27280 0202T"""


@pytest.mark.parametrize("code", NEEDED.split())
def test_every_code_of_the_family_has_words_category_and_sources(code: str) -> None:
    service = find_service(code)
    assert service is not None
    assert service.words and service.category in ("I", "III", "HCPCS")
    assert all(source(key).citation for key in service.sources) and service.sources


def test_dates_stand_only_where_a_source_states_them() -> None:
    dated = {
        service.code: (service.introduced, service.ended)
        for family in families()
        for service in family.services.values()
        if service.introduced or service.ended
    }
    assert dated == {
        "62380": (date(2017, 1, 1), None),
        "0275T": (date(2011, 7, 1), date(2025, 12, 31)),
        "62330": (date(2026, 1, 1), None),
        "62331": (date(2026, 1, 1), None),
        # CMS's files: no row in RVU21D and RVU22D, rows from RVU22A, RVU23A to RVU23D, and from RVU24A.
        "63052": (date(2022, 1, 1), None),
        "63053": (date(2022, 1, 1), None),
        "0775T": (date(2023, 1, 1), date(2023, 12, 31)),
        "27278": (date(2024, 1, 1), None),
    }
