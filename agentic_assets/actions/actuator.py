"""What carries actions out: the seam between the outbox and the world."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol

from agentic_assets.actions.action import Action, Result

__all__ = ["Actuator"]


class Actuator(Protocol):
    """Carry actions out, each key once, and undo what was carried out, each key once.

    A relay opens one `session`, executes or compensates a group of actions in it, and calls `confirm`; only then does
    it mark them done. A crash in between leaves rows that took effect and are not marked: `executed` and `compensated`
    must know them.
    """

    def session(self) -> AbstractContextManager[None]:
        """Keep every other relay of this actuator out, in this process and in others, until left."""
        ...

    def execute(self, action: Action) -> Result:
        """Do the action and say how it went. Any exception is a failed attempt at this one action."""
        ...

    def compensate(self, action: Action) -> Result:
        """Undo an action that was executed under its key, once. Raises NotFound when it was not."""
        ...

    def executed(self, keys: Iterable[str]) -> dict[str, Result]:
        """Give the results of those keys that were executed, in this session or ever before."""
        ...

    def compensated(self, keys: Iterable[str]) -> dict[str, Result]:
        """Give the results of those keys that were executed and undone, in this session or ever before."""
        ...

    def confirm(self) -> None:
        """Return when everything done so far will survive a crash. An exception means that nothing is certain."""
        ...
