"""Write docs/coverage.md from coverage.toml and from what is marked as unconfirmed, or check that it is current.

python tools/make_coverage.py [--check]
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# The package of this folder: so the imports come after the path (E402).
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tools.make_rules import dates, meanings, value  # noqa: E402

from openrvu import params  # noqa: E402
from openrvu.rules.people import providers  # noqa: E402
from openrvu.sources import sources  # noqa: E402

DOCUMENT = ROOT / "docs" / "coverage.md"

HEAD = """# What is modelled, since when, and what proves it

Written by `python tools/make_coverage.py` from `coverage.toml`; a test says when it is not current, another opens each
proof. *Since* is the first date of service, release or version it holds for; empty where it has none. What each rule of
payment does, with its dated values, is in [rules.md](rules.md); what differs from CMS's own figures, in
[differences.md](differences.md).
"""
PARTS = (
    ("done", "Held against an outside figure", "A published amount, a worked example or an independent program."),
    ("partly", "Modelled in part", "What is missing stands beside it, and the program says so where it matters."),
    ("not", "Known and not modelled", "With the reason, and what happens instead."),
)


def items() -> list[dict[str, Any]]:
    """The items of coverage.toml, in its order."""
    with (ROOT / "coverage.toml").open("rb") as file:
        found: list[dict[str, Any]] = tomllib.load(file)["item"]
    return found


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _proofs(item: dict[str, Any]) -> str:
    return ", ".join(f"[{Path(name).stem}](../{name})" for name in item["verified_by"])


def _modelled() -> Iterator[str]:
    for state, title, words in PARTS:
        some = [item for item in items() if item["state"] == state]
        yield f"\n## {title}: {len(some)}\n\n{words}\n\n"
        if state == "not":
            yield "| what | why, and what happens instead |\n|---|---|\n"
            yield from (f"| {_cell(one['name'])} | {_cell(one['limits'])} |\n" for one in some)
            continue
        yield "| what | since | limits | proven by |\n|---|---|---|---|\n"
        for one in some:
            yield f"| {_cell(one['name'])} | {one['since']} | {_cell(one['limits'])} | {_proofs(one)} |\n"


def _unsettled() -> Iterator[str]:
    """Figures that act on amounts and that nobody has confirmed in a source."""
    yield "\n## From memory, to be confirmed\n\nUsed, and marked wherever they act on an amount.\n\n"
    yield "| figure | meaning | dates | source |\n|---|---|---|---|\n"
    for row in params.rows():
        if not row.settled:
            meaning = next(meanings(row.name))
            yield f"| {value(row)} | {meaning} | {dates(row)} | `{row.source}` |\n"
    for one in providers().values():
        if not one.settled:
            yield f"| {one.provider} | {one.words}: share and first day | | `{one.source}` |\n"
    yield "\nSources that say so of themselves:\n\n| source | what | note |\n|---|---|---|\n"
    for key, source in sorted(sources().items()):
        if "memory" in source.note:
            yield f"| `{key}` | {_cell(source.citation)} | {_cell(source.note)} |\n"


def text() -> str:
    """The document."""
    return "".join([HEAD, *_modelled(), *_unsettled()])


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
