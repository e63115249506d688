"""Attempt again what an actuator gave up: the days of these actions are made again, and what rests on them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agentic_assets.actions import Entry, Outbox, scope_of
from agentic_assets.evidence import Domain, Reading
from agentic_assets.home import Home
from agentic_assets.orchestration.launch import run_load
from agentic_assets.orchestration.load import failure_text
from agentic_assets.orchestration.resources import Observer
from agentic_assets.pipeline import Refusals
from agentic_assets.pipeline.reach import resting_on
from agentic_assets.pipeline.result import recorded_checks

__all__ = ["Retried", "retry_and_run"]

_SAYS_SO = "carried_out"
"""The check of an outbox that tells whether its actions were carried out."""
_TOLD = 5


@dataclass(frozen=True)
class Retried:
    """What became of actions that had failed: how many were `attempted` again, and how many failed once more.

    `days` were made again; `failing` says of the first of those that failed why. `failure` is what was refused or
    blocked in the run, in words, '' when everything stands.
    """

    attempted: int
    failed: int
    days: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    run_id: str = ""
    failure: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return asdict(self)


def retry_and_run(domain: Domain, home: Home, days: Sequence[str], *, observer: Observer | None = None) -> Retried:
    """Attempt the failed actions of some days again, as a run does that makes these days again, and record it.

    What takes an action back counts as one. A day that says that something failed, which was done since, is made again
    as well. What was given up because it ended the process gets new attempts too: somebody asks for it.
    """
    reading = Reading(domain, home)
    try:
        before = _failed(reading, days)
        only = _made_again(reading, before, days)
        if not only:
            return Retried(0, 0)
        Outbox(reading.store).redrive(one for failed in before.values() for one in failed)
        loaded = run_load(domain, home, only=only, refresh=True, observer=observer, tags={"agentic/by": "retry"})
        still = [one for failed in _failed(reading, days).values() for one in failed]
        return Retried(
            attempted=sum(map(len, before.values())),
            failed=len(still),
            days=tuple(sorted({day for asset in before for day in only.get(asset, ())})),
            failing=tuple(
                f"{one.verb} {one.action.action} on {one.action.entity}: {one.result.get('error', '')}"
                for one in still[:_TOLD]
            ),
            run_id=loaded.run_id,
            failure="" if loaded.outcome.complete else failure_text(loaded.outcome),
        )
    finally:
        reading.close()


def _failed(reading: Reading, days: Sequence[str]) -> dict[str, list[Entry]]:
    """Give what failed on some days by the asset that says so, also where nothing did."""
    box, wanted = Outbox(reading.store), frozenset(days)
    found: dict[str, list[Entry]] = {}
    for subject in reading.domain.subjects:
        if subject.outbox:
            failed = box.failed(scope_of(reading.domain.name, subject.agent.id))
            found.setdefault(subject.outbox, []).extend(one for one in failed if one.action.partition in wanted)
    return found


def _made_again(
    reading: Reading, failed: Mapping[str, Sequence[Entry]], days: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Name by asset the days on which something failed, or that say so, and what rests on them."""

    def known(asset: str) -> set[str]:
        return {*reading.manifest.current(asset), *Refusals(reading.store).standing(asset)}

    only: dict[str, set[str]] = {}
    for asset, entries in failed.items():
        undone = {one.action.partition for one in entries}
        for name, made in reading.manifest.current(asset, days).items():
            if not all(check.passed for check in recorded_checks(made) if check.name == _SAYS_SO):
                undone.add(name)
        if undone:
            again = {asset: undone, **resting_on(reading.domain.graph, asset, undone, known)}
            for name, partitions in again.items():
                only.setdefault(name, set()).update(partitions)
    return {asset: tuple(sorted(partitions)) for asset, partitions in only.items()}
