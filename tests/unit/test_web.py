"""The server without a browser: what it answers, refuses, and sends along with every answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from openrvu.errors import BadInput, Unavailable
from openrvu.facts import embedded
from openrvu.web.app import HEADERS, create_app, serve


@pytest.fixture(name="client", scope="module")
def web_client() -> Iterator[TestClient]:
    with TestClient(create_app(embedded()), base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "shows"),
    [
        ("/", "62380"),
        ("/?q=endoscopic+lumbar", "62380"),
        ("/?q=mild", "62330"),
        ("/?q=zebra", "No service held has these words"),
        ("/?q=63047+63030", "63030"),
        ("/?q=63030-50+63047", "bilateral"),
        ("/?q=6304", "63044"),
        ("/codes/62380?on=2026-07-01", "contractor-priced"),
        ("/codes/62330?on=2026-07-01", "$479.30"),
        ("/codes/0275t?on=2026-07-01", 'href="/codes/62330?on=2026-07-01"'),
        ("/codes/63047?on=2024-02-01", "$1,100.53"),
        ("/codes/63047?on=2024-04-01", "$1,118.79"),
        ("/codes/99213?on=2026-07-01&setting=office", "outside a facility"),
        ("/compare", "Two to twelve codes side by side"),
        # 28.06 and 33.85 RVUs x 32.3465
        ("/compare?codes=63047+63030&on=2025-07-01", "Schedule amounts from $907.64 (63030) to $1,094.93 (63047)."),
        ("/compare?codes=62380,63047&on=2026-07-01", "For pricing rationale only, not reportable instead."),
        ("/compare?codes=62330+63047&on=2026-07-01", "NCD 150.13"),
        ("/?q=63047+63030", "Compare these side by side"),
        ("/which", "Nerves in the spine were freed"),
        ("/which?region=lumbar&target=disc&family=lumbar-decompression", "Was something left in the spine"),
        ("/which?work=fusion&approach=open&visualization=direct&sides=both&on=2026-07-01", "27280-50, 1 unit"),
        ("/which?approach=endoscopic&visualization=indirect&region=lumbar", "Not decided. Endoscopic means"),
        ("/which?route=transforaminal&imaging=ultrasound", "reported with 64999"),
        ("/which?region=lumbar&device=none&pathology=disc&approach=open&visualization=direct&target=disc", "before"),
        ("/case", "The services of one session priced together"),
        # 28.06 RVUs x 32.3465 = 907.64, both sides 1,361.46; 33.85 x 32.3465 = 1,094.93, second by rank half: 547.47.
        ("/case?services=63030-50+63047&on=2025-07-01", "Allowed: $1,908.93 to the surgeon"),
        ("/case?services=62330&on=2026-07-01", "NCD 150.13"),
        ("/case?services=22633+63047-59&on=2025-07-01", "at another level than the fusion"),
        ("/places", "15202-00"),
        ("/places?state=Ohio", "1 locality of release"),
        ("/sources", "rvu25d-layout"),
        ("/dossiers/62380?on=2026-07-01", "Public data do not support a single work RVU for 62380."),
    ],
)
def test_a_page_shows_its_answer(client: TestClient, path: str, shows: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert shows in response.text


def test_coverage_stands_before_the_amount(client: TestClient) -> None:
    text = client.get("/codes/62330?on=2026-07-01").text
    assert text.index("NCD 150.13") < text.index("$479.30")


def test_comparators_are_for_pricing_only_and_say_so_first(client: TestClient) -> None:
    text = client.get("/codes/62380?on=2026-07-01").text
    part = text[text.index('id="comparators"') :]
    assert part.index("For pricing rationale only, not reportable instead.") < part.index("63030")


def test_a_typed_code_goes_to_its_page_with_the_choices(client: TestClient) -> None:
    response = client.get("/?q=+63047+&on=2025-07-01&place=Ohio&setting=nonfacility&qp=1", follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"] == "/codes/63047?on=2025-07-01&place=Ohio&setting=nonfacility&qp=1"


def test_every_link_of_a_page_keeps_the_choices(client: TestClient) -> None:
    text = client.get("/codes/63047?on=2025-07-01&place=Ohio").text
    links = re.findall(r'href="(/(?:codes|dossiers|places)[^"]*)"', text)
    own = [link for link in links if not re.search(r"on=20(?!25-07-01)|place=\d{5}-\d\d", link)]
    assert len(own) > 10
    assert [link for link in own if "on=2025-07-01" not in link or "place=Ohio" not in link] == []


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/codes/99999", 404, "in none of the"),
        ("/codes/20936", 404, "codes held of release"),
        ("/codes/C9757", 200, "hospital outpatient billing"),
        ("/codes/63047?on=2018-01-01", 404, "Nearest: 2019"),
        ("/codes/63047?on=soon", 422, "YYYY-MM-DD"),
        ("/codes/63047?setting=moon", 422, "Settings: facility, nonfacility"),
        ("/codes/63047?place=Texas", 422, 'href="/codes/63047?place=04412-11"'),
        ("/codes/63047?place=%ff%fe", 422, "No Medicare locality is called"),
        ("/codes/63047?place=" + "x" * 5000, 422, "has 5,000 characters"),
        ("/?q=" + "x" * 5000, 422, "5,000 characters"),
        ("/codes/%3Cscript%3E", 422, "not a CPT or HCPCS code"),
        ("/codes/" + "9" * 5000, 422, "not a CPT or HCPCS code"),
        ("/codes/63047/nothing.csv", 422, "Tables: amount"),
        ("/codes/..%2F..%2Fetc%2Fpasswd", 404, "no such page"),
        ("/static/..%2Fapp.py", 404, "no such page"),
        ("/static/%00", 404, "no such page"),
        ("/nothing", 404, "no such page"),
        ("/dossiers/99999", 404, "in none of the"),
        ("/compare?codes=63047", 422, "Give two to 12 codes"),
        ("/case?services=6304", 422, "A code, its modifiers and its units"),
        ("/case?services=63047&as=QQ", 422, "AS"),
        ("/case?services=" + "63047+" * 150, 422, "899 characters"),
        ("/compare?codes=63047+99999", 404, "in none of the"),
        ("/compare?codes=63047+63030&work=much", 422, "18.2464"),
        ("/compare?codes=" + "63047+" * 50, 422, "299 characters"),
        ("/places?state=Zzz", 422, "no state is called"),
        ("/?q=%F0%9F%A6%B4%00", 200, "No service held"),
    ],
)
def test_bad_requests_get_a_page_that_says_what_to_do(client: TestClient, path: str, status: int, says: str) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert says.lower() in response.text.lower()
    assert "Traceback" not in response.text


@pytest.mark.parametrize("where", ["place", "on", "setting", "q"])
def test_markup_in_a_choice_is_escaped(client: TestClient, where: str) -> None:
    for path in ("/codes/63047", "/", "/places", "/nothing"):
        text = client.get(f"{path}?{where}=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text
        assert "<script" not in text


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("/codes/99999.json", "unknown-code", 404),
        ("/codes/63047.json?on=x", "bad-input", 422),
        ("/no.json", "error", 404),
    ],
)
def test_errors_of_json_addresses_have_the_one_shape(client: TestClient, path: str, kind: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    found = json.loads(response.text)["error"]
    assert found["kind"] == kind
    assert sorted(found) == ["exists", "fix", "kind", "message", "what", "where"]


@pytest.mark.parametrize(
    "path", ["/", "/codes/62380", "/codes/62380.json", "/codes/99999", "/static/app.css", "/nothing.json", "/health"]
)
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS


def test_no_script_and_no_style_from_elsewhere_is_allowed() -> None:
    rules = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert rules["default-src"] == rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"


@pytest.mark.parametrize(("path", "shows"), [("/codes/62380", "<h1>"), ("/codes/62380.json", '"message"')])
def test_an_unexpected_error_is_logged_and_shows_no_trace(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, path: str, shows: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("openrvu.web.view.card", broken)
    with TestClient(create_app(), base_url="http://localhost", raise_server_exceptions=False) as client:
        response = client.get(path)
    assert response.status_code == 500
    assert shows in response.text
    assert "secret detail" not in response.text
    assert "something went wrong on our side" in response.text.lower()
    assert response.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
    assert "secret detail" in caplog.text


@pytest.mark.parametrize("host", ["attacker.example", "localhost.attacker.example", "127.0.0.1.attacker.example"])
def test_another_host_name_is_refused(host: str) -> None:
    with TestClient(create_app(), base_url=f"http://{host}") as client:
        response = client.get("/")
    assert response.status_code == 400
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8380", "[::1]:8380"])
def test_this_machine_is_answered(client: TestClient, host: str) -> None:
    assert client.get("/health", headers={"Host": host}).json()["status"] == "ok"


@pytest.mark.parametrize("path", ["/", "/codes/62380", "/dossiers/62380.json", "/places.csv", "/static/app.css"])
def test_head_has_no_body_and_other_methods_are_refused(client: TestClient, path: str) -> None:
    assert client.head(path).status_code == 200
    assert [client.request(method, path).status_code for method in ("POST", "PUT", "DELETE")] == [405] * 3


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_pages_that_would_ask_a_cdn_are_off(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_fonts_and_styles_that_a_page_names_are_served(client: TestClient) -> None:
    page = client.get("/").text
    names = re.findall(r'<link [^>]*href="([^"]+)"', page) + re.findall(
        r"url\((/[^)]+)\)", client.get("/static/app.css").text
    )
    assert len(names) >= 6
    assert {name: client.get(name).status_code for name in names} == dict.fromkeys(names, 200)
    assert "FONT-REGULAR" not in client.get("/style/dossier.css").text


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "::"])
def test_an_address_that_others_reach_is_refused_while_nobody_may_sign_in(host: str) -> None:
    with pytest.raises(BadInput, match="nobody may sign in"):
        serve(host, 0)


def test_a_name_that_a_proxy_asks_for_is_refused_while_nobody_may_sign_in() -> None:
    with pytest.raises(BadInput, match="nobody may sign in"):
        serve(names=["rvu.example.org"], port=0)


def test_a_port_that_is_taken_is_told() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Unavailable, match="cannot be used"):
        serve("127.0.0.1", taken.getsockname()[1])


@settings(max_examples=150)
@given(
    path=st.sampled_from(
        ["/", "/codes/", "/codes/63047", "/dossiers/", "/places", "/sources", "/static/", "/codes/63047/"]
    ),
    tail=st.text(max_size=12),
    asked=st.dictionaries(
        st.sampled_from(["on", "place", "setting", "qp", "q", "state"]),
        st.one_of(
            st.text(max_size=40), st.dates().map(str), st.sampled_from(["Ohio", "15202-00", "Cook, IL", "office"])
        ),
    ),
)
def test_nothing_that_is_typed_breaks_the_server(
    client: TestClient, path: str, tail: str, asked: dict[str, str]
) -> None:
    from urllib.parse import quote

    address = path + quote(tail.encode("utf-8", "surrogatepass"), safe="") if path.endswith("/") else path
    params = {name: text.encode("utf-8", "replace").decode() for name, text in asked.items()}
    response = client.get(address, params=params, follow_redirects=False)
    assert response.status_code in (200, 303, 307, 404, 422), response.text[:300]
