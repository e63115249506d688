"""Days that want actions, and what the world looks like after them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from agentic_assets.actions import Actuator, Difference, Outbox
from agentic_assets_tests.unit.actions.samples import SCOPE, written

DAY = "2013-02-08"


def wanting(*slots: str, day: str = DAY, version: int = 1) -> pl.DataFrame:
    """Give the frame of the actions that a day wants, each as `entity action`, decided under a version."""
    rows = [slot.split() for slot in slots]
    columns = {
        "key": [f"{SCOPE}|{entity}|{action}" for entity, action in rows],
        "decision_id": [decision(entity, version) for entity, _ in rows],
        "partition": [day] * len(rows),
        "agent": [f"delay_risk@{version}.0.0"] * len(rows),
        "entity": [entity for entity, _ in rows],
        "action": [action for _, action in rows],
        "payload": ["{}"] * len(rows),
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def decision(entity: str, version: int) -> str:
    return f"{entity.encode().hex()}{version}".rjust(32, "0")


def replaced_by(version: int) -> dict[str, object]:
    return {"decision_id": f"of version {version}", "reason": "decided anew"}


def remade(
    outbox: Outbox, world: Actuator, wanted: pl.DataFrame | Mapping[str, pl.DataFrame], version: int = 1
) -> Difference:
    """Bring the outbox and the world to what one day, or several, want."""
    days = {DAY: wanted} if isinstance(wanted, pl.DataFrame) else wanted
    found = outbox.reconcile(SCOPE, days, world, because=lambda *_: replaced_by(version))
    outbox.relay(world, scope=SCOPE)
    return found


def standing(path: Path) -> list[str]:
    """Give what stands in the world, as `entity action`; fails when a key was done or undone twice."""
    done, undone = Counter(written(path)), Counter(written(path, "compensate"))
    assert max((*done.values(), *undone.values()), default=1) == 1
    assert not undone - done
    left: Iterable[str] = (done - undone).elements()
    found = [" ".join(key.partition("#")[0].split("|")[2:]) for key in left]
    assert len(found) == len(set(found))
    return sorted(found)
