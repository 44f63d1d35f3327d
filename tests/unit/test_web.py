"""The pages without a browser: answers, JSON that equals the command line, errors, headers, hosts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from openrvu.cli import main
from openrvu.dossier.build import build
from openrvu.dossier.render import render_json
from openrvu.web.app import HEADERS, create_app


@pytest.fixture(name="client", scope="module")
def web_client() -> Iterator[TestClient]:
    with TestClient(create_app(), base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "shows"),
    [
        ("/", "62380"),
        ("/?q=endoscopic+lumbar", "62380"),
        ("/?q=zebra", "No service held has these words"),
        ("/codes/62380?on=2026-07-01", "contractor-priced"),
        ("/codes/62330?on=2026-07-01", "$479.30"),
        ("/codes/63047?on=2024-02-01", "$1,100.53"),
        ("/codes/63047?on=2024-04-01", "$1,118.79"),
        ("/codes/0275T?on=2026-07-01", "NCD 150.13"),
        ("/places", "15202-00"),
        ("/sources", "rvu25d-layout"),
        ("/dossiers/62380?on=2026-07-01", "Public data do not support a single work RVU for 62380."),
        ("/dossiers/63047", "63047"),
    ],
)
def test_a_page_shows_its_answer(client: TestClient, path: str, shows: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert shows in response.text


def test_coverage_stands_before_the_amount(client: TestClient) -> None:
    text = client.get("/codes/62330?on=2026-07-01").text
    assert text.index("NCD 150.13") < text.index("$479.30")


def test_a_typed_code_goes_to_its_page_with_the_choices(client: TestClient) -> None:
    response = client.get("/?q=63047&on=2025-07-01&place=Ohio", follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"] == "/codes/63047?on=2025-07-01&place=Ohio"


def test_the_json_of_a_code_is_that_of_the_command_line(client: TestClient) -> None:
    printed = CliRunner().invoke(main, ["code", "63047", "--on", "2025-07-01", "--place", "Ohio", "--json"]).stdout
    assert client.get("/codes/63047.json?on=2025-07-01&place=Ohio").text == printed


def test_the_json_of_a_dossier_is_that_of_the_library(client: TestClient) -> None:
    assert client.get("/dossiers/62380.json").text == render_json(build("62380"))


def test_the_pdf_is_one(client: TestClient) -> None:
    response = client.get("/dossiers/62380.pdf")
    assert response.headers["content-type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/codes/99999", 404, "in none of the"),
        ("/codes/63047?on=2018-01-01", 404, "Nearest: 2019"),
        ("/codes/63047?on=soon", 422, "YYYY-MM-DD"),
        ("/codes/63047?place=Texas", 422, "8 localities"),
        ("/codes/%3Cscript%3E", 422, "not a CPT or HCPCS code"),
        ("/codes/" + "9" * 5000, 422, "not a CPT or HCPCS code"),
        ("/codes/..%2F..%2Fetc%2Fpasswd", 404, "no such page"),
        ("/static/..%2Fapp.py", 404, "no such page"),
        ("/nothing", 404, "no such page"),
        ("/dossiers/99999", 404, "in none of the"),
        ("/?q=", 200, "62380"),
        ("/?q=%F0%9F%A6%B4%00", 200, "No service held"),
    ],
)
def test_bad_requests_get_a_page_that_says_what_to_do(client: TestClient, path: str, status: int, says: str) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert says in response.text
    assert "Traceback" not in response.text


def test_markup_in_a_choice_is_escaped(client: TestClient) -> None:
    text = client.get("/codes/63047?place=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>" not in text


def test_errors_of_json_addresses_have_the_one_shape(client: TestClient) -> None:
    response = client.get("/codes/99999.json")
    assert response.status_code == 404
    assert json.loads(response.text)["error"]["kind"] == "unknown-code"


@pytest.mark.parametrize("path", ["/", "/codes/62380", "/codes/99999", "/static/app.css", "/nothing.json"])
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS


def test_an_unexpected_error_shows_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("openrvu.web.view.card", broken)
    with TestClient(create_app(), base_url="http://localhost", raise_server_exceptions=False) as client:
        response = client.get("/codes/62380")
    assert response.status_code == 500
    assert "secret detail" not in response.text
    assert "something went wrong on our side" in response.text.lower()
    assert response.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]


def test_another_host_name_is_refused() -> None:
    with TestClient(create_app(), base_url="http://attacker.example") as client:
        assert client.get("/").status_code == 400


def test_head_and_wrong_methods(client: TestClient) -> None:
    assert client.head("/codes/62380").status_code == 200
    assert client.post("/codes/62380").status_code == 405


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_pages_that_would_ask_a_cdn_are_off(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/codes/63047", "/places"])
def test_no_page_asks_another_host(client: TestClient, path: str) -> None:
    text = client.get(path).text
    assert 'src="http' not in text
    assert '<link rel="stylesheet" href="http' not in text
