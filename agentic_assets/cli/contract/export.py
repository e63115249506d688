"""`agentic contract export`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from agentic_assets.cli.contract.finding import contracts_option, find
from agentic_assets.errors import ConfigInvalid

if TYPE_CHECKING:
    from agentic_assets.contracts import Contract

__all__ = ["export", "write_out"]

Target = Literal["jsonschema", "sql", "pandera", "asyncapi"]


@click.command()
@click.argument("wanted", metavar="CONTRACT")
@click.option(
    "--to",
    "target",
    type=click.Choice(["jsonschema", "sql", "pandera", "asyncapi"]),
    required=True,
    help="JSON Schema of a row, SQL that creates the table, a Python module with a pandera schema, or an AsyncAPI "
    "channel.",
)
@click.option(
    "--dialect",
    type=click.Choice(["duckdb", "postgres"]),
    default="duckdb",
    show_default=True,
    help="Of which database the SQL is.",
)
@click.option(
    "--foreign-keys/--no-foreign-keys",
    default=True,
    show_default=True,
    help="Whether the SQL refers to other tables, which then have to be there first.",
)
@click.option("--table", help="Which table, where the contract describes several.")
@contracts_option
@click.option("--out", type=click.Path(path_type=Path), help="Write it to a file instead of stdout.")
def export(
    wanted: str,
    target: Target,
    dialect: Literal["duckdb", "postgres"],
    foreign_keys: bool,
    table: str | None,
    folder: Path,
    out: Path | None,
) -> None:
    """Write a contract in another language, for systems that read no contracts.

    CONTRACT is a file, or the name of a dataset. What the other language cannot say is named in a comment of what is
    written: `$comment` in JSON, comment lines in SQL and Python.
    """
    contract = find(wanted, folder, table)
    write_out(_text(contract, target, dialect, foreign_keys=foreign_keys), out)


def _text(contract: Contract, target: Target, dialect: Literal["duckdb", "postgres"], *, foreign_keys: bool) -> str:
    from agentic_assets import contracts

    match target:
        case "sql":
            return contracts.to_sql(contract, dialect=dialect, foreign_keys=foreign_keys)
        case "pandera":
            return contracts.to_pandera_module(contract)
        case "jsonschema":
            return _json(contracts.to_json_schema(contract))
        case "asyncapi":
            return _json(contracts.to_asyncapi(contract))


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def write_out(text: str, out: Path | None) -> None:
    """Print a text, or write it to a file, which appears whole or not at all."""
    if out is None:
        click.echo(text, nl=False)
        return
    half = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        half.write_text(text, encoding="utf-8", newline="\n")
        half.replace(out)
    except OSError as error:
        raise ConfigInvalid(f"{out}: cannot be written: {error.strerror or error}", hint="name another file") from error
    finally:
        half.unlink(missing_ok=True)
    click.echo(f"wrote {out}", err=True)
