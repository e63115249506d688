"""Say what a command is doing while it takes its time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click
from rich.console import Console

__all__ = ["step"]

_PATIENCE: Final = 2.0


@contextmanager
def step(what: str) -> Iterator[None]:
    """Show a step on stderr: a spinner on a terminal, elsewhere one line once it has taken two seconds."""
    console = Console(stderr=True)
    if console.is_terminal:
        with console.status(what):
            yield
        return
    timer = threading.Timer(_PATIENCE, click.echo, [f"{what} ..."], {"err": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
