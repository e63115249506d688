"""Serve features online: the cache kept current with the lake, and rebuilt from it when it is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from agentic_assets.errors import LakeBroken, NotFound, PointInTimeViolation
from agentic_assets.features.definition import FeatureSet
from agentic_assets.features.online.cache import Cache
from agentic_assets.features.online.layout import Layout, Vector

__all__ = ["OnlineFeatures", "Refreshed"]

_AT_ONCE = 20
_LATE = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: partitions written and dropped, vectors written, whether the cache was made anew."""

    written: int
    dropped: int
    vectors: int
    rebuilt: bool


class OnlineFeatures:
    """Vectors of one version of a feature set on this host.

    `published()` names the partitions that the lake holds now, with their data versions; `rows(partition)` reads one.
    The lake is the truth: whatever is wrong with the cache, it is thrown away and made again.
    """

    def __init__(
        self,
        definition: FeatureSet,
        folder: Path,
        *,
        published: Callable[[], Mapping[str, str]],
        rows: Callable[[str], pl.DataFrame],
    ) -> None:
        self.definition = definition
        self.layout = Layout(definition)
        self.cache = Cache(folder / self.layout.set_version, self.layout.schema)
        self._published, self._rows = published, rows

    def refresh(self, progress: Callable[[int, int], None] | None = None) -> Refreshed:
        """Bring the cache to what the lake holds now; a partition is seen whole or as it was before.

        `progress` hears how many of how many partitions are done.
        """
        try:
            return self._refreshed(progress, rebuilt=False)
        except LakeBroken:
            self.cache.delete()
            return self._refreshed(progress, rebuilt=True)

    def get(self, key: str, *, now: datetime) -> Vector:
        """Give an entity's vector as of `now`: values past their time to live are null, never stale.

        Raises NotFound for an entity that the cache does not hold, PointInTimeViolation for a moment before the
        vector's decision. A damaged cache is rebuilt from the lake first.
        """
        if now.tzinfo is None:
            raise PointInTimeViolation(f"{now} has no time zone", hint="give `now` with its time zone")
        try:
            content = self.cache.read(key)
            vector = self.layout.unpack(key, content, now) if content is not None else None
        except LakeBroken:
            self.cache.delete()
            self.refresh()
            content = self.cache.read(key)
            vector = self.layout.unpack(key, content, now) if content is not None else None
        if vector is None:
            raise NotFound(
                f"{self.layout.set_version} has no vector of {key!r} online ({self.cache.count():,} others)",
                hint="check the key; refresh the cache when its day was published since",
            )
        if vector.decided_at > now:
            raise PointInTimeViolation(
                f"the vector of {key!r} is known from {vector.decided_at.isoformat()} on, not at {now.isoformat()}",
                hint="ask later, or retrieve the features as of that moment from the lake",
            )
        return vector

    def decided_at(self, key: str) -> datetime:
        """Say when the vector of an entity was decided; NotFound when the cache holds none."""
        return self.get(key, now=_LATE).decided_at

    def close(self) -> None:
        """Release the cache."""
        self.cache.close()

    def _refreshed(self, progress: Callable[[int, int], None] | None, *, rebuilt: bool) -> Refreshed:
        here, there = self.cache.partitions(), dict(self._published())
        stale = sorted(name for name, version in there.items() if here.get(name) != version)
        gone = sorted(name for name in here if name not in there)
        vectors = 0
        if gone:
            self.cache.publish({}, gone)
        for start in range(0, len(stale), _AT_ONCE):
            part = stale[start : start + _AT_ONCE]
            changed = {name: (there[name], self.layout.pack(self._rows(name), there[name])) for name in part}
            self.cache.publish(changed)
            vectors += sum(len(packed) for _, packed in changed.values())
            if progress is not None:
                progress(start + len(part), len(stale))
        return Refreshed(len(stale), len(gone), vectors, rebuilt)
