"""A claimer as a process of its own, for tests that start many and kill some: `python -m ... STORE_URL SCOPE NAME`.

Every claimer makes the same bids under ids of its own, in an order of its own, for few units; it says each grant.
"""

from __future__ import annotations

import contextlib
import random
import sys
from datetime import UTC, datetime, timedelta

from agentic_assets.coordination import Bid, Leases, State
from agentic_assets.errors import LeaseLost
from agentic_assets.store import Store

__all__ = ["UNITS"]

UNITS = {"yard/EWR": 3, "yard/JFK": 2}
_BEGIN = datetime(2013, 2, 8, 6, tzinfo=UTC)


def main(url: str, scope: str, name: str, bids: int) -> None:
    leases = Leases(Store(url), scope)
    chance = random.Random(name)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(bids):
        at = _BEGIN + timedelta(minutes=number // 4)
        resource = chance.choice(sorted(UNITS))
        bid = Bid(
            bid_id=f"{name}-{number:05d}",
            agent=f"{name}@1.0.0",
            entity=f"flight-{chance.randrange(40):02d}",
            resource=resource,
            at=at,
            commits_at=at + timedelta(minutes=chance.randrange(20)),
            expires_at=at + timedelta(minutes=chance.randrange(20, 60)),
            utility_cents=chance.randrange(1, 1_000),
        )
        lease = leases.claim(bid, UNITS[resource])
        if lease.state is State.HELD and chance.random() < 0.3:
            change = chance.choice([leases.commit, leases.release])
            with contextlib.suppress(LeaseLost):  # another process was faster
                change(bid.bid_id, lease.version, at=at)
        print(bid.bid_id, flush=True)


if __name__ == "__main__":
    url, scope, name, bids = sys.argv[1:]
    main(url, scope, name, int(bids))
