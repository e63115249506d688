"""`agentic lease list`: what is held, and what became of every bid."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from agentic_assets.cli import cli
from agentic_assets.coordination import Leases
from agentic_assets.store import Store
from agentic_assets_tests.unit.coordination.cases import bid


@pytest.fixture
def leases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Leases]:
    monkeypatch.setenv("AGENTIC_HOME", str(tmp_path))
    monkeypatch.delenv("AGENTIC_STORE_URL", raising=False)
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield Leases(store, "yard/crews")
    store.close()


def _said(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["lease", "list", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_what_is_held_is_listed_with_its_unit_and_holder(leases: Leases) -> None:
    leases.claim(bid("low", 500), 1)
    leases.claim(bid("high", 123_456, 1, expires=90), 1)
    told = _said()
    assert "e-high" in told
    assert "1,234.56" in told
    assert "2013-02-08 07:31Z" in told
    assert "e-low" not in told


def test_everything_says_who_lost_to_whom(leases: Leases) -> None:
    leases.claim(bid("low", 500), 1)
    leases.claim(bid("high", 900, 1), 1)
    rows = {row["bid_id"]: row for row in json.loads(_said("--all", "--json"))["leases"]}
    assert (rows["low"]["state"], rows["low"]["lost_to"], rows["low"]["lost_to_cents"]) == ("preempted", "high", 900)
    assert (rows["high"]["state"], rows["high"]["unit"], rows["high"]["version"]) == ("held", 1, 1)
    assert "preempted" in _said("--all")


def test_one_scope_and_one_resource_can_be_asked_for(leases: Leases) -> None:
    leases.claim(bid("one", 500), 1)
    leases.claim(bid("other", 500, resource="s"), 1)
    assert [row["bid_id"] for row in json.loads(_said("--resource", "s", "--json"))["leases"]] == ["other"]
    assert json.loads(_said("--scope", "elsewhere", "--json")) == {"leases": []}


def test_nothing_held_is_said_in_words(leases: Leases) -> None:
    assert _said() == "no unit is held\n"
    assert _said("--all") == "nobody has bid yet\n"
