"""Codes found by their beginning and by our own words; the order is by how much of the text was found, and where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from openrvu.cards.search import LONGEST, search
from openrvu.cli import main
from openrvu.codes.families import families
from openrvu.errors import BadInput
from openrvu.facts import EmbeddedTable, Facts
from openrvu.releases import known


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENRVU_HOME", str(tmp_path / "none"))


def codes(text: str, facts: Facts) -> list[str]:
    return [hit.code for hit in search(text, facts)]


def test_a_beginning_finds_all_that_begin_so_and_nothing_else(facts: Facts) -> None:
    held = {code for release in known() for code in facts.table(release.id).codes()}
    described = {code for family in families() for code in family.services}
    for prefix in ("6304", "0", "g", "63047", "0275t", "9"):
        found = codes(prefix, facts)
        assert set(found) == {code for code in held | described if code.startswith(prefix.upper())}
        assert len(found) == len(set(found))


def test_codes_of_a_family_come_before_others(facts: Facts) -> None:
    described = {code for family in families() for code in family.services}
    order = [code in described for code in codes("6", facts)]
    assert order == sorted(order, reverse=True) and {True, False} == set(order)


def test_a_code_in_no_release_is_found_by_its_family(facts: Facts) -> None:
    (hit,) = search("C9757", facts)
    assert (hit.release, hit.origin, hit.by) == ("", "", "code") and hit.words


def test_the_newest_release_of_a_code_is_named(facts: Facts) -> None:
    assert {hit.code: hit.release for hit in search("0275T 62330", facts)} == {"0275T": "2025D", "62330": "2026C"}


def test_a_loaded_release_adds_its_codes(facts: Facts) -> None:
    release = facts.release("2025D")
    row = facts.record("63047", "", "2025D")
    assert row is not None
    loaded = facts.with_loaded({release: EmbeddedTable({"43763": (row,)}, origin="loaded", whole=True)})
    (hit,) = search("4376", loaded)
    assert (hit.code, hit.words, hit.family, hit.release, hit.origin) == ("43763", "", "", "2025D", "loaded")
    assert search("4376", facts) == ()


def test_every_service_is_found_by_its_own_words_and_stands_first(facts: Facts) -> None:
    for family in families():
        for service in family.services.values():
            found = search(service.words, facts)
            best = [hit.code for hit in found if hit.words == found[0].words]
            assert service.code in best, (service.code, found[:3])
            assert found[0].matched == found[0].of


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("endoscopic lumbar", "62380"),
        ("Lumbar, ENDOSCOPIC", "62380"),
        ("endosc lumb", "62380"),
        ("mild", "62330"),  # a brand name that stands only where another service is told apart from it
    ],
)
def test_our_words_find_a_service(facts: Facts, text: str, first: str) -> None:
    assert codes(text, facts)[0] == first


def test_words_that_no_service_has_together_give_those_with_most(facts: Facts) -> None:
    found = search("endoscopic lumbar telescope", facts)
    assert found[0].code == "62380" and {(hit.matched, hit.of) for hit in found} == {(2, 3)}


def test_what_is_not_found_is_an_answer(facts: Facts) -> None:
    assert search("telescope", facts) == () == search("77777", facts)


@pytest.mark.parametrize("text", ["", "  ,.", "_", "x" * (LONGEST + 1)])
def test_a_text_without_anything_is_refused(facts: Facts, text: str) -> None:
    with pytest.raises(BadInput):
        search(text, facts)


def test_the_command_prints_a_table_csv_and_json(alone: None) -> None:
    plain = CliRunner().invoke(main, ["search", "endoscopic", "lumbar"])
    assert plain.exit_code == 0 and "62380" in plain.output and "openrvu fetch 2026C" in plain.output
    sheet = CliRunner().invoke(main, ["search", "6304", "--csv"]).output.splitlines()
    assert sheet[0] == "code,words,family,release,origin"
    # Those of a family first, then the others that are held.
    codes_of = ["63042", "63044", "63047", "63048", "63040", "63043", "63045", "63046"]
    assert [line[:5] for line in sheet[1:]] == codes_of
    found = json.loads(CliRunner().invoke(main, ["search", "6304", "--json"]).output)
    assert [hit["code"] for hit in found["hits"]] == codes_of and found["text"] == "6304"


def test_a_long_list_is_cut_and_says_so(alone: None) -> None:
    printed = CliRunner().invoke(main, ["search", "2"]).output
    whole = CliRunner().invoke(main, ["search", "2", "--csv"]).output.splitlines()
    assert len(whole) - 1 > 50 and f"and {len(whole) - 51:,} more" in printed


def test_nothing_found_says_what_to_do(alone: None) -> None:
    result = CliRunner().invoke(main, ["search", "77777"])
    assert result.exit_code == 0 and "Nothing held answers to '77777'" in result.output
    assert "openrvu fetch" in result.output
