"""A service that a survey asked about: one code, or a bundle of codes, and its work RVU on a release.

>>> bundle = service("22214+63047+22840")
>>> anchors = Anchors("2024B", date(2024, 4, 1), {"22214": 210200, "63047": 153700, "22840": 125200}, {"22840": "ZZZ"})
>>> work(bundle, anchors)
412250
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from openrvu import units
from openrvu.errors import BadInput

ADD_ON = "ZZZ"
BUNDLED = "B"

_PART = re.compile(r"(?:(\d{1,2})\s*[X*]\s*)?([0-9A-Z][0-9]{3}[0-9A-Z])(?:\s*[X*]\s*(\d{1,2}))?", re.ASCII)


@dataclass(frozen=True)
class Service:
    """One code or several done together. codes: (code, units) in the order given; the first stand-alone one leads."""

    codes: tuple[tuple[str, int], ...]

    @property
    def name(self) -> str:
        """The one spelling used everywhere: codes joined by +, units written x2."""
        return "+".join(code if count == 1 else f"{code}x{count}" for code, count in self.codes)


@dataclass(frozen=True)
class Anchors:
    """The known work RVUs of one release, as a valuation takes them.

    release, starts: which release, and the first date of service on which it counts.
    work: code -> work RVU x 10^4. A code that the release lacks is not in it.
    global_days, status: code -> global period and status letter; empty where the release's file has none.
    """

    release: str
    starts: date
    work: Mapping[str, int]
    global_days: Mapping[str, str] = field(default_factory=dict)
    status: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One code's share of a bundle. rvu and counted: work RVU x 10^4 of one unit, and what the bundle counts of all."""

    code: str
    count: int
    rvu: int
    counted: int
    why: str


def service(text: str) -> Service:
    """A service from text: codes joined by +, units as `22614x2`. Raises BadInput naming the part that is no code.

    >>> service("22612 + 22614x2").name
    '22612+22614x2'
    """
    codes: list[tuple[str, int]] = []
    for part in text.strip().upper().split("+"):
        match = _PART.fullmatch(part.strip())
        if match is None or (match[1] and match[3]):
            raise BadInput(
                f"{part.strip()!r} is no code",
                where=f"service {text!r}",
                fix="Write codes of five characters joined by +, units as 22614x2",
            )
        count = int(match[1] or match[3] or 1)
        if not count:
            raise BadInput(
                f"{match[2]} has no units", where=f"service {text!r}", fix="Leave the code out, or give units"
            )
        codes.append((match[2], count))
    return Service(tuple(codes))


def missing(wanted: Service, anchors: Anchors) -> tuple[str, ...]:
    """The codes of the service that the release as held does not have."""
    return tuple(code for code, _ in wanted.codes if code not in anchors.work)


def parts(wanted: Service, anchors: Anchors) -> tuple[Part, ...] | None:
    """What each code adds: first stand-alone 100 %, further stand-alone 50 %, add-ons (ZZZ) 100 %, status B nothing.

    None where the release lacks a code of the bundle. Further units of a stand-alone code count as further codes.
    Source: the rule by which the 0202T study's printed bundle RVUs come out (its eight bundles, to every digit).
    """
    if missing(wanted, anchors):
        return None
    found: list[Part] = []
    led = False
    for code, count in wanted.codes:
        rvu = anchors.work[code]
        if anchors.status.get(code) == BUNDLED:
            found.append(Part(code, count, rvu, 0, "bundled (status B): nothing"))
        elif anchors.global_days.get(code) == ADD_ON:
            found.append(Part(code, count, rvu, rvu * count, "add-on: 100 %"))
        else:
            full = 0 if led else 1
            counted = rvu * full + units.half_up(rvu * (count - full), 2)
            why = "further stand-alone: 50 %" if led else "first stand-alone: 100 %"
            found.append(Part(code, count, rvu, counted, why))
            led = True
    return tuple(found)


def work(wanted: Service, anchors: Anchors) -> int | None:
    """Work RVU x 10^4 of a service on a release, or None where the release lacks one of its codes."""
    found = parts(wanted, anchors)
    return None if found is None else sum(part.counted for part in found)


def with_roles(anchors: Sequence[Anchors]) -> tuple[Anchors, ...]:
    """The same releases, oldest first, each missing global period or status filled from the nearest later release that
    has it, else from the nearest earlier one. The oldest table held has neither; a code's role in a bundle does not
    change with the year, its RVU does, and RVUs are never filled.
    """
    ordered = sorted(anchors, key=lambda held: (held.starts, held.release))
    global_days: list[dict[str, str]] = [dict(held.global_days) for held in ordered]
    status: list[dict[str, str]] = [dict(held.status) for held in ordered]
    for table in (global_days, status):
        for later, earlier in zip(reversed(table), list(reversed(table))[1:], strict=False):
            for code, letter in later.items():
                earlier.setdefault(code, letter)
        for earlier, later in pairwise(table):
            for code, letter in earlier.items():
                later.setdefault(code, letter)
    return tuple(
        Anchors(held.release, held.starts, held.work, days, letters)
        for held, days, letters in zip(ordered, global_days, status, strict=True)
    )
