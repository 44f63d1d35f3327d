"""What to look at in a row before it is believed, each with its reason; and who is left out, by rule alone.

duplicate      the same respondent, or the same answers begun at the same time, stands on an earlier line
incomplete     not every question asked of the respondent (of the block, where there is one) was answered
straight-line  one answer to all of at least three questions
speeder        under a third of the median time of those who answered everything
attention      a question with one right answer, answered otherwise
intransitive   a circle of three comparisons (A over B over C over A) in the respondent's own answers
preview        the programme marks the row as a preview, a test or spam
no-consent     consent was asked and not given
unfinished     the programme did not record the end

None of these is proof of anything: each is flagged, and nobody is left out but by a rule in the mapping.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

import numpy as np

from openrvu.surveydata.data import Excluded, Flag, Floats, Respondent, RuleCount
from openrvu.surveydata.mapping import PAIRS, RANKINGS, Question, SurveyMapping, rule

SPEED = 1 / 3  # of the median time
FEWEST_TIMES = 5  # a median of fewer times says nothing
STRAIGHT = 3  # questions
MOST_SERVICES = 40  # a respondent's circles are looked for among so many services
NO_ANSWER = "no answer"

_YES = frozenset(("yes", "y", "true", "1", "agree", "i agree", "i consent", "checked", "accept", "i accept"))
_PREVIEW = ("preview", "test", "spam")
# Qualtrics, numeric Status: 1 survey preview, 2 survey test, 8 spam, 9 survey preview spam.
_PREVIEW_CODES = frozenset(("1", "2", "8", "9"))


@dataclass(frozen=True)
class Rows:
    """Every row read, before anybody is left out. raw: the respondent's own identity, for duplicates alone."""

    respondents: Sequence[Respondent]
    raw: Sequence[str]
    started: Sequence[str]
    answers: Floats
    finished: Sequence[bool | None]
    consent: Sequence[str | None]
    status: Sequence[str]
    attention: Sequence[tuple[str, Sequence[str], str]]


def flags(rows: Rows, questions: Sequence[Question], mapping: SurveyMapping) -> tuple[Flag, ...]:
    """Every flag, by line and kind."""
    found = [
        *_duplicates(rows),
        *_incomplete(rows),
        *(_straight(rows) if mapping.kind != RANKINGS else ()),
        *_speeders(rows),
        *_marked(rows, mapping.format),
        *(_circles(rows, questions) if mapping.kind == PAIRS else ()),
    ]
    return tuple(sorted(found, key=lambda one: (one.line, one.kind)))


def exclude(
    rows: Rows, found: Sequence[Flag], rules: Sequence[str]
) -> tuple[list[int], tuple[Excluded, ...], tuple[RuleCount, ...]]:
    """Which rows stay, which do not and why, and the count of each rule. Rules hold in the order written."""
    by_line: dict[int, list[Flag]] = {}
    for flag in found:
        by_line.setdefault(flag.line, []).append(flag)
    out: dict[int, Excluded] = {}
    fits: list[RuleCount] = []
    for text in rules:
        hits = [
            (i, why) for i, one in enumerate(rows.respondents) if (why := _hit(text, one, by_line.get(one.line, [])))
        ]
        new = [(i, why) for i, why in hits if i not in out]
        for i, why in new:
            out[i] = Excluded(rows.respondents[i].line, rows.respondents[i].name, text, why)
        fits.append(RuleCount(text, len(new), len(hits)))
    silent = [i for i, one in enumerate(rows.respondents) if not one.answered]
    for i in silent:
        if i not in out:
            out[i] = Excluded(rows.respondents[i].line, rows.respondents[i].name, NO_ANSWER, "no answer at all")
    if silent:
        fits.append(RuleCount(NO_ANSWER, sum(one.rule == NO_ANSWER for one in out.values()), len(silent)))
    keep = [i for i in range(len(rows.respondents)) if i not in out]
    return keep, tuple(out[i] for i in sorted(out)), tuple(fits)


def _hit(text: str, one: Respondent, found: Sequence[Flag]) -> str:
    """Why a rule takes this respondent; empty where it does not."""
    name, limit = rule(text)
    if name == "seconds":
        slow = one.seconds is None or limit is None or one.seconds >= limit
        return "" if slow else f"{one.seconds:g} seconds"
    for flag in found:
        if flag.kind == name and (limit is None or (flag.level is not None and flag.level < limit)):
            return flag.words
    return ""


def _duplicates(rows: Rows) -> list[Flag]:
    found = []
    people: dict[str, int] = {}
    same: dict[tuple[str, bytes], int] = {}
    for i, one in enumerate(rows.respondents):
        who = rows.raw[i]
        if who and who in people:
            found.append(Flag(one.line, one.name, "duplicate", f"the same respondent is on line {people[who]}"))
            continue
        people.setdefault(who, one.line)
        if not rows.started[i] or not one.answered:
            continue
        key = (rows.started[i], rows.answers[i].tobytes())
        if key in same:
            words = f"the same answers, begun at the same time, are on line {same[key]}"
            found.append(Flag(one.line, one.name, "duplicate", words))
        same.setdefault(key, one.line)
    return found


def _incomplete(rows: Rows) -> list[Flag]:
    return [
        Flag(one.line, one.name, "incomplete", f"{one.answered} of {one.asked} answered", one.answered / one.asked)
        for one in rows.respondents
        if one.asked and one.answered < one.asked
    ]


def _straight(rows: Rows) -> list[Flag]:
    found = []
    for one, answers in zip(rows.respondents, rows.answers, strict=True):
        given = answers[~np.isnan(answers)]
        if given.size >= STRAIGHT and (given == given[0]).all():
            found.append(Flag(one.line, one.name, "straight-line", f"one answer to all {given.size} questions"))
    return found


def _speeders(rows: Rows) -> list[Flag]:
    whole = [one.seconds for one in rows.respondents if one.seconds is not None and one.answered >= one.asked > 0]
    if len(whole) < FEWEST_TIMES:
        return []
    middle = median(whole)
    return [
        Flag(
            one.line,
            one.name,
            "speeder",
            f"{one.seconds:g} seconds, under a third of the median ({middle:g} seconds of the {len(whole)} who "
            "answered everything)",
            one.seconds / middle,
        )
        for one in rows.respondents
        if one.seconds is not None and one.answered and one.seconds < SPEED * middle
    ]


def _marked(rows: Rows, kind: str) -> list[Flag]:
    """What the programme, or the survey itself, says of a row."""
    found = []
    for i, one in enumerate(rows.respondents):
        status, agreed = rows.status[i].casefold(), rows.consent[i]
        if any(word in status for word in _PREVIEW) or (kind == "qualtrics" and status in _PREVIEW_CODES):
            found.append(Flag(one.line, one.name, "preview", f"status {rows.status[i]}"))
        if agreed is not None and agreed.casefold() not in _YES:
            found.append(Flag(one.line, one.name, "no-consent", f"consent: {agreed[:40] or 'not answered'}"))
        if rows.finished[i] is False:
            found.append(Flag(one.line, one.name, "unfinished", "the end was not recorded"))
        for column, cells, wanted in rows.attention:
            if cells[i].casefold() != wanted.casefold():
                words = f"{column}: {cells[i][:40] or 'not answered'}, where {wanted} was asked for"
                found.append(Flag(one.line, one.name, "attention", words))
    return found


def _circles(rows: Rows, questions: Sequence[Question]) -> list[Flag]:
    """Respondents with three services whose comparisons go round. Two answers to one pair leave the pair out."""
    services = list(dict.fromkeys(name for one in questions for name in (one.left, one.right)))
    if not 3 <= len(services) <= MOST_SERVICES:
        return []
    place = {name: i for i, name in enumerate(services)}
    ends = [(place[one.left], place[one.right]) for one in questions]
    triples = _triples(ends, len(services))
    found = []
    for one, answers in zip(rows.respondents, rows.answers, strict=True):
        won = np.zeros((len(services), len(services)))
        for (i, j), answer in zip(ends, answers, strict=True):
            if not math.isnan(answer):
                won[i, j] += answer
                won[j, i] -= answer
        sign = np.sign(won)
        told = [t for t in triples if sign[t[0], t[1]] and sign[t[1], t[2]] and sign[t[2], t[0]]]
        round_ = sum(sign[a, b] == sign[b, c] == sign[c, a] for a, b, c in told)
        if round_:
            words = f"{round_} of {len(told)} triples of comparisons go round (by chance: a quarter)"
            found.append(Flag(one.line, one.name, "intransitive", words, round_ / len(told)))
    return found


def _triples(ends: Sequence[tuple[int, int]], services: int) -> list[tuple[int, int, int]]:
    """Triples of services of which all three pairs are asked."""
    asked = {frozenset(pair) for pair in ends}
    return [
        (a, b, c)
        for a, b, c in combinations(range(services), 3)
        if {frozenset((a, b)), frozenset((b, c)), frozenset((a, c))} <= asked
    ]
