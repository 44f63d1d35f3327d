"""The section on price: here, nationally, by locality and over the years; in words where there is no price."""

from __future__ import annotations

from openrvu import params, units
from openrvu.dossier import charts, curves
from openrvu.dossier.asked import NONE, RATIONALE, Asked, listed, money, place_name, rvu, sentence
from openrvu.dossier.blocks import Block, Chart, Column, Figure, KeyFigures, Notice, Paragraph, Row, Section, Table
from openrvu.pricing import Priced

_DOLLARS = "US dollars"


def section_price(asked: Asked) -> Section:
    """What the schedule gives, where, and how that changed; or why it gives nothing and how the service is paid."""
    priced = asked.priced
    blocks: list[Block] = [
        Notice("coverage", f"{asked.code}: coverage", lead, sources=priced.sources) for lead in priced.leads
    ]
    blocks += [Notice("warning", "Release", text, sources=(asked.release.source,)) for text in priced.warnings]
    if priced.amount_cents is None:
        blocks += _without_price(asked)
        found = {code: asked.priced_if_held(code) for code in asked.comparators}
        codes = tuple(code for code, one in found.items() if one and one.amount_cents is not None)
        if codes:
            blocks.append(Paragraph("What the comparators are paid", role="subhead"))
            blocks.append(Paragraph(f"{RATIONALE} None of these codes may be billed in place of {asked.code}."))
            if absent := tuple(code for code, one in found.items() if one is None):
                text = f"Release {asked.release.id} as held here has no row for {listed(absent)}."
                blocks.append(Paragraph(text, (asked.release.source,), "note"))
            blocks += [_comparator_localities(asked, codes), _years(asked, codes)]
        return Section("price", "What it pays", tuple(blocks))
    blocks += [_amounts(asked), _made(asked)]
    blocks += [Paragraph(note, (asked.release.source,), "note") for note in priced.notes]
    blocks += [_localities(asked), _years(asked, (asked.code,))]
    return Section("price", "What it pays", tuple(blocks))


def _without_price(asked: Asked) -> list[Block]:
    priced = asked.priced
    since = f"So in every release held since {priced.since.isoformat()}." if priced.since else ""
    successor = f"Its successor is {priced.successor}." if priced.successor else ""
    text = " ".join(sentence(part) for part in (priced.words, since, successor) if part)
    blocks: list[Block] = [Notice("warning", "No schedule amount", text, sources=priced.sources)]
    if priced.how_paid:
        blocks.append(Paragraph("How it is paid", role="subhead"))
        blocks.append(Paragraph(priced.how_paid, priced.sources))
    return blocks


def _amounts(asked: Asked) -> KeyFigures:
    """Both settings, each track in force, at the place asked for and nationally."""
    items: list[Figure] = []
    places = [asked.place.id] + (["national"] if asked.place.id != "national" else [])
    for place in places:
        for setting, words in (("facility", "in a facility"), ("nonfacility", "outside a facility")):
            for track, qp in asked.tracks:
                found = asked.price(asked.code, place=place, setting=setting, qualifying_apm=qp)
                marked = any("NA" in note for note in found.notes)
                label = f"{place_name(found.locality)}, {words}" + (f", {track}" if track else "")
                detail = "CMS marks this setting as rarely or never used" if marked else _share(asked, found)
                items.append(Figure(label, money(found.amount_cents), _DOLLARS, detail, found.sources))
    return KeyFigures(tuple(items))


def _share(asked: Asked, found: Priced) -> str:
    if found.amount_cents is None:
        return ""
    percent = params.at("coinsurance", asked.on)
    share = money(units.percent_of(found.amount_cents, percent.value))
    return f"patient's {percent.value // 100} %, after the deductible: {share}"


def _made(asked: Asked) -> Table:
    """How the amount comes about, component by component."""
    priced = asked.price(asked.code)
    record, place = priced.record, priced.locality
    assert record is not None  # a priced line has its row
    parts = (
        ("Work", record.work_rvu, place.work_gpci),
        ("Practice expense, facility", record.pe_facility_rvu, place.pe_gpci),
        ("Malpractice", record.mp_rvu, place.mp_gpci),
    )
    rows = tuple(
        Row(
            (name, rvu(value), units.text(gpci, units.GPCI), units.text(value * gpci, units.RVU * units.GPCI)),
            (record.source, place.source),
        )
        for name, value, gpci in parts
    )
    total = units.text(sum(value * gpci for _, value, gpci in parts), units.RVU * units.GPCI)
    factor = units.text(priced.conversion_factor.value, units.CONVERSION_FACTOR)
    last = Row(
        (f"Sum × conversion factor {factor}", "", "", f"{total} → {money(priced.amount_cents)} {_DOLLARS}"),
        ("42cfr414.20", priced.conversion_factor.source),
        strong=True,
    )
    columns = (
        Column("Component"),
        Column("RVU", "", "right"),
        Column("GPCI", "", "right"),
        Column("Product", "RVU", "right"),
    )
    caption = f"How the amount is made: {asked.code}, {place_name(place)}, facility, {asked.on.isoformat()}"
    return Table(caption, columns, (*rows, last), notes=("Rounded once, half up, to cents, at the end.",))


def _everywhere(asked: Asked, code: str) -> list[Priced]:
    """The facility amount in every locality of the release, dearest first."""
    found = [asked.price(code, place=key) for key in asked.facts.localities(asked.release.id)]
    return sorted(found, key=lambda p: (-(p.amount_cents or 0), p.locality.id))


def _localities(asked: Asked) -> Chart:
    found = _everywhere(asked, asked.code)
    values = [(p.amount_cents or 0) / 100 for p in found]
    marked = [place_name(asked.place)] + (["National"] if asked.place.id != "national" else [])
    amounts = [asked.price(asked.code, place=key) for key in dict.fromkeys((asked.place.id, "national"))]
    named = [
        (f"{name} {money(p.amount_cents)}", (p.amount_cents or 0) / 100)
        for name, p in zip(marked, amounts, strict=True)
    ]
    rows = tuple(Row((place_name(p.locality), p.locality.state, money(p.amount_cents))) for p in found)
    high, low = found[0], found[-1]
    words = (
        f"{asked.code} in a facility on {asked.on.isoformat()} in each of {len(found)} localities: from "
        f"{money(low.amount_cents)} in {place_name(low.locality)} to "
        f"{money(high.amount_cents)} in {place_name(high.locality)}."
    )
    sources = tuple(dict.fromkeys((asked.release.source, *(s for p in found[:1] for s in p.sources))))
    unit = f"Facility amount, {_DOLLARS}"
    return Chart(
        title="The amount in every locality",
        alt=f"Dot plot. {words}",
        spec=charts.dots(values, named, unit, charts.WIDE),
        narrow=charts.dots(values, named, unit, charts.NARROW),
        table=Table(
            f"Facility amount of {asked.code} by locality",
            (Column("Locality"), Column("State"), Column("Amount", _DOLLARS, "right")),
            rows,
            sources,
        ),
        caption=f"{words} One dot is one locality.",
        sources=sources,
    )


def _comparator_localities(asked: Asked, codes: tuple[str, ...]) -> Chart:
    strips, rows = [], []
    sources: list[str] = [asked.release.source]
    for code in codes:
        found = _everywhere(asked, code)
        nation = asked.price(code, place="national")
        strips.append((code, [(p.amount_cents or 0) / 100 for p in found], (nation.amount_cents or 0) / 100))
        high, low = found[0], found[-1]
        rows.append(
            Row(
                (
                    code,
                    money(nation.amount_cents),
                    f"{money(low.amount_cents)} ({place_name(low.locality)})",
                    f"{money(high.amount_cents)} ({place_name(high.locality)})",
                )
            )
        )
        sources += found[0].sources
    cited = tuple(dict.fromkeys(sources))
    columns = (
        Column("Code"),
        Column("National", _DOLLARS, "right"),
        Column("Lowest locality"),
        Column("Highest locality"),
    )
    unit = f"Facility amount, {_DOLLARS}"
    each = "; ".join(f"{row.cells[0]} {row.cells[1]} nationally" for row in rows)
    return Chart(
        title=f"Facility amounts of comparators of {asked.code} in every locality, {asked.on.isoformat()}",
        alt=f"One row of ticks for each comparator, a tick a locality, a diamond the national amount. {each}.",
        spec=charts.strips(strips, unit, charts.WIDE),
        narrow=charts.strips(strips, unit, charts.NARROW),
        table=Table(
            "Range of the comparators' facility amounts over localities", columns, tuple(rows), cited, (RATIONALE,)
        ),
        caption=f"A tick is a locality, the diamond the national amount. {RATIONALE}",
        sources=cited,
    )


def _years(asked: Asked, codes: tuple[str, ...]) -> Chart:
    """National facility amounts at the start of each release held; a gap where a code has no amount."""
    held = asked.facts.releases
    found = {code: [asked.priced_if_held(code, on=r.starts, place="national") for r in held] for code in codes}
    series, sources = [], []
    for code in codes:
        points = curves.amounts_through(
            [(r.starts, r.ends) for r in held], [priced.amount_cents if priced else None for priced in found[code]]
        )
        if points:
            series.append(curves.Series(code, points))
    rows = []
    for i, release in enumerate(held):
        cells = [found[code][i] for code in codes]
        if any(p and p.amount_cents is not None for p in cells):
            sources.append(release.source)
            shown = tuple(NONE if p is None else money(p.amount_cents) for p in cells)
            rows.append(Row((release.id, release.starts.isoformat(), *shown), (release.source,)))
    columns = (Column("Release"), Column("From"), *(Column(code, _DOLLARS, "right") for code in codes))
    last = "; ".join(f"{code} {NONE if one is None else money(one.amount_cents)}" for code, (*_, one) in found.items())
    cited = (*dict.fromkeys(sources), "42cfr414.20", "42cfr414.28")
    title = f"National facility amount of {listed(codes)} over the releases held"
    return Chart(
        title=title,
        alt=f"Lines over time, one a code. On the newest release held, {held[-1].id}: {last}.",
        spec=curves.lines(series, _DOLLARS, charts.WIDE, step=True),
        narrow=curves.lines(series, _DOLLARS, charts.NARROW, step=True),
        table=Table(title, columns, tuple(rows), cited),
        caption="Amounts of those who are not qualifying APM participants, on the first day of each release; not "
        "adjusted for inflation. Dates whose release is not held, or without a status letter, leave a gap.",
        sources=cited,
    )
