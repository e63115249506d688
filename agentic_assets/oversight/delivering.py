"""Tell people of each control once: what a notifier missed is told to it again, and to nobody else."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from agentic_assets.oversight.notifying import Alert, Notifier, tell
from agentic_assets.policy.rollout import ANY, Control, Controls
from agentic_assets.store import Store
from agentic_assets.store.schema import announcements
from agentic_assets.versions import of_text

__all__ = ["alert_of", "deliver"]

_KEY_DIGITS = 40
_VERBS = {"stop": "stopped", "resume": "resumed", "stage": "staged", "trip": "tripped", "reset": "reset"}


def deliver(store: Store, domain: str, notifiers: Sequence[Notifier], *, most: int = 100) -> dict[str, str]:
    """Tell each notifier the controls that it was not told yet, of the `most` newest, in their order.

    Gives what failed, by notifier; it is tried again with the next control, or by the alert sensor. A notifier that
    fails is not tried again within the call. Whoever is cut off while telling tells twice rather than not at all.
    """
    standing = Controls(store).of(domain)[-most:]
    known = _told(store, standing)
    failed: dict[str, str] = {}
    for control in standing:
        reached = known.get(_asset(control), set())
        waiting = [one for one in notifiers if _key(one.name) not in reached and one.name not in failed]
        told = tell(alert_of(control), waiting)
        failed |= {name: why for name, why in told.items() if why}
        _remember(store, control, [name for name, why in told.items() if not why])
    return failed


def alert_of(control: Control) -> Alert:
    """Put a control into words."""
    whom = "every agent" if control.agent == ANY else control.agent
    what = "" if control.action == ANY else f", action {control.action},"
    stage = "" if control.stage is None else f" to {control.stage}"
    moment = f"{control.effective_from:%Y-%m-%d %H:%M:%S} UTC of the data"
    title = f"{whom}{what} {_VERBS[control.kind.value]}{stage} by {control.identity} ({control.role})"
    named = f"control {control.number} of {control.domain}, {control.id}"
    text = f"{title}\nfrom {moment} on\nreason: {control.reason}\n{named}"
    return Alert(control.id, control.kind.value, control.domain, title, text, control.content)


def _asset(control: Control) -> str:
    return f"controls/{control.domain}/{control.number}"


def _key(notifier: str) -> str:
    return of_text(notifier)[:_KEY_DIGITS]


def _told(store: Store, standing: Sequence[Control]) -> dict[str, set[str]]:
    table = announcements.c
    query = select(table.asset, table.partition).where(table.asset.in_([_asset(one) for one in standing]))
    found: dict[str, set[str]] = {}
    with store.reading() as connection:
        for row in connection.execute(query):
            found.setdefault(row.asset, set()).add(row.partition)
    return found


def _remember(store: Store, control: Control, names: Sequence[str]) -> None:
    rows = [{"asset": _asset(control), "partition": _key(name), "fingerprint": control.digest} for name in names]
    if rows:
        with store.transaction() as connection:
            connection.execute(store.insert(announcements).on_conflict_do_nothing(), rows)
