"""The outcome of many files as one document, and as one object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openrvu import units
from openrvu.reconciling import known_stale
from openrvu.reconciling.outcome import NOT_COMPARABLE, Reconciliation

_TOTALS = (
    *("records", "compared", "matched", "caps_compared", "caps_matched", "therapy_compared", "therapy_matched"),
    "different",
)
_HEAD = """\
# Reconciliation with CMS's published amounts

Every amount of the payment and OPPS-cap files named here, priced with the release that the file belongs to, and
compared to the cent. Made by `make reconciliation` from CMS's files; `openrvu reconcile FILE` does the same for one.
A fee counts once a setting; an OPPS cap counts once a record and agrees when both settings do; the halved amounts of
therapy services count once a column.
"""


def together(found: Sequence[Reconciliation]) -> dict[str, Any]:
    """Several outcomes as one object: totals, all differences, and each outcome under `files`."""
    return {
        "release": ", ".join(dict.fromkeys(one.release for one in found)),
        **{name: sum(getattr(one, name) for one in found) for name in _TOTALS},
        "differences": [difference for one in found for difference in one.differences],
        "files": list(found),
    }


def document(found: Sequence[Reconciliation]) -> str:
    """The outcomes as Markdown, without a path, a date or a clock in it: the same files give the same text."""
    parts = [_HEAD, "## Files\n", *_files(found), "\n## Match rate by release\n", *_rates(found)]
    if any(one.not_comparable for one in found):
        parts += ["\n## What could not be compared\n", *_reasons(found)]
    if stale := [one for one in found if one.different]:
        parts += ["\n## Where amounts differ\n", *(_difference(one) for one in stale)]
    if notes := [f"- {one.file}: {note}" for one in found for note in one.notes if not note.startswith("known to be")]:
        parts += ["\n## Notes\n", *notes]
    return "\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], right: int) -> list[str]:
    """A Markdown table; the columns from `right` on are figures."""
    marks = ["---:" if number >= right else "---" for number in range(len(head))]
    return [f"| {' | '.join(cells)} |" for cells in (head, marks, *rows)]


def _pair(matched: int, compared: int) -> str:
    return f"{matched:,} of {compared:,}" if compared else "-"


def _files(found: Sequence[Reconciliation]) -> list[str]:
    head = ("file", "SHA-256", "release", "factor", "records", "fees equal", "caps equal", "therapy equal")
    rows = [
        (
            one.file,
            f"`{one.sha256[:12]}`",
            one.release,
            one.conversion_factor + ("" if one.track == "all" else f" {one.track}"),
            f"{one.records:,}",
            _pair(one.matched, one.compared),
            _pair(one.caps_matched, one.caps_compared),
            _pair(one.therapy_matched, one.therapy_compared),
            f"{one.different:,}",
            f"{sum(one.not_comparable.values()):,}",
        )
        for one in found
    ]
    return _table((*head, "amounts different", "records not comparable"), rows, 3)


def _rates(found: Sequence[Reconciliation]) -> list[str]:
    rows = []
    for release in sorted({one.release for one in found}):
        own = [one for one in found if one.release == release]
        compared = sum(one.compared + one.caps_compared + one.therapy_compared for one in own)
        matched = sum(one.matched + one.caps_matched + one.therapy_matched for one in own)
        rate = f"{units.ratio_text(matched, compared, 2)} %" if compared else "-"
        rows.append((release, f"{compared:,}", f"{matched:,}", f"{compared - matched:,}", rate))
    return _table(("release", "compared", "equal", "different", "rate"), rows, 1)


def _reasons(found: Sequence[Reconciliation]) -> list[str]:
    lines = []
    for one in found:
        for reason, count in one.not_comparable.items():
            lines.append(f"- {one.file}, `{reason}`: {count:,} records; {NOT_COMPARABLE[reason]}.")
            if reason == "no-rvu":
                lines.append(f"  By code: {', '.join(f'{code} ({n:,})' for code, n in one.no_rvu.items())}.")
    return lines


def _difference(one: Reconciliation) -> str:
    """One sentence on a file whose amounts differ."""
    first = one.differences[0]
    service = first.code + (f"-{first.modifier}" if first.modifier else "")
    example = (
        f"{service} at {first.mac}-{first.locality}, {first.amount}: {units.dollars(first.published_cents)} published, "
        f"{units.dollars(first.computed_cents)} computed"
    )
    words = known_stale(one.kind, one.release)
    why = f"{words} ([explained](differences.md#amounts))" if words else "not explained yet"
    return f"- {one.file} against {one.release}: {why}; {one.different:,} amounts, the first {example}."
