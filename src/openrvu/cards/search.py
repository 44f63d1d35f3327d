"""From a text to codes: by the beginning of a code over all that is held, or by our own words over the families.

>>> from openrvu.facts import embedded
>>> [hit.code for hit in search("endoscopic lumbar", embedded())]
['62380', '62287']
>>> [hit.code for hit in search("6304", embedded()) if hit.words]
['63042', '63044', '63047', '63048']
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from openrvu.codes.families import Service, families
from openrvu.errors import BadInput
from openrvu.facts import Facts

LONGEST = 120
# The beginning of a code: digits, digits and a closing letter (0275T), or a letter and digits (G0276).
_PREFIX = re.compile(r"\d{1,5}|\d{4}[A-Z]|[A-Z]\d{0,4}", re.ASCII)
_SMALL = frozenset(["a", "an", "and", "at", "by", "for", "in", "of", "on", "or", "the", "through", "to", "with"])


@dataclass(frozen=True)
class Hit:
    """One code. words: our own; empty outside the families. family: its title. release: the newest held that has the
    code; empty where none has. origin: embedded or loaded, of that release. by: code, words, or licensed (found in the
    descriptors that the user keeps; they are not given). matched, of: how many of the words asked for were found."""

    code: str
    words: str
    family: str
    release: str
    origin: str
    by: str
    matched: int
    of: int


def search(text: str, facts: Facts, licensed: Mapping[str, str] | None = None) -> tuple[Hit, ...]:
    """The codes that a text points to, best first: those with more of its words, then those with them more prominently.

    text: beginnings of codes (`6304`, `G02 0275T`) or our own words (`endoscopic lumbar`), also their beginnings.
    Where no service has every word, those with most of them. licensed: descriptors by code that the user keeps; codes
    whose descriptor has every word come after ours. Nothing found is an empty tuple. Raises BadInput for a
    text without letters or digits, or one that is too long.
    """
    if len(text) > LONGEST:
        raise BadInput(f"the text has {len(text)} characters", fix=f"At most {LONGEST}")
    asked = list(dict.fromkeys(re.findall(r"[^\W_]+", text.upper())))
    if not asked:
        raise BadInput("nothing to look for", fix="Write the beginning of a code (6304) or a word (endoscopic)")
    if all(_PREFIX.fullmatch(one) for one in asked):
        return _by_code(tuple(asked), facts)
    words = [one.lower() for one in asked]
    found = _by_words(words, facts)
    return (*found, *_by_license(words, licensed, facts, {hit.code for hit in found})) if licensed else found


def _by_license(words: list[str], licensed: Mapping[str, str], facts: Facts, known: set[str]) -> tuple[Hit, ...]:
    """Codes whose descriptor, of the user's own, has every word asked for or its beginning."""
    wanted = [word for word in words if word not in _SMALL] or words
    newest = _newest(facts)
    found = []
    for code, text in sorted(licensed.items()):
        has = re.findall(r"[^\W_]+", text.lower())
        if code not in known and all(any(one.startswith(word) for one in has) for word in wanted):
            found.append(_hit(code, newest, "licensed", len(wanted), len(wanted)))
    return tuple(found)


def _services() -> dict[str, tuple[Service, str]]:
    return {code: (one, family.title) for family in families() for code, one in family.services.items()}


def _newest(facts: Facts) -> Mapping[str, tuple[str, str]]:
    """Release and origin of the newest row of every code held."""
    found: dict[str, tuple[str, str]] = {}
    for release in facts.releases:
        table = facts.table(release.id)
        found |= dict.fromkeys(table.codes(), (release.id, table.origin))
    return found


def _hit(code: str, newest: Mapping[str, tuple[str, str]], by: str, matched: int, of: int) -> Hit:
    service, family = _services().get(code, (None, ""))
    release, origin = newest.get(code, ("", ""))
    return Hit(code, service.words if service else "", family, release, origin, by, matched, of)


def _by_code(prefixes: tuple[str, ...], facts: Facts) -> tuple[Hit, ...]:
    """Codes that begin so, in the order asked; those of a family before the others, else by code."""
    newest, described = _newest(facts), _services()
    codes = [code for code in {*newest, *described} if code.startswith(prefixes)]

    def rank(code: str) -> tuple[int, bool, str]:
        return next(at for at, one in enumerate(prefixes) if code.startswith(one)), code not in described, code

    return tuple(_hit(code, newest, "code", 1, 1) for code in sorted(codes, key=rank))


def _said_of(service: Service) -> tuple[tuple[int, str], ...]:
    """The texts in which a service is looked for, each with its weight."""
    own = (service.visualization, service.target, service.region, service.pathology, service.unit)
    # What is said of it where another one is taken for it: a brand name stands only there.
    others = (item.why for one, _ in _services().values() for item in one.confused_with if item.code == service.code)
    main = (service.code, service.words, service.approach)
    return (9, " ".join(main)), (3, " ".join(own)), (1, " ".join((*others, service.predecessor, service.successor)))


def _by_words(asked: list[str], facts: Facts) -> tuple[Hit, ...]:
    """Services whose words begin with those asked."""
    wanted = [word for word in asked if word not in _SMALL] or asked
    scored: list[tuple[int, int, int, str]] = []
    for at, (code, (service, _)) in enumerate(_services().items()):
        texts = [(weight, re.findall(r"[^\W_]+", text.lower())) for weight, text in _said_of(service)]
        weights = [max((w for w, words in texts if any(x.startswith(one) for x in words)), default=0) for one in wanted]
        scored.append((-sum(map(bool, weights)), -sum(weights), at, code))
    most = -min(scored)[0]
    if not most:
        return ()
    newest = _newest(facts)
    return tuple(
        _hit(code, newest, "words", most, len(wanted)) for count, _, _, code in sorted(scored) if -count == most
    )
