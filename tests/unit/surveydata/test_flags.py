"""Flags with their reasons, rules of exclusion, the funnel. Counts are worked by hand beside the rows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from openrvu.errors import BadFile, BadInput
from openrvu.surveydata import SurveyData, SurveyMapping, parse
from openrvu.surveydata.mapping import Question, from_toml, rule, to_toml
from openrvu.surveydata.using import as_survey

PAIRS = (("62380", "63047"), ("63047", "63030"), ("63030", "62380"), ("62380", "22612"))
ASKED = tuple(Question(f"q{i}", a, b) for i, (a, b) in enumerate(PAIRS, 1))
ROLES = {
    "respondent": "id",
    "start": "begun",
    "seconds": "took",
    "finished": "done",
    "status": "status",
    "consent": "agreed",
}

# Begun, seconds, done, status, consent, attention (blue asked for), four comparisons, interest.
ROWS = """id,begun,took,done,status,agreed,colour,q1,q2,q3,q4,stake
A,2026-03-01 10:00,600,yes,,yes,blue,more,more,less,less,yes
B,2026-03-01 11:00,500,yes,,yes,blue,more,more,more,less,no
C,2026-03-01 12:00,700,yes,,yes,red,less,less,less,less,no
D,2026-03-01 13:00,150,yes,,yes,blue,less,more,same,more,no
E,2026-03-01 14:00,650,yes,,yes,blue,more,less,same,,no
F,2026-03-01 15:00,,no,,yes,blue,more,,,,no
A,2026-03-02 10:00,620,yes,,yes,blue,less,less,more,more,no
H,2026-03-01 10:00,610,yes,,yes,blue,more,more,less,less,no
I,2026-03-02 12:00,300,yes,Test,yes,blue,more,less,more,less,no
J,2026-03-02 13:00,30,no,,no,,,,,,
"""


def _mapping(exclude: Sequence[str] = (), *, invited: int | None = None, opened: int | None = None) -> SurveyMapping:
    return SurveyMapping(
        "plain",
        "pairs",
        "wide",
        "62380",
        ROLES,
        ASKED,
        {"interest": "stake"},
        (("colour", "blue"),),
        exclude=tuple(exclude),
        invited=invited,
        opened=opened,
    )


def _read(*exclude: str, invited: int | None = None, opened: int | None = None) -> SurveyData:
    return parse(ROWS.encode(), "s.csv", _mapping(exclude, invited=invited, opened=opened))


def _lines(data: SurveyData, kind: str) -> list[int]:
    return [one.line for one in data.flagged(kind)]


def test_each_flag_has_its_rows_and_its_reason() -> None:
    data = _read()
    # Line 8 has A's name; line 9 has A's answers and A's start under another name.
    assert [(f.line, f.words) for f in data.flagged("duplicate")] == [
        (8, "the same respondent is on line 2"),
        (9, "the same answers, begun at the same time, are on line 2"),
    ]
    assert [(f.line, f.words) for f in data.flagged("incomplete")] == [
        (6, "3 of 4 answered"),
        (7, "1 of 4 answered"),
        (11, "0 of 4 answered"),
    ]
    assert _lines(data, "straight-line") == [4]
    # Who answered everything took 600 500 700 150 620 610 300: median 600, a third 200. D took 150. J answered nothing.
    assert [(f.line, f.words) for f in data.flagged("speeder")] == [
        (5, "150 seconds, under a third of the median (600 seconds of the 7 who answered everything)")
    ]
    assert _lines(data, "attention") == [4, 11]
    assert _lines(data, "preview") == [10] and _lines(data, "no-consent") == [11]
    assert _lines(data, "unfinished") == [7, 11]
    # 62380 > 63047 > 63030 > 62380 goes round: B, all `more`; C, all `less`. A's third answer ends the circle.
    assert [(f.line, f.words) for f in data.flagged("intransitive")] == [
        (line, "1 of 1 triples of comparisons go round (by chance: a quarter)") for line in (3, 4)
    ]


def test_flags_leave_nobody_out() -> None:
    data = _read()
    assert len(data.respondents) == 9  # all but J, who answered nothing
    assert [(one.line, one.rule) for one in data.excluded] == [(11, "no answer")]
    assert as_survey(data).report.respondents == 9


def test_rules_leave_out_in_their_order_and_are_counted() -> None:
    data = _read("preview", "no-consent", "duplicate", "incomplete<50%", "straight-line", "intransitive", "seconds<200")
    counts = [(one.rule, one.left_out, one.fits) for one in data.rules]
    assert counts == [
        ("preview", 1, 1),  # line 10
        ("no-consent", 1, 1),  # line 11
        ("duplicate", 2, 2),  # lines 8, 9
        ("incomplete<50%", 1, 2),  # line 7; line 11 fits and is out already
        ("straight-line", 1, 1),  # line 4
        ("intransitive", 1, 2),  # line 3; line 4 is out already
        ("seconds<200", 1, 2),  # line 5; line 11 is out already
        ("no answer", 0, 1),
    ]
    assert [one.line for one in data.respondents] == [2, 6]
    assert [one.line for one in data.excluded] == [3, 4, 5, 7, 8, 9, 10, 11]
    assert data.attributes["interest"] == ("yes", "no")


def test_the_funnel_by_hand() -> None:
    data = _read("preview", invited=60, opened=20)
    assert data.funnel is not None
    stages = {one.name: (one.n, one.of_invited, one.before) for one in data.funnel.stages}
    assert stages["invited"] == (60, 1.0, None) and stages["opened"] == (20, 20 / 60, 60)
    assert stages["started"] == (9, 9 / 60, 20)  # ten rows less the test
    assert stages["consented"] == (8, 8 / 60, 9)  # J did not
    assert stages["finished"] == (7, 7 / 60, 8)  # F did not
    assert stages["analysed"] == (8, 8 / 60, 9)  # F is: one answer, and no rule against it
    rates = {one.name: (one.numerator, one.denominator, one.value) for one in data.funnel.rates}
    # Complete: A B C D, A again, H: 6. Partial: E, F. RR1 = 6/60, RR2 = 8/60 of all invited.
    assert rates["AAPOR RR1"] == (6, 60, 0.1) and rates["AAPOR RR2"] == (8, 60, 8 / 60)
    assert rates["completion"] == (6, 9, 6 / 9)


def test_without_the_invited_there_is_no_response_rate() -> None:
    data = _read()
    assert data.funnel is not None
    assert [one.value for one in data.funnel.rates[:2]] == [None, None]
    assert "how many were invited is not known" in data.funnel.rates[0].definition
    assert "(1 marked as previews or tests: exclude preview)" in data.funnel.stages[-1].how
    with pytest.raises(BadInput, match="5 invited and 9 rows"):
        _read(invited=5)


def test_a_block_is_asked_whole_and_no_more() -> None:
    asked = tuple(Question(one.column, one.left, one.right, block="1" if i < 2 else "2") for i, one in enumerate(ASKED))
    mapping = SurveyMapping("plain", "pairs", "wide", "62380", {"respondent": "id"}, asked)
    data = parse(b"id,q1,q2,q3,q4\n1,less,more,,\n2,,,less,\n", "s.csv", mapping)
    assert [(one.answered, one.asked) for one in data.respondents] == [(2, 2), (1, 2)]
    by_column = SurveyMapping("plain", "pairs", "wide", "62380", {"respondent": "id", "block": "b"}, ASKED)
    data = parse(b"id,b,q1,q2,q3,q4\n1,x,less,more,,\n2,y,,,less,\n3,x,less,,,\n", "s.csv", by_column)
    assert [(one.answered, one.asked) for one in data.respondents] == [(2, 2), (1, 1), (1, 2)]


def test_too_few_times_say_nothing_of_speed() -> None:
    text = "id,took,q1,q2,q3,q4\n1,1,less,more,less,more\n2,600,less,more,more,less\n3,700,less,more,less,less\n"
    mapping = SurveyMapping("plain", "pairs", "wide", "62380", {"respondent": "id", "seconds": "took"}, ASKED)
    assert not parse(text.encode(), "s.csv", mapping).flagged("speeder")


def test_names_of_people_become_numbers_and_duplicates_are_still_seen() -> None:
    data = parse(
        b"id,63047,63005\njo@x.org,less,more\nal@x.org,more,more\njo@x.org,less,less\n", "s.csv", target="62380"
    )
    assert [one.name for one in data.respondents] == ["person 1", "person 2", "person 1"]
    assert _lines(data, "duplicate") == [4] and "x.org" not in repr(data)


def test_an_attribute_that_tells_who_somebody_is_stays_behind_even_where_it_is_mapped() -> None:
    mapping = SurveyMapping(
        "plain", "pairs", "wide", "62380", {}, (Question("63047", "62380", "63047"),), {"contact": "reach"}
    )
    data = parse(b"reach,63047\n614-555-0100,less\n614-555-0101,more\n", "s.csv", mapping)
    assert not data.attributes and "555" not in repr(data)
    assert data.left_behind[-1].why == "mapped as contact, and left behind all the same: it holds telephone numbers"


@pytest.mark.parametrize("text", ["dupes", "incomplete<", "incomplete<5", "seconds<x", "seconds>5", ""])
def test_a_rule_that_is_none(text: str) -> None:
    with pytest.raises(BadInput, match="Rules: duplicate, incomplete"):
        rule(text)


def test_rules_that_leave_nobody() -> None:
    with pytest.raises(BadFile, match=r"the rules leave nobody.*incomplete<50%: 2"):
        parse(
            b"id,q1,q2,q3,q4\n1,less,,,\n2,more,,,\n",
            "s.csv",
            SurveyMapping("plain", "pairs", "wide", "62380", {"respondent": "id"}, ASKED, exclude=("incomplete<50%",)),
        )


def test_a_mapping_survives_its_file() -> None:
    mapping = _mapping(["duplicate", "incomplete<50%"], invited=60, opened=20)
    again = from_toml(to_toml(mapping, ["a note\nin two lines"], {"q1": 'says "hi" \x07'}))
    assert again == mapping
    assert to_toml(again) == to_toml(mapping)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("format = ", "not TOML"),
        ('format = "word"', "format = 'word'.*qualtrics"),
        ('format = "plain"\nkind = "pears"', "kind = 'pears'.*pairs"),
        ('format = "plain"\nkind = "pairs"\nlayout = "wide"\ncolour = 1', "unknown: colour"),
        ('format = "plain"\nkind = "pairs"\nlayout = "wide"\n[columns]\nage = "x"', "no role age.*respondent"),
        ('format = "plain"\nkind = "pairs"\nlayout = "wide"\nexclude = ["bad"]', "'bad' is no rule"),
        ('format = "plain"\nkind = "pairs"\nlayout = "wide"\nexclude = "duplicate"', "no list of texts"),
        ('format = "plain"\nkind = "pairs"\nlayout = "wide"\ninvited = -1', "invited = -1"),
        ('format = "plain"\nkind = "pairs"\nlayout = "wide"\n[[question]]\nleft = "62380"', "without column"),
        (
            'format = "plain"\nkind = "pairs"\nlayout = "wide"\n[[question]]\ncolumn = "q"\nleft = "spine"',
            "SPINE.* no code",
        ),
    ],
)
def test_a_wrong_mapping_says_where(text: str, says: str) -> None:
    with pytest.raises((BadFile, BadInput), match=says):
        from_toml(text, "m.toml")
