"""An actuator that writes each action as one line of a file: the effect is the line."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from agentic_assets.actions.action import Action, Result
from agentic_assets.errors import ConfigInvalid, NotFound
from agentic_assets.versions.fingerprint import canonical_json, of_bytes

__all__ = ["JournalActuator"]

_EXECUTE, _COMPENSATE = "execute", "compensate"


class JournalActuator:
    """Append actions to a file of JSON lines, each key once, durably from `confirm` on.

    The file is the memory of what was executed: one outbox, one journal. Move it away only when nothing is pending.
    A last line that a crash tore is cut off; a whole line that is damaged raises ConfigInvalid.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._done: dict[tuple[str, str], str] = {}  # (verb, key) -> digest of the line
        self._waiting: dict[tuple[str, str], bytes] = {}  # executed in this session, not yet confirmed
        self._file: int | None = None
        self._inode = 0
        self._known = 0  # bytes of the file that `_done` covers

    @contextmanager
    def session(self) -> Iterator[None]:
        """Hold the journal's lock; whoever comes second waits. What was not confirmed when it ends is not written."""
        if self._file is not None:
            raise RuntimeError(f"a session of {self.path} is open already")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise ConfigInvalid(
                f"the journal {self.path} cannot be opened: {error.strerror}", hint="make it writable for this user"
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            self._catch_up(self._file)
            yield
        finally:
            os.close(self._file)  # which releases the lock
            self._file = None
            self._waiting.clear()

    def execute(self, action: Action) -> Result:
        """Write the action's line, unless its key was executed before; alone, outside a session, at once."""
        with self._joined():
            return self._write(_EXECUTE, action)

    def compensate(self, action: Action) -> Result:
        """Write the line that undoes an executed action, once. Raises NotFound when it was never executed."""
        with self._joined():
            if not self._digest(_EXECUTE, action.key):
                raise NotFound(
                    f"action {action.key[:120]!r} was never executed in {self.path.name}",
                    hint="only what was done can be undone",
                )
            return self._write(_COMPENSATE, action)

    def executed(self, keys: Iterable[str]) -> dict[str, Result]:
        """Give the results of those keys whose line is in the journal."""
        return self._written(_EXECUTE, keys)

    def compensated(self, keys: Iterable[str]) -> dict[str, Result]:
        """Give the results of those keys whose undoing line is in the journal."""
        return self._written(_COMPENSATE, keys)

    def confirm(self) -> None:
        """Write what is waiting in one piece and have the disk hold it: many actions, one wait for the disk."""
        if self._file is None or not self._waiting:
            return
        content = b"".join(self._waiting.values())
        try:
            written = 0
            while written < len(content):
                written += os.write(self._file, content[written:])
            os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, self._known)  # nothing of a group that is not certain
            self._waiting.clear()
            raise ConfigInvalid(
                f"the journal {self.path} cannot be written: {error.strerror}",
                hint="no action of the group counts as done; free the disk and run again",
            ) from error
        self._done |= {name: of_bytes(line) for name, line in self._waiting.items()}
        self._waiting.clear()
        self._known += len(content)

    @contextmanager
    def _joined(self) -> Iterator[None]:
        if self._file is not None:
            yield
            return
        with self.session():
            yield
            self.confirm()

    def _written(self, verb: str, keys: Iterable[str]) -> dict[str, Result]:
        with self._joined():
            found = {key: self._digest(verb, key) for key in keys}
        return {key: self._result(digest) for key, digest in found.items() if digest}

    def _write(self, verb: str, action: Action) -> Result:
        known = self._digest(verb, action.key)
        if known:
            return self._result(known)
        line = canonical_json(
            {
                "do": verb,
                "key": action.key,
                "decision_id": action.decision_id,
                "partition": action.partition,
                "agent": action.agent,
                "entity": action.entity,
                "action": action.action,
                "payload": json.loads(action.payload),
            }
        )
        content = line.encode() + b"\n"
        self._waiting[(verb, action.key)] = content
        return self._result(of_bytes(content))

    def _digest(self, verb: str, key: str) -> str | None:
        waiting = self._waiting.get((verb, key))
        return self._done.get((verb, key)) if waiting is None else of_bytes(waiting)

    def _result(self, digest: str) -> Result:
        # Not the number of the line: that depends on who came first, and results should not.
        return {"journal": self.path.name, "line_digest": digest}

    def _catch_up(self, file: int) -> None:
        """Read what was appended since the last session, and cut off what a crash left half written."""
        status = os.fstat(file)
        if status.st_ino != self._inode or status.st_size < self._known:
            self._done.clear()
            self._inode, self._known = status.st_ino, 0
        if status.st_size == self._known:
            if status.st_size == 0:
                self._keep_name()
            return
        content = _read(file, self._known, status.st_size)
        lines = content.split(b"\n")
        torn = lines.pop()  # empty after a whole last line
        for number, line in enumerate(lines):
            name = _name(line)
            if name is None:
                # A power cut leaves zeros where blocks of the last write are missing; anything else is damage.
                if not all(b"\0" in rest for rest in lines[number:]):
                    raise ConfigInvalid(
                        f"the journal {self.path} is damaged in the line at byte {self._known:,}",
                        hint="restore it from a backup: what it lost would be executed again",
                    )
                torn = line
                break
            self._done[name] = of_bytes(line + b"\n")
            self._known += len(line) + 1
        if torn:
            os.ftruncate(file, self._known)
            os.fsync(file)

    def _keep_name(self) -> None:
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # a new file's name is as much at risk as its content
        finally:
            os.close(folder)


def _read(file: int, start: int, end: int) -> bytes:
    parts = []
    while start < end:
        part = os.pread(file, end - start, start)
        if not part:
            break
        parts.append(part)
        start += len(part)
    return b"".join(parts)


def _name(line: bytes) -> tuple[str, str] | None:
    """Give verb and key of a sound line, None of a damaged one."""
    try:
        content = json.loads(line)
    except ValueError:  # also of bytes that are no UTF-8
        return None
    if not isinstance(content, dict) or content.get("do") not in {_EXECUTE, _COMPENSATE}:
        return None
    key = content.get("key")
    return (content["do"], key) if isinstance(key, str) else None
