"""A relay as a process of its own, for tests that kill it: `python -m ... STORE_URL JOURNAL`."""

from __future__ import annotations

import sys
from pathlib import Path

from agentic_assets.actions import JournalActuator, Outbox
from agentic_assets.store import Store


def main(url: str, journal: str) -> None:
    outbox = Outbox(Store(url))
    actuator = JournalActuator(Path(journal))
    print("ready", flush=True)
    sys.stdin.readline()
    relayed = outbox.relay(actuator)
    print(relayed.done, relayed.found, relayed.failed, relayed.later, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
