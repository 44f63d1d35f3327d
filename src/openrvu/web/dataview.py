"""The Data screen put together: releases, tables loaded here, checks, and what a load took in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from openrvu.dossier.blocks import Column, Row, Table
from openrvu.verifying import Check

if TYPE_CHECKING:
    from openrvu.state.jobs import Job


def releases(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The releases held, newest first."""
    columns = (
        Column("Release", "", "whole"),
        Column("From", "", "whole"),
        Column("To", "", "whole"),
        Column("Codes", "", "right"),
        Column("Origin"),
        Column("What was read"),
        Column("Source"),
        Column("Note"),
    )
    cells = tuple(
        Row(
            (
                str(row["release"]),
                str(row["starts"]),
                str(row["ends"] or "—"),
                f"{row['codes']:,}",
                str(row["origin"]),
                str(row["read"]),
                str(row["source"]),
                str(row["note"]),
            )
        )
        for row in reversed(rows)
    )
    return Table(f"{len(cells)} releases, newest first", columns, cells)


def tables(rows: Sequence[Mapping[str, Any]]) -> Table:
    """What was loaded on this machine."""
    columns = (
        Column("Kind"),
        Column("Release", "", "whole"),
        Column("Rows", "", "right"),
        Column("File"),
        Column("SHA-256", "first 12"),
        Column("Loaded", "", "whole"),
        Column("Checks passed"),
    )
    cells = tuple(
        Row(
            (
                str(row["kind"]),
                str(row["release"]),
                f"{row['rows']:,}",
                str(row["source_name"]),
                str(row["sha256"])[:12],
                str(row["loaded_at"])[:10],
                ", ".join(row["checks"]) or "not recorded",
            )
        )
        for row in rows
    )
    return Table("Loaded on this machine", columns, cells)


def checks(found: Sequence[Check]) -> Table:
    """Every check and what it found."""
    columns = (
        Column("Release", "", "whole"),
        Column("Origin"),
        Column("Check"),
        Column("Compared", "", "right"),
        Column("Failed", "", "right"),
        Column("Examples"),
    )
    rows = tuple(
        Row(
            (
                one.release,
                one.origin,
                one.words,
                f"{one.compared:,}",
                f"{one.failed:,}",
                "; ".join(one.examples) or "—",
            ),
            strong=bool(one.failed),
        )
        for one in found
    )
    return Table("What is held, checked against itself", columns, rows)


def loaded(job: Job) -> Table:
    """What a load took in."""
    assert job.outcome is not None
    columns = (
        Column("Kind"),
        Column("Release", "", "whole"),
        Column("Rows", "", "right"),
        Column("File"),
        Column("SHA-256", "first 12"),
        Column("Notes"),
    )
    rows = tuple(
        Row(
            (
                one["kind"],
                one["release"],
                f"{one['rows']:,}",
                one["file"],
                one["sha256"][:12],
                "; ".join([*(["in place of the one loaded before"] if one["replaced"] else []), *one["notes"]]) or "—",
            )
        )
        for one in job.outcome["loaded"]
    )
    return Table(f"{len(rows)} {'table' if len(rows) == 1 else 'tables'} loaded", columns, rows)


def file_name(name: str, place: int) -> str:
    """The name that a file of CMS gets in its private folder: letters of its own name, which may tell the release.

    >>> file_name("../PPRRVU2025_Jul (1).csv", 2), file_name("..", 0)
    ('2/PPRRVU2025_Jul-1-.csv', '0/file')
    """
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".- ") or "file"
    return f"{place}/{re.sub(r'-+', '-', safe)[-50:]}"
