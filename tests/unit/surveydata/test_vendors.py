"""Every programme's export is told by its content and gives the same answers; nobody's name comes through."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import numpy as np
import polars
import pyreadstat
import pytest
import xlsxwriter
from tests.unit.surveydata import vendors

from openrvu.answers import to_json
from openrvu.errors import BadFile
from openrvu.surveydata import SurveyData, SurveyMapping, parse
from openrvu.surveydata.checking import summary
from openrvu.surveydata.mapping import Question
from openrvu.surveydata.using import as_rankings, as_survey
from openrvu.valuation.rasch.rankings import fit

# A less, equal, greater; B greater, not answered, greater; C less throughout: by comparator, of 62380.
LESS, EQUAL, GREATER = (2, 1, 1), (0, 1, 0), (1, 0, 2)

PROPOSED = {
    "qualtrics": vendors.qualtrics(),
    "qualtrics codes": vendors.qualtrics(codes=True),
    "qualtrics legacy": vendors.qualtrics_legacy(),
    "redcap-labels": vendors.redcap(labels=True),
    "limesurvey": vendors.limesurvey(full=True),
    "surveymonkey": vendors.surveymonkey(),
    "google-forms": vendors.google(),
    "microsoft-forms": vendors.microsoft(),
    "plain": vendors.plain(),
    "plain long": vendors.long(),
}


def _same(data: SurveyData) -> None:
    found = as_survey(data, "62380")
    assert found.items == vendors.SERVICES
    assert (found.pairs.less, found.pairs.equal, found.pairs.greater) == (LESS, EQUAL, GREATER)
    assert len(data.respondents) == 3


@pytest.mark.parametrize("name", sorted(PROPOSED))
def test_the_same_answers_from_every_programme(name: str) -> None:
    data = parse(PROPOSED[name], "x.csv", target="62380")
    assert data.format == name.split()[0]
    _same(data)


@pytest.mark.parametrize("name", sorted(PROPOSED))
def test_nothing_that_tells_who_somebody_is_is_carried_on(name: str) -> None:
    data = parse(PROPOSED[name], "x.csv", target="62380")
    said = to_json(summary(data)) + repr(data)
    assert not [secret for secret in vendors.SECRETS if secret in said]
    if not name.startswith("plain"):
        assert {
            "email",
            "emailaddress",
            "email address",
            "recipientemail",
            "ipaddress",
            "survey identifier",
            "ip address",
        } & {one.column.casefold() for one in data.left_behind}


def test_codes_that_say_nothing_need_a_mapping() -> None:
    """REDCap's raw variable p_3 and LimeSurvey's SQ001 name no service: the mapping says which they are."""
    asked = tuple(
        Question(column, "62380", service)
        for column, service in zip(("p_62380_63047", "p_62380_63030", "p_3"), vendors.SERVICES, strict=True)
    )
    coded = {"1": "less", "2": "equal", "3": "greater"}
    roles = {"respondent": "record_id", "finished": "comparisons_complete"}
    mapping = SurveyMapping("redcap", "pairs", "wide", "62380", roles, asked, {"specialty": "specialty"}, answers=coded)
    data = parse(vendors.redcap(), "x.csv", mapping)
    _same(data)
    assert data.attributes["specialty"] == ("1", "1", "2")  # the checked box of each
    assert [one.line for one in data.flagged("unfinished")] == [3]

    asked = tuple(Question(f"work[SQ00{i}]", "62380", service) for i, service in enumerate(vendors.SERVICES, 1))
    lime = SurveyMapping(
        "limesurvey",
        "pairs",
        "wide",
        "62380",
        {"respondent": "id", "finished": "submitdate"},
        asked,
        answers={f"A{code}": word for code, word in coded.items()},
    )
    data = parse(vendors.limesurvey(), "x.csv", lime)
    _same(data)
    assert [one.line for one in data.flagged("unfinished")] == [3]


def test_raw_redcap_is_proposed_as_far_as_names_go() -> None:
    data = parse(vendors.redcap(), "x.csv", target="62380")
    assert data.format == "redcap" and [one.right for one in data.questions] == ["63047", "63030"]
    assert "1 question of checkboxes, taken together" in data.seen
    assert "p_3" in data.ignored


def test_labels_of_checkboxes_are_taken_together() -> None:
    data = parse(vendors.redcap(labels=True), "x.csv", target="62380")
    assert data.attributes["specialty"] == ("Spine", "Spine", "Neuro")


def test_times_and_marks_of_qualtrics() -> None:
    data = parse(vendors.qualtrics(status="Survey Preview"), "x.csv")
    assert [one.seconds for one in data.respondents] == [600, 600, 600]
    assert [(one.line, one.words) for one in data.flagged("preview")] == [(6, "status Survey Preview")]
    assert data.attributes["interest"] == ("No", "No", "No")


@pytest.mark.parametrize("name", ["surveymonkey", "microsoft-forms", "limesurvey"])
def test_ten_minutes_from_start_to_end(name: str) -> None:
    data = parse(PROPOSED[name], "x.csv", target="62380")
    taken = [one.seconds for one in data.respondents]
    assert taken == ([600, None, 600] if name == "limesurvey" else [600, 600, 600])  # B was not submitted there


def test_rows_of_an_export_with_the_helping_rows_taken_out() -> None:
    """Qualtrics with its second and third head row deleted by hand, as many people do."""
    rows = vendors.qualtrics().split(b"\r\n")
    data = parse(
        b"\r\n".join([rows[0].replace(b"Q1_1", b"c_63047").replace(b"Q1_2", b"c_63030"), *rows[3:]]),
        "x.csv",
        target="62380",
    )
    assert data.format == "qualtrics" and "one head row with ResponseId" in data.seen
    assert len(data.respondents) == 3


def test_a_workbook_with_times() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    stamp = book.add_format({"num_format": "m/d/yy h:mm:ss"})
    sheet = book.add_worksheet("Form1")
    sheet.write_row(0, 0, vendors.MICROSOFT_HEAD)
    for i, answers in enumerate(vendors.ANSWERS, 1):
        sheet.write_row(i, 0, [i, "", "", "quimby@example.org", "Ann Quimby", *(vendors.WORDS[one] for one in answers)])
        for at, minute in ((1, 0), (2, 10)):
            sheet.write_datetime(i, at, datetime(2026, 3, i, 10, minute), stamp)  # noqa: DTZ001 - cells have no zone
    book.add_worksheet("Notes").write(0, 0, "nothing")
    book.close()
    data = parse(out.getvalue(), "form.xlsx")
    _same(data)
    assert "its sheet 'Form1' (of Form1, Notes)" in data.seen
    assert [one.seconds for one in data.respondents] == [600, 600, 600]


def test_an_spss_file_with_labels(tmp_path: Path) -> None:
    names = [f"Q1_{i}" for i in (1, 2, 3)]
    codes = {"less": 1.0, "equal": 2.0, "greater": 3.0, "": None}
    frame = polars.DataFrame(
        {
            "id": ["a", "b", "c"],
            **{n: [codes[row[i]] for row in vendors.ANSWERS] for i, n in enumerate(names)},
            "stake": [1.0, 2.0, 2.0],
        }
    )
    path = tmp_path / "x.sav"
    texts: dict[str, str | None] = {n: f"62380 beside {one}" for n, one in zip(names, vendors.SERVICES, strict=True)}
    labels: dict[str, dict[float, str]] = {n: {1: "Less work", 2: "Same work", 3: "More work"} for n in names}
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels=texts | {"stake": "Financial interest"},
        variable_value_labels=labels | {"stake": {1: "Yes", 2: "No"}},
    )
    data = parse(path.read_bytes(), "x.sav")
    assert data.format == "spss"
    _same(data)
    assert data.attributes["interest"] == ("Yes", "No", "No")
    with pytest.raises(BadFile, match="SPSS file is damaged"):
        parse(path.read_bytes()[:300], "x.sav")


def test_rankings_ratings_and_ruc() -> None:
    ranks = parse(b"id,63047,63030,22612\n1,1,2,3\n2,3,1,2\n3,2,1,\n", "x.csv")
    assert ranks.kind == "rankings" and [one.item for one in ranks.questions] == ["63047", "63030", "22612"]
    rated = parse(b"id,work,stress\n1,0,3\n2,2,NA\n", "x.csv")
    assert rated.kind == "ratings" and rated.answers is not None
    assert np.array_equal(rated.answers, np.array([[0, 3], [2, np.nan]]), equal_nan=True)
    ruc = parse("id;rvu;intra;reference\n1;12,5;60;63047\n2;14,25;75;63030\n".encode("cp1252"), "x.csv")
    assert ruc.kind == "magnitudes" and ruc.answers is not None
    assert ruc.answers.tolist() == [[12.5, 60], [14.25, 75]] and ruc.attributes["reference"] == ("63047", "63030")


def test_rankings_by_place_give_the_same_worths() -> None:
    """LimeSurvey's ranking question: a column a place, the service's answer code in the cell. Two of three rank 63047
    before 63030 and one the other way round: ln(2 / 1) between them, as in any pair of items ranked whole."""
    by_rank = parse(b"id,63047,63030\n1,1,2\n2,1,2\n3,2,1\n", "x.csv", kind="rankings")
    asked = tuple(Question(f"rank[{i}]", item=str(i)) for i in (1, 2))
    mapping = SurveyMapping("limesurvey", "rankings", "wide", questions=asked, answers={"A1": "63047", "A2": "63030"})
    text = b"id,submitdate,rank[1],rank[2]\n1,x,A1,A2\n2,x,A1,A2\n3,x,A2,A1\n"
    by_place = parse(text, "x.csv", mapping)
    for data in (by_rank, by_place):
        rankings, among = as_rankings(data)
        assert rankings == [["63047", "63030"], ["63047", "63030"], ["63030", "63047"]]
        found = fit(rankings, among)
        assert found.against("63030")[0][found.items.index("63047")] == pytest.approx(np.log(2))
    with pytest.raises(BadFile, match="63047 is ranked twice"):
        parse(text.replace(b"A2,A1", b"A1,A1"), "x.csv", mapping)
    with pytest.raises(BadFile, match="two services have one rank"):
        parse(b"id,63047,63030\n1,1,1\n", "x.csv", kind="rankings")


def test_an_estimate_says_what_its_file_was() -> None:
    found = as_survey(parse(vendors.qualtrics(), "x.csv")).report.origin
    assert found is not None and found.format == "qualtrics" and not found.confirmed
    assert found.flagged == {"incomplete": 1, "straight-line": 1} and found.left_out == {}
    assert found.left_behind[:2] == ("IPAddress", "RecipientLastName")


def test_what_a_programme_keeps_of_a_sitting_is_no_rating() -> None:
    """Progress, Finished and the like are whole numbers too where Qualtrics exports numbers."""
    head = [*vendors.Q_NAMES, "Q1", "Q2", "Q3"]
    asked = [*vendors.Q_NAMES, "How hard?", "How long?", "What is your e-mail address?"]
    ids = [f'{{"ImportId":"{name}"}}' for name in head]
    rows = [[*vendors._q_meta(i), str(i), str(4 - i), "7"] for i in (1, 2, 3)]
    data = parse(vendors.text([head, asked, ids, *rows]), "x.csv", kind="ratings")
    assert [one.column for one in data.questions] == ["Q1", "Q2"]
    assert [one.why for one in data.left_behind if one.column == "Q3"] == ["by its question"]


def test_a_count_of_services_is_the_volume_and_no_comparison() -> None:
    text = vendors.google().replace(b"Email Address", b"How many 62380 do you perform a year?")
    data = parse(text.replace(b"quimby@example.org", b"40"), "x.csv")
    assert data.attributes["volume"] == ("40", "40", "40") and len(data.questions) == 3
