"""A RUC survey: quartiles by hand, the interval of the median from binomial tables, outliers kept, named refusals."""

from __future__ import annotations

import pytest

from openrvu.errors import BadFile
from openrvu.valuation import ruc

HEAD = "# SIMULATED: nobody answered\nrespondent,rvu,evaluation,intra,99213,reference,intensity,comment\n"


def _file(*rows: str) -> bytes:
    return (HEAD + "\n".join(rows) + "\n").encode()


GIVEN = """8 63030 more; 10 63030 identical; 11 63047 less; 12 63030 0; 12.5 63047 1; 13 63047 more; 14 63030 much_more;
15 22612 2; 40 63030 NA"""
ROWS = [
    f"r{i},{rvu},{30 + i},{60 + 5 * i},2,{reference},{word.replace('_', ' ')},"
    for i, (rvu, reference, word) in enumerate(row.split() for row in GIVEN.split(";"))
]


def test_quartiles_by_hand_and_the_median_interval_of_nine() -> None:
    found = ruc.parse(_file(*ROWS), "s.csv", "62380", sent=30, works={"63030": 11.70, "63047": 14.99})
    one = found.spread("rvu")
    assert one is not None
    # Nine answers: positions 3, 5 and 7. Interval of the median: 2nd and 8th, which hold it with 96.1 %.
    assert (one.low, one.q25, one.median, one.q75, one.high) == (8, 11, 12.5, 14, 40)
    assert (one.median_low, one.median_high) == (10, 15)
    assert found.n == 9 and found.response_rate == pytest.approx(0.3) and found.simulated
    intra = found.spread("intra")
    assert intra is not None and (intra.q25, intra.median, intra.q75) == (70, 80, 90)
    assert found.times.intra == 80 and found.times.counted == {"99213": 2.0}
    assert found.spread("post") is None and found.ignored_columns == ("comment",)


def test_references_intensity_and_outliers() -> None:
    found = ruc.parse(_file(*ROWS), "s.csv", "62380", works={"63030": 11.70})
    assert [(r.code, r.chosen, r.work) for r in found.references] == [
        ("63030", 5, 11.70),
        ("63047", 3, None),
        ("22612", 1, None),
    ]
    assert found.references[0].share == pytest.approx(5 / 9)
    assert found.intensity == {"much less": 0, "less": 1, "identical": 2, "more": 3, "much more": 2}
    # Fences of the RVUs: 11 - 4.5 and 14 + 4.5.
    (far,) = found.outliers
    assert (far.respondent, far.quantity, far.value, far.low, far.high, far.line) == ("r8", "rvu", 40, 6.5, 18.5, 11)
    one = found.spread("rvu")
    assert one is not None and one.n == 9 and one.high == 40, "flagged, and never left out"


@pytest.mark.parametrize(
    ("n", "ends"),
    # Order statistics (j, n + 1 - j) of the 95 % interval of a median, from binomial tables (Conover 1999, table A3).
    [(5, None), (6, (1, 6)), (8, (1, 8)), (9, (2, 8)), (10, (2, 9)), (12, (3, 10)), (20, (6, 15)), (30, (10, 21))],
)
def test_the_interval_of_a_median(n: int, ends: tuple[int, int] | None) -> None:
    found = ruc.median_interval([float(i) for i in range(1, n + 1)])
    assert found == ((None, None) if ends is None else ends)


@pytest.mark.parametrize(("volume", "asked"), [(None, 30), (100_000, 30), (100_001, 50), (1_000_001, 75)])
def test_how_many_are_asked_for_goes_with_the_volume(volume: int | None, asked: int) -> None:
    found = ruc.parse(_file(*ROWS), "s.csv", "62380", volume=volume)
    assert found.minimum == asked and not found.minimum_settled
    assert [g.name for g in found.guards if g.fired] == ["few-respondents"] and str(asked) in found.guards[0].words


def test_enough_respondents_fire_nothing() -> None:
    many = [f"r{i},{10 + i % 7},30,60,2,63030,more," for i in range(30)]
    assert not any(g.fired for g in ruc.parse(_file(*many), "s.csv", "62380").guards)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"id,intra\na,5\n", "no column `rvu`"),
        (b"rvu,intra\nten,60\n", "line 2, column rvu"),
        (b"rvu,intra\n0,60\n", "'0' is no number above 0"),
        (b"rvu,intra\n5,60\n6,9999999\n", "line 3, column intra"),
        (b"rvu,intra\nNA,60\n", "nobody gives a work RVU"),
        (b"rvu,intensity\n5,huge\n", "'huge' is no comparison of intensity"),
    ],
)
def test_refusals_name_line_and_column(text: bytes, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        ruc.parse(text, "s.csv", "62380")


def test_more_rows_than_were_asked() -> None:
    with pytest.raises(BadFile, match="9 rows, and 5 were asked"):
        ruc.parse(_file(*ROWS), "s.csv", "62380", sent=5)


def test_one_answer_has_no_interval() -> None:
    found = ruc.parse(b"rvu\n12.5\n", "s.csv", "62380").spread("rvu")
    assert found is not None and found.q25 == found.median == found.high == 12.5 and found.median_low is None
