"""Answers as Winsteps and Facets take them, so that a psychometrician can check ours with the usual programmes.

Winsteps: a control file and fixed-field data, an item a question. Of comparisons 0 is less, 1 equal, 2 greater work of
the left service, as rows of people by questions: the published one-target analysis.
Facets: comparisons between services of one facet, each answer once. Judges are a dummy facet anchored at 0, since a
judge's leniency cancels in a comparison. A step leads from less to equal to greater, so that with ties measures are
half of Bradley-Terry's logits (see `valuation.paired`).

Formats: Winsteps manual (winsteps.com/winman: DATA=, ITEM1=, NI=, NAME1=, XWIDE=, CODES=, END NAMES); Facets manual
(winsteps.com/facetman: Entry order of facets for paired comparisons, Model=, Labels=). Neither programme was at hand.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from openrvu.errors import BadInput
from openrvu.surveydata.data import SurveyData
from openrvu.surveydata.mapping import PAIRS, RATINGS, Question
from openrvu.surveydata.using import services

PROGRAMS = ("winsteps", "facets")
_LABEL = 30
_NAME = 20


def program(data: SurveyData, to: str, stem: str, target: str = "") -> dict[str, str]:
    """File name -> content. to: winsteps or facets. stem: of the files' names. Raises BadInput for counts, and for
    kinds of survey that the programme has no model for.

    >>> from openrvu.surveydata.reading import parse
    >>> made = program(parse(b"id,63047,63005\\nA,less,more\\n", "x.csv", target="62380"), "winsteps", "x")
    >>> made["x.dat"].split()
    ['A', '02']
    """
    if to not in PROGRAMS:
        raise BadInput(f"no export for {to!r}", exists=f"There are {', '.join(PROGRAMS)}")
    if data.answers is None or data.kind not in (PAIRS, RATINGS):
        what = "counts" if data.answers is None else data.kind
        raise BadInput(f"{data.name} holds {what}", fix="Answers of each respondent are needed: comparisons or ratings")
    if to == "winsteps":
        return _winsteps(data, stem, target)
    if data.kind != PAIRS:
        raise BadInput(f"{data.name} holds ratings", fix="Ratings of items go to Winsteps: --to winsteps")
    return _facets(data, stem, target)


def _winsteps(data: SurveyData, stem: str, target: str) -> dict[str, str]:
    assert data.answers is not None
    shift = 1 if data.kind == PAIRS else 0
    top = int(max((value + shift for value in data.answers.ravel() if not math.isnan(value)), default=1))
    top = max(top, 2 if data.kind == PAIRS else 1)
    wide = len(str(top))
    names = [_ascii(one.name, _NAME) for one in data.respondents]
    length = max(len(name) for name in names)
    rows = []
    for name, answers in zip(names, data.answers, strict=True):
        cells = ("." * wide if math.isnan(one) else f"{int(one + shift):0{wide}d}" for one in answers)
        rows.append(f"{name:<{length}} {''.join(cells)}")
    control = [
        "&INST",
        f'TITLE = "{_ascii(data.name, 60)}{_simulated(data)}"',
        f"DATA = {stem}.dat",
        "NAME1 = 1",
        f"NAMLEN = {length}",
        f"ITEM1 = {length + 2}",
        f"NI = {len(data.questions)}",
        f"XWIDE = {wide}",
        f'CODES = "{"".join(f"{code:0{wide}d}" for code in range(top + 1))}" ; anything else is missing',
    ]
    if data.kind == PAIRS:
        control += ["CLFILE = * ; the left service is ...", "0 less work", "1 equal work", "2 more work", "*"]
    control += ["&END", *(_item(one, target) for one in data.questions), "END NAMES"]
    return {f"{stem}.con": _dos(control), f"{stem}.dat": _dos(rows)}


def _facets(data: SurveyData, stem: str, target: str) -> dict[str, str]:
    assert data.answers is not None
    aim = target or data.mapping.target
    questions = [Question(one.column, one.left or aim, one.right or aim, one.domain) for one in data.questions]
    if not all(one.left and one.right for one in questions):
        raise BadInput("no target", where=data.name, fix="Say which code was compared: --target 62380")
    if len({one.domain for one in questions}) > 1:
        raise BadInput("several domains", where=data.name, fix="Export one domain: leave the others out of the mapping")
    place = {name: i for i, name in enumerate(services(questions), 1)}
    ties = bool((data.answers == 0).any())
    lines = []
    for i, answers in enumerate(data.answers, 1):
        for one, value in zip(questions, answers, strict=True):
            if not math.isnan(value):
                score = int(value) + 1 if ties else (int(value) + 1) // 2
                lines.append(f"{i},{place[one.left]},{place[one.right]},{score}")
    names = [f"{i}={_ascii(name, _LABEL)}" for name, i in place.items()]
    judges = [f"{i}={_ascii(one.name, _NAME)},0" for i, one in enumerate(data.respondents, 1)]
    model = "R2 ; 0 less, 1 equal, 2 greater work of the first service" if ties else "D ; 1: the first is more work"
    specification = [
        f"Title = {_ascii(data.name, 60)}{_simulated(data)}",
        "Facets = 2, 3 ; two facets, the services entered twice",
        "Entry = 1,2,2 ; judge, first service, second service",
        "Positive = 2 ; more work, higher measure",
        "Noncenter = 0",
        f"Model = ?,?,-?,{model}",
        "Labels =",
        "1,Judges,A ; anchored at 0: leniency cancels in a comparison",
        *judges,
        "*",
        "2,Services",
        *names,
        "*",
        f"Data = {stem}-data.txt",
    ]
    return {f"{stem}.txt": _dos(specification), f"{stem}-data.txt": _dos(lines)}


def _item(one: Question, target: str) -> str:
    if one.right:
        return _ascii(
            f"{one.left or target or 'target'} vs {one.right}{' ' + one.domain if one.domain else ''}", _LABEL
        )
    return _ascii(one.item or one.column, _LABEL)


def _ascii(text: str, most: int) -> str:
    """Letters that both programmes read, without the signs that mean something to them."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain if letter.isprintable() and letter not in ',=;"*&').strip()[:most] or "-"


def _simulated(data: SurveyData) -> str:
    return " SIMULATED" if data.simulated else ""


def _dos(lines: Sequence[str]) -> str:
    """Both programmes ask for carriage return and line feed."""
    return "".join(f"{line}\r\n" for line in lines)
