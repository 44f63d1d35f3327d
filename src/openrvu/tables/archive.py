"""The texts in what a user brings: a plain file, a .gz, a workbook, or a zip as CMS ships it. Nothing is unpacked to
disk."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from openrvu.errors import BadFile
from openrvu.tables import text as texts
from openrvu.tables import workbook
from openrvu.tables.text import FETCH_AGAIN, Text

# The forms that a table comes in, the one that is taken first.
TABLES = (".csv", ".csv.gz", ".txt", ".txt.gz", ".xlsx")


@dataclass(frozen=True)
class Found:
    """One text. names: its own file name, then that of the zip it lay in. alone: all that its file holds.

    sheet: it is one of several sheets of a workbook. other_forms: members of the zip with the same name and another
    ending, which were passed over for it.
    """

    text: Text
    names: tuple[str, ...]
    sheet: bool = False
    other_forms: tuple[str, ...] = ()

    @property
    def alone(self) -> bool:
        return len(self.names) == 1 and not self.sheet


def contents(path: Path, wanted: tuple[str, ...] = TABLES) -> Iterator[Found]:
    """The texts of a file: itself, the sheets of a workbook, or the members of a zip whose names end as wanted.

    Of members with one name and several endings the first form of TABLES is taken: CMS ships each table as .csv, as
    .txt and as a workbook. Raises BadFile for a zip that is damaged or encrypted, has a member that is too large or a
    path that leaves it, or has no such member.
    """
    if not _is_zip(path):
        yield Found(texts.read_text(path), (path.name,))
        return
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            book = any(info.filename == workbook.MARK for info in infos)
            if not book:
                yield from _members(archive, path.name, wanted)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as fault:
        raise BadFile(f"the zip is damaged or cut off: {fault}", where=path.name, fix=FETCH_AGAIN) from None
    if book:
        yield from _sheets(_bytes(path), path.name, (path.name,))


def _members(archive: zipfile.ZipFile, zip_name: str, wanted: tuple[str, ...]) -> Iterator[Found]:
    infos = archive.infolist()
    for info in infos:
        _check_name(info.filename, zip_name)
    chosen = _chosen(infos, wanted)
    left = texts.LARGEST
    for info, others in chosen:
        data = _member(archive, info, zip_name, left)
        left -= len(data)
        name = PurePosixPath(info.filename).name
        names = (name, zip_name)
        if data[:2] == b"\x1f\x8b":
            data = texts.unpack(data, name)
        if data[:2] == b"PK":
            yield from _sheets(data, name, names)
        elif data.strip() or not name.lower().endswith(".txt"):
            yield Found(texts.decode(data, name), names, other_forms=others)
    if not chosen:
        members = ", ".join(info.filename for info in infos[:8]) or "nothing"
        raise BadFile(
            f"the zip has no file that ends with {' or '.join(wanted)}",
            where=zip_name,
            exists=f"It has {members}",
            fix=FETCH_AGAIN,
        )


def _chosen(infos: Sequence[zipfile.ZipInfo], wanted: tuple[str, ...]) -> list[tuple[zipfile.ZipInfo, tuple[str, ...]]]:
    """The members to read, each with the other forms of it that are not."""
    groups: dict[str, list[tuple[int, zipfile.ZipInfo]]] = {}
    for info in infos:
        name = info.filename.lower()
        ending = max((one for one in TABLES if name.endswith(one)), key=len, default="")
        if ending in wanted:
            groups.setdefault(name.removesuffix(ending), []).append((TABLES.index(ending), info))
    found = []
    for group in groups.values():
        ((_, first), *others) = sorted(group, key=lambda pair: pair[0])
        found.append((first, tuple(PurePosixPath(info.filename).name for _, info in others)))
    return found


def _sheets(data: bytes, name: str, names: tuple[str, ...]) -> Iterator[Found]:
    sheets = workbook.sheets(data, name, hashlib.sha256(data).hexdigest())
    for sheet in sheets:
        yield Found(sheet, names, sheet=len(sheets) > 1)


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > texts.LARGEST:
        what = f"the file is larger than {texts.LARGEST // 2**20} MiB"
        raise BadFile(what, where=path.name, fix=FETCH_AGAIN)
    return path.read_bytes()


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


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, zip_name: str, left: int) -> bytes:
    """The bytes of a member, if no more than are left of what a zip may hold."""
    data = b""
    if info.file_size <= left:
        with archive.open(info) as file:
            data = file.read(left + 1)
    if info.file_size > left or len(data) > left:
        name = PurePosixPath(info.filename).name
        what = f"the member {name} unpacks to more than {texts.LARGEST // 2**20} MiB, or all members together do"
        raise BadFile(what, where=zip_name, fix=FETCH_AGAIN)
    return data
