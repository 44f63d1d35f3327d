"""CPT's descriptors belong to the AMA. What we say of a service is our own: short, and in no column of its own name.

A check of form: twelve words at most wherever a family says what a service is, none of the marks that descriptors are
built with, and in no fact file a column or key that CMS or the AMA use for descriptors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openrvu.codes.families import families
from openrvu.files import read_csv, read_toml

PACKAGE = Path(__file__).parents[2] / "src" / "openrvu"
DATA = sorted(p for room in ("facts", "rules") for p in (PACKAGE / room).rglob("*") if p.suffix in (".csv", ".toml"))
MOST_WORDS = 12

# Keys under which descriptors come.
FORBIDDEN = re.compile(r"desc(r|riptor|ription)?s?|(short|long|medium|cpt)_desc\w*|official_\w+", re.IGNORECASE)


def cells(path: Path) -> Iterator[tuple[str, Any]]:
    """Every key and value of a fact file, at any depth."""

    def walk(value: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(value, dict):
            for key, item in value.items():
                yield key, item
                yield from walk(item)
        elif isinstance(value, list):
            for item in value:
                yield from walk(item)

    yield from walk(read_csv(path) if path.suffix == ".csv" else read_toml(path))


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_fact_file_has_a_column_of_descriptors(path: Path) -> None:
    forbidden = sorted({key for key, _ in cells(path) if FORBIDDEN.fullmatch(key)})
    assert not forbidden


def test_services_are_named_in_few_words_of_our_own() -> None:
    services = [service for family in families() for service in family.services.values()]
    assert len(services) > 10, "no families were found"
    for service in services:
        assert 1 <= len(service.words.split()) <= MOST_WORDS, service.code
        # How descriptors give examples and set a procedure apart.
        assert not re.search(r"\(eg\b|\be\.?g\.?,|separate procedure", service.words), service.code


@pytest.mark.parametrize("key", ["description", "Descriptor", "short_desc", "long_descriptor", "DESC"])
def test_the_check_knows_a_column_of_descriptors(key: str) -> None:
    assert FORBIDDEN.fullmatch(key)
