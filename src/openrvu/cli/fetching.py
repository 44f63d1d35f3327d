"""Commands that find: fetch (a release from CMS's site) and search (codes by prefix or by our words)."""

from __future__ import annotations

import sys
import time

import click

from openrvu import answers
from openrvu.cli import show
from openrvu.errors import Unavailable
from openrvu.tables.fetch import Notice

ACCEPTED = ("accept", "i accept")


@click.command()
@click.argument("release")
@show.json_option
def fetch(release: str, as_json: bool) -> None:
    """Download CMS's zip of RELEASE (2026B) from CMS's site, once you accept the AMA's terms, and load it."""
    from openrvu.tables.fetch import fetch as fetched

    meter = _Meter()
    done = fetched(release, ask=ask_on_terminal, progress=lambda text: click.echo(text, err=True), meter=meter)
    if as_json:
        click.echo(answers.to_json({"fetched": done, "run_id": answers.run_id()}), nl=False)
        return
    for one in done.loaded:
        again = " (in place of the one loaded before)" if one.replaced else ""
        click.echo(f"{one.kind}, release {one.release}: {one.rows:,} rows from {one.file}{again}")
        for note in one.notes:
            click.echo(f"  {note}")
    show.say_run()


def ask_on_terminal(asked: Notice) -> bool:
    """Show the notice and read the answer. Raises Unavailable where nobody sits at a terminal."""
    from openrvu.tables.fetch import page

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Unavailable(
            "the AMA's terms must be accepted by a person at a terminal, and there is none here",
            exists=f"The terms: {asked.terms}",
            fix=f"Run it in a terminal; or download the zip in a browser from {page()} and `openrvu load FILE`",
        )
    for line in (*asked.text, f"The terms: {asked.terms}", ""):
        click.echo(line, err=True)
    click.echo("Type `accept` to accept them: ", nl=False, err=True)
    return sys.stdin.readline().strip().lower() in ACCEPTED


class _Meter:
    """Bytes as they come, on standard error: one line that is written over."""

    def __init__(self) -> None:
        self.shown = 0.0

    def __call__(self, held: int, expected: int | None) -> None:
        now, last = time.monotonic(), held == expected
        if now - self.shown < 0.2 and not last:
            return
        self.shown = now
        share = f" of {expected / 1e6:.1f}" if expected else ""
        click.echo(f"\r{held / 1e6:.1f}{share} MB", nl=False, err=True)
        if last:
            click.echo(err=True)


SHOWN = 50


@click.command()
@click.argument("text", nargs=-1, required=True)
@show.json_option
@show.csv_option
def search(text: tuple[str, ...], as_json: bool, as_csv: bool) -> None:
    """Codes by their beginning (6304) or by our own words (endoscopic lumbar), over all that is held."""
    from openrvu import holdings
    from openrvu.cards.search import search as found_by
    from openrvu.releases import way_to

    facts = holdings.current()
    asked = " ".join(text)
    hits = found_by(asked, facts, holdings.licensed())
    if as_json:
        click.echo(answers.to_json({"text": asked, "hits": hits, "run_id": answers.run_id()}), nl=False)
        return
    head = ("code", "our words", "family", "newest release", "origin")
    rows = [(hit.code, hit.words, hit.family, hit.release, hit.origin) for hit in hits]
    if as_csv:
        click.echo(show.as_csv_text(("code", "words", "family", "release", "origin"), rows), nl=False)
        return
    if rows:
        own = [hit.code for hit in hits if hit.by == "licensed"]
        shown = [
            (code, "(found in your own licensed text)", *row) if code in own else (code, words, *row)
            for code, words, *row in rows[:SHOWN]
        ]
        show.table(head, shown, first=True)
    else:
        click.echo(f"Nothing held answers to {asked!r}.")
    if len(rows) > SHOWN:
        click.echo(f"... and {len(rows) - SHOWN:,} more: `--csv` prints them all")
    if hits and hits[0].matched < hits[0].of:
        click.echo(f"No service has all of these words; these have {hits[0].matched} of {hits[0].of}.")
    if not any(facts.table(release.id).whole for release in facts.releases):
        click.echo(f"No whole release is held, only the embedded codes. To get one: {way_to(facts.newest().id)}.")
    show.say_run()
