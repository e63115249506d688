"""Who rules, and why: asked the same way by every command that records a person's word."""

from __future__ import annotations

import os

import click

from agentic_assets.errors import ConfigInvalid

__all__ = ["identity_of", "reason_of"]

LONGEST_REASON = 2_000
LONGEST_NAME = 200


def reason_of(reason: str) -> str:
    """Give a reason that can be kept; UsageError for none, or one that is no line of text."""
    reason = reason.strip()
    if not reason:
        raise click.UsageError("say why, with --reason TEXT: it is kept with the ruling")
    return _plain("the reason", reason, LONGEST_REASON)


def identity_of(given: str | None) -> str:
    """Name who rules: as given, else AGENTIC_USER, else the user of this computer."""
    import getpass

    try:
        name = given or os.environ.get("AGENTIC_USER") or getpass.getuser()
    except (KeyError, OSError):
        name = ""
    if not name.strip():
        raise ConfigInvalid("who rules is not known", hint="say it with --by NAME, or set AGENTIC_USER")
    return _plain("the name", name.strip(), LONGEST_NAME)


def _plain(what: str, text: str, most: int) -> str:
    if len(text) > most or not text.isprintable():
        raise click.UsageError(f"{what} must be one line of up to {most:,} printable characters")
    return text
