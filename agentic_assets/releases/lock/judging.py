"""Hold what is declared against what is locked: no content changes under its number, and no number says too little."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agentic_assets.features.compatibility import Change
from agentic_assets.releases.declared import Declared
from agentic_assets.releases.lock.entry import Locked, number_of
from agentic_assets.releases.lock.weighing import changes_between, demanded

__all__ = ["BEHIND", "CHANGED", "LOWER", "TOO_SMALL", "UNCOVERED", "Finding", "judge"]

CHANGED, TOO_SMALL, LOWER = "version-not-raised", "version-too-small", "version-went-back"
BEHIND, UNCOVERED = "lock-behind", "code-without-version"
_AGAIN = "run `agentic versions lock`, and commit the file"
_SHOWN = 3
_RAISED_IN = {
    "contract": "in its file",
    "rules": "in the agent's spec, and in the table that names it",
    "rollout": "in the agent's spec",
    "agent": "in its spec",
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: which rule it breaks, about which version, why, and what to do.

    `changes` are those of its content, `least` the least version that may carry them. `refuses` says that it must not
    be locked as it is.
    """

    rule: str
    id: str
    what: str
    hint: str
    changes: tuple[Change, ...] = ()
    least: str = ""
    line: int = 1
    assets: tuple[str, ...] = ()

    @property
    def refuses(self) -> bool:
        """Whether locking it would hide a change."""
        return self.rule in (CHANGED, TOO_SMALL, LOWER)


def judge(declared: Iterable[Declared], locked: Iterable[Locked]) -> tuple[Finding, ...]:
    """List all that is wrong with the versions of one domain, in the order of their names."""
    entries, lock = tuple(declared), {one.key: one for one in locked}
    found: list[Finding] = []
    new: list[str] = []
    for one in entries:
        own = Locked.of(one)
        if one.follows:
            continue
        if own.key in lock:
            found += _unraised(one, own, lock[own.key])
            continue
        finding = _raised(one, own, [each for each in lock.values() if (each.kind, each.name) == own.key[:2]], entries)
        found += [finding] if finding else []
        new += [] if finding else [one.id]
    return (*found, *_behind(entries, lock, new), *_uncovered(entries, lock))


def _unraised(one: Declared, own: Locked, before: Locked) -> Iterator[Finding]:
    changes = changes_between(before, own)
    if changes:
        least = demanded(changes, before.version)
        what = f"{one.id} changed: {_shown(changes)}"
        yield Finding(CHANGED, one.id, what, _hint(one, least, changes), changes, least, before.line, one.assets)


def _raised(one: Declared, own: Locked, others: list[Locked], entries: tuple[Declared, ...]) -> Finding | None:
    """Judge a version that is not locked against the one that it follows."""
    number = number_of(own.version)
    before = [each for each in others if number_of(each.version) < number]
    if not before:
        newest = max(others, key=lambda each: number_of(each.version), default=None)
        beside = [each for each in entries if (each.pin.kind, each.pin.name) == own.key[:2]]
        if newest is None or any(number_of(each.pin.version) >= number_of(newest.version) for each in beside):
            return None
        what = f"{one.id} is lower than what is locked, {newest.version}"
        hint = f"versions only go up: make it more than {newest.version}, also to take a change back"
        return Finding(LOWER, one.id, what, hint, (), "", newest.line, one.assets)
    base = max(before, key=lambda each: number_of(each.version))
    changes = changes_between(base, own)
    least = demanded(changes, base.version)
    # A pre-release of the version that is demanded says as much as the version itself.
    if not changes or number_of(own.version.partition("-")[0]) >= number_of(least):
        return None
    what = f"{one.id} says too little after {base.version}: {_shown(changes)}"
    return Finding(TOO_SMALL, one.id, what, _hint(one, least, changes), changes, least, base.line, one.assets)


def _behind(entries: tuple[Declared, ...], lock: dict[tuple[str, str, str], Locked], new: list[str]) -> list[Finding]:
    """Tell in one finding what is declared and not locked, or locked and not declared."""
    there = {Locked.of(one).key for one in entries}
    names = {key[:2] for key in there}
    moved = [
        one.id
        for one in entries
        if one.follows and one.pin.kind != "code" and _digest(lock, Locked.of(one)) != one.pin.digest
    ]
    gone = [one.id for key, one in lock.items() if key not in there and one.kind != "code"]
    replaced = [one.id for key, one in lock.items() if key not in there and key[:2] in names]
    parts = [(new, "not locked yet"), (moved, "other content than is locked")]
    parts += [([id for id in gone if id not in replaced], "locked and not declared any more")]
    told = "; ".join(f"{', '.join(ids[:5])}{_more(ids, 5)}: {why}" for ids, why in parts if ids)
    if not told:
        # An older version that stood beside a newer one was taken away.
        left = [id for id in replaced if id in gone]
        told = f"{', '.join(left[:5])}{_more(left, 5)}: locked and not declared any more" if left else ""
    return [Finding(BEHIND, "", f"the lock is behind: {told}", _AGAIN)] if told else []


def _uncovered(entries: tuple[Declared, ...], lock: dict[tuple[str, str, str], Locked]) -> list[Finding]:
    now = {one.pin.name: one.pin.digest for one in entries if one.pin.kind == "code"}
    before = {one.name: one.digest for one in lock.values() if one.kind == "code"}
    assets = sorted(name for name in now.keys() | before.keys() if now.get(name) != before.get(name))
    if not assets:
        return []
    what = f"code that no version names changed, behind {', '.join(assets[:5])}{_more(assets, 5)}"
    hint = "nothing to raise, their partitions are made anew; `agentic versions lock` writes it down"
    return [Finding(UNCOVERED, "", what, hint, assets=tuple(assets))]


def _digest(lock: dict[tuple[str, str, str], Locked], own: Locked) -> str:
    found = lock.get(own.key)
    return "" if found is None else found.digest


def _hint(one: Declared, least: str, changes: tuple[Change, ...]) -> str:
    breaks = "that breaks who relies on it: " if changes[0].weight == "breaking" else ""
    where = _RAISED_IN.get(one.pin.kind, "where it is declared")
    return f"{breaks}make it {least} {where}, and run `agentic versions lock`"


def _shown(changes: tuple[Change, ...]) -> str:
    told = "; ".join(map(str, changes[:_SHOWN]))
    return f"{told[:600]}{_more(changes, _SHOWN)}"


def _more(items: tuple[object, ...] | list[str], shown: int) -> str:
    return f" and {len(items) - shown} more" if len(items) > shown else ""
