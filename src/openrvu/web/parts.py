"""What a code's page is made of: the dossier's own blocks, in parts, so that both look and cite alike.

Answer first, tables next, sources last. A table that is worth keeping has a name, under which it downloads as CSV.
"""

from __future__ import annotations

from dataclasses import dataclass

from openrvu import units
from openrvu.cards.card import Card
from openrvu.cards.compare import RATIONALE, Comparison
from openrvu.cards.everywhere import Everywhere
from openrvu.cards.history import History
from openrvu.codes.families import find_service, plain_words
from openrvu.dossier.asked import money, place_name, rvu, sentence
from openrvu.dossier.blocks import (
    Block,
    Bullets,
    Chart,
    Column,
    Figure,
    Item,
    KeyFigures,
    Notice,
    Paragraph,
    Row,
    Table,
)
from openrvu.explaining import explain, shares
from openrvu.pricing import Priced
from openrvu.schemas import Locality
from openrvu.web import pictures
from openrvu.web.asked import IN_WORDS

DOLLARS = "US dollars"
DASH = "—"


@dataclass(frozen=True)
class Part:
    """A section of the page. id: its anchor. fold: the title of a fold, in which `folded` lies.

    table: the one that downloads as CSV, under the part's id; None: there is none. chart: the one that downloads as SVG
    and PNG; it stands after the blocks. sheet: the CSV of the table where it is not simply as shown.
    """

    id: str
    title: str
    blocks: tuple[Block, ...]
    table: Table | None = None
    fold: str = ""
    folded: tuple[Block, ...] = ()
    chart: Chart | None = None
    sheet: str = ""


def where(priced: Priced) -> str:
    """The place of a price, as it stands in a sentence."""
    return "nationally" if priced.locality.id == "national" else f"in {place_name(priced.locality)}"


def answer(priced: Priced) -> tuple[str, ...]:
    """The answer in sentences, the first one set large: coverage before any figure, a status before how it is paid."""
    code, day = priced.line.code, priced.on.isoformat()
    if priced.amount_cents is not None:
        share = next(s for s in shares(priced) if s.name == "coinsurance")
        place = where(priced)
        said = [
            f"The schedule amount of {code} is ${money(priced.amount_cents)} {IN_WORDS[priced.line.setting]}, {place}, "
            f"on {day}. The patient's 20 %, after the deductible, is ${money(share.amount_cents)}."
        ]
    else:
        since = f" So in every release held since {priced.since.isoformat()}." if priced.since else ""
        said = [f"{code} has no schedule amount on {day}. {sentence(priced.words)}{since}"]
        said += [f"How it is paid: {sentence(priced.how_paid)}"] if priced.how_paid else []
    return (*priced.leads, *said)


def settings(card: Card) -> KeyFigures | None:
    """Both settings side by side; None where neither has an amount."""
    both = (card.facility, card.nonfacility)
    if all(one.amount_cents is None for one in both):
        return None
    return KeyFigures(tuple(_setting(one) for one in both))


def _setting(priced: Priced) -> Figure:
    label = IN_WORDS[priced.line.setting]
    detail = "; ".join(priced.notes)
    if not detail and priced.amount_cents is not None:
        share = next(s for s in shares(priced) if s.name == "coinsurance")
        detail = f"patient's 20 %: ${money(share.amount_cents)}"
    return Figure(label.capitalize(), money(priced.amount_cents), DOLLARS, detail, priced.sources)


def notices(card: Card, priced: Priced) -> tuple[Notice, ...]:
    """What must not be overlooked: a release that is not in force, and notes on the setting shown."""
    found = [Notice("warning", "Release", text, sources=(priced.release.source,)) for text in priced.warnings]
    found += [Notice("warning", "Setting", text, sources=priced.sources) for text in priced.notes]
    return tuple(found)


def made(priced: Priced) -> Part:
    """How the amount is made: component x GPCI x conversion factor; folded, every rule as it acted."""
    steps = Table(
        f"Every rule as it acted on {priced.line.code}",
        (Column("Step"), Column("What"), Column("Value")),
        tuple(Row((s.rule, s.words, s.arithmetic or s.value), s.sources) for s in explain(priced)),
    )
    if priced.amount_cents is None:
        return Part("amount", "Why there is no amount", (steps,), steps)
    table = _components(priced)
    return Part("amount", "How the amount is made", (table,), table, "Every rule as it acted", (steps,))


def _components(priced: Priced) -> Table:
    record, place, factor = priced.record, priced.locality, priced.conversion_factor
    assert record is not None  # a priced line has its row
    inside = priced.line.setting == "facility"
    parts = (
        ("Work", record.work_rvu, place.work_gpci),
        ("Practice expense", record.pe_facility_rvu if inside else record.pe_nonfacility_rvu, place.pe_gpci),
        ("Malpractice", record.mp_rvu, place.mp_gpci),
    )
    scale = units.RVU * units.GPCI
    rows = [
        Row(
            (name, rvu(value), units.text(gpci, units.GPCI), units.text(value * gpci, scale, 5)),
            (record.source, place.source),
        )
        for name, value, gpci in parts
    ]
    total = units.text(sum(value * gpci for _, value, gpci in parts), scale, 5)
    number = units.text(factor.value, units.CONVERSION_FACTOR)
    rows.append(Row(("Sum of the products", "", "", total)))
    rows.append(Row((f"× conversion factor{TRACKS[factor.track]}", "", "", number), (factor.source,)))
    rows.append(Row(("Amount", "", "", f"${money(priced.amount_cents)}"), ("42cfr414.20",), strong=True))
    caption = f"{priced.line.code} {IN_WORDS[priced.line.setting]}, {where(priced)}, {priced.on.isoformat()}"
    columns = (
        Column("Component"),
        Column("RVU", "", "right"),
        Column("GPCI", "", "right"),
        Column("RVU × GPCI", "", "right"),
    )
    return Table(caption, columns, tuple(rows), notes=("Rounded once, half up, to cents, at the end.",))


TRACKS = {"all": "", "QP": " for QPs", "nonQP": " for those who are no QP"}


def participation(priced: Priced) -> Part | None:
    """What follows from the amount: the patient's share, and what those who do not participate may charge."""
    found = shares(priced)
    if not found or priced.amount_cents is None:
        return None
    first = Row(("Participating", "the schedule amount", money(priced.amount_cents)), ("42cfr414.20",), strong=True)
    rows = (first, *(Row((s.name.capitalize(), s.how, money(s.amount_cents)), s.sources) for s in found))
    columns = (Column("Amount"), Column("How"), Column(DOLLARS, "", "right"))
    table = Table("What follows from the amount", columns, rows)
    return Part("participation", "Patient's share and limiting charge", (), table, "Show the amounts", (table,))


def coverage(card: Card) -> Part | None:
    """Whether it is covered: the national decision with its conditions and dates, and what payers say."""
    blocks: list[Block] = []
    if found := card.coverage:
        blocks.append(Paragraph(f"{found.title}, since {found.starts.isoformat()}.", found.sources))
        needs = (r.text if r.settled else f"{r.text} (to be confirmed in the decision)" for r in found.requirements)
        blocks.append(Bullets(tuple(Item(sentence(text), sources=found.sources) for text in needs)))
        rows = tuple(Row((event.on.isoformat(), event.text)) for event in found.events)
        blocks.append(
            Table("How the decision changed", (Column("Date", "", "whole"), Column("What")), rows, found.sources)
        )
    for view in card.positions:
        blocks.append(Paragraph(f"{view.payer}, policy {view.policy}, read {view.read}: {view.text}.", view.sources))
    return Part("coverage", "Is it covered?", tuple(blocks)) if blocks else None


def building(card: Card) -> Part | None:
    """What the building is paid beside the physician."""
    if not card.rates:
        return None
    names = {"ASC": "Surgery centre", "OPPS": "Hospital, outpatient"}
    rows = tuple(
        Row(
            (names[r.system], str(r.year), money(r.amount_cents), money(r.patient_cents, DASH), sentence(r.note)),
            r.sources,
        )
        for r in card.rates
    )
    columns = (
        Column("Where"),
        Column("Year", "", "right"),
        Column("National rate", DOLLARS, "right"),
        Column("Patient's share", DOLLARS, "right"),
        Column("Note"),
    )
    notes = ("National rates, before the wage index. One hospital payment covers the whole visit; never add them.",)
    table = Table("Facility rates held", columns, rows, notes=notes)
    return Part("building", "What the building is paid", (table,), table)


def indicators(card: Card) -> Part | None:
    """The policy indicators in words."""
    if not card.indicators:
        return None
    rows = tuple(Row((i.name, i.value, i.words), (i.source,)) for i in card.indicators)
    caption = f"Indicators of {card.code}, release {card.facility.release.id}"
    table = Table(caption, (Column("Indicator"), Column("Value"), Column("Meaning")), rows)
    return Part("indicators", "Payment rules, in words", (table,), table)


def confusions(card: Card) -> Part | None:
    """What the code is taken for and why that is another service; traps; what it is an add-on to."""
    known = card.service
    if known is None:
        return None
    blocks: list[Block] = []
    table = None
    if known.confused_with:
        rows = []
        for item in known.confused_with:
            other = find_service(item.code)
            used = (*known.sources, *(other.sources if other else ()))
            rows.append(Row((item.code, plain_words(item.code) or DASH, item.why), tuple(dict.fromkeys(used))))
        columns = (Column("Code", "", "whole"), Column("In plain words"), Column(f"Not {known.code}, because"))
        table = Table(f"What {known.code} is taken for", columns, tuple(rows))
        blocks.append(table)
    if known.traps:
        blocks.append(Bullets(tuple(Item(text, "Trap:", known.sources) for text in known.traps)))
    if known.add_on_to:
        blocks.append(Paragraph(f"An add-on: billed only together with {', '.join(known.add_on_to)}.", known.sources))
    return Part("confusions", "What it is confused with", tuple(blocks), table) if blocks else None


def comparators(found: Comparison, code: str) -> Part:
    """The family's priced services beside the code."""
    table = side_by_side(found, code)
    lead = Paragraph(f"{RATIONALE} None of these codes may be billed in place of {code}.", role="lead")
    return Part("comparators", "Beside other services", (lead, table), table)


def side_by_side(found: Comparison, strong: str = "") -> Table:
    """A comparison as a table. strong: the code whose row stands out."""
    columns = (
        Column("Code", "", "whole"),
        Column("In plain words"),
        Column("Work", "RVU", "right"),
        Column("PE", "RVU", "right"),
        Column("MP", "RVU", "right"),
        Column("Total", "RVU", "right"),
        Column("Amount", DOLLARS, "right"),
        Column("Ratio", "%", "right"),
    )
    rows = tuple(
        Row(
            (
                row.code,
                row.words,
                *(rvu(value) if value else DASH for value in (row.work_rvu, row.pe_rvu, row.mp_rvu, row.total_rvu)),
                money(row.amount_cents, row.status.replace("-", " ")),
                row.ratio_percent or DASH,
            ),
            (row.source,) if row.source else (),
            strong=row.code == strong,
        )
        for row in found.rows
    )
    ratio = any(row.ratio_percent for row in found.rows)
    if not ratio:
        rows = tuple(Row(r.cells[:-1], r.sources, r.strong) for r in rows)
    notes = (f"Ratio: {found.base}.",) if ratio else ()
    caption = f"{found.release}, {place_name(found.locality)}, {IN_WORDS[found.setting]}"
    return Table(caption, columns if ratio else columns[:-1], rows, notes=notes)


def history(found: History, place: Locality) -> Part:
    """The code through the releases held, newest first, with the spans for which nothing is held.

    Releases before the code existed are one note; the CSV has them all.
    """
    columns = (
        Column("Release", "", "whole"),
        Column("From", "", "whole"),
        Column("Status"),
        Column("Work", "RVU", "right"),
        Column("PE", "RVU", "right"),
        Column("MP", "RVU", "right"),
        Column("Factor", "", "right"),
        Column("Amount", DOLLARS, "right"),
        Column("Work changed"),
    )
    before = next((i for i, row in enumerate(found.rows) if row.status != "not-yet-introduced"), 0)
    rows = tuple(
        Row(
            (
                row.release,
                row.starts.isoformat(),
                row.status.replace("-", " "),
                *(rvu(value) if value else DASH for value in (row.work_rvu, row.pe_rvu, row.mp_rvu)),
                row.conversion_factor or DASH,
                money(row.amount_cents, DASH),
                row.work_change or DASH,
            ),
            (row.source,) if row.source else (),
        )
        for row in reversed(found.rows[before:])
    )
    notes = [f"No release held before {found.rows[before].starts.isoformat()} has the code."] if before else []
    after = [gap for gap in found.gaps if gap.starts >= found.rows[before].starts]
    notes += [f"Nothing is held from {g.starts.isoformat()} to {g.ends.isoformat()}." for g in after]
    caption = f"{found.code} {IN_WORDS[found.setting]}, {place_name(place)}"
    table = Table(caption, columns, rows, notes=tuple(notes))
    return Part("history", "Through the releases", (table,), table, chart=pictures.through(found))


def localities(found: Everywhere) -> Part:
    """Where it pays most and least, and every locality drawn."""
    columns = (Column("Locality", "", "whole"), Column("Name"), Column("State"), Column("Amount", DOLLARS, "right"))
    rows = tuple(Row((one.locality, one.name, one.state, money(one.amount_cents))) for one in found.rows)
    ends = (*rows[:5], *rows[-5:]) if len(rows) > 10 else rows
    first, cited = found.rows[0], found.sources
    span = f"from ${money(found.rows[-1].amount_cents)} to ${money(first.amount_cents)}"
    caption = f"The five highest and the five lowest of {len(rows)} localities"
    lead = Paragraph(f"{found.code} {IN_WORDS[found.setting]} pays {span}.", cited, "lead")
    table = Table(f"All {len(rows)} localities, highest first", columns, rows, cited)
    shown = Table(caption, columns, ends, cited)
    drawn = pictures.everywhere(found, table)
    return Part("localities", "Where it pays most and least", (lead, shown), table, chart=drawn)
