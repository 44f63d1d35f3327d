"""What the user made: saved cases, studies, uploads, jobs, users. SQLite by default, PostgreSQL for a group.

Its libraries take a second to import, so its modules are imported when they are first used: `state.jobs.get(...)`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openrvu.state import cases, database, jobs, mappings, runner, uploads, users

_LATE = ("cases", "database", "jobs", "mappings", "runner", "uploads", "users")

__all__ = ["cases", "database", "jobs", "mappings", "runner", "uploads", "users"]


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return import_module(f"openrvu.state.{name}")
    raise AttributeError(f"module 'openrvu.state' has no attribute {name!r}")
