"""What this user's processes remember of texts that they have read, so that each is looked into once."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from agentic_assets.versions.fingerprint import canonical_json, of_bytes

__all__ = ["Memory", "remembered_in"]

_MOST: Final = 5_000  # texts, some ten versions of the library; beyond them it starts again with those in use


def remembered_in(name: str) -> Path:
    """Give the file of that name in which this user's processes remember."""
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # nobody knows whose home this is
        folder = Path(os.devnull)
    return folder / "agentic_assets" / f"{name}.json"


class Memory:
    """One file of JSON values by digests of texts; a file that is damaged or edited counts as none."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known = _read(file)
        self._used: dict[str, Any] = {}
        self._fresh = False
        self._guard = threading.Lock()

    def get(self, key: str) -> Any:
        """Give what is remembered under a key, None where nothing is."""
        found = self._known.get(key)
        if found is not None:
            self._used[key] = found
        return found

    def put(self, key: str, value: Any) -> None:
        """Remember a value, in this process until `write`."""
        with self._guard:
            self._known[key] = self._used[key] = value
            self._fresh = True

    def write(self) -> None:
        """Keep what is new, beside what other processes wrote; a folder that cannot be written is no error."""
        with self._guard:
            if not self._fresh:
                return
            self._fresh = False
            known = _read(self._file) | self._known
            content = _sealed(known if len(known) <= _MOST else dict(self._used))
        own = self._file.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            own.write_bytes(content)
            own.replace(self._file)
        except OSError:
            with suppress(OSError):
                own.unlink()


def _sealed(known: dict[str, Any]) -> bytes:
    said = canonical_json(known).encode()
    return of_bytes(said).encode() + b"\n" + said


def _read(file: Path) -> dict[str, Any]:
    try:
        seal, _, said = file.read_bytes().partition(b"\n")
        known = json.loads(said) if seal.decode() == of_bytes(said) else {}
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
