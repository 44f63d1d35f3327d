"""Where each figure comes from. A fact row names a source id; this module turns the id into a citation.

>>> source("42cfr414.20").citation.startswith("42 CFR 414.20")
True
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from openrvu.errors import OpenRVUError
from openrvu.files import facts_folder, read_toml


@dataclass(frozen=True)
class Source:
    """A document a figure was read in.

    id: the key that fact rows use. citation: enough to find it. url, page, sha256: where they are known.
    note: how it was read (original, extract, secondary table, from memory and to be confirmed).
    """

    id: str
    citation: str
    url: str = ""
    page: str = ""
    sha256: str = ""
    note: str = ""


@cache
def sources() -> Mapping[str, Source]:
    """All sources by id, from every `facts/sources*.toml`."""
    found: dict[str, Source] = {}
    for path in sorted(facts_folder().glob("sources*.toml")):
        for key, row in read_toml(path).items():
            if key in found:
                raise OpenRVUError(f"source {key!r} is written twice", where=path.name, fix="keep one row")
            found[key] = Source(id=key, **row)
    return found


def source(key: str) -> Source:
    """The source with this id. Raises OpenRVUError where no row has it.

    The id of a file that the user loaded carries its citation: loaded/<release>/<file>/<sha256>.
    """
    if key.startswith("loaded/"):
        _, release, name, sha256 = key.split("/")
        which = f"release RVU{release[2:]}" if release[:2] == "20" else release
        citation = f"CMS file {name}, {which}, as loaded on this machine"
        return Source(key, citation, sha256=sha256, note="loaded by the user")
    try:
        return sources()[key]
    except KeyError:
        raise OpenRVUError(
            f"no source has the id {key!r}", where="facts/sources*.toml", fix="add a row with its citation"
        ) from None
