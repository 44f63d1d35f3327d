"""Where others reach the server: nothing without signing in, each role what it may, and what was saved is shared."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from openrvu.cli import main
from openrvu.facts import embedded
from openrvu.state import database, users
from openrvu.web.app import create_app

PASSWORD = "correct horse battery"
NAME = "rvu.example.org"


@pytest.fixture(name="home", scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("people")
    state = database.open_state(home=home)
    for role in users.ROLES:
        users.add(state, role, PASSWORD, role)
    state.engine.dispose()
    return home


@pytest.fixture(name="client", scope="module")
def web_client(home: Path) -> Iterator[TestClient]:
    app = create_app(embedded(), home=home, names=[NAME], sign_in=True)
    with TestClient(app, base_url=f"https://{NAME}", raise_server_exceptions=False) as client:
        yield client


def token(client: TestClient, path: str) -> str:
    found = re.search(r'name="form" value="([0-9a-f]{64})"', client.get(path).text)
    assert found
    return found[1]


def signed_in(client: TestClient, name: str, password: str = PASSWORD, to: str = "/") -> tuple[int, str]:
    client.cookies.clear()
    sent = {"form": token(client, "/sign-in"), "name": name, "password": password, "to": to}
    found = client.post("/sign-in", data=sent, follow_redirects=False)
    return found.status_code, found.headers.get("location") or found.text


def test_nothing_is_shown_to_whoever_is_not_signed_in(client: TestClient) -> None:
    client.cookies.clear()
    for path in ("/", "/codes/63047?on=2025-07-01", "/claims", "/data", "/cases", "/sources"):
        found = client.get(path, follow_redirects=False)
        assert found.status_code == 303 and found.headers["location"].startswith("/sign-in")
        assert "Content-Security-Policy" in found.headers and "63047" not in found.text
    for path in ("/codes/63047.json", "/api/v1/codes", "/claims/0.json"):
        found = client.get(path)
        assert found.status_code == 401 and found.json()["error"]["what"] == "sign in first"
    assert client.post("/claims").status_code == 401
    for path in ("/sign-in", "/health", "/static/app.css"):
        assert client.get(path, follow_redirects=False).status_code == 200


def test_signing_in_leads_back_and_never_elsewhere(client: TestClient) -> None:
    away = client.get("/codes/63047?on=2025-07-01", follow_redirects=False).headers["location"]
    assert away == "/sign-in?to=/codes/63047%3Fon%3D2025-07-01"
    assert signed_in(client, "reader", to="/codes/63047?on=2025-07-01") == (303, "/codes/63047?on=2025-07-01")
    assert "Sign out reader" in client.get("/").text
    for evil in ("//evil.example", "https://evil.example", "/\\evil.example", "\t//evil.example"):
        assert signed_in(client, "reader", to=evil) == (303, "/")


def test_cookies_are_kept_from_scripts_and_from_plain_connections(client: TestClient) -> None:
    client.cookies.clear()
    sent = {"form": token(client, "/sign-in"), "name": "reader", "password": PASSWORD}
    found = client.post("/sign-in", data=sent, follow_redirects=False)
    (line,) = [one for one in found.headers.get_list("set-cookie") if one.startswith("openrvu_session")]
    assert {"HttpOnly", "Secure", "SameSite=lax"} <= set(line.split("; "))


def test_a_wrong_password_is_told_and_a_form_of_another_site_refused(client: TestClient) -> None:
    status, text = signed_in(client, "owner", "wrong horse battery")
    assert status == 422 and "The name or the password is wrong" in text.replace("the name", "The name")
    assert client.post("/sign-in", data={"name": "owner", "password": PASSWORD}).status_code == 403
    assert client.get("/", headers={"host": "elsewhere.example"}).status_code == 400


@pytest.mark.parametrize(("role", "claims", "data"), [("reader", 403, 403), ("analyst", 422, 403), ("owner", 422, 422)])
def test_each_role_may_what_it_may(client: TestClient, role: str, claims: int, data: int) -> None:
    """422: allowed, and without a file."""
    signed_in(client, role)
    for path, status in (("/claims", claims), ("/data", data)):
        sent = {"form": (None, token(client, path))}
        assert client.post(path, files=sent).status_code == status


def test_signing_out_needs_the_form(client: TestClient) -> None:
    signed_in(client, "reader")
    assert client.post("/sign-out").status_code == 403
    found = client.post("/sign-out", data={"form": token(client, "/sign-out")}, follow_redirects=False)
    assert found.headers["location"] == "/sign-in"
    assert client.get("/", follow_redirects=False).status_code == 303


def test_a_case_is_saved_with_its_date_listed_to_its_owner_and_open_to_others(client: TestClient) -> None:
    signed_in(client, "analyst")
    kept = {"services": "22633 63047-59", "title": "Fusion <b>"}
    form = token(client, "/cases/new?services=22633+63047-59")
    found = client.post("/cases", data={**kept, "form": form}, follow_redirects=False)
    address = found.headers["location"]
    assert found.status_code == 303 and re.fullmatch(r"/cases/[0-9a-f]{32}", address)
    assert "Fusion &lt;b&gt;" in client.get("/cases").text
    assert client.post("/cases", data={**kept, "services": "nonsense", "form": form}).status_code == 422
    assert client.post("/cases", data={**kept, "title": " ", "form": form}).status_code == 422
    signed_in(client, "reader")
    to = client.get(address, follow_redirects=False).headers["location"]
    assert to == "/case?services=22633+63047-59&on=2026-07-01"
    assert "Fusion" not in client.get("/cases").text


def test_the_data_screen_tells_what_the_command_line_tells(client: TestClient) -> None:
    signed_in(client, "reader")
    run = CliRunner().invoke
    assert client.get("/data.json").text == run(main, ["data", "--json"]).stdout
    assert client.get("/data.csv").text == run(main, ["data", "--csv"]).stdout
    for kind in ("json", "csv"):
        told = run(main, ["data", "verify", "--release", "2025D", f"--{kind}"]).stdout
        assert client.get(f"/data/checks.{kind}?release=2025D").text == told
    for path in ("/data.xlsx", "/data/checks.xlsx?release=2025D"):
        assert client.get(path).content.startswith(b"PK")
    assert "All 4 checks passed" in client.get("/data/checks?release=2025D").text
    assert client.get("/data/checks?release=1999X").status_code == 404
    assert "26 releases, newest first" in client.get("/data").text


def test_what_is_no_file_of_cms_leaves_the_store_as_it_was(client: TestClient, home: Path) -> None:
    signed_in(client, "owner")
    form = {"form": token(client, "/data")}
    brought = {"file": ("../../manifest.json", b"not,a,file\n1,2,3\n")}
    address = client.post("/data", data=form, files=brought, follow_redirects=False).headers["location"]
    while (told := client.get(f"{address}.json").json())["status"] in ("queued", "running"):
        time.sleep(0.05)
    assert told["status"] == "failed" and told["fault"]["kind"] == "bad-file"
    assert not (home / "manifest.json").exists()
    assert "it is as it was" in client.get(address).text
    gone = client.post(f"{address}/delete", data={"form": token(client, "/data")}, follow_redirects=False)
    assert gone.headers["location"] == "/data" and list((home / "uploads").iterdir()) == []
