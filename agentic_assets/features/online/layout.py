"""The bytes of a vector: one fixed record, the texts behind it, and a checksum at the end."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from agentic_assets.errors import ConfigInvalid, LakeBroken
from agentic_assets.features.definition import DECIDED_AT, FeatureSet
from agentic_assets.versions import of_json

__all__ = ["Layout", "Vector"]

_FORMAT: Final = 1
_UNKNOWN: Final = np.iinfo(np.int64).min
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LENGTH: Final = struct.Struct("<H")
_SUM: Final = struct.Struct("<I")


@dataclass(frozen=True)
class Vector:
    """What is known online of one entity: each value, and how old the newest fact behind it is.

    `values` are null past their view's time to live; `expired` names those views. `ages` are by view, None where no
    fact entered. `set_version` and `data_version` say which definition and which rows of the lake the vector is of.
    """

    key: str
    decided_at: datetime
    values: dict[str, Any]
    ages: dict[str, timedelta | None]
    expired: tuple[str, ...]
    set_version: str
    data_version: str


class Layout:
    """How rows of a feature set become bytes and come back; both sides hold the digest of the schema."""

    def __init__(self, definition: FeatureSet) -> None:
        self.definition = definition
        self.set_version = f"{definition.name}@{definition.version}"
        self.schema = of_json([_FORMAT, [[name, str(dtype)] for name, dtype in definition.schema.items()]])
        self._mark = bytes.fromhex(self.schema)[:8]
        self._numbers = [feature for feature in definition.features if feature.dtype != pl.String]
        self._texts = [feature for feature in definition.features if feature.dtype == pl.String]
        for feature in self._numbers:
            if not (feature.dtype.is_numeric() or feature.dtype == pl.Boolean):
                raise ConfigInvalid(f"`{feature.name}` is {feature.dtype}, which is not served online")
        self._views = views = definition.view_names
        self._names = [feature.name for feature in definition.features]
        lives: dict[str, timedelta | None] = {
            getattr(view, "name", ""): getattr(view, "time_to_live", None) for view in definition.views
        }
        spans = [lives.get(name) for name in views]
        self._limits = [None if span is None else span // _MICROSECOND for span in spans]
        nulls = (len(definition.features) + 7) // 8
        self._record = np.dtype(
            [
                ("mark", "S8"),
                ("data_version", "S32"),
                ("decided_at", "<i8"),
                ("known_at", "<i8", (len(views),)),
                ("given", "u1", (nulls,)),
                *((f"n{i}", "<f8" if feature.dtype.is_float() else "<i8") for i, feature in enumerate(self._numbers)),
            ]
        )
        codes = "".join("d" if feature.dtype.is_float() else "q" for feature in self._numbers)
        self._fixed = struct.Struct(f"<8s32sq{len(views)}q{nulls}s{codes}")
        assert self._fixed.size == self._record.itemsize
        order = [*(feature.name for feature in self._numbers), *(feature.name for feature in self._texts)]
        of = {feature.name: feature.view for feature in definition.features}
        place = {feature.name: number for number, feature in enumerate(definition.features)}
        self._stored = [order.index(name) for name in self._names]
        self._booleans = [place[feature.name] for feature in self._numbers if feature.dtype == pl.Boolean]
        self._all = (1 << len(self._names)) - 1
        self._of_view = [[place for name, place in place.items() if of[name] == view] for view in views]

    def pack(self, rows: pl.DataFrame, data_version: str) -> list[tuple[bytes, bytes]]:
        """Give (key, bytes) of every row, sorted by key."""
        definition = self.definition
        rows = rows.sort(definition.entity)
        records = np.zeros(rows.height, dtype=self._record)
        records["mark"], records["data_version"] = self._mark, bytes.fromhex(data_version)
        records["decided_at"] = rows.get_column(DECIDED_AT).to_physical().to_numpy()
        for number, view in enumerate(definition.view_names):
            known = rows.get_column(f"{view}_known_at").to_physical()
            records["known_at"][:, number] = known.fill_null(_UNKNOWN).to_numpy()
        given = np.stack(
            [rows.get_column(feature.name).is_not_null().to_numpy() for feature in definition.features], axis=1
        )
        records["given"] = np.packbits(given, axis=1, bitorder="little")
        for number, feature in enumerate(self._numbers):
            records[f"n{number}"] = rows.get_column(feature.name).fill_null(0).to_numpy()
        texts = [rows.get_column(feature.name).fill_null("").to_list() for feature in self._texts]
        size, whole = self._record.itemsize, records.tobytes()
        packed = []
        for row, key in enumerate(rows.get_column(definition.entity).to_list()):
            body = whole[row * size : (row + 1) * size]
            for column in texts:
                text = column[row].encode()
                body += _LENGTH.pack(len(text)) + text
            packed.append((key.encode(), body + _SUM.pack(zlib.crc32(body))))
        return sorted(packed)

    def unpack(self, key: str, content: bytes, now: datetime) -> Vector:
        """Read a vector as of `now`; raise LakeBroken when its bytes are damaged or of another schema."""
        body = content[:-4]
        if len(content) < self._fixed.size + 4 or _SUM.unpack(content[-4:])[0] != zlib.crc32(body):
            raise LakeBroken(f"the cached vector of {key!r} is damaged", hint="the cache is rebuilt from the lake")
        mark, data_version, decided, *rest = self._fixed.unpack_from(body)
        if mark != self._mark:
            raise LakeBroken(
                f"the cached vector of {key!r} has another schema", hint="the cache is rebuilt from the lake"
            )
        views = self._views
        known, given, numbers = rest[: len(views)], int.from_bytes(rest[len(views)], "little"), rest[len(views) + 1 :]
        instant = (now - _EPOCH) // _MICROSECOND
        ages = [None if at == _UNKNOWN else instant - at for at in known]
        past = [
            limit is not None and (instant - decided if age is None else age) > limit
            for age, limit in zip(ages, self._limits, strict=True)
        ]
        stored = [*numbers, *self._read_texts(body)]
        values = [stored[place] for place in self._stored]
        for place in self._booleans:
            values[place] = bool(values[place])
        lacking = self._all & ~given
        while lacking:
            last = lacking.bit_length() - 1
            values[last] = None
            lacking -= 1 << last
        for places, over in zip(self._of_view, past, strict=True):
            if over:
                for place in places:
                    values[place] = None
        return Vector(
            key=key,
            decided_at=_EPOCH + timedelta(microseconds=decided),
            values=dict(zip(self._names, values, strict=True)),
            ages={
                view: None if age is None else timedelta(microseconds=age)
                for view, age in zip(views, ages, strict=True)
            },
            expired=tuple(view for view, over in zip(views, past, strict=True) if over),
            set_version=self.set_version,
            data_version=data_version.hex(),
        )

    def _read_texts(self, body: bytes) -> list[str]:
        texts, at = [], self._fixed.size
        for _ in self._texts:
            [length] = _LENGTH.unpack_from(body, at)
            texts.append(body[at + 2 : at + 2 + length].decode())
            at += 2 + length
        return texts
