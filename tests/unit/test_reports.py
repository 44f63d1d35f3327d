"""The complete report of a survey: every section, the same figures as the estimate, and data that cannot carry one."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from openrvu import holdings, surveys
from openrvu.cli import main
from openrvu.dossier.blocks import Chart, Dossier, Notice, Table
from openrvu.dossier.render import render
from openrvu.errors import BadInput
from openrvu.reports import Analysis, analyse, build, figures, people
from openrvu.reports.analysis import as_shown
from openrvu.surveydata import SurveyData, parse

SECTIONS = (
    "answer",
    "asked",
    "measures",
    "structure",
    "groups",
    "pairs",
    "line",
    "hangs",
    "guards",
    "routes",
    "methods",
    "appendix",
    "sources",
)


@pytest.fixture(scope="module")
def found() -> Analysis:
    return analyse(surveys.demo_data(), "62380", draws=100, simulated=20)


@pytest.fixture(scope="module")
def made(found: Analysis) -> Dossier:
    return build(found, holdings.current())


def read(text: str, name: str = "x.csv", target: str = "62380") -> SurveyData:
    return parse(text.encode(), name, target=target, kind="pairs")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_every_section_stands_and_every_drawing_has_its_table(made: Dossier) -> None:
    assert tuple(section.id for section in made.sections) == SECTIONS
    charts = [block for section in made.sections for block in section.blocks if isinstance(block, Chart)]
    titles = " ".join(chart.title for chart in charts)
    for part in (
        "Wright map",
        "Person-item map",
        "Category probability",
        "Item characteristic",
        "Expected score",
        "residuals",
        "residual component",
        "Measures of work",
        "the line read at 62380",
        "comparator decides",
        "does to the line",
        "resamples",
        "Routes and comparators",
    ):
        assert part in titles, part
    assert all(chart.alt.startswith("SIMULATED") and chart.table.rows for chart in charts)


def test_nobody_is_left_to_think_that_it_was_answered(made: Dossier) -> None:
    page = render(made, "html").decode()
    assert '@page { @top-right { content: "SIMULATED: nobody answered this survey"' in page
    assert '<p class="label">SIMULATED: nobody answered this survey</p>' in page
    assert render(made, "txt").decode().startswith("SIMULATED: nobody answered this survey.")
    assert json.loads(render(made, "json"))["label"].startswith("SIMULATED")


def test_the_answer_comes_first_and_is_that_of_the_estimate(found: Analysis, made: Dossier) -> None:
    alone = surveys.value(surveys.demo(), draws=100)
    assert found.estimate.value == alone.value and found.estimate.bootstrap == alone.bootstrap
    at = found.estimate.reading
    assert at is not None
    assert (
        made.first == f"62380: work RVU {at.value:.2f}, 95 % prediction interval {at.new_low:.2f} to {at.new_high:.2f}."
    )
    told = json.loads(json.dumps(figures(found), default=lambda one: None))
    assert {"estimate", "rasch", "groups", "pairs", "routes", "funnel"} <= set(told)


def test_same_analysis_same_bytes(found: Analysis, made: Dossier) -> None:
    again = build(found, holdings.current())
    for kind in ("html", "pdf", "json"):
        assert render(again, kind) == render(made, kind), kind


def test_a_service_that_is_hard_to_exceed_is_high() -> None:
    # Of ten the target was judged greater than A by 8, than B by 5, than C by 2, and never equal: C is the hardest.
    more = ({0, 1, 2, 3, 4, 5, 6, 7}, {0, 1, 2, 8, 9}, {0, 8})
    rows = ["respondent,63030,63047,22612"]
    rows += [",".join([f"r{i}", *("more" if i in one else "less" for one in more)]) for i in range(10)]
    survey = surveys.of_bytes("\n".join(rows).encode(), "x.csv", "62380")
    given = people.judged(survey)
    assert given.top == (1, 1, 1) and given.answers.sum(axis=0).tolist() == [8, 5, 2]
    found = people.measure(survey, 0, 1)
    assert list(np.argsort(found.found.measures)) == [0, 1, 2]
    assert np.average(found.persons.theta) == pytest.approx(0.0, abs=1e-9)


def test_answers_of_equal_are_the_middle_category() -> None:
    survey = surveys.of_bytes(b"respondent,63030,63047\na,less,same\nb,more,\nc,same,more\n", "x.csv", "62380")
    assert people.judged(survey).answers.tolist() == [[0, 1], [2, -1], [1, 2]]
    with pytest.raises(BadInput, match="counts carry no respondents"):
        people.judged(surveys.of_bytes(b"item,less,equal,greater\n63047,2,1,5\n63030,1,1,3\n", "x.csv", "62380"))


@pytest.fixture(scope="module")
def forty() -> people.People:
    rng = np.random.default_rng(6)
    places = rng.normal(0, 1, 40)
    rows = ["respondent,63030,63047,22612,22630"]
    for i, place in enumerate(places):
        cells = ["more" if place + rng.logistic() > d else "less" for d in (-0.8, -0.2, 0.3, 0.8)]
        rows.append(",".join([f"r{i}", *cells]))
    return people.measure(surveys.of_bytes("\n".join(rows).encode(), "x.csv", "62380"), 0, 1)


def test_groups_are_parted_as_their_kind_asks(forty: people.People) -> None:
    attributes = {
        "years": tuple(str(i) for i in range(40)),
        "specialty": tuple(("spine", "pain", "other")[i % 3] for i in range(40)),
        "interest": tuple("yes" if i % 4 == 0 else "no" for i in range(40)),
        "one": ("x",) * 40,
        "few": ("a", "a") + ("b",) * 38,
    }
    told = people.by_attributes(forty, attributes)
    assert [one.attribute for one in told] == ["interest", *["specialty"] * 3, "years", "one", "few"]
    years = told[4]
    # 0 to 39 parted at the median 19.5: 20 on each side.
    assert (years.first, years.n_first, years.n_second) == ("up to 19.5", 20, 20)
    assert (told[0].second, told[0].n_second, told[1].second, told[1].n_second) == ("with", 10, "spine", 14)
    assert "everybody has the same" in told[5].why_not and "a group of 2" in told[6].why_not
    theta = forty.persons.theta
    assert years.shift == pytest.approx(theta[20:].mean() - theta[:20].mean())
    assert years.se == pytest.approx(math.sqrt(theta[20:].var(ddof=1) / 20 + theta[:20].var(ddof=1) / 20))


def test_order_is_told_from_what_was_shown() -> None:
    # Both ways round the service named first wins 30 of 40: no difference of measures, an order effect of ln 3.
    rows = ["rater,left,right,response"]
    for i in range(40):
        rows += [f"r{i},62380,63047,{'more' if i < 30 else 'less'}", f"s{i},63047,62380,{'more' if i < 30 else 'less'}"]
    data = read("\n".join(rows))
    pairs = as_shown(data, "62380", "")
    assert pairs is not None and (pairs.left, pairs.greater) == ((0, 1), (30.0, 30.0))
    told = analyse(data, "62380", draws=0, simulated=0).tests
    (order,) = (one for one in told if one.name == "Order on the page")
    assert order.figures.effect == pytest.approx(math.log(3), abs=1e-9) and "gains +1.099 logits" in order.words


def test_misfit_is_judged_by_the_persons_model(found: Analysis) -> None:
    (guard,) = (one for one in found.estimate.guards if one.name == "misfit")
    assert guard.checked and not guard.fired  # the answers were simulated from the model
    rng = np.random.default_rng(8)
    noise = ["respondent,63047,63030,63005,22630,22612,22633"]
    for i in range(80):
        place = rng.normal(0, 2.5)
        cells = ["more" if place + rng.logistic() > d else "less" for d in (-1.0, -0.5, 0.0, 0.5, 1.0)]
        noise.append(f"r{i},{','.join(cells)},{rng.choice(['more', 'less'])}")
    told = analyse(read("\n".join(noise)), "62380", draws=0, simulated=0)
    (guard,) = (one for one in told.estimate.guards if one.name == "misfit")
    assert guard.fired and "22633" in guard.words  # answered at random while the others follow the respondent's place


BAD = {
    "one respondent": "respondent,63047,63030,63005,22630,22612\na,less,more,more,less,less\n",
    "one comparator": "respondent,63047\na,less\nb,more\nc,equal\n",
    "all ties": "respondent,63047,63030,63005,22630\n" + "".join(f"r{i},equal,equal,equal,equal\n" for i in range(6)),
    "everybody agrees": "respondent,63047,63030,63005,22630\n"
    + "".join(f"r{i},less,less,less,less\n" for i in range(6)),
    "disconnected": "rater,left,right,response\na,62380,63047,less\nb,62380,63047,more\n"
    "a,22630,22612,less\nb,22630,22612,more\n",
    "no answers": "item,less,equal,greater\n63047,0,0,0\n63030,0,0,0\n",
}


@pytest.mark.parametrize("name", BAD)
def test_data_that_carry_no_value_get_a_report_that_says_so(name: str) -> None:
    told = analyse(read(BAD[name]), "62380", draws=50, simulated=20)
    report = build(told, holdings.current())
    assert told.estimate.reading is None and told.estimate.why_not
    assert report.first.startswith("These answers give no work RVU for 62380")
    missing = [b for s in report.sections for b in s.blocks if isinstance(b, Notice) and b.tone == "missing"]
    assert any("no work RVU" in notice.text for notice in missing)
    assert "SIMULATED" not in report.label and render(report, "html")


def test_a_comparator_without_a_work_rvu_is_named() -> None:
    rows = "item,less,equal,greater\n63047,20,5,10\n63030,8,6,21\n63005,10,5,20\n22612,25,3,7\n"
    rows += "22630,22,5,8\n99999,10,5,5\n"
    report = build(analyse(read(rows), "62380", draws=50, simulated=0), holdings.current())
    tables = [b for s in report.sections for b in s.blocks if isinstance(b, Table)]
    (row,) = (
        r for t in tables if t.caption == "Measures by paired comparison" for r in t.rows if r.cells[0] == "99999"
    )
    assert row.cells[-1].startswith("no work RVU in release")
    assert any("counts carry no respondents" in str(b) for s in report.sections for b in s.blocks)


def test_the_command_writes_all_three(tmp_path: Path) -> None:
    paths = [tmp_path / f"r.{kind}" for kind in ("txt", "pdf", "json")]
    survey = tmp_path / "made up.csv"
    cycles = ("more less same", "less more", "more less less same", "less less more", "more more less")
    rows = [",".join([f"r{i}", *(c.split()[i % len(c.split())] for c in cycles)]) for i in range(24)]
    survey.write_text("\n".join(["# SIMULATED", "respondent,63047,63030,63005,22630,22612", *rows]), encoding="utf-8")
    few = ("--target", "62380", "--draws", "60", "--simulated", "0")
    result = run("report", str(survey), *few, *(part for path in paths for part in ("-o", str(path))))
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("SIMULATED: nobody answered this survey.") and "Guards that fire:" in result.stdout
    told = json.loads(paths[2].read_text(encoding="utf-8"))
    assert told["found"]["estimate"]["bootstrap"]["draws"] == 60 and told["kind"] == "survey report"
    again = "openrvu report made up.csv --target 62380 --draws 60 --simulated 0"
    assert again in paths[2].read_text(encoding="utf-8") and paths[0].read_text(encoding="utf-8").startswith(
        "SIMULATED"
    )
    assert b"pdfuaid" in paths[1].read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--demo", "-o", "r.docx"), 1, "Kinds: .html, .pdf, .json, .txt"),
        ((), 2, "Give a survey file"),
        (("{file}",), 2, "--target says"),
        (("{file}", "--target", "62380", "--release", "1999Z"), 1, "1999Z"),
    ],
)
def test_bad_commands_are_told(tmp_path: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    path = tmp_path / "s.csv"
    path.write_text("respondent,63047,63030\na,less,more\nb,more,less\n", encoding="utf-8")
    result = run("report", *(one.replace("{file}", str(path)) for one in arguments))
    assert result.exit_code == code and says in result.output
