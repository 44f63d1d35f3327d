"""What a file of answers is and how good it looks, before anything is estimated from it; and the mapping to confirm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from openrvu.errors import BadFile
from openrvu.surveydata.data import Excluded, Flag, Funnel, LeftBehind, RuleCount, SurveyData
from openrvu.surveydata.export import recognise
from openrvu.surveydata.mapping import PAIRS, RULES, SurveyMapping, to_toml
from openrvu.surveydata.proposing import Proposal, propose
from openrvu.surveydata.reading import load, of_grid, read

_WORDS = {-1.0: "less", 0.0: "equal", 1.0: "greater"}
_MOST = 12  # distinct answers or labels that are worth a count each
READY = "the mapping as proposed reads the file"


@dataclass(frozen=True)
class Asked:
    """A question and how it was answered. answered: respondents kept who did. given: answer -> how many, where there
    are few kinds."""

    column: str
    left: str
    right: str
    domain: str
    item: str
    answered: int
    given: Mapping[str, int]


@dataclass(frozen=True)
class Checked:
    """A survey as read, without its rows. flag_counts: rule -> rows flagged. attributes: name -> label -> respondents,
    where there are few labels. layout: wide, long or counts. confirmed: whether a mapping was given."""

    name: str
    sha256: str
    format: str
    kind: str
    layout: str
    target: str
    seen: tuple[str, ...]
    label: str
    simulated: bool
    confirmed: bool
    rows: int
    respondents: int | None
    questions: tuple[Asked, ...]
    attributes: Mapping[str, Mapping[str, int]]
    flag_counts: Mapping[str, int]
    flags: tuple[Flag, ...]
    repeated: tuple[Flag, ...]
    excluded: tuple[Excluded, ...]
    rules: tuple[RuleCount, ...]
    funnel: Funnel | None
    left_behind: tuple[LeftBehind, ...]
    ignored: tuple[str, ...]
    notes: tuple[str, ...]


def check(path: Path, mapping: SurveyMapping | Path | None = None, *, target: str = "", kind: str = "") -> Checked:
    """A file looked over. Raises BadFile or BadInput naming line and column."""
    return summary(read(path, mapping, target=target, kind=kind))


def summary(data: SurveyData) -> Checked:
    """A survey as read, counted.

    >>> from openrvu.surveydata.reading import parse
    >>> found = summary(parse(b"id,63047,63005\\nA,less,more\\nA,,same\\n", "x.csv", target="62380"))
    >>> found.flag_counts["duplicate"], found.questions[1].given
    (1, {'equal': 1, 'greater': 1})
    """
    counts = Counter(one.kind for one in data.flags)
    attributes = {name: _few(cells) for name, cells in data.attributes.items()}
    return Checked(
        name=data.name,
        sha256=data.sha256,
        format=data.format,
        kind=data.kind,
        layout=data.mapping.layout,
        target=data.mapping.target,
        seen=data.seen,
        label=data.label,
        simulated=data.simulated,
        confirmed=data.confirmed,
        rows=data.rows,
        respondents=None if data.answers is None else len(data.respondents),
        questions=tuple(_asked(data, i) for i in range(len(data.questions))),
        attributes=attributes,
        flag_counts={name: counts[name] for name in RULES},
        flags=data.flags,
        repeated=data.repeated,
        excluded=data.excluded,
        rules=data.rules,
        funnel=data.funnel,
        left_behind=data.left_behind,
        ignored=data.ignored,
        notes=data.notes,
    )


def _asked(data: SurveyData, at: int) -> Asked:
    one = data.questions[at]
    if data.counts is not None:
        less, equal, greater = (int(n) for n in data.counts[at])
        given = {"less": less, "equal": equal, "greater": greater}
        return Asked(one.column, one.left, one.right, one.domain, one.item, less + equal + greater, given)
    assert data.answers is not None
    told = data.answers[~np.isnan(data.answers[:, at]), at]
    values, times = np.unique(told, return_counts=True)
    words = [_WORDS[float(v)] if data.kind == PAIRS else f"{v:g}" for v in values]
    few = {word: int(n) for word, n in zip(words, times, strict=True)} if len(values) <= _MOST else {}
    return Asked(one.column, one.left, one.right, one.domain, one.item, len(told), few)


def _few(cells: Sequence[str]) -> dict[str, int]:
    counts = Counter(cells)
    return dict(sorted(counts.items())) if len(counts) <= _MOST else {}


@dataclass(frozen=True)
class Mapped:
    """A mapping proposed. toml: the file to look over. unknown: answers whose meaning is to be filled in. notes: what
    was guessed, and what the file looks like under it."""

    name: str
    sha256: str
    toml: str
    mapping: SurveyMapping
    unknown: tuple[str, ...]
    notes: tuple[str, ...]


def propose_mapping(
    path: Path, *, target: str = "", kind: str = "", invited: int | None = None, opened: int | None = None
) -> Mapped:
    """The mapping that a file suggests, as a TOML file to look over. Raises BadFile where nothing fits.

    Nothing is excluded by it: what is flagged is counted in its head, with the rule that would leave it out. A row that
    the programme marks as a preview or a test is nobody's answer, and the one rule proposed.
    """
    found = load(path)
    export = recognise(found)
    proposed = propose(export, target, kind)
    notes = [
        f"How {found.name} is read (SHA-256 {found.sha256[:12]}): {'; '.join((*found.seen, *export.seen))}.",
        "Proposed from the columns: look over every line, then read the file with --mapping.",
        *found.remarks,
        *proposed.notes,
    ]
    made = SurveyMapping(**{**vars(proposed.mapping), "invited": invited, "opened": opened})
    state = READY
    if proposed.unknown:
        shown = ", ".join(repr(one) for one in proposed.unknown[:8])
        state = f"answers to fill in below with less, equal, greater or missing: {shown}"
        made = _with_unknown(made, proposed)
    elif made.kind == PAIRS and made.layout == "wide" and not all(one.left for one in made.questions):
        state = "no target: fill in `target` and each `left`, or give --target"
    else:
        try:
            looked = summary(of_grid(found, made))
            counts = [f"{name} {n}" for name, n in looked.flag_counts.items() if n]
            if looked.flag_counts["preview"]:
                made = SurveyMapping(**{**vars(made), "exclude": ("preview",)})
            flagged = ", ".join(counts) or "nothing"
            notes.append(f'Flagged: {flagged}. Nobody is left out but by exclude, as in exclude = ["duplicate"].')
        except BadFile as fault:
            state = f"not read yet: {fault}"
    notes.append(state)
    return Mapped(found.name, found.sha256, to_toml(made, notes, proposed.beside), made, proposed.unknown, tuple(notes))


def _with_unknown(made: SurveyMapping, proposed: Proposal) -> SurveyMapping:
    answers = {**made.answers, **dict.fromkeys(proposed.unknown, "")}
    return SurveyMapping(**{**vars(made), "answers": answers})
