"""Actions to put, and actuators that fail in chosen ways."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from agentic_assets.actions import Action, Actuator, JournalActuator, Result


class Died(BaseException):
    """The process ended here: nothing after this point ran."""


def actions(count: int, day: str = "2013-02-08", start: int = 0) -> list[Action]:
    return [
        Action(
            key=f"delay_risk:{number:032x}:notify",
            decision_id=f"{number:032x}",
            partition=day,
            agent="delay_risk@1",
            entity=f"{day}/EWR/UA/{number}",
            action="notify",
            payload=f'{{"cost_cents":30000,"number":{number}}}',
        )
        for number in range(start, start + count)
    ]


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
