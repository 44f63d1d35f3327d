"""The page that leads to the code: the same walk as on the command line, answers kept, and nothing that breaks it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from openrvu.cli import main
from openrvu.facts import embedded
from openrvu.web.app import create_app

NOTE = {"work": "fusion", "approach": "percutaneous", "visualization": "indirect", "implant": "across", "sides": "both"}


@pytest.fixture(name="client", scope="module")
def web_client() -> Iterator[TestClient]:
    with TestClient(create_app(embedded()), base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


def command(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["which", *arguments, "--on", "2026-07-01"])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("kind", ["json", "csv"])
@pytest.mark.parametrize("given", [NOTE, {"target": "disc"}, {"route": "caudal", "region": "lumbar"}, {}])
def test_json_and_csv_are_those_of_the_command_line(client: TestClient, kind: str, given: dict[str, str]) -> None:
    query = urlencode({**given, "on": "2026-07-01"})
    pairs = [f"{name}={text}" for name, text in given.items()]
    assert client.get(f"/which.{kind}?{query}").text == command(*pairs, f"--{kind}")


def test_the_form_leads_question_by_question_to_the_code(client: TestClient) -> None:
    """Without scripts: each page carries the answers before it and asks the next one."""
    note = {"family": "si-joint-fusion", **NOTE}
    asked: dict[str, str] = {}
    for _ in note:
        text = client.get(f"/which?{urlencode(asked)}").text
        form = text[text.index('<form class="ask"') : text.index("</form>", text.index('<form class="ask"'))]
        hidden = dict(re.findall(r'type="hidden" name="([a-z-]+)" value="([^"]+)"', form))
        assert hidden == asked
        (name,) = set(re.findall(r'type="radio" name="([a-z-]+)"', form))
        assert f'value="{note[name]}"' in form
        asked = {**hidden, name: note[name]}
    text = client.get(f"/which?{urlencode(asked)}").text
    assert "<h1>27279</h1>" in text and "27279-50, 1 unit" in text and '<form class="ask"' not in text


def test_an_answer_can_be_changed_and_choices_are_kept(client: TestClient) -> None:
    text = client.get(f"/which?{urlencode({**NOTE, 'on': '2025-07-01', 'place': 'Ohio'})}").text
    links = re.findall(r'href="(/which\?[^"]+)">Change', text.replace("&amp;", "&"))
    without = [dict(parse_qsl(urlsplit(link).query)) for link in links]
    assert [set(NOTE) - set(one) for one in without] == [set(NOTE), *({name} for name in NOTE)]
    assert all((one["on"], one["place"]) == ("2025-07-01", "Ohio") for one in without)


def test_coverage_stands_first(client: TestClient) -> None:
    port = {"region": "lumbar", "pathology": "stenosis", "approach": "percutaneous", "target": "ligament-lamina"}
    text = client.get(f"/which?{urlencode({**port, 'on': '2026-07-01'})}").text
    assert text.index("NCD 150.13") < text.index("Codes that the answers leave")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("regoin=lumbar", "no question is called"),
        ("region=moon", "region has no answer"),
        ("interspaces=99", "whole number from 1 to 5"),
        ("region=" + "x" * 500, "more than a walk has"),
        ("&".join(f"q{number}=1" for number in range(60)), "more than a walk has"),
        ("region=%3Cscript%3E", "&lt;script&gt;"),
        ("on=soon", "is not a date"),
    ],
)
def test_what_cannot_be_answered_is_said(client: TestClient, query: str, says: str) -> None:
    response = client.get(f"/which?{query}")
    assert response.status_code == 422
    assert says.lower() in response.text.lower() and "<script>" not in response.text
    assert json.loads(client.get(f"/which.json?{query}").text)["error"]["kind"] == "bad-input"
