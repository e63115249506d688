"""Hand an alert to every notifier; what one of them cannot do is logged, and stops nobody."""

from __future__ import annotations

from collections.abc import Iterable

from agentic_assets.oversight.notifying.alert import Alert, Notifier
from agentic_assets.oversight.notifying.journal import LOGGER

__all__ = ["tell"]


def tell(alert: Alert, notifiers: Iterable[Notifier]) -> dict[str, str]:
    """Give what became of it by the name of each notifier: an empty text, or why it could not tell."""
    told: dict[str, str] = {}
    for notifier in notifiers:
        try:
            notifier.send(alert)
        except Exception as error:  # noqa: BLE001  (whatever a notifier does, the run goes on)
            why = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            LOGGER.error("the alert %s %r did not reach %s: %s", alert.kind, alert.title, notifier.name, why)
            told[notifier.name] = why
        else:
            told[notifier.name] = ""
    return told
