"""What this user's processes remember of source files, so that each text is parsed once."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from agentic_assets.versions.fingerprint import canonical_json, of_bytes

__all__ = ["Import", "Memory", "Module"]

_MOST: Final = 5_000  # files, some ten versions of the library; beyond them it starts again with those in use

Import = tuple[str | None, int, tuple[str, ...]]
"""What an import statement says: the module, None for a plain `import`; how many dots before it; the names."""


class Module(NamedTuple):
    """What is remembered of one file."""

    digest: str
    imports: tuple[Import, ...]


class Memory:
    """One file of modules by a digest of their texts; a file that is damaged or edited counts as none."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known = _read(file)
        self._used: dict[str, Module] = {}
        self._fresh = False
        self._guard = threading.Lock()

    def get(self, key: str) -> Module | None:
        """Give what is remembered under a key."""
        found = self._known.get(key)
        if found is not None:
            self._used[key] = found
        return found

    def put(self, key: str, module: Module) -> None:
        """Remember a module, in this process until `write`."""
        with self._guard:
            self._known[key] = self._used[key] = module
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


def _sealed(known: dict[str, Module]) -> bytes:
    said = canonical_json(known).encode()
    return of_bytes(said).encode() + b"\n" + said


def _read(file: Path) -> dict[str, Module]:
    try:
        seal, _, said = file.read_bytes().partition(b"\n")
        if seal.decode() != of_bytes(said):
            return {}
        return {
            key: Module(digest, tuple((origin, level, tuple(names)) for origin, level, names in imports))
            for key, (digest, imports) in json.loads(said).items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
