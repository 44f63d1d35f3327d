"""What is held here: the embedded facts, with the releases a user has loaded in their place."""

from __future__ import annotations

from openrvu.facts import Facts, embedded


def current() -> Facts:
    """The embedded facts merged with the user's store."""
    return embedded()
