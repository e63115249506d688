"""What is published is computed again in rounds; the first difference fails the round and alarms people."""

import json
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from agentic_assets.domains import load_domain
from agentic_assets.evidence import Reading
from agentic_assets.home import Home
from agentic_assets.orchestration.launch import launch
from agentic_assets.orchestration.reconciling import reconciliation_job
from agentic_assets.pipeline import Entry
from agentic_assets.simulation.reconciling import sampled, standing_of
from agentic_assets.store import Store
from agentic_assets.store.schema import manifest
from agentic_assets_tests.homes import agentic, copied

DAY = "2013-01-02"


def entry(number: int) -> Entry:
    return Entry("a", f"{number}", "", "", f"v{number}", "", 0, 0, 0, "", {}, {}, "")


@given(st.integers(1, 60), st.integers(1, 20))
@settings(derandomize=True, max_examples=40, deadline=None)
def test_every_partition_is_reached_within_the_stated_number_of_rounds_and_then_again(total: int, size: int) -> None:
    entries, rounds, at = [entry(number) for number in range(total)], dict[tuple[str, str, str], int](), 0
    for _ in range(2):
        reached: set[str] = set()
        for _ in range(ceil(total / size)):
            for one in sampled(entries, rounds, size):
                at += 1
                rounds[one.asset, one.partition, one.data_version] = at
                reached.add(one.partition)
        assert len(reached) == total


@pytest.mark.slow
def test_a_round_records_what_it_computed_and_fails_on_a_difference_with_an_alarm(
    two_days: Path, tmp_path: Path
) -> None:
    root = copied(two_days, tmp_path / "home")
    home, domain = Home.at(root), load_domain("departures")
    done = agentic(root, "reconcile", "--sample", "3", "--json")
    assert (done.returncode, json.loads(done.stdout)["sample"]) == (0, 3), done.stderr
    assert "computed again: 3 of" in agentic(root, "status").stdout

    store = Store(home.store_url)
    with store.transaction() as connection:
        wrong = (manifest.c.asset == "outcomes/flights") & (manifest.c.partition == DAY)
        connection.execute(update(manifest).where(wrong).values(data_version="0" * 64))
    store.close()
    ran = launch(reconciliation_job(domain), "departures_reconciling", {"sample": 1_000}, home)
    assert f"outcomes/flights {DAY}" in ran.failure
    alerts = [json.loads(line) for line in (root / "alerts.jsonl").read_text().splitlines()]
    assert [alert["kind"] for alert in alerts] == ["mismatch"]
    reading = Reading(domain, home)
    standing = standing_of(reading)
    reading.close()
    assert standing.checked == standing.of
    assert f"outcomes/flights {DAY}" in standing.wrong
