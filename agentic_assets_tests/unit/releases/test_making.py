"""Each partition is made under the release in force for it, and says from which sources it was made."""

from dataclasses import replace

import pytest

from agentic_assets.domains import governed_domain
from agentic_assets.errors import NotFound
from agentic_assets.evidence import Reading
from agentic_assets.home import Home
from agentic_assets.pipeline import PartitionResult, State
from agentic_assets.releases import Activation, Makers, Releases, made_from
from agentic_assets.releases.rollback import plan
from agentic_assets.releases.snapshots import SNAPSHOTS
from agentic_assets.simulation import State as Replays
from agentic_assets.simulation import replay
from agentic_assets.store import Store
from agentic_assets_tests.unit.releases.conftest import Toy

DAYS = ("2024-01-01", "2024-01-02", "2024-01-03")
ASSETS = ("raw/toy", "raw/double")
GO = Activation("toy", 1, "ada", "go")


def values(makers: Makers, asset: str = "raw/toy") -> list[int]:
    engine = makers.engine
    engine.reload()
    files = [entry.file for entry in engine.entries(asset).values()]
    return engine.lake.open(asset).scan_files(files).collect().sort("day").get_column("value").to_list()


def run(makers: Makers, asset: str = "raw/toy") -> list[PartitionResult]:
    return makers.run(asset, DAYS, run_id="run")


def test_days_are_made_under_the_release_that_holds_for_each(toy: Toy, place: Home) -> None:
    store = Store(place.store_url)
    releases = Releases(store, place.keys)
    for value in (1, 2):
        releases.create(toy.value(value), author="ada", reason="x")
    releases.activate(GO)
    releases.activate(replace(GO, release=2, partitions=DAYS[1:2]))
    makers = Makers(toy.value(3), place, store=store)
    results = [*run(makers), *run(makers, "raw/double")]
    assert {result.state for result in results} == {State.PUBLISHED}
    assert (values(makers), values(makers, "raw/double")) == ([1, 2, 1], [2, 4, 2])
    named = [result.entry.details["sources"] for result in results if result.entry is not None]
    one, two = (release.sources for release in releases.of("toy"))
    assert named == [one, two, one] * 2
    assert made_from(store) == {one: 4, two: 2}
    makers.close()


def test_only_what_another_release_changes_is_made_again(toy: Toy, home: Home, store: Store) -> None:
    releases = Releases(store, home.keys)
    for value in (1, 2):
        releases.create(toy.value(value), author="ada", reason="x")
    run(Makers(toy.value(1), home, store=store))
    releases.activate(replace(GO, release=2, partitions=DAYS[:1]))
    after = run(Makers(toy.value(1), home, store=store))
    assert [result.state for result in after] == [State.PUBLISHED, State.UNCHANGED, State.UNCHANGED]


def test_an_asset_that_a_release_lacks_is_blocked_and_says_so(toy: Toy, home: Home, store: Store) -> None:
    source = (toy.folder / "__init__.py").read_text()
    toy.write("__init__.py", source.replace("tuple(nodes)", "tuple(nodes[:1])"))
    releases = Releases(store, home.keys)
    releases.create(toy.load(), author="ada", reason="without the double")
    releases.activate(replace(GO, partitions=DAYS[:1]))
    toy.write("__init__.py", source)
    makers = Makers(toy.load(), home, store=store)
    run(makers)
    results = run(makers, "raw/double")
    assert [result.state for result in results] == [State.BLOCKED, State.PUBLISHED, State.PUBLISHED]
    assert "the release toy r1 in force for it has no raw/double" in results[0].message


def test_what_is_in_force_is_loaded_and_the_folder_is_not_even_imported(toy: Toy, home: Home, store: Store) -> None:
    releases = Releases(store, home.keys)
    releases.create(toy.value(1), author="ada", reason="x")
    assert governed_domain("toy", home).description == "1"
    releases.activate(GO)
    toy.write("__init__.py", "half a thought(")
    assert governed_domain("toy", home).description == "1"
    with pytest.raises(SyntaxError):
        toy.load()


def test_the_folder_itself_is_given_where_it_is_what_was_released(toy: Toy, home: Home, store: Store) -> None:
    releases = Releases(store, home.keys)
    releases.create(toy.value(1), author="ada", reason="x")
    releases.activate(GO)
    governed_domain("toy", home)
    assert not (home.root / SNAPSHOTS).exists()


def test_a_name_that_no_folder_has_is_not_governed(toy: Toy, home: Home) -> None:
    with pytest.raises(NotFound, match="there is no domain 'nobody'"):
        governed_domain("nobody", home)


def test_a_release_whose_columns_are_some_of_todays_brings_its_bytes_back(toy: Toy, home: Home, store: Store) -> None:
    """`raw/double` hands on whatever columns it reads: an older version must not see those that came later."""
    releases = Releases(store, home.keys)
    first = toy.value(1)
    releases.create(first, author="ada", reason="x")
    before = [*run(Makers(first, home, store=store)), *run(Makers(first, home, store=store), "raw/double")]
    source = (toy.folder / "__init__.py").read_text()
    wider = source.replace('"value": [VALUE]', '"more": [7], "value": [VALUE]')
    toy.write("__init__.py", wider.replace('"value": pl.Int64()}', '"more": pl.Int64(), "value": pl.Int64()}'))
    second = toy.load()
    releases.create(second, author="ada", reason="one column more")
    releases.activate(replace(GO, release=2))
    assert {one.state for asset in ASSETS for one in run(Makers(second, home, store=store), asset)} == {State.PUBLISHED}
    releases.activate(replace(GO, release=1, partitions=DAYS[:2]))
    expected = plan(second, home, store, releases.get("toy", 1), DAYS[:2]).remade
    assert [one.restores for one in expected] == [_version(one) for one in before if one.partition in DAYS[:2]]
    made = {asset: run(Makers(second, home, store=store), asset) for asset in ASSETS}
    back = [_version(one) for asset in ASSETS for one in made[asset][:2]]
    assert back == [_version(one) for one in before if one.partition in DAYS[:2]]
    assert [one.state for asset in ASSETS for one in made[asset][2:]] == [State.UNCHANGED] * 2
    wide = Reading(second, home).current("raw/double", DAYS).sort("day")
    assert wide.columns == ["day", "more", "value"]
    assert wide.get_column("more").to_list() == [None, None, 7]
    assert Reading(first, home).current("raw/double", DAYS).columns == ["day", "value"]
    reading = Reading(second, home)
    entries = [entry for name in DAYS for entry in reading.manifest.history("raw/double", name)]
    assert {one.state for one in replay(reading, entries)} == {Replays.IDENTICAL}
    reading.close()


def test_a_release_that_reads_what_the_one_in_force_has_no_more_is_foreseen(toy: Toy, home: Home, store: Store) -> None:
    releases = Releases(store, home.keys)
    first = toy.value(1)
    releases.create(first, author="ada", reason="x")
    for asset in ASSETS:
        run(Makers(first, home, store=store), asset)
    source = (toy.folder / "__init__.py").read_text()
    toy.write(
        "__init__.py",
        source.replace("double, of_code(double)", "make, of_code(make)")
        .replace(', inputs=(Input("raw/toy"),)', "")
        .replace("tuple(nodes)", "tuple(nodes[1:])"),
    )
    second = toy.load()
    releases.create(second, author="ada", reason="alone")
    releases.activate(replace(GO, release=2))
    run(Makers(second, home, store=store), "raw/double")
    planned = plan(second, home, store, releases.get("toy", 1), DAYS[:1])
    assert [(one.asset, one.partition) for one in planned.remade] == [("raw/double", DAYS[0])]
    assert planned.remade[0].restores is not None


def _version(made: PartitionResult) -> str:
    assert made.entry is not None
    return made.entry.data_version
