"""The releases of a store and which of them is in force: appended, never changed, held to their digests when read."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from agentic_assets.errors import LedgerBroken, NotFound, ReleaseRefused
from agentic_assets.evidence.domain import Domain
from agentic_assets.ledger import Break, Numbered, NumberedLog
from agentic_assets.releases.activation import ACTIVATE, Activation
from agentic_assets.releases.activations import Activations
from agentic_assets.releases.declared import declared
from agentic_assets.releases.log import ReleaseLog
from agentic_assets.releases.release import Release, rows_of
from agentic_assets.releases.snapshots import Snapshots
from agentic_assets.store import Store
from agentic_assets.store.schema import activations, releases
from agentic_assets.versions import Pin
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["Releases"]


class Releases:
    """Read and extend the releases and activations of one store; `keys` is the folder of the key that seals them."""

    def __init__(self, store: Store, keys: Path) -> None:
        self._store = store
        self._keys = keys
        self.snapshots = Snapshots(store)

    def of(self, domain: str) -> tuple[Release, ...]:
        """Give every release of a domain, oldest first. Raises LedgerBroken when one is missing or was edited."""
        query = select(releases).where(releases.c.domain == domain).order_by(releases.c.number)
        with self._store.reading() as connection:
            rows = list(connection.execute(query))
        _numbered("release", domain, rows)
        return tuple(_release(row) for row in rows)

    def get(self, domain: str, name: str | int) -> Release:
        """Give one release by its name (`r3`) or number. Raises NotFound, which names those there are."""
        return _named(self.of(domain), domain, name)

    def create(self, domain: Domain, *, author: str, reason: str) -> Release:
        """Make and seal a release of a domain as it is loaded. Raises ReleaseRefused when the newest is the same."""
        sources = self.snapshots.save(domain)
        if not sources:
            raise ReleaseRefused(
                f"the domain {domain.name} was put together by hand: it has no sources to keep",
                hint="a domain that is loaded from its folder can be released",
            )
        made = Release(domain.name, tuple(one.pin for one in declared(domain)), sources, author, reason)
        before = self.of(domain.name)
        same = [one for one in before[-1:] if (one.pins, one.sources) == (made.pins, made.sources)]
        if same:
            raise ReleaseRefused(
                f"{same[0]} holds the same already, by {same[0].author}: {same[0].reason[:200]}",
                hint="change something first, or activate it: `agentic release activate`",
            )
        made = replace(made, number=len(before) + 1, host=socket.gethostname(), created_at=_now())
        row = {
            "domain": made.domain,
            "number": made.number,
            "pins": canonical_json(rows_of(made.pins)),
            "sources": made.sources,
            "author": made.author,
            "reason": made.reason,
            "digest": made.digest,
            "host": made.host,
            "created_at": made.created_at,
        }
        try:
            with self._store.transaction() as connection:
                connection.execute(insert(releases), [row])
        except IntegrityError as error:
            raise ReleaseRefused(
                f"somebody else made {made} at the same moment", hint="look at it, then try again"
            ) from error
        self.seal(made.domain)
        return made

    def activations(self, domain: str) -> tuple[Activation, ...]:
        """Give every activation of a domain, oldest first. Raises LedgerBroken when one is missing or was edited."""
        query = select(activations).where(activations.c.domain == domain).order_by(activations.c.number)
        with self._store.reading() as connection:
            rows = list(connection.execute(query))
        _numbered("activation", domain, rows)
        return tuple(_activation(row) for row in rows)

    def in_force(self, domain: str) -> Activations:
        """Give what follows from the activations of a domain: which release holds for which day."""
        return Activations(self.of(domain), self.activations(domain))

    def activate(self, wanted: Activation) -> Activation:
        """Record and seal that a release is in force from now on, and give it with its number.

        Raises NotFound for a release that is not there; ReleaseRefused when somebody else was faster, and when it is
        in force already for all that is asked, which a rollback may say again.
        """
        before = self.in_force(wanted.domain)
        release = _named(before.releases, wanted.domain, wanted.release)
        if wanted.kind == ACTIVATE and before.covers(release.number, wanted.partitions):
            raise ReleaseRefused(
                f"{release} is in force already for {'everything' if wanted.partitions is None else 'these days'}",
                hint="nothing was recorded; `agentic release list` says since when and why",
            )
        number = len(before.orders) + 1
        made = replace(wanted, release=release.number, number=number, host=socket.gethostname(), recorded_at=_now())
        content = made.content
        row = {
            **content,
            "partitions": canonical_json(content["partitions"]),
            "details": canonical_json(content["details"]),
            "digest": made.digest,
            "host": made.host,
            "recorded_at": made.recorded_at,
        }
        try:
            with self._store.transaction() as connection:
                connection.execute(insert(activations), [row])
        except IntegrityError as error:
            raise ReleaseRefused(
                f"somebody else activated a release of {made.domain} at the same moment",
                hint="see `agentic release list`, then try again",
            ) from error
        self.seal(made.domain)
        return made

    def seal(self, domain: str) -> int:
        """Seal what is recorded and not sealed yet, as after a crash between the two; give how many."""
        return ReleaseLog(self._store, self._keys, domain).seal(self.of(domain), self.activations(domain))

    def sealed(self, domain: str) -> int:
        """Count the releases and activations that are sealed."""
        log = ReleaseLog(self._store, self._keys, domain)
        return log.releases.sealed + log.activations.sealed

    def verify(self, domain: str) -> dict[str, tuple[Break, ...]]:
        """Name every release and activation that is not as sealed, and what is wrong with their logs."""
        log = ReleaseLog(self._store, self._keys, domain)
        return {
            "releases": _breaks(log.releases, self.of, domain),
            "activations": _breaks(log.activations, self.activations, domain),
        }


def _breaks(log: NumberedLog, read: Callable[[str], Sequence[Numbered]], domain: str) -> tuple[Break, ...]:
    try:
        return log.verify(read(domain))
    except LedgerBroken as broken:
        return (*log.ledger.verify_log(), Break("flipped", "", "", None, broken.what))


def _named(made: Sequence[Release], domain: str, name: str | int) -> Release:
    wanted = str(name).strip().lower().removeprefix("r")
    found = [one for one in made if str(one.number) == wanted]
    if not found:
        names = ", ".join(one.name for one in made[-10:]) or "none: `agentic release create` makes one"
        raise NotFound(f"{domain} has no release {str(name)[:40]!r}", hint=f"there are {names}")
    return found[0]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _numbered(what: str, domain: str, rows: Sequence[Row[tuple[object, ...]]]) -> None:
    for expected, row in enumerate(rows, start=1):
        if row.number != expected:
            raise LedgerBroken(
                f"the {what}s of {domain} lack number {expected}: the next one stored is {row.number}",
                hint="restore the store; until then nobody can say what is in force",
            )


def _release(row: Row[tuple[object, ...]]) -> Release:
    pins = tuple(Pin(*pin) for pin in json.loads(row.pins))
    made = Release(
        row.domain, pins, row.sources, row.author, row.reason, row.number, host=row.host, created_at=row.created_at
    )
    if made.digest != row.digest:
        raise _edited("release", row)
    return made


def _activation(row: Row[tuple[object, ...]]) -> Activation:
    partitions = json.loads(row.partitions)
    made = Activation(
        domain=row.domain,
        release=row.release,
        author=row.author,
        reason=row.reason,
        kind=row.kind,
        partitions=None if partitions is None else tuple(partitions),
        details=json.loads(row.details),
        number=row.number,
        host=row.host,
        recorded_at=row.recorded_at,
    )
    if made.digest != row.digest:
        raise _edited("activation", row)
    return made


def _edited(what: str, row: Row[tuple[object, ...]]) -> LedgerBroken:
    return LedgerBroken(
        f"{what} {row.number} of {row.domain} is not the one that was recorded: it has another digest",
        hint="restore the store; `agentic verify` holds it against the ledger",
    )
