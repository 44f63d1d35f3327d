"""The screens of published studies: the list, the audit of one with drawings, every route to a code's work RVU."""

from __future__ import annotations

import shlex

from openrvu import answers
from openrvu.audits import audit
from openrvu.audits import sheet as guard_sheet
from openrvu.dossier import survey
from openrvu.dossier.asked import sentence
from openrvu.dossier.blocks import Bullets, Chart, Column, Item, Notice, Paragraph, Row, Table
from openrvu.dossier.forest import forest
from openrvu.dossier.survey import Target
from openrvu.facts import Facts
from openrvu.pricing import read_code, read_date
from openrvu.statements import catalogue
from openrvu.triangulation import Triangulation, triangulate
from openrvu.valuation.found import Audit
from openrvu.web.asked import Asked
from openrvu.web.parts import Part
from openrvu.web.reporting import Report

STATUS = {
    "reproduced": "comes out as printed",
    "not-reproduced": "does not come out",
    "not-reproducible": "cannot be reproduced from what is printed",
    "no-claim": "states no value of its own",
}


def found_of(key: str, asked: Asked, facts: Facts) -> Audit:
    """The public call with the date of the page, if one is chosen."""
    on = read_date(asked.checked().on or None)
    return audit(key, facts, release=facts.release_on(on).id if on else "", on=on)


def foot_of(found: Audit) -> dict[str, str]:
    """The foot of its outputs."""
    return answers.foot(release=found.use_release, on=found.on, place="national")


def json_of_list() -> str:
    """The list as JSON: the bytes of `openrvu studies --json`."""
    return answers.to_json({**answers.encode(catalogue()), "run_id": answers.run_id()})


def list_page(asked: Asked, facts: Facts) -> Report:
    """The screen with every published study and account."""
    found = catalogue()
    audits = [found_of(one.id, asked, facts) for one in found.studies]
    rows = tuple(
        Row((one.id, one.target, one.title, STATUS[held.status], str(len(held.fired()))), (one.source,))
        for one, held in zip(found.studies, audits, strict=True)
    )
    columns = (
        Column("Study", "", "whole"),
        Column("Of", "", "whole"),
        Column("Title"),
        Column("Its value"),
        Column("Warnings", "", "right"),
    )
    table = Table("Published studies of work, audited from what they print", columns, rows)
    wheres = Table(
        "Published accounts whose statements are checked",
        (Column("Account"), Column("Made on", "", "whole"), Column("Title")),
        tuple(Row((one.id, one.on.isoformat(), one.title), (one.source,)) for one in found.accounts),
    )
    return Report(
        path="/studies",
        title="Published studies",
        said=(
            f"{len(found.studies)} published studies, each audited from what it prints: what its value equals, what "
            "its own figures give, and every warning.",
            "What is computed is said, never why. Whoever is audited here and disagrees is asked to say so.",
        ),
        parts=(Part("studies", "Studies", (table,), table), Part("accounts", "Accounts", (wheres,), wheres)),
        foot={"run_id": answers.run_id()},
        python="import openrvu\nfound = openrvu.audit('lewandrowski-2024-62380')",
        command="openrvu studies --json",
    )


def study_page(key: str, asked: Asked, facts: Facts) -> Report:
    """The screen of one study's audit. Errors as in `audit`."""
    found = found_of(key, asked, facts)
    about, cited = Target(found.study.target, facts), (found.study.source,)
    python, command = elsewhere(found.study.id, asked)
    return Report(
        path=f"/studies/{found.study.id}",
        title=found.study.title,
        overline=f"{found.study.authors} {found.study.year} · {found.study.target}",
        said=(found.headline,),
        figures=survey.key_figures(about, found) if found.claims or found.mean else None,
        parts=_parts(found, about, cited),
        foot=foot_of(found),
        python=python,
        command=command,
        links=(
            (asked.url(f"/triangulate/{found.study.target}"), f"Every route to {found.study.target}"),
            (asked.url("/studies"), "All studies"),
        ),
        more=cited,
        here=found.study.target,
    )


def _parts(found: Audit, about: Target, cited: tuple[str, ...]) -> tuple[Part, ...]:
    sources = survey.sources(about, found)
    told = Bullets(tuple(Item(text, sources=sources) for text in found.findings))
    warnings = survey.fired_guards(found.guards, sources, about.code)[1:]  # without the heading of the dossier
    quiet = next((one for one in warnings if isinstance(one, Table)), None)
    made = [
        Part("found", "What was found", (told,) if told.items else (Paragraph("Nothing is claimed.", cited),)),
        Part("warnings", "Warnings", tuple(warnings), quiet, sheet=guard_sheet(found)),
    ]
    if found.checks:
        table = survey.checks(found)
        made.append(Part("consistency", "Printed figures held against each other", (table,), table))
    if found.line:
        drawn, left = survey.scatter(about, found), survey.left_out(about, found)
        made.append(_drawn("line", "The line through the comparators", drawn))
        made.append(_drawn("left-out", "Who decides the line", left))
    if found.comparators:
        for name, title, table in (
            ("comparators", "The comparators", survey.comparators_table(about, found)),
            ("releases", "With other releases", survey.by_release(about, found)),
        ):
            made.append(Part(name, title, (table,), table))
    for at, one in enumerate(found.claims):
        if one.tries:
            table = survey.tries(about, found, at)
            made.append(Part(f"formulas-{at + 1}", f"Formulas tried on {one.claim.value}", (table,), table))
    made.append(
        Part("about", "About the study, and what is missing", (survey.about_study(found), *survey.limits(found)))
    )
    return tuple(made)


def _drawn(name: str, title: str, chart: Chart) -> Part:
    """A part whose table stands first and the drawing of it below."""
    return Part(name, title, (chart.table,), chart.table, chart=chart)


def elsewhere(key: str, asked: Asked) -> tuple[str, str]:
    """The same audit in Python and on the command line."""
    if not asked.on:
        return f"import openrvu\nfound = openrvu.audit({key!r})", shlex.join(["openrvu", "audit", key, "--json"])
    python = (
        "import openrvu\nfrom datetime import date\nfacts = openrvu.current()\n"
        f"on = date.fromisoformat({asked.on!r})\n"
        f"found = openrvu.audit({key!r}, facts, release=facts.release_on(on).id, on=on)"
    )
    return python, shlex.join(["openrvu", "audit", key, "--on", asked.on, "--json"])


def routes_of(code: str, asked: Asked, facts: Facts) -> Triangulation:
    """Every route to a code's work RVU that needs no file. Errors as in `triangulate`."""
    on = read_date(asked.checked().on or None)
    return triangulate(read_code(code), facts, release=facts.release_on(on).id if on else "")


def drawing_of(found: Triangulation, facts: Facts) -> Chart:
    """The forest plot of all routes."""
    release = facts.release(found.release)
    return forest(found.code, found.routes, found.comparators, (release.id, release.source), found.label)


def routes_foot(found: Triangulation, facts: Facts) -> dict[str, str]:
    """The foot of its outputs."""
    return answers.foot(release=found.release, on=facts.release(found.release).starts, place="national")


def routes_json(found: Triangulation, facts: Facts) -> str:
    """The routes as JSON, the forest plot with them: the bytes of `openrvu triangulate --json`."""
    drawn = drawing_of(found, facts)
    shown = {"title": drawn.title, "alt": drawn.alt, "spec": drawn.spec, "narrow": drawn.narrow}
    return answers.document({**answers.encode(found), "forest": shown}, routes_foot(found, facts))


def routes_page(code: str, asked: Asked, facts: Facts) -> Report:
    """The screen of every route to a code's work RVU. Errors as in `triangulate`."""
    found = routes_of(code, asked, facts)
    drawn = drawing_of(found, facts)
    table = _routes(found)
    lacking = tuple(Notice("missing", one.name, sentence(one.why), sentence(one.fix)) for one in found.lacking)
    parts = [Part("lacking", "Routes without data here", lacking)] if lacking else []
    if found.routes:
        shown = Part("routes", "Routes with data", (table,), table, sheet=_sheet(found))
        parts = [shown, Part("forest", "On one axis", (), drawn.table, chart=drawn), *parts]
    day = ["--on", asked.on] if asked.on else []
    used = f", release={found.release!r}" if asked.on else ""
    return Report(
        path=f"/triangulate/{found.code}",
        title=f"Every route to a work RVU of {found.code}",
        overline="Side by side, never pooled",
        said=(found.concluded,),
        notices=(Notice("simulated", "Made-up data", found.label),) if found.label else (),
        parts=tuple(parts),
        foot=routes_foot(found, facts),
        python=f"import openrvu\nfound = openrvu.triangulate({found.code!r}{used})",
        command=shlex.join(["openrvu", "triangulate", found.code, *day, "--json"]),
        links=((asked.url(f"/codes/{found.code}"), f"{found.code} in full"), (asked.url("/studies"), "All studies")),
        more=found.sources,
        here=found.code,
    )


def _routes(found: Triangulation) -> Table:
    rows = tuple(
        Row((one.name, one.text, one.intervals, one.kind, one.words, one.assumes), one.sources) for one in found.routes
    )
    columns = (
        Column("Route"),
        Column("Value", "work RVU", "right"),
        Column("Interval"),
        Column("Kind"),
        Column("How"),
        Column("Assumes"),
    )
    return Table(f"{len(rows)} figures that answer different questions, release {found.release}", columns, rows)


def _sheet(found: Triangulation) -> str:
    """The routes as CSV: the bytes of `openrvu triangulate --csv`."""
    return answers.csv_text(
        ("route", "value", "interval", "kind", "assumes", "simulated"),
        [(r.name, r.text, r.intervals, r.kind, r.assumes, "yes" if r.simulated else "") for r in found.routes],
    )
