"""The options by which a file is read, and the reading itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentic_assets.cli.contract.steps import step
from agentic_assets.errors import SourceUnreadable

if TYPE_CHECKING:
    from agentic_assets.contracts import Contract
    from agentic_assets.contracts.files import Dialect, Rows

__all__ = ["dialect_options", "for_contract", "read"]

F = TypeVar("F", bound=Callable[..., Any])


def dialect_options(command: F) -> F:
    """Add `--delimiter`, `--encoding`, `--null` and `--no-header`; the command gets a `dialect`."""

    @click.option(
        "--delimiter", metavar="CHAR", help="What parts the fields of a CSV file (found out; `tab` for a tab)."
    )
    @click.option("--encoding", help="The encoding of a CSV file (utf-8, or what its first bytes say).")
    @click.option(
        "--null", "nulls", multiple=True, help="A text that means null in a CSV file, besides an empty field."
    )
    @click.option("--no-header", is_flag=True, help="The first line of the CSV file is data.")
    @wraps(command)
    def chosen(
        *arguments: Any,
        delimiter: str | None,
        encoding: str | None,
        nulls: tuple[str, ...],
        no_header: bool,
        **more: Any,
    ) -> Any:
        from agentic_assets.contracts.files import Dialect

        found = {"tab": "\t", "\\t": "\t"}.get(delimiter or "", delimiter)
        if found is not None and (len(found) != 1 or found in '"\r\n' or not found.isascii()):
            raise click.UsageError(f"--delimiter is {delimiter!r}; give one ASCII character, or `tab`")
        dialect = Dialect(found, encoding, ("", *nulls), header=not no_header)
        return command(*arguments, dialect=dialect, **more)

    return chosen  # type: ignore[return-value]


def read(path: Path, dialect: Dialect) -> Rows:
    """Read a file, and say so when it takes long."""
    from agentic_assets.contracts.files import read_file

    size = path.stat().st_size if path.is_file() else 0
    with step(f"reading {path} ({size / 1e6:,.1f} MB)"):
        return read_file(path, dialect)


def for_contract(path: Path, dialect: Dialect, contract: Contract) -> Rows:
    """Read a file as the contract's delivery: its null texts, and its columns where the file names none.

    Raises SourceUnreadable for a file in which no column of the contract is found at all.
    """
    from dataclasses import replace

    if dialect.nulls == ("",):
        dialect = replace(dialect, nulls=("", *_null_texts(contract)))
    if not dialect.header:
        dialect = replace(dialect, names=tuple(column.physical_name or column.name for column in contract.columns))
    rows = read(path, dialect)
    known = {name for column in contract.columns for name in (column.name, column.physical_name)}
    if not set(rows.frame.columns) & known:
        names = ", ".join(repr(name[:40]) for name in rows.frame.columns[:6])
        raise SourceUnreadable(
            f"{path}: none of its columns ({names}{', ...' if rows.frame.width > 6 else ''}) is in {contract.name}",
            hint="name the contract that describes it; where its first line is data, say --no-header",
        )
    return rows


def _null_texts(contract: Contract) -> tuple[str, ...]:
    texts = contract.declared.get("nullValues")
    return tuple(text for text in texts if isinstance(text, str)) if isinstance(texts, list | tuple) else ()
