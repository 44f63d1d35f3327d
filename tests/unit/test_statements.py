"""Eight statements: the verdict that the sources give, and for each a changed row that changes it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from openrvu import statements
from openrvu.codes.families import find_service
from openrvu.errors import BadInput, NotHeld
from openrvu.facts import EmbeddedTable, Facts, embedded
from openrvu.impact.trends import Trend, use
from openrvu.schemas import Record
from openrvu.statements import Ground, Verdict, check, checks, ground


@pytest.fixture(name="held")
def held_ground() -> Ground:
    return ground(embedded(), "lewandrowski-2024-62380", date(2024, 10, 22))


def verdict(key: str, on: Ground) -> Verdict:
    return next(found for found in check("account-2024", on=on) if found.statement == key)


def with_work(facts: Facts, code: str, work: int, releases: tuple[str, ...]) -> Facts:
    """The facts with another work RVU of one code in some releases."""
    changed = {}
    for name in releases:
        release = facts.release(name)
        table: Mapping[str, tuple[Record, ...]] = {
            other: tuple(replace(r, work_rvu=work) if r.hcpcs == code else r for r in facts.records(other, name))
            for other in facts.table(name).codes()
        }
        changed[release] = EmbeddedTable(table)
    return facts.with_loaded(changed)


def test_the_eight_verdicts(held: Ground) -> None:
    # Domain text, section 2: what each claim comes to.
    assert {found.statement: found.verdict for found in check("account-2024", on=held)} == {
        "code": "corrected",
        "no-work-rvu": "confirmed",
        "value": "corrected",
        "percentages": "confirmed",
        "supply-and-demand": "contradicted",
        "societies": "not-verifiable",
        "efficacy": "not-verifiable",
        "completion": "corrected",
    }


def test_figures_are_those_of_the_sources(held: Ground) -> None:
    assert verdict("value", held).figures["unweighted mean of the comparators"] == "18.246364"
    assert verdict("value", held).figures["sum"] == "200.71"
    assert verdict("percentages", held).figures["63047"].startswith("printed 118.71 %; 2024B: 118.71 %")
    assert "-14.0 %" in verdict("supply-and-demand", held).figures["22612"]
    assert "46.6 %" in verdict("completion", held).words
    assert verdict("efficacy", held).figures["funding"] == "sponsored by the maker of the device, Vertos Medical"


def test_the_wording_says_what_is_computed_and_that_the_rest_is_unknown(held: Ground) -> None:
    words = verdict("value", held).words
    assert "equals, to its printed digits, the unweighted mean" in words
    assert "any regression read at the mean measure returns it" in words
    assert "how it was computed is unknown" in words


def test_code_if_mild_were_done_like_62380(held: Ground) -> None:
    endoscopic = find_service("62380")
    assert endoscopic is not None
    same = replace(held, service=lambda code: replace(endoscopic, code=code))
    assert verdict("code", same).verdict == "confirmed"


def test_a_later_work_rvu_outdates_the_statement(held: Ground) -> None:
    later = replace(held, facts=with_work(held.facts, "62380", 150_000, ("2026C",)))
    assert verdict("no-work-rvu", later).verdict == "outdated"
    assert "2026C" in verdict("no-work-rvu", later).words


def test_an_earlier_work_rvu_contradicts_it(held: Ground) -> None:
    earlier = replace(held, facts=with_work(held.facts, "62380", 150_000, ("2023A",)))
    assert verdict("no-work-rvu", earlier).verdict == "contradicted"


def test_another_date_of_introduction_corrects_it(held: Ground) -> None:
    def moved(code: str) -> Any:
        service = find_service(code)
        return replace(service, introduced=date(2018, 1, 1)) if service and code == "62380" else service

    assert verdict("no-work-rvu", replace(held, service=moved)).verdict == "corrected"


def test_one_other_comparator_and_the_mean_is_no_longer_the_value(held: Ground) -> None:
    # 63047 one hundredth higher: the sum is 200.72 and the mean 18.247273.
    other = replace(held, facts=with_work(held.facts, "63047", 153_800, ("2024B",)))
    found = verdict("value", other)
    assert found.verdict == "not-verifiable"
    assert found.figures["unweighted mean of the comparators"] == "18.247273"
    assert verdict("percentages", other).verdict == "corrected"


def test_rising_fusions_and_flat_mild_would_confirm(held: Ground) -> None:
    counts = {"0275T": {2017: 500, 2023: 500}, "22612": {2017: 1, 2023: 2}, "22633": {2017: 1, 2023: 2}}

    def other(code: str) -> Trend | None:
        return Trend(code, counts[code], (), "pos-by-provider-service") if code in counts else use(code)

    assert verdict("supply-and-demand", replace(held, use=other)).verdict == "confirmed"


def test_flat_mild_lines_change_the_words_and_without_lines_the_verdict(held: Ground) -> None:
    def altered(lines: Mapping[int, int]) -> Ground:
        mild = Trend("0275T", lines, (), "pos-by-provider-service")
        return replace(held, use=lambda code: mild if code == "0275T" else use(code))

    assert "its lines rose, and those of the fusions fell" in verdict("supply-and-demand", held).words
    flat = verdict("supply-and-demand", altered({2017: 475, 2023: 475}))
    assert "its lines did not rise, and those of the fusions fell" in flat.words
    assert flat.verdict == "contradicted"  # fusions do not rise either way
    assert verdict("supply-and-demand", altered({})).verdict == "not-verifiable"


def test_counts_of_22867_would_make_it_more_than_not_found(held: Ground) -> None:
    spacer = Trend("22867", {2017: 900, 2023: 600}, (), "pos-by-provider-service")
    found = replace(held, use=lambda code: spacer if code == "22867" else use(code))
    assert "not verifiable here" in verdict("supply-and-demand", held).words
    assert "not verifiable here" not in verdict("supply-and-demand", found).words


@pytest.mark.parametrize(
    ("release", "shown"),
    [
        # 18.2464 over 13.18 (to 2022), 12.00 (2023 to 2025), 11.70 (2026).
        ("2022A", "2022A: 138.4 %"),
        ("2025D", "2025D: 152.1 %"),
        ("2026C", "2026C: 156.0 %"),
    ],
)
def test_percentages_of_any_release(release: str, shown: str) -> None:
    found = {v.statement: v for v in check("account-2024", embedded(), release=release)}
    assert found["percentages"].figures["63030"].endswith(shown)


@pytest.mark.parametrize(
    ("release", "mean"), [("2021A", "18.4400"), ("2023A", "18.2464"), ("2026C", "18.0480 of 10; not held: 63620")]
)
def test_the_comparators_mean_on_any_release(release: str, mean: str) -> None:
    # Domain text, section 4 of the methods: 18.4400 with 2019-22, 18.048 with the ten held of 2026.
    found = {v.statement: v for v in check("account-2024", embedded(), release=release)}
    assert found["value"].figures[f"mean with the RVUs of {release}"] == mean


def test_a_release_that_is_not_held_is_refused() -> None:
    with pytest.raises(NotHeld):
        check("account-2024", embedded(), release="2017A")


def test_the_status_is_told_by_release_and_follows_the_rows(held: Ground) -> None:
    # The table of 2019 prints no status; since 2020 it is C.
    assert verdict("no-work-rvu", held).figures["status"] == "none printed (2019); C (2020A to 2026C)"
    release = held.facts.release("2023A")
    rows = {
        code: tuple(replace(r, status="A") if code == "62380" else r for r in held.facts.records(code, "2023A"))
        for code in held.facts.table("2023A").codes()
    }
    other = replace(held, facts=held.facts.with_loaded({release: EmbeddedTable(rows)}))
    assert "; A (2023A); C (" in verdict("no-work-rvu", other).figures["status"]


def test_no_counts_no_verdict(held: Ground) -> None:
    assert verdict("supply-and-demand", replace(held, use=lambda code: None)).verdict == "not-verifiable"


@pytest.mark.parametrize(
    ("primary", "expected"), [(["A", "B"], "confirmed"), (["A"], "corrected"), ([], "not-verifiable")]
)
def test_a_list_with_its_primary_source(held: Ground, primary: list[str], expected: str) -> None:
    row = {"named": ["A", "B"], "primary": primary, "primary_words": "not readable"}
    assert checks.list_in_its_primary_source(row, held).verdict == expected


def test_a_paper_that_was_read_is_no_longer_unverifiable(held: Ground) -> None:
    read = tuple(replace(s, figures=("a figure",)) if s.id == "deer-2020" else s for s in held.evidence)
    assert verdict("efficacy", replace(held, evidence=read)).verdict == "confirmed"


def test_other_counts_would_confirm_the_completion_rate(held: Ground) -> None:
    panels = tuple(replace(panel, completed=431, responded=1000) for panel in held.study.panels)
    study = replace(held.study, panels=panels, comparators=held.study.comparators[:10])
    assert verdict("completion", replace(held, study=study)).verdict == "confirmed"


def test_every_verdict_is_one_that_is_explained(held: Ground) -> None:
    assert {found.verdict for found in check("account-2024", on=held)} <= set(statements.VERDICTS)


def test_an_unknown_account_names_those_that_exist() -> None:
    with pytest.raises(BadInput, match="account-2024"):
        check("account-1999")
