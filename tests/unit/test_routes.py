"""The other routes against the facts held, and all of them side by side. Minutes here are SYNTHETIC: made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from openrvu import routes, surveys
from openrvu.errors import BadInput, NotHeld, UnknownCode
from openrvu.facts import Facts, embedded
from openrvu.tables import physician_time
from openrvu.tables.physician_time import Times, TimeTable
from openrvu.triangulation import triangulate
from openrvu.triangulation.route import COMPUTED, IN_FORCE, MEASURED
from openrvu.valuation.services import service


def synthetic(facts: Facts, release: str = "2026C") -> str:
    """A made-up time file over every service that the extract values: minutes by a rule, so that nobody takes them for
    real ones."""
    lines = [
        "SYNTHETIC minutes: made up by a rule for tests; no service has these",
        "HCPCS,Pre_Evaluation_Time,Pre_Positioning_Time,Pre_Service_Scrub_Dress_Wait_Time,Median_Intra_Service_Time,"
        "Immediate_Post_Service_Time,99213,Total_Time",
    ]
    for code in sorted(facts.table(release).codes() | {"62380"}):
        record = facts.record(code, "", release)
        work = 15.0 if code == "62380" else (record.work_rvu / 10_000 if record else 0.0)
        if not work:
            continue
        turn = int(code[1:4]) % 11 if code[1:4].isdigit() else 3
        intra, visits = round(work * (5.0 + turn / 5)), 2 if record and record.global_days == "090" else 0
        pre, post = 20 + turn, 10 + turn % 5
        total = pre + 5 + 15 + intra + post + 23 * visits
        lines.append(f"{code},{pre},5,15,{intra},{post},{visits},{total}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def table() -> TimeTable:
    return physician_time.parse(synthetic(embedded()).encode(), "synthetic.csv")


RUC = """# SIMULATED: nobody answered this survey
respondent,rvu,evaluation,positioning,scrub,intra,post,99213,reference,intensity
""" + "".join(
    f"r{i},{12 + i % 7},{30 + i % 5},10,15,{70 + i % 9},20,2,{'63030' if i % 3 else '63047'},more\n" for i in range(31)
)


def test_bundles_of_the_published_study_come_out_as_printed(facts: Facts) -> None:
    """RVUs of the bundles as the 0202T study prints them (basis 2024AR)."""
    printed = {
        "22630+22840+22853+20936": 388_600,
        "22612+22840+20937": 388_400,
        "22800+22842+20937": 348_500,
        "22802+22843+20937": 483_400,
        "22214+63047+22840": 412_250,
        "22612+22614+22842+20937": 453_100,
    }
    for text, rvu in printed.items():
        assert routes.bundle(text, facts, release="2024AR").work_rvu == rvu, text
    assert routes.bundle("63047", facts, release="2026C").work_rvu == 149_900
    with pytest.raises(NotHeld, match="63620"):
        routes.bundle("63047+63620", facts, release="2026C")
    with pytest.raises(BadInput, match="is no code"):
        routes.bundle("63047+hello", facts)


def test_building_block_counts_visits_in_both_ways(facts: Facts) -> None:
    """99213 had 0.97 until 2020 and 1.30 from 2021; 99238 1.28, and 1.50 in 2026 (CMS's files)."""
    minutes = Times("62380", "", 40, 10, 15, 90, 20, {"99213": 2.0, "99238": 1.0})
    found = routes.building_block("62380", facts, release="2026C", minutes=minutes, work=18.2464, intensity=0.08)
    before, now = found.conventions
    assert (before.release, now.release) == ("2020D", "2026C")
    assert before.outside == pytest.approx(1.6895 + 2 * 0.97 + 1.28) and now.outside == pytest.approx(
        1.6895 + 2.60 + 1.50
    )
    assert before.iwput == pytest.approx((18.2464 - 4.9095) / 90) and now.built == pytest.approx(5.7895 + 7.2)
    assert before.value is None and "no comparator has times" in before.why_not
    assert any("to be confirmed" in note for note in found.notes) and found.times_from == routes.GIVEN
    old = routes.building_block("63047", facts, release="2020A", minutes=minutes)
    assert len(old.conventions) == 1 and old.work == pytest.approx(15.37)


def test_building_block_at_the_intensity_of_comparators(facts: Facts, table: TimeTable) -> None:
    found = routes.building_block("62380", facts, release="2026C", table=table)
    assert found.simulated and found.label.startswith("SYNTHETIC") and found.work is None
    for one in found.conventions:
        assert len(one.compared) == 10 and one.iwput is None
        rates = sorted(rate for _, _, rate in one.compared)
        intra = table.rows["62380"].intra
        assert one.low == pytest.approx(one.outside + rates[0] * intra)
        assert one.value == pytest.approx(one.outside + (rates[4] + rates[5]) / 2 * intra)
    with pytest.raises(BadInput, match="no times of 62380") as fault:
        routes.building_block("62380", facts)
    assert "--times" in fault.value.fix


def test_crosswalk_with_and_without_times(facts: Facts, table: TimeTable) -> None:
    bare = routes.crosswalk("62380", facts, release="2025D")
    assert bare.neighbours == () and "no times of 62380" in bare.missing and bare.scale.endswith("which is not work")
    # Printed measures: 63030 (-0.890) was judged harder than 63005 (-1.784) and has 12.00 against 16.43.
    assert ("63030", "63005") in [(one.more, one.less) for one in bare.anomalies]
    assert all(one.by == "measures" for one in bare.anomalies)
    found = routes.crosswalk("62380", facts, release="2026C", table=table)
    assert found.missing == "" and found.neighbours and found.by_intra is not None and found.simulated
    intra, total = table.rows["62380"].intra, table.rows["62380"].total or 0
    for one in found.neighbours:
        assert one.global_days == "090" and abs(one.intra / intra - 1) <= 0.25 and abs(one.total / total - 1) <= 0.25
        assert one.by_intra == pytest.approx(one.work * intra / one.intra)
    low, middle, high = found.by_intra
    assert low <= middle <= high
    only = routes.crosswalk("62380", facts, minutes=Times("62380", intra=60.0))
    assert "times of other services" in only.missing
    with pytest.raises(UnknownCode):
        routes.crosswalk("9999X", facts)


def test_regression_on_a_made_up_file(facts: Facts, table: TimeTable) -> None:
    found = routes.regression("62380", facts, release="2026C", table=table)
    assert found.simulated and found.fit.services > 60 and found.global_days == "090"
    # The rule makes minutes from work, 15 for 62380: the regression gives that back, within its interval.
    assert found.fit.new_low < 15 < found.fit.new_high and found.fit.value == pytest.approx(15, rel=0.15)
    with pytest.raises(BadInput, match="no times of 99213"):
        routes.regression("99213", facts, table=TimeTable("x.csv", "", {"63047": table.rows["63047"]}, ""))


def test_ruc_survey_names_the_work_of_its_references(facts: Facts, tmp_path: Path) -> None:
    path = tmp_path / "ruc.csv"
    path.write_text(RUC)
    found = routes.ruc_survey(path, "62380", facts, release="2025D", sent=100)
    assert {r.code: r.work for r in found.references} == {"63030": 12.00, "63047": 15.37}
    assert found.response_rate == pytest.approx(0.31) and not any(g.fired for g in found.guards)


def test_every_route_with_data_and_nothing_pooled(facts: Facts, table: TimeTable, tmp_path: Path) -> None:
    path = tmp_path / "ruc.csv"
    path.write_text(RUC)
    estimate = surveys.value(surveys.demo(facts), facts, draws=0)
    ruc = routes.ruc_survey(path, "62380", facts)
    found = triangulate("62380", facts, release="2026C", survey=estimate, ruc=ruc, table=table)
    names = [route.name for route in found.routes]
    assert names == [
        "Published claim",
        "Line read at 62380",
        "Mean of comparators, 2019 to 2022D",
        "Mean of comparators, 2023A to 2025D",
        "Mean of comparators, 2026C, 10 of 11 held",
        "Survey, line",
        "Survey, joint model",
        "RUC survey, median",
        "Building block, visits of 2020D",
        "Building block, visits of 2026C",
        "Crosswalk, intra-service time",
        "Crosswalk, total time",
        "Regression on times",
    ]
    assert found.lacking == () and all(route.assumes and route.sources for route in found.routes)
    made_up = {route.name for route in found.routes if route.simulated}
    assert made_up == set(names[5:]) and found.label.startswith("SIMULATED") and "evidence of nothing" in found.label
    assert "left out of what is said here: Survey, line" in found.concluded
    values = [route.value for route in found.routes]
    assert sum(values) / len(values) not in values and "pooled" not in found.concluded


def test_the_paragraph_of_62380(facts: Facts) -> None:
    """Figures of the published audit: 18.2464; 5.850 to 45.329; means 18.048 to 18.440."""
    found = triangulate("62380", facts, release="2026C")
    text = found.concluded
    assert text.startswith(
        "5 figures stand for 62380, and they answer different questions. 18.2464 is printed without an"
    )
    assert "5.85 to 45.33" in text and "between 18.05 and 18.44" in text and "scale-is-not-work" in text
    assert "What cannot be concluded" in text and "or that their average is" in text and found.label == ""
    assert [one.name for one in found.lacking] == [
        "Own survey",
        "RUC survey",
        "Building block and intensity",
        "Crosswalk",
        "Time and intensity regression",
    ]
    assert [c for c, _ in found.comparators][:2] == ["22633", "22532"] and found.comparators[0][1] == pytest.approx(
        26.13
    )


def test_a_code_with_a_value_in_force(facts: Facts) -> None:
    found = triangulate("63047", facts, release="2026C")
    (route,) = found.routes
    assert route.kind == IN_FORCE and route.text == "14.99" and "14.99 is the value in force" in found.concluded
    assert {MEASURED, COMPUTED}.isdisjoint({one.kind for one in found.routes})
    with pytest.raises(UnknownCode):
        triangulate("9999X", facts)


def test_a_survey_of_another_code_is_refused(facts: Facts) -> None:
    estimate = surveys.value(surveys.demo(facts), facts, draws=0, joint=False)
    with pytest.raises(BadInput, match="of 62380 and not of 63047"):
        triangulate("63047", facts, survey=estimate)


def test_no_word_on_motive(facts: Facts) -> None:
    for code in ("62380", "0202T", "27279", "22867"):
        words = triangulate(code, facts).concluded.casefold()
        for word in ("fraud", "forensic", "manipul", "dishonest", "deliberate", "conceal", "invent", "fabricat"):
            assert word not in words
    assert service("62380").name == "62380"
