"""`agentic contract check`."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from agentic_assets.cli.contract.finding import contracts_option, find
from agentic_assets.cli.contract.reading import dialect_options, for_contract, read
from agentic_assets.cli.contract.steps import step
from agentic_assets.cli.formats import Format, emit, format_option
from agentic_assets.errors import AgenticError, SourceUnreadable

if TYPE_CHECKING:
    import polars as pl

    from agentic_assets.cli.formats import Report
    from agentic_assets.contracts import Contract, GateResult
    from agentic_assets.contracts.files import Dialect, Rows

__all__ = ["check"]

_MOST_PARTITIONS: Final = 10_000


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--contract", "wanted", required=True, help="The contract: a file, or the name of its dataset.")
@contracts_option
@click.option("--table", help="Which table, where the contract describes several.")
@click.option("--partition-by", "column", metavar="COLUMN", help="Check each value of a column as a partition.")
@click.option(
    "--references",
    multiple=True,
    metavar="NAME=FILE",
    help="A file with the rows of another dataset, to which a relationship of the contract refers.",
)
@dialect_options
@click.option(
    "--quarantine",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="OUT.parquet",
    help="Write the refused rows there, each with its place in the file, the rules that it breaks, and all it held.",
)
@click.option(
    "--limit", type=click.IntRange(1, 20), default=3, show_default=True, help="How many examples to show of a rule."
)
@click.option("--strict", is_flag=True, help="Let a warning fail the command too.")
@format_option
def check(
    file: Path,
    wanted: str,
    folder: Path,
    table: str | None,
    column: str | None,
    references: tuple[str, ...],
    dialect: Dialect,
    quarantine: Path | None,
    limit: int,
    strict: bool,
    format_name: Format,
) -> None:
    """Hold a file against a contract, as the gate would before it is published.

    FILE is Parquet, CSV or JSON lines, the latter two also as .gz or .zip. No home and no Dagster is needed. What a
    Parquet file holds must have the contract's types: a number stored as text is an error there, while the text of a
    CSV file is read as the contract's types. CSV rows are counted as lines of the file, the header being line 1.

    The file is read into memory whole, which for a table of 5 million rows means a few GB.

    Exit code 0 when the file passes (with or without warnings, among them rows that the contract allows to be
    refused), 1 when it or a partition of it is refused, 2 when the file or the contract cannot be used at all.
    """
    try:
        report = _checked(file, find(wanted, folder, table), column, references, dialect, quarantine, limit)
    except AgenticError as error:
        click.echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(2) from error
    emit(report, format_name)
    if report.count("error") or (strict and report.count("warning")):
        raise click.exceptions.Exit(1)


def _checked(
    file: Path,
    contract: Contract,
    column: str | None,
    references: tuple[str, ...],
    dialect: Dialect,
    quarantine: Path | None,
    limit: int,
) -> Report:
    from agentic_assets.cli.contract.checking import report
    from agentic_assets.contracts import gate_all

    if quarantine is not None:
        _refuse_to_overwrite(quarantine, file)
    rows = for_contract(file, dialect, contract)
    referred = _referred(references, contract, dialect)
    parts = _partitions(rows, column)
    with step(f"holding {rows.frame.height:,} rows against {contract.name}"):
        results = gate_all(parts, contract, references=dict.fromkeys(parts, referred), texts=rows.texts)
    if quarantine is not None:
        _write(quarantine, results)
    return report(rows, contract, results, limit=limit)


def _partitions(rows: Rows, column: str | None) -> dict[str, pl.DataFrame]:
    if column is None:
        return {"": rows.placed}
    if column not in rows.frame.columns:
        near = difflib.get_close_matches(column, rows.frame.columns, n=1)
        raise SourceUnreadable(
            f"{rows.path}: has no column {column!r:.80} to part it by",
            hint=f"did you mean {near[0]}?" if near else f"it has {', '.join(rows.frame.columns[:20])}",
        )
    if rows.frame.schema[column].is_nested():
        raise SourceUnreadable(f"{rows.path}: `{column}` holds lists or structures", hint="part it by a plain column")
    values = rows.frame[column].n_unique()
    if values > _MOST_PARTITIONS:
        raise SourceUnreadable(
            f"{rows.path}: `{column}` has {values:,} values, too many to be partitions (up to {_MOST_PARTITIONS:,})",
            hint="name the column that parts the table, e.g. its day",
        )
    parts = rows.placed.partition_by(column, as_dict=True, maintain_order=True)
    return {"(null)" if value is None else str(value): part for (value,), part in parts.items()}


def _referred(references: tuple[str, ...], contract: Contract, dialect: Dialect) -> dict[str, pl.DataFrame]:
    """Read the files to which relationships refer; text of CSV becomes the type of the column that refers to it."""
    import polars as pl

    from agentic_assets.contracts.gating.cells import as_type

    known = {rule.reference.dataset for rule in contract.rules if rule.reference is not None}
    found: dict[str, pl.DataFrame] = {}
    for given in references:
        name, equals, path = given.partition("=")
        if not equals or not name or not path:
            raise click.UsageError(f"--references is {given!r:.80}; write NAME=FILE, e.g. airports=airports.csv")
        if name not in known:
            raise click.UsageError(
                f"--references {name}: the contract refers to {', '.join(sorted(known)) or 'no other dataset'}"
            )
        rows = read(Path(path), dialect)
        frame = rows.frame
        for rule in contract.rules:
            if rule.reference is None or rule.reference.dataset != name:
                continue
            for own, key in zip(rule.reference.columns, rule.reference.keys, strict=True):
                dtype = contract.schema[own]
                if rows.texts == "anything" and key in frame.columns and frame.schema[key] == pl.String != dtype:
                    frame = frame.with_columns(as_type(frame[key], dtype).alias(key))
        found[name] = frame
    return found


def _refuse_to_overwrite(out: Path, file: Path) -> None:
    if out.resolve() == file.resolve():
        raise click.UsageError("--quarantine names the file that is checked; name another one")
    if not out.parent.is_dir():
        raise click.UsageError(f"--quarantine: there is no folder {out.parent}")


def _write(out: Path, results: Mapping[str, GateResult]) -> None:
    import polars as pl

    frames = [
        result.quarantined.with_columns(pl.lit(name or None, pl.String).alias("partition"))
        for name, result in results.items()
    ]
    # A file appears whole or not at all.
    half = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        pl.concat(frames).write_parquet(half)
        half.replace(out)
    except OSError as error:
        raise SourceUnreadable(f"{out}: cannot be written: {error.strerror or error}", hint="name another") from error
    finally:
        half.unlink(missing_ok=True)
