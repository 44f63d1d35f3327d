"""FHIR resources from files: NDJSON a line at a time, a single resource or a Bundle whole, if it is small enough.

What a claim refers to (places, organizations, roles) is looked through first and kept as a ZIP code, an NPI or a
taxonomy code by reference, nothing else. Of NDJSON that may stand in another file of the same folder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeAlias

# The most bytes of one JSON document or one line: it is in memory as a whole, several times its size.
LARGEST = 64 << 20
TO_NDJSON = "jq -c '.entry[].resource' bundle.json > claims.ndjson"
TAXONOMY = ("http://nucc.org/provider-taxonomy", "urn:oid:2.16.840.1.113883.6.101")
NPI = ("http://hl7.org/fhir/sid/us-npi", "urn:oid:2.16.840.1.113883.4.6")
_KIND = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]+)"')
_LAST = re.compile(r"([A-Za-z]+/[A-Za-z0-9.\-]{1,64})(?:/_history/[^/]*)?$")

Open: TypeAlias = Callable[[Path], AbstractContextManager[IO[bytes]]]


class Unreadable(Exception):
    """Why a document or a line is no resource, without any value."""


@dataclass
class Referred:
    """By reference (`Location/1`, a fullUrl, `#inside`): ZIP code, NPI, taxonomy code."""

    zips: dict[str, str] = field(default_factory=dict)
    npis: dict[str, str] = field(default_factory=dict)
    taxonomies: dict[str, str] = field(default_factory=dict)

    def note(self, resource: Mapping[str, Any], url: str = "") -> None:
        """Keep what a resource is referred to for; any other resource is passed over."""
        kind, own = text(resource, "resourceType"), text(resource, "id")
        keys = [key for key in (f"{kind}/{own}" if own else "", reference(url), f"#{own}" if own else "") if key]
        if kind in ("Location", "Organization"):
            address = part(resource, "address") or next(iter(listed(resource, "address")), {})
            found = text(address, "postalCode")
            self.zips |= dict.fromkeys(keys, found) if found else {}
        if kind in ("Organization", "Practitioner"):
            npi = next((text(one, "value") for one in listed(resource, "identifier") if text(one, "system") in NPI), "")
            self.npis |= dict.fromkeys(keys, npi) if npi else {}
        if kind in ("PractitionerRole", "Practitioner"):
            skills = [*listed(resource, "specialty"), *listed(resource, "code")]
            skills += [part(one, "code") for one in listed(resource, "qualification")]
            code = next((found for skill in skills if (found := coded(skill, TAXONOMY))), "")
            self.taxonomies |= dict.fromkeys(keys, code) if code else {}
            practitioner = reference(text(part(resource, "practitioner"), "reference"))
            if code and practitioner:
                self.taxonomies.setdefault(practitioner, code)


def reference(typed: str) -> str:
    """A reference as `Type/id` where it has one, else as it is: relative, absolute, and of a version alike.

    >>> reference("https://example.org/fhir/Location/7/_history/2"), reference("urn:uuid:1"), reference("#a")
    ('Location/7', 'urn:uuid:1', '#a')
    """
    found = _LAST.search(typed)
    return found[1] if found and not typed.startswith(("#", "urn:")) else typed


def text(of: Any, name: str) -> str:
    """A text of a JSON object; numbers as they were written; empty for anything else."""
    found = of.get(name) if isinstance(of, dict) else None
    return found.strip() if isinstance(found, str) else ""


def part(of: Any, name: str) -> dict[str, Any]:
    """An object inside a JSON object; an empty one for anything else."""
    found = of.get(name) if isinstance(of, dict) else None
    return found if isinstance(found, dict) else {}


def listed(of: Any, name: str) -> list[dict[str, Any]]:
    """The objects of a JSON list; empty for anything else."""
    found = of.get(name) if isinstance(of, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def coded(concept: Any, systems: tuple[str, ...] = ()) -> str:
    """The first code of a CodeableConcept: of the systems, or of any where none are given."""
    codings = listed(concept, "coding")
    return next((text(one, "code") for one in codings if not systems or text(one, "system") in systems), "")


def _loaded(body: bytes) -> dict[str, Any]:
    def refused(_: str) -> None:
        raise ValueError

    try:
        found = json.loads(body.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=refused)
    except UnicodeDecodeError:
        raise Unreadable("not UTF-8") from None
    except RecursionError:
        raise Unreadable("nested too deeply") from None
    except ValueError:
        raise Unreadable("no JSON") from None
    if not isinstance(found, dict):
        raise Unreadable("no resource")
    return found


def documents(
    path: Path, opened: Open, passed: Callable[[bytes], bool] = lambda _: False
) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Line and resource of each line of NDJSON, or why it is none; line 0 for a file that is one document.

    It is NDJSON where its first line is a whole resource and another follows, or where its name says so. passed: lines
    that need not be taken apart.
    """
    with opened(path) as file:
        line, number = file.readline(LARGEST + 1), 1
        if not (_named_so(path) or (_is_resource(line) and file.peek(1))):  # type: ignore[attr-defined]
            body = line + file.read(LARGEST + 1 - len(line))
            yield 0, _too_large() if len(body) > LARGEST else _tried(body)
            return
        while line:
            if len(line) > LARGEST:
                while line and not line.endswith(b"\n"):
                    line = file.readline(LARGEST)
                yield number, _too_large()
            elif line.strip() and not passed(line):
                yield number, _tried(line)
            number, line = number + 1, file.readline(LARGEST + 1)


def _named_so(path: Path) -> bool:
    return any(part in path.name.lower() for part in (".ndjson", ".jsonl"))


def _is_resource(line: bytes) -> bool:
    return len(line) <= LARGEST and isinstance(_tried(line), dict)


def _tried(body: bytes) -> dict[str, Any] | str:
    try:
        return _loaded(body)
    except Unreadable as fault:
        return str(fault)


def _too_large() -> str:
    return f"larger than {LARGEST >> 20} million bytes: make NDJSON of it, a resource a line ({TO_NDJSON})"


def unpacked(number: int, resource: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any], str]]:
    """Number, resource and full URL of what a document holds.

    The number is the line of NDJSON; in a file that is one document it is the place in the Bundle.
    """
    if text(resource, "resourceType") != "Bundle":
        yield number or 1, resource, ""
        return
    entries = resource.get("entry")
    for place, entry in enumerate(entries if isinstance(entries, list) else [], start=1):
        inside = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(inside, dict):
            yield number or place, inside, text(entry, "fullUrl")


def look_through(path: Path, opened: Open, referred: Referred) -> None:
    """Note everything in a file that a claim may refer to. Lines that begin as a Claim are not taken apart."""

    def passed(line: bytes) -> bool:
        found = _KIND.search(line)
        return bool(found and found[1] == b"Claim")

    for number, found in documents(path, opened, passed):
        if isinstance(found, dict):
            for _, resource, url in unpacked(number, found):
                referred.note(resource, url)
