"""Every figure has a source: each fact row names one, and each name is a row of facts/sources*.toml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openrvu import schemas
from openrvu.files import read_csv, read_toml
from openrvu.rules.order import RULES
from openrvu.sources import sources

PACKAGE = Path(__file__).parents[2] / "src" / "openrvu"
DATA = [path for room in ("facts", "rules") for path in sorted((PACKAGE / room).rglob("*"))]
TABLES = [path for path in DATA if path.suffix == ".csv"]
TEXTS = [path for path in DATA if path.suffix == ".toml" and not path.name.startswith("sources")]
KEYS = ("source", "sources")


def ids_of(cell: str | list[str]) -> list[str]:
    """The source ids of a cell: a list, or text separated by blanks or semicolons."""
    return cell if isinstance(cell, list) else [part for part in re.split(r"[;\s]+", cell) if part]


def named(value: Any) -> Iterator[str]:
    """Every source id in a TOML tree."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in KEYS and isinstance(item, (str, list)):
                yield from ids_of(item)
            else:
                yield from named(item)
    elif isinstance(value, list):
        for item in value:
            yield from named(item)


def short(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_there_are_facts() -> None:
    """The folders were found at all: otherwise the tests below would have nothing to do."""
    assert {"facts/states.csv", "facts/conversion_factors.csv"} <= {short(path) for path in TABLES}
    assert "facts/releases.toml" in {short(path) for path in TEXTS}


@pytest.mark.parametrize("path", TABLES, ids=short)
def test_each_row_of_a_table_names_sources_that_exist(path: Path) -> None:
    rows = read_csv(path)
    assert rows, "an empty table"
    columns = [key for key in KEYS if key in rows[0]]
    assert columns, f"no column `source` or `sources` among {', '.join(rows[0])}"
    for number, row in enumerate(rows, start=2):
        ids = [key for column in columns for key in ids_of(row[column] or "")]
        assert ids, f"line {number} names no source"
        unknown = [key for key in ids if key not in sources()]
        assert not unknown, f"line {number}: {', '.join(unknown)}: no such row in facts/sources*.toml"


@pytest.mark.parametrize("path", TEXTS, ids=short)
def test_each_text_file_names_sources_that_exist(path: Path) -> None:
    ids = list(named(read_toml(path)))
    assert ids, "nothing in it names a source"
    unknown = sorted({key for key in ids if key not in sources()})
    assert not unknown, f"{', '.join(unknown)}: no such row in facts/sources*.toml"


def test_each_rule_names_sources_that_exist() -> None:
    for rule in RULES:
        assert rule.sources, f"rule {rule.name} names no source"
        assert set(rule.sources) <= set(sources()), rule.name
    assert schemas.NATIONAL.source in sources()


def test_each_source_has_a_citation_and_one_id() -> None:
    for key, row in sources().items():
        assert re.fullmatch(r"[a-z0-9][a-z0-9.()-]*", key), f"{key!r}: small letters, digits, points, hyphens"
        assert len(row.citation) > 10, f"{key}: the citation is too short to find it by"
