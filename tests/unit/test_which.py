"""`which`: families of a coder's own, faults of a family file, the walk step by step, and the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import openrvu
from openrvu import answers
from openrvu.cards.which import sheet, which
from openrvu.cli import main
from openrvu.codes.families import read_family
from openrvu.errors import BadFile, BadInput

# A family that a coder adds: two codes told apart by one answer, with an add-on and a code for nothing else.
KNEE = """
id = "knee-scope"
title = "Endoscopy of the knee"
what = "a knee joint was looked into"
source = "my-notes"

[sources]
my-notes = "Notes of our coding office, 3 May 2026"

[icd10]
"M23.91" = "knee out of order, right"

[[questions]]
id = "meniscus"
ask = "Was meniscus taken away?"
why = "Taking meniscus has its own codes."
document = "Which meniscus, and how much of it."
choices = [
  { key = "none", words = "no" },
  { key = "one-side", words = "inner or outer" },
  { key = "two-sides", words = "both" },
]

[[questions]]
id = "bodies"
ask = "How many loose bodies came out?"
why = "Only to show a count."
document = "The number."
unit = "loose body"
most = 9

[[contradictions]]
when = { meniscus = "none" }
why = "never met"
settled = false

[services.29880]
words = "both menisci trimmed through the knee scope"
sources = ["my-notes"]
reasons = ["M23.91"]
[services.29880.answers]
meniscus = ["two-sides"]

[services.29881]
words = "one meniscus trimmed through the knee scope"
sources = ["my-notes"]
count = { question = "bodies", covers = 2, further = "29874" }
[services.29881.answers]
meniscus = ["one-side"]
[[services.29881.confused_with]]
code = "29880"
why = "both menisci"

[services.29874]
words = "loose body taken out through the knee scope"
sources = ["my-notes"]
""".replace('meniscus = "none", bodies = 9', 'meniscus = "none"')


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, ["which", *arguments], input=typed)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "families"
    folder.mkdir()
    (folder / "knee.toml").write_text(KNEE, encoding="utf-8")
    return folder


def test_a_family_added_as_a_file_is_walked_without_python(own: Path) -> None:
    found = which({"meniscus": "one-side", "bodies": 4}, on="2026-07-01", folder=own)
    assert found.result is not None and found.family == "knee-scope"
    assert [(line.code, line.units) for line in found.result.lines] == [("29881", 1), ("29874", 2)]
    assert [(one.code, one.by, one.why) for one in found.ruled_out] == [("29880", "meniscus", "it is for: both.")]
    assert found.sources == ("my-notes",)
    result = run("meniscus=two-sides", "--families", str(own), "--json")
    assert json.loads(result.stdout)["result"]["lines"][0]["code"] == "29880"
    assert "knee joint" in run("--families", str(own)).stdout
    assert which({"meniscus": "none"}, folder=own).undecided.kind == "contradiction"  # type: ignore[union-attr]


def test_an_add_on_of_another_time_is_not_billed(own: Path) -> None:
    dated = KNEE.replace('words = "loose body taken out', 'introduced = 2026-01-01\nwords = "loose body taken out')
    (own / "knee.toml").write_text(dated, encoding="utf-8")
    found = which({"meniscus": "one-side", "bodies": 4}, on="2025-07-01", folder=own).result
    assert found is not None and [line.code for line in found.lines] == ["29881"]
    assert found.open == ("2 further loose bodies: 29874 was introduced on 2026-01-01; ask the payer how to bill.",)


@pytest.mark.parametrize(
    ("old", "new", "fault", "exists"),
    [
        (
            'meniscus = ["two-sides"]',
            'meniscus = ["three"]',
            "service 29880, answers: `meniscus` has no choice 'three'",
            "none, one-side",
        ),
        (
            'meniscus = ["two-sides"]',
            'menisci = ["none"]',
            "no question is called 'menisci'",
            "Questions: meniscus, bodies",
        ),
        ('meniscus = ["two-sides"]', "meniscus = 2", "`meniscus` is 2, no list", "list of choices"),
        ('meniscus = ["two-sides"]', "meniscus = { least = 1 }", "`meniscus` is no count", "choices"),
        ('meniscus = ["two-sides"]', 'bodies = ["1"]', "`bodies` counts loose body", "least = 1"),
        (
            'meniscus = ["two-sides"]',
            'meniscus = ["one-side"]',
            "services 29880 and 29881: no answer tells them apart",
            "meniscus",
        ),
        ('reasons = ["M23.91"]', 'reasons = ["M99.9"]', "service 29880: `reasons` has M99.9", "icd10 has: M23.91"),
        ('"M23.91" = ', '"knee" = ', "icd10: `the list` has 'knee'", ""),
        ('further = "29874"', 'further = "29875"', "`further` names 29875, which is no service", ""),
        ('question = "bodies"', 'question = "meniscus"', "question meniscus is not a count", ""),
        (
            'question = "bodies", covers',
            'quest = "bodies", covers',
            "service 29881, count: unknown keys: quest",
            "covers, further",
        ),
        (
            'sources = ["my-notes"]\nreasons',
            'sources = ["yours"]\nreasons',
            "service 29880: no source has the id 'yours'",
            "[sources]",
        ),
        ("settled = false", 'sources = ["yours"]', "contradictions 1: no source has the id 'yours'", ""),
        ("settled = false", "settled = true", "contradictions 1: no `sources`, and not `settled = false`", ""),
        (
            'when = { meniscus = "none" }',
            'when = { meniscus = "nil" }',
            "contradictions 1, when: `meniscus` has no choice 'nil'",
            "none",
        ),
        ('when = { meniscus = "none" }', "when = {}", "contradictions 1: no `when`", "Keys: "),
        (
            'id = "meniscus"',
            'id = "family"',
            "question family: `id` is 'family'",
            "not family, unknown, on, place, setting, qp",
        ),
        ('id = "bodies"', 'id = "meniscus"', "questions: written twice: meniscus", ""),
        ('unit = "loose body"', "", "question bodies: needs two `choices` or more", ""),
        ("most = 9", 'most = "nine"', "question bodies: `most` is 'nine', no whole number", ""),
        (
            '{ key = "none", words = "no" }',
            '{ key = "none" }',
            "question meniscus, choice 1: no `words`",
            "Keys: key, words",
        ),
        (
            '{ key = "none", words = "no" }',
            '{ key = "one-side", words = "no" }',
            "question meniscus: written twice: one-side",
            "",
        ),
        ('what = "a knee joint was looked into"', "", "has questions and no `what`", ""),
        ("[services.29874]", "[services.2987]", "service 2987: is no CPT or HCPCS code", "Five characters"),
        (
            'words = "both menisci trimmed',
            'words = "a b c d e f g h i j k l',
            "service 29880: `words` has more than 12 words",
            "",
        ),
        ('why = "both menisci"', 'why = "both menisci"\nyes = 1', "each `confused_with` needs `code` and `why`", ""),
        ("[icd10]", "[icd10", "not TOML", ""),
        (
            '[sources]\nmy-notes = "Notes of our coding office, 3 May 2026"',
            "",
            "the family: no source has the id 'my-notes'",
            "",
        ),
    ],
)
def test_a_bad_family_file_names_file_table_key_and_what_exists(
    own: Path, old: str, new: str, fault: str, exists: str
) -> None:
    assert old in KNEE
    path = own / "knee.toml"
    path.write_text(KNEE.replace(old, new), encoding="utf-8")
    with pytest.raises(BadFile) as told:
        read_family(path)
    assert fault in str(told.value) and exists in str(told.value)
    assert "knee.toml" in str(told.value)
    result = run("--families", str(own))
    assert result.exit_code == 1 and fault in result.stderr and "Traceback" not in result.output


def test_folders_that_cannot_be_used(own: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no family file"):
        which({}, folder=tmp_path / "nowhere")
    (own / "twice.toml").write_text(KNEE.replace("knee-scope", "other"), encoding="utf-8")
    with pytest.raises(BadFile, match=r"stands in knee\.toml too"):
        which({}, folder=own)
    (own / "twice.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadFile, match="not text in UTF-8"):
        which({}, folder=own)


def test_a_file_of_ones_own_stands_in_place_of_the_shipped_family(own: Path) -> None:
    (own / "knee.toml").write_text(KNEE.replace("knee-scope", "si-joint-fusion"), encoding="utf-8")
    assert which({"family": "si-joint-fusion"}, folder=own).question.id == "meniscus"  # type: ignore[union-attr]


def test_the_first_question_is_the_family_and_answers_can_name_it() -> None:
    first = which()
    assert first.question is not None and first.question.id == "family"
    assert {one.key for one in first.question.choices} == {
        "epidural-injection",
        "lumbar-decompression",
        "si-joint-fusion",
        "vertebral-augmentation",
    }
    assert which({"target": "disc"}).family == "lumbar-decompression"  # only one family asks that
    shared = which({"approach": "open"})
    assert shared.family == "" and shared.question == first.question and shared.answers == {"approach": "open"}
    assert which({"approach": "Open", "family": "si-joint-fusion"}).answers == {"approach": "open"}


def test_each_step_asks_what_the_codes_left_depend_on() -> None:
    given: dict[str, str | int] = {"family": "lumbar-decompression"}
    asked = []
    note = {"region": "lumbar", "device": "none", "pathology": "disc", "approach": "endoscopic"}
    note |= {"visualization": "endoscope", "fusion": "none", "sides": "one", "interspaces": "1"}
    while question := (found := which(given, on="2026-07-01")).question:
        asked.append(question.id)
        assert question.ask and question.why
        given[question.id] = note[question.id]
    # What was taken away and earlier operations are never asked: endoscopic work has one code whatever they are.
    assert asked == ["region", "device", "pathology", "approach", "visualization", "fusion", "sides", "interspaces"]
    assert found.result is not None and found.result.lines[0].code == "62380"


def test_an_answer_that_the_note_does_not_give_need_not_matter() -> None:
    note = {"approach": "endoscopic", "visualization": "endoscope", "region": "lumbar", "device": "none"}
    found = which({**note, "pathology": "unknown", "fusion": "none", "sides": "one", "interspaces": 1})
    assert found.result is not None and found.result.lines[0].code == "62380"


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"regoin": "lumbar"}, "no question is called 'regoin'.*region"),
        ({"region": "moon", "target": "disc"}, "region has no answer 'moon'.*lumbar, thoracic, cervical, or unknown"),
        ({"region": "moon"}, "region has no answer 'moon'.*sacral"),
        ({"interspaces": "two"}, "interspaces is 'two'.*whole number from 1 to 5"),
        ({"interspaces": 0}, "from 1 to 5"),
        ({"interspaces": 6}, "from 1 to 5"),
        ({"interspaces": "²"}, "from 1 to 5"),
        ({"family": "knee"}, "no family is called 'knee'.*lumbar-decompression"),
        ({"target": "disc", "implant": "inside"}, "no family has all of these questions"),
        ({"family": "si-joint-fusion", "target": "disc"}, "si-joint-fusion has no question 'target'"),
    ],
)
def test_answers_that_do_not_exist(given: dict[str, Any], fault: str) -> None:
    with pytest.raises(BadInput, match=fault):
        which(given, on="2026-07-01")


def test_a_date_that_is_none() -> None:
    with pytest.raises(BadInput, match="YYYY-MM-DD"):
        which({}, on="soon")


def test_coverage_leads_as_long_as_its_codes_are_left() -> None:
    port = {"region": "lumbar", "pathology": "stenosis", "approach": "percutaneous", "target": "ligament-lamina"}
    found = which(port, on="2026-07-01")
    assert found.question is not None and "NCD 150.13" in found.leads[0] and found.leads[0].startswith("G0276, 62330")
    assert which({**port, "approach": "open", "target": "lamina"}, on="2026-07-01").leads == ()


def test_units_above_the_limit_are_said() -> None:
    # MCR_MUE_PractitionerServices_Eff_04-01-2026: 22512 3 units, with appeal.
    given = {"approach": "percutaneous", "method": "cement", "region": "lumbar"}
    within, over = (which({**given, "bodies": bodies}, on="2026-05-01") for bodies in (4, 5))
    assert within.notes == () and "22512: 4 of at most 3 units" in over.notes[0]
    assert "mue-practitioner-2026b" in within.sources
    assert which({**given, "bodies": 5}, on="2025-05-01").notes == ()  # no table of that quarter is held


def test_the_sheet_has_lines_and_reasons() -> None:
    note = {"work": "fusion", "approach": "open", "visualization": "direct", "sides": "both"}
    lines = sheet(which(note, on="2026-07-01")).splitlines()
    assert lines[0] == "state,code,words,modifier,units,why"
    assert lines[1] == "billed,27280,open sacroiliac joint fusion,50,1,"
    assert any(line.startswith("ruled-out,27279") and "approach=open" in line for line in lines)
    assert "no-code,64999" in sheet(which({"route": "transforaminal", "imaging": "ultrasound"}, on="2026-07-01"))
    assert "left,62380" in sheet(which({"target": "disc"}, on="2026-07-01"))


def test_json_is_the_library_encoded_and_the_page_of_a_refusal_says_why() -> None:
    given = ("--approach", "endoscopic", "--region", "lumbar", "--on", "2026-07-01")
    found = json.loads(run(*given, "--json").stdout)
    found.pop("foot")
    assert found == answers.encode(openrvu.which({"approach": "endoscopic", "region": "lumbar"}, on="2026-07-01"))
    refused = run("approach=endoscopic", "visualization=indirect", "region=lumbar")
    assert refused.exit_code == 0 and "Not decided (contradiction)" in refused.stdout
    assert run("region").exit_code == 1 and "QUESTION=ANSWER" in run("region").stderr
    assert "answered twice" in run("region=lumbar", "--region", "lumbar").stderr


def test_asked_at_a_terminal_with_back_and_unknown() -> None:
    typed = "fusion\n1\nb\n1\n1\n7\n2\n"
    result = run("--ask", "--family", "si-joint-fusion", "--on", "2026-07-01", typed=typed)
    assert result.exit_code == 0, result.output
    assert "That is none of the answers above." in result.stdout
    # fusion, open; back; open; in view; one joint is the last: 7 is none, 2 is both.
    assert "27280-50 x 1" in result.stdout
    unknown = run("--ask", "work=fusion", "approach=percutaneous", "visualization=indirect", typed="u\n1\n")
    assert "Not decided (missing-answer)" in unknown.stdout
    stopped = run("--ask", typed="2\nq\n")
    assert "Not decided yet" in stopped.stdout and "code left" in stopped.stdout


def test_asking_that_ends_without_an_answer() -> None:
    assert run("--ask", typed="").exit_code == 1


def test_the_example_of_the_documentation_works(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "families.md").read_text(encoding="utf-8")
    (tmp_path / "knee.toml").write_text(text.partition("```toml\n")[2].partition("```")[0], encoding="utf-8")
    found = which({"meniscus": "two"}, folder=tmp_path)
    assert found.result is not None and found.result.lines[0].code == "29880"


def test_a_refusal_that_names_a_covered_code_leads_with_its_coverage() -> None:
    port = {"region": "lumbar", "device": "none", "pathology": "disc", "approach": "percutaneous"}
    found = which({**port, "visualization": "indirect", "target": "ligament-lamina", "fusion": "none"}, on="2026-07-01")
    assert found.undecided is not None and "62330" in found.undecided.reason
    assert "NCD 150.13" in found.leads[0] and "62330" in found.leads[0]
