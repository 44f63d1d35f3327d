"""Letters and packets drafted from what the dossier holds: figures with intervals, and what speaks against.

>>> made = letter("62380", "comment", on="2026-07-01")
>>> [section.id for section in made.sections][:3]
['ask', 'facts', 'work']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from openrvu import answers, holdings
from openrvu.codes.coverage import coverage_of, positions
from openrvu.codes.evidence import evidence_of, revaluation_of
from openrvu.codes.families import Service, find_service, plain_words
from openrvu.dossier.asked import money, place_name, rvu, sentence
from openrvu.dossier.blocks import Block, Bullets, Column, Item, Notice, Paragraph, Row, Section, Table
from openrvu.dossier.drafts import Draft
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.impact.practice import practice
from openrvu.pricing import Priced, price, read_code, read_date
from openrvu.routes import comparators
from openrvu.triangulation import Triangulation, triangulate
from openrvu.valuation.audit import audit as audit_study
from openrvu.valuation.held import anchors, codes_of
from openrvu.valuation.study import known

RATIONALE = "For pricing rationale only, not reportable instead."
COMPETITION = (
    "This letter speaks of one practice's own claims. Practices that compete must not agree on fees, on what to ask of "
    "a payer, or on refusing one; do not share it, its figures or its terms with another practice, and ask counsel "
    "before a society or a group writes for several."
)
TITLES = {
    "comment": "Comment on the physician fee schedule",
    "nomination": "Nomination of a potentially misvalued code",
    "payer": "To a payer, on this practice's own claims",
    "packet": "For a contractor that prices the code",
    "checklist": "What the operative note must say",
    "prior-authorization": "Prior-authorization note",
}
CMS = "Centers for Medicare & Medicaid Services, [docket number], by [date on which comments close]"


@dataclass(frozen=True)
class _On:
    """What a draft is about."""

    code: str
    day: date
    facts: Facts
    priced: Priced
    service: Service | None
    place: str
    volumes: Path | None = None
    multipliers: Mapping[str, str] | None = None


def letter(
    code: str,
    kind: str,
    *,
    on: str | date | None = None,
    place: str = "national",
    volumes: str | Path | None = None,
    multipliers: Mapping[str, str] | None = None,
    facts: Facts | None = None,
) -> Draft:
    """A draft for a person to finish.

    kind: one of TITLES. volumes: for a payer's letter, the file of the practice's own services (impact.volumes), with
    what the payer pays in percent of Medicare as multipliers. Same arguments and facts, same draft: no clock is read.
    Raises BadInput for another kind, for a payer's letter without volumes, and as `price` does.
    """
    if kind not in TITLES:
        raise BadInput(f"no draft is called {kind!r}", exists=f"Kinds: {', '.join(TITLES)}")
    if kind == "payer" and volumes is None:
        raise BadInput(
            "a letter to a payer is about one practice's own claims, and none are given",
            fix="Give the practice's own volumes: --volumes FILE",
        )
    held, wanted = facts or holdings.current(), read_code(code)
    day = read_date(on) or held.newest().starts
    priced = price(wanted, on=day, place=place, facts=held, today=day)
    path = Path(volumes) if volumes is not None else None
    about = _On(wanted, day, held, priced, find_service(wanted), place, path, multipliers)
    to, made = _KINDS[kind](about)
    foot = answers.foot(release=priced.release.id, on=day, place=place_name(priced.locality), setting="facility")
    words = plain_words(wanted)
    return Draft(kind, wanted, f"{TITLES[kind]}: {wanted}{f', {words}' if words else ''}", to, made, foot)


def _to_cms(about: _On, ask: tuple[Block, ...]) -> tuple[str, tuple[Section, ...]]:
    """What a comment and a nomination share: facts, work with its uncertainty, and the case against."""
    found = triangulate(about.code, about.facts, release=about.priced.release.id)
    sections = [
        Section("ask", "What is asked", ask),
        Section("facts", "What is so today", _today(about)),
        Section("work", "What is known of the work, and how sure it is", _work(about, found)),
        Section("beside", "Beside other services", (_beside(about),)),
        Section("evidence", "Evidence, and who paid for it", _evidence(about)),
        Section("against", "What speaks against", _against(about)),
        Section(
            "interests", "Interests", (Paragraph("[Financial interests of everybody who signs, or that none has any]"),)
        ),
    ]
    return CMS, tuple(section for section in sections if section.blocks)


def _comment(about: _On) -> tuple[str, tuple[Section, ...]]:
    lead = _leads(about)
    text = f"[Who writes, and for whom] asks that CMS [what is asked] for {about.code}."
    return _to_cms(about, (*lead, Paragraph(text)))


def _nomination(about: _On) -> tuple[str, tuple[Section, ...]]:
    text = (
        f"[Who writes, and for whom] nominates {about.code} as potentially misvalued, because [reason: one that the "
        "current rule names]. What follows says what the public figures carry, and what they do not."
    )
    return _to_cms(about, (*_leads(about), Paragraph(text)))


def _leads(about: _On) -> tuple[Block, ...]:
    return tuple(Notice("coverage", "Coverage", text, sources=about.priced.sources[:1]) for text in about.priced.leads)


def _today(about: _On) -> tuple[Block, ...]:
    """Status, RVUs and amount on the date, with how it is paid where there is no amount."""
    priced, record = about.priced, about.priced.record
    said = [f"Release {priced.release.id}, in force from {priced.release.starts.isoformat()}: {sentence(priced.words)}"]
    said += [sentence(priced.how_paid)] if priced.how_paid else []
    blocks: list[Block] = [Paragraph(" ".join(said), priced.sources)]
    if record is not None:
        cells = (rvu(record.work_rvu), rvu(record.pe_facility_rvu), rvu(record.mp_rvu), money(priced.amount_cents))
        columns = (Column("Release"), *(Column(name, "RVU", "right") for name in ("Work", "PE", "MP")))
        row = Row((priced.release.id, *cells), (record.source,))
        amount = Column("Amount", f"US dollars, {place_name(priced.locality)}", "right")
        blocks.append(Table(f"{about.code} in a facility", (*columns, amount), (row,)))
    return tuple(blocks)


def _work(about: _On, found: Triangulation) -> tuple[Block, ...]:
    """Every route with its interval, the paragraph of what can be concluded, and every warning that fires."""
    blocks: list[Block] = [Paragraph(found.concluded, found.sources)]
    if found.routes:
        rows = tuple(Row((r.name, r.text, r.intervals, r.assumes), r.sources) for r in found.routes)
        columns = (Column("Route"), Column("Value", "work RVU", "right"), Column("Interval"), Column("Assumes"))
        blocks.append(Table("Figures that answer different questions; they are not averaged", columns, rows))
    study = next((one for one in known() if one.target == about.code), None)
    if study is not None:
        audit = audit_study(study, anchors(about.facts, codes_of(study)), about.priced.release.id, on=about.day)
        fired = [guard for guard in audit.guards if guard.fired]
        items = tuple(Item(sentence(guard.words), f"{guard.name}:", (study.source,)) for guard in fired)
        blocks += [Paragraph("Warnings about the published value, which a reader will raise:")] if items else []
        blocks += [Bullets(items)] if items else []
    return tuple(blocks)


def _beside(about: _On) -> Block:
    rows = []
    for code in comparators(about.code):
        record = about.facts.record(code, "", about.priced.release.id)
        if record is not None:
            one = price(code, on=about.day, place=about.place, facts=about.facts, today=about.day)
            cells = (code, plain_words(code), rvu(record.work_rvu), money(one.amount_cents))
            rows.append(Row(cells, (record.source,)))
    columns = (
        Column("Code"),
        Column("In plain words"),
        Column("Work", "RVU", "right"),
        Column("Amount", "US dollars", "right"),
    )
    caption = f"Services that {about.code} is compared with, release {about.priced.release.id}"
    if not rows:
        return Paragraph("No services to compare it with are held; [comparators, and why these].")
    return Table(caption, columns, tuple(rows), notes=(RATIONALE,))


def _evidence(about: _On) -> tuple[Block, ...]:
    found = evidence_of(about.code)
    if found is None:
        return (Paragraph(f"No clinical evidence on {about.code} is held here. [Evidence, with who paid for it]"),)
    items = tuple(
        Item(
            f"{sentence('; '.join(one.figures) or one.read)} Paid for by: {one.funding}.",
            f"{one.title} (n {one.n}):",
            one.sources,
        )
        for one in found.studies
    )
    return (Paragraph(found.about), Bullets(items))


def _against(about: _On) -> tuple[Block, ...]:
    """Who objects and what the evidence says against: a letter that leaves it out is answered with it."""
    voices, evidence = revaluation_of(about.code), evidence_of(about.code)
    items = [Item(sentence(one.text), f"{one.who}:", one.sources) for one in (voices.objects if voices else ())]
    items += [Item(one.text, sources=one.sources) for one in (evidence.dissent if evidence else ())]
    answer = Paragraph("[Answer to each of these, or that it stands]")
    if not items:
        return (Paragraph("Nothing against is recorded here; that does not say that there is nothing."), answer)
    return (Bullets(tuple(items)), answer)


def _payer(about: _On) -> tuple[str, tuple[Section, ...]]:
    """A letter about one practice's own claims: what was billed, and what the payer's percent makes of it."""
    assert about.volumes is not None  # the caller has refused others
    how = {"on": [about.day], "place": about.place, "multipliers": about.multipliers, "facts": about.facts}
    found = practice(about.volumes, **how)  # type: ignore[arg-type]  # the names are practice's own
    (view,) = found.views
    own = [line for line in view.lines if line.code == about.code]
    if not own:
        raise BadInput(f"the practice's volumes hold no {about.code}", where=about.volumes.name)
    columns = (
        Column("Service"),
        Column("Units", "", "right"),
        Column("Medicare, one", "US dollars", "right"),
        Column("Paid, all", "US dollars", "right"),
    )
    rows = tuple(
        Row((line.code, f"{line.units:,}", money(line.medicare_cents), money(line.paid_total_cents))) for line in own
    )
    table = Table(f"This practice's own services, {view.label}", columns, rows, found.sources)
    ask = Paragraph(f"[Practice] asks [payer] to [what is asked] for its own claims with {about.code}.")
    note = Notice("warning", "Competition law", COMPETITION)
    sections = (
        Section("note", "Before this is sent", (note,)),
        Section("ask", "What is asked", (*_leads(about), ask)),
        Section(
            "claims",
            "Our own claims",
            (table, Paragraph("[What was denied or paid short, by claim, kept out of here]")),
        ),
        Section("facts", "What Medicare's schedule says", _today(about)),
        Section("evidence", "Evidence, and who paid for it", _evidence(about)),
        Section("against", "What speaks against", _against(about)),
    )
    return "[Payer, person, address]", sections


def _packet(about: _On) -> tuple[str, tuple[Section, ...]]:
    """What a contractor needs to price a claim: the note, the time, and services of like work."""
    why = (
        "[Which of these is nearest in work, and why: approach, levels, time, intensity. Name one that is less and one "
        "that is more.]"
    )
    minutes = Bullets(
        (
            Item("[minutes before the incision, from the record]", "Before:"),
            Item("[minutes from incision to closure, from the record]", "During:"),
            Item("[minutes after, and visits inside the global period]", "After:"),
        )
    )
    sections = (
        Section(
            "claim", "The claim", (*_leads(about), Paragraph("[Claim number and date of service, in your own system]"))
        ),
        Section("facts", "How the code is paid", _today(about)),
        Section("note", "The operative note says", _note(about)),
        Section("time", "Time", (minutes,)),
        Section("beside", "Services of like work", (_beside(about), Paragraph(why))),
        Section("work", "Published values, and why none is claimed here", _work(about, _routes(about))),
    )
    return "[Medicare Administrative Contractor]", sections


def _routes(about: _On) -> Triangulation:
    return triangulate(about.code, about.facts, release=about.priced.release.id)


def _note(about: _On) -> tuple[Block, ...]:
    """The checklist of the operative note: what decides for this code, and what it is taken for."""
    known_of = about.service
    if known_of is None:
        return (Paragraph(f"No family describes {about.code}. [What the code book asks of the note]"),)
    facts = [
        ("Approach:", known_of.approach),
        ("How the nerve was seen:", known_of.visualization),
        ("What was taken away or opened:", known_of.target),
        ("Region:", known_of.region),
        ("What pressed on the nerve:", known_of.pathology),
        ("Counted by:", known_of.unit),
    ]
    asked = [Item(f"☐ {text}", term, known_of.sources) for term, text in facts if text]
    asked += [Item(f"☐ {text}", sources=known_of.sources) for text in known_of.document]
    blocks: list[Block] = [Bullets(tuple(asked))]
    if known_of.confused_with:
        blocks.append(Paragraph("Not to be taken for:"))
        blocks.append(Bullets(tuple(Item(sentence(one.why), f"{one.code}:") for one in known_of.confused_with)))
    if known_of.traps:
        blocks.append(Bullets(tuple(Item(text, "Beware:", known_of.sources) for text in known_of.traps)))
    return tuple(blocks)


def _checklist(about: _On) -> tuple[str, tuple[Section, ...]]:
    said = "The code follows from the note, and never the note from the code: what was not done is not written."
    sections = (Section("note", "The note", (*_leads(about), *_note(about), Paragraph(said))),)
    return "[Surgeon and coder]", sections


def _prior(about: _On) -> tuple[str, tuple[Section, ...]]:
    reasons = about.service.reasons if about.service else ()
    listed = f" Among the diagnoses that it is done for: {', '.join(reasons)}." if reasons else ""
    ask = Paragraph(
        f"Prior authorization is asked for {about.code}, [levels and side].{listed} [Diagnosis, and what was tried "
        "before, in your own system; no name, birth date or member number belongs in this file]"
    )
    held = coverage_of(about.code, about.day)
    covered = [Item(one.text, sources=held.sources) for one in held.requirements] if held else []
    payers = [
        Item(f"{one.text} (policy {one.policy}, read {one.read}).", f"{one.payer}:", one.sources)
        for one in positions(about.code)
    ]
    both = (*covered, *payers)
    cover: tuple[Block, ...] = (
        (Bullets(both),) if both else (Paragraph("No coverage decision on it is held here; ask the payer."),)
    )
    sections = (
        Section("ask", "What is asked", (*_leads(about), ask)),
        Section("note", "What will be done, and what it is not", _note(about)),
        Section("coverage", "What payers ask for", cover),
        Section("evidence", "Evidence, and who paid for it", _evidence(about)),
        Section("against", "What speaks against", _against(about)),
    )
    return "[Payer, person, address]", sections


_KINDS: Mapping[str, Callable[[_On], tuple[str, tuple[Section, ...]]]] = {
    "comment": _comment,
    "nomination": _nomination,
    "payer": _payer,
    "packet": _packet,
    "checklist": _checklist,
    "prior-authorization": _prior,
}
