"""`agentic features get`."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import click
import polars as pl
from rich.console import Console

from agentic_assets.cli.options import domain_option, emit_json, json_option, screen

__all__ = ["get"]

_SHOWN = 10


@click.command()
@click.argument("wanted", metavar="SET[@VERSION]")
@click.option(
    "--entities",
    required=True,
    type=click.Path(path_type=Path),
    help="Parquet, CSV or JSON lines with the entity's key and, if another moment than its own is meant, `decided_at`.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write Parquet or CSV here, by the name's ending. A file of that name is replaced, whole or not at all.",
)
@domain_option
@json_option
def get(wanted: str, entities: Path, out: Path | None, domain_name: str, as_json: bool) -> None:
    """Retrieve features as of each row's moment: one row out for each row in, nothing from its future.

    Reads the published tables of the lake. For training: one file of entities in, one file of features out.
    """
    if out is not None:
        _check_out(out, entities)
    from agentic_assets.contracts.files import read_file
    from agentic_assets.domains import governed_domain
    from agentic_assets.evidence import Reading
    from agentic_assets.evidence.feature_sets import find_set, retrieved
    from agentic_assets.home import Home

    with Console(stderr=True).status(f"reading {entities.name}") as status:
        asked = _instants(read_file(entities).frame, entities)
        home = Home.from_environment()
        reading = Reading(governed_domain(domain_name, home), home)
        try:
            each, version = find_set(reading, wanted)
            status.update(f"retrieving {each.definition.name}@{version} for {asked.height:,} rows")
            found = retrieved(reading, each, version, asked)
        finally:
            reading.close()
        if out is not None:
            status.update(f"writing {out.name}")
            _write(found, out)
    name = f"{each.definition.name}@{version}"
    if as_json:
        emit_json(
            {"feature_set": name, "rows": found.height, "columns": found.columns, "out": str(out) if out else None}
        )
    elif out is not None:
        click.echo(f"{found.height:,} rows with {len(each.definition.features)} features of {name} in {out}")
    else:
        with pl.Config(tbl_rows=_SHOWN, tbl_hide_dataframe_shape=True):
            screen().print(str(found.head(_SHOWN)), highlight=False, markup=False)
        click.echo(f"{found.height:,} rows, {len(found.columns)} columns; --out FILE writes them")


def _check_out(out: Path, entities: Path) -> None:
    """Refuse what could not be written, before anything is computed."""
    if out.suffix not in (".parquet", ".csv"):
        raise click.BadParameter(f"{out.name} ends in neither .parquet nor .csv", param_hint="--out")
    try:
        there, folder = out.is_dir(), out.parent.is_dir()
    except OSError as error:  # such as a name that is too long
        raise click.BadParameter(f"{str(out)[:200]} cannot be written: {error.strerror}", param_hint="--out") from error
    if there:
        raise click.BadParameter(f"{out} is a folder; name a file", param_hint="--out")
    if not folder:
        raise click.BadParameter(f"there is no folder {out.parent}; make it first", param_hint="--out")
    if out.resolve() == entities.resolve():
        raise click.BadParameter(f"{out} holds the entities, which would be lost; name another", param_hint="--out")


def _instants(asked: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Read `decided_at` of a text file; a moment without an offset is refused, since nobody knows when that is."""
    from agentic_assets.errors import PointInTimeViolation

    if "decided_at" not in asked.columns or asked.schema["decided_at"] != pl.String:
        return asked
    text = pl.col("decided_at")
    moments = text.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    read = asked.with_columns(moments)
    wrong = read.get_column("decided_at").null_count() - asked.get_column("decided_at").null_count()
    if wrong:
        bad = asked.filter(moments.is_null() & text.is_not_null()).get_column("decided_at")[0]
        raise PointInTimeViolation(
            f"{path}: {wrong:,} of {asked.height:,} values of `decided_at` are no instants, e.g. {bad!r:.80}",
            hint="write them with an offset, e.g. 2013-07-10T12:00:00Z or 2013-11-03T01:30:00-04:00",
        )
    return read


def _write(found: pl.DataFrame, out: Path) -> None:
    """Write a file that appears whole or not at all; what stood there before stays until then."""
    from agentic_assets.errors import ConfigInvalid

    if out.suffix == ".csv" and (nested := [name for name, dtype in found.schema.items() if dtype.is_nested()]):
        raise ConfigInvalid(
            f"{out}: `{nested[0]}` is {found.schema[nested[0]]!s:.60}, which no cell of a CSV file holds",
            hint="write .parquet, or leave the column out of the entities",
        )
    half = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        if out.suffix == ".csv":
            found.write_csv(half)
        else:
            found.write_parquet(half)
        half.replace(out)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0][:160]
        raise ConfigInvalid(f"{out}: cannot be written: {reason}", hint="name another file") from error
    finally:
        with suppress(OSError):
            half.unlink()
