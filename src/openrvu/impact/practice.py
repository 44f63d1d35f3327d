"""A practice's volumes priced on several dates, or under a what-if: work RVUs, dollars, by payer, and what changes.

>>> found = practice(["63047x100"], on=["2025-07-01", "2026-07-01"])
>>> [(view.work_rvu, view.medicare_cents) for view in found.views]
[(15370000, 10949300), (14990000, 10654900)]
>>> found.changes[0].percent
'-2.69'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from openrvu import answers, holdings, units
from openrvu.codes.coverage import leads
from openrvu.codes.families import plain_words
from openrvu.errors import BadInput, NotHeld
from openrvu.facts import Facts
from openrvu.impact.changed import apply
from openrvu.impact.scenario import Scenario, find
from openrvu.impact.volumes import Volume, read, typed
from openrvu.places import find_place
from openrvu.pricing import Priced, price, read_date

MEDICARE = "medicare"
MOST_DATES = 8
CAVEATS = (
    "Schedule amounts after the modifiers of each line alone: no reduction for several services of one session, no "
    "deductible, no denials, no sequestration.",
    "Multipliers are the practice's own figures; contracts differ by code, and none is published here.",
    "What a service pays is not a reason to do it or to code it.",
)
SHEET = (
    *("view", "code", "modifier", "place", "setting", "payer", "units", "status"),
    *("work_rvu", "total_work_rvu", "medicare", "medicare_total", "paid_total"),
)


@dataclass(frozen=True)
class Asked:
    """How volumes are priced. multipliers: percent x 10^4 of Medicare's amount, by payer. mix: shares x 10^4 of payers
    for lines that name none; they add up to one."""

    place: str = "national"
    setting: str = "facility"
    qualifying_apm: bool = False
    multipliers: Mapping[str, int] | None = None
    mix: Mapping[str, int] | None = None


@dataclass(frozen=True)
class ServiceLine:
    """A line of volumes in one view. row_work_rvu: of the schedule's row. work_rvu, medicare_cents: of one service
    after its modifiers; None where there is none, and `why` says so. The totals are of all units: paid_total_cents
    after the payers' multipliers."""

    code: str
    words: str
    modifier: str
    place: str
    setting: str
    payer: str
    units: int
    status: str
    why: str
    row_work_rvu: int | None
    work_rvu: int | None
    total_work_rvu: int | None
    medicare_cents: int | None
    medicare_total_cents: int | None
    paid_total_cents: int | None


@dataclass(frozen=True)
class PayerTotal:
    """What a payer pays in one view. percent: of Medicare, as text."""

    payer: str
    percent: str
    paid_cents: int


@dataclass(frozen=True)
class View:
    """The volumes on one date, or under a scenario. label: in words. medicare_cents: had Medicare paid all of it.

    paid_cents: after the multipliers. per_work_rvu_cents: dollars paid for each work RVU of priced lines; None without
    any. unpriced: units of lines without an amount, which no total holds.
    """

    label: str
    release: str
    on: date
    scenario: str
    conversion_factor: str
    lines: tuple[ServiceLine, ...]
    work_rvu: int
    medicare_cents: int
    paid_cents: int
    per_work_rvu_cents: int | None
    payers: tuple[PayerTotal, ...]
    unpriced: int


@dataclass(frozen=True)
class Moved:
    """A later date against the first, or a what-if against its baseline. percent: of what is paid, as text; empty where
    the first pays nothing."""

    label: str
    work_rvu: int
    medicare_cents: int
    paid_cents: int
    percent: str


@dataclass(frozen=True)
class Frozen:
    """Pay by work RVU where a contract keeps the RVUs of a release. rate_cents: dollars a work RVU.

    frozen_pay_cents, current_pay_cents: by the frozen RVUs and by those of the view. left_out: codes that the frozen
    release does not have; they are in neither.
    """

    release: str
    rate_cents: int
    label: str
    frozen_work_rvu: int
    current_work_rvu: int
    frozen_pay_cents: int
    current_pay_cents: int
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Practice:
    """Every view, what changes against the first, pay by frozen RVUs, and what must be said."""

    volumes: int
    units: int
    place: str
    setting: str
    views: tuple[View, ...]
    changes: tuple[Moved, ...]
    frozen: tuple[Frozen, ...]
    leads: tuple[str, ...]
    caveats: tuple[str, ...]
    sources: tuple[str, ...]


def practice(
    volumes: str | Path | Sequence[str] | Sequence[Volume],
    *,
    on: Sequence[str | date] = (),
    place: str = "national",
    setting: str = "facility",
    qualifying_apm: bool = False,
    multipliers: Mapping[str, str] | None = None,
    mix: Mapping[str, str] | None = None,
    scenario: str | Path | Scenario | None = None,
    frozen: str | date | None = None,
    rate: str = "",
    facts: Facts | None = None,
) -> Practice:
    """Price a practice's volumes.

    volumes: a file, texts such as 63047x120, or lines. on: dates of service, oldest first (default: the newest release
    held). place, setting: of lines that name none. multipliers: percent of Medicare's amount by payer, as text. mix:
    percent of each payer for lines that name none. scenario: a shipped what-if, or a file; its view comes last, beside
    its baseline. frozen: a date whose work RVUs a contract keeps; rate: its dollars a work RVU. Raises BadInput,
    BadFile, NotHeld, UnknownPlace; a code that a date does not hold is told in its line.
    """
    held, lines = facts or holdings.current(), _lines(volumes)
    asked = _asked(lines, place, setting, qualifying_apm, multipliers, mix)
    days = [read_date(one) for one in on] or [held.newest().starts]
    if len(days) > MOST_DATES:
        raise BadInput(f"{len(days)} dates given", fix=f"Give {MOST_DATES} at most")
    used: dict[str, None] = {}
    views = [_view(lines, asked, day, held, used) for day in days if day]
    changes = [_moved(views[0], one) for one in views[1:]]
    if scenario is not None:
        what = scenario if isinstance(scenario, Scenario) else find(scenario)
        case = apply(what, held)
        before = next((one for one in views if one.on == case.on), None) or _view(lines, asked, case.on, held, used)
        after = _view(lines, asked, case.on, case.after, used, what.title)
        views += [after] if before in views else [before, after]
        changes.append(_moved(before, after))
    where = find_place(place, held.release_on(views[0].on).id, held).id
    return Practice(
        volumes=len(lines),
        units=sum(line.units for line in lines),
        place=where,
        setting=setting,
        views=tuple(views),
        changes=tuple(changes),
        frozen=tuple(_frozen(one, lines, frozen, rate, held) for one in views) if frozen or rate else (),
        leads=leads([line.code for line in lines], views[-1].on),
        caveats=CAVEATS,
        sources=tuple(used),
    )


def _lines(volumes: str | Path | Sequence[str] | Sequence[Volume]) -> tuple[Volume, ...]:
    if isinstance(volumes, (str, Path)):
        return read(Path(volumes))
    if all(isinstance(one, Volume) for one in volumes):
        return tuple(one for one in volumes if isinstance(one, Volume))
    return typed([str(one) for one in volumes])


def _asked(
    lines: Sequence[Volume],
    place: str,
    setting: str,
    qualifying_apm: bool,
    multipliers: Mapping[str, str] | None,
    mix: Mapping[str, str] | None,
) -> Asked:
    """The choices, checked: every payer has a multiplier, and shares add up to 100 percent."""
    percents = {MEDICARE: units.PERCENT, **_percents(multipliers or {}, "multiplier", 1000)}
    shares = _percents(mix or {MEDICARE: "100"}, "share", 100)
    if sum(shares.values()) != units.PERCENT:
        raise BadInput(f"the shares of payers add up to {units.ratio_text(sum(shares.values()), units.PERCENT, 2)} %")
    for payer in (*shares, *(line.payer for line in lines if line.payer)):
        if payer not in percents:
            raise BadInput(
                f"payer {payer[:40]!r} has no multiplier",
                exists=f"Given: {', '.join(percents)}",
                fix=f"Give what it pays in percent of Medicare: --multiplier {payer[:40]}=140",
            )
    return Asked(place, setting, qualifying_apm, percents, shares)


def _percents(given: Mapping[str, str], what: str, most: int) -> dict[str, int]:
    found = {}
    for name, text in given.items():
        try:
            value = units.parse(str(text), units.PERCENT // 100)
        except ValueError:
            raise BadInput(
                f"{what} of {name[:40]!r}: {str(text)[:20]!r} is no percent", fix="Write it as 140"
            ) from None
        if not 0 < value <= most * units.PERCENT // 100:
            raise BadInput(f"{what} of {name[:40]!r}: {text} % is out of range", exists=f"Above 0, to {most} %")
        found[name.strip().lower()] = value
    return found


def _view(
    lines: Sequence[Volume], asked: Asked, day: date, facts: Facts, used: dict[str, None], scenario: str = ""
) -> View:
    """The volumes on one date. used: takes the sources."""
    release = facts.release_on(day)
    factor = facts.conversion_factor(day, asked.qualifying_apm)
    paid: dict[str, int] = {}
    made = [_line(line, asked, day, facts, used, paid) for line in lines]
    work = sum(line.total_work_rvu or 0 for line in made if line.paid_total_cents is not None)
    total = sum(paid.values())
    shown = asked.multipliers or {}
    return View(
        label=f"{scenario}, {day.isoformat()}" if scenario else f"{day.isoformat()} ({release.id})",
        release=release.id,
        on=day,
        scenario=scenario,
        conversion_factor=units.text(factor.value, units.CONVERSION_FACTOR),
        lines=tuple(made),
        work_rvu=work,
        medicare_cents=sum(line.medicare_total_cents or 0 for line in made),
        paid_cents=total,
        per_work_rvu_cents=units.half_up(total * units.RVU, work) if work else None,
        payers=tuple(
            PayerTotal(one, units.ratio_text(shown[one], units.PERCENT, 2), paid[one]) for one in sorted(paid)
        ),
        unpriced=sum(line.units for line in made if line.medicare_cents is None),
    )


def _payer(name: str, percent: int, paid: int) -> PayerTotal:
    return PayerTotal(name, units.ratio_text(percent, units.PERCENT, 2), paid)


def _line(
    line: Volume, asked: Asked, day: date, facts: Facts, used: dict[str, None], paid: dict[str, int]
) -> ServiceLine:
    """One line of volumes on one date. paid: takes what each payer pays."""
    place, setting = line.place or asked.place, line.setting or asked.setting
    try:
        found = price(
            line.code,
            line.modifier,
            on=day,
            place=place,
            setting=setting,
            qualifying_apm=asked.qualifying_apm,
            facts=facts,
            today=day,
        )
    except NotHeld as fault:
        cells = (line.code, plain_words(line.code), line.modifier, place, setting, line.payer, line.units)
        return ServiceLine(*cells, "not-held", fault.what, None, None, None, None, None, None)
    used.update(dict.fromkeys(found.sources))
    cents = found.allowed_cents
    total = None if cents is None else _paid(line, cents, asked, paid)
    work = _work(found)
    return ServiceLine(
        code=line.code,
        words=plain_words(line.code),
        modifier=line.modifier,
        place=found.locality.id,
        setting=setting,
        payer=line.payer,
        units=line.units,
        status=found.status,
        why="" if cents is not None else found.words,
        row_work_rvu=found.record.work_rvu if found.record else None,
        work_rvu=work,
        total_work_rvu=None if work is None else work * line.units,
        medicare_cents=cents,
        medicare_total_cents=None if cents is None else cents * line.units,
        paid_total_cents=total,
    )


def _paid(line: Volume, cents: int, asked: Asked, paid: dict[str, int]) -> int:
    """What all payers pay for a line: each its percent of the amount to the cent, times its part of the units."""
    percents, shares = asked.multipliers or {}, {line.payer: units.PERCENT} if line.payer else asked.mix or {}
    total = 0
    for payer, share in shares.items():
        one = units.percent_of(cents, percents[payer])
        part = units.half_up(one * line.units * share, units.PERCENT)
        paid[payer] = paid.get(payer, 0) + part
        total += part
    return total


def _work(found: Priced) -> int | None:
    """The work RVU of one service: that of the row, times what the modifiers leave of the amount."""
    if found.record is None:
        return None
    work, full, left = found.record.work_rvu, found.amount_cents, found.allowed_cents
    return _part(work, left, full) if full and left is not None and left != full else work


def _part(work: int, part: int, whole: int) -> int:
    """A part of a work RVU, to the two decimals that CMS prints: cents are too coarse to tell more."""
    return units.half_up(work * part * 100, whole * units.RVU) * (units.RVU // 100)


def _moved(first: View, later: View) -> Moved:
    change = later.paid_cents - first.paid_cents
    return Moved(
        label=f"{first.label} to {later.label}",
        work_rvu=later.work_rvu - first.work_rvu,
        medicare_cents=later.medicare_cents - first.medicare_cents,
        paid_cents=change,
        percent=units.ratio_text(change, first.paid_cents, 2) if first.paid_cents else "",
    )


def _frozen(view: View, lines: Sequence[Volume], frozen: str | date | None, rate: str, facts: Facts) -> Frozen:
    """Pay by work RVU with the RVUs of another date beside the view's own; lines that either lacks are in neither."""
    day = read_date(frozen)
    if day is None or not rate:
        raise BadInput("frozen RVUs need a date and a rate", fix="Give --frozen DATE and --rate DOLLARS together")
    try:
        cents = units.parse(rate, units.CENTS)
    except ValueError:
        raise BadInput(f"{rate[:20]!r} is no amount", fix="Write dollars a work RVU, as in 52.50") from None
    if not 0 < cents <= 100_000:
        raise BadInput(f"{rate} dollars a work RVU is out of range", exists="Above 0, to 1,000")
    release, old, now, left = facts.release_on(day), 0, 0, []
    for line, shown in zip(lines, view.lines, strict=True):
        record = facts.record(line.code, "", release.id)
        if record is None or shown.work_rvu is None:
            left.append(line.code)
            continue
        row = shown.row_work_rvu
        now += shown.work_rvu * line.units
        old += (_part(record.work_rvu, shown.work_rvu, row) if row else record.work_rvu) * line.units
    return Frozen(
        release=release.id,
        rate_cents=cents,
        label=view.label,
        frozen_work_rvu=old,
        current_work_rvu=now,
        frozen_pay_cents=units.half_up(old * cents, units.RVU),
        current_pay_cents=units.half_up(now * cents, units.RVU),
        left_out=tuple(dict.fromkeys(left)),
    )


def foot_of(found: Practice) -> dict[str, str]:
    """The foot of its outputs: of the last view."""
    last = found.views[-1]
    return answers.foot(release=last.release, on=last.on, place=found.place, setting=found.setting)


def sheet(found: Practice) -> str:
    """Every line of every view as CSV, columns SHEET."""

    def rvu(value: int | None) -> str:
        return "" if value is None else units.text(value, units.RVU, 2)

    def money(value: int | None) -> str:
        return "" if value is None else units.text(value, units.CENTS)

    rows = [
        (
            *(view.label, line.code, line.modifier, line.place, line.setting, line.payer, line.units, line.status),
            *(rvu(line.work_rvu), rvu(line.total_work_rvu)),
            *(money(line.medicare_cents), money(line.medicare_total_cents), money(line.paid_total_cents)),
        )
        for view in found.views
        for line in view.lines
    ]
    return answers.csv_text(SHEET, rows)
