"""Study files: what the embedded ones hold, and what the reader says of wrong ones."""

from datetime import date
from pathlib import Path

import pytest

from openrvu.errors import BadFile, BadInput
from openrvu.sources import sources
from openrvu.valuation import study as studies
from openrvu.valuation.services import Anchors, missing, parts, service, with_roles, work


def test_the_four_published_studies_are_held_and_every_source_exists() -> None:
    held = studies.known()
    assert {s.id for s in held} == {
        "lewandrowski-2024-62380",
        "lorio-2024-0202T",
        "lorio-2016-27279",
        "lorio-2021-22867",
    }
    for item in held:
        keys = {item.source, *(c.source for c in item.claims), *(p.source for p in item.panels)}
        keys |= {s.source for s in item.scales} | {r.source for r in item.shares}
        keys |= {key for _, key in item.inconsistencies}
        assert keys <= set(sources()), item.id


def test_62380_as_printed() -> None:
    found = studies.study("Lewandrowski-2024-62380")
    assert (found.claims[0].value, found.claims[0].decimals, found.claims[0].digits) == ("18.2464", 4, 6)
    assert (found.panels[0].sent, found.panels[0].responded, found.panels[0].answering) == (542, 322, 150)
    assert len(found.comparators) == 11 and found.measured
    by_code = {c.service.name: c for c in found.comparators}
    assert (by_code["22612"].measure, by_code["22612"].infit, by_code["22612"].outfit) == (-1.318, 0.726, 0.468)
    assert [name for name, c in by_code.items() if c.odd] == ["63620"]
    assert max(c.measure for c in found.comparators if c.measure is not None) == -0.482
    assert found.measures is not None and found.measures.person_reliability == 0.691
    scale = found.scale()
    assert scale is not None and scale.name == "learning curve" and not scale.work
    assert found.published == date(2024, 4, 26)


def test_the_printed_bundle_rvus_of_0202t_come_out_of_the_bundle_rule(anchors: tuple[Anchors, ...]) -> None:
    on = {a.release: a for a in with_roles(anchors)}["2024AR"]
    found = studies.study("lorio-2024-0202t")
    assert [c.rvu for c in found.comparators] == [388600, 388400, 348500, 483400, 412250, 153700, 150000, 453100]
    assert [work(c.service, on) for c in found.comparators] == [c.rvu for c in found.comparators]


def test_27279_and_22867_print_no_comparators() -> None:
    assert [c.value for c in studies.study("lorio-2016-27279").claims] == ["14.36", "14.1", "14.23"]
    assert [p.answering for p in studies.study("lorio-2016-27279").panels] == [20, 34]
    choice = studies.study("lorio-2021-22867")
    assert (choice.design, choice.claims, choice.panels[0].answering) == ("reference-choice", (), 28)
    assert [s.percent for s in choice.shares] == ["57", "43"]
    assert not choice.comparators and not choice.measured


def test_a_bundle_counts_first_full_second_half_add_ons_full_and_bundled_nothing() -> None:
    held = Anchors(
        "R",
        date(2024, 1, 1),
        {"22612": 235300, "63047": 153700, "22614": 64300, "20936": 12300},
        {"22614": "ZZZ"},
        {"20936": "B"},
    )
    # 23.53 + 15.37 / 2 + 2 x 6.43 + 0 = 44.075
    wanted = service("22612+63047+22614x2+20936")
    assert work(wanted, held) == 440750
    found = parts(wanted, held)
    assert found is not None and [p.counted for p in found] == [235300, 76850, 128600, 0]
    assert work(service("63047x2"), held) == 153700 + 76850
    assert work(service("22612+99999"), held) is None and missing(service("22612+99999"), held) == ("99999",)


def test_roles_come_from_the_nearest_release_and_rvus_never_do() -> None:
    old = Anchors("2019", date(2019, 1, 1), {"22840": 125200, "63047": 153700})
    new = Anchors("2020A", date(2020, 1, 1), {"22840": 125200}, {"22840": "ZZZ", "63047": "090"}, {"63047": "A"})
    filled = with_roles([new, old])
    assert [a.release for a in filled] == ["2019", "2020A"]
    assert work(service("63047+22840"), filled[0]) == 278900
    assert work(service("63047+22840"), filled[1]) is None


@pytest.mark.parametrize("text", ["", "6304", "63047+", "2x63047x2", "63047x0", "63047 22840"])
def test_a_service_that_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        service(text)


def test_an_unknown_study_lists_those_that_exist() -> None:
    with pytest.raises(BadInput, match="lorio-2024-0202T"):
        studies.study("lorio-2025")


GOOD = """
id = "x"
target = "62380"
title = "t"
authors = "a"
year = 2024
source = "s"
design = "star"
interest = "unknown"
read = "abstract"
"""


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ("colour = 1", "colour not known here"),
        ('[[claims]]\nvalue = 18.2464\nwords = "w"\nsource = "s"', "value is 18.2464, not text"),
        ('[[claims]]\nvalue = "about 18"\nwords = "w"\nsource = "s"', "not a number in quotes"),
        ('[[claims]]\nwords = "w"\nsource = "s"', "no value"),
        ('[[comparators]]\nservice = "630"', "'630' is no code .*comparators 1"),
        ('[[comparators]]\nservice = "63047"\nrvu = "15.37159"', "more than 4 decimals"),
        ('[measures]\nscale = "stress"\nsource = "s"', "no \\[\\[scales\\]\\] names"),
        ("claims = 3", "claims is not a list of tables"),
        ("not_printed = 3", "not_printed is not a list"),
        ("[[panels]]\nname = 1", "name is 1, not text"),
        ("a = = b", "no readable TOML"),
    ],
)
def test_a_wrong_study_file_says_what_and_where(tmp_path: Path, extra: str, says: str) -> None:
    path = tmp_path / "study.toml"
    path.write_text(GOOD + extra, encoding="utf-8")
    with pytest.raises(BadFile, match=says):
        studies.read(path)


def test_a_wrong_choice_and_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(GOOD.replace('"star"', '"ring"'), encoding="utf-8")
    with pytest.raises(BadFile, match="Accepted: star, linked, reference-choice"):
        studies.read(path)
    with pytest.raises(BadFile, match="no such file"):
        studies.read(tmp_path / "none.toml")


def test_the_minimal_study_reads_and_becomes_json(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(GOOD + '[[comparators]]\nservice = "63047"\nrvu = "15.37"', encoding="utf-8")
    found = studies.read(path).to_dict()
    assert found["comparators"][0]["service"] == "63047" and found["comparators"][0]["rvu"] == 15.37
    assert found["published"] is None and found["claims"] == []
