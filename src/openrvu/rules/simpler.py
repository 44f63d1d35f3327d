"""A plan with the same results and less to work out, for engines that write queries.

A column that is 1 where something holds and else 0 is asked through the truth itself, and whether a status is a certain
one is told from the truths that led to it, so that no text is compared twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from openrvu.rules.formula import Formula, col
from openrvu.rules.plan import Placed, Plan, levelled, on_formulas
from openrvu.rules.steps import Compute


@dataclass
class _Known:
    """What is known on the way through the steps. formulas: of each column. truths: the column of each question asked,
    by column and text, or by column alone for a column of ones and zeros."""

    rule: str
    formulas: dict[str, Formula]
    types: dict[str, type]
    steps: list[Placed] = field(default_factory=list)
    truths: dict[tuple[str, str], str] = field(default_factory=dict)

    def ask(self, key: tuple[str, str], formula: Formula) -> Formula:
        """A column for the answer to a question, made once."""
        if key not in self.truths:
            name = "_is_".join(key).replace("-", "_").rstrip("_")
            while name in self.types:
                name += "_"
            self.truths[key] = name
            self.types[name] = bool
            self.formulas[name] = formula
            self.steps.append(Placed(self.rule, Compute(name, formula), 0, 0))
        return col(self.truths[key])


def simpler(plan: Plan) -> Plan:
    """The plan with truths asked directly; columns that nothing reads any more stay for `folded` or the engine to drop.

    >>> from openrvu.rules.formula import as_python, where
    >>> from openrvu.rules.plan import make_plan
    >>> from openrvu.rules.steps import Rule
    >>> asked = Compute("b", where(col("good").eq(1) & (col("a") < 9), 7, 0))
    >>> rule = Rule("r", "", (Compute("good", where(col("a") > 1, 1, 0)), asked), ())
    >>> made = simpler(make_plan((rule,), {}, {"a": int}))
    >>> [as_python(placed.step.formula) for placed in made.steps]
    ["(1 if (row['a'] > 1) else 0)", "(row['a'] > 1)", "(7 if (row['good_is'] and (row['a'] < 9)) else 0)"]
    """
    known = _Known("", {}, dict(plan.types))
    for placed in plan.steps:
        known.rule = placed.rule
        step = on_formulas(placed.step, lambda formula: _plainer(formula, known))
        if isinstance(step, Compute):
            known.formulas[step.column] = step.formula
        known.steps.append(replace(placed, step=step))
    return Plan(levelled(known.steps), known.types, plan.last, plan.inputs)


def _plainer(formula: Formula, known: _Known) -> Formula:
    """A formula with every question that is known asked through its column."""
    args = tuple(_plainer(arg, known) if isinstance(arg, Formula) else arg for arg in formula.args)
    made = Formula(formula.op, args)
    match made:
        case Formula("==", (Formula("col", (str(name),)), str(text))):
            return _text_is(name, text, known)
        case Formula("==", (Formula("col", (str(name),)), 1)) | Formula("!=", (Formula("col", (str(name),)), 0)):
            return _holds(name, known) or made
        case Formula(">", (Formula("col", (str(name),)), 0)):
            return _holds(name, known) or made
        case Formula("==", (Formula("col", (str(name),)), 0)):
            held = _holds(name, known)
            return Formula("not", (held,)) if held else made
    return made


def _holds(name: str, known: _Known) -> Formula | None:
    """The truth behind a column of ones and zeros."""
    match known.formulas.get(name):
        case Formula("where", (Formula() as condition, 1, 0)):
            return condition if condition.op == "col" else known.ask((name, ""), condition)
    return None


def _text_is(name: str, text: str, known: _Known) -> Formula:
    """Whether a column is a text: where it is another one only if something holds, from what it was before."""
    made = Formula("==", (col(name), text))
    match known.formulas.get(name):
        case Formula("where", (Formula() as condition, str(given), Formula("col", (str(before),)))):
            was = _text_is(before, text, known)
            if given == text:
                return known.ask((name, text), Formula("or", (condition, was)))
            rest = [part for part in _all_of(condition) if part.args != was.args or part.op != was.op]
            if not rest:
                return known.ask((name, text), Formula("and", (was, Formula("not", (was,)))))
            hit = rest[0]
            for part in rest[1:]:
                hit = Formula("and", (hit, part))
            return known.ask((name, text), Formula("and", (was, Formula("not", (hit,)))))
        case Formula("col", (str(before),)):
            return _text_is(before, text, known)
        case Formula("where"):
            return known.ask((name, text), made)
    return made


def _all_of(condition: Formula) -> list[Formula]:
    if condition.op != "and":
        return [condition]
    return [part for arg in condition.args if isinstance(arg, Formula) for part in _all_of(arg)]
