"""A survey of paired comparisons designed: comparators, pairs, and how many respondents; by simulation, seeded."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from openrvu import units
from openrvu.codes.families import plain_words
from openrvu.designs.comparators import Comparator, Guess, guessed, named, proposed
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.valuation import anchor, blocks, power
from openrvu.valuation.constants import fewest_respondents
from openrvu.valuation.pairdesign import Offered, PairDesign
from openrvu.valuation.power import Assumed, Width
from openrvu.valuation.services import service
from openrvu.valuation.study import study

LIKE = "lorio-2024-0202t"  # the one published study whose measures and work RVUs are both printed for one scale of work
SIZES = (10, 15, 20, 30, 40, 60, 80, 120, 160, 240)
MOST = 400
NEARLY = 1.05  # where no half-width is asked for: so near to what no number of respondents goes below
LABEL = "SIMULATED: nobody answered. Widths are of made-up surveys under the assumptions named."


@dataclass(frozen=True)
class Plan:
    """One way to ask. pairs: distinct ones. questions: the most that one respondent answers. triangles: threes compared
    all round in one block. floor: measures known exactly. needed: the fewest respondents for the half-width, or None.
    """

    name: str
    words: str
    pairs: int
    blocks: int
    questions: int
    triangles: int
    tests_transitivity: bool
    floor: Width
    curve: tuple[Width, ...]
    needed: Width | None


@dataclass(frozen=True)
class Effect:
    """What one change of the assumptions does, with the respondents proposed."""

    name: str
    star: Width
    linked: Width


@dataclass(frozen=True)
class Proposal:
    """A design with what it can be expected to show. respondents: how many to ask for, why_respondents: what decides.

    wanted: half-width asked for, RVUs, or None. interval: of which, `line` or `new`. comparators_needed: how many an
    exactly measured line would need for it. design: the linked one, to be written and sent.
    """

    target: str
    words: str
    release: str
    guess: Guess
    comparators: tuple[Comparator, ...]
    wanted: float | None
    interval: str
    respondents: int
    why_respondents: str
    comparators_needed: int | None
    star: Plan
    linked: Plan
    effects: tuple[Effect, ...]
    assumed: Assumed
    assumed_words: str
    surveys: int
    seed: int
    simulated: bool
    label: str
    notes: tuple[str, ...]
    sources: tuple[str, ...]
    design: PairDesign


@dataclass(frozen=True)
class Asked:
    """What is wanted of a design. Empty or None: chosen here. reach: share of the guess that comparators may lie away.

    questions: most pairs that one respondent answers. r2, spread: None for those of the published study.
    """

    half_width: float | None = None
    interval: str = "line"
    guess: float | None = None
    count: int = 10
    reach: float = 0.6
    family: str = ""
    comparators: tuple[str, ...] = ()
    questions: int = 20
    vignette: str = ""
    volume: int | None = None
    r2: float | None = None
    spread: float | None = None
    ties: float = 0.25
    missing: float = 0.10
    lean: float = 0.5
    surveys: int = 1000
    seed: int = 1


def _quiet(_: str) -> None:
    pass


def design(
    target: str, facts: Facts, asked: Asked, *, release: str, progress: Callable[[str], None] = _quiet
) -> Proposal:
    """Propose a survey for a target on a release.

    progress: told what is being simulated. Raises BadInput for what cannot be designed, naming the option at fault.
    """
    _check(asked)
    name = service(target).name
    guess = guessed(name, facts, release, asked.guess)
    chosen = (
        named(asked.comparators, name, facts, release)
        if asked.comparators
        else proposed(name, facts, release, guess, asked.count, asked.reach, asked.family)
    )
    assumed, said = _assumed(asked)
    offered = [Offered(name, plain_words(name), asked.vignette), *(Offered(c.service, c.words) for c in chosen)]
    star = blocks.star(offered, asked.seed)
    linked = blocks.linked(offered, asked.questions, seed=asked.seed)
    run = _Run(asked, [c.work_rvu / units.RVU for c in chosen], guess.work_rvu / units.RVU, assumed, progress)
    one, many = run.plan("one-versus-all", star), run.plan("linked", linked)
    respondents, why = _respondents(asked, many)
    world = power.truth(run.rvus, run.guess, assumed)
    return Proposal(
        target=name,
        words=plain_words(name),
        release=release,
        guess=guess,
        comparators=chosen,
        wanted=asked.half_width,
        interval=asked.interval,
        respondents=respondents,
        why_respondents=why,
        comparators_needed=power.comparators_needed(world.scatter, asked.half_width, asked.interval == "new")
        if asked.half_width
        else None,
        star=one,
        linked=many,
        effects=run.effects(star, linked, respondents),
        assumed=assumed,
        assumed_words=said,
        surveys=asked.surveys,
        seed=asked.seed,
        simulated=True,
        label=LABEL,
        notes=_notes(asked, chosen, guess, many, facts, release),
        sources=(facts.release(release).source, study(LIKE).source),
        design=linked,
    )


@dataclass(frozen=True)
class _Run:
    """The simulation of one proposal: the same comparators and assumptions throughout."""

    asked: Asked
    rvus: Sequence[float]
    guess: float
    assumed: Assumed
    progress: Callable[[str], None]

    def width(self, design_: PairDesign, n: int, assumed: Assumed | None = None, guess: float | None = None) -> Width:
        return power.width(
            design_,
            self.rvus,
            guess or self.guess,
            assumed or self.assumed,
            n,
            surveys=self.asked.surveys,
            seed=self.asked.seed,
            wanted=self.asked.half_width,
            interval=self.asked.interval,
        )

    def plan(self, name: str, design_: PairDesign) -> Plan:
        floor = self.width(design_, 0)
        curve = []
        for n in SIZES:
            self.progress(f"{name}, {n} respondents")
            curve.append(self.width(design_, n))
        self.progress(f"{name}, how many are needed")
        aim = self.asked.half_width or NEARLY * floor.half(self.asked.interval)
        needed = power.needed(
            design_,
            self.rvus,
            self.guess,
            self.assumed,
            aim,
            most=MOST,
            surveys=self.asked.surveys,
            seed=self.asked.seed,
            interval=self.asked.interval,
        )
        threes = blocks.triangles(design_.blocks)
        words = (
            "the target against each comparator"
            if name != "linked"
            else "and each comparator against its next two in work RVU"
        )
        most = max(len(block) for block in design_.blocks)
        return Plan(
            name, words, len(design_.pairs), len(design_.blocks), most, threes, threes > 0, floor, tuple(curve), needed
        )

    def effects(self, star: PairDesign, linked: PairDesign, n: int) -> tuple[Effect, ...]:
        """One assumption changed at a time, with n respondents."""
        base, edge = self.assumed, min(self.rvus)
        changes: list[tuple[str, Assumed, float]] = [
            ("as assumed", base, self.guess),
            ("no answers of equal", replace(base, ties=0.0), self.guess),
            ("half of alike services judged equal", replace(base, ties=0.5), self.guess),
            ("no answer missing", replace(base, missing=0.0), self.guess),
            ("30 % of answers missing", replace(base, missing=0.3), self.guess),
            ("respondents agree on the target", replace(base, lean=0.0), self.guess),
            ("respondents differ twice as much", replace(base, lean=2 * base.lean), self.guess),
            ("services look half as far apart", replace(base, spread=base.spread / 2), self.guess),
            ("measures follow work RVUs half as well", replace(base, r2=base.r2 / 2), self.guess),
            ("the target lies at the lowest comparator", base, edge),
        ]
        found = []
        for name, assumed, guess in changes:
            self.progress(name)
            found.append(Effect(name, *(self.width(one, n, assumed, guess) for one in (star, linked))))
        return tuple(found)


def _check(asked: Asked) -> None:
    for name, value, low, high in (
        ("--count", asked.count, 4, 40),
        ("--reach", asked.reach, 0.05, 0.99),
        ("--questions", asked.questions, 4, 200),
        ("--surveys", asked.surveys, 100, 20_000),
        ("--half-width", asked.half_width if asked.half_width is not None else 1.0, 0.01, 500.0),
    ):
        if not low <= value <= high:
            raise BadInput(f"{name} {value:g}", exists=f"Accepted: {low:g} to {high:g}")


def _assumed(asked: Asked) -> tuple[Assumed, str]:
    """The assumptions, r2 and spread as in the published study unless given."""
    one = study(LIKE)
    d = [item.measure for item in one.comparators if item.measure is not None]
    w = [item.rvu / units.RVU for item in one.comparators if item.rvu is not None]
    line = anchor.fit_line(d, w)
    r2 = line.r2 if asked.r2 is None else asked.r2
    spread = math.sqrt(line.sxx / (line.k - 1)) if asked.spread is None else asked.spread
    where = f"as printed of {one.target} (its measures and work RVUs)"
    one_from, other_from = (where if given is None else "as given" for given in (asked.r2, asked.spread))
    said = (
        f"measures explain {100 * r2:.0f} % of the variance of work RVUs ({one_from}); their sd is {spread:.2f} logits "
        f"({other_from}); {100 * asked.ties:.0f} % of answers on services alike are equal; {100 * asked.missing:.0f} % "
        f"of answers are missing; respondents' own places of the target have an sd of {asked.lean:g} logits"
    )
    return Assumed(r2, spread, asked.ties, asked.missing, asked.lean), said


def _respondents(asked: Asked, plan: Plan) -> tuple[int, str]:
    """How many to ask for: what the half-width needs, and no fewer than a RUC survey of that volume."""
    least = fewest_respondents(asked.volume)
    aim = (
        f"a half-width of {asked.half_width:g}"
        if asked.half_width
        else f"a half-width within {100 * (NEARLY - 1):.0f} % of what no number of respondents goes below"
    )
    if plan.needed is None:
        return max(least, 80), (
            f"{aim} is not reached with {MOST}: {max(least, 80)} are shown; more comparators are needed, or wider ones"
        )
    n = plan.needed.respondents
    if n < least:
        return least, f"{aim} needs {n}; {least} are the fewest that a RUC survey of this volume is asked to have"
    return n, f"{aim} needs {n}"


def _notes(
    asked: Asked, chosen: Sequence[Comparator], guess: Guess, plan: Plan, facts: Facts, release: str
) -> tuple[str, ...]:
    found = []
    if len(chosen) < asked.count and not asked.comparators:
        found.append(f"{len(chosen)} comparators were found where {asked.count} were wanted.")
    below = sum(one.work_rvu < guess.work_rvu for one in chosen)
    if min(below, len(chosen) - below) < 2:
        found.append("Nearly all comparators lie on one side of the target: the line would be read at its end.")
    if odd := [one.service for one in chosen if one.kind == 3 or "another region" in one.why]:
        found.append(f"Of another kind of work, or region: {', '.join(odd)}. Respondents must know them well.")
    if not facts.table(release).whole:
        held = len(facts.table(release).codes())
        found.append(f"Release {release} is held in part ({held} codes); with CMS's file loaded more can be proposed.")
    if asked.half_width and plan.floor.half(asked.interval) > asked.half_width:
        found.append(
            f"With these comparators no number of respondents gives {asked.half_width:g}: measured exactly they give "
            f"{plan.floor.half(asked.interval):.2f}, because work RVUs scatter about the line."
        )
    if bare := [one.service for one in chosen if not one.words]:
        found.append(f"No words of ours for {', '.join(bare)}: write some in the design's file.")
    found.append("Whether respondents do these services often enough is for you to check; it is not held here.")
    return tuple(found)
