"""`agentic versions check`, which is also a part of `agentic lint`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from agentic_assets.cli.contract.steps import step
from agentic_assets.cli.formats import Format, Remark, Report, emit, format_option
from agentic_assets.cli.versions.finding import Place, own_places
from agentic_assets.cli.versions.loading import loaded, shown

if TYPE_CHECKING:
    from agentic_assets.releases.declared import Declared
    from agentic_assets.releases.lock import Finding

__all__ = ["check", "is_locked", "remarks_on", "remarks_on_locks"]


@click.command()
@click.argument("names", metavar="[DOMAIN]...", nargs=-1)
@click.option(
    "--against",
    "revision",
    metavar="REVISION",
    help="Hold what is declared also against the lock of a git revision, such as origin/main: a version that was "
    "amended since, though others have it, is found.",
)
@format_option
def check(names: tuple[str, ...], revision: str | None, format_name: Format) -> None:
    """Hold what is declared against versions.lock: this part of `agentic lint` alone.

    DOMAIN is the name of one; all of your own where you name none. Exit code 1 where content changed under its version,
    where a version was raised too little or went back, and where the lock is behind. A domain that was never locked is
    told, and nothing more. Words for people, comments and layout do not count, nor does the code of the library.
    """
    from agentic_assets.releases.declared import declared

    places = own_places(names)
    with step("looking at versions"):
        domains = {place: loaded(place) for place in places}
        found = [domain for domain in domains.values() if isinstance(domain, Remark)]
        entries = {place: declared(domain) for place, domain in domains.items() if not isinstance(domain, Remark)}
        found += [remark for place in entries for remark in remarks_on(entries[place], place)]
        told = {remark.message for remark in found}
        if revision is not None:
            since = (remark for place in entries for remark in _remarks_since(entries[place], place, revision))
            found += [remark for remark in since if remark.message not in told]
        # A file that cannot be read is told once, whatever domains it holds.
        remarks = [*dict.fromkeys(found), *remarks_on_locks(places)]
    errors = sum(remark.severity == "error" for remark in remarks)
    said = f"{errors} error{'' if errors == 1 else 's'}" if errors else "every version says what its lock says"
    if any(remark.rule == "lock-missing" for remark in remarks):
        said = said if errors else "nothing is locked"
    emit(Report("versions check", tuple(remarks), f"{', '.join(place.name for place in places)}: {said}"), format_name)
    if errors:
        raise click.exceptions.Exit(1)


def is_locked(place: Place) -> bool:
    """Say whether a lock that can be read holds the domain."""
    from agentic_assets.releases.lock import LockBroken, load_lock

    try:
        return place.lock.is_file() and place.name in load_lock(place.lock)
    except LockBroken:
        return False


def remarks_on(entries: tuple[Declared, ...], place: Place) -> Iterator[Remark]:
    """Say what is wrong with the versions that a domain declares, with the line to be changed."""
    from agentic_assets.releases.lock import LockBroken, judge, load_lock

    path = shown(place.lock)
    try:
        held = load_lock(place.lock) if place.lock.is_file() else {}
    except LockBroken as broken:
        yield Remark("lock-broken", "error", broken.what, path, broken.line, broken.hint)
        return
    if place.name not in held:
        what = f"the versions of {place.name} are not locked: nothing tells when content changes under its version"
        yield Remark("lock-missing", "note", what, hint="`agentic versions lock` writes versions.lock; keep it in git")
        return
    found = judge(entries, held[place.name])
    yield from (_remark(finding, place) for finding in found)
    if not found:
        yield Remark("versions-locked", "pass", f"{len(entries)} versions of {place.name} say what is locked", path)


def _remarks_since(entries: tuple[Declared, ...], place: Place, revision: str) -> Iterator[Remark]:
    """Say which versions say something else than at a revision; what is new since then is as it should be."""
    from agentic_assets.cli.contract.revision import at_revision
    from agentic_assets.errors import NotFound
    from agentic_assets.releases.lock import judge, load_lock

    try:
        with at_revision(place.lock, revision) as path:
            held = load_lock(path)
    except NotFound as missing:
        if "did not match any file" in missing.what:
            return  # nothing was locked then
        raise
    for finding in judge(entries, held.get(place.name, ())):
        if finding.refuses:
            yield _remark(finding, place)


def remarks_on_locks(places: Iterable[Place]) -> Iterator[Remark]:
    """Name domains that are locked and not there any more."""
    from agentic_assets.domains import domain_names
    from agentic_assets.releases.lock import LockBroken, load_lock

    for path in dict.fromkeys(place.lock for place in places if place.lock.is_file()):
        try:
            gone = sorted(load_lock(path).keys() - set(domain_names()))
        except LockBroken:
            continue  # told by its domains
        if gone:
            what = f"locked, and no domain any more: {', '.join(gone[:5])}"
            yield Remark("lock-behind", "error", what, shown(path), 1, "run `agentic versions lock`")


def _remark(finding: Finding, place: Place) -> Remark:
    from agentic_assets.cli.versions.places import declared_at
    from agentic_assets.releases.lock import UNCOVERED

    at = declared_at(finding.id, place.root, place.package) if finding.id else None
    path, line = at or (place.lock, finding.line)
    return Remark(
        finding.rule,
        "warning" if finding.rule == UNCOVERED else "error",
        finding.what,
        shown(path),
        line,
        finding.hint,
        details={
            "version": finding.id,
            "least": finding.least,
            "changes": [[change.weight, change.subject, change.what] for change in finding.changes],
            "assets": list(finding.assets),
        },
    )
