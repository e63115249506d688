"""Write files so that they survive a power cut, and hold one writer at a time."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from agentic_assets.errors import LakeBroken

__all__ = ["locked", "sync_directories", "sync_file", "write_new"]

_PATIENCE_S = 600.0
_POLL_S = 0.002
_HOLDER_LENGTH = 40
_SYNCS_AT_ONCE = 16


def write_new(path: Path, content: bytes | memoryview) -> None:
    """Create a file that did not exist, with its bytes on the disk; its directory entry is not synced yet."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o644)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Bring the bytes of a file that another library wrote to the disk."""
    _sync(path)


def sync_directories(paths: Iterable[Path]) -> None:
    """Bring the entries of directories to the disk, together: syncs that wait at once share one journal commit."""
    several = list(paths)
    if len(several) <= _SYNCS_AT_ONCE:
        for path in several:
            _sync(path)
        return
    with ThreadPoolExecutor(_SYNCS_AT_ONCE) as pool:
        list(pool.map(_sync, several))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, *, patience_s: float = _PATIENCE_S) -> Iterator[None]:
    """Hold the lock file of a table against every other thread and process of this host.

    The kernel frees the lock when its holder dies, so that no stale lock can remain.

    Raises:
        LakeBroken: somebody held the lock for longer than `patience_s` seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        give_up_at = time.monotonic() + patience_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= give_up_at:
                    raise LakeBroken(
                        f"the lock {path} was held for more than {patience_s:g} s by {_holder(descriptor)}",
                        hint="end that process, or wait for it, and run again",
                    ) from None
                time.sleep(_POLL_S)
        os.pwrite(descriptor, f"process {os.getpid()}".ljust(_HOLDER_LENGTH).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, _HOLDER_LENGTH, 0).decode("utf-8", "replace").strip() or "another process"
