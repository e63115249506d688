"""Releases and activations are appended, sealed at once, and held against what was sealed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from agentic_assets.errors import LedgerBroken, NotFound, ReleaseRefused
from agentic_assets.home import Home
from agentic_assets.releases import Activation, Release, Releases
from agentic_assets.releases.activation import ROLLBACK
from agentic_assets.releases.rollback import order, plan
from agentic_assets.store import Store
from agentic_assets.store.schema import activations, releases
from agentic_assets_tests.unit.releases.conftest import Toy

GO = Activation("toy", 1, "ada", "go")


def made(toy: Toy, home: Home, store: Store, *values: int) -> Releases:
    """Make a release of each value."""
    found = Releases(store, home.keys)
    for value in values:
        found.create(toy.value(value), author="ada", reason=f"value {value}")
    return found


def kinds(found: Releases) -> list[str]:
    return [f"{what} {one.kind}" for what, breaks in found.verify("toy").items() for one in breaks]


def test_a_release_is_made_sealed_and_found_by_its_name(toy: Toy, place: Home) -> None:
    store = Store(place.store_url)
    found = made(toy, place, store, 1, 2)
    assert [one.name for one in found.of("toy")] == ["r1", "r2"]
    assert found.get("toy", "R2") == found.get("toy", 2) == found.of("toy")[1]
    assert found.sealed("toy") == 2
    assert kinds(found) == []
    store.close()


def test_who_asks_for_one_that_is_not_there_is_told_which_there_are(toy: Toy, home: Home, store: Store) -> None:
    found = made(toy, home, store, 1)
    with pytest.raises(NotFound, match="there are r1"):
        found.get("toy", "r9")


def test_what_the_newest_release_holds_already_is_refused(toy: Toy, home: Home, store: Store) -> None:
    found = made(toy, home, store, 1)
    with pytest.raises(ReleaseRefused, match="toy r1 holds the same already, by ada"):
        found.create(toy.load(), author="bob", reason="again")
    found.create(toy.value(2), author="bob", reason="other")
    assert found.create(toy.value(1), author="bob", reason="back").number == 3


def test_an_activation_is_sealed_and_the_same_again_is_refused(toy: Toy, place: Home) -> None:
    store = Store(place.store_url)
    found = made(toy, place, store, 1)
    assert found.activate(GO).number == 1
    with pytest.raises(ReleaseRefused, match="in force already for everything"):
        found.activate(replace(GO, author="bob"))
    with pytest.raises(ReleaseRefused, match="in force already for these days"):
        found.activate(replace(GO, partitions=("2024-01-02",)))
    assert found.activate(replace(GO, kind=ROLLBACK)).number == 2
    assert (found.sealed("toy"), kinds(found)) == (3, [])
    store.close()


def test_a_release_can_be_put_in_force_for_everything_after_a_day_got_another(
    toy: Toy, home: Home, store: Store
) -> None:
    found = made(toy, home, store, 1, 2)
    found.activate(GO)
    found.activate(replace(GO, release=2, partitions=("2024-01-02",)))
    found.activate(GO)
    assert found.in_force("toy").scoped == {}


def test_a_release_that_is_not_there_cannot_be_put_in_force(toy: Toy, home: Home, store: Store) -> None:
    with pytest.raises(NotFound):
        made(toy, home, store).activate(GO)


def test_of_people_who_act_at_the_same_moment_one_wins_and_the_others_are_told(toy: Toy, place: Home) -> None:
    store = Store(place.store_url)
    found = made(toy, place, store, 1, 2)

    def order(number: int) -> bool:
        try:
            found.activate(replace(GO, release=number % 2 + 1, reason=f"order {number}", kind=ROLLBACK))
        except ReleaseRefused:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        won = sum(pool.map(order, range(8)))
    assert 1 <= won == len(found.activations("toy"))
    assert (found.sealed("toy"), kinds(found)) == (2 + won, [])
    store.close()


def test_what_a_crash_left_unsealed_is_sealed_by_the_next_call(
    toy: Toy, home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = made(toy, home, store, 1)
    with monkeypatch.context() as crashing:
        crashing.setattr(Releases, "seal", lambda self, domain: 0)
        found.activate(GO)
        found.create(toy.value(2), author="ada", reason="value 2")
    assert kinds(found) == ["releases unsealed", "activations unsealed"]
    found.create(toy.value(3), author="ada", reason="value 3")
    assert (found.sealed("toy"), kinds(found)) == (4, [])


def test_ordering_again_what_a_crash_left_unsealed_seals_it_and_records_nothing(
    toy: Toy, home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = made(toy, home, store, 1)
    with monkeypatch.context() as crashing:
        crashing.setattr(Releases, "seal", lambda self, domain: 0)
        found.activate(GO)
    assert kinds(found) == ["activations unsealed"]
    planned = plan(toy.load(), home, store, found.get("toy", 1))
    assert order(found, planned, author="ada", reason="go") is None
    assert (len(found.activations("toy")), kinds(found)) == (1, [])


def test_an_edited_release_is_refused_and_named_by_verify(toy: Toy, home: Home, store: Store) -> None:
    found = made(toy, home, store, 1)
    with store.transaction() as connection:
        connection.execute(update(releases).values(reason="another"))
    with pytest.raises(LedgerBroken, match="release 1 of toy is not the one that was recorded"):
        found.of("toy")
    assert kinds(found) == ["releases flipped"]


def test_an_edited_release_with_a_digest_that_fits_is_found_by_the_ledger(toy: Toy, home: Home, store: Store) -> None:
    found = made(toy, home, store, 1)
    forged: Release = replace(found.of("toy")[0], author="eve")
    with store.transaction() as connection:
        connection.execute(update(releases).values(author="eve", digest=forged.digest))
    assert found.of("toy")[0].author == "eve"
    assert sorted(kinds(found)) == ["releases added", "releases dropped"]


def test_a_number_that_is_missing_is_named(toy: Toy, home: Home, store: Store) -> None:
    found = made(toy, home, store, 1, 2, 3)
    with store.transaction() as connection:
        connection.execute(delete(releases).where(releases.c.number == 2))
    with pytest.raises(LedgerBroken, match="lack number 2"):
        found.of("toy")


def test_a_newest_activation_that_was_cut_off_is_named(toy: Toy, home: Home, store: Store) -> None:
    found = made(toy, home, store, 1, 2)
    found.activate(GO)
    found.activate(replace(GO, release=2))
    with store.transaction() as connection:
        connection.execute(delete(activations).where(activations.c.number == 2))
    assert kinds(found) == ["activations dropped"]


def test_two_domains_of_one_store_count_and_seal_for_themselves(toy: Toy, home: Home, store: Store) -> None:
    found = made(toy, home, store, 1)
    other = replace(toy.load(), name="other")
    assert found.create(other, author="ada", reason="x").number == 1
    assert (found.sealed("toy"), found.sealed("other")) == (1, 1)


def test_reading_what_was_never_released_makes_no_key(tmp_path: Path, home: Home, store: Store) -> None:
    found = Releases(store, home.keys)
    assert (found.of("toy"), found.sealed("toy"), kinds(found)) == ((), 0, [])
    assert not home.keys.exists()
