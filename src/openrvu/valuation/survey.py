"""A survey of comparisons as the estimators take it: pairs counted, answers by respondent, what was left out and why.

Files are read by `surveydata`. An item is a code or a bundle (`22630+22840`). Missing answers are normal. Whoever gave
one answer throughout is kept, counted and flagged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openrvu.valuation.paired import Pairs

LESS, EQUAL, GREATER, NONE = -1, 0, 1, 9
ACCEPTED = "less, equal, greater (or same, more), or numbers: -1 0 1, or 1 2 3; empty or NA for no answer"


@dataclass(frozen=True)
class Note:
    """One respondent or row and what was done with it. line: where in the file."""

    line: int
    respondent: str
    words: str


@dataclass(frozen=True)
class Origin:
    """The file that answers came from. format: the programme that wrote it. confirmed: whether a mapping said what its
    columns are. left_out: rule -> rows. flagged: kind -> rows kept all the same. left_behind: columns that would tell
    who somebody is, of which nothing was carried on. label: remarks of the file's head, as SIMULATED."""

    format: str
    sha256: str
    confirmed: bool
    rows: int
    left_out: Mapping[str, int]
    flagged: Mapping[str, int]
    left_behind: tuple[str, ...]
    label: str = ""

    def words(self) -> str:
        """All of it in one line.

        >>> Origin("redcap", "", True, 43, {"duplicate": 2}, {}, ("email",)).words()
        'read as redcap by the mapping: 43 rows; left out: duplicate 2; flagged and kept: nobody; left behind: email'
        """

        def counts(of: Mapping[str, int]) -> str:
            return ", ".join(f"{name} {n}" for name, n in of.items() if n) or "nobody"

        how = "by the mapping" if self.confirmed else "as its columns suggest"
        behind = f"; left behind: {', '.join(self.left_behind)}" if self.left_behind else ""
        return (
            f"read as {self.format} {how}: {self.rows} rows; left out: {counts(self.left_out)}; flagged and kept: "
            f"{counts(self.flagged)}{behind}"
        )


@dataclass(frozen=True)
class Report:
    """What was read, left out and flagged. Excluded rows are gone from the answers; flagged ones are in them.

    respondents: those kept, None for counts. incomplete: respondents kept who left something out. origin: the file;
    None for answers that come from none.
    """

    form: str
    rows: int
    respondents: int | None
    excluded: tuple[Note, ...]
    incomplete: tuple[Note, ...]
    straight_lined: tuple[Note, ...]
    duplicates: tuple[Note, ...]
    ignored_columns: tuple[str, ...]
    origin: Origin | None = None


@dataclass(frozen=True)
class Survey:
    """Answers about a target. pairs: counted. answers: (R, M) int8 by respondent and pair, LESS EQUAL GREATER or NONE;
    None for counts. interest: by respondent, None where not recorded. label: remarks of the file's head, as SIMULATED.
    """

    name: str
    target: str
    domain: str
    pairs: Pairs
    answers: NDArray[np.int8] | None
    interest: tuple[bool | None, ...] | None
    report: Report
    label: str

    @property
    def items(self) -> tuple[str, ...]:
        """The services compared, without the target."""
        return tuple(name for name in self.pairs.names if name != self.target)

    @property
    def star(self) -> bool:
        """Whether every pair holds the target."""
        at = self.pairs.names.index(self.target)
        return all(at in pair for pair in zip(self.pairs.left, self.pairs.right, strict=True))

    @property
    def simulated(self) -> bool:
        """Whether the file says of itself that nobody answered it."""
        return "SIMULATED" in self.label.upper()


def counted(names: Sequence[str], left: Sequence[int], right: Sequence[int], answers: NDArray[np.int8]) -> Pairs:
    """Answers of all respondents counted by pair. answers: (R, M) of LESS EQUAL GREATER or NONE, of the left service.

    >>> counted(["62380", "63047"], [0], [1], np.array([[LESS], [LESS], [NONE]], dtype=np.int8)).less
    (2.0,)
    """
    less, equal, greater = (tuple(float(n) for n in (answers == code).sum(axis=0)) for code in (LESS, EQUAL, GREATER))
    return Pairs(tuple(names), tuple(left), tuple(right), less, equal, greater)
