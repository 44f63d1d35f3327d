"""price-file: many lines, or the rules as SQL."""

from __future__ import annotations

from pathlib import Path

import click

from openrvu import answers
from openrvu.cli import show


@click.command("price-file")
@click.argument("claims", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Parquet file, or a folder of them.")
@click.option("--mapping", type=click.Path(path_type=Path), help="TOML: which column is which field.")
@click.option("--engine", default="duckdb", show_default=True, help="duckdb, polars, spark or ints.")
@click.option(
    "--rejects", type=click.Path(path_type=Path), help="Rows that cannot be used. Default: beside the output."
)
@click.option("--memory", default="4GB", show_default=True, help="Memory that DuckDB may take.")
@click.option("--threads", default=0, help="Cores to use. Default: all.")
@click.option("--resume", is_flag=True, help="Go on with a run that was stopped.")
@click.option("--master", default="", help="Spark: URL of the cluster.")
@click.option("--sql", "dialect", default="", metavar="DIALECT", help="Print the query for a warehouse instead.")
@click.option("--seeds", type=click.Path(path_type=Path), help="With --sql: write the rule tables here as CSV.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@show.json_option
@show.csv_option
def price_file(
    claims: Path | None,
    output: Path | None,
    mapping: Path | None,
    engine: str,
    rejects: Path | None,
    memory: str,
    threads: int,
    resume: bool,
    master: str,
    dialect: str,
    seeds: Path | None,
    quiet: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Price every line of CLAIMS by every rule: Parquet, CSV, X12 837P, FHIR Claim (NDJSON, Bundle), or a folder.

    Columns of tables bear the names of a line's fields, or --mapping says which is which. No other column is read or
    written. For 837P and FHIR see docs/claims.md.
    """
    if dialect:
        _print_sql(dialect, seeds, as_json)
        return
    if claims is None or output is None:
        raise click.UsageError("Give the CLAIMS and -o OUTPUT, or --sql DIALECT.")
    from openrvu.bulk.price_file import Asked
    from openrvu.bulk.price_file import price_file as priced
    from openrvu.bulk.sheets import SUMMARY_HEAD, summary_rows

    asked = Asked(claims, output, mapping, engine, rejects, memory, threads, resume, master=master)
    done = priced(asked, say=(lambda _text: None) if quiet else lambda text: click.echo(text, err=True))
    rows = summary_rows(answers.encode(done))
    if as_json:
        click.echo(answers.to_json({**answers.encode(done), "run_id": answers.run_id()}), nl=False)
        return
    if as_csv:
        click.echo(show.as_csv_text(SUMMARY_HEAD, rows), nl=False)
        return
    click.echo(
        f"{done.output}: {done.written:,} of {done.lines:,} lines, {show.money(done.amount_cents)} dollars in all"
    )
    if done.rejected:
        click.echo(f"{done.rejects}: {done.rejected:,} rows that cannot be used")
    show.table(SUMMARY_HEAD, rows, (2, 3))
    if done.sessions_by == "claim":
        click.echo("Lines are ranked within a claim: no patient, group and specialty were given.")
    click.echo(f"checksum {done.checksum} · engine {done.engine}")
    show.say_run()


def _print_sql(dialect: str, folder: Path | None, as_json: bool) -> None:
    from openrvu.bulk.warehouse import for_dialect

    found = for_dialect(dialect, folder)
    if as_json:
        click.echo(answers.to_json({**answers.encode(found), "run_id": answers.run_id()}), nl=False)
        return
    click.echo(found.text)
    for path in found.files:
        click.echo(str(path), err=True)
