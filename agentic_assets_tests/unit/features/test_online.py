"""Features online: what was published, with its age; null when too old; never half, never of a damaged file."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from agentic_assets.errors import ConfigInvalid, LakeBroken, NotFound, PointInTimeViolation
from agentic_assets.features import Declared, FeatureSet
from agentic_assets.features.online import Cache, Layout, OnlineFeatures
from agentic_assets.versions import of_frame
from agentic_assets_tests.unit.features.shop import NOON
from agentic_assets_tests.unit.features.test_proofs import DAYS, INPUTS, honest

HOUR = timedelta(hours=1)


class Lake:
    """Published partitions by name, as a test may change them."""

    def __init__(self) -> None:
        made = honest().compute(INPUTS, DAYS)
        self.parts = {str(day): part for (day,), part in made.partition_by("day", as_dict=True).items()}
        self.read: list[str] = []

    def published(self) -> dict[str, str]:
        return {name: of_frame(part) for name, part in self.parts.items()}

    def rows(self, name: str) -> pl.DataFrame:
        self.read.append(name)
        return self.parts[name]


@pytest.fixture
def lake() -> Lake:
    return Lake()


@pytest.fixture
def online(lake: Lake, tmp_path: Path) -> Iterator[OnlineFeatures]:
    served = OnlineFeatures(honest(), tmp_path, published=lake.published, rows=lake.rows)
    served.refresh()
    yield served
    served.close()


def living(hours: float) -> FeatureSet:
    [view] = honest().views
    assert isinstance(view, Declared)
    return replace(honest(), views=(replace(view, time_to_live=timedelta(hours=hours)),))


def test_a_vector_has_every_value_that_was_published_with_its_age_and_version(
    online: OnlineFeatures, lake: Lake
) -> None:
    for name, part in lake.parts.items():
        for row in part.to_dicts():
            now = row["decided_at"] + HOUR
            vector = online.get(row["order"], now=now)
            assert vector.values == {feature.name: row[feature.name] for feature in honest().features}
            known = row["seen_known_at"]
            assert vector.ages == {"seen": None if known is None else now - known}
            assert (vector.decided_at, vector.data_version) == (row["decided_at"], lake.published()[name])
            assert vector.set_version == "shop@1.0.0"
            assert vector.expired == ()


def test_values_past_their_time_to_live_are_null_and_say_so(lake: Lake, tmp_path: Path) -> None:
    served = OnlineFeatures(living(6), tmp_path, published=lake.published, rows=lake.rows)
    served.refresh()
    row = next(row for row in lake.parts[str(DAYS[1])].to_dicts() if row["seen_known_at"] is not None)
    fresh = served.get(row["order"], now=row["seen_known_at"] + 6 * HOUR)
    stale = served.get(row["order"], now=row["seen_known_at"] + 6 * HOUR + timedelta(microseconds=1))
    assert fresh.expired == ()
    assert stale.expired == ("seen",)
    assert set(stale.values.values()) == {None}
    assert stale.ages["seen"] == 6 * HOUR + timedelta(microseconds=1)
    served.close()


def test_without_any_fact_the_age_counts_from_the_decision(lake: Lake, tmp_path: Path) -> None:
    never = pl.lit(None, pl.Datetime("us", "UTC"))
    lake.parts = {name: part.with_columns(seen_known_at=never) for name, part in lake.parts.items()}
    served = OnlineFeatures(living(6), tmp_path, published=lake.published, rows=lake.rows)
    served.refresh()
    row = lake.parts[str(DAYS[0])].row(0, named=True)
    assert served.get(row["order"], now=row["decided_at"] + 6 * HOUR).expired == ()
    assert served.get(row["order"], now=row["decided_at"] + 7 * HOUR).expired == ("seen",)
    served.close()


def test_a_vector_is_not_served_before_its_decision(online: OnlineFeatures) -> None:
    with pytest.raises(PointInTimeViolation, match="is known from"):
        online.get("order 21", now=NOON - 20 * HOUR)


def test_a_moment_without_time_zone_is_refused(online: OnlineFeatures) -> None:
    with pytest.raises(PointInTimeViolation, match="has no time zone"):
        online.get("order 21", now=datetime(2020, 6, 11))  # noqa: DTZ001


@pytest.mark.parametrize("key", ["nobody", "", "x" * 10_000])
def test_an_unknown_entity_is_named(online: OnlineFeatures, key: str) -> None:
    with pytest.raises(NotFound, match="has no vector of"):
        online.get(key, now=NOON)


def test_a_refresh_reads_only_what_changed(online: OnlineFeatures, lake: Lake) -> None:
    lake.read.clear()
    assert online.refresh().written == 0
    lake.parts[str(DAYS[0])] = lake.parts[str(DAYS[0])].with_columns(weight_5h=pl.lit(7.0))
    refreshed = online.refresh()
    assert (refreshed.written, lake.read) == (1, [str(DAYS[0])])
    row = lake.parts[str(DAYS[0])].row(0, named=True)
    assert online.get(row["order"], now=NOON + 9 * HOUR).values["weight_5h"] == 7.0


def test_entities_and_partitions_that_left_the_lake_leave_the_cache(online: OnlineFeatures, lake: Lake) -> None:
    first, second = (str(day) for day in DAYS)
    gone, kept = lake.parts[first].row(0, named=True)["order"], lake.parts[first].row(1, named=True)["order"]
    lake.parts[first] = lake.parts[first].slice(1)
    other = lake.parts.pop(second).row(0, named=True)["order"]
    assert online.refresh().dropped == 1
    assert online.get(kept, now=NOON + 9 * HOUR).key == kept
    for key in (gone, other):
        with pytest.raises(NotFound):
            online.get(key, now=NOON + 99 * HOUR)


def test_a_lost_cache_is_made_again(lake: Lake, tmp_path: Path) -> None:
    first = OnlineFeatures(honest(), tmp_path, published=lake.published, rows=lake.rows)
    first.refresh()
    first.cache.delete()
    second = OnlineFeatures(honest(), tmp_path, published=lake.published, rows=lake.rows)
    assert second.refresh().vectors == 33
    second.close()


@pytest.mark.parametrize("damage", ["truncated", "overwritten", "empty"])
def test_a_damaged_cache_is_rebuilt_from_the_lake(lake: Lake, tmp_path: Path, damage: str) -> None:
    first = OnlineFeatures(honest(), tmp_path, published=lake.published, rows=lake.rows)
    first.refresh()
    first.close()
    file = first.cache.folder / "data.mdb"
    size = file.stat().st_size
    with file.open("r+b") as opened:
        if damage == "truncated":
            opened.truncate(size // 2)
        elif damage == "empty":
            opened.truncate(100)
        else:
            opened.write(os.urandom(8192))
    second = OnlineFeatures(honest(), tmp_path, published=lake.published, rows=lake.rows)
    refreshed = second.refresh()
    assert (refreshed.rebuilt, refreshed.vectors) == (True, 33)
    assert second.get("order 3", now=NOON + 99 * HOUR).key == "order 3"
    second.close()


def test_a_flipped_byte_of_a_vector_is_never_served(online: OnlineFeatures, lake: Lake) -> None:
    content = online.cache.read("order 3")
    assert content is not None
    for place in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[place] ^= 1
        online.cache.publish({"2020-06-09": ("0" * 64, [(b"order 3", bytes(damaged))])})
        vector = online.get("order 3", now=NOON + 99 * HOUR)  # read again from the lake
        assert vector.data_version in lake.published().values()
        assert online.cache.read("order 3") == content


def test_a_cache_of_another_schema_is_rebuilt(lake: Lake, tmp_path: Path) -> None:
    layout = Layout(honest())
    cache = Cache(tmp_path / layout.set_version, "another")
    cache.open()
    cache.close()
    served = OnlineFeatures(honest(), tmp_path, published=lake.published, rows=lake.rows)
    assert served.refresh().rebuilt
    served.close()


def test_two_versions_of_a_set_lie_side_by_side(online: OnlineFeatures, lake: Lake, tmp_path: Path) -> None:
    newer = OnlineFeatures(replace(honest(), version="2.0.0"), tmp_path, published=lake.published, rows=lake.rows)
    newer.refresh()
    assert newer.get("order 3", now=NOON + 99 * HOUR).set_version == "shop@2.0.0"
    assert online.get("order 3", now=NOON + 99 * HOUR).set_version == "shop@1.0.0"
    newer.close()


def test_a_key_that_the_cache_cannot_hold_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    cache = Cache(tmp_path, "schema")
    cache.publish({"day": ("1", [(b"a", b"old")])})
    with pytest.raises(ConfigInvalid, match="longer than 500 bytes"):
        cache.publish({"day": ("2", [(b"a", b"new"), (b"k" * 501, b"x")])})
    assert (cache.read("a"), cache.partitions()) == (b"old", {"day": "1"})
    cache.close()


def test_a_cache_that_cannot_be_made_names_its_folder(tmp_path: Path) -> None:
    (tmp_path / "data.mdb").mkdir()
    with pytest.raises(LakeBroken, match="cannot be opened"):
        Cache(tmp_path, "schema").open()
