"""`openrvu rasch`: a file of answers in, measures and fit out; bad files are named with line and column."""

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from openrvu.cli import main
from openrvu.valuation.rasch import simulate

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "rasch_published.json").read_text(encoding="utf-8"))[
    "sets"
]
DOCUMENT = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["rasch", *arguments])


@pytest.fixture
def lsat(tmp_path: Path) -> Path:
    rows = ["id,Q1,Q2,Q3,Q4,Q5,stake"]
    for pattern, times in ORACLE["LSAT7"]["patterns"]:
        for i in range(times):
            rows.append(f"r{len(rows)},{','.join(pattern)},{'yes' if i % 2 else 'no'}")
    path = tmp_path / "lsat7.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_published_measures_of_lsat7(lsat: Path) -> None:
    found = json.loads(run(str(lsat), "--json", "--group", "stake").stdout)
    want = ORACLE["LSAT7"]["estimates"]["reference_CML_newton"]
    assert [i["item"] for i in found["items"]] == ["Q1", "Q2", "Q3", "Q4", "Q5"]
    assert [i["measure"] for i in found["items"]] == pytest.approx(want["item_location_sumzero"], abs=1e-8)
    assert found["log_likelihood"] == pytest.approx(want["cond_loglik"], abs=1e-8)
    assert [d["item"] for d in found["differences"]] == ["Q1", "Q2", "Q3", "Q4", "Q5"]
    (row,) = re.findall(r"^\| `rasch` \| (.+) \|$", DOCUMENT, re.M)
    assert set(found) - {"run_id"} == set(re.findall(r"`([a-z0-9_]+)`", row))


def test_the_tam_preset_prints_tams_digits(lsat: Path) -> None:
    found = json.loads(run(str(lsat), "--json", "--items", "Q1,Q2,Q3,Q4,Q5", "--method", "tam-compatible").stdout)
    want = ORACLE["LSAT7"]["estimates"]["TAM_MML"]
    printed = [f"{i['measure']:.3f} {i['se']:.3f}" for i in found["items"]]
    assert printed == [f"{m:.3f} {s:.3f}" for m, s in zip(want["xsi"], want["se_xsi"], strict=True)]
    assert f"{found['wle_reliability']:.3f}" == f"{want['WLE_rel']:.3f}"
    assert f"{found['mad_q3']:.3f} {found['q3_p']:.3f}" == f"{want['MADaQ3']:.3f} {want['MADaQ3_p_holm']:.3f}"


def test_words_and_csv(lsat: Path) -> None:
    said = run(str(lsat), "--group", "stake", "--draws", "20")
    assert said.exit_code == 0, said.output
    assert "dichotomous, cml; items sum to zero; 1000 respondents" in said.stdout
    assert "p (Holm)" in said.stdout and "simulated p" in said.stdout and "-s1" in said.stdout
    rows = list(csv.DictReader(io.StringIO(run(str(lsat), "--items", "Q1,Q2,Q3", "--csv").stdout)))
    assert [row["item"] for row in rows] == ["Q1", "Q2", "Q3"]
    assert float(rows[0]["answered"]) == 1000


def test_ratings_with_missing_answers(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    table = simulate.at_places(rng.normal(0, 1, 80), np.linspace(-1, 1, 5)[:, None] + np.array([-0.8, 0.8]), rng)
    lines = [",".join("" if rng.random() < 0.1 else str(x) for x in row) for row in table]
    path = tmp_path / "ratings.csv"
    path.write_text("\n".join(["a,b,c,d,e", *lines]), encoding="utf-8")
    found = json.loads(run(str(path), "--json").stdout)
    assert (found["model"], len(found["items"][0]["thresholds"])) == ("rating-scale", 2)
    assert found["missing"] > 0
    assert any("80 respondents" in text for text in found["warnings"])
    assert json.loads(run(str(path), "--json", "--model", "partial-credit").stdout)["model"] == "partial-credit"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,often\n0,1\n", "'often' is no answer (bad.csv, line 2, column b)"),
        ("a,b\n1,0.5\n0,1\n", "'0.5' is no answer"),
        ("a,b\n1,0\n", "1 respondent"),
        ("id,a\nx,1\ny,0\n", "1 item"),
        ("a,b\n1,1\n0,0\n1,1\n", "fewer than two items have a finite measure"),
        ("a,b,c,d\n1,0,,\n0,1,,\n,,1,0\n,,0,1\n", "do not link"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    result = run(str(path))
    assert result.exit_code == 1
    assert said in result.output.replace("\n", " ")


def test_columns_that_are_not_there(lsat: Path) -> None:
    assert "no column 'Q9'" in run(str(lsat), "--items", "Q1,Q9").output
    assert "no column 'team'" in run(str(lsat), "--group", "team").output
