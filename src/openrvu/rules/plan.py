"""What the steps of RULES need of each other, for engines that price many lines at once.

Every write of a column gets a name of its own (`status`, then `status_2`), so that no order but that of need remains.
Steps are then put into stages: a window step (Rank, Group, Running) closes a stage, all windows of a stage stand
together, and between them are only steps that look at one line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from openrvu.errors import OpenRVUError
from openrvu.rules.formula import Formula, Value, columns, nodes, where
from openrvu.rules.steps import Compute, Group, Lookup, Rank, Rule, Running, Seed, Step

Window = Rank | Group | Running

_NUMBERS = ("+", "-", "*", "//", "%", "least", "greatest")
_TRUTHS = ("<", "<=", ">", ">=", "==", "!=", "in", "and", "or", "not")


@dataclass(frozen=True)
class Placed:
    """A step with columns of its own names. rule: its rule. stage: how many windows lie before it. level: how many
    steps of its rule and stage."""

    rule: str
    step: Step
    stage: int
    level: int


@dataclass(frozen=True)
class Plan:
    """RULES made ready. types: of every column by its own name. last: the name under which each column ends."""

    steps: tuple[Placed, ...]
    types: Mapping[str, type]
    last: Mapping[str, str]
    inputs: tuple[str, ...]

    @property
    def stages(self) -> int:
        """How many stages of windows there are."""
        return max((p.stage + 1 for p in self.steps if isinstance(p.step, Window)), default=0)

    def windows(self, stage: int) -> tuple[Window, ...]:
        """The window steps of a stage."""
        return tuple(p.step for p in self.steps if isinstance(p.step, Window) and p.stage == stage)

    @property
    def window_columns(self) -> tuple[str, ...]:
        """The columns that windows make."""
        return tuple(p.step.column for p in self.steps if isinstance(p.step, Window))

    def plain(self, stage: int) -> tuple[Placed, ...]:
        """The steps of a stage that look at one line only, in the order of RULES."""
        return tuple(p for p in self.steps if not isinstance(p.step, Window) and p.stage == stage)


def renamed(formula: Formula, names: Mapping[str, str]) -> Formula:
    """The formula over other names of its columns."""
    if formula.op == "col":
        return Formula("col", (names[str(formula.args[0])],))
    return Formula(formula.op, tuple(renamed(a, names) if isinstance(a, Formula) else a for a in formula.args))


def reads(step: Step) -> frozenset[str]:
    """The columns that a step reads."""
    match step:
        case Lookup():
            return frozenset().union(*(columns(formula) for _, formula in step.keys))
        case Compute():
            return columns(step.formula)
        case Rank():
            return columns(step.by) | columns(step.among) | {*step.within, "line_id"}
        case Group():
            return columns(step.of) | columns(step.among) | set(step.within)
        case Running():
            return columns(step.of) | columns(step.among) | {*step.within, "line_id"}


def writes(step: Step) -> tuple[str, ...]:
    """The columns that a step writes, `found` of a lookup last."""
    return (*(name for _, name in step.take), step.found) if isinstance(step, Lookup) else (step.column,)


def kind_of(value: Formula | Value, types: Mapping[str, type]) -> type:
    """int, str or bool: what a formula gives. Raises OpenRVUError where kinds are mixed or a column is missing."""
    if not isinstance(value, Formula):
        return type(value)
    if value.op == "col":
        name = str(value.args[0])
        if name not in types:
            raise OpenRVUError(f"no step before writes the column {name!r}", exists=", ".join(sorted(types)))
        return types[name]
    if value.op == "lit":
        return type(value.args[0])
    kinds = [kind_of(arg, types) for arg in value.args]
    if value.op == "where":
        good = kinds[0] is bool and kinds[1] is kinds[2]
        given = kinds[1]
    elif value.op in _NUMBERS:
        good, given = all(kind is int for kind in kinds), int
    elif value.op in ("and", "or", "not"):
        good, given = all(kind is bool for kind in kinds), bool
    elif value.op in _TRUTHS:
        ordered = value.op in ("<", "<=", ">", ">=")
        good, given = len(set(kinds)) == 1 and not (ordered and kinds[0] is not int), bool
    else:
        raise OpenRVUError(f"no engine knows the operator {value.op!r}")
    if not good:
        raise OpenRVUError(f"{value.op} of {', '.join(kind.__name__ for kind in kinds)}: {sorted(columns(value))}")
    return given


def _own(step: Step, names: Mapping[str, str], fresh: Mapping[str, str]) -> Step:
    """The step over its own names."""
    within = tuple(names[name] for name in getattr(step, "within", ()))
    match step:
        case Lookup():
            keys = tuple((key, renamed(formula, names)) for key, formula in step.keys)
            take = tuple((column, fresh[name]) for column, name in step.take)
            return replace(step, keys=keys, take=take, found=fresh[step.found])
        case Compute():
            return Compute(fresh[step.column], renamed(step.formula, names))
        case Rank():
            return Rank(fresh[step.column], within, renamed(step.by, names), renamed(step.among, names))
        case Group():
            of, among = renamed(step.of, names), renamed(step.among, names)
            return Group(fresh[step.column], step.how, of, within, among)
        case Running():
            return Running(fresh[step.column], renamed(step.of, names), within, renamed(step.among, names))


def _kinds(step: Step, types: Mapping[str, type], seeds: Mapping[str, Seed]) -> dict[str, type]:
    """The kind of each column that a step writes, its formulas checked on the way."""
    if isinstance(step, Compute):
        return {step.column: kind_of(step.formula, types)}
    if isinstance(step, Lookup):
        seed = seeds[step.table]
        if {key for key, _ in step.keys} != set(seed.keys):
            raise OpenRVUError(f"{step.table} is looked up by {[k for k, _ in step.keys]}", exists=f"keys: {seed.keys}")
        for key, formula in step.keys:
            if kind_of(formula, types) is not seed.columns[key]:
                raise OpenRVUError(f"{step.table}.{key} is {seed.columns[key].__name__}, looked up by another kind")
        return {**{name: seed.columns[column] for column, name in step.take}, step.found: int}
    number = step.by if isinstance(step, Rank) else step.of
    if kind_of(number, types) is not int or kind_of(step.among, types) is not bool:
        raise OpenRVUError(f"{step.column}: a window works on numbers, among lines for which something is true")
    return {step.column: int}


def make_plan(rules: Sequence[Rule], seeds: Mapping[str, Seed], inputs: Mapping[str, type]) -> Plan:
    """RULES over columns of their own names, in stages. inputs: the columns of a line, with their kinds.

    Raises OpenRVUError for a formula that mixes kinds or reads what no step before it writes.
    """
    names = {name: name for name in inputs}
    types: dict[str, type] = dict(inputs)
    placed: list[Placed] = []
    for rule in rules:
        for step in rule.steps:
            missing = reads(step) - set(names)
            if missing:
                raise OpenRVUError(f"rule {rule.name} reads {', '.join(sorted(missing))}, which nothing before writes")
            fresh = {name: _fresh(name, types) for name in writes(step)}
            own = _own(step, names, fresh)
            types.update(_kinds(own, types, seeds))
            names.update(fresh)
            placed.append(Placed(rule.name, own, 0, 0))
    return Plan(levelled(placed), types, names, tuple(inputs))


def folded(plan: Plan, output: Sequence[str]) -> Plan:
    """The plan with fewer steps: a column that only names another one, or that one formula reads once, becomes part of
    what reads it. `output` keeps its columns, by their public names.

    Engines then have fewer layers to resolve; what is computed stays the same.
    """
    shown = {plan.last[name] for name in output} | set(plan.inputs)
    formulas = {p.step.column: p.step.formula for p in plan.steps if isinstance(p.step, Compute)}
    uses = dict.fromkeys(plan.types, 0)
    fixed: set[str] = set()
    for placed in plan.steps:
        fixed |= set(getattr(placed.step, "within", ()))
        for formula in _formulas(placed.step):
            for node in nodes(formula):
                if node.op == "col":
                    uses[str(node.args[0])] += 1 if isinstance(placed.step, Compute) else 2
    gone: dict[str, Formula] = {}
    for name, formula in formulas.items():
        plain = formula.op == "col"
        if name not in shown and name not in fixed and (plain or uses[name] == 1):
            gone[name] = _replaced(formula, gone)
    last = {name: _end(own, gone) for name, own in plan.last.items()}
    steps = [
        replace(placed, step=on_formulas(placed.step, lambda formula: _replaced(formula, gone)))
        for placed in plan.steps
        if not (isinstance(placed.step, Compute) and placed.step.column in gone)
    ]
    return Plan(levelled(steps), plan.types, last, plan.inputs)


def in_layers(plan: Plan) -> Plan:
    """The plan without its rules: as few layers as what the steps need of each other allows, for engines alone."""
    return replace(plan, steps=levelled([replace(placed, rule="layer") for placed in plan.steps]))


def _formulas(step: Step) -> tuple[Formula, ...]:
    match step:
        case Lookup():
            return tuple(formula for _, formula in step.keys)
        case Compute():
            return (step.formula,)
        case Rank():
            return step.by, step.among
    return step.of, step.among


def _replaced(formula: Formula, gone: Mapping[str, Formula]) -> Formula:
    if formula.op == "col":
        return gone.get(str(formula.args[0]), formula)
    return Formula(formula.op, tuple(_replaced(a, gone) if isinstance(a, Formula) else a for a in formula.args))


def _end(name: str, gone: Mapping[str, Formula]) -> str:
    """Where a column that is gone only named another one, that one."""
    return str(gone[name].args[0]) if name in gone and gone[name].op == "col" else name


def on_formulas(step: Step, change: Callable[[Formula], Formula]) -> Step:
    """The step with each of its formulas changed."""
    match step:
        case Lookup():
            return replace(step, keys=tuple((key, change(formula)) for key, formula in step.keys))
        case Compute():
            return replace(step, formula=change(step.formula))
        case Rank():
            return replace(step, by=change(step.by), among=change(step.among))
    return replace(step, of=change(step.of), among=change(step.among))


def levelled(steps: Sequence[Placed]) -> tuple[Placed, ...]:
    """The steps, their stages and levels told anew."""
    at: dict[str, tuple[int, str, int]] = {}
    found = []
    for placed in steps:
        made = [at[name] for name in reads(placed.step) if name in at]
        stage = max((known[0] for known in made), default=0)
        same = [known[2] for known in made if known[:2] == (stage, placed.rule)]
        level = 1 + max(same, default=0)
        after = (stage + 1, "", 0) if isinstance(placed.step, Window) else (stage, placed.rule, level)
        at.update(dict.fromkeys(writes(placed.step), after))
        found.append(replace(placed, stage=stage, level=level))
    return tuple(found)


def alone(rules: Sequence[Rule], kept: Sequence[str] = ()) -> tuple[Rule, ...]:
    """RULES for a line that no other line touches: each window becomes what it gives for one line, and a column
    `among_<column>` that says whether it concerns the line. kept: columns of windows that stay as they are."""

    def one(step: Step) -> tuple[Step, ...]:
        if not isinstance(step, Window) or step.column in kept:
            return (step,)
        own: Formula | int = step.of if isinstance(step, Group) else 1
        value = Formula("lit", (0,)) if isinstance(step, Running) else where(step.among, own, 0)
        return Compute(f"among_{step.column}", step.among), Compute(step.column, value)

    return tuple(replace(rule, steps=tuple(made for step in rule.steps for made in one(step))) for rule in rules)


def _fresh(name: str, taken: Mapping[str, type]) -> str:
    number, own = 1, name
    while own in taken:
        number += 1
        own = f"{name}_{number}"
    return own
