"""Forms and data for other programmes: each is read back here by rules written apart, from the makers' descriptions."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.unit.surveydata import vendors

from openrvu.cli import main
from openrvu.errors import BadInput
from openrvu.surveydata import parse
from openrvu.surveydata.exporting import export
from openrvu.surveydata.forms import form
from openrvu.surveydata.mapping import from_toml
from openrvu.surveydata.programs import program
from openrvu.surveydata.using import as_survey
from openrvu.valuation.pairdesign import Offered, PairDesign, design, to_toml

NASTY = '=A woman of 60, "leg pain"; [[ID:x]] ${e://Field/x} {consent} [block] <b>\n\nsince |May'
DESIGN = design(
    [Offered("62380", "endoscopic decompression", NASTY), Offered("63047"), Offered("22630+22840")],
    [[(0, 1), (2, 0)], [(1, 2)]],
)
# Three people: two of block 1, one of block 2, who skipped nothing.
GIVEN = [{"b1_01": "less", "b1_02": "greater"}, {"b1_01": "equal", "b1_02": "greater"}, {"b2_01": "less"}]
CODE = {"less": "1", "equal": "2", "greater": "3"}


def test_a_redcap_dictionary() -> None:
    (name, text), *_ = form(DESIGN, "redcap").files.items()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert name == "redcap-dictionary.csv" and len(rows[0]) == 18
    names = [row["Variable / Field Name"] for row in rows]
    assert names == ["record_id", "consent", "interest", "specialty", "volume", "block", "b1_01", "b1_02", "b2_01"]
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,25}", one) for one in names)  # 26 letters: REDCap's advice
    for row in rows[6:]:
        choices = row["Choices, Calculations, OR Slider Labels"].split(" | ")
        assert choices == ["1, Less work", "2, About the same work", "3, More work"]
        asked = re.findall(r"\[(\w+)\] = '\d'", row["Branching Logic (Show field only if...)"])
        assert asked == ["consent", "block"] and set(asked) <= set(names)
        assert not re.search(r"[{}\[\]<>]", row["Field Label"])  # nothing is piped, embedded or run
    assert not any(cell[:1] in ("=", "+", "-") for row in rows for cell in row.values())


def test_a_qualtrics_survey() -> None:
    text = form(DESIGN, "qualtrics").files["qualtrics-survey.txt"]
    lines = text.split("\n")
    assert lines[0] == "[[AdvancedFormat]]"
    tags = re.findall(r"^\[\[(.+)\]\]$", text, re.M)
    assert [tag for tag in tags if tag.startswith("Block:")] == ["Block:About you", "Block:Block 1", "Block:Block 2"]
    ids = ["consent", "interest", "specialty", "volume", "b1_01", "b1_02", "b2_01"]
    assert [tag.removeprefix("ID:") for tag in tags if tag.startswith("ID:")] == ids
    assert "${" not in text and "[[ID:x]]" not in text
    # After each ID comes the question in one line, then an empty line: a blank one inside would end the question.
    for i, line in enumerate(lines):
        if line.startswith("[[ID:b"):
            assert lines[i + 1] and lines[i + 2 : i + 4] == ["", "[[AdvancedChoices]]"]
            assert lines[i + 4 : i + 10 : 2] == ["[[Choice:1]]", "[[Choice:2]]", "[[Choice:3]]"]


def test_a_limesurvey_structure() -> None:
    text = form(DESIGN, "limesurvey").files["limesurvey-survey.txt"]
    assert text.startswith("\ufeff")  # the manual: UTF-8 with a byte order mark
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter="\t"))
    asked = [row for row in rows if row["class"] == "Q"]
    codes = [row["name"] for row in asked]
    assert codes == ["consent", "interest", "specialty", "volume", "block", "b1q01", "b1q02", "b2q01"]
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,19}", code) for code in codes)
    groups = [row for row in rows if row["class"] == "G"]
    assert [row["relevance"] for row in groups] == [
        "1",
        'consent == "Y" and block == 1',
        'consent == "Y" and block == 2',
    ]
    assert [row["text"] for row in asked if row["type/scale"] == "*"] == ["{if(is_empty(block), rand(1, 2), block)}"]
    assert not any("{" in row["text"] for row in asked if row["type/scale"] != "*")  # no expression from a vignette
    after = [row["class"] + row["name"] for row in rows[rows.index(asked[5]) : rows.index(asked[6])]]
    assert after == ["Qb1q01", "AA1", "AA2", "AA3"]


def _answers(system: str) -> bytes:
    """What each system would export of the three people, in its layout."""
    columns = ["b1_01", "b1_02", "b2_01"]
    cells = [[CODE[person[c]] if c in person else "" for c in columns] for person in GIVEN]
    if system == "redcap":
        head = [
            "record_id",
            "consent",
            "interest",
            "specialty",
            "volume",
            "block",
            *columns,
            "work_comparisons_complete",
        ]
        rows = [[str(i), "1", "0", "Spine", "40", "1", *row, "2"] for i, row in enumerate(cells, 1)]
        return vendors.text([head, *rows])
    if system == "qualtrics":
        head = [*vendors.Q_NAMES, "consent", "interest", "specialty", "volume", *columns]
        ids = [json.dumps({"ImportId": name}) for name in head]
        words = {"1": "Less work", "2": "About the same work", "3": "More work", "": ""}
        rows = [
            [*vendors._q_meta(i), "Yes", "No", "Spine", "40", *(words[c] for c in row)]
            for i, row in enumerate(cells, 1)
        ]
        return vendors.text([head, head, ids, *rows])
    head = [
        "id",
        "submitdate",
        "lastpage",
        "startlanguage",
        "seed",
        "startdate",
        "consent",
        "interest",
        "specialty",
        "volume",
    ]
    head += ["block", *(c.replace("_", "q") for c in columns)]
    rows = [
        [
            str(i),
            "2026-03-01 10:10:00",
            "2",
            "en",
            "1",
            "2026-03-01 10:00:00",
            "Y",
            "N",
            "Spine",
            "40",
            "1",
            *(f"A{c}" if c else "" for c in row),
        ]
        for i, row in enumerate(cells, 1)
    ]
    return vendors.text([head, *rows])


@pytest.mark.parametrize("system", ["redcap", "qualtrics", "limesurvey"])
def test_the_mapping_of_a_form_reads_its_answers(system: str, tmp_path: Path) -> None:
    path = tmp_path / "design.toml"
    path.write_text(to_toml(DESIGN), encoding="utf-8")
    made = export(path, system)
    mapping = from_toml(made.files[f"{system}-mapping.toml"])
    data = parse(_answers(system), "x.csv", mapping)
    assert [(one.answered, one.asked) for one in data.respondents] == [(2, 2), (2, 2), (1, 1)]  # of their own block
    assert not data.flagged("incomplete") and not data.flagged("no-consent") and not data.flagged("unfinished")
    found = as_survey(data)
    # 62380 beside 63047: less, equal. The bundle was more than 62380 twice: 62380 less. 63047 less than it once.
    pairs = dict(zip(zip(found.pairs.left, found.pairs.right, strict=True), found.pairs.counts().tolist(), strict=True))
    at = {name: i for i, name in enumerate(found.pairs.names)}
    assert pairs[at["62380"], at["63047"]] == [1, 1, 0]
    assert pairs[at["62380"], at["22630+22840"]] == [2, 0, 0]
    assert pairs[at["63047"], at["22630+22840"]] == [1, 0, 0]
    assert found.interest == (False, False, False)


def test_a_form_without_ties_codes_more_as_three() -> None:
    made = form(design([Offered("62380"), Offered("63047")], [[(0, 1)]], ties=False), "redcap")
    assert "1, Less work | 3, More work" in made.files["redcap-dictionary.csv"]
    assert made.mapping.answers == {"1": "less", "3": "greater", "Less work": "less", "More work": "greater"}


def test_winsteps_reads_the_answers_back() -> None:
    """By the manual's rules: columns from 1, NAMLEN, ITEM1, XWIDE, labels after &END, CRLF."""
    made = program(parse(vendors.plain(), "x.csv", target="62380"), "winsteps", "x")
    control = made["x.con"]
    assert control.count("\n") == control.count("\r\n")
    said = dict(re.findall(r"^([A-Z0-9]+) = \"?([^\"\r;]+)", control, re.M))
    labels = control.partition("&END\r\n")[2].partition("\r\nEND NAMES")[0].split("\r\n")
    assert labels == [f"62380 vs {one}" for one in vendors.SERVICES] and int(said["NI"]) == 3
    first, wide = int(said["ITEM1"]) - 1, int(said["XWIDE"])
    rows = [line[first : first + 3 * wide] for line in made["x.dat"].splitlines()]
    assert rows == ["012", "2.2", "000"] and said["CODES"] == "012"


def test_ratings_above_nine_take_two_columns() -> None:
    made = program(parse(b"id,a,b\n1,0,10\n2,3,\n", "x.csv"), "winsteps", "x")
    assert [line.split()[1] for line in made["x.dat"].splitlines()] == ["0010", "03.."]
    assert "XWIDE = 2" in made["x.con"] and 'CODES = "0001020304' in made["x.con"]


def test_facets_holds_each_answer_once() -> None:
    data = parse(vendors.plain(), "x.csv", target="62380")
    made = program(data, "facets", "x")
    labels = dict(re.findall(r"^(\d+)=([^,\r]+)\r", made["x.txt"], re.M))
    assert list(labels.values()) == ["62380", *vendors.SERVICES]
    rows = [line.split(",") for line in made["x-data.txt"].splitlines()]
    assert len(rows) == 8  # nine questions, one not answered
    word = {"0": "less", "1": "equal", "2": "greater"}
    back = {(int(judge), labels[right]): word[score] for judge, left, right, score in rows if labels[left] == "62380"}
    wanted = {
        (i, service): answer
        for i, answers in enumerate(vendors.ANSWERS, 1)
        for service, answer in zip(vendors.SERVICES, answers, strict=True)
        if answer
    }
    assert back == wanted
    assert "Model = ?,?,-?,R2" in made["x.txt"] and "Entry = 1,2,2" in made["x.txt"]


def test_facets_without_ties_is_dichotomous() -> None:
    made = program(parse(b"id,63047,63005\nA,less,more\nB,more,more\n", "x.csv", target="62380"), "facets", "x")
    assert "Model = ?,?,-?,D" in made["x.txt"]
    assert made["x-data.txt"].splitlines() == ["1,1,2,0", "1,1,3,1", "2,1,2,1", "2,1,3,1"]


def test_what_cannot_be_exported_is_said() -> None:
    counts = parse(b"item,less,equal,greater\n63047,1,2,3\n", "x.csv", target="62380")
    with pytest.raises(BadInput, match="holds counts"):
        program(counts, "winsteps", "x")
    with pytest.raises(BadInput, match="no target"):
        program(parse(b"id,63047,63005\nA,less,more\n", "x.csv"), "facets", "x")
    with pytest.raises(BadInput, match="go to Winsteps"):
        program(parse(b"id,a,b\n1,0,1\n2,1,0\n", "x.csv"), "facets", "x")
    with pytest.raises(BadInput, match="no form for 'paper'"):
        form(PairDesign(DESIGN.services, DESIGN.blocks), "paper")


def test_files_that_are_there_are_not_written_over(tmp_path: Path) -> None:
    source = tmp_path / "s.csv"
    source.write_text("# SIMULATED\nid,63047,63005\nA,less,more\n", encoding="utf-8")
    given = ["survey", "export", str(source), "--to", "winsteps", "--target", "62380", "-o", str(tmp_path / "out")]
    done = CliRunner().invoke(main, given)
    assert done.exit_code == 0 and "SIMULATED" in done.output
    assert "SIMULATED" in (tmp_path / "out" / "s.con").read_text(encoding="utf-8")
    again = CliRunner().invoke(main, given)
    assert again.exit_code == 1 and "s.con, s.dat is there" in " ".join(again.output.split())
    assert CliRunner().invoke(main, [*given, "--force", "--json"]).exit_code == 0
