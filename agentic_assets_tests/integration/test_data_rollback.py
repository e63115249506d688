"""`agentic rollback data` as people use it, on a small domain, in this process."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Mapping
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

import agentic_assets.domains
import agentic_assets.orchestration.restoring
from agentic_assets.cli import main
from agentic_assets.evidence import Reading
from agentic_assets.home import Home
from agentic_assets.orchestration import open_instance, run_load
from agentic_assets.pipeline import Restorations
from agentic_assets_tests.integration.metering import FOLDER, READINGS, TOTALS, deliver, metering

DAY = "2013-01-03"


class Meters:
    """A delivery, a home, and the command on both."""

    def __init__(self, folder: Path, store_url: str | None = None) -> None:
        self.folder = folder / "delivered"
        self.home = Home.at(folder / "home", store_url=store_url)

    def run(self) -> str:
        """Load every day; give the run."""
        return run_load(metering(self.folder), self.home).run_id

    def agentic(self, *arguments: str, code: int = 0) -> str:
        """Run `agentic rollback data` in this process; give stdout, or stderr when it is to fail."""
        out, error = io.StringIO(), io.StringIO()
        with ExitStack() as stack:
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            patch.setenv(FOLDER, str(self.folder))
            patch.setenv("AGENTIC_HOME", str(self.home.root))
            patch.setenv("AGENTIC_STORE_URL", self.home.store_url)
            patch.setenv("AGENTIC_USER", "ada")
            patch.setattr(sys, "argv", ["agentic", "rollback", "data", *arguments])
            patch.setattr(agentic_assets.domains, "load_domain", lambda name: metering())
            stack.enter_context(redirect_stdout(out))
            stack.enter_context(redirect_stderr(error))
            done = stack.enter_context(pytest.raises(SystemExit))
            main()
        assert (done.value.code or 0) == code, error.getvalue()
        return out.getvalue() if code == 0 else error.getvalue()

    def listed(self, *where: str) -> list[dict[str, Any]]:
        """The versions of a partition, oldest first."""
        found: list[dict[str, Any]] = json.loads(self.agentic(*where, "--list", "--json"))["versions"]
        return found

    def versions(self, asset: str) -> dict[str, str]:
        """The data version of each partition."""
        reading = Reading(metering(self.folder), self.home)
        try:
            return {name: entry.data_version for name, entry in reading.manifest.current(asset).items()}
        finally:
            reading.close()


def _delivered_twice(made: Meters) -> Meters:
    deliver(made.folder)
    made.run()
    deliver(made.folder, {(DAY, "m05"): "900"})
    made.run()
    return made


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Meters:
    """A home after two deliveries, of which the second changed one day; to be looked at only."""
    return _delivered_twice(Meters(tmp_path_factory.mktemp("kept")))


@pytest.fixture
def meters(kept: Meters, tmp_path: Path) -> Meters:
    """A copy of that home, to be rolled back."""
    shutil.copytree(kept.folder.parent, tmp_path, dirs_exist_ok=True)
    return Meters(tmp_path)


def test_the_versions_of_a_partition_are_listed_with_which_is_current(kept: Meters) -> None:
    first, second = kept.listed(READINGS, DAY)
    assert (first["current"], second["current"]) == (False, True)
    assert first["rows"] == second["rows"] == 20
    text = kept.agentic(READINGS, DAY, "--list")
    assert first["data_version"][:12] in text
    assert "current" in text


def test_earlier_bytes_come_back_with_what_rests_on_them_and_stay_until_the_order_is_lifted(meters: Meters) -> None:
    before = meters.versions(TOTALS)
    old, new = (one["data_version"] for one in meters.listed(READINGS, DAY))
    told = json.loads(meters.agentic(READINGS, DAY, "--to", old[:8], "--reason", "cut off", "--json"))
    assert (told["data_version"], told["from_version"], told["by"]) == (old, new, "ada")
    assert told["remade"] == {TOTALS: [DAY, "2013-01-04"]}
    restored = meters.versions(TOTALS)
    assert restored[DAY] != before[DAY]
    meters.run()
    assert (meters.versions(READINGS)[DAY], meters.versions(TOTALS)) == (old, restored)
    assert "kept at these bytes by order of ada" in meters.agentic(READINGS, DAY, "--list")
    lifted = json.loads(meters.agentic(READINGS, DAY, "--lift", "--reason", "it was right", "--json"))
    assert (lifted["data_version"], lifted["lifted"]) == (new, True)
    assert meters.versions(TOTALS) == before


def test_what_was_delivered_is_set_back_whole(meters: Meters) -> None:
    old = meters.listed("raw/readings")[0]["data_version"]
    told = json.loads(meters.agentic("raw/readings", "--to", old, "--reason", "the older file is right", "--json"))
    assert sorted(told["remade"]) == [TOTALS, READINGS]
    meters.run()
    assert meters.versions("raw/readings") == {"": old}


def test_dagster_shows_the_older_version_coming_back_and_why(meters: Meters) -> None:
    old, new = (one["data_version"] for one in meters.listed(READINGS, DAY))
    run_id = json.loads(meters.agentic(READINGS, DAY, "--to", old, "--reason", "cut off", "--json"))["run_id"]
    with open_instance(meters.home) as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(READINGS.split("/")))
        run = instance.get_run_by_id(run_id)
    assert event is not None
    assert event.asset_materialization is not None
    assert run is not None
    said = {name: value.value for name, value in event.asset_materialization.metadata.items()}
    assert (said["rolled_back_to"], said["from_version"], said["reason"]) == (old, new, "cut off")
    assert (event.asset_materialization.tags or {})["dagster/data_version"] == old
    assert run.tags["agentic/rollback"] == "data"


def test_an_order_that_was_cut_off_is_finished_by_giving_it_again(
    meters: Meters, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = meters.listed(READINGS, DAY)[0]["data_version"]
    arguments = (READINGS, DAY, "--to", old, "--reason", "cut off")
    with monkeypatch.context() as patch:
        patch.setattr(agentic_assets.orchestration.restoring, "run_load", _cut_off)
        meters.agentic(*arguments, code=130)
    assert json.loads(meters.agentic(*arguments, "--json"))["remade"] == {TOTALS: [DAY, "2013-01-04"]}
    again = json.loads(meters.agentic(*arguments, "--json"))
    assert (again["remade"], again["failure"]) == ({}, "")
    assert len(meters.listed(READINGS, DAY)) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sources/nothing", DAY, "--to", "abcdef12"), "there is no asset 'sources/nothing'"),
        ((READINGS, "2014-01-01", "--to", "abcdef12"), "has no partition '2014-01-01'"),
        ((READINGS, DAY, "--to", "abc"), "write its first 6 hexadecimal digits"),
        ((READINGS, DAY, "--to", "000000ffffff"), "never had a data version 000000ffffff"),
        ((READINGS, DAY, "--lift"), "nobody set sources/readings 2013-01-03 back"),
    ],
)
def test_what_cannot_be_is_refused_in_words(kept: Meters, arguments: tuple[str, ...], said: str) -> None:
    assert said in kept.agentic(*arguments, "--reason", "a test", code=1)
    assert Restorations(Reading(metering(kept.folder), kept.home).store).of(READINGS) == {}


def test_the_version_that_is_current_is_nothing_to_go_back_to(kept: Meters) -> None:
    now = kept.listed(READINGS, DAY)[1]["data_version"]
    assert "already; nothing was recorded" in kept.agentic(READINGS, DAY, "--to", now, "--reason", "a test", code=1)


def test_without_a_reason_nothing_is_set_back(kept: Meters) -> None:
    assert "say why" in kept.agentic(READINGS, DAY, "--to", "abcdef12", code=2)


def test_it_works_on_postgresql(tmp_path: Path, fresh_postgres_url: str) -> None:
    meters = _delivered_twice(Meters(tmp_path, fresh_postgres_url))
    old = meters.listed(READINGS, DAY)[0]["data_version"]
    meters.agentic(READINGS, DAY, "--to", old, "--reason", "cut off")
    meters.run()
    assert meters.versions(READINGS)[DAY] == old


def _cut_off(*_: object, **__: Mapping[str, object]) -> None:
    raise KeyboardInterrupt
