"""One small survey in the layout of every programme. All of it is made up by hand; nobody answered it.

Three respondents, three comparators of 62380. A: less, equal, greater. B: greater, not answered, greater. C: less
throughout. Heads and their order follow what the makers describe and what files of theirs in public repositories show:

Qualtrics: support/survey-platform, Understanding Your Dataset (three head rows; Status, Finished, Duration); names of
    the columns as in the exports of excluder's and qualtRics' documentation. Legacy: V1 to V10 above ResponseID ...
REDCap: help, Data Exports; checkboxes `___1`, `_complete` 0 1 2, `redcap_survey_identifier`, `[not completed]`.
LimeSurvey: manual, Exporting results; heads as `id, submitdate, lastpage, startlanguage, seed, startdate, datestamp,
    ipaddr, refurl`, arrays `code[SQ001]`.
SurveyMonkey: help, Exporting responses: two head rows, Respondent ID, Collector ID, Date Created ...
Google Forms: Timestamp first, grids `question [row]`. Microsoft Forms: ID, Start time, Completion time, Email, Name.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

SERVICES = ("63047", "63030", "22630+22840")
ANSWERS = (("less", "equal", "greater"), ("greater", "", "greater"), ("less", "less", "less"))
CODES = {"less": "1", "equal": "2", "greater": "3", "": ""}
WORDS = {"less": "Less work", "equal": "About the same work", "greater": "More work", "": ""}
SECRETS = ("Quimby", "quimby@example.org", "203.0.113.7", "39.9612")


def text(rows: Sequence[Sequence[str]], separator: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


QUESTION = "How does the work of 62380 compare with that of each service?"

_Q_NAMES = (
    "StartDate EndDate Status IPAddress Progress|Duration (in seconds)|Finished RecordedDate ResponseId "
    "RecipientLastName RecipientFirstName RecipientEmail ExternalReference LocationLatitude LocationLongitude "
    "DistributionChannel UserLanguage"
)
Q_NAMES = [name for part in _Q_NAMES.split("|") for name in ([part] if "(" in part else part.split())]


def _q_meta(i: int, status: str = "IP Address") -> list[str]:
    return [
        f"2026-03-0{i} 10:00:00",
        f"2026-03-0{i} 10:10:00",
        status,
        "203.0.113.7",
        "100",
        "600",
        "True",
        f"2026-03-0{i} 10:10:01",
        f"R_{i}",
        "Quimby",
        "Ann",
        "quimby@example.org",
        "X9",
        "39.9612",
        "-82.9988",
        "email",
        "EN",
    ]


def qualtrics(codes: bool = False, status: str = "IP Address") -> bytes:
    given = CODES if codes else WORDS
    head = [*Q_NAMES, "Q1_1", "Q1_2", "Q1_3", "Q2"]
    asked = [*Q_NAMES, *(f"{QUESTION} - {one}" for one in SERVICES), "Do you have a financial interest?"]
    ids = [f'{{"ImportId":"{name}","timeZone":"America/New_York"}}' for name in head]
    rows = [
        [*_q_meta(i, status if i == 3 else "IP Address"), *(given[one] for one in answers), "No"]
        for i, answers in enumerate(ANSWERS, 1)
    ]
    return text([head, asked, ids, *rows])


def qualtrics_legacy() -> bytes:
    names = [
        "ResponseID",
        "ResponseSet",
        "Name",
        "ExternalDataReference",
        "EmailAddress",
        "IPAddress",
        "Status",
        "StartDate",
        "EndDate",
        "Finished",
    ]
    head = [*(f"V{i}" for i in range(1, 11)), "Q1_1", "Q1_2", "Q1_3"]
    rows = [
        [
            f"R_{i}",
            "Default Response Set",
            "Quimby, Ann",
            "",
            "quimby@example.org",
            "203.0.113.7",
            "0",
            f"2016-03-0{i} 10:00:00",
            f"2016-03-0{i} 10:10:00",
            "1",
            *(CODES[one] for one in answers),
        ]
        for i, answers in enumerate(ANSWERS, 1)
    ]
    return text([head, [*names, *(f"{QUESTION}-{one}" for one in SERVICES)], *rows])


def redcap(labels: bool = False) -> bytes:
    if labels:
        head = [
            "Record ID",
            "Survey Identifier",
            "Survey Timestamp",
            *(f"How does 62380 compare with {one}?" for one in SERVICES),
            "Specialty (choice=Spine)",
            "Specialty (choice=Neuro)",
            "Complete?",
        ]
    else:
        head = [
            "record_id",
            "redcap_survey_identifier",
            "comparisons_timestamp",
            "p_62380_63047",
            "p_62380_63030",
            "p_3",
            "specialty___1",
            "specialty___2",
            "comparisons_complete",
        ]
    rows = []
    for i, answers in enumerate(ANSWERS, 1):
        given = [(WORDS if labels else CODES)[one] for one in answers]
        boxes = (
            (["Checked", "Unchecked"] if labels else ["1", "0"])
            if i < 3
            else (["Unchecked", "Checked"] if labels else ["0", "1"])
        )
        state = ("Complete" if i != 2 else "Incomplete") if labels else ("2" if i != 2 else "0")
        stamp = f"2026-03-0{i} 10:10:00" if i != 2 else "[not completed]"
        rows.append([str(i), "quimby@example.org", stamp, *given, *boxes, state])
    return text([head, *rows])


def limesurvey(full: bool = False) -> bytes:
    """With codes, arrays have subquestion codes; in full text, the question with the row in brackets."""
    if full:
        head = [
            "Response ID",
            "Date submitted",
            "Last page",
            "Start language",
            "Seed",
            "Date started",
            "Date last action",
            "IP address",
            "Referrer URL",
            *(f"{QUESTION} [{one}]" for one in SERVICES),
        ]
    else:
        head = [
            "id",
            "submitdate",
            "lastpage",
            "startlanguage",
            "seed",
            "startdate",
            "datestamp",
            "ipaddr",
            "refurl",
            "work[SQ001]",
            "work[SQ002]",
            "work[SQ003]",
        ]
    given = {"less": "Less work", "equal": "Equal work", "greater": "More work", "": ""} if full else CODES
    rows = [
        [
            str(i),
            f"2026-03-0{i} 10:10:00" if i != 2 else "",
            "4",
            "en",
            "1771",
            f"2026-03-0{i} 10:00:00",
            f"2026-03-0{i} 10:10:00",
            "203.0.113.7",
            "",
            *(f"A{given[one]}" if not full and one else given[one] for one in answers),
        ]
        for i, answers in enumerate(ANSWERS, 1)
    ]
    return text([head, *rows], ";")


def surveymonkey() -> bytes:
    head = [
        "Respondent ID",
        "Collector ID",
        "Date Created",
        "Date Modified",
        "IP Address",
        "Email Address",
        "First Name",
        "Last Name",
        "Custom Data 1",
        QUESTION,
        "",
        "",
        "What is your specialty?",
    ]
    under = [*[""] * 9, *SERVICES, "Open-Ended Response"]
    rows = [
        [
            f"1140000000{i}",
            "4401",
            f"03/0{i}/2026 10:00:00 AM",
            f"03/0{i}/2026 10:10:00 AM",
            "203.0.113.7",
            "quimby@example.org",
            "Ann",
            "Quimby",
            "",
            *(WORDS[one] for one in answers),
            "Spine",
        ]
        for i, answers in enumerate(ANSWERS, 1)
    ]
    return text([head, under, *rows])


def google() -> bytes:
    head = ["Timestamp", "Email Address", *(f"{QUESTION} [{one}]" for one in SERVICES)]
    rows = [
        [f"2026/03/0{i} 10:10:00 AM EST", "quimby@example.org", *(WORDS[one] for one in answers)]
        for i, answers in enumerate(ANSWERS, 1)
    ]
    return text([head, *rows])


MICROSOFT_HEAD = [
    "ID",
    "Start time",
    "Completion time",
    "Email",
    "Name",
    *(f"62380 compared with {one}" for one in SERVICES),
]


def microsoft() -> bytes:
    rows = [
        [
            str(i),
            f"3/{i}/26 10:00:00",
            f"3/{i}/26 10:10:00",
            "quimby@example.org",
            "Ann Quimby",
            *(WORDS[one] for one in answers),
        ]
        for i, answers in enumerate(ANSWERS, 1)
    ]
    return text([MICROSOFT_HEAD, *rows])


def plain() -> bytes:
    return text([["respondent", *SERVICES], *([str(i), *answers] for i, answers in enumerate(ANSWERS, 1))])


def long() -> bytes:
    rows = [
        [str(i), "62380", service, answer]
        for i, answers in enumerate(ANSWERS, 1)
        for service, answer in zip(SERVICES, answers, strict=True)
    ]
    return text([["rater", "left", "right", "response"], *rows])
