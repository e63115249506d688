"""What people are told, and whoever can tell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

__all__ = ["Alert", "Notifier"]


@dataclass(frozen=True)
class Alert:
    """Something that people should look at: a short title, the whole text, and the same in fields for machines.

    `kind` is stop, resume, stage, trip, reset, failed_run or mismatch; `key` names the occasion, so that a receiver can
    tell a repetition from a second occasion.
    """

    key: str
    kind: str
    domain: str
    title: str
    text: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return {**asdict(self), "fields": dict(self.fields)}


class Notifier(Protocol):
    """A way to reach people."""

    @property
    def name(self) -> str:
        """Name it uniquely among those of a home, without anything secret."""

    def send(self, alert: Alert) -> None:
        """Tell people; raises OSError or AgenticError when they could not be reached."""
