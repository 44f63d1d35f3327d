"""The pages' figures: JSON = command line = library, CSV = command line, and the table of how an amount is made."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

import openrvu
from openrvu import answers
from openrvu.cards.card import foot_of
from openrvu.cli import main
from openrvu.dossier.render import render
from openrvu.facts import embedded
from openrvu.web.app import create_app
from openrvu.web.asked import Asked
from openrvu.web.view import code_page, elsewhere


@pytest.fixture(name="client")
def web_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A server and a command line that share an empty store."""
    monkeypatch.setenv("OPENRVU_HOME", str(tmp_path))
    with TestClient(create_app(), base_url="http://localhost") as client:
        yield client


def printed(*arguments: str) -> str:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout


ASKED = [
    ("63047", "", []),
    ("62380", "?on=2026-07-01", ["--on", "2026-07-01"]),
    ("0275T", "?on=2026-07-01", ["--on", "2026-07-01"]),
    ("63047", "?on=2025-07-01&place=Cook%2C+IL", ["--on", "2025-07-01", "--place", "Cook, IL"]),
    ("62330", "?on=2026-07-01&place=15202-00&qp=1", ["--on", "2026-07-01", "--place", "15202-00", "--qp"]),
]


@pytest.mark.parametrize(("code", "query", "options"), ASKED)
def test_the_json_of_a_code_is_that_of_the_command_line(
    client: TestClient, code: str, query: str, options: list[str]
) -> None:
    assert client.get(f"/codes/{code}.json{query}").text == printed("code", code, *options, "--json")


@pytest.mark.parametrize(("code", "query", "options"), ASKED[:4])
def test_the_json_of_a_dossier_is_that_of_the_command_line(
    client: TestClient, code: str, query: str, options: list[str]
) -> None:
    assert client.get(f"/dossiers/{code}.json{query}").text == printed("dossier", code, *options, "--json")


def test_the_json_of_a_code_is_the_library_encoded(client: TestClient) -> None:
    found = openrvu.card("63047", on="2025-07-01", place="Ohio")
    assert client.get("/codes/63047.json?on=2025-07-01&place=Ohio").text == answers.document(found, foot_of(found))


@pytest.mark.parametrize(("kind", "starts"), [("pdf", b"%PDF-"), ("html", b"<!doctype html>")])
def test_a_dossier_is_the_library_rendered(client: TestClient, kind: str, starts: bytes) -> None:
    response = client.get(f"/dossiers/63047.{kind}?on=2025-07-01")
    assert response.content.startswith(starts)
    assert response.content == render(openrvu.build("63047", on="2025-07-01"), kind)
    assert f'filename="63047.{kind}"' in response.headers["content-disposition"]


def test_places_are_those_of_the_command_line(client: TestClient) -> None:
    assert client.get("/places.json?on=2025-07-01").text == printed("places", "--on", "2025-07-01", "--json")
    assert client.get("/places.csv?state=Maryland").text == printed("places", "Maryland", "--csv")


def test_comparison_and_history_as_csv_are_those_of_the_command_line(client: TestClient) -> None:
    codes = [row["code"] for row in client.get("/codes/62380.json").json()["comparison"]["rows"]]
    options = ["--on", "2025-07-01", "--place", "Ohio", "--setting", "nonfacility"]
    query = "?on=2025-07-01&place=Ohio&setting=nonfacility"
    assert client.get(f"/codes/62380/comparators.csv{query}").text == printed("compare", *codes, *options, "--csv")
    history = printed("history", "62380", *options[2:], "--csv")
    assert client.get(f"/codes/62380/history.csv{query}").text == history


@pytest.mark.parametrize(
    ("asked", "words"),
    [(Asked(), "nationally"), (Asked(on="2025-07-01", place="Cook, IL", qp=True), "in Chicago")],
)
def test_the_same_elsewhere_is_the_same(
    client: TestClient, asked: Asked, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    import shlex

    python, command = elsewhere("63047", asked)
    space: dict[str, object] = {}
    exec(python, space)
    page = client.get(asked.url("/codes/63047")).text
    assert words in page
    shown = json.loads(client.get(asked.url("/codes/63047.json")).text)
    shown.pop("foot")
    assert answers.encode(space["card"]) == shown
    assert printed(*shlex.split(command)[1:]) == client.get(asked.url("/codes/63047.json")).text


def rows_of(client: TestClient, path: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(path).text)))


def test_how_the_amount_of_62330_is_made(client: TestClient) -> None:
    # RVU26C: 8.00 + 5.64 + 0.71 = 14.35; x 33.4009 = 479.302915. All national GPCIs are 1.
    rows = rows_of(client, "/codes/62330/amount.csv?on=2026-07-01")
    assert [row[:4] for row in rows[1:]] == [
        ["Work", "8.00", "1.000", "8.00000"],
        ["Practice expense", "5.64", "1.000", "5.64000"],
        ["Malpractice", "0.71", "1.000", "0.71000"],
        ["Sum of the products", "", "", "14.35000"],
        ["× conversion factor for those who are no QP", "", "", "33.4009"],
        ["Amount", "", "", "479.30"],
    ]
    assert all(row[4] for row in rows[1:4])


def test_what_follows_from_479_dollars_30(client: TestClient) -> None:
    # 20 % of 479.30 = 95.86; 95 % = 455.335, half up 455.34; 115 % of that = 523.641.
    rows = rows_of(client, "/codes/62330/participation.csv?on=2026-07-01")
    assert [(row[0], row[2]) for row in rows[1:]] == [
        ("Participating", "479.30"),
        ("Coinsurance", "95.86"),
        ("Non-participating", "455.34"),
        ("Limiting charge", "523.64"),
    ]


def test_both_settings_stand_side_by_side(client: TestClient) -> None:
    # RVU25D prints totals of 1.97 and 2.75; x 32.3465 = 63.722605 and 88.952875.
    text = client.get("/codes/99213?on=2025-10-01").text
    assert re.findall(r'<span class="value">([\d,.]+)</span>', text) == ["63.72", "88.95"]
    assert "The schedule amount of 99213 is $88.95 outside a facility" in client.get(
        "/codes/99213?on=2025-10-01&setting=office"
    ).text.replace("\n", " ")


def test_the_localities_are_sorted_and_all_there(client: TestClient) -> None:
    rows = rows_of(client, "/codes/63047/localities.csv?on=2025-07-01")[1:]
    amounts = [float(row[3]) for row in rows]
    assert len(rows) == len(embedded().localities("2025C"))
    assert amounts == sorted(amounts, reverse=True)
    ohio = next(row for row in rows if row[0] == "15202-00")
    # (15.37 x 1.000 + 13.61 x 0.911 + 4.87 x 1.033) x 32.3465 = 32.79942 x 32.3465 = 1060.9464...
    assert ohio[3] == "1060.95"


def test_a_setting_is_shown_in_comparison_and_history_too() -> None:
    page = code_page("62380", Asked(on="2025-07-01", setting="nonfacility"), embedded())
    titles = {part.id: part.table.caption for part in page.parts if part.table}
    assert "outside a facility" in titles["comparators"]
    assert "outside a facility" in titles["history"]


def test_a_qp_is_shown_a_qps_amounts_beside_other_services_too() -> None:
    # RVU26C prints 14.35 RVUs for 62330; the factor of QPs is 33.5675: 481.693625.
    for setting in ("facility", "nonfacility"):
        page = code_page("62330", Asked(on="2026-07-01", setting=setting, qp=True), embedded())
        part = next(part for part in page.parts if part.id == "comparators")
        assert part.table is not None
        assert part.table.rows[0].cells[6] == "481.69"


def test_every_source_that_a_page_cites_is_listed_on_it() -> None:
    for code in ("62380", "63047", "62330", "99213"):
        page = code_page(code, Asked(on="2026-07-01"), embedded())
        numbers = [one.number for one in page.citations]
        assert numbers == list(range(1, len(numbers) + 1))
        assert set(page.shown.sources) <= set(page.numbers)


def test_what_a_spreadsheet_would_run_is_quoted() -> None:
    assert answers.csv_text(["a"], [["=1+1"], ["-2.5"], ["@x"]]) == "a\n'=1+1\n-2.5\n'@x\n"


@pytest.mark.parametrize(
    ("asked", "work"),
    [(Asked(on="2025-07-01", place="Ohio", setting="nonfacility"), "18.2464"), (Asked(on="2026-07-01", qp=True), "")],
)
def test_a_comparison_is_the_same_on_the_page_the_command_line_and_in_python(
    client: TestClient, asked: Asked, work: str
) -> None:
    import shlex

    from openrvu.cards.compare import compare
    from openrvu.web.comparing import elsewhere as compared_elsewhere

    codes = ["62380", "63005", "63047"]
    found = compare(codes, on=asked.on, place=asked.place, setting=asked.setting, qualifying_apm=asked.qp, work=work)
    python, command = compared_elsewhere(found, work, asked)
    given = client.get(asked.url("/compare.json", codes=" ".join(codes), work=work)).text
    assert printed(*shlex.split(command)[1:]) == given
    space: dict[str, object] = {}
    exec(python, space)
    shown = json.loads(given)
    shown.pop("foot")
    assert answers.encode(space["table"]) == shown
    sheet = client.get(asked.url("/compare.csv", codes=" ".join(codes), work=work)).text
    assert sheet == printed(*shlex.split(command)[1:-1], "--csv")


@pytest.mark.parametrize(
    "path", ["/codes/63047/history", "/codes/62380/confusions", "/compare?codes=0275T+63047", "/places?state=Ohio"]
)
def test_a_workbook_holds_the_same_as_the_csv(client: TestClient, path: str) -> None:
    import python_calamine

    base, _, query = path.partition("?")
    rows = rows_of(client, f"{base}.csv?{query}")
    found = client.get(f"{base}.xlsx?{query}")
    assert found.headers["content-disposition"].startswith("attachment")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(found.content))
    sheet = book.get_sheet_by_index(0).to_python()
    assert sheet[0] == rows[0] and len(sheet) == len(rows) > 1
    for cells, texts in zip(sheet[1:], rows[1:], strict=True):
        for cell, text in zip(cells, texts, strict=True):
            assert (float(text) if isinstance(cell, float) else text) == cell
    about = {str(name): value for name, value in book.get_sheet_by_index(1).to_python()}
    assert about["disclaimer"] == answers.DISCLAIMER and about["run_id"] == answers.run_id()


def test_a_workbook_runs_no_formula_and_keeps_codes_as_text() -> None:
    import zipfile

    from openrvu.web.sheets import workbook

    text = answers.csv_text(("code", "note", "amount"), [("00100", "=1+1", "-2.50"), ("63047", "@x", "1094.93")])
    with zipfile.ZipFile(io.BytesIO(workbook(text, "a[b]:c", {"release": "2026C"}))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet and "00100" in strings and "63047" in strings and "-2.5" in sheet and "1094.93" in sheet


@pytest.mark.parametrize("path", ["/codes/63047/localities", "/codes/63047/history", "/compare"])
def test_a_drawing_downloads_as_svg_and_png(client: TestClient, path: str) -> None:
    query = "?codes=63047+63030" if path == "/compare" else "?on=2025-07-01&place=Ohio"
    drawn = client.get(f"{path}.svg{query}")
    assert drawn.status_code == 200 and drawn.text.startswith("<svg") and "63047" in drawn.text + path
    picture = client.get(f"{path}.png{query}")
    assert picture.content[:8] == b"\x89PNG\r\n\x1a\n" and picture.headers["content-type"] == "image/png"


def test_a_part_without_a_drawing_says_which_there_are(client: TestClient) -> None:
    found = client.get("/codes/63047/amount.svg")
    assert found.status_code == 422 and "Drawings: history, localities" in found.text


@pytest.mark.parametrize(
    ("asked", "assistant"),
    [(Asked(on="2025-07-01", place="Ohio", setting="nonfacility"), "AS"), (Asked(on="2026-07-01", qp=True), "")],
)
def test_a_case_is_the_same_on_the_page_the_command_line_and_in_python(
    client: TestClient, asked: Asked, assistant: str
) -> None:
    import shlex

    from openrvu.web.caseview import Typed
    from openrvu.web.caseview import elsewhere as case_elsewhere

    typed = Typed("22633, 22634;63030-50 22853x2", assistant)
    python, command = case_elsewhere(typed, asked)
    given = client.get(asked.url("/case.json", **typed.chosen)).text
    assert printed(*shlex.split(command)[1:]) == given
    space: dict[str, object] = {}
    exec(python, space)
    shown = json.loads(given)
    shown.pop("foot")
    assert answers.encode(space["found"]) == shown
    assert client.get(asked.url("/case.csv", **typed.chosen)).text == printed(*shlex.split(command)[1:-1], "--csv")
