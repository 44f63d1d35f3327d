"""Forms that change something: proof that our own page sent them, and files taken in without trust.

A form carries a token made from a cookie that no other site can read or send (SameSite=Strict), and where the browser
says which site asks (Sec-Fetch-Site) it must be this one. Files go to a private folder as they arrive, up to a limit;
nothing is written before the token was seen, which therefore stands first in the form.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from openrvu.errors import BadInput
from openrvu.state.content import shown_name
from openrvu.web.render import page
from openrvu.web.stateful import state_of

COOKIE = "openrvu_form"
TOKEN = "form"  # noqa: S105  # the name of the field
LONGEST_FIELD, MOST_FIELDS = 64 * 1024, 400
LARGEST_MIB = 4096
REFUSED = "the form was not sent by a page of this server, or is too old: open the page again and send it from there"


@dataclass(frozen=True)
class Brought:
    """A file as it arrived: complete, in a private folder, unread."""

    name: str
    path: Path
    size: int
    sha256: str


@dataclass
class Sent:
    """A form: its fields, and its files."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[Brought] = field(default_factory=list)


def form_page(request: Request, template: str, data: Mapping[str, Any], **more: Any) -> Response:
    """A page with forms that change something: `token` is for their first field, its cookie goes with the page."""
    held = request.cookies.get(COOKIE, "")
    cookie = held if re.fullmatch(r"[0-9a-f]{32}", held) else secrets.token_hex(16)
    made = page(request, template, {**data, "token": _token(request, cookie)}, **more)
    made.headers["Cache-Control"] = "no-store"
    if cookie != held:
        secure = request.url.scheme == "https"
        made.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=secure, path="/")
    return made


def _token(request: Request, cookie: str) -> str:
    return hmac.new(_key_of(state_of(request).home), cookie.encode(), hashlib.sha256).hexdigest()


@cache
def _key_of(home: Path) -> bytes:
    """The key of the tokens, drawn once: a form that was open while the server restarted can still be sent."""
    path = home / "form.key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"form.key.{secrets.token_hex(4)}")
        number = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(secrets.token_bytes(32))
        if path.exists():
            unfinished.unlink()
        else:
            unfinished.replace(path)
    return path.read_bytes()


def check(request: Request, token: str) -> None:
    """Refuse (403) a form that our own page did not send."""
    cookie = request.cookies.get(COOKIE, "")
    site = request.headers.get("sec-fetch-site", "same-origin")
    wanted = _token(request, cookie) if cookie else ""
    if site != "same-origin" or not wanted or not hmac.compare_digest(token.encode(), wanted.encode()):
        raise HTTPException(403, REFUSED)


async def fields_of(request: Request) -> dict[str, str]:
    """The fields of a plain form, as a dependency of a route. Raises HTTPException 403, 413 or 422."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FIELD * 4:
            raise HTTPException(413, "the form is too large")
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(422, "the form cannot be read") from None
    found = dict(pairs)
    check(request, found.get(TOKEN, ""))
    return {name: value.strip() for name, value in found.items()}


def largest() -> int:
    """Bytes of the largest file that is taken in: OPENRVU_UPLOAD_MIB, else 4 GiB. Raises BadInput."""
    asked = os.environ.get("OPENRVU_UPLOAD_MIB") or str(LARGEST_MIB)
    try:
        return int(float(asked) * 2**20)
    except ValueError:
        raise BadInput(f"OPENRVU_UPLOAD_MIB is {asked!r}, which is no number", fix="Give MiB, as in 4096") from None


class _Reader:
    """Takes a multipart body apart as it comes: small fields to memory, files to disk."""

    def __init__(self, request: Request, new_folder: Callable[[], Path], most_files: int) -> None:
        self.request, self.new_folder, self.most_files = request, new_folder, most_files
        self.sent, self.largest = Sent(), largest()
        self.folder: Path | None = None
        self._header, self._value, self._name, self._file_name = b"", b"", "", ""
        self._data = b""
        self._out: IO[bytes] | None = None
        self._digest, self._size = hashlib.sha256(), 0

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._grow("_header", data[start:end]),
            "on_header_value": lambda data, start, end: self._grow("_value", data[start:end]),
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_end,
            "on_part_data": lambda data, start, end: self._take(data[start:end]),
            "on_part_end": self._end,
        }

    def _grow(self, name: str, data: bytes) -> None:
        setattr(self, name, getattr(self, name) + data)

    def _begin(self) -> None:
        self._header, self._value, self._name, self._file_name, self._data = b"", b"", "", "", b""

    def _header_ends(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            self._name = options.get(b"name", b"").decode("utf-8", "replace")
            self._file_name = options.get(b"filename", b"").decode("utf-8", "replace")
        self._header = self._value = b""

    def _headers_end(self) -> None:
        if not self._file_name:
            if len(self.sent.fields) >= MOST_FIELDS:
                raise HTTPException(413, "the form has too many fields")
            return
        check(self.request, self.sent.fields.get(TOKEN, ""))
        if len(self.sent.files) >= self.most_files:
            raise HTTPException(413, f"at most {self.most_files} files can be brought at a time")
        self.folder = self.folder or self.new_folder()
        self._digest, self._size = hashlib.sha256(), 0
        path = self.folder / f"brought-{len(self.sent.files)}"
        self._out = path.open("xb")

    def _take(self, data: bytes) -> None:
        if self._out is None:
            if len(self._data) + len(data) > LONGEST_FIELD:
                raise HTTPException(413, "a field of the form is too long")
            self._data += data
            return
        self._size += len(data)
        if self._size > self.largest:
            raise HTTPException(413, f"the file is larger than {self.largest / 2**20:,.0f} MiB")
        self._digest.update(data)
        self._out.write(data)

    def _end(self) -> None:
        if self._out is None:
            if not self._file_name:
                self.sent.fields[self._name] = self._data.decode("utf-8", "replace").strip()
            return
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()
        path = Path(self._out.name)
        self._out = None
        self.sent.files.append(Brought(shown_name(self._file_name), path, self._size, self._digest.hexdigest()))

    def close(self) -> None:
        if self._out is not None:
            self._out.close()


async def receive(request: Request, new_folder: Callable[[], Path], most_files: int = 1) -> Sent:
    """A form with files, taken in as it comes. new_folder: makes the private folder, once a file begins.

    Raises HTTPException 403 (not our page), 413 (too large), 422 (no such form); the caller then removes the folder.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise HTTPException(422, "a file must be sent by the form of the page")
    reader = _Reader(request, new_folder, most_files)
    try:
        parser = MultipartParser(options[b"boundary"], reader.callbacks())
        async for part in request.stream():
            parser.write(part)
        parser.finalize()
    except FormParserError:
        raise HTTPException(422, "the form cannot be read") from None
    except ClientDisconnect:
        raise HTTPException(422, "the upload was broken off") from None
    except OSError as fault:
        raise HTTPException(507, f"the file cannot be kept: {fault.strerror}") from None
    finally:
        reader.close()
    check(request, reader.sent.fields.get(TOKEN, ""))
    return reader.sent
