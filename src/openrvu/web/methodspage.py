"""The screen of methods: how prices and values are made, rules, dated values, limits, and what was compared."""

from __future__ import annotations

from openrvu import answers
from openrvu.dossier.blocks import Bullets, Column, Item, Row, Table
from openrvu.methodology import Difference, Methods, methods, sheet
from openrvu.methodology.said import Said
from openrvu.web.parts import Part
from openrvu.web.reporting import Report

PLAIN = {"done": "held against an outside figure", "partly": "in part", "not": "not modelled"}


def json_of(found: Methods) -> str:
    """The methods as JSON: the bytes of `openrvu methods --json`."""
    return answers.to_json({**answers.encode(found), "run_id": answers.run_id()})


def methods_page() -> Report:
    """The screen."""
    found = methods()
    modelled = _modelled(found)
    total, equal = sum(row.compared for row in found.compared), sum(row.equal for row in found.compared)
    done = sum(row.state == "done" for row in found.coverage)
    return Report(
        path="/methods",
        title="Methods and limits",
        said=(
            "Every amount is a sum of three products in whole numbers, rounded once; every rule and value is dated and "
            "names its source.",
            f"{equal:,} of {total:,} published amounts come out to the cent; every other is explained below. "
            f"{done} of {len(found.coverage)} parts are held against an outside figure.",
        ),
        parts=(
            Part("how", "How it is made", (_bullets(found.how),)),
            Part("limits", "What it must not be used for", (_bullets(found.must_not),)),
            Part("statistics", "Statistics, in words", (_bullets(found.statistics),)),
            Part("modelled", "What is modelled, and how far", (modelled,), modelled, sheet=sheet(found)),
            *_tables(found),
            Part("differences", "Where figures differ, and why", _differences(found.differences)),
        ),
        foot={"run_id": answers.run_id()},
        python="import openrvu\nfound = openrvu.methods()",
        command="openrvu methods --json",
    )


def _bullets(found: tuple[Said, ...]) -> Bullets:
    return Bullets(tuple(Item(one.text, one.term, one.sources) for one in found))


def _modelled(found: Methods) -> Table:
    rows = tuple(Row((row.name, row.since, PLAIN[row.state], row.limits)) for row in found.coverage)
    columns = (Column("What"), Column("Since", "", "whole"), Column("State"), Column("Limits"))
    return Table(f"{len(rows)} parts, with what each leaves out", columns, rows)


def _tables(found: Methods) -> tuple[Part, ...]:
    rules = Table(
        f"The {len(found.rules)} rules, in the order in which they act",
        (Column("Order", "", "right"), Column("Rule"), Column("What it does")),
        tuple(Row((str(one.order), one.name, one.says), one.sources) for one in found.rules),
    )
    values = Table(
        f"{len(found.parameters)} dated values",
        (Column("Value", "", "right"), Column("Meaning"), Column("From", "", "whole"), Column("To", "", "whole")),
        tuple(
            Row(
                (
                    one.value,
                    one.meaning + ("" if one.settled else " (from memory)"),
                    one.starts.isoformat(),
                    one.ends.isoformat() if one.ends else "",
                ),
                (one.source,),
            )
            for one in found.parameters
        ),
    )
    compared = Table(
        "Published amounts compared with ours, to the cent",
        (
            Column("Release", "", "whole"),
            Column("Compared", "amounts", "right"),
            Column("Equal", "amounts", "right"),
            Column("Different", "amounts", "right"),
            Column("Equal", "%", "right"),
        ),
        tuple(
            Row((row.release, f"{row.compared:,}", f"{row.equal:,}", f"{row.different:,}", row.rate))
            for row in found.compared
        ),
        notes=("`openrvu reconcile FILE` compares a file of your own. Differences: under “Where figures differ”.",),
    )
    return (
        Part("rules", "The rules, in order", (rules,), rules),
        Part("values", "Dated values", (values,), values),
        Part("compared", "Compared with CMS's own amounts", (compared,), compared),
    )


def _differences(found: tuple[Difference, ...]) -> tuple[Bullets, ...]:
    groups = dict.fromkeys(one.about for one in found)
    made = []
    for about in groups:
        own = [one for one in found if one.about == about]
        made.append(Bullets(tuple(Item(one.text, f"{about}: {one.term}") for one in own)))
    return tuple(made)
