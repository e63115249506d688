"""Say what was done about a decision: whether its action was carried out, and whether it was taken back, and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from agentic_assets.actions import Entry, Outbox, scope_of
from agentic_assets.evidence.locating import Located
from agentic_assets.store import Store

__all__ = ["carried"]


def carried(store: Store, located: Located) -> dict[str, Any] | None:
    """Give the row of the outbox that carries a decision's action, and `taken_back`: None while it stands.

    A decision that wants what an earlier one had done keeps that: the row then names the earlier one.
    """
    row = located.row
    done = Outbox(store).of_entity(scope_of(row["domain"], row["agent"]), located.entry.partition, row["entity"])
    same = [entry for entry in done if entry.action.action == row["effective_action"]]
    rounds = [entry for entry in same if entry.verb == "execute"]
    if not rounds:
        return None
    own = [entry for entry in rounds if entry.action.decision_id == row["decision_id"]]
    entry = (own or rounds)[-1] if located.superseded else rounds[-1]
    undo = next((one for one in same if one.undoes == entry.id), None)
    return {**asdict(entry), "taken_back": _taken_back(entry, undo)}


def _taken_back(entry: Entry, undo: Entry | None) -> dict[str, Any] | None:
    if entry.state == "withdrawn":
        return {"state": entry.state, "at": entry.settled_at, "cause": dict(entry.cause), "result": {}}
    if undo is None or undo.state == "withdrawn":
        return None
    return {"state": undo.state, "at": undo.settled_at, "cause": dict(undo.cause), "result": dict(undo.result)}
