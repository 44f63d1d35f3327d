"""From invited to analysed: how many at each stage, as shares of stated numbers, and response rates by definition.

The rates are those of AAPOR, Standard Definitions, for internet surveys of specifically named persons: everybody
invited is in the denominator, undelivered invitations included, since nobody knows who among them was eligible. Where
it is not known how many were invited (an open link), there is no response rate, and none is made up.
"""

from __future__ import annotations

from collections.abc import Sequence

from openrvu.errors import BadInput
from openrvu.surveydata.data import Flag, Funnel, Rate, Respondent, Stage

SOURCE = "AAPOR, Standard Definitions (8th ed. 2015), internet surveys of specifically named persons"


def funnel(
    respondents: Sequence[Respondent],
    found: Sequence[Flag],
    keep: Sequence[int],
    *,
    invited: int | None,
    opened: int | None,
    consent_asked: bool,
    end_recorded: bool,
) -> Funnel:
    """The stages and rates. respondents: every row read. found: their flags. keep: which are analysed. Previews and
    tests are nobody.

    Raises BadInput where a stage is larger than the one that holds it.
    """
    kinds: dict[int, set[str]] = {}
    for flag in found:
        kinds.setdefault(flag.line, set()).add(flag.kind)
    real = [one for one in respondents if "preview" not in kinds.get(one.line, ())]
    agreed = [one for one in real if "no-consent" not in kinds.get(one.line, ())]
    whole = [one for one in agreed if one.asked and one.answered >= one.asked]
    some = [one for one in agreed if 0 < one.answered < one.asked]
    ended = [one for one in agreed if "unfinished" not in kinds.get(one.line, ())] if end_recorded else whole
    for name, n in (("invited", invited), ("opened", opened)):
        if n is not None and n < len(real):
            raise BadInput(f"{n} {name} and {len(real)} rows", where="the mapping", fix=f"Correct {name}")
    kept = sum("preview" in kinds.get(respondents[i].line, ()) for i in keep)
    tests = f" ({kept} marked as previews or tests: exclude preview)" if kept else ""
    counts: list[tuple[str, int | None, str]] = [
        ("invited", invited, "given" if invited is not None else "not recorded: say `invited` in the mapping"),
        ("opened", opened, "given" if opened is not None else "not recorded: say `opened` in the mapping"),
        ("started", len(real), "rows of the file, without previews and tests"),
        (
            "consented",
            len(agreed) if consent_asked else None,
            "by the consent question" if consent_asked else "not asked",
        ),
        ("finished", len(ended), "by the programme" if end_recorded else "every question answered"),
        ("analysed", len(keep), f"answered something, and left out by no rule{tests}; of those started"),
    ]
    stages, before = [], None
    for name, n, how in counts:
        of = len(real) if name == "analysed" else before  # who did not finish is analysed too, but by a rule
        stages.append(Stage(name, n, _share(n, invited), _share(n, of), of, how))
        before = n if n is not None else before
    return Funnel(tuple(stages), _rates(len(whole), len(some), len(real), invited))


def _share(n: int | None, of: int | None) -> float | None:
    return n / of if n is not None and of else None


def _rates(whole: int, some: int, started: int, invited: int | None) -> tuple[Rate, ...]:
    unknown = "" if invited is not None else "; how many were invited is not known"
    return (
        Rate(
            "AAPOR RR1",
            _share(whole, invited),
            whole,
            invited,
            f"complete (every question asked was answered) over all invited{unknown}. {SOURCE}",
        ),
        Rate(
            "AAPOR RR2",
            _share(whole + some, invited),
            whole + some,
            invited,
            f"complete and partial (some question answered) over all invited{unknown}. {SOURCE}",
        ),
        Rate("completion", _share(whole, started), whole, started, "complete over started; no response rate"),
    )
