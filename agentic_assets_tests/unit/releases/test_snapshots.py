"""Sources are kept by content, each file once, and come back as they were or not at all."""

import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, func, insert, select, update

from agentic_assets.errors import ReleaseBroken
from agentic_assets.evidence import Domain
from agentic_assets.home import Home
from agentic_assets.pipeline import Calendar, Graph
from agentic_assets.releases import Snapshots
from agentic_assets.releases.snapshots import SNAPSHOTS
from agentic_assets.store import Store
from agentic_assets.store.schema import snapshot_files, snapshots
from agentic_assets.versions import of_bytes
from agentic_assets_tests.unit.releases.conftest import Toy


def test_the_same_sources_are_kept_once_and_have_one_name(toy: Toy, store: Store) -> None:
    first = Snapshots(store).save(toy.load())
    assert Snapshots(store).save(toy.load()) == first
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(snapshots)).scalar() == 1


def test_a_file_that_did_not_change_is_kept_once_for_all_snapshots(toy: Toy, store: Store) -> None:
    first, second = (Snapshots(store).save(toy.value(value)) for value in (1, 2))
    assert first != second
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(snapshot_files)).scalar() == 3


def test_a_domain_put_together_by_hand_has_nothing_to_keep(store: Store) -> None:
    from datetime import date

    made = Domain("x", "X", "", "me", Graph(Calendar("UTC", date(2024, 1, 1), date(2024, 1, 2)), ()), (), "")
    assert Snapshots(store).save(made) == ""


def test_an_older_version_is_loaded_when_the_folder_has_moved_on(toy: Toy, home: Home, store: Store) -> None:
    kept = Snapshots(store).save(toy.value(1))
    toy.value(2)
    again = Snapshots(store)
    assert again.load(kept, home).description == "1"
    assert again.load(kept, home) is again.load(kept, home)
    assert toy.load().description == "2"


def test_a_digest_that_nobody_saved_is_named(home: Home, store: Store) -> None:
    with pytest.raises(ReleaseBroken, match="0123456789ab are not in this store"):
        Snapshots(store).load("0123456789abcdef" * 4, home)


def test_a_file_that_is_missing_in_the_store_is_named(toy: Toy, home: Home, store: Store) -> None:
    kept = Snapshots(store).save(toy.value(7))
    with store.transaction() as connection:
        connection.execute(delete(snapshot_files).where(snapshot_files.c.digest == of_bytes(b"VALUE = 7\n")))
    with pytest.raises(ReleaseBroken, match=r"1 of the 2 files .* toy/numbers\.py"):
        Snapshots(store).load(kept, home)


def test_a_file_that_was_edited_in_the_store_is_named(toy: Toy, home: Home, store: Store) -> None:
    kept = Snapshots(store).save(toy.value(7))
    with store.transaction() as connection:
        edited = update(snapshot_files).where(snapshot_files.c.digest == of_bytes(b"VALUE = 7\n"))
        connection.execute(edited.values(content=zlib.compress(b"VALUE = 8\n")))
    with pytest.raises(ReleaseBroken, match=r"numbers\.py"):
        Snapshots(store).load(kept, home)


def test_a_list_of_files_that_was_edited_is_refused(toy: Toy, home: Home, store: Store) -> None:
    kept = Snapshots(store).save(toy.value(7))
    other = of_bytes(b"VALUE = 8\n")
    with store.transaction() as connection:
        connection.execute(insert(snapshot_files), [{"digest": other, "content": zlib.compress(b"VALUE = 8\n")}])
        said = str(connection.execute(select(snapshots.c.files)).scalar_one())
        connection.execute(update(snapshots).values(files=said.replace(of_bytes(b"VALUE = 7\n"), other)))
    with pytest.raises(ReleaseBroken, match="not as they were recorded"):
        Snapshots(store).load(kept, home)


@pytest.mark.parametrize("by_hand", ["numbers.py", "more.py"])
def test_an_unpacked_folder_that_was_edited_by_hand_is_unpacked_again(
    toy: Toy, home: Home, store: Store, by_hand: str
) -> None:
    kept = Snapshots(store).save(toy.value(7))
    toy.value(8)
    folder = home.root / SNAPSHOTS / kept[:16]
    (folder / "toy").mkdir(parents=True)
    (folder / "toy" / by_hand).write_text("VALUE = 9\n")
    assert Snapshots(store).load(kept, home).description == "7"
    assert sorted(file.name for file in folder.rglob("*.py")) == ["__init__.py", "numbers.py"]


def test_several_threads_that_load_one_version_get_the_same(toy: Toy, home: Home, store: Store) -> None:
    kept = Snapshots(store).save(toy.value(3))
    toy.value(4)
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda _: Snapshots(store).load(kept, home), range(16)))
    assert {id(domain) for domain in loaded} == {id(loaded[0])}
    assert loaded[0].description == "3"


def test_two_processes_that_unpack_at_once_both_find_the_files(toy: Toy, home: Home, store: Store) -> None:
    """Each of the threads stands for a process: it unpacks for itself, and none sees half of another's files."""
    kept = Snapshots(store).save(toy.value(5))
    found = Snapshots(store)
    snapshot = found.get(kept)
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: found._unpacked(snapshot, home), range(24)))
    assert {*folders} == {home.root / SNAPSHOTS / kept[:16]}
    assert (folders[0] / "toy" / "numbers.py").read_text() == "VALUE = 5\n"
    assert [file.name for file in folders[0].parent.iterdir()] == [kept[:16]]


def test_several_that_mend_one_broken_folder_at_once_take_no_whole_one_away(toy: Toy, home: Home, store: Store) -> None:
    kept = Snapshots(store).save(toy.value(5))
    found = Snapshots(store)
    snapshot = found.get(kept)
    folder = home.root / SNAPSHOTS / kept[:16]

    def read(_: int) -> str:
        return (found._unpacked(snapshot, home) / "toy" / "numbers.py").read_text()

    with ThreadPoolExecutor(8) as pool:
        for _ in range(12):
            (folder / "toy").mkdir(parents=True, exist_ok=True)
            (folder / "toy" / "numbers.py").write_text("VALUE = 9\n")
            assert {*pool.map(read, range(8))} == {"VALUE = 5\n"}
