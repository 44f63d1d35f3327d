"""Choices remembered in a cookie without a script, and the limits of the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from openrvu.facts import embedded
from openrvu.web.app import create_app
from openrvu.web.limits import BURST, LONGEST, RATE, ApiLimits
from openrvu.web.remembering import COOKIE, is_page


@pytest.fixture(name="client")
def web_client() -> Iterator[TestClient]:
    with TestClient(create_app(embedded()), base_url="http://localhost", follow_redirects=False) as client:
        yield client


def test_apply_remembers_and_a_bare_address_is_sent_on_with_the_choices(client: TestClient) -> None:
    applied = client.get("/codes/63047?on=2025-07-01&place=Ohio&setting=nonfacility&apply=1")
    assert applied.status_code == 303
    assert applied.headers["location"] == "/codes/63047?on=2025-07-01&place=Ohio&setting=nonfacility"
    assert all(word in applied.headers["set-cookie"] for word in ("HttpOnly", "SameSite=Lax", "Path=/"))
    bare = client.get("/compare?codes=63047+63030")
    assert bare.status_code == 303
    assert bare.headers["location"] == "/compare?codes=63047+63030&on=2025-07-01&place=Ohio&setting=nonfacility"


def test_an_address_with_a_choice_is_taken_as_it_is_and_its_links_stay_so(client: TestClient) -> None:
    client.get("/?place=Ohio&setting=facility&apply=1")
    found = client.get("/codes/63047?place=national")
    assert found.status_code == 200 and "nationally" in found.text
    assert 'href="/places/63047?place=national&amp;setting=facility"' in found.text


def test_the_default_ends_what_was_remembered(client: TestClient) -> None:
    client.get("/?place=Ohio&apply=1")
    assert client.get("/").status_code == 303
    ended = client.get("/?on=&place=national&setting=facility&apply=1")
    assert ended.headers["location"] == "/" and COOKIE not in client.cookies
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "path", ["/codes/63047.json", "/codes/63047/history.csv", "/api/v1/price?code=63047", "/static/app.css", "/health"]
)
def test_a_file_and_the_api_depend_on_no_cookie(client: TestClient, path: str) -> None:
    before = client.get(path)
    client.get("/?place=Ohio&on=2025-07-01&apply=1")
    after = client.get(path)
    assert (before.status_code, before.content) == (after.status_code, after.content) and before.status_code == 200


@pytest.mark.parametrize("text", ["place=%0d%0aSet-Cookie%3a+x", "%ff=1", "x" * 5000, "setting=moon", '"', "on=soon"])
def test_a_damaged_cookie_breaks_nothing(client: TestClient, text: str) -> None:
    found = client.get("/codes/63047", headers={"Cookie": f"{COOKIE}={text}"})
    assert found.status_code in (200, 303) and "set-cookie" not in found.headers
    if found.status_code == 303:
        assert client.get(found.headers["location"]).status_code in (200, 422)


@pytest.mark.parametrize("path", ["//evil.example/", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_to_another_host(client: TestClient, path: str) -> None:
    assert not is_page(path)
    found = client.get(f"http://localhost{path}?place=Ohio&apply=1")
    assert "location" not in found.headers


def test_the_api_refuses_what_is_too_long() -> None:
    with TestClient(create_app(embedded()), base_url="http://localhost") as client:
        found = client.get("/api/v1/price?code=" + "6" * LONGEST)
        assert found.status_code == 414 and "bytes" in found.json()["error"]["what"]
        assert found.headers["X-Content-Type-Options"] == "nosniff"


def test_who_asks_too_often_waits_and_others_do_not() -> None:
    """BURST at once, then RATE a second, told by a clock of the test."""
    now = [0.0]

    async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
        return None

    limits = ApiLimits(nothing, "/api/", clock=lambda: now[0])
    assert all(limits._take("a") for _ in range(int(BURST)))
    assert not limits._take("a") and limits._take("b")
    now[0] = 0.5
    assert sum(limits._take("a") for _ in range(1000)) == RATE / 2
    for number in range(3000):
        limits._take(f"asker {number}")
    assert len(limits.buckets) == 1024
