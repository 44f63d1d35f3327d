"""One question, one JSON document: what the API, the agents' tools and the command line print for the same request.

Each function makes one public call and returns its document as text, the foot with release, date, place and run id in
it. Empty text stands for what was not asked.

>>> import json
>>> json.loads(price("62330", on="2026-07-01"))["amount"]
'479.30'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openrvu import answers, holdings
from openrvu.facts import Facts
from openrvu.pricing import price as priced
from openrvu.pricing import read_date


def price(
    code: str,
    modifier: str = "",
    *,
    on: str = "",
    place: str = "national",
    setting: str = "facility",
    qp: bool = False,
    facts: Facts | None = None,
) -> str:
    """The amount of a code, or the status that says why there is none. Errors as in `pricing.price`."""
    found = priced(code, modifier, on=on or None, place=place, setting=setting, qualifying_apm=qp, facts=facts)
    foot = answers.foot(release=found.release.id, on=found.on, place=found.locality.id, setting=setting)
    return answers.document(found, foot)


def code(code: str, *, on: str = "", place: str = "national", qp: bool = False, facts: Facts | None = None) -> str:
    """Everything on a code. Errors as in `cards.card`."""
    from openrvu.cards.card import card, foot_of

    found = card(code, on=on or None, place=place, qualifying_apm=qp, facts=facts)
    return answers.document(found, foot_of(found))


def compare(
    codes: Sequence[str],
    *,
    on: str = "",
    place: str = "national",
    setting: str = "facility",
    qp: bool = False,
    work: str = "",
    facts: Facts | None = None,
) -> str:
    """Two to twelve codes side by side. Errors as in `cards.compare`."""
    from openrvu.cards.compare import compare as compared

    found = compared(codes, on=on or None, place=place, setting=setting, qualifying_apm=qp, work=work, facts=facts)
    foot = answers.foot(release=found.release, on=found.on, place=found.locality.id, setting=setting)
    return answers.document(found, foot)


def case(
    services: Sequence[str],
    *,
    assistant: str = "",
    provider: str = "",
    on: str = "",
    place: str = "national",
    setting: str = "facility",
    qp: bool = False,
    facts: Facts | None = None,
) -> str:
    """The services of one session together. Errors as in `casing.case`."""
    from openrvu.casing import case as together

    chosen = {"on": on or None, "place": place, "setting": setting, "qualifying_apm": qp}
    found = together(services, assistant=assistant, provider=provider, facts=facts, **chosen)  # type: ignore[arg-type]
    foot = answers.foot(release=found.release, on=found.on, place=found.locality.id, setting=found.setting)
    return answers.document(found, foot)


def history(
    code: str,
    *,
    on: str = "",
    place: str = "national",
    setting: str = "facility",
    qp: bool = False,
    start: str = "",
    end: str = "",
    facts: Facts | None = None,
) -> str:
    """A code through the releases up to a date, and what moved its amount from start to end. Errors as in `history`."""
    from openrvu.cards.history import history as through

    held = (facts or holdings.current()).until(read_date(on or None))
    span: Mapping[str, Any] = {"start": start or None, "end": end or None}
    found = through(code, place=place, setting=setting, qualifying_apm=qp, facts=held, **span)
    named, newest = f"{held.releases[0].id} to {held.newest().id}", held.newest()
    return answers.document(found, answers.foot(release=named, on=newest.ends, place=found.place, setting=setting))


def everywhere(
    code: str,
    *,
    on: str = "",
    place: str = "national",
    setting: str = "facility",
    qp: bool = False,
    facts: Facts | None = None,
) -> str:
    """A code at every locality. Errors as in `cards.everywhere`."""
    from openrvu.cards.everywhere import everywhere as at_all
    from openrvu.cards.everywhere import foot_of

    found = at_all(code, on=on or None, place=place, setting=setting, qualifying_apm=qp, facts=facts)
    return answers.document(found, foot_of(found))


def which(given: Sequence[str], *, on: str = "", facts: Facts | None = None) -> str:
    """From what a note says to the code. given: QUESTION=ANSWER, one text each. Errors as in `cards.which`."""
    from openrvu.cards.which import foot_of, read_answers
    from openrvu.cards.which import which as step

    found = step(read_answers(given), on=on or None, facts=facts)
    return answers.document(found, foot_of(found))


def audit(study: str, *, on: str = "", facts: Facts | None = None) -> str:
    """What a published value equals, what its figures give, and every warning. Errors as in `audits.audit`."""
    from openrvu.audits import audit as audited

    held, day = facts or holdings.current(), read_date(on or None)
    found = audited(study, held, release=held.release_on(day).id if day else "", on=day)
    return answers.document(found, answers.foot(release=found.use_release, on=found.on, place="national"))
