"""Plan a cleaning up: from everything that has to stay, find the files that nothing needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection, Table, func, select

from agentic_assets.errors import ReleaseRefused, ResidencyRefused
from agentic_assets.evidence.domain import Domain
from agentic_assets.home import Home
from agentic_assets.lake import Lake, Stored
from agentic_assets.pipeline import Entry, Manifest, Residency, Restorations, Vacuumed
from agentic_assets.releases.record import Releases
from agentic_assets.releases.release import Release
from agentic_assets.releases.retention.floor import FLOOR_DAYS, GRACE, floor
from agentic_assets.releases.retention.plan import ORPHAN, SUPERSEDED, Cleaning, Doomed, Mark
from agentic_assets.releases.retention.reach import Why, retained, version_of
from agentic_assets.releases.snapshots import SNAPSHOTS, snapshot_digest, unpacked
from agentic_assets.store import Store
from agentic_assets.store.schema import activations, manifest, releases, resolutions, restorations, snapshots

__all__ = ["mark_of", "plan_cleaning"]

_QUARANTINE = "quarantine/"


def plan_cleaning(
    domains: Sequence[Domain],
    home: Home,
    store: Store,
    *,
    now: datetime,
    keep_days: int = FLOOR_DAYS,
    forget: Sequence[Release] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Cleaning:
    """Say what of a home nothing retained needs; nothing is removed.

    `domains` are all that share the home. `forget` names releases that are no reason any more to keep what was made
    under them. Raises ReleaseRefused for fewer days than the floor, and for a release that is in force somewhere.
    """
    since = floor(now, keep_days)
    _require_forgettable(domains, Releases(store, home.keys), forget)
    with store.reading() as connection:
        mark = mark_of(connection)
    entries = Manifest(store).every()
    alone = _alone(domains, home, {entry.asset for entry in entries})
    kept_snapshots = _released(domains, Releases(store, home.keys), forget)
    roots = _roots(domains, store, entries, alone, kept_snapshots, since=since, lately=now - GRACE)
    stays = retained(entries, roots)
    counts = Counter(stays.values())
    files, named, needed = _files(entries, stays)
    doomed, returned, stored, alone = _doomed(home, store, entries, files, named, alone, since, now, progress)
    return Cleaning(
        keep_days=keep_days,
        since=since.isoformat(timespec="seconds"),
        files=doomed,
        snapshots=_unneeded(domains, home, store, kept_snapshots | needed, now - GRACE),
        kept={why: counts[why] for why in Why if counts[why]},
        kept_files=len(stored),
        kept_bytes=sum(one.bytes for one in stored),
        alone=alone,
        forgotten=tuple(str(one) for one in forget),
        returned=returned,
        mark=mark,
    )


def mark_of(connection: Connection) -> Mark:
    """Read how far the store has got in whatever decides what stays."""

    def count(table: Table) -> int:
        return int(connection.execute(select(func.count()).select_from(table)).scalar() or 0)

    return Mark(count(manifest), count(restorations), count(releases), count(activations), count(resolutions))


def _require_forgettable(domains: Sequence[Domain], record: Releases, forget: Sequence[Release]) -> None:
    for domain in domains:
        made = record.in_force(domain.name)
        holding = {} if made.release is None else {made.release.number: "everything"}
        for day, release in made.scoped.items():
            holding.setdefault(release.number, day)
        for one in forget:
            if one.domain == domain.name and one.number in holding:
                raise ReleaseRefused(
                    f"{one} is in force for {holding[one.number]}: it cannot be forgotten; nothing was removed",
                    hint="activate another release for it first",
                )


def _released(domains: Sequence[Domain], record: Releases, forget: Sequence[Release]) -> frozenset[str]:
    """Name the snapshots of the releases that stay."""
    gone = {(one.domain, one.number) for one in forget}
    made = [one for domain in domains for one in record.of(domain.name)]
    return frozenset(one.sources for one in made if (one.domain, one.number) not in gone)


def _alone(domains: Sequence[Domain], home: Home, published: Iterable[str]) -> dict[str, str]:
    """Name the assets that are not looked after here, and why: of unknown domains, or kept in another region."""
    known = {node.asset: domain for domain in domains for node in domain.graph.nodes}
    limits = {domain.name: Residency(domain.graph, home.region) for domain in domains}
    found = {}
    for asset in sorted(published):
        if asset not in known:
            found[asset] = "no domain here makes it"
            continue
        try:
            limits[known[asset].name].require(asset)
        except ResidencyRefused as error:
            found[asset] = error.what
    return found


def _roots(
    domains: Sequence[Domain],
    store: Store,
    entries: Sequence[Entry],
    alone: Mapping[str, str],
    released: frozenset[str],
    *,
    since: datetime,
    lately: datetime,
) -> dict[Why, set[int]]:
    decisions = {subject.decisions for domain in domains for subject in domain.subjects}
    acts = decisions | {node.asset for domain in domains for node in domain.graph.nodes if node.effects}
    answered = _answered(domains, store)
    roots: dict[Why, set[int]] = {why: set() for why in Why}
    history: dict[tuple[str, str], list[int]] = {}
    for place, entry in enumerate(entries):
        history.setdefault((entry.asset, entry.partition), []).append(place)
        if entry.asset in alone:
            roots[Why.ALONE].add(place)
        if entry.asset in acts and _at(entry) >= since:
            roots[Why.DECIDED].add(place)
        if entry.asset in decisions and (entry.asset, entry.partition) in answered:
            roots[Why.ANSWERED].add(place)
        if entry.details.get("sources", "") in released:
            roots[Why.RELEASED].add(place)
    for several in history.values():
        roots[Why.CURRENT].add(several[-1])
        roots[Why.LATELY].update(old for old, new in pairwise(several) if _at(entries[new]) >= lately)
    newest = {version_of(entry): place for place, entry in enumerate(entries)}
    for asset in {entry.asset for entry in entries}:
        for name, order in Restorations(store).of(asset).items():
            version = (asset, name, order.data_version)
            if version in newest:
                roots[Why.RESTORED].add(newest[version])
    return roots


def _answered(domains: Sequence[Domain], store: Store) -> set[tuple[str, str]]:
    """Name the partitions with decisions that people answered."""
    with store.reading() as connection:
        rows = connection.execute(select(resolutions.c.domain, resolutions.c.agent, resolutions.c.day).distinct()).all()
    assets: dict[tuple[str, str], set[str]] = {}
    for domain in domains:
        for subject in domain.subjects:
            assets.setdefault((domain.name, subject.agent.name), set()).add(subject.decisions)
    return {
        (asset, row.day) for row in rows for asset in assets.get((row.domain, str(row.agent).partition("@")[0]), ())
    }


def _files(
    entries: Sequence[Entry], stays: Collection[int]
) -> tuple[set[tuple[str, str]], set[tuple[str, str]], set[str]]:
    """Give (table, file) of what stays and of all that was ever recorded, and the snapshots of what stays."""
    files, named, needed = set[tuple[str, str]](), set[tuple[str, str]](), set[str]()
    for place, entry in enumerate(entries):
        own = {(entry.asset, entry.file)}
        if "quarantine" in entry.details:
            own.add((f"{_QUARANTINE}{entry.asset}", str(entry.details["quarantine"])))
        named |= own
        if place in stays:
            files |= own
            needed.add(str(entry.details.get("sources", "")))
    return files, named, needed


def _doomed(
    home: Home,
    store: Store,
    entries: Sequence[Entry],
    files: set[tuple[str, str]],
    named: set[tuple[str, str]],
    alone: Mapping[str, str],
    since: datetime,
    now: datetime,
    progress: Callable[[int, int], None] | None,
) -> tuple[tuple[Doomed, ...], tuple[tuple[str, str], ...], list[Stored], dict[str, str]]:
    lake, recorded = Lake(home.lake), {entry.asset for entry in entries}
    left, doomed, stays, returned = dict(alone), list[Doomed](), list[Stored](), list[tuple[str, str]]()
    # What is quarantined is judged after its asset: where that is left alone, so is this.
    tables = sorted(lake.names(), key=lambda name: name.startswith(_QUARANTINE))
    for done, name in enumerate(tables):
        if progress:
            progress(done, len(tables))
        asset = name.removeprefix(_QUARANTINE)
        if asset in left:
            continue
        table = lake.open(name)
        current = set(table.files().values())
        if asset not in recorded or (name == asset and current and not any((name, file) in named for file in current)):
            left[name] = "the store has no record of what is current in it: is it the store of this lake?"
            continue
        gone = Vacuumed(store).of(name)
        for one in table.stored():
            if (name, one.file) in files or one.file in current:
                stays.append(one)
                if one.file in gone:
                    returned.append((name, one.file))
            elif (name, one.file) in named:
                doomed.append(Doomed(name, one.file, one.bytes, SUPERSEDED))
            elif one.modified_at < (since if name != asset and not one.staged else now - GRACE).timestamp():
                # What was refused before entries named it is kept as long as decisions are.
                doomed.append(Doomed(name, one.file, one.bytes, ORPHAN))
            else:
                stays.append(one)
    return tuple(doomed), tuple(returned), stays, left


def _unneeded(
    domains: Sequence[Domain], home: Home, store: Store, needed: Collection[str], before: datetime
) -> tuple[str, ...]:
    """Name the snapshots that nothing which stays was made from; today's, and those of the last day, stay.

    One that is gone from the store, and lies unpacked still, is named as well: its removal was cut off.
    """
    today = {snapshot_digest(domain.sources) for domain in domains if domain.sources is not None}
    names = {domain.name for domain in domains}
    with store.reading() as connection:
        rows = connection.execute(select(snapshots.c.digest, snapshots.c.domain, snapshots.c.recorded_at)).all()
    unneeded = {
        row.digest
        for row in rows
        if row.domain in names
        and row.digest not in needed
        and row.digest not in today
        and datetime.fromisoformat(row.recorded_at) < before
    }
    gone = set(Vacuumed(store).of(SNAPSHOTS)) - {row.digest for row in rows}
    return tuple(sorted(unneeded | {digest for digest in gone if unpacked(home, digest).exists()}))


def _at(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry.recorded_at)
