"""One file over HTTP that can be trusted: resumed where it broke off, never mixed of two versions, never a page.

What a server says of sizes is compared with what comes; a server that stalls, loops, sends elsewhere or lies is left
with a message. The standard proxy variables are honoured.
"""

from __future__ import annotations

import hashlib
import json
import re
import ssl
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from openrvu import __version__
from openrvu.errors import BadFile, OpenRVUError, Unavailable

# CMS's zips are below 10 MB; what is far larger is not one of them.
LARGEST = 256 * 1024 * 1024
MOST_REDIRECTS = 5
AGAIN = "Try later: what has come is kept, and the download goes on from there"
BY_HAND = "Download the zip with a browser and `openrvu load FILE`"

Meter = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Patience:
    """How long to wait. timeout: seconds without a byte. slowest: bytes a second, over a window of seconds. tries: in
    all. wait: seconds before the second try, doubled each time up to longest."""

    timeout: float = 30.0
    slowest: int = 1024
    window: float = 60.0
    tries: int = 6
    wait: float = 2.0
    longest: float = 60.0


PATIENT = Patience()


@dataclass(frozen=True)
class Downloaded:
    """A whole zip on the disk. resumed: part of it was here from an earlier try."""

    url: str
    bytes: int
    sha256: str
    etag: str
    last_modified: str
    resumed: bool


@dataclass(frozen=True)
class _State:
    """What the server said of the file whose part is held; a part of another version is never continued."""

    url: str
    etag: str = ""
    last_modified: str = ""
    total: int | None = None

    @property
    def validator(self) -> str:
        """What If-Range may carry: a strong ETag, else the date."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified


class Gone(Exception):
    """Nothing is at the address."""


class _Broken(Exception):
    """This try failed in a way that another may not. after: seconds that the server asks to wait."""

    def __init__(self, why: str, after: float = 0.0) -> None:
        self.why, self.after = why, after
        super().__init__(why)


class _SameHost(HTTPRedirectHandler):
    """urllib's own, but for the same scheme and host only."""

    max_redirections = MOST_REDIRECTS

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if (old.scheme, old.netloc.lower()) != (new.scheme, new.netloc.lower()):
            fp.close()
            what = f"the site sends elsewhere, to {new.scheme}://{new.netloc}, which is not followed"
            raise Unavailable(what, where=req.full_url, fix=BY_HAND)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(
    url: str,
    path: Path,
    *,
    say: Callable[[str], None] = lambda _: None,
    meter: Meter | None = None,
    patience: Patience = PATIENT,
) -> Downloaded:
    """The zip at an address, written to path once it is whole. Its part lies beside it under the name `.part`.

    Raises Gone where nothing is there, Unavailable where the network or the disk fails, BadFile for what is no zip.
    """
    part = path.with_name(path.name + ".part")
    had = _held(part, url)
    for attempt in range(patience.tries):
        try:
            state = _attempt(url, part, meter, patience)
            _check_zip(part, resumed=had or attempt > 0)
            sha256, size = _sha256(part), _size(part)
            part.replace(path)
            _forget(part)
            return Downloaded(url, size, sha256, state.etag, state.last_modified, had)
        except _Broken as fault:
            if attempt + 1 == patience.tries:
                what = f"the download broke off {patience.tries} times, at last: {fault.why}"
                raise Unavailable(what, where=url, exists=f"{_size(part):,} bytes have come", fix=AGAIN) from None
            had = had and _size(part) > 0
            say(f"{fault.why}; trying again with {_size(part):,} bytes held")
            time.sleep(min(max(fault.after, patience.wait * 2**attempt), patience.longest))
    raise AssertionError("the last try returns or raises")


def begun(path: Path) -> str:
    """The address from which a part of this file is held; empty where none is."""
    state = _state(path.with_name(path.name + ".part"))
    return state.url if state else ""


def _state_path(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _state(part: Path) -> _State | None:
    """What is known of the part; None where that is missing or damaged."""
    try:
        return _State(**json.loads(_state_path(part).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _held(part: Path, url: str) -> bool:
    """Whether a part is held that may be continued; one that may not is removed."""
    state = _state(part)
    if state and state.url == url and state.validator and 0 < _size(part) <= (state.total or LARGEST):
        return True
    _forget(part)
    return False


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _state_path(part).unlink(missing_ok=True)


def _attempt(url: str, part: Path, meter: Meter | None, patience: Patience) -> _State:
    """One try: ask for what is lacking and write it down as it comes. Raises _Broken where another try may help."""
    held = _size(part) if _held(part, url) else 0
    state = _state(part)
    if state and held and held == state.total:
        return state
    headers = {"User-Agent": f"openrvu/{__version__}", "Accept-Encoding": "identity"}
    if state and held:
        headers |= {"Range": f"bytes={held}-", "If-Range": state.validator}
    try:
        with build_opener(_SameHost()).open(Request(url, headers=headers), timeout=patience.timeout) as response:  # noqa: S310
            start, now = _agreed(url, response, held, state)
            _receive(response, part, start, now, meter, patience)
            return now
    except HTTPError as fault:
        with fault:
            raise _refused(fault, part, url) from None
    except URLError as fault:
        raise _unreachable(fault.reason, url) from None
    except (HTTPException, OSError) as fault:
        raise _Broken(_words(fault)) from None


def _words(fault: BaseException | str) -> str:
    if isinstance(fault, TimeoutError):
        return "nothing came for too long"
    return f"the connection broke: {fault or type(fault).__name__}"


def _unreachable(reason: BaseException | str, url: str) -> Exception:
    if isinstance(reason, ssl.SSLCertVerificationError):
        what = f"the site's certificate is not trusted: {reason.verify_message}"
        return Unavailable(what, where=url, fix="Set SSL_CERT_FILE to your organisation's certificates, or " + BY_HAND)
    return _Broken(_words(reason) if not isinstance(reason, OSError) else f"no connection: {reason.strerror or reason}")


def _refused(fault: HTTPError, part: Path, url: str) -> Exception:
    """What an answer other than success means."""
    if fault.code in (404, 410):
        return Gone()
    if fault.code == 416:
        _forget(part)
        return _Broken("the server has no such part of the file")
    if fault.code in (408, 425, 429, 500, 502, 503, 504):
        after = fault.headers.get("Retry-After", "")
        return _Broken(f"the server answered {fault.code}", float(after) if after.isdecimal() else 0.0)
    if 300 <= fault.code < 400:
        what = "the site's redirects lead nowhere: in a circle, or to what is no web address"
        return Unavailable(what, where=url, fix=BY_HAND)
    return Unavailable(f"the site refuses the download with {fault.code} {fault.reason}", where=url, fix=BY_HAND)


def _agreed(url: str, response: HTTPResponse, held: int, state: _State | None) -> tuple[int, _State]:
    """Where the body begins, -1 where it is no longer the file that was begun, and what the server says of it.

    Raises BadFile for a page, Unavailable for an answer that is no file."""
    header = {key: response.headers.get(key, "").strip() for key in ("ETag", "Last-Modified", "Content-Length")}
    kind = response.headers.get_content_type()
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise Unavailable("the server packs the zip once more, which was not asked for", where=url, fix=BY_HAND)
    if kind in ("text/html", "application/xhtml+xml"):
        raise _page(url)
    length = int(header["Content-Length"]) if header["Content-Length"].isdecimal() else None
    now = _State(url, header["ETag"], header["Last-Modified"], length)
    if response.status == 200:
        return 0, _bounded(now)
    span = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("Content-Range", ""))
    if response.status != 206 or not span or not state:
        raise Unavailable(f"the server answered {response.status}, which is no file", where=url, fix=BY_HAND)
    total = None if span[3] == "*" else int(span[3])
    same = (now.etag or state.etag) == state.etag and (now.last_modified or state.last_modified) == state.last_modified
    if int(span[1]) != held or not same or (total and state.total and total != state.total):
        return -1, now
    return held, _bounded(_State(url, state.etag, state.last_modified, total or state.total))


def _bounded(state: _State) -> _State:
    if state.total is not None and state.total > LARGEST:
        raise BadFile(f"the server announces {state.total:,} bytes, and no zip of CMS is so large", where=state.url)
    return state


def _page(url: str) -> BadFile:
    return BadFile(
        "a page came in place of the zip",
        where=url,
        exists="CMS shows a page where its terms are to be accepted on the site itself",
        fix=BY_HAND,
    )


def _receive(
    response: HTTPResponse, part: Path, start: int, state: _State, meter: Meter | None, patience: Patience
) -> None:
    """Append the body to the part, or begin it anew, and compare its size with the one announced."""
    if start < 0:
        _forget(part)
        raise _Broken("the file at CMS is no longer the one that was begun")
    body = _Pace(response, patience)
    first = b""
    if start == 0:
        while len(first) < 4 and (more := body.read()):
            first += more
        if first and first[:4] != b"PK\x03\x04":
            if first.lstrip()[:1] == b"<":
                raise _page(state.url)
            raise BadFile("what came is no zip", where=state.url, exists=f"It begins with {first[:8]!r}", fix=BY_HAND)
    count = start
    try:
        if not start:
            _forget(part)  # before the new state: a part is never taken for one of another file
        _state_path(part).write_text(json.dumps(asdict(state)), encoding="utf-8")
        file = part.open("r+b" if start else "wb")
    except OSError as fault:
        raise _disk(part, fault) from None
    with file:
        file.seek(start)
        while chunk := first or body.read():
            first = b""
            count += len(chunk)
            if count > LARGEST:
                raise BadFile(f"more than {LARGEST:,} bytes came, and no zip of CMS is so large", where=state.url)
            try:
                file.write(chunk)
                file.flush()
            except OSError as fault:
                raise _disk(part, fault) from None
            if meter:
                meter(count, state.total)
    if state.total is not None and count != state.total:
        raise _Broken(f"{count:,} of {state.total:,} bytes came")


def _disk(part: Path, fault: OSError) -> Unavailable:
    what = f"the download cannot be written: {fault.strerror}"
    return Unavailable(what, where=str(part), fix="Make room, or set OPENRVU_HOME")


class _Pace:
    """Reads a body as it comes and gives up on one that trickles."""

    def __init__(self, response: HTTPResponse, patience: Patience) -> None:
        self.response, self.patience = response, patience
        self.began, self.count = time.monotonic(), 0

    def read(self) -> bytes:
        """What has come, at most 64 KiB; empty at the end."""
        chunk = self.response.read1(65536)
        self.count += len(chunk)
        spent = time.monotonic() - self.began
        if chunk and spent > self.patience.window:
            if self.count < self.patience.slowest * spent:
                raise _Broken(f"only {self.count:,} bytes came in {spent:.0f} seconds")
            self.began, self.count = time.monotonic(), 0
        return chunk


def _check_zip(part: Path, resumed: bool) -> None:
    """Read the zip to its end, every checksum. A bad one is not continued; one that was resumed is begun anew."""
    what = ""
    try:
        with zipfile.ZipFile(part) as archive:
            if sum(info.file_size for info in archive.infolist()) > 4 * LARGEST:
                raise BadFile("the zip unpacks to far more than a release has", where=part.name, fix=BY_HAND)
            if (bad := archive.testzip()) is not None:
                what = f"its member {bad} has a wrong checksum"
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as fault:
        what = str(fault)
    except OpenRVUError:
        _forget(part)
        raise
    if what:
        size = _size(part)
        _forget(part)
        if resumed:
            raise _Broken(f"the resumed zip is damaged ({what})")
        fix = "Run it again; " + BY_HAND[0].lower() + BY_HAND[1:] + " if it stays so"
        raise BadFile(f"the zip is damaged or cut off: {what}", where=part.name, exists=f"{size:,} bytes came", fix=fix)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
