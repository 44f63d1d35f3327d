"""The texts in what a user brings: a plain file, a .gz, or a zip as CMS ships it. Nothing is unpacked to disk."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from openrvu.errors import BadFile
from openrvu.tables import text as texts
from openrvu.tables.text import FETCH_AGAIN, Text

TABLES = (".csv", ".csv.gz", ".txt")


@dataclass(frozen=True)
class Found:
    """One text. names: its own file name, then that of the zip it lay in. alone: not from a zip."""

    text: Text
    names: tuple[str, ...]

    @property
    def alone(self) -> bool:
        return len(self.names) == 1


def contents(path: Path, wanted: tuple[str, ...] = TABLES) -> Iterator[Found]:
    """The texts of a file: itself, or the members of a zip whose names end as wanted.

    Raises BadFile for a zip that is damaged or encrypted, has a member that is too large or a path that leaves it,
    or has no such member.
    """
    if not _is_zip(path):
        yield Found(texts.read_text(path), (path.name,))
        return
    count = 0
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if any(info.filename == "[Content_Types].xml" for info in infos):
                raise BadFile("the file is an Excel workbook", where=path.name, fix="Take the .csv form of the table")
            for info in infos:
                _check_name(info.filename, path.name)
            for info in infos:
                if info.filename.lower().endswith(wanted):
                    count += 1
                    yield _member(archive, info, path.name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as fault:
        raise BadFile(f"the zip is damaged or cut off: {fault}", where=path.name, fix=FETCH_AGAIN) from None
    if not count:
        members = ", ".join(info.filename for info in infos[:8]) or "nothing"
        raise BadFile(
            f"the zip has no file that ends with {' or '.join(wanted)}",
            where=path.name,
            exists=f"It has {members}",
            fix=FETCH_AGAIN,
        )


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"PK"
    except OSError as fault:
        raise BadFile(f"the file cannot be read: {fault.strerror}", where=str(path), fix="Check the path") from None


def _check_name(name: str, archive: str) -> None:
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or ":" in name:
        raise BadFile(
            f"the member {name!r} points outside the zip", where=archive, fix="Do not use this zip; " + FETCH_AGAIN
        )


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, zip_name: str) -> Found:
    name = PurePosixPath(info.filename).name
    with archive.open(info) as file:
        data = file.read(texts.LARGEST + 1)
    if len(data) > texts.LARGEST:
        what = f"the member {name} unpacks to more than {texts.LARGEST // 2**20} MiB"
        raise BadFile(what, where=zip_name, fix=FETCH_AGAIN)
    if data[:2] == b"\x1f\x8b":
        data = texts.unpack(data, name)
    return Found(texts.decode(data, name), (name, zip_name))
