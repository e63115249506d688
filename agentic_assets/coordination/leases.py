"""Leases in the store: events claim units one by one, from many processes, and no unit is granted twice.

Every change takes the row of the scope's clock first, so that changes of one scope stand in one order; the database's
own unique indexes over what is held are the second guard. Time is what the events say it is: no clock is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from agentic_assets.coordination.bids import LARGEST, Bid
from agentic_assets.coordination.contest import contest
from agentic_assets.coordination.lease import Lease, State, instant, moment, of_row, to_row
from agentic_assets.coordination.outcome import Reason
from agentic_assets.errors import ConfigInvalid, LeaseLost, NotFound
from agentic_assets.store import Store
from agentic_assets.store.schema import lease_clocks, leases

__all__ = ["Leases"]

_LENGTHS = {"bid_id": 200, "agent": 120, "entity": 200, "resource": 200}
"""What the columns of the table hold."""


class Leases:
    """The leases of one `scope`, such as departures/standby: an entity holds at most one unit within it."""

    def __init__(self, store: Store, scope: str) -> None:
        self._store = store
        self._scope = scope

    @staticmethod
    def scopes(store: Store) -> tuple[str, ...]:
        """Name the scopes in which anybody has bid, sorted."""
        with store.reading() as connection:
            return tuple(connection.execute(select(lease_clocks.c.scope).order_by(lease_clocks.c.scope)).scalars())

    def claim(self, bid: Bid, units: int) -> Lease:
        """Settle one bid against what is held now, of a resource of so many units, and record what became of it.

        Fed the bids of a day in their order, it gives what `sweep` gives. A bid that was made before a moment that
        the scope has met counts as made then: what is firm stays firm. Claiming the same bid again changes nothing
        and gives where it stands. Raises ConfigInvalid for a bid that is not whole, or an id that another bid has.
        """
        _refuse(bid, units)
        with self._store.transaction() as connection:
            now = self._now(connection, bid.at)
            known = self._find(connection, bid.bid_id)
            if known is not None:
                return _same(known, bid)
            held = [self._expired(connection, lease, now) for lease in self._rivals(connection, bid)]
            standing = [lease.held for lease in held if lease.state is State.HELD]
            met = contest(
                bid,
                now,
                units,
                [lease for lease in standing if lease.bid.resource == bid.resource],
                next((lease for lease in standing if lease.bid.entity == bid.entity), None),
            )
            if met.evicted is not None:
                loser = next(lease for lease in held if lease.bid.bid_id == met.evicted.bid.bid_id)
                self._write(
                    connection,
                    loser.changed(
                        state=State.PREEMPTED,
                        reason=Reason.PREEMPTED,
                        held_until=now,
                        lost_to=bid.bid_id,
                        lost_to_cents=bid.utility_cents,
                    ),
                )
            rival = met.lost_to
            lease = Lease(
                bid=bid,
                state=State.REFUSED if met.unit is None else State.HELD,
                reason=met.reason,
                unit=met.unit,
                held_until=None,
                lost_to=None if rival is None else rival.bid_id,
                lost_to_cents=None if rival is None else rival.utility_cents,
                version=1,
            )
            connection.execute(insert(leases).values(scope=self._scope, **to_row(lease)))
            return lease

    def renew(self, bid_id: str, version: int, expires_at: datetime, *, at: datetime) -> Lease:
        """Move the expiry of a held lease; raises LeaseLost when it is not held any more, or another version."""

        def later(lease: Lease, now: datetime) -> Lease:
            if instant(expires_at) <= instant(now):
                raise ConfigInvalid(
                    f"lease {bid_id} cannot be renewed to {expires_at:%Y-%m-%d %H:%M}Z, which has passed"
                )
            return lease.changed(bid=replace(lease.bid, expires_at=expires_at))

        return self._change(bid_id, version, at, later)

    def commit(self, bid_id: str, version: int, *, at: datetime) -> Lease:
        """Make a held lease firm now, if it is not so already: it can then no longer be lost to a higher bid."""
        return self._change(
            bid_id,
            version,
            at,
            lambda lease, now: (
                lease if lease.bid.commits_at <= now else lease.changed(bid=replace(lease.bid, commits_at=now))
            ),
        )

    def release(self, bid_id: str, version: int, *, at: datetime) -> Lease:
        """Give a unit back before its expiry."""
        return self._change(bid_id, version, at, lambda lease, now: lease.changed(state=State.RELEASED, held_until=now))

    def expire(self, *, at: datetime) -> tuple[Lease, ...]:
        """Free every unit whose lease has expired by now; a claim does so too for what it meets."""
        with self._store.transaction() as connection:
            now = self._now(connection, at)
            ended = and_(leases.c.state == State.HELD.value, leases.c.expires_at <= instant(now))
            return tuple(self._expired(connection, lease, now) for lease in self._read(connection, ended))

    def get(self, bid_id: str) -> Lease:
        """Give a lease, whatever became of it; raises NotFound."""
        with self._store.reading() as connection:
            found = self._find(connection, bid_id)
        if found is None:
            raise NotFound(f"no bid {bid_id[:80]!r} was made for {self._scope}", hint="see agentic lease list --all")
        return found

    def held(self, resource: str | None = None) -> tuple[Lease, ...]:
        """Give what was held when the last event came, by resource and unit."""
        wanted = leases.c.state == State.HELD.value
        with self._store.reading() as connection:
            return self._read(connection, wanted if resource is None else and_(wanted, leases.c.resource == resource))

    def every(self) -> tuple[Lease, ...]:
        """Give every bid and what became of it, by resource, `at` and id."""
        with self._store.reading() as connection:
            found = self._read(connection, None)
        return tuple(sorted(found, key=lambda lease: (lease.bid.resource, lease.bid.at, lease.bid.bid_id)))

    def _now(self, connection: Connection, at: datetime) -> datetime:
        """Lock the scope, and move its clock on to `at` unless it is past that."""
        clock = lease_clocks.c
        opened = self._store.insert(lease_clocks).values(scope=self._scope, at=instant(at))
        connection.execute(opened.on_conflict_do_nothing(index_elements=["scope"]))
        met: int = connection.execute(select(clock.at).where(clock.scope == self._scope).with_for_update()).scalar_one()
        if met < instant(at):
            connection.execute(update(lease_clocks).where(clock.scope == self._scope).values(at=instant(at)))
        return max(moment(met), at)

    def _change(self, bid_id: str, version: int, at: datetime, change: Callable[[Lease, datetime], Lease]) -> Lease:
        lost: Lease | None = None
        with self._store.transaction() as connection:
            now = self._now(connection, at)
            found = self._find(connection, bid_id)
            if found is None:
                raise NotFound(f"no bid {bid_id[:80]!r} was made for {self._scope}")
            found = self._expired(connection, found, now)
            if found.state is State.HELD and found.version == version:
                changed = change(found, now)
                if changed is not found:
                    self._write(connection, changed)
                return changed
            lost = found  # that it expired is recorded all the same
        raise _lost(lost, version)

    def _rivals(self, connection: Connection, bid: Bid) -> tuple[Lease, ...]:
        table = leases.c
        meets = (table.resource == bid.resource) | (table.entity == bid.entity)
        return self._read(connection, and_(table.state == State.HELD.value, meets))

    def _expired(self, connection: Connection, lease: Lease, now: datetime) -> Lease:
        """Write down that a lease has ended, if it has."""
        ends = lease.bid.expires_at
        if lease.state is not State.HELD or ends is None or ends > now:
            return lease
        ended = lease.changed(state=State.EXPIRED, held_until=ends)
        self._write(connection, ended)
        return ended

    def _find(self, connection: Connection, bid_id: str) -> Lease | None:
        found = self._read(connection, leases.c.bid_id == bid_id)
        return found[0] if found else None

    def _read(self, connection: Connection, wanted: Any) -> tuple[Lease, ...]:
        table = leases.c
        query = select(leases).where(table.scope == self._scope).order_by(table.resource, table.unit, table.bid_id)
        return tuple(of_row(row) for row in connection.execute(query if wanted is None else query.where(wanted)))

    def _write(self, connection: Connection, lease: Lease) -> None:
        of = (leases.c.scope == self._scope, leases.c.bid_id == lease.bid.bid_id)
        connection.execute(update(leases).where(*of).values(**to_row(lease)))


def _same(known: Lease, bid: Bid) -> Lease:
    one, other = (
        (it.agent, it.entity, it.resource, it.at, it.utility_cents, it.priority, it.binding) for it in (known.bid, bid)
    )
    if one != other:
        raise ConfigInvalid(
            f"the bid {bid.bid_id[:80]!r} was made already, with other terms: {one!r:.160}",
            hint="give every bid an id of its own",
        )
    return known


def _refuse(bid: Bid, units: int) -> None:
    made, commits = instant(bid.at), instant(bid.commits_at)
    ends = None if bid.expires_at is None else instant(bid.expires_at)
    checks = {
        "it commits before it is made": commits < made,
        "it expires before it commits": ends is not None and ends < commits,
        "it expires as it is made": ends is not None and ends <= made,
        "its utility is no exact double": abs(bid.utility_cents) >= LARGEST,
        "its priority does not fit 32 bits": not -(2**31) <= bid.priority < 2**31,
        f"the resource has {units} units": not 0 <= units < 2**31,
    }
    for name, most in _LENGTHS.items():
        value = getattr(bid, name)
        checks[f"its {name} has {len(value):,} characters, and must have 1 to {most}"] = not 0 < len(value) <= most
        checks[f"its {name} holds a null character"] = "\0" in value
    wrong = [what for what, broken in checks.items() if broken]
    if wrong:
        raise ConfigInvalid(
            f"the bid {bid.bid_id[:80]!r} cannot be settled: {'; '.join(wrong[:3])}", hint="repair the bid"
        )


def _lost(lease: Lease, version: int) -> LeaseLost:
    if lease.state is State.HELD:
        return LeaseLost(
            f"lease {lease.bid.bid_id} was changed meanwhile: it is at version {lease.version}, not {version}",
            hint="read it again, and decide anew",
        )
    when = "" if lease.held_until is None else f" since {lease.held_until:%Y-%m-%d %H:%M}Z"
    to = "" if lease.lost_to is None else f", lost to {lease.lost_to} at {lease.lost_to_cents:,} cents"
    return LeaseLost(
        f"lease {lease.bid.bid_id} is not held: {lease.state.value}{when}{to}", hint="bid again, under a new id"
    )
