"""CMS's zip of a release from CMS's site: terms accepted, the download resumed, checked and hashed, then loaded.

A partial file stays in the store's folder `downloads` for the next try. Where CMS keeps its zips, and the notice, is
data: `facts/fetch.toml`.

>>> addresses("2026D")
('https://www.cms.gov/files/zip/rvu26d.zip',)
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openrvu import releases
from openrvu.errors import BadFile, BadInput, NotHeld, Unavailable
from openrvu.files import facts_folder, read_toml
from openrvu.tables import recognise, store
from openrvu.tables.download import PATIENT, Downloaded, Gone, Meter, Patience, begun, download
from openrvu.tables.load import Loaded, load


@dataclass(frozen=True)
class Notice:
    """What is asked before a download. terms: where the AMA's own text stands. version: of our notice."""

    version: str
    terms: str
    text: tuple[str, ...]


@dataclass(frozen=True)
class Fetched:
    """What a fetch did. url, bytes, sha256: of the zip as it came. resumed: part of it was here from an earlier try."""

    release: str
    url: str
    bytes: int
    sha256: str
    resumed: bool
    loaded: tuple[Loaded, ...]


def notice() -> Notice:
    """The notice of `facts/fetch.toml`."""
    row = read_toml(facts_folder() / "fetch.toml")["notice"]
    return Notice(row["version"], row["terms"], tuple(row["text"]))


def addresses(release: str, base: str = "") -> tuple[str, ...]:
    """Where the zip of a release may lie, in the order to try. base: another pattern, for tests.

    Raises BadFile for an id that is no release.
    """
    found = releases.published(release)
    data = read_toml(facts_folder() / "fetch.toml")
    own = found.cms_name.lower()
    names = [data["names"][found.id], own] if found.id in data["names"] else [own]
    return tuple((base or data["base"]).format(name=name) for name in names)


def fetch(
    release: str,
    *,
    ask: Callable[[Notice], bool],
    home: Path | None = None,
    base: str = "",
    progress: Callable[[str], None] | None = None,
    meter: Meter | None = None,
    patience: Patience = PATIENT,
) -> Fetched:
    """Download CMS's zip of a release once the terms are accepted, and load it.

    release: as in 2026B. ask: shows the notice to a person and says whether they accept; it is called every time. home:
    the store (default: store.home()). base: another address pattern, for tests. progress: called with a line of text.
    meter: called with bytes held and bytes expected. Raises BadInput where the terms are not accepted, Unavailable
    where the network, the site or the disk fails, NotHeld where CMS has no such zip, BadFile for what is no such zip.
    """
    say = progress or (lambda _: None)
    try:
        found = releases.published(release)
        urls = addresses(found.id, base)
    except BadFile as fault:
        raise BadInput(f"{release!r} is no release", exists=fault.exists, fix="As in 2026B") from None
    if len(found.id) < len("2026B"):
        raise BadInput(f"{found.id} names no quarter", fix=f"As in {found.id}A")
    folder = home or store.home()
    asked = notice()
    if not ask(asked):
        raise BadInput("the terms were not accepted, and nothing was downloaded", exists=f"The terms: {asked.terms}")
    downloads = folder / "downloads"
    with store.locked(downloads):
        _record(folder / "acceptance.json", found.id, asked)
        path = downloads / f"{found.cms_name.lower()}.zip"
        done = _first(urls, path, say, meter, patience, found.id)
        _write(path.with_suffix(".json"), {"release": found.id, **asdict(done), "fetched_at": _now()})
        say(f"{path.name}: {done.bytes:,} bytes, sha256 {done.sha256}")
        try:
            loaded = load(path, say, release="", home=folder)
        except BadFile as fault:
            raise BadFile(fault.what, where=fault.where, exists=fault.exists, fix=f"The zip stays in {path}") from None
        _must_hold(loaded, found.id, path)
        path.unlink()
    return Fetched(found.id, done.url, done.bytes, done.sha256, done.resumed, loaded)


def _must_hold(loaded: tuple[Loaded, ...], release: str, path: Path) -> None:
    held = {item.release for item in loaded if item.kind == recognise.KINDS["pprrvu"]}
    if release not in held:
        what = f"the zip holds no relative values of release {release}"
        raise BadFile(what, where=path.name, exists="What it holds was loaded", fix=f"The zip stays in {path}")


def _first(
    urls: tuple[str, ...], path: Path, say: Callable[[str], None], meter: Meter | None, patience: Patience, release: str
) -> Downloaded:
    """The zip from the first address that has it; the one that a part came from goes before the others."""
    for url in sorted(urls, key=lambda url: url != begun(path)):
        try:
            say(f"downloading {url}")
            return download(url, path, say=say, meter=meter, patience=patience)
        except Gone:
            say(f"nothing is at {url}")
    raise NotHeld(
        f"CMS has no zip of release {release} where it was looked for",
        where=", ".join(urls),
        exists=f"CMS renames zips when it replaces them; its page of each release links the present one: {page()}",
        fix="Download it there and `openrvu load FILE`",
    )


def page() -> str:
    """Where CMS lists its releases, for a download by hand."""
    found: str = read_toml(facts_folder() / "fetch.toml")["page"]
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _record(path: Path, release: str, asked: Notice) -> None:
    """Add this acceptance to those before it."""
    before: list[Any] = []
    if path.exists():
        try:
            before = json.loads(path.read_text(encoding="utf-8"))["accepted"]
        except (ValueError, KeyError, TypeError) as fault:
            raise BadFile(f"the record of acceptances is damaged: {fault}", where=str(path), fix="Move it") from None
    one = {"release": release, "notice": asked.version, "terms": asked.terms, "accepted_at": _now()}
    _write(path, {"accepted": [*before, one]})


def _write(path: Path, data: Any) -> None:
    """A JSON file, whole or not at all."""
    temporary = path.with_suffix(".json.new")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(data, file, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as fault:
        raise Unavailable(f"it cannot be written: {fault.strerror}", where=str(path), fix="Make room") from None
