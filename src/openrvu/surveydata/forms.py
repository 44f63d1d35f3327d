"""A design of pairs as a form in REDCap, Qualtrics or LimeSurvey, with the mapping that reads the answers back.

Each pair of each block is one question, `b1_01` ..., of the service named first. Answers are coded 1 less, 2 equal, 3
greater. Consent, financial interest, specialty and yearly volume are asked first. No form asks for a name.

Formats: REDCap, Data Dictionary (CSV of 18 columns); Qualtrics, Import & Export Surveys, Advanced Format TXT;
LimeSurvey manual, Tab Separated Value survey structure. They were written from these descriptions; no server was at
hand to import them into.
"""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass

from openrvu.errors import BadInput
from openrvu.surveydata.export import LIMESURVEY, QUALTRICS, REDCAP
from openrvu.surveydata.mapping import PAIRS, WIDE, Question, SurveyMapping
from openrvu.valuation.pairdesign import CODES, PairDesign

SYSTEMS = (REDCAP, QUALTRICS, LIMESURVEY)
LABELS = {"less": "Less work", "equal": "About the same work", "greater": "More work"}
CONSENT = "Do you agree to take part?"
INTEREST = "Do you have a financial interest in any device or procedure of this survey?"
SPECIALTY = "What is your specialty?"
VOLUME = "How many of the first-named services do you perform in a year?"
_FORM = "work_comparisons"  # the instrument, whose status is `work_comparisons_complete`

# REDCap's 18 columns in their order, as a data dictionary downloaded from it has them.
_DICTIONARY = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
_LIME = (
    "id",
    "related_id",
    "class",
    "type/scale",
    "name",
    "relevance",
    "text",
    "help",
    "language",
    "validation",
    "mandatory",
    "encrypted",
    "other",
    "default",
    "same_default",
    "same_script",
)


@dataclass(frozen=True)
class Form:
    """files: name -> content. mapping: how the answers are read back. notes: what is left to do in the system."""

    system: str
    files: dict[str, str]
    mapping: SurveyMapping
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Asked:
    name: str
    block: int
    left: int
    right: int


def form(given: PairDesign, system: str) -> Form:
    """A design as a form. system: redcap, qualtrics or limesurvey. Raises BadInput for another, and for a text that the
    system's format cannot hold.

    >>> from openrvu.valuation.pairdesign import Offered, star
    >>> made = form(star(Offered("62380"), [Offered("63047"), Offered("63005")]), "redcap")
    >>> list(made.files), [one.column for one in made.mapping.questions]
    (['redcap-dictionary.csv'], ['b1_01', 'b1_02'])
    """
    if system not in SYSTEMS:
        raise BadInput(f"no form for {system!r}", exists=f"There are {', '.join(SYSTEMS)}")
    asked = [
        _Asked(f"b{b}_{i:02d}", b, left, right)
        for b, block in enumerate(given.blocks, 1)
        for i, (left, right) in enumerate(block, 1)
    ]
    if system == REDCAP:
        return _redcap(given, asked)
    return _qualtrics(given, asked) if system == QUALTRICS else _limesurvey(given, asked)


def _mapping(
    given: PairDesign, asked: Sequence[_Asked], system: str, roles: dict[str, str], name: str
) -> SurveyMapping:
    """How the answers come back: codes, or labels where those were exported. name: how a question becomes a column."""
    several = len(given.blocks) > 1
    questions = tuple(
        Question(
            name.format(one.name, one.name.replace("_", "q")),
            given.services[one.left].service,
            given.services[one.right].service,
            block=str(one.block) if several else "",
        )
        for one in asked
    )
    answers = {str(CODES[word]): word for word in given.choices} | {LABELS[word]: word for word in given.choices}
    if system == LIMESURVEY:
        answers |= {f"A{CODES[word]}": word for word in given.choices}
    attributes = {one: one for one in ("interest", "specialty", "volume")}
    return SurveyMapping(system, PAIRS, WIDE, given.target, roles, questions, attributes, answers=answers)


def _shown(given: PairDesign, at: int) -> str:
    """A service as the respondent sees it, in one line."""
    one = given.services[at]
    words = f" ({one.words})" if one.words else ""
    return f"{one.service}{words}{': ' + ' '.join(one.vignette.split()) if one.vignette else ''}"


def _lines(given: PairDesign, one: _Asked) -> tuple[str, str, str]:
    return given.question, f"First: {_shown(given, one.left)}", f"Second: {_shown(given, one.right)}"


def _entities(text: str) -> str:
    """Text as HTML, and without the braces and brackets by which REDCap and LimeSurvey put answers into questions."""
    marks = {"{": "&#123;", "}": "&#125;", "[": "&#91;", "]": "&#93;"}
    return "".join(marks.get(letter, letter) for letter in html.escape(text, quote=False))


def _redcap(given: PairDesign, asked: Sequence[_Asked]) -> Form:
    several = len(given.blocks) > 1
    rows = [_field("record_id", "text", "Record")]
    rows += [
        _field("consent", "yesno", CONSENT, required="y"),
        _field("interest", "yesno", INTEREST, required="y"),
        _field("specialty", "text", SPECIALTY),
        _field("volume", "text", VOLUME, validation="integer"),
    ]
    if several:
        choices = " | ".join(f"{b}, Block {b}" for b in range(1, len(given.blocks) + 1))
        rows.append(
            _field("block", "radio", "Block", choices, note="set by randomization; hidden", annotation="@HIDDEN-SURVEY")
        )
    choices = " | ".join(f"{CODES[word]}, {LABELS[word]}" for word in given.choices)
    for one in asked:
        shown = "[consent] = '1'" + (f" and [block] = '{one.block}'" if several else "")
        rows.append(
            _field(
                one.name, "radio", "\n".join(_entities(part) for part in _lines(given, one)), choices, branching=shown
            )
        )
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([_DICTIONARY, *rows])
    roles = {"respondent": "record_id", "finished": f"{_FORM}_complete", "consent": "consent"}
    notes = ["Project Setup, Data Dictionary: upload redcap-dictionary.csv, then enable the instrument as a survey."]
    notes.append("Export data as CSV / raw, and read it with the mapping.")
    if several:
        notes.append("Set `block` by the randomization module, so that each respondent has one.")
    return Form(
        REDCAP, {"redcap-dictionary.csv": out.getvalue()}, _mapping(given, asked, REDCAP, roles, "{0}"), tuple(notes)
    )


def _field(
    name: str,
    kind: str,
    label: str,
    choices: str = "",
    *,
    note: str = "",
    validation: str = "",
    branching: str = "",
    required: str = "",
    annotation: str = "",
) -> list[str]:
    """One row of the dictionary. A label that a spreadsheet would run has a blank before it, which REDCap trims."""
    text = f" {label}" if label[:1] in ("=", "+", "-", "@") else label
    return [
        name,
        _FORM,
        "",
        kind,
        text,
        choices,
        note,
        validation,
        "0" if validation else "",
        "",
        "",
        branching,
        required,
        "",
        "",
        "",
        "",
        annotation,
    ]


def _qualtrics(given: PairDesign, asked: Sequence[_Asked]) -> Form:
    def safe(text: str) -> str:
        """Text as HTML without the format's own brackets and without empty lines, which would end a question."""
        return (
            html.escape(" ".join(text.split()), quote=False)
            .replace("[[", "[ [")
            .replace("]]", "] ]")
            .replace("${", "$ {")
        )

    lines = ["[[AdvancedFormat]]", "", "[[Block:About you]]", ""]
    for name, text in (("consent", CONSENT), ("interest", INTEREST)):
        lines += [
            "[[Question:MC:SingleAnswer:Vertical]]",
            f"[[ID:{name}]]",
            safe(text),
            "",
            "[[Choices]]",
            "Yes",
            "No",
            "",
        ]
    for name, text in (("specialty", SPECIALTY), ("volume", VOLUME)):
        lines += ["[[Question:TE:SingleLine]]", f"[[ID:{name}]]", safe(text), ""]
    block = 0
    for one in asked:
        if one.block != block:
            block = one.block
            lines += [f"[[Block:Block {block}]]", ""]
        text = "<br>".join(safe(part) for part in _lines(given, one))
        lines += ["[[Question:MC:SingleAnswer:Horizontal]]", f"[[ID:{one.name}]]", text, "", "[[AdvancedChoices]]"]
        lines += [line for word in given.choices for line in (f"[[Choice:{CODES[word]}]]", LABELS[word])]
        lines += [""]
    roles = {
        "respondent": "ResponseId",
        "start": "StartDate",
        "end": "EndDate",
        "seconds": "Duration (in seconds)",
        "finished": "Finished",
        "status": "Status",
        "consent": "consent",
    }
    notes = ["Survey, Tools, Import/Export, Import Survey: choose qualtrics-survey.txt."]
    if len(given.blocks) > 1:
        notes.append("Survey Flow: put the blocks `Block 1` ... under a Randomizer that presents 1 of them, evenly.")
    notes.append("Survey Flow: end the survey where consent is No. Export data as CSV with choice text.")
    text = "\n".join(lines)
    made = _mapping(given, asked, QUALTRICS, roles, "{0}")
    return Form(QUALTRICS, {"qualtrics-survey.txt": text}, made, tuple(notes))


def _limesurvey(given: PairDesign, asked: Sequence[_Asked]) -> Form:
    """Question codes of LimeSurvey are letters and digits alone: b1q01 for b1_01."""
    several = len(given.blocks) > 1
    rows = [
        _lime("S", name="language", text="en"),
        _lime("SL", name="surveyls_title", text=f"Physician work of {given.target}", language="en"),
        _lime("G", "G0", "About you", "1", language="en"),
        _lime("Q", "Y", "consent", "1", CONSENT, "en", mandatory="Y"),
        _lime("Q", "Y", "interest", "1", INTEREST, "en", mandatory="Y"),
        _lime("Q", "S", "specialty", "1", SPECIALTY, "en"),
        _lime("Q", "N", "volume", "1", VOLUME, "en"),
    ]
    if several:
        draw = f"{{if(is_empty(block), rand(1, {len(given.blocks)}), block)}}"
        rows.append(_lime("Q", "*", "block", "1", draw, "en"))
    block = 0
    for one in asked:
        if one.block != block:
            block = one.block
            shown = f'consent == "Y" and block == {block}' if several else 'consent == "Y"'
            rows.append(_lime("G", f"G{block}", f"Block {block}", shown, language="en"))
        text = "<br />".join(_entities(part) for part in _lines(given, one))
        rows.append(_lime("Q", "L", one.name.replace("_", "q"), "1", text, "en"))
        rows += [_lime("A", "0", f"A{CODES[word]}", "", LABELS[word], "en") for word in given.choices]
    for number, row in enumerate((row for row in rows if row[2] in ("G", "Q")), 1):
        row[0] = str(number)
    out = io.StringIO(newline="")
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows([_LIME, *rows])
    roles = {
        "respondent": "id",
        "start": "startdate",
        "end": "submitdate",
        "finished": "submitdate",
        "consent": "consent",
    }
    notes = (
        "Create survey, Import: choose limesurvey-survey.txt. Before activation: date stamp on, IP addresses off.",
        "Responses, Export: CSV, headings as question codes, answers as codes.",
    )
    made = _mapping(given, asked, LIMESURVEY, roles, "{1}")
    return Form(LIMESURVEY, {"limesurvey-survey.txt": "\ufeff" + out.getvalue()}, made, notes)


def _lime(
    kind: str,
    scale: str = "",
    name: str = "",
    relevance: str = "",
    text: str = "",
    language: str = "",
    mandatory: str = "",
) -> list[str]:
    other = "N" if kind == "Q" else ""
    return ["", "", kind, scale, name, relevance, text, "", language, "", mandatory, "", other, "", "", ""]
