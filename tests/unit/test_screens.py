"""History, methods, studies and triangulation on the page: the same bytes as the command line, the same as Python."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from html import unescape

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from openrvu import answers, params
from openrvu.cli import main
from openrvu.dossier.bridges import bridge
from openrvu.facts import embedded
from openrvu.methodology import methods
from openrvu.rules.order import RULES
from openrvu.web.app import create_app


@pytest.fixture(name="client", scope="module")
def web_client() -> Iterator[TestClient]:
    with TestClient(create_app(embedded()), base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


def printed(*arguments: str) -> str:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout


def blocks(text: str) -> list[str]:
    return [unescape(one) for one in re.findall(r"<pre><code>(.*?)</code></pre>", text, re.S)]


PAGES = [
    "/codes/63047?on=2025-07-01&place=Ohio&setting=nonfacility",
    "/compare?codes=62380+63047&work=18.2464&on=2026-07-01&qp=1",
    "/case?services=63030-50+63047&as=AS&on=2025-07-01&place=Ohio",
    "/which?region=lumbar&approach=endoscopic&on=2026-07-01",
    "/history/63047",
    "/history/63047?on=2025-10-01&place=Ohio&setting=nonfacility",
    "/history/63030?start=2022-07-01&end=2026-07-01&qp=1",
    "/history/62380",
    "/places/63047?on=2025-07-01&place=Ohio",
    "/studies",
    "/studies/lewandrowski-2024-62380",
    "/studies/lorio-2024-0202t?on=2025-07-01",
    "/triangulate/62380",
    "/triangulate/63047?on=2025-07-01",
    "/methods",
    "/practice?volumes=63047x120+63030-50x8&on=2026-07-01&then=2025-07-01&place=Ohio",
    "/practice?volumes=63047x9,62380x3&scenario=62380-as-open&multiplier=commercial=140&mix=medicare=60+commercial=40"
    "&frozen=2023-07-01&rate=55.00&qp=1",
]


@pytest.mark.parametrize("path", PAGES)
def test_the_json_of_a_screen_is_that_of_its_command_and_of_its_python(client: TestClient, path: str) -> None:
    """What the page itself says one must type gives what its JSON link gives."""
    page = client.get(path)
    assert page.status_code == 200
    python, command = blocks(page.text)
    link = unescape(re.findall(r'href="([^"]+\.json[^"]*)"', page.text)[0])
    given = client.get(link).text
    assert printed(*shlex.split(command)[1:]) == given
    if "/studies?" in path or path == "/studies":
        return  # its Python shows how one of them is audited
    space: dict[str, object] = {}
    exec(python, space)
    shown = json.loads(given)
    for name in ("foot", "run_id", "forest"):
        shown.pop(name, None)
    name = python.splitlines()[-1].partition(" = ")[0]
    assert answers.encode(space[name]) == shown


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("/history/63047/releases.csv?place=Ohio", "history 63047 --place Ohio --csv"),
        (
            "/history/63047/change.csv?start=2025-07-01&end=2026-07-01",
            "history 63047 --from 2025-07-01 --to 2026-07-01 --csv",
        ),
        ("/studies/lewandrowski-2024-62380/warnings.csv", "audit lewandrowski-2024-62380 --csv"),
        ("/triangulate/62380/routes.csv", "triangulate 62380 --csv"),
        ("/methods/modelled.csv", "methods --csv"),
    ],
)
def test_the_csv_of_a_screen_is_that_of_its_command(client: TestClient, path: str, command: str) -> None:
    assert client.get(path).text == printed(*command.split())


@pytest.mark.parametrize(
    ("path", "shows"),
    [
        # 33.85 RVUs x 32.3465 = 1,094.93; (14.99 + 12.03 + 4.88) x 33.4009 = 1,065.49; less 29.44, 2.69 %.
        (
            "/history/63047?start=2025-07-01&end=2026-07-01",
            "2025-07-01 (2025C) to 2026-07-01 (2026C)",
        ),
        ("/history/63047", "Work RVU: 15.37 to 14.99 in 2026C"),
        ("/history/62380", "62380 has no schedule amount in any release held"),
        ("/studies", "lewandrowski-2024-62380"),
        ("/studies/lewandrowski-2024-62380", "18.2464 equals, to its printed digits, the unweighted mean"),
        ("/studies/lewandrowski-2024-62380", "equals-comparator-mean"),
        ("/triangulate/62380", "What cannot be concluded"),
        ("/methods", "To bill a comparator."),
        ("/methods", "multiplies RVUs by GPCIs and the conversion factor, and rounds once"),
        ("/methods", "CMS's figures never fall on exactly half a cent".replace("'", "&#39;")),
    ],
)
def test_a_screen_says_its_answer(client: TestClient, path: str, shows: str) -> None:
    shown = client.get(path).text
    assert shows in re.sub(r"</?span[^>]*>", "", shown)


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/history/99999", 404, "in none of the"),
        ("/history/63047?start=2025-07-01", 422, "Give the earlier and the later date together"),
        ("/history/63047?start=2026-07-01&end=2025-07-01", 422, "is no span"),
        ("/history/63047?start=soon&end=now", 422, "is not a date"),
        ("/history?code=%2F%2Fevil.example", 422, "not a CPT or HCPCS code"),
        ("/studies/nobody", 422, "lewandrowski-2024-62380"),
        ("/studies/..%2F..%2Fetc", 404, "no such page"),
        ("/triangulate/99999", 404, "in none of the"),
        ("/triangulate/624", 422, "not a CPT or HCPCS code"),
        ("/methods/nothing.csv", 422, "Tables: modelled"),
    ],
)
def test_what_cannot_be_shown_is_said(client: TestClient, path: str, status: int, says: str) -> None:
    found = client.get(path)
    assert found.status_code == status and says in found.text and "Traceback" not in found.text


def test_the_form_of_a_history_leads_to_its_address(client: TestClient) -> None:
    sent = client.get("/history?code=63030&start=2025-07-01&end=2026-07-01&place=Ohio", follow_redirects=False)
    where = "/history/63030?place=Ohio&start=2025-07-01&end=2026-07-01"
    assert (sent.status_code, sent.headers["location"]) == (303, where)


def test_the_methods_name_every_rule_every_value_and_every_compared_release() -> None:
    found = methods()
    assert [one.name for one in found.rules] == [rule.name for rule in RULES]
    assert len(found.parameters) == len(params.rows()) and all(one.value and one.meaning for one in found.parameters)
    by = {row.release: row for row in found.compared}
    # docs/reconciliation.md: 18,207 compared of 2020C, 17,969 equal.
    assert (by["2020C"].compared, by["2020C"].equal, by["2020C"].different, by["2020C"].rate) == (
        18207,
        17969,
        238,
        "98.69",
    )
    assert all(row.compared == row.equal + row.different for row in found.compared)
    terms = {one.term for one in found.differences}
    assert {"Rounding.", "62380, 18.2464.", "York's standard errors."} <= terms
    assert all("**" not in one.text and "](" not in one.text for one in found.differences)


def test_a_bridge_ends_where_its_steps_lead() -> None:
    spec = bridge(("a", "b"), (10.0, 8.5), [("x", -2.0), ("y", 0.5)], "US dollars", 720)
    rows = spec["data"]["values"]
    assert [(row["from"], row["to"]) for row in rows[1:3]] == [(10.0, 8.0), (8.0, 8.5)]
    assert [row["shown"] for row in rows] == ["10.00", "−2.00", "+0.50", "8.50"]
