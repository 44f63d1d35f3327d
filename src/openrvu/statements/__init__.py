"""Published statements as data with a check each; verdicts are computed from the rows, never written down.

A statement file in `facts/statements` paraphrases what an account says and names the check; `check("account-2024")`
runs them against the facts held.

>>> [(found.statement, found.verdict) for found in check("account-2024")][:2]
[('code', 'corrected'), ('no-work-rvu', 'confirmed')]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from openrvu import holdings
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.files import facts_folder, read_toml
from openrvu.statements import checks
from openrvu.statements.ground import VERDICTS, Found, Ground, ground
from openrvu.valuation.study import known as studies

__all__ = ["VERDICTS", "Account", "Catalogue", "Ground", "Verdict", "account", "catalogue", "check", "ground", "known"]

CHECKS: Mapping[str, Callable[[Mapping[str, Any], Ground], Found]] = {
    "code-is-of-the-procedure": checks.code_is_of_the_procedure,
    "has-no-work-rvu": checks.has_no_work_rvu,
    "value-comes-from-the-survey": checks.value_comes_from_the_survey,
    "percentages-of-the-value": checks.percentages_of_the_value,
    "flat-while-fusions-rise": checks.flat_while_fusions_rise,
    "list-in-its-primary-source": checks.list_in_its_primary_source,
    "paper-was-read": checks.paper_was_read,
    "completion-rate": checks.completion_rate,
}


@dataclass(frozen=True)
class Account:
    """Where the statements were made. rows: as in the file, one mapping a statement."""

    id: str
    title: str
    on: date
    study: str
    source: str
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Verdict:
    """One statement and what the rows say of it.

    says: our paraphrase. verdict: one of VERDICTS. words: the finding in careful wording. figures: what it rests on, as
    text by name. sources: ids, those of the statement and those of the rows used.
    """

    statement: str
    says: str
    verdict: str
    words: str
    figures: Mapping[str, str]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class ListedStudy:
    """A published study that can be audited. target: the code that it values."""

    id: str
    target: str
    title: str
    source: str


@dataclass(frozen=True)
class ListedAccount:
    """A published account whose statements can be checked."""

    id: str
    title: str
    on: date
    source: str


@dataclass(frozen=True)
class Catalogue:
    """The published studies and accounts that are held."""

    studies: tuple[ListedStudy, ...]
    accounts: tuple[ListedAccount, ...]


def catalogue() -> Catalogue:
    """What can be audited and checked.

    >>> [one.target for one in catalogue().studies]
    ['62380', '27279', '22867', '0202T']
    """
    held = [account(key) for key in known()]
    return Catalogue(
        tuple(ListedStudy(one.id, one.target, one.title, one.source) for one in studies()),
        tuple(ListedAccount(one.id, one.title, one.on, one.source) for one in held),
    )


def known() -> tuple[str, ...]:
    """The ids of the accounts that can be checked."""
    return tuple(sorted(path.stem for path in (facts_folder() / "statements").glob("*.toml")))


def account(key: str) -> Account:
    """The account of this id. Raises BadInput with the ids that exist."""
    if key not in known():
        raise BadInput(f"no account is called {key!r}", exists=f"Accounts: {', '.join(known())}")
    data = read_toml(facts_folder() / "statements" / f"{key}.toml")
    return Account(data["id"], data["title"], data["on"], data["study"], data["source"], tuple(data["statements"]))


def check(key: str, facts: Facts | None = None, *, release: str = "", on: Ground | None = None) -> tuple[Verdict, ...]:
    """Check every statement of an account against the rows.

    facts: what to look up in (default: what is held). release: the release whose figures stand beside those of the
    account's time (default: the newest). on: other ground to check on, for rows that differ. Raises BadInput for an
    unknown account, NotHeld for a release that is not held.

    >>> check("account-2024", release="2022A")[3].figures["63030"]
    'printed 152.1 %; 2024B: 152.1 %; 2022A: 138.4 %'
    """
    told = account(key)
    rows = on or ground(facts or holdings.current(), told.study, told.on, release)
    return tuple(_verdict(row, CHECKS[row["check"]](row, rows)) for row in told.rows)


def _verdict(row: Mapping[str, Any], found: Found) -> Verdict:
    sources = tuple(dict.fromkeys([*row["sources"], *found.sources]))
    return Verdict(row["id"], row["says"], found.verdict, found.words, found.figures, sources)
