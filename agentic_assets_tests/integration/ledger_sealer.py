"""A sealer as a process of its own, for tests: `python -m ... STORE_URL KEYS DAY...` seals each day by itself."""

from __future__ import annotations

import sys
from pathlib import Path

from agentic_assets.ledger import Ledger
from agentic_assets.store import Store
from agentic_assets_tests.unit.ledger.samples import ORIGIN, records


def main(url: str, keys: str, *days: str) -> None:
    ledger = Ledger(Store(url), Path(keys), ORIGIN)
    print("ready", flush=True)
    sys.stdin.readline()
    for day in days:
        ledger.seal(day, *records(50, day))


if __name__ == "__main__":
    main(*sys.argv[1:])
