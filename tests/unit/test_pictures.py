"""Pictures of measures and links: they draw what the figures say, labels keep apart, files carry their words."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from openrvu import surveys
from openrvu.cli import main
from openrvu.cli import rasch as rasch_command
from openrvu.cli import studies as studies_command
from openrvu.dossier import charts
from openrvu.dossier.blocks import Chart
from openrvu.dossier.exporting import KINDS, export
from openrvu.errors import BadInput
from openrvu.pictures import anchoring, categories, drawn, maps, residuals, valued
from openrvu.pictures.drawing import binned, spread
from openrvu.valuation import anchor
from openrvu.valuation.estimate import Bootstrap, Estimate
from openrvu.valuation.rasch import cml, persons, simulate
from openrvu.valuation.rasch.data import Responses, responses
from openrvu.valuation.rasch.model import Calibration
from openrvu.valuation.rasch.persons import Persons

Fitted = tuple[Responses, Calibration, Persons]


@pytest.fixture(scope="module")
def rated() -> Fitted:
    """120 made-up respondents on nine items of three categories, two items at nearly the same place."""
    rng = np.random.default_rng(5)
    places = np.array([-1.6, -1.0, -0.98, -0.4, 0.0, 0.3, 0.35, 0.9, 1.8])
    table = simulate.at_places(rng.normal(0, 1, 120), places[:, None] + np.array([-0.6, 0.6]), rng)
    given = responses(table, [f"item {i}" for i in range(9)])
    found = cml.fit(given)
    return given, found, persons.measure(given, found)


@pytest.fixture(scope="module")
def estimate() -> Estimate:
    return surveys.value(surveys.demo(), draws=200, joint=False)


def rows(spec: dict[str, Any], mark: str) -> list[dict[str, Any]]:
    """The data of every layer with this mark."""
    return [row for layer in spec["layer"] if layer["mark"]["type"] == mark for row in layer["data"]["values"]]


def pictures(rated: Fitted, estimate: Estimate) -> dict[str, Chart]:
    given, _, _ = rated
    ours = {name: drawn.draw(name, given, label="SIMULATED: nobody answered") for name in drawn.NAMES}
    return ours | {f"value {name}": valued.draw(name, estimate) for name in valued.NAMES}


def test_every_picture_says_simulated_and_fits_a_phone_and_a_page(rated: Fitted, estimate: Estimate) -> None:
    for name, chart in pictures(rated, estimate).items():
        assert chart.alt.startswith("SIMULATED. ") and chart.caption.startswith("SIMULATED. "), name
        assert chart.table.rows and len({len(row.cells) for row in chart.table.rows}) == 1, name
        assert all(len(row.cells) == len(chart.table.columns) for row in chart.table.rows), name
        for spec, most in ((chart.spec, 800), (chart.narrow, 358)):  # 390 px less the page's margins
            width = float(re.search(r'<svg[^>]* width="([\d.]+)', charts.svg(spec))[1])  # type: ignore[index]
            assert width <= most, (name, width)


def test_names_of_the_command_line_are_those_of_the_rooms() -> None:
    assert rasch_command.PICTURES == drawn.NAMES and studies_command.PICTURES == valued.NAMES
    with pytest.raises(BadInput, match="Pictures: wright"):
        drawn.draw("pie", responses([[0, 1], [1, 0]]))
    with pytest.raises(BadInput, match="Pictures: anchors"):
        valued.draw("pie", None)  # type: ignore[arg-type]


def test_labels_are_moved_as_little_as_keeps_them_apart() -> None:
    # Three at 0 with a gap of 10 stand at -10, 0, 10 (their mean stays); 100 is far away and stays.
    assert spread([0.0, 100.0, 0.0, 0.0], 10.0) == [-10.0, 100.0, 0.0, 10.0]
    # 0 and 4 with a gap of 10: mean 2, so -3 and 7.
    assert spread([4.0, 0.0], 10.0) == [7.0, -3.0]


def test_labels_of_a_wright_map_do_not_overlap(rated: Fitted) -> None:
    _, found, people = rated
    for spec in (maps.wright(found, people).spec, maps.wright(found, people).narrow):
        tall = spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
        tops = sorted(
            (tall[1] - row["y"]) / (tall[1] - tall[0]) * spec["height"]
            for row in rows(dict(spec), "text")
            if row["text"].startswith("item ")
        )
        assert len(tops) == 9 and min(np.diff(tops)) >= 16.9
        assert tops[0] >= 7.9 and tops[-1] <= spec["height"] - 7.9


def test_bars_hold_every_respondent(rated: Fitted) -> None:
    _, found, people = rated
    table = maps.wright(found, people).table.rows
    assert sum(float(row.cells[3]) for row in table if row.cells[3]) == 120
    assert [row.cells[0] for row in table[:9]] == [f"item {i}" for i in np.argsort(-found.measures)]


def test_bins_have_round_ends() -> None:
    assert binned([0.05, 0.15, -0.05], [1, 1, 2], 10) == [(-0.06, -0.04, 2), (0.04, 0.06, 1), (0.14, 0.16, 1)]


def test_categories_cross_at_their_thresholds(rated: Fitted) -> None:
    _, found, _ = rated
    chart = categories.category_curves(found, names=("less", "equal", "greater"))
    lines = rows(dict(chart.spec), "line")
    for step, (low, high) in enumerate((("less", "equal"), ("equal", "greater"))):
        at = float(found.thresholds[0, step] - found.measures[0])
        curves = []
        for name in (low, high):
            own = [row for row in lines if row["name"] == name]
            curves.append(np.interp(at, [row["x"] for row in own], [row["y"] for row in own]))
        assert curves[0] == pytest.approx(curves[1], abs=2e-3)
    assert "Thresholds stand in order" in chart.alt and len(chart.table.rows) == 2


def test_disorder_is_told() -> None:
    rng = np.random.default_rng(2)
    table = simulate.at_places(rng.normal(0, 1, 300), np.linspace(-1, 1, 6)[:, None] + np.array([0.9, -0.9]), rng)
    found = cml.fit(responses(table))
    said = categories.category_curves(found)
    assert "Nowhere the likeliest answer: “1”" in said.alt and "Thresholds out of order" in said.alt
    people = persons.measure(responses(table), found)
    assert "Thresholds are out of order" in maps.person_item(found, people).caption


def test_groups_of_respondents_by_hand() -> None:
    # Eight respondents in two patterns; measures stand for the scores, so those of one score stay together.
    given = responses([[1, 0, 0]] * 4 + [[1, 1, 0]] * 3 + [[0, 1, 1]], ["a", "b", "c"])
    found = cml.fit(given)
    people = persons.measure(given, found)
    seen = categories.observed(given, found, people)["a"]
    assert [(o.n, o.mean) for o in seen] == [(4.0, 1.0), (4.0, 0.75)]
    # Answers 1 1 1 0: variance 3/4 x 1/4 x 4/3 = 0.25, standard error sqrt(0.25 / 4) = 0.25.
    assert (seen[0].se, seen[1].se) == (0.0, 0.25)


def test_expected_score_reaches_its_ends(rated: Fitted) -> None:
    chart = categories.expected_score(*rated)
    line = [row["y"] for row in rows(dict(chart.spec), "line")]
    assert 0 < line[0] < 2 and 16 < line[-1] < 18 and all(np.diff(line) > 0)  # nine items of two steps: 18 at most


def test_residuals_beyond_two_are_counted(rated: Fitted) -> None:
    chart = residuals.residuals(*rated)
    beyond, total = map(int, re.search(r"(\d+) of (\d+) answers", chart.alt).groups())  # type: ignore[union-attr]
    inner = ((rated[0].answers.sum(axis=1) > 0) & (rated[0].answers.sum(axis=1) < 18)).sum()
    assert total == 9 * inner and 0.01 < beyond / total < 0.09  # 5 % or so under the model
    within, outside = (layer["data"]["values"] for layer in chart.spec["layer"][1:3])
    assert len(outside) == beyond and len(within) == total - beyond
    assert max(abs(row["y"]) for row in within) <= 2 < min(abs(row["y"]) for row in outside)


def test_the_first_component_names_a_pair_that_goes_together() -> None:
    rng = np.random.default_rng(3)
    table = simulate.at_places(rng.normal(0, 1, 300), np.linspace(-1, 1, 8)[:, None], rng)
    table[:, 7] = table[:, 6]  # the last item repeats the one before it
    given = responses(table, list("abcdefgh"))
    chart = residuals.components(given, cml.fit(given))
    loading = {row.cells[0]: float(row.cells[2].replace("−", "-")) for row in chart.table.rows}
    assert loading["g"] * loading["h"] > 0.4 and {"g", "h"} == set(sorted(loading, key=lambda n: -abs(loading[n]))[:2])


def test_many_long_names_stay_readable() -> None:
    rng = np.random.default_rng(9)
    names = [f"How hard is question number {i} of this form?" for i in range(50)]
    table = simulate.at_places(rng.normal(0, 1, 90), rng.normal(0, 1, 50)[:, None], rng)
    given = responses(table, names)
    found = cml.fit(given)
    wright = maps.wright(found, persons.measure(given, found))
    drawn_names = [row["text"] for row in rows(dict(wright.spec), "text") if row["text"].startswith("How")]
    assert len(drawn_names) == 50 and max(map(len, drawn_names)) <= 24
    assert {row.cells[0] for row in wright.table.rows[:50]} == set(names)
    loadings = residuals.components(given, found)
    assert len(rows(dict(loadings.spec), "text")) == 20 and len(rows(dict(loadings.narrow), "text")) == 10
    assert len(loadings.table.rows) == 50


def test_studentised_residuals_are_those_of_the_line_without_the_point() -> None:
    points = [("a", -1.0, 8.0), ("b", 0.0, 11.0), ("c", 1.0, 12.0), ("d", 2.0, 17.0), ("e", 2.5, 15.0)]
    line = anchor.fit_line([d for _, d, _ in points], [w for _, _, w in points])
    shown = {row.cells[0]: row.cells for row in anchoring.influence(points, line).table.rows}
    for i, (name, d, w) in enumerate(points):
        rest = [p for j, p in enumerate(points) if j != i]
        other = anchor.fit_line([x for _, x, _ in rest], [y for _, _, y in rest])
        # By definition: the prediction error of the left-out point over its standard error.
        expected = (w - other.at(d).value) / math.hypot(other.s, other.at(d).se)
        assert float(shown[name][2].replace("−", "-")) == pytest.approx(expected, abs=0.006)


def test_the_bootstrap_marks_what_lies_inside_the_interval() -> None:
    made = Bootstrap("drawn", 100, 2, 1, 0.95, 1.0, 2.0, 3.0, 1.1, 3.1, (0.0, 1.0, 2.0, 3.0, 4.0), (2, 40, 45, 3))
    chart = anchoring.bootstrap(made, 2.1, "62380")
    assert chart is not None and "8 draws lie outside" in chart.caption and "2 draws have no value" in chart.caption
    tints = [row["colour"] for row in rows(dict(chart.spec), "rect")]
    assert tints == [charts.SHADE, charts.BLUE, charts.BLUE, charts.SHADE]
    assert anchoring.bootstrap(Bootstrap("drawn", 3, 3, 1, 0.95, None, None, None), 2.1, "62380") is None


def test_the_forest_says_which_services_are_told_apart() -> None:
    # 1.96 x 0.5 = 0.98: 1.2 lies above, 0.9 does not, -1.0 lies below.
    said = maps.measures([("a", 1.2, 0.5), ("b", 0.9, 0.5), ("c", -1.0, 0.5)], "62380").alt
    assert "Clearly more work than 62380: a. Clearly less: c. Not told apart from it: b." in said


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def survey(tmp_path: Path, rated: Fitted) -> Path:
    path = tmp_path / "answers.csv"
    lines = ["# SIMULATED: nobody answered", ",".join(rated[0].items)]
    path.write_text("\n".join([*lines, *(",".join(map(str, row)) for row in rated[0].answers)]), encoding="utf-8")
    return path


def test_one_drawing_in_each_kind_of_file(tmp_path: Path, survey: Path) -> None:
    for kind in KINDS:
        path = tmp_path / f"wright.{kind}"
        result = run("rasch", str(survey), "--picture", "wright", "-o", str(path))
        assert result.exit_code == 0 and result.stdout.startswith("SIMULATED. Wright map."), result.output
    drawn_ = (tmp_path / "wright.svg").read_text(encoding="utf-8")
    assert "<title>Wright map" in drawn_ and "<desc>SIMULATED. " in drawn_ and ">SIMULATED: nobody" in drawn_
    spec = json.loads((tmp_path / "wright.json").read_text(encoding="utf-8"))
    assert spec["description"].startswith("SIMULATED") and spec["usermeta"]["table"]["rows"]
    assert b"pdfuaid" in (tmp_path / "wright.pdf").read_bytes()
    assert (tmp_path / "wright.png").read_bytes()[:4] == b"\x89PNG"


def test_words_are_drawn_in_a_png() -> None:
    rows_ = [charts.Range("a", 1.0), charts.Range("b", 2.0)]
    one, other = (charts.png(charts.ranges([(title, rows_)], "unit", charts.WIDE)) for title in ("Comparators", "X"))
    assert len(one) > len(other) + 300  # a font that is not found leaves both without words, of equal length


def test_the_same_drawing_gives_the_same_bytes(estimate: Estimate) -> None:
    chart = valued.draw("anchors", estimate)
    for kind in KINDS:
        assert export(chart, kind, label="SIMULATED", foot="run x") == export(
            chart, kind, label="SIMULATED", foot="run x"
        )
    with pytest.raises(BadInput, match="svg, png, pdf, json"):
        export(chart, "gif")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--picture", "wright"), 2, "go together"),
        (("-o", "x.svg"), 2, "go together"),
        (("--picture", "wright", "-o", "x.gif"), 1, "Kinds: .svg, .png, .pdf, .json"),
        (("--picture", "cake", "-o", "x.svg"), 2, "cake"),
    ],
)
def test_what_cannot_be_drawn_is_told(survey: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    result = run("rasch", str(survey), *arguments)
    assert result.exit_code == code and says in result.output


def test_a_value_that_does_not_exist_is_not_drawn(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("item,less,equal,greater\n63047,5,2,5\n63030,2,2,8\n", encoding="utf-8")
    result = run("value", str(path), "--target", "62380", "--picture", "anchors", "-o", str(tmp_path / "a.svg"))
    assert result.exit_code == 1 and "a line needs 4" in result.output and not (tmp_path / "a.svg").exists()
    good = run("value", str(path), "--target", "62380", "--picture", "answers", "-o", str(tmp_path / "b.svg"))
    assert good.exit_code == 0 and "62380 was judged less work than 63047 by 5 of 12" in good.stdout
