"""The design of a survey of paired comparisons: which services, which pairs in which block, and what is shown.

Nothing here was answered by anybody. `openrvu design` proposes one, a form is made from one (REDCap, Qualtrics,
LimeSurvey), and it is kept as a TOML file that a person can read and change.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openrvu.errors import BadFile, BadInput
from openrvu.valuation.services import service

QUESTION = "How does the physician work of the first service compare with that of the second?"
MOST_WORDS = 12
MOST_PAIRS = 20_000

CODES: Mapping[str, int] = {"less": 1, "equal": 2, "greater": 3}

Pair = tuple[int, int]


@dataclass(frozen=True)
class Offered:
    """A service as a respondent sees it.

    service: a code or a bundle, in its one spelling (`22630+22840`). words: our own label of at most twelve words,
    empty for none. vignette: the typical patient, in the words of whoever runs the survey.
    """

    service: str
    words: str = ""
    vignette: str = ""


@dataclass(frozen=True)
class PairDesign:
    """Services and the pairs in which they are compared.

    services: the target first. blocks: each respondent answers one block; a block is its pairs (i, j) in the order in
    which they are shown, indices into services, i on the left. question: asked of each pair, the answer being of the
    left service. ties: whether `equal` is offered.
    """

    services: tuple[Offered, ...]
    blocks: tuple[tuple[Pair, ...], ...]
    question: str = QUESTION
    ties: bool = True

    @property
    def target(self) -> str:
        """The service that the survey is about."""
        return self.services[0].service

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The distinct pairs of all blocks, in the order of first appearance, as first shown."""
        found: dict[frozenset[int], Pair] = {}
        for block in self.blocks:
            for pair in block:
                found.setdefault(frozenset(pair), pair)
        return tuple(found.values())

    @property
    def choices(self) -> tuple[str, ...]:
        """The answers offered, in order. Forms code them 1, 2, 3 by `CODES`, with equal or without."""
        return tuple(CODES) if self.ties else ("less", "greater")


def design(
    services: Sequence[Offered], blocks: Sequence[Sequence[Pair]], question: str = QUESTION, ties: bool = True
) -> PairDesign:
    """A design whose parts fit together. Raises BadInput naming the service or the pair at fault.

    >>> star = design([Offered("62380"), Offered("63047"), Offered("63005")], [[(0, 1), (2, 0)]])
    >>> star.target, star.pairs, star.choices
    ('62380', ((0, 1), (2, 0)), ('less', 'equal', 'greater'))
    """
    named = tuple(Offered(service(one.service).name, one.words.strip(), one.vignette.strip()) for one in services)
    twice = [name for name, count in Counter(one.service for one in named).items() if count > 1]
    if len(named) < 2 or twice:
        raise BadInput(
            f"{twice[0]} is there twice" if twice else f"{len(named)} services",
            where="the design's services",
            fix="Give the target and at least one comparator, each once",
        )
    for one in named:
        if len(one.words.split()) > MOST_WORDS:
            raise BadInput(
                f"{len(one.words.split())} words for {one.service}",
                fix=f"Name a service in at most {MOST_WORDS} words of your own; what is more goes into the vignette",
            )
    for number, block in enumerate(blocks, 1):
        _check_block(block, number, named)
    if not blocks or sum(map(len, blocks)) > MOST_PAIRS:
        raise BadInput(
            f"{sum(map(len, blocks)):,} pairs in {len(blocks)} blocks", fix=f"From 1 to {MOST_PAIRS:,} pairs"
        )
    if not question.strip():
        raise BadInput("no question", where="the design", fix="Say what is compared")
    return PairDesign(named, tuple(tuple((i, j) for i, j in block) for block in blocks), question.strip(), ties)


def _check_block(block: Sequence[Pair], number: int, services: Sequence[Offered]) -> None:
    seen: set[frozenset[int]] = set()
    if not block:
        raise BadInput(f"block {number} is empty", where="the design", fix="Give it a pair, or leave it out")
    for i, j in block:
        if not (0 <= i < len(services) and 0 <= j < len(services)):
            raise BadInput(f"pair ({i}, {j})", where=f"block {number}", exists=f"Services are 0 to {len(services) - 1}")
        names = f"{services[i].service} with {services[j].service}"
        if i == j or frozenset((i, j)) in seen:
            what = "a service is compared with itself" if i == j else "a pair is there twice"
            raise BadInput(f"{what}: {names}", where=f"block {number}", fix="Take the pair out")
        seen.add(frozenset((i, j)))


def star(target: Offered, comparators: Sequence[Offered]) -> PairDesign:
    """The published kind: the target against every comparator, one block.

    >>> star(Offered("62380"), [Offered("63047")]).blocks
    (((0, 1),),)
    """
    return design([target, *comparators], [[(0, i) for i in range(1, len(comparators) + 1)]])


def to_toml(given: PairDesign) -> str:
    """The design as TOML, pairs by code; `from_toml` reads it back alike.

    >>> print(to_toml(star(Offered("62380", "endoscopic decompression"), [Offered("63047")])))
    question = "How does the physician work of the first service compare with that of the second?"
    ties = true
    <BLANKLINE>
    [[service]]
    code = "62380"
    words = "endoscopic decompression"
    <BLANKLINE>
    [[service]]
    code = "63047"
    <BLANKLINE>
    [[block]]
    pairs = [
      ["62380", "63047"],
    ]
    <BLANKLINE>
    """
    lines = [f"question = {_quoted(given.question)}", f"ties = {str(given.ties).lower()}"]
    for one in given.services:
        lines += ["", "[[service]]", f"code = {_quoted(one.service)}"]
        lines += [f"words = {_quoted(one.words)}"] if one.words else []
        lines += [f"vignette = {_quoted(one.vignette)}"] if one.vignette else []
    for block in given.blocks:
        lines += ["", "[[block]]", "pairs = ["]
        lines += [f"  [{_quoted(given.services[i].service)}, {_quoted(given.services[j].service)}]," for i, j in block]
        lines += ["]"]
    return "\n".join(lines) + "\n"


def from_toml(text: str, name: str = "design") -> PairDesign:
    """A design from the text of its TOML file. Raises BadFile for no TOML or a part that lacks, BadInput as `design`.

    >>> given = star(Offered("62380", vignette="A man of 60."), [Offered("63047")])
    >>> from_toml(to_toml(given)) == given
    True
    """
    try:
        held = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise BadFile(f"not TOML: {fault}", where=name, fix="Correct the line") from None
    offered = [
        Offered(_text(one, "code", name), _text(one, "words", name, ""), _text(one, "vignette", name, ""))
        for one in _tables(held, "service", name)
    ]
    places = {service(one.service).name: i for i, one in enumerate(offered)}
    blocks = [[_pair(pair, places, name) for pair in _list(one, name)] for one in _tables(held, "block", name)]
    ties = held.get("ties", True)
    if not isinstance(ties, bool):
        raise BadFile(f"ties = {ties!r}", where=name, exists="Accepted: true, false")
    return design(offered, blocks, _text(held, "question", name, QUESTION), ties)


def read(path: Path) -> PairDesign:
    """A design from a TOML file. Raises BadFile where it cannot be read."""
    try:
        return from_toml(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "not UTF-8"
        raise BadFile("the design cannot be read", where=str(path), exists=why or "", fix="Check the path") from None


def _quoted(text: str) -> str:
    """A TOML basic string. JSON's escapes are a subset of TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _tables(held: dict[str, Any], key: str, name: str) -> list[dict[str, Any]]:
    found = held.get(key, [])
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise BadFile(f"no [[{key}]]", where=name, fix="A design has [[service]] tables and [[block]] tables")
    return found


def _list(block: dict[str, Any], name: str) -> list[Any]:
    pairs = block.get("pairs")
    if not isinstance(pairs, list):
        raise BadFile("a [[block]] without pairs", where=name, fix='pairs = [["62380", "63047"]]')
    return pairs


def _text(table: dict[str, Any], key: str, name: str, default: str | None = None) -> str:
    found = table.get(key, default)
    if not isinstance(found, str):
        raise BadFile(f"{key} = {found!r}", where=name, fix=f"{key} is a text in quotation marks")
    return found


def _pair(pair: Any, places: dict[str, int], name: str) -> Pair:
    if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair)):
        raise BadFile(f"{pair!r} is no pair", where=name, fix='A pair is two codes: ["62380", "63047"]')
    found = [places.get(service(one).name) for one in pair]
    if found[0] is None or found[1] is None:
        absent = pair[0] if found[0] is None else pair[1]
        raise BadFile(f"{absent} is in a pair and is no service", where=name, exists=f"Services: {', '.join(places)}")
    return found[0], found[1]
