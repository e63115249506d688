"""What nothing retained needs goes, whatever the past was; everything else stays, readable."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from agentic_assets.errors import ReleaseBroken, ReleaseRefused, VersionVacuumed
from agentic_assets.lake import Lake, Table
from agentic_assets.pipeline import Entry, Restoration, Restorations, Vacuumed, open_lake
from agentic_assets.releases.retention import FLOOR_DAYS, Why, clean
from agentic_assets.releases.snapshots import Snapshots
from agentic_assets.store.schema import manifest, snapshot_files, snapshots
from agentic_assets.versions import of_frame
from agentic_assets_tests.unit.releases.histories import (
    ASSETS,
    DAYS,
    NOW,
    Past,
    Publication,
    cleaned,
    domain,
    old,
    on_disk,
    planned,
)

ROWS, SUMS, CLERK = ASSETS
FIRST = DAYS[0]


@st.composite
def pasts(draw: st.DrawFn) -> tuple[list[Publication], int | None]:
    """Publications, oldest first, each reading earlier ones of the asset before it; and one that is ordered back."""
    ages = sorted(draw(st.lists(st.integers(0, 400), min_size=4, max_size=9)), reverse=True)
    made: list[Publication] = []
    for age in ages:
        asset = draw(st.sampled_from(ASSETS))
        before = ASSETS[max(ASSETS.index(asset) - 1, 0)]
        readable = [] if asset == ROWS else [place for place, one in enumerate(made) if one.asset == before]
        # Nobody reads one day twice.
        days = st.lists(st.sampled_from(readable), max_size=2, unique_by=lambda place: made[place].day)
        read = draw(days) if readable else []
        made.append(Publication(asset, draw(st.sampled_from(DAYS)), draw(st.integers(0, 2)), age, tuple(read)))
    back = draw(st.none() | st.integers(0, len(made) - 1))
    return made, back


def _needed(past: Past, back: int | None) -> set[tuple[str, str]]:
    """Say by the plain definition what has to stay: start from the roots, add what they read until nothing is new."""
    several = list(zip(past.publications, past.entries, strict=True))
    keep = set()
    for place, (one, _) in enumerate(several):
        later = [other for other, _ in several[place + 1 :] if (other.asset, other.day) == (one.asset, one.day)]
        decided = one.asset == CLERK and one.age <= FLOOR_DAYS
        ordered = None if back is None else max(_same(past, past.entries[back]))
        if not later or decided or later[0].age <= 1 or place == ordered:
            keep.add(place)
    while True:
        more = set()
        for place in keep:
            for read in past.publications[place].read:
                same = _same(past, past.entries[read])
                more |= {max(same), max(other for other in same if other < place)}
        if more <= keep:
            break
        keep |= more
    return {(past.entries[place].asset, past.entries[place].file) for place in keep}


def _same(past: Past, entry: Entry) -> list[int]:
    """Give the places of everything that was published with the same bytes for the same day."""
    wanted = (entry.asset, entry.partition, entry.data_version)
    return [place for place, one in enumerate(past.entries) if (one.asset, one.partition, one.data_version) == wanted]


@given(pasts())
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.generate],
)
def test_exactly_what_can_be_reached_from_something_retained_stays(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[list[Publication], int | None]
) -> None:
    publications, back = case
    root = tmp_path_factory.mktemp("past") / "home"
    past = Past(root, publications)
    try:
        if back is not None:
            past.restore(back)
        needed = _needed(past, back)
        every = on_disk(past)
        done = cleaned(past)
        assert on_disk(past) == needed
        assert done.files == len(every - needed)
        assert planned(past).empty
        lake = open_lake(domain().graph, past.home, past.store)
        for entry in past.entries:
            if (entry.asset, entry.file) in needed:
                assert of_frame(lake.open(entry.asset).read_file(entry.file)) == entry.data_version
            else:
                with pytest.raises(VersionVacuumed, match="was vacuumed on 2027-06-01 by ada"):
                    lake.open(entry.asset).read_file(entry.file)
    finally:
        past.store.close()
        shutil.rmtree(root)


SUPERSEDED = (
    Publication(ROWS, FIRST, 0, 300),
    Publication(SUMS, FIRST, 0, 300, (0,)),
    Publication(CLERK, FIRST, 0, 300, (1,)),
    Publication(ROWS, FIRST, 1, 250),
    Publication(SUMS, FIRST, 1, 250, (3,)),
    Publication(CLERK, FIRST, 1, 250, (4,)),
)


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Past]:
    """Everything of a day was made anew 250 days ago."""
    made = Past(tmp_path / "home", SUPERSEDED)
    yield made
    made.store.close()


def test_a_plan_removes_nothing_and_says_what_stays_and_why(past: Past) -> None:
    before = on_disk(past)
    plan = planned(past)
    assert on_disk(past) == before
    assert {(one.table, one.file) for one in plan.files} == {(one.asset, one.file) for one in past.entries[:3]}
    assert plan.kept == {Why.CURRENT: 3}
    assert plan.to_dict()["by_asset"][ROWS]["files"] == 1


@pytest.mark.parametrize("days", [0, 30, FLOOR_DAYS - 1])
def test_fewer_days_than_the_law_asks_for_are_refused(past: Past, days: int) -> None:
    with pytest.raises(ReleaseRefused, match="183 days at the least"):
        planned(past, keep_days=days)


def test_more_days_keep_more(past: Past) -> None:
    assert planned(past, keep_days=365).empty


def test_a_file_left_by_a_crash_goes_when_it_is_old_and_stays_while_a_run_may_want_it(past: Past) -> None:
    table = Lake(past.home.lake).open(ROWS)
    frame = pl.DataFrame({"value": [7]})
    staged = [table.stage(FIRST, frame).path for _ in range(2)]
    lost = table.path / "partition=2027-01-01" / f"{'0' * 64}.parquet"
    lost.parent.mkdir(exist_ok=True)
    lost.write_bytes(staged[0].read_bytes())
    old(staged[0], 2)
    old(staged[1], 0.5)
    old(lost, 2)
    cleaned(past)
    assert [path.exists() for path in (*staged, lost)] == [False, True, False]


def test_a_cut_off_removal_is_finished_by_the_next_one(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(past)
    delete = Table.delete

    def die(table: Table, files: list[str]) -> list[str]:
        if table.name == SUMS:
            raise KeyboardInterrupt
        return delete(table, files)

    with monkeypatch.context() as patch:
        patch.setattr(Table, "delete", die)
        with pytest.raises(KeyboardInterrupt):
            clean(plan, past.home, past.store, identity="ada", now=NOW)
    assert Vacuumed(past.store).said(CLERK, past.entries[2].file)
    cleaned(past)
    assert on_disk(past) == {(one.asset, one.file) for one in past.entries[3:]}


def test_what_changed_since_the_plan_stops_the_removal(past: Past) -> None:
    plan = planned(past)
    before = on_disk(past)
    past.restore(1)
    with pytest.raises(ReleaseRefused, match="since this was planned; nothing was removed"):
        clean(plan, past.home, past.store, identity="ada", now=NOW)
    assert on_disk(past) == before
    cleaned(past)
    stays = {(one.asset, one.file) for one in (*past.entries[:2], *past.entries[3:])}
    assert on_disk(past) == stays


def test_nobody_orders_back_what_was_vacuumed_meanwhile(past: Past) -> None:
    cleaned(past)
    order = Restoration(ROWS, FIRST, past.entries[0].data_version, "a test", "bob")
    with pytest.raises(VersionVacuumed, match="was vacuumed on 2027-06-01 by ada; nothing was recorded"):
        Restorations(past.store).record(order, file=past.entries[0].file)
    assert Restorations(past.store).of(ROWS) == {}


def test_the_lake_of_another_store_is_left_alone(past: Past, tmp_path: Path) -> None:
    other = Past(tmp_path / "other", SUPERSEDED[:1])
    try:
        shutil.rmtree(other.home.lake)
        shutil.copytree(past.home.lake, other.home.lake)
        plan = planned(other)
        assert plan.empty
        assert "is it the store of this lake?" in plan.alone[CLERK]
    finally:
        other.store.close()


def test_what_was_quarantined_is_left_alone_with_its_asset(past: Past, tmp_path: Path) -> None:
    other = Past(tmp_path / "other", [Publication(ROWS, FIRST, 5, 300)])
    try:
        aside = Lake(past.home.lake).table(f"quarantine/{ROWS}", {"value": pl.Int64()}, partitioned=True)
        for number in (1, 2):
            refused = aside.stage(FIRST, pl.DataFrame({"value": [number]}))
            published = aside.publish([refused], run_id=f"run-{number}")
            old(aside.path / published.files[FIRST], 300)
        shutil.rmtree(other.home.lake)
        shutil.copytree(past.home.lake, other.home.lake)
        plan = planned(other)
        assert "is it the store of this lake?" in plan.alone[ROWS]
        assert plan.empty
    finally:
        other.store.close()


def test_assets_that_no_domain_makes_keep_everything_behind_them(past: Past) -> None:
    from agentic_assets.releases.retention import plan_cleaning

    plan = plan_cleaning([], past.home, past.store, now=NOW)
    assert plan.empty
    assert plan.alone[CLERK] == "no domain here makes it"


def test_what_came_back_after_it_was_vacuumed_is_there_and_stays(past: Past, tmp_path: Path) -> None:
    cleaned(past)
    again = Lake(past.home.lake).open(ROWS)
    frame = pl.DataFrame({"value": [0]})
    again.publish([again.stage(FIRST, frame)], run_id="run-7")
    assert (ROWS, past.entries[0].file) in on_disk(past)
    cleaned(past)
    assert (ROWS, past.entries[0].file) in on_disk(past)


def test_sources_that_made_nothing_of_what_stays_go_with_their_own_files(past: Past) -> None:
    def keep(digest: str, files: dict[str, str]) -> None:
        row = {"package": "p", "library": "1", "library_digest": "1", "recorded_at": "2027-01-01T00:00:00+00:00"}
        with past.store.transaction() as connection:
            for name in files.values():
                connection.execute(past.store.insert(snapshot_files).on_conflict_do_nothing(), [_content(name)])
            own = {"digest": digest, "domain": "invented", "files": _json(files)}
            connection.execute(insert(snapshots), [{**row, **own}])

    keep("a" * 64, {"shared.py": "1" * 64, "own.py": "2" * 64})
    keep("b" * 64, {"shared.py": "1" * 64, "other.py": "3" * 64})
    with past.store.transaction() as connection:
        connection.execute(update(manifest).where(manifest.c.id == 6).values(details=_json({"sources": "b" * 64})))
    assert planned(past).snapshots == ("a" * 64,)
    cleaned(past)
    with past.store.reading() as connection:
        assert set(connection.execute(select(snapshot_files.c.digest)).scalars()) == {"1" * 64, "3" * 64}
    with pytest.raises(ReleaseBroken, match="the snapshot of sources aaaaaaaaaaaa was vacuumed on 2027-06-01 by ada"):
        Snapshots(past.store).get("a" * 64)


def _json(value: dict[str, str]) -> str:
    return json.dumps(value)


def _content(digest: str) -> dict[str, object]:
    return {"digest": digest, "content": b""}


def test_it_works_on_postgresql(tmp_path: Path, fresh_postgres_url: str) -> None:
    past = Past(tmp_path / "home", SUPERSEDED, store_url=fresh_postgres_url)
    try:
        assert cleaned(past).files == 3
        assert on_disk(past) == {(one.asset, one.file) for one in past.entries[3:]}
        assert planned(past).empty
    finally:
        past.store.close()
