"""Audits of the four published studies: every figure of the method note, and the exact set of guards."""

import json
from dataclasses import replace
from datetime import date

import pytest

from openrvu.errors import BadInput, NotHeld
from openrvu.valuation import audit as audits
from openrvu.valuation.found import Audit
from openrvu.valuation.services import Anchors, service
from openrvu.valuation.study import study

ON = date(2026, 7, 1)


@pytest.fixture(scope="module")
def endoscopic(anchors: tuple[Anchors, ...]) -> Audit:
    return audits.audit(study("lewandrowski-2024-62380"), anchors, on=ON)


@pytest.fixture(scope="module")
def facet(anchors: tuple[Anchors, ...]) -> Audit:
    return audits.audit(study("lorio-2024-0202T"), anchors, on=ON)


def test_62380_equals_the_plain_mean(endoscopic: Audit) -> None:
    (claim,) = endoscopic.claims
    assert endoscopic.status == "reproduced"
    assert [one.formula for one in claim.gives] == ["mean", "line-at-mean-measure"]
    assert claim.gives[0].releases == ("2023A", "2023B", "2023C", "2023D", "2024A", "2024AR", "2024B")
    assert endoscopic.mean is not None and endoscopic.mean.exact == "20071/1100"
    assert round(endoscopic.mean.value, 6) == 18.246364
    assert (round(endoscopic.mean.low_without, 2), round(endoscopic.mean.high_without, 2)) == (17.39, 19.37)
    assert claim.chance is not None and claim.chance.rvu_sets == 20
    assert round(claim.chance.expected, 4) == 0.0006


def test_62380_line_read_at_the_target(endoscopic: Audit) -> None:
    line = endoscopic.line
    assert line is not None and line.scale == "learning curve"
    r = line.reading
    assert (round(r.value, 3), round(r.se, 2)) == (25.589, 5.84)
    assert (round(r.low, 3), round(r.high, 3)) == (12.381, 38.797)
    assert (round(r.new_low, 3), round(r.new_high, 3)) == (5.850, 45.329)
    assert (round(line.slope, 3), round(line.r2, 3), round(line.slope_p, 4)) == (6.543, 0.165, 0.2147)
    assert round(line.predictive_r2, 3) == -0.027
    assert line.log_linear is not None and round(line.log_linear, 2) == 27.50
    without = {row.service: row.without for row in endoscopic.comparators}
    assert without["63620"] is not None and round(without["63620"], 2) == 30.67


def test_62380_exact_guards(endoscopic: Audit) -> None:
    assert endoscopic.fired("claimed") == {"equals-comparator-mean", "odd-comparator", "stale-anchors"}
    assert endoscopic.fired("line") == {
        "extrapolates",
        "slope-not-significant",
        "survey-adds-nothing",
        "misfit",
        "scale-is-not-work",
        "one-comparator-decides",
    }
    assert endoscopic.fired("study") == {"star-design", "interest-not-recorded"}
    by_name = {g.name: g for g in endoscopic.guards if g.fired}
    assert set(by_name["one-comparator-decides"].figures["without"]) == {"63620"}
    assert set(by_name["misfit"].figures["outside"]) == {"22630", "22612"}
    assert set(by_name["odd-comparator"].figures["comparators"]) == {"63620"}
    assert by_name["stale-anchors"].figures["not_held"] == ["63620"]
    assert len(by_name["stale-anchors"].figures["changed"]) == 10


def test_anchors_are_not_stale_where_nothing_changed(anchors: tuple[Anchors, ...]) -> None:
    found = audits.audit(study("lewandrowski-2024-62380"), anchors, "2025D", on=ON)
    assert found.fired("claimed") == {"equals-comparator-mean", "odd-comparator"}


def test_62380_in_each_release(endoscopic: Audit) -> None:
    old, then, now = endoscopic.releases
    assert (old.releases[0], old.releases[-1]) == ("2019", "2022D") and round(old.mean, 4) == 18.4400
    assert (then.releases[0], then.releases[-1]) == ("2023A", "2025D") and round(then.mean, 4) == 18.2464
    assert now.releases == ("2026C",) and (now.held, now.of, now.not_held) == (10, 11, ("63620",))
    assert round(now.mean, 3) == 18.048
    assert then.line is not None and round(then.line, 3) == 25.589


def test_62380_printed_ratios_and_those_of_other_releases(endoscopic: Audit, anchors: tuple[Anchors, ...]) -> None:
    then = {r.code: r for r in endoscopic.ratios if "2024B" in r.releases}
    assert {code: r.percent for code, r in then.items()} == {
        "63005": "111.1",
        "63047": "118.71",
        "63030": "152.1",
        "22869": "259.55",
    }
    assert all(r.agrees for r in then.values())
    old = {r.code: r for r in endoscopic.ratios if "2022D" in r.releases}
    assert old["63030"].percent == "138.4" and old["63030"].agrees is False  # 18.2464 / 13.18
    now = audits.ratios("18.2464", ["63047", "63620"], [a for a in anchors if a.release == "2026C"])
    assert [(r.code, r.percent) for r in now] == [("63047", "121.72")]  # 18.2464 / 14.99; 63620 is not held


def test_62380_wording(endoscopic: Audit) -> None:
    assert endoscopic.headline == "The printed data do not support a single work RVU for 62380."
    first = endoscopic.findings[0]
    assert first.startswith(
        "18.2464 equals, to its printed digits, the unweighted mean of the 11 comparators' work RVUs"
    )
    assert "any regression read at the mean measure returns it" in first
    assert first.endswith("the work effort table was not available to us, so how it was computed is unknown.")
    assert any("46.6 %" in words for words in endoscopic.findings)
    assert "issue" in endoscopic.correction and endoscopic.on == ON and endoscopic.read


def test_0202t_is_the_line_read_at_the_target(facet: Audit) -> None:
    (claim,) = facet.claims
    assert [one.formula for one in claim.gives] == ["line-at-target"]
    assert claim.gives[0].value is not None and round(claim.gives[0].value, 4) == 39.4707
    assert claim.gives[0].releases[0] == "2022A"  # 22867 has 15.00 since 2022
    assert facet.line is not None
    r = facet.line.reading
    assert (round(r.low, 3), round(r.high, 3)) == (28.465, 50.476)
    assert (round(r.new_low, 3), round(r.new_high, 3)) == (10.990, 67.952)
    assert (round(facet.line.slope, 4), round(facet.line.r2, 5), round(r.se, 5)) == (9.9217, 0.39203, 4.49765)
    assert (round(facet.line.predictive_r2, 3), round(facet.line.slope_p, 4)) == (0.226, 0.0968)
    assert (round(facet.line.low_without, 2), round(facet.line.high_without, 2)) == (37.96, 41.29)
    assert claim.low_without is not None and round(claim.low_without, 2) == 37.96
    assert all(row.recomputed == row.rvu and row.rvu_printed for row in facet.comparators)
    assert "10.99 to 67.95" in facet.headline and "not distinguishable from none (p 0.0968)" in facet.headline
    # The 2026 extract lacks 20936 and 20937, so 5 of 8 bundles: three comparators carry no line.
    assert (facet.releases[-1].held, facet.releases[-1].of, facet.releases[-1].line) == (3, 8, None)


def test_0202t_exact_guards(facet: Audit) -> None:
    # claimed: 2026 cut the comparators' work RVUs by 2.5 %, so the anchors are not those of 2026C; 39.47 is no mean
    # (34.72). line: p 0.0968. Not: predictive R2 0.226; slope positive; 0 inside -1.266..1.099; the question asked was
    # work; no   comparator moves 39.47 by 10 % (37.96..41.29). misfit: not printed, so not concluded.
    # study: star. 41 respondents are not fewer than 30; whether interest was recorded could not be read.
    assert facet.fired("claimed") == {"stale-anchors"}
    assert facet.fired("line") == {"slope-not-significant"}
    assert facet.fired("study") == {"star-design"}
    assert {g.name for g in facet.guards if not g.checked} == {
        "misfit",
        "low-reliability",
        "interest-not-recorded",
        "interest-shifts-measure",
    }


def test_27279_is_not_reproducible(anchors: tuple[Anchors, ...]) -> None:
    found = audits.audit(study("lorio-2016-27279"), anchors, on=ON)
    assert found.status == "not-reproducible" and found.line is None and found.mean is None and found.releases == ()
    assert found.headline.startswith("The published value of 27279 is not reproducible: comparators and measures")
    assert [c.claim.value for c in found.claims] == ["14.36", "14.1", "14.23"]
    assert not any(c.tries or c.gives or c.chance for c in found.claims)
    assert found.fired() == {"star-design", "few-respondents"}
    few = next(g for g in found.guards if g.name == "few-respondents")
    assert few.figures["few"] == {"first survey": 20}
    assert found.missing


def test_22867_claims_no_value(anchors: tuple[Anchors, ...]) -> None:
    found = audits.audit(study("lorio-2021-22867"), anchors, on=ON)
    assert found.status == "no-claim" and "chose a reference code" in found.headline
    assert found.fired() == {"few-respondents"}  # 28 of the 30 asked for
    assert any(words.startswith("57 % of respondents") for words in found.findings)


def test_json_is_plain_and_complete(endoscopic: Audit) -> None:
    found = json.loads(json.dumps(endoscopic.to_dict()))
    assert found["id"] == "lewandrowski-2024-62380" and found["on"] == "2026-07-01"
    assert found["fired"]["study"] == ["interest-not-recorded", "star-design"]
    assert {"name", "about", "fired", "checked", "words", "figures", "remedy"} <= set(found["guards"][0])
    assert round(found["line"]["reading"]["value"], 3) == 25.589


def test_a_changed_rvu_changes_the_verdict(anchors: tuple[Anchors, ...]) -> None:
    moved = [replace(a, work={**a.work, "22633": a.work["22633"] + 100}) for a in anchors]  # + 0.01 RVU
    found = audits.audit(study("lewandrowski-2024-62380"), moved, on=ON)
    assert found.status == "not-reproduced" and "equals-comparator-mean" not in found.fired("claimed")
    assert any(words.startswith("18.2464: none of the 6 formulas") for words in found.findings)


def test_a_printed_bundle_that_the_rule_does_not_give_is_said(anchors: tuple[Anchors, ...]) -> None:
    held = study("lorio-2024-0202T")
    first = replace(held.comparators[0], rvu=400000)
    found = audits.audit(replace(held, comparators=(first, *held.comparators[1:])), anchors, on=ON)
    assert any("22630+22840+22853+20936" in words and "bundle rule" in words for words in found.findings)
    assert found.comparators[0].rvu == 40.0 and found.comparators[0].recomputed == 38.86


def test_with_too_few_comparators_there_is_no_line(anchors: tuple[Anchors, ...]) -> None:
    held = study("lewandrowski-2024-62380")
    found = audits.audit(replace(held, comparators=held.comparators[:3]), anchors, on=ON)
    assert found.line is None and found.line_guards == () and found.status == "not-reproduced"


def test_what_a_release_lacks(anchors: tuple[Anchors, ...]) -> None:
    newest = anchors[-1]
    assert audits.lacking(study("lewandrowski-2024-62380"), newest) == ("63620",)
    assert service("63620").name == "63620"


def test_refusals(anchors: tuple[Anchors, ...]) -> None:
    with pytest.raises(NotHeld, match="2030A"):
        audits.audit(study("lorio-2024-0202T"), anchors, "2030A")
    with pytest.raises(BadInput):
        audits.audit(study("lorio-2024-0202T"), ())
