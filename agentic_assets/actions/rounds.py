"""What stands in the world against what is wanted: the rounds of an action, and the difference, as pure functions.

An action is put (round 1), may be taken back, and put again (round 2). At any time at most one row of it is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from agentic_assets.errors import PartitionRefused
from agentic_assets.store.schema import outbox

__all__ = [
    "COMPENSATE",
    "EXECUTE",
    "OPEN",
    "Difference",
    "Held",
    "Slot",
    "difference",
    "key_of",
    "scope_of",
    "slots_of",
    "undo_of",
]

EXECUTE, COMPENSATE = "execute", "compensate"

OPEN = ("pending", "failed")
"""The states in which only the actuator knows whether a row took effect."""

_LONGEST: int = outbox.c.key.type.length  # type: ignore[attr-defined]  # a String's


class Slot(NamedTuple):
    """What can be done once at a time, by one agent: an action on an entity."""

    entity: str
    action: str


class Held(NamedTuple):
    """What a difference needs to know of a row of the outbox."""

    id: int
    key: str
    decision_id: str
    partition: str
    entity: str
    action: str
    state: str
    verb: str
    round: int
    undoes: int | None

    @property
    def slot(self) -> Slot:
        """The action on the entity, whatever the round."""
        return Slot(self.entity, self.action)


@dataclass(frozen=True)
class Difference:
    """What must happen so that exactly the wanted actions stand.

    `execute` gives the round in which a slot is put; `compensate` actions that were executed; `withdraw` ones that wait
    or failed, and `spare` compensations that do, whose action is wanted again; `move` standing actions that another
    partition wants now, by its name.
    """

    execute: tuple[tuple[Slot, int], ...] = ()
    compensate: tuple[Held, ...] = ()
    withdraw: tuple[Held, ...] = ()
    spare: tuple[Held, ...] = ()
    move: tuple[tuple[Held, str], ...] = ()
    kept: int = 0

    @property
    def recalled(self) -> tuple[Held, ...]:
        """The rows that shall not take effect any more, if they have not already: the actuator knows."""
        return (*self.withdraw, *self.spare)

    def counts(self) -> dict[str, int]:
        """Count, in words for people: actions to execute, to compensate, to withdraw before they were done, kept."""
        return {
            "execute": len(self.execute),
            "compensate": len(self.compensate),
            "withdraw": len(self.withdraw),
            "keep": self.kept + len(self.spare),
        }


def difference(held: Iterable[Held], wanted: Mapping[Slot, str]) -> Difference:
    """Compare the rows of some partitions with what their decisions want now (slot -> partition).

    An action that failed or waits, and is wanted still, is kept as it is. Gives rows in the order of their ids, and
    what is to be executed in the order of `wanted`.
    """
    newest: dict[Slot, Held] = {}
    undoing: dict[int, Held] = {}
    for row in held:
        if row.undoes is not None:
            undoing[row.undoes] = row
        elif (known := newest.get(row.slot)) is None or known.round < row.round:
            newest[row.slot] = row
    execute, spare, move, kept = [], [], [], 0
    for slot, partition in wanted.items():
        last = newest.pop(slot, None)
        undo = None if last is None else undoing.get(last.id)
        if last is None or last.state == "withdrawn" or (undo is not None and undo.state == "done"):
            execute.append((slot, 1 if last is None else last.round + 1))
            continue
        if undo is not None and undo.state in OPEN:
            spare.append(undo)
        else:
            kept += 1
        if last.partition != partition:
            move.append((last, partition))
    compensate, withdraw = [], []
    for last in sorted(newest.values()):
        undo = undoing.get(last.id)
        if last.state in OPEN:
            withdraw.append(last)
        elif last.state == "done" and (undo is None or undo.state == "withdrawn"):
            compensate.append(last)
    return Difference(tuple(execute), tuple(compensate), tuple(withdraw), tuple(sorted(spare)), tuple(move), kept)


def scope_of(domain: str, agent: str) -> str:
    """Give what the keys of an agent's actions begin with, whichever version of it decided."""
    return f"{domain}|{agent.split('@', maxsplit=1)[0]}"


def key_of(key: str, number: int) -> str:
    """Give the key of a round: the first has the plain one."""
    return key if number == 1 else _with(key, f"#{number}")


def undo_of(key: str) -> str:
    """Give the key of the row that takes back what was executed under a key."""
    return _with(key, "|undo")


def _with(key: str, suffix: str) -> str:
    if len(key) + len(suffix) > _LONGEST:
        digest = sha256(key.encode()).hexdigest()[:32]
        key = f"{key[: _LONGEST - len(suffix) - len(digest) - 1]}~{digest}"
    return key + suffix


def slots_of(partition: str, rows: Iterable[tuple[str, str]], known: dict[Slot, str]) -> None:
    """Add the (entity, action) pairs that a partition wants; PartitionRefused when another wants one of them too."""
    for entity, action in rows:
        slot = Slot(entity, action)
        if known.setdefault(slot, partition) != partition:
            raise PartitionRefused(
                f"{action} on {entity[:80]!r} is wanted in {known[slot]} and in {partition}",
                hint="an action is carried out once for an entity: name the day in the entity where each day wants it",
            )
