"""`agentic gc` on a domain as people write one: what is retained replays still, what is gone is named with its day."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agentic_assets.cli import cli
from agentic_assets.domains import load_domain
from agentic_assets.evidence.reading import Reading
from agentic_assets.home import Home
from agentic_assets.releases import Releases
from agentic_assets_tests.homes import agentic, made_once

NAME = "gc_tried"
DAYS = "2024-01-01..2024-01-03"
LATER = ("--now", "2099-01-01", "--by", "ada")
FEATURES, DECISIONS = f"features/{NAME}_known", f"decisions/{NAME}_agent"


class Place:
    """A folder with the domain, and its home."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run the command on the domain; give stdout, or stderr when it is to fail."""
        done = agentic(self.folder / "home", *arguments, "--domain", NAME)
        assert done.returncode == code, done.stderr
        return done.stdout if code == 0 else done.stderr

    def told(self, *arguments: str) -> dict[str, Any]:
        """Run the command and read the object that it prints."""
        found: dict[str, Any] = json.loads(self.run(*arguments, "--json"))
        return found

    def deliver(self, amount: int) -> None:
        """Deliver the first request with another amount; the template's is 120."""
        place = self.folder / "domains" / NAME / "data" / f"{NAME}_requests.csv"
        place.write_text(re.sub(r"(?m)^(r-001,[^,]*),\d+", rf"\1,{amount}", place.read_text()))

    def replayed(self) -> dict[str, Any]:
        """Replay everything that is published."""
        return self.told("replay", DAYS, "--all")


def _make(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert CliRunner().invoke(cli, ["new", "domain", NAME]).exit_code == 0
        place = Place(folder)
        place.run("run")
        place.deliver(130)
        place.run("run")


@pytest.fixture
def place(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A copy of a home in which everything of a day was made anew after a correction of its source."""
    kept = made_once(tmp_path_factory, "gc_tried", _make)
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AGENTIC_DOMAINS", raising=False)
    return Place(tmp_path)


def _files(place: Place) -> list[str]:
    lake = place.folder / "home" / "lake"
    return sorted(str(path.relative_to(lake)) for path in lake.rglob("*.parquet") if "_delta_log" not in path.parts)


def test_within_the_retention_time_nothing_goes(place: Place) -> None:
    before = _files(place)
    plan = place.told("gc", "--apply")
    assert (plan["files"], plan["removed"]) == (0, None)
    assert plan["kept"]["decided"] == 3
    assert _files(place) == before


def test_after_it_what_nothing_needs_goes_and_all_that_is_retained_replays(place: Place) -> None:
    before = place.replayed()
    plan = place.told("gc", *LATER)
    assert set(plan["by_asset"]) == {FEATURES, DECISIONS, f"proposals/{NAME}_agent", f"governance/{NAME}_agent_ledger"}
    assert plan["removed"] is None
    done = place.told("gc", *LATER, "--apply")
    assert done["removed"]["files"] == plan["files"] == 4
    assert place.told("gc", *LATER)["files"] == 0
    again = place.replayed()
    assert again["identical"] is True
    assert _counts(again) == _counts(before)
    assert place.told("verify")["sound"] is True
    assert place.told("run")["decisions"] == 10


def test_who_asks_for_what_is_gone_is_told_when_it_went(place: Place) -> None:
    old = place.told("rollback", "data", FEATURES, "2024-01-01", "--list")["versions"][0]
    place.run("gc", *LATER, "--apply")
    listed = place.told("rollback", "data", FEATURES, "2024-01-01", "--list")["versions"][0]
    assert (listed["data_version"], listed["gone"]) == (old["data_version"], "was vacuumed on 2099-01-01 by ada")
    arguments = ("rollback", "data", FEATURES, "2024-01-01", "--to", old["data_version"], "--reason", "a test")
    assert "was vacuumed on 2099-01-01 by ada" in place.run(*arguments, code=1)
    home = Home.at(place.folder / "home")
    reading = Reading(load_domain(NAME), home)
    try:
        with pytest.raises(Exception, match="was vacuumed on 2099-01-01 by ada"):
            reading.at(FEATURES, {"2024-01-01": old["data_version"]})
    finally:
        reading.close()


def test_what_was_made_under_a_release_stays_until_it_is_forgotten(place: Place) -> None:
    place.deliver(120)  # the release is of the folder as it was when the older decisions were made
    home = Home.at(place.folder / "home")
    reading = Reading(load_domain(NAME), home)
    try:
        Releases(reading.store, home.keys).create(load_domain(NAME), author="ada", reason="a test")
    finally:
        reading.close()
    assert place.told("gc", *LATER)["files"] == 0
    assert place.told("gc", *LATER, "--forget", "r1")["files"] == 4


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((*LATER, "--keep-days", "30"), 1, "183 days at the least"),
        ((*LATER, "--forget", "r9"), 1, f"{NAME} has no release 'r9'"),
        ((*LATER, "--forget", "r1"), 1, f"{NAME} r1 is in force for everything: it cannot be forgotten"),
        (("--by", "ada", "--now", "soon"), 2, "--now takes a moment such as"),
    ],
)
def test_what_it_may_not_do_is_refused_before_anything_goes(
    place: Place, arguments: tuple[str, ...], code: int, said: str
) -> None:
    if "r1" in arguments:
        place.deliver(120)
        place.run("release", "create", "--reason", "a test")
        place.run("release", "activate", "r1", "--reason", "a test")
        place.deliver(130)
    before = _files(place)
    assert said in place.run("gc", *arguments, "--apply", code=code)
    assert _files(place) == before


def _counts(replayed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in replayed.items() if name not in ("seconds",)}
