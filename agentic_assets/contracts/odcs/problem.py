"""What a contract file gets wrong, with its place; many problems become one error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agentic_assets.contracts.odcs.document import Document, Place
from agentic_assets.errors import ContractInvalid

__all__ = ["Problem", "refuse"]

_SHOWN: Final = 8


@dataclass(frozen=True)
class Problem:
    """One thing to repair: the place, what is wrong there, what to do, and the lint rule that says so."""

    place: Place
    what: str
    hint: str
    rule: str = "not-enforceable"


def refuse(document: Document, problems: Sequence[Problem]) -> None:
    """Raise ContractInvalid with file, line and remedy of every problem (the first eight); do nothing when none."""
    if not problems:
        return
    ordered = sorted(problems, key=lambda problem: document.line(problem.place))
    if len(ordered) == 1:
        [only] = ordered
        raise ContractInvalid(f"{document.name}:{document.line(only.place)}: {only.what}", hint=only.hint)
    lines = [f"  - line {document.line(item.place)}: {item.what}; {item.hint}" for item in ordered[:_SHOWN]]
    if len(ordered) > _SHOWN:
        lines.append(f"  - and {len(ordered) - _SHOWN} more")
    raise ContractInvalid(
        "\n".join([f"{document.name} cannot be enforced as written, {len(ordered)} problems:", *lines]),
        hint="repair the lines above; nothing of the file was used",
    )
