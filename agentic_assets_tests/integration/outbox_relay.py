"""A relay as a process of its own, for tests that kill it: `python -m ... STORE_URL JOURNAL [FIRST LAST ACTION]`.

With an action named, it first brings the outbox to where exactly this stands on the entities FIRST to LAST.
"""

from __future__ import annotations

import sys
from pathlib import Path

from agentic_assets.actions import JournalActuator, Outbox
from agentic_assets.store import Store
from agentic_assets_tests.unit.actions.samples import SCOPE
from agentic_assets_tests.unit.actions.wanting import DAY, wanting


def main(url: str, journal: str, first: str = "", last: str = "", action: str = "") -> None:
    outbox = Outbox(Store(url))
    actuator = JournalActuator(Path(journal))
    print("ready", flush=True)
    sys.stdin.readline()
    if action:
        frame = wanting(*(f"{number} {action}" for number in range(int(first), int(last))))
        outbox.reconcile(SCOPE, {DAY: frame}, actuator, because=lambda *_: {"action": action})
    relayed = outbox.relay(actuator)
    print(relayed.done, relayed.found, relayed.failed, relayed.later, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
