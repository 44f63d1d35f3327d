"""X12 interchanges as segments, with their envelopes checked: any delimiters, any line ends, several in one file.

The delimiters are those of each ISA. Nothing of a segment stands in a fault: it names the segment by its number alone.

Source: ASC X12 005010 and its control standards, as CMS's companion guides describe them (`x12-837p`).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from typing import IO, NamedTuple

ISA_LENGTH = 106
CHUNK = 1 << 16
# No segment of a claim is nearly as long: what is, is another file.
LONGEST = 1 << 20
BLANK = b"\r\n\t \x00\x1a"


# What each end closes and counts; how deep an envelope lies, and where its control number stands.
ENDS = {"IEA": ("ISA", "functional groups"), "GE": ("GS", "transactions"), "SE": ("ST", "segments")}
DEPTH = {"ISA": 0, "GS": 1, "ST": 2}
CONTROL = {"ISA": 13, "GS": 6, "ST": 2}
ENVELOPES = frozenset({*ENDS, *DEPTH})


class Broken(Exception):
    """The file cannot be read on. number: of the segment. what: the fault, without any value."""

    def __init__(self, number: int, what: str) -> None:
        super().__init__(what)
        self.number, self.what = number, what


class Segment(NamedTuple):
    """number: in the file, from 1. parts: tag and elements, as they stand. component: what separates their parts."""

    number: int
    tag: str
    parts: list[bytes]
    component: str

    def at(self, place: int) -> str:
        """An element by its place in the standard, empty where it is left out."""
        return _decoded(self.parts[place]) if place < len(self.parts) else ""

    def composite(self, place: int) -> list[str]:
        """The parts of an element."""
        return [part.strip() for part in self.at(place).split(self.component)]


class _Text:
    """The bytes of a file from where it is read, a chunk at a time."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.held, self.at, self.ended = file, b"", 0, False

    def more(self) -> bool:
        """Read on; what is behind is let go."""
        chunk = b"" if self.ended else self.file.read(CHUNK)
        self.ended = not chunk
        self.held, self.at = self.held[self.at :] + chunk, 0
        return not self.ended

    def skip_blanks(self) -> bool:
        """Go to what is no blank; false at the end of the file."""
        if self.at < len(self.held) and self.held[self.at] not in BLANK:
            return True
        while True:
            while self.at < len(self.held) and self.held[self.at] in BLANK:
                self.at += 1
            if self.at < len(self.held):
                return True
            if not self.more():
                return False

    def head(self) -> bytes:
        """As much as an ISA has, or what is left."""
        while len(self.held) - self.at < ISA_LENGTH and self.more():
            pass
        return self.held[self.at : self.at + ISA_LENGTH]


def segments(file: IO[bytes], tags: Container[str]) -> Iterator[Segment]:
    """The segments of a file, one at a time; those with other tags than these and an envelope's without their elements.

    Raises Broken where it is no X12 or ends in the middle of a segment.
    """
    text, number = _Text(file), 0
    marks: tuple[bytes, bytes, bytes] | None = None
    text.more()
    text.at = 3 if text.held.startswith(b"\xef\xbb\xbf") else 0
    while text.skip_blanks():
        number += 1
        if text.held.startswith(b"ISA", text.at) or marks is None:
            marks = _marks(text.head(), number)
        element, colon, terminator = marks
        component = colon.decode("latin-1")
        while (end := text.held.find(terminator, text.at)) < 0:
            if len(text.held) - text.at > LONGEST:
                raise Broken(number, "a segment does not end within a million characters")
            if not text.more():
                raise Broken(number, "the file ends in the middle of a segment")
        found = text.held[text.at : end]
        text.at = end + 1
        tag = found.partition(element)[0].decode("latin-1").strip()
        yield Segment(number, tag, found.split(element) if tag in tags or tag in ENVELOPES else [], component)
        if tag == "IEA":
            marks = None


def _decoded(part: bytes) -> str:
    try:
        return part.decode("utf-8").strip()
    except UnicodeDecodeError:
        return part.decode("latin-1").strip()


def _marks(head: bytes, number: int) -> tuple[bytes, bytes, bytes]:
    """Separators of elements and of their parts, and what ends a segment, by their places in the ISA."""
    if not head.startswith(b"ISA"):
        raise Broken(number, "no interchange begins here (ISA)")
    if len(head) < ISA_LENGTH:
        raise Broken(number, "the file ends inside the ISA")
    marks = head[3:4], head[104:105], head[105:106]
    if head[:105].count(marks[0]) != 16 or len(set(marks)) != 3 or any(m.isalnum() or m == b" " for m in marks):
        raise Broken(number, "the ISA has not its 16 elements in 106 characters")
    return marks


@dataclass
class Envelope:
    """An envelope that is open. tag: ISA, GS or ST. mark: what was written before it. count: of what it holds."""

    tag: str
    control: str
    number: int
    mark: int
    count: int = 0


@dataclass
class Envelopes:
    """The envelopes that are open, outermost first, and what their owner wants done.

    mark: where what is written stands. take_back(mark, number of the segment, reason): nothing stays of an envelope
    that is not whole. end: called where a transaction ends, however it does. version: of the functional group.
    """

    mark: Callable[[], int]
    take_back: Callable[[int, int, str], None]
    end: Callable[[], None]
    opened: list[Envelope] = field(default_factory=list)
    version: str = ""

    def begin(self, one: Segment) -> None:
        """ISA, GS or ST. Raises Broken where it is in no place for it."""
        depth = DEPTH[one.tag]
        if len(self.opened) > depth:
            self.drop(depth, f"the {one.tag} before the next one has no end")
        if len(self.opened) < depth:
            raise Broken(one.number, f"{one.tag} where no {('ISA', 'GS')[len(self.opened)]} is open")
        if self.opened:
            self.opened[-1].count += 1
        count = 1 if one.tag == "ST" else 0
        self.opened.append(Envelope(one.tag, one.at(CONTROL[one.tag]), one.number, self.mark(), count))
        if one.tag == "GS":
            self.version = one.at(8)

    def close(self, one: Segment) -> None:
        """SE, GE or IEA. Raises Broken where nothing is open that it could end."""
        outer = ENDS[one.tag][0]
        depth = DEPTH[outer]
        if len(self.opened) <= depth:
            raise Broken(one.number, f"{one.tag} where no {outer} is open")
        if len(self.opened) > depth + 1:
            self.drop(depth + 1, f"the {self.opened[depth + 1].tag} has no end")
        if why := _wrong(self.opened[depth], one):
            self.drop(depth, why)
        else:
            self.end()
            self.opened.pop()

    def drop(self, depth: int, reason: str) -> None:
        """Take back an envelope and all in it."""
        self.end()
        self.take_back(self.opened[depth].mark, self.opened[depth].number, reason)
        del self.opened[depth:]

    def stop(self, number: int, reason: str) -> None:
        """The file cannot be read on."""
        if self.opened:
            self.drop(0, f"{reason}: of its interchange nothing can be trusted")
        else:
            self.take_back(self.mark(), number, reason)


def transactions(file: IO[bytes], tags: Container[str], around: Envelopes) -> Iterator[Segment]:
    """Every segment inside a transaction, ST included."""
    try:
        for one in segments(file, tags):
            if len(around.opened) == 3:
                around.opened[-1].count += 1
            if one.tag in DEPTH:
                around.begin(one)
            elif one.tag in ENDS:
                around.close(one)
            if len(around.opened) == 3:
                yield one
    except Broken as fault:
        around.stop(fault.number, f"{fault.what} (segment {fault.number})")
    else:
        if around.opened:
            around.stop(0, f"the file ends before the end of its {around.opened[-1].tag}")


def _wrong(opened: Envelope, closing: Segment) -> str:
    """Why an envelope is not whole, by what its end says of it."""
    what = ENDS[closing.tag][1]
    if closing.at(2).lstrip("0") != opened.control.lstrip("0"):
        return f"{closing.tag}02 is not the control number of the {opened.tag}"
    said = closing.at(1)
    if not (said.isascii() and said.isdecimal()) or int(said[:18]) != opened.count:
        return f"{closing.tag}01 counts other {what} than the {opened.count} that are there"
    return ""
