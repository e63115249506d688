"""The command `agentic`: run a domain, explain a decision, verify the records, see where things stand."""

from __future__ import annotations

import atexit
import importlib
import sys
from collections.abc import Iterator, MutableMapping
from gc import freeze, set_threshold  # `gc` is a command here

import click

from agentic_assets.errors import AgenticError

__all__ = ["cli", "main"]

_NAMES = (
    "run",
    "explain",
    "verify",
    "replay",
    "reconcile",
    "status",
    "agent",
    "contract",
    "escalation",
    "features",
    "lease",
    "lint",
    "new",
    "policy",
    "quality",
    "quarantine",
    "release",
    "rollback",
    "ui",
    "versions",
    "gc",
)
"""Each command lies in the module of its name."""


class _Commands(MutableMapping[str, click.Command]):
    """The commands by name, each imported when it is asked for: nobody waits for those that are not run."""

    def __init__(self) -> None:
        self._added: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._added:
            if name not in _NAMES:
                raise KeyError(name)
            self._added[name] = getattr(importlib.import_module(f"{__name__}.{name}"), name)
        return self._added[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._added[name] = command

    def __delitem__(self, name: str) -> None:
        del self._added[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*_NAMES, *self._added)))

    def __len__(self) -> int:
        return len({*_NAMES, *self._added})


@click.group(commands=_Commands(), context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="agentic_assets", prog_name="agentic")
def cli() -> None:
    """Turn data into governed, automatic decisions: contracts in, decisions out.

    Everything lies in one folder, AGENTIC_HOME (.agentic/ where you stand, unless you set it).
    """


def main() -> None:
    """Run the command line; an expected error is one clear message on stderr and exit code 1."""
    # What is loaded at the start stays until the end: looking it through for garbage costs a short command a fifth of
    # its time on the way, and as much again when it ends.
    set_threshold(500_000, 50, 100)
    atexit.register(_leave)
    try:
        sys.exit(cli(standalone_mode=False))  # outside of its standalone mode, click returns the exit code
    except click.Abort:
        click.echo("interrupted; run again to go on where this stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except AgenticError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("interrupted; run again to go on where this stopped", err=True)
        sys.exit(130)


def _leave() -> None:
    if "duckdb" not in sys.modules:  # it complains of every object that is never freed
        freeze()
