"""Which controls shape which day: the pins that an order puts on the partitions it touches, and on no other."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from agentic_assets.agents import Spec
from agentic_assets.pipeline import Calendar, Cut, Recalled, Standing
from agentic_assets.policy.rollout.control import Control, Stage
from agentic_assets.policy.rollout.controls import Controls
from agentic_assets.policy.rollout.resolving import State, about, course
from agentic_assets.store import Store
from agentic_assets.versions import Pin, Pins, of_json

__all__ = ["KIND", "Orders"]

KIND = "controls"
"""The kind of the pins of controls."""


@dataclass(frozen=True)
class Orders:
    """The controls of one agent as its decision node is told of them: call it with a store and names of days.

    Decisions about a day are made `lead` before its moments, in the calendar's time zone: they lie within `window`.
    A day that no control touches has no pin, so an order remakes exactly the days whose decisions it may change. The
    content is every control of the agent, oldest first, for each day that any touches: pass them on to `roll_out`.
    """

    domain: str
    spec: Spec
    calendar: Calendar
    lead: timedelta = timedelta(0)

    def __call__(self, store: Store, partitions: Sequence[str]) -> Mapping[str, Standing]:
        """Give pins and content of each partition that a control touches."""
        return self.over(Controls(store).of(self.domain), partitions)

    def over(self, controls: Iterable[Control], partitions: Sequence[str]) -> Mapping[str, Standing]:
        """Give what the call gives, had these controls been recorded."""
        mine = about(controls, self.spec.id)
        if not mine:
            return {}
        told = course(mine, self.spec.id, Stage.born(self.spec.phase), self.spec.review_by)
        found = {}
        for name in partitions:
            start, end = self.window(name)
            first, after = bisect_right(told.points, start), bisect_left(told.points, end) + 1
            pin = self._pin(told.points, told.stretches, range(first, after))
            if pin is not None:
                found[name] = Standing((pin,), mine)
        return found

    def recall(self, store: Store, recorded: Mapping[str, Pins]) -> Mapping[str, Recalled]:
        """Give the controls that were in force when pins were recorded: the most of the oldest that give the same pin.

        The circle is the number of the newest of them that is about the agent.
        """
        given = Controls(store).of(self.domain)
        name = f"{self.domain}/{self.spec.name}"
        wanted = {
            day: tuple(pin for pin in pins if (pin.kind, pin.name) == (KIND, name)) for day, pins in recorded.items()
        }
        numbers = [one.number for one in given if about((one,), self.spec.id)]
        found: dict[str, Recalled] = {}
        for newest in (*reversed(numbers), 0):
            left = [day for day in wanted if day not in found]
            then = self.over((one for one in given if one.number <= newest), left) if left else {}
            for day in left:
                if wanted[day] == (then[day].pins if day in then else ()):
                    found[day] = Recalled(then.get(day), newest)
        return found

    def window(self, partition: str) -> tuple[datetime, datetime]:
        """Give the first moment (UTC) at which decisions about a day are made, and the first one after the last."""
        end = self.calendar.closes_at(partition, Cut.DAY)
        start = self.calendar.closes_at(_day_before(partition), Cut.DAY)
        assert start is not None
        assert end is not None
        return start.astimezone(UTC) - self.lead, end.astimezone(UTC) - self.lead

    def after(self, partitions: Iterable[str]) -> datetime:
        """Give the first moment that no decision about these days was made at: an order from then on rewrites none."""
        newest = max(partitions, default="")
        return self.window(newest)[1] if newest else self.window(self.calendar.first.isoformat())[0]

    def _pin(self, points: Sequence[datetime], stretches: Sequence[Mapping[str, State]], within: range) -> Pin | None:
        told: list[list[Any]] = []
        numbers = []
        for place in within:
            states = [
                [action, state.phase.value, state.percent_bp, state.control.id if state.control else None]
                for action, state in stretches[place].items()
            ]
            numbers += [state.control.number for state in stretches[place].values() if state.control]
            since = "" if place == within.start else f"{points[place - 1]:%Y-%m-%dT%H:%M:%S.%f}Z"
            if not told or told[-1][1] != states:
                told.append([since, states])
        if not numbers:
            return None  # what the spec says by itself, its pin says already
        return Pin(KIND, f"{self.domain}/{self.spec.name}", str(max(numbers)), of_json(told))


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
