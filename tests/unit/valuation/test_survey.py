"""Reading surveys: three forms, many ways of saving them, and what is said of wrong ones."""

from pathlib import Path

import numpy as np
import pytest

from openrvu import surveys
from openrvu.errors import BadFile, BadInput
from openrvu.surveydata import long
from openrvu.valuation import grid
from openrvu.valuation.survey import NONE, Survey

COUNTS = "item,less,equal,greater\n63047,20,5,10\n22630+22840,30,4,1\n"
WIDE = "respondent,63047,63005,22612,interest\nA,less,equal,greater,no\nB,Greater,SAME,,yes\nC,less,less,less,no\n"
LONG = (
    "rater,left,right,response\n1,62380,63047,less\n1,63005,62380,less\n2,62380,63047,greater\n"
    "2,63047,63005,equal\n2,63005,63047,greater\n"
)


def _read(text: str | bytes, target: str = "62380", domain: str = "") -> Survey:
    return surveys.of_bytes(text.encode() if isinstance(text, str) else text, "s.csv", target, domain)


def test_counts() -> None:
    found = _read(COUNTS)
    assert found.report.form == "counts" and found.answers is None and found.star
    assert found.items == ("63047", "22630+22840")
    assert found.pairs.less == (20, 30) and found.pairs.equal == (5, 4) and found.pairs.greater == (10, 1)


def test_wide_words_missing_and_interest() -> None:
    found = _read(WIDE)
    assert found.report.form == "wide" and found.report.respondents == 3
    assert found.pairs.less == (2, 1, 1) and found.pairs.equal == (0, 2, 0) and found.pairs.greater == (1, 0, 1)
    assert found.interest == (False, True, False)
    assert [n.respondent for n in found.report.incomplete] == ["B"]
    assert [n.respondent for n in found.report.straight_lined] == ["C"]  # kept: counted above, and flagged
    assert found.answers is not None and found.answers[1].tolist() == [1, 0, NONE]


def test_long_puts_the_target_on_the_left_and_one_direction_a_pair() -> None:
    found = _read(LONG)
    assert found.report.form == "long" and not found.star
    assert found.pairs.names == ("62380", "63047", "63005")
    assert list(zip(found.pairs.left, found.pairs.right, strict=True)) == [(0, 1), (0, 2), (1, 2)]
    # 63005 less than 62380 means 62380 greater than 63005. The last row repeats the pair the other way round.
    assert found.pairs.greater == (1, 1, 0) and found.pairs.less == (1, 0, 0) and found.pairs.equal == (0, 0, 1)
    assert [(n.line, n.respondent) for n in found.report.duplicates] == [(6, "2")]
    assert "another answer" in found.report.duplicates[0].words


def test_long_domains() -> None:
    text = "rater,left,right,response,domain\n1,62380,63047,less,effort\n1,62380,63005,more,stress\n"
    assert _read(text, domain="Effort").pairs.less == (1.0,)
    assert _read(text, domain="Effort").domain == "Effort"
    with pytest.raises(BadInput, match=r"2 domains and none chosen .*Domains: effort, stress"):
        _read(text)
    with pytest.raises(BadInput, match="no domain 'speed'"):
        _read(text, domain="speed")
    with pytest.raises(BadInput, match="no column domain"):
        _read(LONG, domain="effort")
    one = text.replace("stress", "effort")
    assert _read(one).domain == "effort"


@pytest.mark.parametrize(
    ("a", "b", "c"), [("-1", "0", "1"), ("1", "2", "3"), ("less", "equal", "greater"), ("<", "=", ">")]
)
def test_numbers_and_words_read_alike(a: str, b: str, c: str) -> None:
    found = _read(f"63047,63005,22612\n{a},{b},{c}\n{b},{c},{a}\n")
    assert found.answers is not None and found.answers.tolist() == [[-1, 0, 1], [0, 1, -1]]


@pytest.mark.parametrize(
    "saved",
    [
        COUNTS.encode(),
        b"\xef\xbb\xbf" + COUNTS.encode(),
        COUNTS.replace("\n", "\r\n").encode(),
        COUNTS.replace(",", ";").encode(),
        COUNTS.replace(",", "\t").encode(),
        COUNTS.replace("63047", '"63047"').encode(),
        COUNTS.replace("item,less,equal,greater", "Item, Less ,EQUAL,greater,,").encode(),
        ("\n" + COUNTS + "\n,,,\n").encode(),
        COUNTS.replace("\n", "\r").encode(),
        COUNTS.encode("utf-16"),
        COUNTS.encode("utf-16-le"),
        COUNTS.replace("63047", "63047\u00a0").encode("cp1252"),
    ],
    ids=[
        "plain",
        "bom",
        "crlf",
        "semicolons",
        "tabs",
        "quotes",
        "loose head",
        "blank lines",
        "old Mac",
        "UTF-16",
        "UTF-16 without mark",
        "Windows-1252",
    ],
)
def test_however_it_was_saved(saved: bytes) -> None:
    assert _read(saved).pairs == _read(COUNTS).pairs


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04rest", "workbook is damaged.*CSV UTF-8"),
        (b"item,less,equal,greater\n63047,1,2,3\nna\x81ve,1,2,3\n", "0x81 is neither UTF-8 nor Windows-1252 .*line 3"),
        (b"item,less,equal,greater\n63047,1,2,3\nna\x01ve,1,2,3\n", "a binary file.*line 3"),
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"item,less,equal,greater\n", "no rows"),
        (b'item,less,equal,greater\n"63047,1,2,3\n', "not CSV"),
        (b"item,less,,greater\n63047,1,2,3\n", "column 3 has no name"),
        (b"item,less,equal,Item\n63047,1,2,3\n", "there twice"),
        (b"item,less,equal,greater\n63047,1,2,3,4\n", "5 cells under 4 .*|.*line 2"),
        (b"name,age\nx,3\n", "Columns found: name, age. Accepted forms: counts: item, less, equal, greater"),
        (b"item,less,equal,greater\n63047,1,2.5,3\n", "'2.5' is no count .*line 2, column equal.*not percentages"),
        (b"item,less,equal,greater\n63047,1,-2,3\n", "'-2' is no count"),
        (b"item,less,equal,greater\nspine,1,2,3\n", "'spine' is no code .*line 2, column item"),
        (b"item,less,equal,greater\n62380,1,2,3\n", "62380 is the target"),
        (b"item,less,equal,greater\n63047,1,2,3\n63047,1,2,3\n", "63047 is there twice .*line 3"),
        (b"63047,63005\nless,perhaps\n", "'perhaps' is no answer .*line 2, column 63005.*less, equal, greater"),
        (b"63047,63005\n1,1\n", "the only number is 1"),
        (b"63047,63005\n0,3\n", "two codings: 0, 3"),
        (b"62380,63005\nless,less\n", "column 62380 is the target"),
        (b"63047,63047x1\nless,less\n", "same service"),
        (b"63047,63005\nNA,\n", "nobody answered"),
        (b"rater,left,right,response\n1,63047,63005,less\n", "62380 is in no comparison.*63047, 63005"),
        (b"rater,left,right,response\n1,63047,63047,less\n", "with itself .*line 2"),
        (b"rater,left,right,response\n,62380,63047,less\n", "no rater .*line 2"),
    ],
)
def test_wrong_files_say_where_what_and_what_to_do(data: bytes, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        _read(data)


def test_duplicates_are_kept_and_named_and_empty_rows_left_out() -> None:
    found = _read("id,63047,63005,22612\n7,less,equal,more\n8,,,\n7,more,more,more\n9,more,less,less\n")
    assert found.report.respondents == 3 and found.report.rows == 4
    assert [(n.line, n.words) for n in found.report.excluded] == [(3, "no answer: no answer at all")]
    assert [n.words for n in found.report.duplicates] == ["the same respondent is on line 2: both are kept"]
    assert found.pairs.greater == (2, 1, 2)  # more: lines 4 and 5, line 4, lines 2 and 4


def test_columns_that_are_no_code_are_named_as_ignored() -> None:
    found = _read("id,ward,63047,63005\n1,ortho,less,more\n")
    assert found.report.ignored_columns == ("ward",)


def test_without_an_id_equal_rows_are_two_people() -> None:
    assert _read("63047,63005\nless,more\nless,more\n").report.respondents == 2


def test_remarks_at_the_head_become_the_label() -> None:
    found = _read("# SIMULATED, seed 1\n# nobody answered\n" + COUNTS)
    assert found.label == "SIMULATED, seed 1 nobody answered" and found.simulated
    assert not _read(COUNTS).simulated
    with pytest.raises(BadFile, match="line 4"):
        _read("# SIMULATED\n\nitem,less,equal,greater\n63047,x,1,1\n")


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.csv"
    path.write_text(COUNTS, encoding="utf-8")
    assert surveys.read(path, "62380").name == "s.csv"
    monkeypatch.setattr(grid, "LARGEST_BYTES", 10)
    with pytest.raises(BadFile, match="at most 10 bytes"):
        surveys.read(path, "62380")
    monkeypatch.setattr(grid, "MOST_ROWS", 1)
    with pytest.raises(BadFile, match="more than 1 rows"):
        _read(COUNTS)
    monkeypatch.undo()
    monkeypatch.setattr(grid, "MOST_COLUMNS", 3)
    with pytest.raises(BadFile, match="4 columns"):
        _read(COUNTS)
    with pytest.raises(BadFile, match="cannot be read"):
        surveys.read(tmp_path / "none.csv", "62380")


def test_random_bytes_never_escape_as_another_error() -> None:
    rng = np.random.default_rng(0)
    alphabet = np.frombuffer(b'item,less;equal\tgreater\n\r"0123456789#-+x\xef\xbb\xbf\x00 ', dtype=np.uint8)
    for _ in range(300):
        data = bytes(rng.choice(alphabet, size=int(rng.integers(0, 80))))
        for head in (b"", b"item,less,equal,greater\n", b"63047,63005\n", b"rater,left,right,response\n"):
            try:
                _read(head + data)
            except (BadFile, BadInput) as error:
                assert str(error)


def test_a_later_empty_answer_does_not_undo_an_earlier_one(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "rater,left,right,response\n1,62380,63047,less\n1,62380,63047,\n1,62380,63005,\n1,62380,63005,more\n"
    found = _read(text)
    assert found.pairs.less == (1.0, 0.0) and found.pairs.greater == (0.0, 1.0) and not found.report.duplicates
    monkeypatch.setattr(long, "MOST_CELLS", 1)
    with pytest.raises(BadFile, match="1 raters by 2 pairs"):
        _read(text)
