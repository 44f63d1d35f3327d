"""Random claims, every rule at once: whole numbers agree with exact fractions, to the cent and to the word."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties.payment_oracle import pay

from openrvu.facts import embedded
from openrvu.rules.claim import price_lines
from openrvu.rules.lines import LINE

# Every kind of row among the embedded ones: spine, add-ons, arthroscopy, endoscopy, imaging, therapy, tests, no price.
CODES = (
    *("63047", "63030", "22633", "22634", "22842", "22853", "63052", "62380", "22612", "63005", "22551", "20930"),
    *("72148", "72131", "72100", "97110", "97140", "99213", "64483", "43235", "43239", "43999"),
)
MODIFIERS = (
    *("", "", "", "", "50", "LT", "RT", "51", "22", "52", "53", "54", "55", "56", "62", "66", "78", "80", "82", "AS"),
    *("59", "XS", "76", "79", "26", "TC", "FX", "FY", "CT", "CQ", "73", "GT", "GC", "ZZ"),
)
DAYS = (20200215, 20200601, 20210701, 20220115, 20220501, 20230115, 20240201, 20240401, 20250701, 20260815, 20241105)
PLACES = ("national", "national", "15202-00", "01112-05", "02102-01", "99999-99")


@st.composite
def claims_of(draw: st.DrawFn, of: st.SearchStrategy[list[str]], days: tuple[int, ...]) -> list[dict[str, Any]]:
    """Lines of one or two sessions on one or two days, in any order. The codes are of `of`; few of them and few
    modifiers stand on many lines, so that the lines have something to do with each other."""
    on = draw(st.lists(st.sampled_from(days), min_size=1, max_size=2))
    sessions = draw(st.lists(st.sampled_from(("a", "b")), min_size=1, max_size=2))
    theme = draw(st.lists(st.sampled_from(MODIFIERS), min_size=1, max_size=6))
    shared = {
        "place": draw(st.sampled_from(PLACES)),
        "facility": draw(st.integers(0, 1)),
        "qp": draw(st.integers(0, 1)),
        "participating": draw(st.sampled_from((1, 1, 0))),
        "deductible_cents": draw(st.sampled_from((0, 0, 5_000, 25_700))),
        "documented": draw(st.integers(0, 1)),
    }
    codes = draw(of)
    lines = []
    for number in range(draw(st.integers(1, 8))):
        some = draw(st.lists(st.sampled_from(["", *theme]), min_size=0, max_size=3))
        mods = dict(zip(("m1", "m2", "m3", "m4"), [*some, "", "", "", ""], strict=False))
        lines.append(
            {
                **LINE,
                **shared,
                **mods,
                "line_id": number * 3 + 1,
                "claim_id": f"c{number % 2}",
                "session": draw(st.sampled_from(sessions)),
                "on": draw(st.sampled_from(on)),
                "hcpcs": draw(st.sampled_from(codes)),
                "units": draw(st.sampled_from((1, 1, 1, 2, 3))),
                "charge_cents": draw(st.sampled_from((-1, -1, 10_000, 75_000, 1_000_000))),
                "minutes": draw(st.sampled_from((0, 95))),
                "post_days": draw(st.sampled_from((0, 7, 30, 90))),
                "provider": draw(st.sampled_from(("", "", "", "PA", "NP", "LCSW", "MFT", "XX"))),
            }
        )
    return draw(st.permutations(lines))


def compare(lines: list[dict[str, Any]]) -> None:
    """Both ways of paying give the same words and cents."""
    paid, expected = price_lines(lines, embedded()), pay(lines, embedded())
    for line, row, right in zip(lines, paid, expected, strict=True):
        assert {name: row[name] for name in right} == right, line


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(claims_of(st.lists(st.sampled_from(CODES), min_size=1, max_size=4, unique=True), DAYS))
def test_random_claims_agree_with_exact_fractions(lines: list[dict[str, Any]]) -> None:
    compare(lines)
