"""Who answers differently, and what the pairs themselves say: order on the page, transitivity, circles."""

from __future__ import annotations

from openrvu.dossier.blocks import Block, Notice, Paragraph, Section
from openrvu.reports.analysis import Analysis
from openrvu.reports.people import Split
from openrvu.reports.words import NONE, between, chance, number, table

TOLD = "Record financial interest, yearly volume and specialty of each respondent, so that their effect can be tested."
Z = 1.959964


def section_groups(found: Analysis) -> Section:
    """Groups of respondents by what is known of them, financial interest first."""
    blocks: list[Block] = []
    have = {one.attribute for one in found.splits}
    if not have & {"interest", "financial interest", "financial_interest"}:
        blocks.append(
            Notice("missing", "Financial interest", "It was not recorded, so its effect cannot be tested.", TOLD)
        )
    if found.people is None:
        blocks.append(Notice("missing", "Groups", f"Cannot be compared: {found.why_no_people}."))
    elif not found.splits:
        blocks.append(
            Notice("missing", "Groups", "Nothing is recorded of the respondents by which they could be compared.", TOLD)
        )
    else:
        blocks.append(_shifts(found))
        blocks += [_items(one, found.survey.target) for one in found.splits if one.differences]
    return Section("groups", "Who answers differently", tuple(blocks))


def _shifts(found: Analysis) -> Block:
    rows = []
    for one in found.splits:
        ends = NONE if one.shift is None or one.se is None else between(one.shift - Z * one.se, one.shift + Z * one.se)
        rows.append(
            (
                one.attribute,
                f"{one.second} ({one.n_second}) against {one.first} ({one.n_first})" if one.second else NONE,
                number(one.shift),
                ends,
                chance(one.test.p) if one.test else NONE,
                one.why_not or _found(one),
            )
        )
    head = ("By", "Groups", "Shift|logits", "95 % interval|logits", "Same measures, p", "Services that differ")
    notes = (
        f"Shift: how much higher the group named first places {found.survey.target}. Same measures: Andersen's "
        "likelihood "
        "ratio (asymptotic). A difference is not a reason; nothing here says why groups differ.",
    )
    return table("Groups of respondents", head, rows, notes=notes, words=(0, 1, 5))


def _found(one: Split) -> str:
    differ = [d for d in one.differences if d.size in ("moderate", "large", "negligible")]
    return ", ".join(f"{d.item} ({d.size})" for d in differ) or "none"


def _items(one: Split, target: str) -> Block:
    rows = [(d.item, number(d.shift), number(d.se), chance(d.p), chance(d.p_holm), d.size) for d in one.differences]
    head = ("Service", "Shift|logits", "SE|logits", "p", "p (Holm)", "Size")
    caption = (
        f"By {one.attribute}: services judged otherwise by {one.second} ({one.n_second}) than by "
        f"{one.first} ({one.n_first})"
    )
    notes = (
        f"Above 0: harder to exceed for {one.second}, given where they place {target}. Size: negligible below "
        "0.43 logits, large from 0.64.",
    )
    return table(caption, head, rows, notes=notes, words=(0, 5))


def section_pairs(found: Analysis) -> Section:
    """Order, transitivity and fit of the pairs, or why they cannot be tested."""
    rows = [(one.name, one.asks, one.words or f"cannot be tested: {one.why_not}") for one in found.tests]
    blocks: tuple[Block, ...] = (
        Paragraph(
            "What a line of measures takes for granted, and whether these answers can test it. A survey in which every "
            "question holds the target cannot test most of it."
        ),
        table("Tests of the pairs", ("Test", "Asks", "Outcome"), rows, words=(0, 1, 2)),
    )
    return Section("pairs", "Order and transitivity", blocks)
