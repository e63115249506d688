"""The file `versions.lock`: one small block a version, sorted; read whole or refused with the line that is wrong."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from agentic_assets.errors import ConfigInvalid
from agentic_assets.releases.lock.entry import Locked, number_of
from agentic_assets.releases.lock.toml import lines_of, quoted, with_nulls
from agentic_assets.versions import of_json

__all__ = ["FILE", "Lock", "LockBroken", "load_lock", "lock_text", "refuse_unlockable", "write_lock"]

FILE: Final = "versions.lock"
Lock = Mapping[str, tuple[Locked, ...]]
"""The locked versions of each domain, by its name."""

_FORMAT: Final = 1
_KEY: Final = "lock"
"""What the file says its form under, so that no domain can be called so."""

_HEAD: Final = f"""\
# What each version of this project's domains says. Written by `agentic versions lock`; `agentic lint` holds it against
# what is declared. Do not edit it: after a merge conflict, take the side that others have, and write it again.
{_KEY} = {_FORMAT}
"""
_CONFLICT: Final = re.compile(r"^(<{7}|={7}|>{7}|\|{7})( |$)", re.MULTILINE)
_LINE: Final = re.compile(r"\(at line (\d+)")
_AGAIN: Final = "restore it from version control (`git checkout -- versions.lock`), then run `agentic versions lock`"


class LockBroken(ConfigInvalid):
    """The file cannot be trusted; `line` is where."""

    def __init__(self, what: str, line: int, *, hint: str = _AGAIN) -> None:
        super().__init__(what, hint=hint)
        self.line = line


def refuse_unlockable(domain: str) -> None:
    """Raise ConfigInvalid for a name under which the file could not hold a domain."""
    if domain == _KEY:
        raise ConfigInvalid(
            f"a domain cannot be called {_KEY!r}: {FILE} says its own form under that name",
            hint="give the domain another name",
        )


def lock_text(lock: Lock) -> str:
    """Write locked versions: equal versions give equal bytes; raises ConfigInvalid for a domain of a reserved name."""
    for domain in lock:
        refuse_unlockable(domain)
    blocks = [_HEAD]
    for domain in sorted(lock):
        for one in sorted(lock[domain], key=lambda one: (one.kind, one.name, number_of(one.version), one.version)):
            lines = [f"[{quoted(domain)}.{quoted(one.id)}]", f'digest = "{one.digest}"']
            for name in sorted(one.says):
                lines += lines_of(quoted(name), one.says[name])
            blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def write_lock(path: Path, lock: Lock) -> bool:
    """Write the file whole or not at all; False where it says the same already."""
    text = lock_text(lock)
    if path.is_file() and path.read_bytes() == text.encode():
        return False
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(path)
    except OSError as error:
        raise ConfigInvalid(f"{path} cannot be written: {error}", hint="make its folder writable") from error
    finally:
        beside.unlink(missing_ok=True)
    return True


def load_lock(path: Path) -> Lock:
    """Read the file; LockBroken for merge conflicts, for what it cannot hold, and for an entry that was edited."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LockBroken(f"{path.name} cannot be read: {error}", 1) from error
    if conflict := _CONFLICT.search(text):
        raise LockBroken(
            f"{path.name} holds a merge conflict",
            text.count("\n", 0, conflict.start()) + 1,
            hint="take the side that others have (`git checkout --theirs versions.lock`, --ours while rebasing), then "
            "run `agentic versions lock`",
        )
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _LINE.search(str(error))
        raise LockBroken(f"{path.name} is no TOML: {str(error)[:120]}", int(place[1]) if place else 1) from error
    if found.pop(_KEY, None) != _FORMAT:
        raise LockBroken(f"{path.name} does not begin with `{_KEY} = {_FORMAT}`", 1)
    lines = _lines(text)
    return {domain: _entries(path.name, domain, held, lines) for domain, held in found.items()}


def _entries(file: str, domain: str, held: Any, lines: Mapping[str, int]) -> tuple[Locked, ...]:
    if not isinstance(held, dict):
        raise LockBroken(f"{file}: `{domain[:60]}` is no domain with versions", 1)
    made: list[Locked] = []
    for id, value in held.items():
        line = lines.get(f"[{domain}.{id}]", 1)
        digest = value.pop("digest", None) if isinstance(value, dict) else None
        if not isinstance(digest, str):
            raise LockBroken(f"{file}: `{id[:80]}` has no digest", line)
        says = with_nulls(value)
        if of_json(says) != digest:
            raise LockBroken(f"{file}: `{id[:80]}` was edited: it does not have the digest that it names", line)
        try:
            made.append(Locked.named(id, digest, says, line))
        except ValueError as error:
            raise LockBroken(f"{file}: {error}", line) from error
    return tuple(made)


def _lines(text: str) -> dict[str, int]:
    headings = ((line.replace('"', ""), number) for number, line in enumerate(text.split("\n"), 1) if line[:1] == "[")
    return dict(headings)
