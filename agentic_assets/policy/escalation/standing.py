"""Which resolutions shape which day: they enter the pins of the days whose decisions they answer, and no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentic_assets.pipeline import Recalled, Standing
from agentic_assets.policy.escalation.resolution import KIND, Resolution
from agentic_assets.policy.escalation.resolutions import Resolutions
from agentic_assets.store import Store
from agentic_assets.versions import Pins

__all__ = ["Answers"]


@dataclass(frozen=True)
class Answers:
    """The resolutions of one agent (name@version) as its decision node is told of them."""

    domain: str
    agent: str

    def __call__(self, store: Store, partitions: Sequence[str]) -> Mapping[str, Standing]:
        """Give pins and content (a tuple of Resolution) of each day that has any."""
        wanted = set(partitions)
        found: dict[str, list[Resolution]] = {}
        for one in Resolutions(store).of(self.domain):
            if one.agent == self.agent and one.day in wanted:
                found.setdefault(one.day, []).append(one)
        return {day: Standing(tuple(one.pin for one in given), tuple(given)) for day, given in found.items()}

    def recall(self, store: Store, recorded: Mapping[str, Pins]) -> Mapping[str, Recalled]:
        """Give the resolutions that pins name; a day is left out when one of them is no longer as it was given."""
        given = Resolutions(store).of(self.domain)
        pins = {one.pin: one for one in given}
        found = {}
        for day, recorded_pins in recorded.items():
            named = [pin for pin in recorded_pins if pin.kind == KIND]
            if all(pin in pins for pin in named):
                mine = [one for one in given if one.agent == self.agent and one.day == day and one.pin in named]
                standing = Standing(tuple(one.pin for one in mine), tuple(mine)) if mine else None
                found[day] = Recalled(standing)
        return found
