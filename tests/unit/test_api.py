"""The API: typed as its document says, the same as the command line, one error shape, and never a fault of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from click.testing import CliRunner
from hypothesis import settings
from jsonschema_rs import Draft202012Validator
from starlette.testclient import TestClient

from openrvu.cli import main
from openrvu.errors import OpenRVUError
from openrvu.facts import embedded
from openrvu.web.apipage import calls
from openrvu.web.app import create_app

APP = create_app(embedded())
DOCUMENT: dict[str, Any] = APP.openapi()


@pytest.fixture(name="client", scope="module")
def api_client() -> Iterator[TestClient]:
    with TestClient(create_app(embedded()), base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def shape(path: str, status: int) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][path]["get"]["responses"][str(status)]
    return found["content"]["application/json"]["schema"]  # type: ignore[no-any-return]


ANSWERS = [
    ("/price", {"code": "62330", "on": "2026-07-01"}, ("price", "62330", "--on", "2026-07-01")),
    ("/price", {"code": "62380", "place": "Ohio"}, ("price", "62380", "--place", "Ohio")),
    ("/codes/{code}", {"code": "62380", "on": "2026-07-01"}, ("code", "62380", "--on", "2026-07-01")),
    ("/codes/{code}/history", {"code": "0275T", "on": "2025-10-01"}, ("history", "0275T", "--on", "2025-10-01")),
    (
        "/codes/{code}/history",
        {"code": "63047", "start": "2025-07-01", "end": "2026-07-01"},
        ("history", "63047", "--from", "2025-07-01", "--to", "2026-07-01"),
    ),
    ("/which", {"answers": "approach=endoscopic region=lumbar"}, ("which", "approach=endoscopic", "region=lumbar")),
    ("/which", {"answers": "work=injection", "on": "2025-07-01"}, ("which", "work=injection", "--on", "2025-07-01")),
    (
        "/which",
        {"answers": "work=fusion approach=open visualization=direct sides=both"},
        ("which", "work=fusion", "approach=open", "visualization=direct", "sides=both"),
    ),
    (
        "/case",
        {"services": "22633 63030-50 22853x2", "assistant": "AS"},
        ("case", "22633", "63030-50", "22853x2", "--as", "AS"),
    ),
    ("/codes/{code}/everywhere", {"code": "63047", "place": "Ohio"}, ("everywhere", "63047", "--place", "Ohio")),
    ("/codes/{code}/routes", {"code": "62380"}, ("triangulate", "62380")),
    ("/methods", {}, ("methods",)),
    ("/studies", {}, ("studies",)),
    ("/codes/{code}/dossier", {"code": "63047"}, ("dossier", "63047")),
    ("/compare", {"codes": "62380 63047", "work": "18.2464"}, ("compare", "62380", "63047", "--work", "18.2464")),
    ("/studies/{study}/audit", {"study": "lorio-2024-0202t"}, ("audit", "lorio-2024-0202t")),
    ("/accounts/{account}", {"account": "account-2024"}, ("check", "account-2024")),
]


@pytest.mark.parametrize(("path", "asked", "command"), ANSWERS)
def test_an_answer_is_that_of_the_command_line_and_as_the_document_says(
    client: TestClient, path: str, asked: dict[str, str], command: tuple[str, ...]
) -> None:
    inside = {name: value for name, value in asked.items() if f"{{{name}}}" in path}
    query = urlencode({name: value for name, value in asked.items() if name not in inside})
    found = client.get(f"/api/v1{path.format(**inside)}?{query}")
    assert found.status_code == 200
    assert found.text == CliRunner().invoke(main, [*command, "--json"]).stdout
    validator(shape(f"/api/v1{path}", 200)).validate(found.json())


@pytest.mark.parametrize("call", calls(DOCUMENT), ids=lambda call: call.path)
def test_each_example_of_the_page_works(client: TestClient, call: Any) -> None:
    found = client.get(call.example)
    assert found.status_code == 200, found.text
    validator(shape(call.path, 200)).validate(found.json())


@pytest.mark.parametrize(
    ("address", "status", "kind"),
    [
        ("/price?code=99999", 404, "unknown-code"),
        ("/price?code=x", 422, "bad-input"),
        ("/price", 422, "bad-input"),
        ("/price?code=63047&qp=maybe", 422, "bad-input"),
        ("/price?code=63047&place=Nowhere", 422, "unknown-place"),
        ("/price?code=63047&on=2018-01-01", 404, "not-held"),
        ("/codes?limit=0", 422, "bad-input"),
        ("/codes?limit=1001", 422, "bad-input"),
        ("/codes?cursor=%00", 422, "bad-input"),
        ("/compare?codes=63047", 422, "bad-input"),
        ("/case?services=6304", 422, "bad-input"),
        ("/schedule?release=2026C", 422, "bad-input"),
        ("/schedule?release=1999A&place=Ohio", 404, "not-held"),
        ("/codes/63047/everywhere?setting=moon", 422, "bad-input"),
        ("/studies/nobody/audit", 422, "bad-input"),
        ("/which?answers=region", 422, "bad-input"),
        ("/which?answers=region=moon", 422, "bad-input"),
        ("/codes/63047/history?start=2025-07-01", 422, "bad-input"),
        ("/nothing", 404, "error"),
    ],
)
def test_errors_have_one_shape(client: TestClient, address: str, status: int, kind: str) -> None:
    found = client.get(f"/api/v1{address}")
    assert found.status_code == status
    Draft202012Validator(DOCUMENT["components"]["schemas"]["Error"]).validate(found.json())
    assert found.json()["error"]["kind"] == kind
    assert set(found.json()["error"]) == set(OpenRVUError("x").as_dict())


def test_pages_of_a_list_are_the_list(client: TestClient) -> None:
    whole = [row["code"] for row in client.get("/api/v1/codes?limit=1000").json()["codes"]]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.get(f"/api/v1/codes?limit=70&cursor={cursor}").json()
        seen, cursor = [*seen, *(row["code"] for row in page["codes"])], page["next"]
        assert page["total"] == len(whole)
    assert seen == whole and len(whole) == len(embedded().table("2026C").codes())


def test_the_schedule_comes_in_pages_and_is_that_of_the_command_line(client: TestClient) -> None:
    printed = CliRunner().invoke(main, ["schedule", "2026C", "--place", "Maryland", "--csv"]).stdout.splitlines()
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.get(f"/api/v1/schedule?release=2026C&place=Maryland&limit=300&cursor={cursor}").json()
        rows, cursor = page["lines"], page["next"]
        seen += [
            ",".join("" if row[name] is None else str(row[name]) for name in printed[0].split(",")) for row in rows
        ]
    assert seen == printed[1:] and len(seen) == page["total"]


def test_the_document_names_no_page_and_no_other_host(client: TestClient) -> None:
    assert all(path.startswith("/api/v1/") for path in DOCUMENT["paths"])
    text = client.get("/api/v1/openapi.json").text
    assert json.loads(text)["openapi"].startswith("3.1") and "http" not in text.replace('"https://json', "")


schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", APP, headers={"Host": "localhost"})


@schema.parametrize()
@settings(max_examples=15)
def test_whatever_is_asked_no_answer_is_a_fault_of_ours(case: Any) -> None:
    found = case.call(headers={"Host": "localhost"})
    checks = schemathesis.checks
    case.validate_response(
        found,
        checks=[
            checks.not_a_server_error,
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_schema_conformance,
        ],
    )
