"""`openrvu fetch` against a server on this machine with CMS's shapes that breaks off, stalls, and lies about sizes."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from openrvu import holdings
from openrvu.cli import main
from openrvu.errors import BadFile, BadInput, NotHeld, OpenRVUError, Unavailable
from openrvu.facts import embedded
from openrvu.files import facts_folder, read_csv
from openrvu.tables import download as downloading
from openrvu.tables.download import Patience
from openrvu.tables.fetch import Fetched, Notice, addresses, fetch, notice

ROOT = Path(__file__).parents[2]
QUICK = Patience(timeout=0.3, tries=4, wait=0.0, longest=0.0)
ETAG, DATED = '"6a1-first"', "Fri, 01 May 2026 10:00:00 GMT"

HEAD = (
    "hcpcs,mod,description,status_code,not_used_for_medicare_payment,work_rvu,non_fac_pe_rvu,non_fac_indicator,"
    "facility_pe_rvu,facility_indicator,mp_rvu,non_facility_total,facility_total,pctc_ind,glob_days,pre_op,intra_op,"
    "post_op,mult_proc,bilat_surg,asst_surg,co_surg,team_surg,endo_base,conv_factor,"
    "physician_supervision_of_diagnostic_procedures,calculation_flag,diagnostic_imaging_family_indicator,"
    "non_facility_pe_used_for_opps_payment_amount,facility_pe_used_for_opps_payment_amount,mp_used_for_opps_payment_amount"
)


def rvu_zip(work: str = "") -> bytes:
    """A zip in CMS's shape: relative values (those embedded of July 2026 under an April name), GPCIs, a layout, noise.

    work: the work RVU of 63047, where another version is wanted.
    """
    lines = [HEAD]
    for row in read_csv(facts_folder() / "rvu" / "2026C.csv"):
        value = work if work and row["hcpcs"] == "63047" else row["work_rvu"]
        figures = (row["pe_nonfacility_rvu"], row["na_nonfacility"], row["pe_facility_rvu"], row["na_facility"])
        cells = [row["hcpcs"], row["modifier"], "", row["status"], "", value, *figures, row["mp_rvu"], "", ""]
        cells += [row["pctc"], row["global_days"], "", "", "", row["multiple"], row["bilateral"], row["assistant"]]
        cells += [row["cosurgeon"], row["team"], "", "33.4009", "", "0", "99", "", "", ""]
        lines.append(",".join(cells))
    gpci = ["MAC,State,Locality Number,Locality Name,2026 PW GPCI (with 1.0 Floor),2026 PE GPCI,2026 MP GPCI"]
    for place in embedded().localities("2026C").values():
        three = [f"{value / 1000:.3f}" for value in (place.work_gpci, place.pe_gpci, place.mp_gpci)]
        gpci.append(",".join([place.mac, place.state, place.number, f'"{place.name}"', *three]))
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("PPRRVU_Apr_nonQPP.csv", "\r\n".join([*lines, ""]))
        archive.writestr("GPCI.csv", "\n".join([*gpci, ""]))
        archive.writestr("RVU26B.pdf", os.urandom(40_000))
    return body.getvalue()


ZIP = rvu_zip()


class Site:
    """A server on this machine. steps: what the next requests get, in turn; then the file, parts of it when asked."""

    def __init__(self) -> None:
        self.body, self.etag, self.dated = ZIP, ETAG, DATED
        self.steps: list[Callable[[BaseHTTPRequestHandler], None]] = []
        self.seen: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.seen.append((self.path, dict(self.headers)))
                self.close_connection = True
                with contextlib.suppress(OSError):
                    (site.steps.pop(0) if site.steps else site.whole)(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def base(self) -> str:
        return self.host + "/files/zip/{name}.zip"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def head(self, to: BaseHTTPRequestHandler, status: int, length: int | str | None, **more: str) -> None:
        to.send_response(status)
        fields = {"ETag": self.etag, "Last-Modified": self.dated, "Content-Type": "application/zip"}
        for key, value in {**fields, **{name.replace("_", "-"): text for name, text in more.items()}}.items():
            if value:
                to.send_header(key, value)
        if length is not None:
            to.send_header("Content-Length", str(length))
        to.send_header("Connection", "close")
        to.end_headers()

    def whole(self, to: BaseHTTPRequestHandler) -> None:
        """As a good server does."""
        asked, allowed = to.headers.get("Range"), to.headers.get("If-Range")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and allowed in (self.etag, self.dated) else 0
        part = self.body[start:]
        if start:
            span = f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"
            self.head(to, 206, len(part), Content_Range=span)
        else:
            self.head(to, 200, len(part))
        to.wfile.write(part)

    def until(self, count: int) -> Callable[[BaseHTTPRequestHandler], None]:
        """Break off after so many bytes of the whole."""

        def step(to: BaseHTTPRequestHandler) -> None:
            self.head(to, 200, len(self.body))
            to.wfile.write(self.body[:count])

        return step

    def said(self, status: int, body: bytes = b"", **fields: str) -> Callable[[BaseHTTPRequestHandler], None]:
        def step(to: BaseHTTPRequestHandler) -> None:
            self.head(to, status, len(body), **fields)
            to.wfile.write(body)

        return step


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    made = Site()
    yield made
    made.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "store"


def get(site: Site, home: Path, **more: object) -> Fetched:
    arguments = {"ask": lambda _: True, "home": home, "base": site.base, "patience": QUICK, **more}
    return fetch("2026D", **arguments)  # type: ignore[arg-type]


def downloads(home: Path) -> set[str]:
    return {path.name for path in (home / "downloads").iterdir()} - {"lock"}


def parts_asked(site: Site) -> list[str]:
    return [headers.get("Range", "") for _, headers in site.seen]


def test_a_release_is_fetched_checked_recorded_and_loaded(site: Site, home: Path) -> None:
    said: list[str] = []
    metered: list[tuple[int, int | None]] = []
    done = get(site, home, progress=said.append, meter=lambda held, expected: metered.append((held, expected)))
    digest = sha256(ZIP).hexdigest()
    assert (done.release, done.bytes, done.sha256, done.resumed) == ("2026D", len(ZIP), digest, False)
    assert [(item.release, item.rows) for item in done.loaded] == [("2026D", 191), ("2026D", 109)]
    assert [path for path, _ in site.seen] == ["/files/zip/rvu26d.zip"]
    row = holdings.current(home).record("63047", "", "2026D")
    ours = embedded().record("63047", "", "2026C")
    assert row is not None and ours is not None and row.work_rvu == ours.work_rvu
    assert downloads(home) == {"rvu26d.json"}  # the zip itself has descriptors and is not kept
    record = json.loads((home / "downloads/rvu26d.json").read_text())
    assert (record["sha256"], record["etag"], record["bytes"]) == (digest, ETAG, len(ZIP))
    assert metered[-1] == (len(ZIP), len(ZIP)) and any(digest in text for text in said)


def test_an_acceptance_is_recorded_with_date_release_and_version_of_the_notice(site: Site, home: Path) -> None:
    shown: list[Notice] = []

    def ask(asked: Notice) -> bool:
        shown.append(asked)
        return True

    get(site, home, ask=ask)
    get(site, home, ask=ask)
    assert shown == [notice(), notice()]  # an earlier acceptance, or a file that looks like one, skips nothing
    accepted = json.loads((home / "acceptance.json").read_text())["accepted"]
    assert [(one["release"], one["notice"]) for one in accepted] == [("2026D", notice().version)] * 2
    assert all(one["accepted_at"].endswith("+00:00") for one in accepted)


def test_what_is_not_accepted_is_not_downloaded(site: Site, home: Path) -> None:
    with pytest.raises(BadInput, match="not accepted, and nothing was downloaded"):
        get(site, home, ask=lambda _: False)
    assert not site.seen and not home.exists()


@pytest.mark.parametrize("release", ["2026E", "lumbar", "2019", "", "26"])
def test_what_is_no_release_is_refused_before_any_question(home: Path, release: str) -> None:
    with pytest.raises(BadInput):
        fetch(release, ask=lambda _: pytest.fail("was asked"), home=home)
    assert not home.exists()


def test_a_download_that_breaks_off_goes_on_where_it_was(site: Site, home: Path) -> None:
    site.steps = [site.until(1_000), site.until(0)]
    done = get(site, home)
    assert done.sha256 == sha256(ZIP).hexdigest()
    assert parts_asked(site) == ["", "bytes=1000-", ""]  # the second began anew, and had nothing
    assert site.seen[1][1]["If-Range"] == ETAG


def test_the_next_run_goes_on_where_this_one_ended(site: Site, home: Path) -> None:
    site.steps = [site.until(2_000), *[site.said(503)] * 3]
    with pytest.raises(Unavailable, match=r"broke off 4 times, at last: the server answered 503.*2,000 bytes.*goes on"):
        get(site, home)
    assert downloads(home) == {"rvu26d.zip.part", "rvu26d.zip.part.json"}
    done = get(site, home)
    assert done.resumed and done.sha256 == sha256(ZIP).hexdigest()
    assert parts_asked(site)[-1] == "bytes=2000-"


def test_a_part_of_another_version_is_never_continued(site: Site, home: Path) -> None:
    site.steps = [site.until(2_000), *[site.said(500)] * 3]
    with pytest.raises(Unavailable):
        get(site, home)
    site.body, site.etag, site.dated = rvu_zip(work="14.00"), '"second"', "Sat, 02 May 2026 10:00:00 GMT"
    assert get(site, home).sha256 == sha256(site.body).hexdigest()
    row = holdings.current(home).record("63047", "", "2026D")
    assert row is not None and row.work_rvu == 140_000


def test_a_server_that_sends_a_part_of_another_version_is_not_believed(site: Site, home: Path) -> None:
    other = rvu_zip(work="14.00")

    def mixed(to: BaseHTTPRequestHandler) -> None:
        span = f"bytes 1000-{len(other) - 1}/{len(other)}"
        site.head(to, 206, len(other) - 1000, ETag='"second"', Content_Range=span)
        to.wfile.write(other[1000:])

    site.steps = [site.until(1_000), mixed]
    assert get(site, home).sha256 == sha256(ZIP).hexdigest()
    assert parts_asked(site) == ["", "bytes=1000-", ""]


def test_a_part_that_does_not_fit_under_the_same_name_is_found_by_its_checksums(site: Site, home: Path) -> None:
    def wrong(to: BaseHTTPRequestHandler) -> None:
        site.head(to, 206, len(ZIP) - 1000, Content_Range=f"bytes 1000-{len(ZIP) - 1}/{len(ZIP)}")
        to.wfile.write(bytes(len(ZIP) - 1000))

    site.steps = [site.until(1_000), wrong]
    assert get(site, home).sha256 == sha256(ZIP).hexdigest()
    assert parts_asked(site) == ["", "bytes=1000-", ""]


def test_a_server_without_parts_or_without_validators_begins_anew(site: Site, home: Path) -> None:
    site.etag = site.dated = ""
    site.steps = [site.until(1_000)]
    assert get(site, home).sha256 == sha256(ZIP).hexdigest()
    assert parts_asked(site) == ["", ""]


def test_a_weak_etag_is_no_ground_to_continue_but_the_date_is(site: Site, home: Path) -> None:
    site.etag = 'W/"weak"'
    site.steps = [site.until(1_000)]
    get(site, home)
    assert site.seen[1][1]["If-Range"] == DATED


def test_a_part_that_the_server_does_not_have_is_begun_anew(site: Site, home: Path) -> None:
    site.steps = [site.until(1_000), site.said(416)]
    assert get(site, home).sha256 == sha256(ZIP).hexdigest()


def test_a_stalling_server_is_left_and_asked_again(site: Site, home: Path) -> None:
    gate = threading.Event()

    def stall(to: BaseHTTPRequestHandler) -> None:
        site.head(to, 200, len(ZIP))
        to.wfile.write(ZIP[:1_000])
        to.wfile.flush()
        gate.wait(5)

    site.steps = [stall]
    said: list[str] = []
    began = time.monotonic()
    try:
        assert get(site, home, progress=said.append).bytes == len(ZIP)
    finally:
        gate.set()
    assert time.monotonic() - began < 4
    assert any("nothing came for too long; trying again with 1,000 bytes held" in text for text in said)


def test_a_server_that_never_answers_is_left(site: Site, home: Path) -> None:
    gate = threading.Event()

    def silent(to: BaseHTTPRequestHandler) -> None:
        gate.wait(5)

    site.steps = [silent] * 2
    try:
        with pytest.raises(Unavailable, match="nothing came for too long"):
            get(site, home, patience=Patience(timeout=0.2, tries=2, wait=0.0))
    finally:
        gate.set()


def test_a_trickle_is_a_stall(site: Site, home: Path) -> None:
    def trickle(to: BaseHTTPRequestHandler) -> None:
        site.head(to, 200, len(ZIP))
        for at in range(60):
            to.wfile.write(ZIP[at : at + 1])
            to.wfile.flush()
            time.sleep(0.02)

    site.steps = [trickle]
    said: list[str] = []
    get(site, home, progress=said.append, patience=Patience(timeout=1, slowest=1000, window=0.2, tries=2, wait=0.0))
    assert any("bytes came in" in text for text in said)


@pytest.mark.parametrize("told", [len(ZIP) + 500, 10 * len(ZIP)])
def test_a_size_that_is_too_large_is_not_believed(site: Site, home: Path, told: int) -> None:
    def lies(to: BaseHTTPRequestHandler) -> None:
        site.head(to, 200, told)
        to.wfile.write(ZIP)

    site.steps = [lies] * 4
    with pytest.raises(Unavailable, match=rf"{len(ZIP):,} of {told:,} bytes came"):
        get(site, home)
    assert not (home / "manifest.json").exists()


def test_a_size_that_is_too_small_gives_no_zip(site: Site, home: Path) -> None:
    def lies(to: BaseHTTPRequestHandler) -> None:
        site.head(to, 200, 5_000)
        to.wfile.write(ZIP)

    site.steps = [lies]
    with pytest.raises(BadFile, match=r"damaged or cut off.*5,000 bytes came"):
        get(site, home)
    assert downloads(home) == set() and not (home / "manifest.json").exists()
    assert get(site, home).bytes == len(ZIP)


@pytest.mark.parametrize("told", ["many", "-5", ""])
def test_a_size_that_is_no_number_is_left_out(site: Site, home: Path, told: str) -> None:
    def step(to: BaseHTTPRequestHandler) -> None:
        site.head(to, 200, told)
        to.wfile.write(ZIP)

    site.steps = [step]
    assert get(site, home).bytes == len(ZIP)


def test_more_than_any_zip_of_cms_is_not_taken(site: Site, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "LARGEST", 20_000)
    with pytest.raises(BadFile, match=rf"announces {len(ZIP):,} bytes"):
        get(site, home)

    def endless(to: BaseHTTPRequestHandler) -> None:
        site.head(to, 200, None)
        to.wfile.write(ZIP)

    site.steps = [endless]
    with pytest.raises(BadFile, match="more than 20,000 bytes came"):
        get(site, home)


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"<!doctype html><title>License</title>", "text/html; charset=utf-8", "a page came in place of the zip"),
        (b"\n<html>", "application/zip", "a page came in place of the zip"),
        (b"%PDF-1.7 and more", "application/zip", r"what came is no zip.*%PDF"),
        (b"", "application/zip", "damaged or cut off"),
        (b"PK\x03\x04 and nothing that follows", "application/zip", "damaged or cut off"),
    ],
)
def test_what_is_no_zip_is_refused_and_not_kept(site: Site, home: Path, body: bytes, kind: str, words: str) -> None:
    site.steps = [site.said(200, body, Content_Type=kind)]
    with pytest.raises(BadFile, match=words) as fault:
        get(site, home)
    assert "openrvu load FILE" in fault.value.fix
    assert downloads(home) == set() and len(site.seen) == 1


def test_a_zip_with_rot_inside_is_refused(site: Site, home: Path) -> None:
    site.body = ZIP[:3_000] + bytes([ZIP[3_000] ^ 255]) + ZIP[3_001:]
    with pytest.raises(BadFile, match="damaged or cut off"):
        get(site, home)
    assert downloads(home) == set()


def test_packing_that_was_not_asked_for_is_refused(site: Site, home: Path) -> None:
    site.steps = [site.said(200, ZIP, Content_Encoding="gzip")]
    with pytest.raises(Unavailable, match="packs the zip once more"):
        get(site, home)
    assert site.seen[0][1]["Accept-Encoding"] == "identity"


def test_a_redirect_on_the_same_host_is_followed(site: Site, home: Path) -> None:
    site.steps = [site.said(302, Location="/files/zip/rvu26d-0.zip")]
    assert get(site, home).bytes == len(ZIP)
    assert [path for path, _ in site.seen] == ["/files/zip/rvu26d.zip", "/files/zip/rvu26d-0.zip"]


@pytest.mark.parametrize(
    "where", ["http://localhost:9/rvu26d.zip", "https://127.0.0.1/x.zip", "ftp://127.0.0.1/x.zip", "mailto:cms"]
)
def test_a_redirect_to_another_host_is_refused(site: Site, home: Path, where: str) -> None:
    site.steps = [site.said(302, Location=where)]
    with pytest.raises(Unavailable, match=r"sends elsewhere|lead nowhere"):
        get(site, home)
    assert len(site.seen) == 1


def test_a_loop_of_redirects_ends(site: Site, home: Path) -> None:
    site.steps = [site.said(302, Location="/files/zip/rvu26d.zip")] * 20
    with pytest.raises(Unavailable, match="lead nowhere"):
        get(site, home)
    assert len(site.seen) < 12


def test_a_release_that_cms_does_not_have_is_named_with_its_page(site: Site, home: Path) -> None:
    site.steps = [site.said(404)]
    with pytest.raises(NotHeld, match=r"no zip of release 2026D.*cms\.gov/medicare.*openrvu load FILE"):
        get(site, home)


def test_a_zip_that_cms_renamed_is_tried_under_both_names(site: Site, home: Path) -> None:
    assert len(addresses("2026B")) == 2
    site.steps = [site.said(404), site.until(1_000), *[site.said(500)] * 3]
    with pytest.raises(Unavailable):
        fetch("2026B", ask=lambda _: True, home=home, base=site.base, patience=QUICK)
    names = [path.rpartition("/")[2] for path, _ in site.seen]
    assert names[:2] == ["rvu26b-updated-05-01-2026.zip", "rvu26b.zip"]
    done = fetch("2026B", ask=lambda _: True, home=home, base=site.base, patience=QUICK)
    assert done.resumed and site.seen[-1][0].endswith("/rvu26b.zip")


def test_a_refusal_is_not_tried_again(site: Site, home: Path) -> None:
    site.steps = [site.said(403)]
    with pytest.raises(Unavailable, match="refuses the download with 403"):
        get(site, home)
    assert len(site.seen) == 1


def test_no_server_at_all_is_an_answer(home: Path, site: Site) -> None:
    base = site.base
    site.server.server_close()
    with pytest.raises(Unavailable, match=r"broke off 4 times.*no connection"):
        get(site, home, base=base)


def test_a_zip_of_another_release_is_refused_and_stays_for_a_look(site: Site, home: Path) -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("RVU26A_PPRRVU.csv", f"{HEAD}\r\n")
    site.body = body.getvalue()
    with pytest.raises(BadFile) as fault:
        get(site, home)
    assert str(home / "downloads" / "rvu26d.zip") in fault.value.fix
    assert "rvu26d.zip" in downloads(home) and not (home / "manifest.json").exists()


def test_the_standard_proxy_variable_is_honoured(site: Site, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", site.host)
    assert get(site, home, base="http://cms.invalid/files/zip/{name}.zip").bytes == len(ZIP)
    assert site.seen[0][0] == "http://cms.invalid/files/zip/rvu26d.zip"


def test_a_full_disk_is_an_answer(site: Site, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.open

    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    def opened(self: Path, mode: str = "r", *rest: object, **more: object) -> object:
        return Full() if self.suffix == ".part" and mode == "wb" else real(self, mode, *rest, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(Unavailable, match=r"cannot be written: No space left.*OPENRVU_HOME"):
        get(site, home)


def test_a_damaged_state_or_record_is_an_answer(site: Site, home: Path) -> None:
    folder = home / "downloads"
    folder.mkdir(parents=True)
    (folder / "rvu26d.zip.part").write_bytes(b"junk")
    (folder / "rvu26d.zip.part.json").write_text("{")
    assert get(site, home).bytes == len(ZIP)
    (home / "acceptance.json").write_text("[]")
    with pytest.raises(BadFile, match="record of acceptances is damaged"):
        get(site, home)


def test_without_a_terminal_it_refuses_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENRVU_HOME", str(tmp_path / "store"))
    result = CliRunner().invoke(main, ["fetch", "2026B"], input="accept\n")
    assert result.exit_code == 1
    assert "accepted by a person at a terminal" in result.stderr and "openrvu load FILE" in result.stderr
    assert not (tmp_path / "store").exists()


def test_no_option_and_no_variable_accepts() -> None:
    from openrvu.cli.fetching import fetch as command

    assert sorted(name for option in command.params for name in option.opts) == ["--json", "release"]
    for path in ("tables/fetch.py", "tables/download.py", "cli/fetching.py"):
        assert "environ" not in (ROOT / "src/openrvu" / path).read_text(encoding="utf-8")


# The command as a person runs it; only where it looks is told by the test.
TYPED = """
import sys
from openrvu.tables import fetch as fetching
fetching.addresses = lambda release, base="": (sys.argv[1],)
from openrvu.cli import main
main(["fetch", "2026D"])
"""


def at_terminal(site: Site, home: Path, script: str = TYPED) -> tuple[subprocess.Popen[bytes], int]:
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "OPENRVU_HOME": str(home)}
    command = [sys.executable, "-c", script, f"{site.host}/files/zip/rvu26d.zip"]
    child = subprocess.Popen(
        command, env=environment, stdin=slave, stdout=subprocess.PIPE, stderr=slave, start_new_session=True
    )
    os.close(slave)
    return child, master


def heard(master: int, words: str) -> str:
    """What the terminal shows, up to these words or its end."""
    text = ""
    while words not in text or not words:
        try:
            more = os.read(master, 4096)
        except OSError:
            break
        if not more:
            break
        text += more.decode(errors="replace")
    return text


@pytest.mark.parametrize(("answer", "code"), [("accept", 0), ("no", 1), ("", 1), ("y", 1)])
def test_a_person_accepts_at_the_terminal(site: Site, home: Path, answer: str, code: int) -> None:
    child, master = at_terminal(site, home)
    try:
        shown = heard(master, "to accept them:")
        assert notice().terms in shown
        os.write(master, f"{answer}\n".encode())
        rest = heard(master, "")
        assert child.stdout is not None
        out = child.stdout.read().decode()
        child.stdout.close()
        assert child.wait(30) == code, rest
    finally:
        os.close(master)
    if code:
        assert "were not accepted" in rest and not site.seen
    else:
        assert "release 2026D: 191 rows" in out and f"{len(ZIP) / 1e6:.1f} of {len(ZIP) / 1e6:.1f} MB" in rest
        assert (home / "acceptance.json").exists()


@pytest.mark.skipif(not hasattr(signal, "SIGINT") or sys.platform == "win32", reason="no terminal signals here")
def test_an_interrupted_download_keeps_its_part(site: Site, home: Path) -> None:
    gate = threading.Event()

    def stall(to: BaseHTTPRequestHandler) -> None:
        site.head(to, 200, len(ZIP))
        to.wfile.write(ZIP[:9_000])
        to.wfile.flush()
        gate.wait(20)

    site.steps = [stall]
    child, master = at_terminal(site, home)
    try:
        heard(master, "to accept them:")
        os.write(master, b"accept\n")
        part = home / "downloads" / "rvu26d.zip.part"
        for _ in range(200):
            if part.exists() and part.stat().st_size == 9_000:
                break
            time.sleep(0.05)
        child.send_signal(signal.SIGINT)
        text = heard(master, "")
        assert child.wait(10) == 130, text
        assert "Traceback" not in text
    finally:
        gate.set()
        os.close(master)
        if child.stdout is not None:
            child.stdout.close()
    assert part.stat().st_size == 9_000
    done = get(site, home, base=f"{site.host}/files/zip/{{name}}.zip")
    assert done.resumed and parts_asked(site)[-1] == "bytes=9000-"


def test_the_address_is_data_and_says_that_it_is_unconfirmed() -> None:
    from openrvu.files import read_toml

    data = read_toml(facts_folder() / "fetch.toml")
    assert data["settled"] is False and data["base"].startswith("https://www.cms.gov/")
    assert addresses("RVU24A") == ("https://www.cms.gov/files/zip/rvu24a.zip",)
    with pytest.raises(OpenRVUError):
        addresses("2026E")
