"""The Claims screen without a browser: what is taken in, what is refused, what is left behind."""

from __future__ import annotations

import codecs
import gzip
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from openrvu.facts import embedded
from openrvu.state import content
from openrvu.web.app import create_app

CLAIMS = (
    "CLM_ID,BENE_ID,LINE_1ST_EXPNS_DT,HCPCS_CD,HCPCS_1ST_MDFR_CD,POS\n"
    "=1+1,P1,2025-07-01,63047,,21\nC1,P1,2025-07-01,63030,50,21\nC2,P2,2025-13-01,99213,,11\n"
)


@pytest.fixture(name="home", scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("claims")


@pytest.fixture(name="client", scope="module")
def web_client(home: Path) -> Iterator[TestClient]:
    app = create_app(embedded(), home=home)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        client.get("/claims")
        yield client


def token(client: TestClient) -> str:
    found = re.search(r'name="form" value="([0-9a-f]{64})"', client.get("/claims").text)
    assert found
    return found[1]


def send(client: TestClient, data: bytes | str, name: str = "claims.csv", **headers: str) -> tuple[int, str]:
    """Status, and the address of the page of the file or the text of the error."""
    raw = data.encode() if isinstance(data, str) else data
    found = client.post(
        "/claims", data={"form": token(client)}, files={"file": (name, raw)}, headers=headers, follow_redirects=False
    )
    return found.status_code, found.headers.get("location") or found.text


def kept(home: Path) -> set[str]:
    return {path.name for path in (home / "uploads").glob("*")}


def test_a_file_is_brought_and_its_columns_are_proposed(client: TestClient, home: Path) -> None:
    status, address = send(client, CLAIMS, "../../etc/July claims.csv")
    assert status == 303 and re.fullmatch(r"/claims/[0-9a-f]{32}", address)
    text = client.get(address).text
    assert "July claims.csv" in text and "etc" not in text
    for field, column in (("on", "LINE_1ST_EXPNS_DT"), ("hcpcs", "HCPCS_CD"), ("m1", "HCPCS_1ST_MDFR_CD")):
        part = text[text.index(f'id="column-{field}"') :]
        assert f"<option selected>{column}</option>" in part[: part.index("</select>")]
    assert "BENE_ID (member number, by its heading)" in text and "P1" not in text
    path = home / "uploads" / address.rpartition("/")[2]
    assert path.stat().st_mode & 0o077 == 0 and (path / "claims.csv").read_text(encoding="utf-8") == CLAIMS


def test_what_is_wrong_with_a_mapping_is_told(client: TestClient) -> None:
    _, address = send(client, CLAIMS)
    sent = {"form": token(client), "column-hcpcs": "HCPCS_CD", "column-claim_id": "CLM_ID"}
    found = client.post(f"{address}/price", data=sent)
    assert found.status_code == 422 and "no column gives &#39;on&#39;" in found.text.lower()
    found = client.post(f"{address}/price", data={**sent, "column-on": "NOPE"})
    assert found.status_code == 422 and "no column &#39;NOPE&#39;" in found.text
    found = client.post(f"{address}/price", data={**sent, "column-on": "LINE_1ST_EXPNS_DT", "place": "Atlantis"})
    assert found.status_code == 422 and "No Medicare locality is called" in found.text
    assert client.get(f"{address}.json").json()["status"] == "mapping"


@pytest.mark.parametrize("part", ["price", "cancel", "resume", "delete"])
def test_a_form_of_another_site_is_refused(client: TestClient, part: str) -> None:
    _, address = send(client, CLAIMS)
    right = token(client)
    for given_, headers in (
        ({}, {}),
        ({"form": "0" * 64}, {}),
        ({"form": right}, {"sec-fetch-site": "cross-site"}),
        ({"form": right}, {"sec-fetch-site": "same-site"}),
        ({"form": right}, {"cookie": ""}),
        ({"form": right}, {"cookie": "openrvu_form=" + "0" * 32}),
    ):
        assert client.post(f"{address}/{part}", data=given_, headers=headers).status_code == 403
    assert client.get(address).status_code == 200


def test_a_file_of_another_site_is_refused_before_anything_is_written(client: TestClient, home: Path) -> None:
    before = kept(home)
    found = client.post("/claims", data={"form": "0" * 64}, files={"file": ("a.csv", b"x" * 100_000)})
    assert found.status_code == 403
    assert client.post("/claims", files={"file": ("a.csv", b"x")}).status_code == 403
    assert kept(home) == before


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the file is empty"),
        (b"  \n ", "the file is empty"),
        (b"PK\x03\x04" + b"x" * 100, "a zip or an Excel workbook"),
        (b"ISA*00*          *00*", "claims as 837P or FHIR"),
        (gzip.compress(b"ISA*00*NM1*IL*1*INVENTED*NOBODY~", mtime=0), "837P or FHIR"),
        (b'\xef\xbb\xbf{"resourceType": "Claim"}', "claims as 837P or FHIR"),
        (b"a,b\n\0\0\0", "the file is no text"),
        (b"PAR1" + b"\x15\x04" * 50 + b"PAR1", "no Parquet"),
        (b"\x1f\x8b" + b"x" * 100, "the file is damaged"),
        (gzip.compress(b"0" * 80_000_000, mtime=0), "unpacks to far more than claims do"),
        (b"a,a\n1,2\n", "names 'a' twice"),
        (b"a" * 1_100_000, "more than 1,000,000 characters"),
        (b"a,b\n" + b"1" * 1_100_000, "more than 1,000,000 characters"),
        (b"\xff\xfea", "the file is damaged"),
        (b"h\xf6he,b\n1,2\n", "the file is damaged"),
        (",".join(f"c{n}" for n in range(3000)).encode(), "3,000 columns"),
    ],
    ids=lambda one: one if isinstance(one, str) else f"{len(one)} bytes",
)
def test_what_is_no_file_of_claims_is_told(tmp_path: Path, data: bytes, says: str) -> None:
    """The reader itself, without its process."""
    path = tmp_path / "brought"
    path.write_bytes(data)
    assert says in content.main(path, "claims")["fault"]["what"]


@pytest.mark.parametrize(("data", "says"), [(b"", "The file is empty"), (b"PK\x03\x04x", "a zip or an Excel workbook")])
def test_what_is_refused_leaves_nothing(client: TestClient, home: Path, data: bytes, says: str) -> None:
    before = kept(home)
    status, text = send(client, data)
    assert status == 422 and says in text
    assert kept(home) == before


@given(data=st.binary(max_size=300), framed=st.booleans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_as_a_form_is_no_fault_of_ours(
    client: TestClient, home: Path, data: bytes, *, framed: bool
) -> None:
    before = kept(home)
    body = b"--x\r\nContent-Disposition: form-data; name=" + data + b"\r\n\r\n" + data if framed else data
    for path, kind in (("/claims", "multipart/form-data; boundary=x"), ("/data", "multipart/form-data; boundary=x")):
        assert client.post(path, content=body, headers={"content-type": kind}).status_code in (403, 413, 422)
    assert client.post(f"/claims/{'0' * 32}/price", content=body).status_code in (403, 413, 422)
    assert kept(home) == before


def test_too_large_a_file_is_refused_as_it_comes(
    client: TestClient, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept(home)
    monkeypatch.setenv("OPENRVU_UPLOAD_MIB", "0.001")
    status, text = send(client, "a,b\n" + "1,2\n" * 400)
    assert status == 413 and "larger than" in text
    assert kept(home) == before


def test_text_of_excel_in_utf_16_is_read(client: TestClient) -> None:
    text = CLAIMS.replace(",", "\t")
    status, address = send(client, codecs.BOM_UTF16_LE + text.encode("utf-16-le"))
    assert status == 303 and "LINE_1ST_EXPNS_DT" in client.get(address).text


def test_a_file_is_removed_with_all_that_belongs_to_it(client: TestClient, home: Path) -> None:
    _, address = send(client, CLAIMS)
    assert client.post(f"{address}/delete", data={"form": token(client)}, follow_redirects=False).status_code == 303
    assert client.get(address).status_code == 404
    assert address.rpartition("/")[2] not in kept(home)


@pytest.mark.parametrize("path", ["", ".json", "/priced.csv", "/rejects.csv", "/summary.csv", "/mapping.toml"])
def test_what_is_not_there_is_said(client: TestClient, path: str) -> None:
    assert client.get("/claims/" + "0" * 32 + path).status_code == 404


def test_priced_it_can_be_taken_away_and_nothing_runs_in_a_spreadsheet(client: TestClient) -> None:
    _, address = send(client, CLAIMS)
    columns = {"on": "LINE_1ST_EXPNS_DT", "hcpcs": "HCPCS_CD", "m1": "HCPCS_1ST_MDFR_CD", "claim_id": "CLM_ID"}
    sent = {f"column-{name}": column for name, column in columns.items()}
    sent |= {"form": token(client), "setting-column": "POS", "setting-codes": "21 22", "column-patient": "BENE_ID"}
    assert client.post(f"{address}/price", data=sent, follow_redirects=False).status_code == 303
    again = client.post(f"{address}/price", data=sent)
    while (told := client.get(f"{address}.json").json())["status"] in ("queued", "running"):
        time.sleep(0.05)
    assert told["status"] == "done", told
    assert again.status_code in (200, 422)  # refused while it is being priced
    outcome = told["outcome"]
    # One session of the same patient: 63030 both sides 1.5 x 907.64 first, 63047 second by half: 1361.46 + 547.47
    assert outcome["amount_cents"] == 136146 + 54747 and outcome["by_status"] == {"priced": 2}
    text = client.get(f"{address}/priced.csv").text
    assert "'=1+1" in text and "P1" not in text
    assert client.get(f"{address}/rejects.csv").text == "file,line,field,reason\nclaims.csv,4,on,not a date\n"
    assert "rejected,on: not a date,1,\n" in client.get(f"{address}/summary.csv").text
    assert client.get(f"{address}/summary.xlsx").content.startswith(b"PK")
    assert 'hcpcs = "HCPCS_CD"' in client.get(f"{address}/mapping.toml").text
    assert client.get(f"{address}/priced.parquet").content.startswith(b"PAR1")
    page = client.get(address).text
    assert "$1,908.93 allowed for 2 priced lines of 3." in page
    _, another = send(client, CLAIMS)
    assert "columns that you confirmed for such a file before" in client.get(another).text


@given(data=st.binary(max_size=400).filter(lambda one: not one.startswith(b"PAR1")), name=st.text(max_size=30))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes, name: str) -> None:
    """The reader itself, without a process of its own: it tells a fault or what is in the file, and never breaks."""
    for old in tmp_path.iterdir():
        old.unlink()
    path = tmp_path / "brought"
    path.write_bytes(data)
    told = json.loads(json.dumps(content.main(path, "claims")))
    assert set(told) == {"fault"} or told["columns"]
    assert "/" not in content.shown_name(name) and "\\" not in content.shown_name(name)
