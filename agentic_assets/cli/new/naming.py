"""What domains, agents, actions and columns may be called."""

from __future__ import annotations

import keyword
from collections.abc import Callable
from typing import Any

import click

from agentic_assets.agents.declaration import NAME

__all__ = ["TAKEN", "NameType", "named"]

TAKEN = frozenset({"day", "decided_at", "domain", "source_row", "entity", "action", "reason", "model", "input_digest"})
"""What the library calls columns of its own, beside the figures of a proposal."""


class NameType(click.ParamType[str]):
    """A name that files, Python, YAML and SQL all take."""

    name = "NAME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the name, or say why it cannot be one."""
        if not NAME.fullmatch(str(value)) or keyword.iskeyword(str(value)):
            self.fail(
                f"{str(value)[:60]!r} cannot be a name; write small letters a to z, digits and _, a letter first, at "
                "most 63, and no word of Python, for example credit_limit",
                param,
                ctx,
            )
        return str(value)


def named(argument: str, shown: str | None = None) -> Callable[[Any], Any]:
    """Add an argument that is a name."""
    return click.argument(argument, type=NameType(), metavar=shown)
