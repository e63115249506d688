"""`agentic contract infer`."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentic_assets.cli.contract.export import write_out
from agentic_assets.cli.contract.reading import dialect_options, read
from agentic_assets.cli.contract.steps import step
from agentic_assets.errors import AgenticError, SourceUnreadable

if TYPE_CHECKING:
    from agentic_assets.contracts import GateResult
    from agentic_assets.contracts.files import Dialect, Rows

__all__ = ["infer"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dataset", help="What to call the dataset (the file's name where you say nothing).")
@click.option("--domain", default="unassigned", show_default=True, help="The domain to which it belongs.")
@click.option("--out", type=click.Path(path_type=Path), help="Write it to a file instead of stdout.")
@dialect_options
def infer(file: Path, dataset: str | None, domain: str, out: Path | None, dialect: Dialect) -> None:
    """Propose a contract from data, to be edited by a person.

    FILE is Parquet, CSV or JSON lines, the latter two also as .gz or .zip. All of it is read: types, required columns,
    keys, lists of values, ranges (rounded outward), lengths, patterns and formats are what all rows keep. What the
    data cannot decide stands in comments at the top. Usual words for null, e.g. NA, are recognized where they stand
    in the way of numbers and dates, and noted as the custom property `nullValues`, which `check` reads.

    Exit code 2 when the file cannot be used, 1 when the data itself is no table to promise anything about, as when it
    has no rows.
    """
    from agentic_assets.contracts.infer import as_yaml, null_texts, propose

    try:
        rows = read(file, dialect)
        named = dataset or _dataset(file)
        _usable(rows, named)
        nulls = dialect.nulls[1:]
        if rows.kind == "csv" and not nulls:
            nulls = null_texts(rows.frame)
            if nulls:
                rows = read(file, replace(dialect, nulls=("", *nulls)))
        with step(f"looking at {rows.frame.height:,} rows of {rows.frame.width} columns"):
            found = propose(rows.frame, dataset=named, domain=domain, source=file.name, texts=rows.texts, nulls=nulls)
            text = as_yaml(found)
            result = _held(text, rows)
    except AgenticError as error:
        click.echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(2) from error
    write_out(text, out)
    broken = [finding for finding in result.findings if finding.severity == "error"]
    if broken:
        click.echo(f"{file} does not pass it: {broken[0].message}", err=True)
        raise click.exceptions.Exit(1)
    click.echo(f"{file} passes it, all {result.read:,} rows", err=True)


def _usable(rows: Rows, dataset: str) -> None:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,127}", dataset):
        raise SourceUnreadable(f"the dataset cannot be called {dataset!r:.80}", hint="use letters, digits and _")
    if not rows.frame.width:
        raise SourceUnreadable(f"{rows.path}: has no columns", hint="deliver the file again, whole")
    values = [name for name in rows.frame.columns if re.fullmatch(r"[-+0-9.,:/ ]+", name)]
    if rows.kind == "csv" and len(values) * 2 > rows.frame.width:
        raise SourceUnreadable(
            f"{rows.path}, line 1: looks like data, not like the names of columns ({', '.join(values[:5])})",
            hint="where the first line is data, say --no-header",
        )


def _dataset(file: Path) -> str:
    from agentic_assets.contracts.odcs.naming import dataset_of

    stem = file.name
    while (shorter := Path(stem).stem) != stem:
        stem = shorter
    return dataset_of(stem) or "table"


def _held(text: str, rows: Rows) -> GateResult:
    """Hold the file against what was proposed from it, through the same loader and gate as any contract."""
    from agentic_assets.contracts import gate, load

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "proposed.odcs.yaml"
        path.write_text(text, encoding="utf-8")
        return gate(rows.placed, load(path), partition="", texts=rows.texts)
