"""The command `letter`: drafts to CMS, a contractor or a payer, for a person to finish."""

from __future__ import annotations

from pathlib import Path

import click

from openrvu import answers
from openrvu.cli import show
from openrvu.cli.practice import pairs_of
from openrvu.cli.reports import write_whole


@click.command()
@click.argument("code")
@click.option(
    "--kind",
    default="comment",
    show_default=True,
    help="comment, nomination (to CMS); packet (to a contractor); payer; prior-authorization; checklist.",
)
@show.on_option
@click.option("--place", default="national", show_default=True, help="As in `price`.")
@click.option("--volumes", type=click.Path(path_type=Path), help="For a payer: the practice's own services, a file.")
@click.option("--multiplier", multiple=True, metavar="PAYER=PERCENT", help="What a payer pays in percent of Medicare.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write: .md or .docx. Default: print.")
@show.json_option
def letter(
    code: str,
    kind: str,
    on: str | None,
    place: str,
    volumes: Path | None,
    multiplier: tuple[str, ...],
    output: Path | None,
    as_json: bool,
) -> None:
    """A draft about CODE with figures, sources, uncertainty and what speaks against, for a person to finish."""
    from openrvu.dossier.drafts import markdown, written
    from openrvu.dossier.letter import letter as drafted

    made = drafted(code, kind, on=on, place=place, volumes=volumes, multipliers=pairs_of(multiplier, "--multiplier"))
    if output is not None:
        write_whole(output, written(made, output.suffix.lower()))
    if as_json:
        click.echo(
            answers.to_json({**answers.encode(made), "blanks": made.blanks, "sources": made.citations}), nl=False
        )
    elif output is None:
        click.echo(markdown(made), nl=False)
    else:
        click.echo(f"Written: {output}. {len(made.blanks)} places are left to fill in.")
