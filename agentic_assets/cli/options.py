"""Options that several commands share."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["DAY", "DAYS", "domain_option", "emit_json", "emit_schema", "for_domain", "json_option", "screen"]


class _Day(click.ParamType[date]):
    name = "DAY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  (a local day has no zone)
        except ValueError:
            self.fail(f"{value!r} is not a day; write YYYY-MM-DD, for example 2013-02-08", param, ctx)


class _Days(click.ParamType[tuple[date, date]]):
    name = "DAY..DAY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[date, date]:
        if isinstance(value, tuple):
            return value
        first, dots, last = str(value).partition("..")
        since = DAY.convert(first, param, ctx)
        return since, DAY.convert(last, param, ctx) if dots else since


DAY = _Day()
DAYS = _Days()

_DOMAIN = "departures"
"""The domain that is meant where none is named."""

F = TypeVar("F", bound=Callable[..., Any])


def json_option(command: F) -> F:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else, on stdout.")(
        command
    )


def domain_option(command: F) -> F:
    """Add `--domain`."""
    return click.option("--domain", "domain_name", default=_DOMAIN, show_default=True, help="Which domain to work on.")(
        command
    )


def for_domain(name: str) -> str:
    """Give what a command that is proposed to somebody needs at its end to be about this domain."""
    return "" if name == _DOMAIN else f" --domain {name}"


def screen() -> Console:
    """Give the console for stdout; into a file or a pipe, tables keep a width at which nothing is cut."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=130)


def emit_json(value: Any, *, ascii_only: bool = False) -> None:
    """Print one JSON object on stdout; `ascii_only` where delivered data could hold what steers a terminal."""
    click.echo(json.dumps(value, ensure_ascii=ascii_only, default=str))


def emit_schema(schema: dict[str, Any]) -> None:
    """Print a JSON Schema as people keep it in a file."""
    click.echo(json.dumps(schema, indent=2))
