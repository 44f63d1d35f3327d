"""Write docs/rules.md from the rules, their dated values and the claims that test them, or check that it is current.

python tools/make_rules.py [--check]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# The claims of the tests, and the package of this folder: so the imports come after the path (E402).
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.cases.test_claims import claims, row_of, with_fees  # noqa: E402

from openrvu import params, units  # noqa: E402
from openrvu.effects import percent  # noqa: E402
from openrvu.rules import on_ints  # noqa: E402
from openrvu.rules.formula import columns  # noqa: E402
from openrvu.rules.modifiers import modifiers  # noqa: E402
from openrvu.rules.order import RULES  # noqa: E402
from openrvu.rules.people import providers  # noqa: E402
from openrvu.rules.status import outcomes  # noqa: E402
from openrvu.rules.steps import Compute, Lookup, Rule  # noqa: E402

DOCUMENT = ROOT / "docs" / "rules.md"

# What CMS itself prints, beside the claims. Tests: tests/reconcile.
AGAINST_CMS = {
    "fee": "every published payment and OPPS-cap amount whose RVUs are held, to the cent",
    "locality": "floors are in every published table, 2020 to 2026",
    "opps-cap": "the capped records of the 2025 file of Alabama, both settings",
    "anesthesia": "factors of all 109 localities of 2025 and of 2026",
}

HEAD = """# The rules of payment

Written by `python tools/make_rules.py` from the rules themselves; a test says when it is not current. Each line of a
claim goes through the rules in this order. Amounts are whole cents; every percent acts on the cents before it and
rounds half up. CMS's figures confirm the rounding of the schedule amount alone; the later ones are our choice, and
`docs/differences.md` says where another would differ by a cent.

`openrvu explain` shows what each rule did to one line, `openrvu case` to several services of one session. All rules
together are judged by an independent program in exact fractions on random claims (`tests/properties`), over the
embedded codes and over every kind of code of a whole release.

Rules hold for the dates of service of the releases held (`openrvu data`), from 2020A; 2019 has no status letters, so
nothing is priced in it.

## In order

| rule | what it does | claims | beside CMS's own figures | sources |
|---|---|---|---|---|
"""


def acted() -> Counter[str]:
    """How many claims of the tests each rule had a part in: it changed an amount, or gave the status."""
    found: Counter[str] = Counter()
    for case in claims():
        (claim,) = case.values
        rows = [row_of(place, asked, claim) for place, asked in enumerate(claim["lines"], start=1)]
        on_ints.run(RULES, rows, with_fees(claim))
        names = {"fee", *(rule.name for row in rows for rule in _changed(row))}
        statuses = {row["status"] for row in rows}
        names |= {rule.name for rule in RULES if statuses & _slugs(rule)}
        found.update(names)
    return found


def _changed(row: dict[str, Any]) -> Iterator[Rule]:
    before = row["fee_cents"]
    for rule in RULES:
        if rule.money and row["status"] == "priced":
            if row[rule.money] != before:
                yield rule
            before = row[rule.money]


def _slugs(rule: Rule) -> set[str]:
    """The statuses that a rule gives."""
    texts = set()
    for step in rule.steps:
        if isinstance(step, Compute) and step.column == "status":
            texts |= {str(arg) for node in _nodes(step) for arg in node if isinstance(arg, str)}
    return texts & set(outcomes())


def _nodes(step: Compute) -> Iterator[tuple[object, ...]]:
    from openrvu.rules.formula import nodes

    return (node.args for node in nodes(step.formula))


def value(row: params.Parameter) -> str:
    if row.unit == "percent":
        return percent(row.value)
    if row.unit == "cents":
        return units.dollars(row.value)
    scale = {"gpci": units.GPCI, "conversion_factor": units.CONVERSION_FACTOR}.get(row.unit, 1)
    if row.unit == "conversion factor x 10^4":
        scale = units.CONVERSION_FACTOR
    return units.text(row.value, scale) if scale > 1 else str(row.value)


def dates(row: params.Parameter) -> str:
    return f"{row.starts.isoformat()} to {row.ends.isoformat()}" if row.ends else f"from {row.starts.isoformat()}"


def _reads(rule: Rule) -> set[str]:
    names: set[str] = set()
    for step in rule.steps:
        if isinstance(step, Lookup):
            names |= {name for _, key in step.keys for name in columns(key)}
        elif isinstance(step, Compute):
            names |= columns(step.formula)
    return names


def text() -> str:
    """The document."""
    counted = acted()
    parts = [HEAD]
    for rule in RULES[:-1]:
        cited = ", ".join(f"`{source}`" for source in rule.sources)
        number = str(counted[rule.name] or "")
        parts.append(f"| {rule.name} | {rule.says} | {number} | {AGAINST_CMS.get(rule.name, '')} | {cited} |\n")
    parts.append(
        "\nThe column *claims* counts the claims of `tests/cases/claims` in which the rule changed an amount or gave "
        "the status.\n\n## Dated values\n\n| value | meaning | dates | used by | source |\n|---|---|---|---|---|\n"
    )
    for row in params.rows():
        meaning = next(meanings(row.name))
        users = ", ".join(rule.name for rule in RULES if row.name in _reads(rule)) or "-"
        memory = "" if row.settled else ", from memory, to be confirmed"
        parts.append(f"| {value(row)} | {meaning} | {dates(row)} | {users} | `{row.source}`{memory} |\n")
    parts.append("\n## Who is paid less\n\n| code | who | source |\n|---|---|---|\n")
    for provider in providers().values():
        if provider.provider:
            memory = "" if provider.settled else ", from memory, to be confirmed"
            parts.append(f"| {provider.provider} | {provider.words} | `{provider.source}`{memory} |\n")
    parts.append("\n## Modifiers\n\n| modifier | words | changes the amount | source |\n|---|---|---|---|\n")
    for one in modifiers().values():
        changes = "no" if one.effect in ("", "none") else one.effect
        parts.append(f"| {one.modifier} | {one.words} | {changes} | `{one.source}` |\n")
    parts.append(
        "\n## Why a line has no amount\n\nBesides the status letters of the file:\n\n| status | words |\n|---|---|\n"
    )
    parts += [f"| {one.status} | {one.words} |\n" for one in outcomes().values()]
    return "".join(parts)


def meanings(name: str) -> Iterator[str]:
    from openrvu.files import read_toml

    for path in sorted((ROOT / "src" / "openrvu" / "rules" / "params").glob("*.toml")):
        tables = read_toml(path)
        if name in tables:
            yield tables[name]["meaning"]


def main() -> int:
    """Write or check. 1 where the document is not current."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; say whether the document is current")
    made = text()
    if parser.parse_args().check:
        return int(not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != made)
    DOCUMENT.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
