"""The command `agentic` as people and scripts use it; in processes of its own where that may matter."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from agentic_assets.domains.departures import domain
from agentic_assets.evidence import Reading
from agentic_assets.home import Home
from agentic_assets_tests.homes import RANGE, agentic, agentic_process, copied


@pytest.fixture(scope="module")
def ran(two_days: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after `agentic run` over two days."""
    return copied(two_days, tmp_path_factory.mktemp("ran") / "home")


@pytest.fixture
def own(ran: Path, tmp_path: Path) -> Path:
    """A copy of that home, to be tampered with."""
    return copied(ran, tmp_path / "own")


def _decision(home: Path) -> str:
    reading = Reading(domain(), Home.at(home))
    found: str = reading.current("decisions/delay_risk").get_column("decision_id")[7]
    reading.close()
    return found


def _decision_file(home: Path, day: str) -> Path:
    reading = Reading(domain(), Home.at(home))
    entry = reading.manifest.current("decisions/delay_risk")[day]
    reading.close()
    return home / "lake" / "decisions" / "delay_risk" / entry.file


def test_the_command_explains_itself_without_a_warning(tmp_path: Path) -> None:
    done = agentic_process(tmp_path, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout
    assert done.stderr == ""


def test_a_command_that_used_duckdb_ends_without_a_word_from_it() -> None:
    program = "import sys, duckdb; from agentic_assets.cli import main; sys.argv = ['agentic', '--version']; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("agentic, version")
    assert done.stderr == ""


def test_a_run_in_json_prints_one_object_and_nothing_else(ran: Path) -> None:
    done = agentic_process(ran, "run", *RANGE, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    summary = json.loads(done.stdout)
    assert summary["days"] == 2
    assert Path(summary["report"]).exists()


def test_a_run_tells_what_came_of_it(ran: Path) -> None:
    done = agentic(ran, "run", *RANGE)
    for said in ("cases in", "quarantined", "by verdict", "escalated", "ledger", "lake", "report", "scorecard"):
        assert said in done.stdout


def test_a_day_outside_of_the_data_is_refused_with_the_days_that_exist(tmp_path: Path) -> None:
    done = agentic(tmp_path, "run", "--from", "2014-01-01", "--to", "2014-01-02")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "2013-01-01 to 2013-12-31" in done.stderr


def test_a_word_for_a_day_is_refused_with_the_form_that_is_meant(tmp_path: Path) -> None:
    done = agentic(tmp_path, "run", "--from", "yesterday")
    assert done.returncode == 2
    assert "YYYY-MM-DD" in done.stderr


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    done = agentic(tmp_path / "home", "status")
    assert done.returncode == 1
    assert "is a file" in done.stderr
    assert "Traceback" not in done.stderr


def test_status_of_an_empty_home_says_that_nothing_is_published(tmp_path: Path) -> None:
    done = agentic(tmp_path, "status", "--json")
    assert done.returncode == 0
    assert {asset["partitions"] for asset in json.loads(done.stdout)["assets"]} == {0}


def test_status_counts_the_published_partitions(ran: Path) -> None:
    done = agentic(ran, "status", "--json")
    counts = {asset["asset"]: asset["partitions"] for asset in json.loads(done.stdout)["assets"]}
    assert counts["decisions/delay_risk"] == counts["governance/ledger"] == 2
    assert "decisions/delay_risk" in agentic(ran, "status").stdout


def test_explain_shows_one_decision_whole_with_its_proof(ran: Path) -> None:
    decision = _decision(ran)
    done = agentic(ran, "explain", decision, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["decision"]["decision_id"] == decision
    assert {source["asset"] for source in told["sources"]} == {
        "sources/schedule",
        "sources/weather",
        "sources/movements",
    }
    assert all(source["contract"].startswith("departures/") for source in told["sources"])
    assert len(told["features"]) >= 60
    late = [f["name"] for f in told["features"] if f["known_at"] and f["known_at"] > told["decision"]["decided_at"]]
    assert late == []
    assert [rule["id"] for rule in told["rules"] if rule["won"]] == ["no_model"]
    assert {pin["kind"] for pin in told["versions"]} == {"agent", "contract", "feature_set", "model", "policy"}
    assert told["ledger"]["checked"] is True
    assert told["outcome"]["flight_id"] == told["decision"]["entity"]


def test_explain_prints_the_same_for_people(ran: Path) -> None:
    done = agentic(ran, "explain", _decision(ran)[:12])
    assert done.returncode == 0
    for said in ("every rule of the policy", "source rows", "pinned versions", "proven", "outcome"):
        assert said in done.stdout


@pytest.mark.parametrize(
    ("given", "said"), [("0" * 32, "no decision"), ("xyz", "not a decision id"), ("ab", "first 6")]
)
def test_an_unknown_decision_is_refused_with_what_to_do(ran: Path, given: str, said: str) -> None:
    done = agentic(ran, "explain", given)
    assert done.returncode == 1
    assert said in done.stderr


def test_verify_is_sound_after_a_run(ran: Path) -> None:
    done = agentic(ran, "verify", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["sound"] is True
    assert told["log_size"] == 2 * 3, "two days of three agents"


def test_verify_names_a_decision_whose_record_was_changed(own: Path) -> None:
    file = _decision_file(own, "2013-01-02")
    frame = pl.read_parquet(file)
    changed = frame.get_column("decision_id")[3]
    frame.with_columns(
        record=pl.when(pl.col("decision_id") == changed)
        .then(pl.col("record").str.replace("none", "nose"))
        .otherwise("record")
    ).write_parquet(file)
    done = agentic(own, "verify")
    assert done.returncode == 1
    assert f"flipped {changed}" in done.stderr


def test_verify_names_a_decision_that_was_dropped(own: Path) -> None:
    file = _decision_file(own, "2013-01-02")
    frame = pl.read_parquet(file)
    frame.filter(pl.int_range(pl.len()) != 11).write_parquet(file)
    done = agentic(own, "verify", "--json")
    assert done.returncode == 1
    assert f"dropped {frame.get_column('decision_id')[11]}" in "\n".join(json.loads(done.stdout)["problems"])


def test_verify_notices_a_changed_file_of_any_asset(own: Path) -> None:
    reading = Reading(domain(), Home.at(own))
    entry = reading.manifest.current("sources/weather")["2013-01-01"]
    reading.close()
    file = own / "lake" / "sources" / "weather" / entry.file
    frame = pl.read_parquet(file)
    frame.with_columns(pl.col("temp") + 1).write_parquet(file)
    done = agentic(own, "verify")
    assert done.returncode == 1
    assert "sources/weather 2013-01-01" in done.stderr


def test_verify_notices_a_checkpoint_that_was_edited(own: Path) -> None:
    with sqlite3.connect(own / "store.sqlite") as store:
        store.execute("update ledger_partitions set size = size - 1 where partition = '2013-01-01'")
    store.close()
    done = agentic(own, "verify")
    assert done.returncode == 1
    assert "2013-01-01" in done.stderr


def test_explain_fails_when_the_proof_does_not_hold(own: Path) -> None:
    file = _decision_file(own, "2013-01-02")
    frame = pl.read_parquet(file)
    target = frame.get_column("decision_id")[3]
    frame.with_columns(pl.col("record").str.replace("delay", "display")).write_parquet(file)
    done = agentic(own, "explain", target)
    assert done.returncode == 1
    assert "the ledger's proof does not hold" in done.stderr
