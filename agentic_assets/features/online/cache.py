"""The cache itself: an LMDB file, written in one transaction, read without a lock."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from agentic_assets.errors import ConfigInvalid, LakeBroken

__all__ = ["Cache"]

_LONGEST_KEY: Final = 500
# Address space, not disk: the file grows as it is filled.
_ROOM: Final = 1 << 36
_META, _PARTITIONS, _MEMBERS, _VECTORS = b"meta", b"partitions", b"members", b"vectors"


class Cache:
    """Vectors by key, and which version of which partition they are of.

    What is published is seen whole or not at all, also by readers of other processes and after a crash. `open` raises
    LakeBroken for a file that is damaged or of another schema: it holds nothing that cannot be made again.
    """

    def __init__(self, folder: Path, schema: str) -> None:
        self.folder = folder
        self.schema = schema
        self._damage = _Damage(folder)
        self._opened: tuple[Any, Any, Any, Any, Any] | None = None

    def open(self) -> None:
        """Open or create the file."""
        import lmdb

        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            environment = lmdb.open(str(self.folder), map_size=_ROOM, max_dbs=4, subdir=True, lock=True)
            _check_whole(environment, self.folder)
            meta, partitions, members, vectors = map(environment.open_db, (_META, _PARTITIONS, _MEMBERS, _VECTORS))
            with environment.begin(write=True) as transaction:
                schema = transaction.get(b"schema", db=meta)
                if schema is None:
                    transaction.put(b"schema", self.schema.encode(), db=meta)
        except lmdb.Error as error:
            raise LakeBroken(
                f"the online cache {self.folder} cannot be opened: {str(error)[:200]}",
                hint="it is rebuilt from the lake; nothing is lost",
            ) from error
        if schema not in (None, self.schema.encode()):
            environment.close()
            raise LakeBroken(
                f"the online cache {self.folder} holds vectors of another schema", hint="it is rebuilt from the lake"
            )
        self._opened = (environment, meta, partitions, members, vectors)

    def close(self) -> None:
        """Release the file."""
        if self._opened is not None:
            self._opened[0].close()
            self._opened = None

    def delete(self) -> None:
        """Throw the file away."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def read(self, key: str) -> bytes | None:
        """Give the bytes of a vector; None when the cache has none of that key."""
        environment, _, _, _, vectors = self._tables()
        with self._damage, environment.begin() as transaction:
            found: bytes | None = transaction.get(key.encode()[:511] or b"\0", db=vectors)
            return found

    def partitions(self) -> dict[str, str]:
        """Give the data version of each partition that is in the cache."""
        environment, _, partitions, _, _ = self._tables()
        with self._damage, environment.begin() as transaction:
            return {name.decode(): version.decode() for name, version in transaction.cursor(db=partitions)}

    def count(self) -> int:
        """Count the vectors."""
        environment, _, _, _, vectors = self._tables()
        with environment.begin() as transaction:
            return int(transaction.stat(db=vectors)["entries"])

    def publish(
        self, changed: Mapping[str, tuple[str, list[tuple[bytes, bytes]]]], dropped: Iterable[str] = ()
    ) -> None:
        """Replace partitions, each by its data version and its (key, bytes), and drop others, in one transaction."""
        environment, _, partitions, members, vectors = self._tables()
        for name, (_, packed) in changed.items():
            if any(len(key) > _LONGEST_KEY or not key for key, _ in packed):
                raise ConfigInvalid(
                    f"partition {name} has an entity whose key is empty or longer than {_LONGEST_KEY} bytes",
                    hint="use a shorter key",
                )
        with self._damage, environment.begin(write=True) as transaction:
            for name in (*dropped, *changed):
                for key in _unjoined(transaction.pop(name.encode() or b"\0", db=members)):
                    transaction.delete(key, db=vectors)
                transaction.delete(name.encode() or b"\0", db=partitions)
            for name, (version, packed) in changed.items():
                transaction.cursor(db=vectors).putmulti(packed)
                transaction.put(name.encode() or b"\0", _joined(key for key, _ in packed), db=members)
                transaction.put(name.encode() or b"\0", version.encode(), db=partitions)

    def _tables(self) -> tuple[Any, Any, Any, Any, Any]:
        if self._opened is None:
            self.open()
        assert self._opened is not None
        return self._opened


def _check_whole(environment: Any, folder: Path) -> None:
    # A page behind the end of a truncated file would kill the process that reads it, so the length is checked first.
    needed = (environment.info()["last_pgno"] + 1) * environment.stat()["psize"]
    if (folder / "data.mdb").stat().st_size < needed:
        environment.close()
        raise LakeBroken(f"the online cache {folder} is truncated", hint="it is rebuilt from the lake")


class _Damage:
    """Say of LMDB's errors about a damaged file which cache it is, and what becomes of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        import lmdb

        if isinstance(error, lmdb.CorruptedError | lmdb.PageNotFoundError | lmdb.InvalidError | lmdb.PanicError):
            raise LakeBroken(
                f"the online cache {self._folder} is damaged: {str(error)[:200]}", hint="it is rebuilt from the lake"
            ) from error


def _joined(keys: Iterable[bytes]) -> bytes:
    return zlib.compress(b"\0".join(keys), 1)


def _unjoined(content: bytes | None) -> list[bytes]:
    return [key for key in zlib.decompress(content).split(b"\0") if key] if content else []
