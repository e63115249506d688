"""Replay of what was decided: from what is recorded, whatever came later, compared byte for byte."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from agentic_assets.cli import cli
from agentic_assets.domains import load_domain
from agentic_assets.errors import NotFound
from agentic_assets.evidence import Reading
from agentic_assets.home import Home
from agentic_assets.orchestration import run_load
from agentic_assets.pipeline import Entry
from agentic_assets.releases import Makers, load_version
from agentic_assets.releases.snapshots import SNAPSHOTS
from agentic_assets.simulation import Replayed, Scope, State, chosen, recompute, replay, replay_decision
from agentic_assets.store.schema import vacuumed
from agentic_assets.versions import of_bytes, of_frame, sources_of
from agentic_assets_tests.homes import copied
from agentic_assets_tests.integration.released import new_loans, released, spoil
from agentic_assets_tests.unit.releases.copied import Copy
from agentic_assets_tests.unit.releases.test_lock_of_departures import CHANGES

DAYS, ROWS = 5, 6
PATH = ("proposals/delay_risk", "coordination/standby", "decisions/delay_risk")
DECISIONS, FEATURES = "decisions/loans_agent", "features/loans_known"
SECOND = "2024-01-02"


@dataclass(frozen=True)
class Loans:
    """A domain that was run under a first release, then under one whose feature set is another."""

    folder: Path
    first: Home
    second: Home
    delivered: Path


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loans]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("replay")
        patch.chdir(folder)
        patch.delenv("AGENTIC_DOMAINS", raising=False)
        new_loans(folder, days=DAYS, rows=ROWS)
        home = Home.at(folder / "home")
        released(home, "the first one")
        shutil.copytree(home.root, folder / "first")
        spoil(folder)
        released(home, "amounts without the fee")
        yield Loans(folder, Home.at(folder / "first"), home, folder / "domains" / "loans" / "data")


@pytest.fixture
def home(loans: Loans, tmp_path: Path) -> Home:
    """Give a copy of the home of both releases, elsewhere."""
    shutil.copytree(loans.second.root, tmp_path / "elsewhere")
    return Home.at(tmp_path / "elsewhere")


@pytest.fixture
def reading(home: Home) -> Iterator[Reading]:
    opened = Reading(load_domain("loans"), home)
    yield opened
    opened.close()


def states(found: tuple[Replayed, ...]) -> set[State]:
    return {one.state for one in found}


def entries_of(reading: Reading, *, older: bool = False) -> tuple[Entry, ...]:
    """Give the entries of all days on the path of decisions, current or those before."""
    current = chosen(reading, reading.domain.graph.calendar.days(), Scope())
    if not older:
        return current
    return tuple(reading.manifest.history(entry.asset, entry.partition)[0] for entry in current)


def command(home: Home, *words: str) -> Any:
    return CliRunner().invoke(cli, [*words, "--domain", "loans"], env={"AGENTIC_HOME": str(home.root)})


def file_of(reading: Reading, asset: str, partition: str) -> Path:
    return reading.home.lake / asset / reading.entry(asset, partition).file


def test_every_day_comes_out_identical_in_a_home_that_was_moved(reading: Reading) -> None:
    found = replay(reading, entries_of(reading))
    assert states(found) == {State.IDENTICAL}
    assert {one.asset for one in found} >= {FEATURES, DECISIONS, reading.domain.subjects[0].ledger}
    assert sum(one.same for one in found if one.asset == DECISIONS) == DAYS * ROWS


def test_what_an_older_version_made_comes_out_identical_after_a_newer_one(reading: Reading) -> None:
    older = entries_of(reading, older=True)
    assert {entry.data_version for entry in older}.isdisjoint(entry.data_version for entry in entries_of(reading))
    assert states(replay(reading, older)) == {State.IDENTICAL}


def test_replay_needs_no_delivered_file(reading: Reading, loans: Loans) -> None:
    aside = loans.folder / "aside"
    loans.delivered.rename(aside)
    try:
        days = reading.domain.graph.calendar.days()
        found = replay(reading, chosen(reading, days, Scope(everything=True)))
        assert states(found) == {State.IDENTICAL}
        assert not {one.asset for one in found if one.asset.startswith(("raw/", "actions/"))}
    finally:
        aside.rename(loans.delivered)


def test_any_days_in_any_order_give_the_same_bytes(reading: Reading) -> None:
    every = [*entries_of(reading), *entries_of(reading, older=True)]
    chance = random.Random(6)
    for _ in range(4):
        some = chance.sample(
            [entry for entry in every if "ledger" not in entry.asset], chance.randint(1, len(every) // 2)
        )
        found = replay(reading, some)
        assert [one.recomputed for one in found] == [entry.data_version for entry in some]


def test_a_replay_publishes_records_and_does_nothing(home: Home, reading: Reading) -> None:
    def content() -> dict[str, int]:
        return {
            str(path.relative_to(home.root)): path.stat().st_mtime_ns
            for path in home.root.rglob("*")
            if path.is_file() and path.parts[len(home.root.parts)] != SNAPSHOTS and "store.sqlite" not in path.name
        }

    tables = "manifest", "ledger_log", "outbox", "pins", "releases"
    before = content(), [count(reading, name) for name in tables]
    replay(reading, entries_of(reading, older=True))
    recompute(reading, reading.domain, reading.domain.graph.calendar.days())
    assert (content(), [count(reading, name) for name in tables]) == before


def count(reading: Reading, table: str) -> int:
    with reading.store.reading() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() or 0)


def test_a_decision_is_found_by_its_beginning_and_proven(home: Home, reading: Reading) -> None:
    row = reading.current(DECISIONS, [SECOND]).row(2, named=True)
    found = replay_decision(reading, row["decision_id"][:10].upper())
    assert found.identical
    assert (found.record, found.superseded) == (row["record"], False)
    said = command(home, "replay", row["decision_id"][:10])
    assert said.exit_code == 0, said.output
    assert "identical: all" in said.stdout
    assert "sealed as record 2 of 2024-01-02" in said.stdout


def test_a_superseded_decision_is_replayed_under_the_version_that_took_it(reading: Reading) -> None:
    old = reading.manifest.history(DECISIONS, SECOND)[0]
    row = reading.at(DECISIONS, {SECOND: old.data_version}).row(0, named=True)
    assert row["decision_id"] not in reading.current(DECISIONS, [SECOND]).get_column("decision_id")
    found = replay_decision(reading, row["decision_id"])
    assert (found.identical, found.superseded, found.record) == (True, True, row["record"])


def test_a_beginning_of_no_decision_or_of_several_is_refused_with_what_to_do(reading: Reading) -> None:
    with pytest.raises(NotFound, match="no decision 00000000"):
        replay_decision(reading, "00000000")
    with pytest.raises(NotFound, match="at least the first 6"):
        replay_decision(reading, "xyz")


def test_a_day_that_was_never_run_is_named(home: Home) -> None:
    assert "outside of the data" in command(home, "replay", "2023-12-31").exception.what


def test_a_flipped_byte_of_an_input_is_named_as_what_is_gone(home: Home, reading: Reading) -> None:
    file = file_of(reading, FEATURES, SECOND)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    said = command(home, "replay", SECOND)
    assert said.exit_code == 1
    assert f"proposals/loans_agent {SECOND}: cannot be computed again" in said.stdout
    assert "does not hold the bytes that were published under this name" in said.stdout
    assert f"{FEATURES} {SECOND}: damaged" in said.stdout


def test_a_missing_input_stops_its_readers_and_nobody_else(home: Home, reading: Reading) -> None:
    file_of(reading, "proposals/loans_agent", SECOND).unlink()
    found = {(one.asset, one.partition): one for one in replay(reading, entries_of(reading))}
    lost = found[DECISIONS, SECOND]
    assert lost.state is State.GONE
    assert "is missing" in lost.why
    assert found[DECISIONS, "2024-01-03"].state is State.IDENTICAL
    assert found[FEATURES, SECOND].state is State.IDENTICAL


def test_what_was_cleaned_up_on_purpose_can_be_replayed_from_what_is_left(reading: Reading) -> None:
    old = reading.manifest.history(DECISIONS, SECOND)[0]
    (reading.home.lake / DECISIONS / old.file).unlink()
    assert replay(reading, [old])[0].state is State.DAMAGED
    said = {"asset": DECISIONS, "file": old.file, "identity": "ada", "recorded_at": "2024-02-01T00:00:00.000+00:00"}
    with reading.store.transaction() as connection:
        connection.execute(reading.store.insert(vacuumed), [said])
    assert replay(reading, [old])[0].state is State.IDENTICAL


def test_a_value_that_was_rewritten_with_its_digest_is_named_with_both_values(home: Home, reading: Reading) -> None:
    entry = reading.entry(DECISIONS, SECOND)
    table = reading.lake.open(DECISIONS)
    frame = table.scan_files([entry.file]).collect()
    wrong = frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("forged")).otherwise(pl.col("reason")).alias("reason")
    )
    scratch = home.root / "forged.parquet"
    wrong.write_parquet(scratch)
    name = f"{entry.file.rpartition('/')[0]}/{of_bytes(scratch.read_bytes())}.parquet"
    scratch.rename(home.lake / DECISIONS / name)
    _rewrite(reading, f"file = '{name}', data_version = '{of_frame(wrong)}'", DECISIONS, SECOND)
    [found] = [
        one for one in replay(reading, chosen(reading, [SECOND], Scope(assets=(DECISIONS,)))) if one.rows == ROWS
    ]
    assert (found.state, found.same) == (State.DIFFERENT, ROWS - 1)
    assert found.difference is not None
    assert (found.difference.column, found.difference.recorded) == ("reason", "forged")
    assert found.difference.recomputed == frame.get_column("reason")[3]
    assert found.difference.key == f"entity {frame.get_column('entity')[3]}"
    assert "does not give the same twice" in found.why
    said = command(home, "replay", SECOND, "--json")
    assert said.exit_code == 1
    assert json.loads(said.stdout)["decisions_identical"] == ROWS - 1


def test_a_seal_whose_row_alone_was_rewritten_is_told_from_other_records(reading: Reading) -> None:
    ledger = reading.domain.subjects[0].ledger
    _rewrite(reading, f"data_version = '{'0' * 64}'", ledger, SECOND)
    [found] = [one for one in replay(reading, chosen(reading, [SECOND], Scope())) if one.asset == ledger]
    assert (found.state, found.difference) == (State.DIFFERENT, None)
    assert "what is recorded of the seal is not" in found.text()


def test_other_records_than_those_sealed_are_named_by_both_roots(reading: Reading) -> None:
    with reading.store.transaction() as connection:
        where = {"partition": SECOND, "root": "0" * 64}
        connection.execute(text("UPDATE ledger_partitions SET root = :root WHERE partition = :partition"), where)
    [found] = [one for one in replay(reading, chosen(reading, [SECOND], Scope())) if "ledger" in one.asset]
    assert found.difference is not None
    assert (found.difference.column, found.difference.recorded) == ("root", "0" * 64)
    assert len(found.difference.recomputed) == 64
    assert found.difference.recomputed != "0" * 64


def _rewrite(reading: Reading, change: str, asset: str, partition: str) -> None:
    newest = "SELECT max(id) FROM manifest WHERE asset = :asset AND partition = :partition"
    with reading.store.transaction() as connection:
        given = {"asset": asset, "partition": partition}
        connection.execute(text(f"UPDATE manifest SET {change} WHERE id = ({newest})"), given)


@pytest.fixture(scope="module")
def stopped(loans: Loans) -> tuple[Home, set[tuple[str, str, str]]]:
    """Give a home in which the agent was stopped from the second day on, later, and what stood before that."""
    home = Home.at(Path(shutil.copytree(loans.second.root, loans.folder / "stopped")))
    reading = Reading(load_domain("loans"), home)
    try:
        before = {_key(entry) for entry in entries_of(reading)}
    finally:
        reading.close()
    why = ("--role", "duty_manager", "--reason", "the fees are wrong", "--yes")
    said = command(home, "agent", "stop", "loans_agent", "--from", SECOND, *why)
    assert said.exit_code == 0, said.output
    assert run_load(load_domain("loans"), home).outcome.complete
    return home, before


def _key(entry: Entry) -> tuple[str, str, str]:
    return entry.asset, entry.partition, entry.data_version


def test_orders_given_later_do_not_enter(stopped: tuple[Home, set[tuple[str, str, str]]]) -> None:
    home, before = stopped
    reading = Reading(load_domain("loans"), home)
    try:
        after = entries_of(reading)
        made = {key[1] for key in {_key(entry) for entry in after} - before}
        assert SECOND in made
        assert "2024-01-01" not in made
        then = [reading.entry(*key) for key in sorted(before)]
        assert states(replay(reading, [*then, *after])) == {State.IDENTICAL}
    finally:
        reading.close()


def test_orders_that_are_gone_are_named(stopped: tuple[Home, set[tuple[str, str, str]]], tmp_path: Path) -> None:
    home = Home.at(Path(shutil.copytree(stopped[0].root, tmp_path / "home")))
    reading = Reading(load_domain("loans"), home)
    try:
        with reading.store.transaction() as connection:
            connection.execute(text("DELETE FROM controls"))
        [lost] = replay(reading, [reading.entry(DECISIONS, SECOND)])
        assert lost.state is State.GONE
        assert "orders of people" in lost.why
        assert replay(reading, [reading.entry(DECISIONS, "2024-01-01")])[0].state is State.IDENTICAL
    finally:
        reading.close()


def test_the_other_release_gives_its_own_decisions_and_is_not_published(reading: Reading, loans: Loans) -> None:
    days = reading.domain.graph.calendar.days()
    first = Reading(load_domain("loans"), loans.first)
    try:
        recorded = first.current(DECISIONS)
        now = recompute(first, first.domain, days)  # today's sources over the home of the first release
        assert now.computed[DECISIONS] == tuple(days)
        assert now.read(DECISIONS, days).equals(reading.current(DECISIONS))
        assert first.current(DECISIONS).equals(recorded)
    finally:
        first.close()


def test_a_recomputation_under_the_version_in_force_computes_nothing(reading: Reading) -> None:
    days = reading.domain.graph.calendar.days()
    again = recompute(reading, reading.domain, days)
    assert (again.computed, again.fallen) == ({}, {})
    assert again.read(DECISIONS, days).equals(reading.current(DECISIONS))


def test_whatever_kind_of_version_changed_the_old_one_is_still_replayed(two_days: Path, tmp_path: Path) -> None:
    """A constant of a feature, a quota of the policy, a pattern of a contract, a parameter of the model."""
    home = Home.at(copied(two_days, tmp_path / "home"))
    changed = Copy(tmp_path / "changed")
    for kind in (
        "a constant in a feature's function",
        "a quota of a policy",
        "a pattern of a contract",
        "a parameter of a model",
    ):
        changed.edit(*CHANGES[kind][0])
    moved = replace(load_version("departures", changed.package), sources=sources_of("departures", changed.package))
    makers, day = Makers(moved, home), "2013-01-02"
    reading = Reading(moved, home)
    older, newer = [], []
    try:
        for asset in ("sources/movements", "features/departure_delay", "models/delay_risk", *PATH):
            [partition] = moved.graph.calendar.partitions(moved.graph[asset].cut, [day])
            [made] = makers.run(asset, [partition], run_id="changed")
            assert made.entry is not None
            assert made.stands
            older.append(reading.manifest.history(asset, partition)[0])
            newer.append(made.entry)
        pins = {pin for entry in older for pin in reading.manifest.pins_of(entry.pins)}
        assert len(pins - {pin for entry in newer for pin in reading.manifest.pins_of(entry.pins)}) >= 4
        assert states(replay(reading, older)) == {State.IDENTICAL}
        assert states(replay(reading, newer)) == {State.IDENTICAL}
    finally:
        reading.close()
        makers.close()


@pytest.mark.postgres
def test_replay_reads_a_store_on_postgresql(loans: Loans, tmp_path: Path, fresh_postgres_url: str) -> None:
    home = Home.at(tmp_path / "home", store_url=fresh_postgres_url)
    domain = load_domain("loans")
    assert run_load(domain, home, until=domain.graph.calendar.first).outcome.complete
    reading = Reading(domain, home)
    try:
        found = replay(reading, chosen(reading, domain.graph.calendar.days()[:1], Scope(everything=True)))
        assert states(found) == {State.IDENTICAL}
        assert replay_decision(reading, reading.current(DECISIONS).item(0, "decision_id")).identical
    finally:
        reading.close()
