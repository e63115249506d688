"""Actions to put, and actuators that fail in chosen ways."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import polars as pl

from agentic_assets.actions import Action, Actuator, Entry, JournalActuator, Outbox, Result, scope_of

SCOPE = scope_of("departures", "delay_risk@1.0.0")


class Died(BaseException):
    """The process ended here: nothing after this point ran."""


def actions(count: int, day: str = "2013-02-08", start: int = 0) -> list[Action]:
    return [
        Action(
            key=f"{SCOPE}|{day}/EWR/UA/{number}|notify",
            decision_id=f"{number:032x}",
            partition=day,
            agent="delay_risk@1",
            entity=f"{day}/EWR/UA/{number}",
            action="notify",
            payload=f'{{"cost_cents":30000,"number":{number}}}',
        )
        for number in range(start, start + count)
    ]


def frame_of(rows: Sequence[Action]) -> pl.DataFrame:
    """Give actions as the frame that a day wants."""
    names = [each.name for each in fields(Action)]
    columns = {name: [getattr(action, name) for action in rows] for name in names}
    return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))


def put(outbox: Outbox, rows: Sequence[Action]) -> int:
    """Have the days of actions want exactly these, so that they wait; give how many are new."""
    days = {day: frame_of([row for row in rows if row.partition == day]) for day in {row.partition for row in rows}}
    nobody = JournalActuator(Path("/nonexistent"))  # asked only where an action is wanted no more
    return len(outbox.reconcile(SCOPE, days, nobody, because=lambda *_: {}).execute)


def entries(outbox: Outbox, rows: Iterable[Action]) -> list[Entry]:
    """Give what the outbox holds of the entities of actions, in their order."""
    return [entry for row in rows for entry in outbox.of_entity(SCOPE, row.partition, row.entity)]


def counted(**states: int) -> dict[str, int]:
    """Give what an outbox counts, nothing of what is not named."""
    return {"done": 0, "failed": 0, "pending": 0, "withdrawn": 0, "compensated": 0} | states


def written(path: Path, verb: str = "execute") -> list[str]:
    """Give the keys in a journal, in order, each as often as it was written."""
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [line["key"] for line in lines if line["do"] == verb]


def repeated(path: Path) -> list[str]:
    return [key for key, count in Counter(written(path)).items() if count > 1]


class Failing:
    """A journal that raises for some keys, at one verb."""

    def __init__(self, journal: Actuator, keys: Iterable[str], error: BaseException, *, verb: str = "execute") -> None:
        self.verb = verb
        self.journal = journal
        self.keys = set(keys)
        self.error = error
        self.tried: Counter[str] = Counter()

    @contextmanager
    def session(self) -> Iterator[None]:
        with self.journal.session():
            yield

    def execute(self, action: Action) -> Result:
        self._try("execute", action)
        return self.journal.execute(action)

    def _try(self, verb: str, action: Action) -> None:
        if verb == self.verb:
            self.tried[action.key] += 1
            if action.key in self.keys:
                raise self.error

    def compensate(self, action: Action) -> Result:
        self._try("compensate", action)
        return self.journal.compensate(action)

    def executed(self, keys: Iterable[str]) -> dict[str, Result]:
        return self.journal.executed(keys)

    def compensated(self, keys: Iterable[str]) -> dict[str, Result]:
        return self.journal.compensated(keys)

    def confirm(self) -> None:
        self.journal.confirm()


class DyingAt(Failing):
    """A journal whose process ends at its n-th step: a step is an action, or either side of a confirmation."""

    def __init__(self, journal: JournalActuator, step: int) -> None:
        super().__init__(journal, (), Died())
        self.left = step

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Died

    def execute(self, action: Action) -> Result:
        self._step()
        return super().execute(action)

    def compensate(self, action: Action) -> Result:
        self._step()
        return super().compensate(action)

    def confirm(self) -> None:
        self._step()
        super().confirm()
        self._step()


def _fits(actuator: Failing) -> Actuator:
    return actuator
