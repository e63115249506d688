"""`agentic quarantine` as people and scripts use it, on a small domain; in processes of its own where that matters."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

import agentic_assets.domains
from agentic_assets.cli import main
from agentic_assets.evidence import Reading
from agentic_assets.home import Home
from agentic_assets.orchestration import open_instance, run_load
from agentic_assets.pipeline import Rulings
from agentic_assets_tests.integration.metering import FOLDER, READINGS, TOTALS, deliver, metering

CLI = """
import agentic_assets.domains
from agentic_assets_tests.integration.metering import metering
agentic_assets.domains.load_domain = lambda name: metering()
from agentic_assets.cli import main
main()
"""
DAY = "2013-01-03"
HOSTILE = "far\x1b[2J\x9b31m[red]\u202e"


class Meters:
    """A delivery, a home, and the command on both."""

    def __init__(self, folder: Path, store_url: str | None = None) -> None:
        self.folder = folder / "delivered"
        self.home = Home.at(folder / "home", store_url=store_url)
        self.settings = {
            **os.environ,
            FOLDER: str(self.folder),
            "AGENTIC_HOME": str(self.home.root),
            "AGENTIC_STORE_URL": self.home.store_url,
            "AGENTIC_USER": "ada",
        }

    def run(self) -> None:
        """Load every day."""
        run_load(metering(self.folder), self.home)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `agentic quarantine`."""
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-c", CLI, "quarantine", *arguments],
            env=self.settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def agentic(self, *arguments: str, code: int = 0) -> str:
        """Run `agentic quarantine` in this process; give stdout, or stderr when it is to fail."""
        out, error = io.StringIO(), io.StringIO()
        with ExitStack() as stack:
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            for name, value in self.settings.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["agentic", "quarantine", *arguments])
            patch.setattr(sys, "stdin", io.StringIO())
            patch.setattr(agentic_assets.domains, "load_domain", lambda name: metering())
            stack.enter_context(redirect_stdout(out))
            stack.enter_context(redirect_stderr(error))
            done = stack.enter_context(pytest.raises(SystemExit))
            main()
        assert (done.value.code or 0) == code, error.getvalue()
        return out.getvalue() if code == 0 else error.getvalue()

    def values(self, day: str = DAY) -> dict[str, int]:
        """What is published of a day: meter -> value."""
        reading = Reading(metering(self.folder), self.home)
        try:
            return dict(reading.current(READINGS, [day]).select("meter", "value").iter_rows())
        finally:
            reading.close()

    def versions(self, asset: str) -> dict[str, str]:
        """The data version of each partition."""
        reading = Reading(metering(self.folder), self.home)
        try:
            return {name: entry.data_version for name, entry in reading.manifest.current(asset).items()}
        finally:
            reading.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Meters:
    """A home after a run in which one row held a word, another one too much, and one no day; to be looked at only."""
    made = Meters(tmp_path_factory.mktemp("kept"))
    deliver(made.folder, {(DAY, "m05"): HOSTILE, (DAY, "m09"): "5000"}, [("no day", "m01", "7", "owner 1")])
    made.run()
    return made


@pytest.fixture
def meters(kept: Meters, tmp_path: Path) -> Meters:
    """A copy of that home, to be ruled on."""
    shutil.copytree(kept.folder.parent, tmp_path, dirs_exist_ok=True)
    return Meters(tmp_path)


def test_list_counts_by_asset_partition_and_rule(kept: Meters) -> None:
    told = json.loads(kept.agentic("list", "--json"))
    assert [(one["asset"], one["partition"], one["rule"], one["open"]) for one in told["counts"]] == [
        ("raw/readings", "", "dated", 1),
        (READINGS, DAY, "type(value)", 1),
        (READINGS, DAY, "range(value)", 1),
    ]
    narrow = json.loads(kept.agentic("list", "--asset", READINGS, "--rule", "range(value)", "--json"))
    assert [one["example_value"] for one in narrow["counts"]] == ["5000"]


def test_show_names_the_rules_the_values_and_where_to_mend_them(kept: Meters) -> None:
    told = kept.agentic("show", READINGS, DAY, "--row", "50")
    for said in ("row 50", "range(value)", "in_range(0, 1000)", "value is 5000", "readings.odcs.yaml", "readings.csv"):
        assert said in told


def test_classified_values_are_masked_unless_asked_for(kept: Meters) -> None:
    masked, plain = (kept.agentic("show", READINGS, DAY, "--json", *more) for more in ((), ("--unmask",)))
    assert "owner 5" not in masked
    assert "(masked)" in masked
    assert "owner 5" in plain
    assert "owner 1" not in kept.agentic("show", "raw/readings"), "raw rows are as confidential as their readers"


def test_hostile_values_steer_no_terminal(kept: Meters) -> None:
    for told in (
        kept.agentic("list"),
        kept.agentic("show", READINGS, DAY),
        kept.agentic("list", "--json"),
        kept.agentic("show", READINGS, DAY, "--json"),
    ):
        assert not {"\x1b", "\x9b", "\u202e"}.intersection(told)
    assert "[red]" in kept.agentic("show", READINGS, DAY)


def test_a_released_row_is_published_by_a_run_that_dagster_shows(meters: Meters) -> None:
    told = json.loads(
        meters.agentic(
            "release", READINGS, DAY, "--row", "46", "--set", "value=12", "--reason", "a typing error", "--json"
        )
    )
    assert meters.values()["m05"] == 12
    assert (told["published"], told["waiting"], told["by"], told["numbers"]) == (19, 1, "ada", [1])
    assert told["stale"] == {TOTALS: [DAY, "2013-01-04"]}
    with open_instance(meters.home) as instance:
        run = instance.get_run_by_id(told["run_id"])
    assert run is not None
    assert run.status is dg.DagsterRunStatus.SUCCESS
    assert {name: run.tags[f"agentic/{name}"] for name in ("ruling", "asset", "partition", "by", "reason")} == {
        "ruling": "release",
        "asset": READINGS,
        "partition": DAY,
        "by": "ada",
        "reason": "a typing error",
    }


def test_what_rests_on_the_partition_is_made_again_on_request_and_nothing_else(meters: Meters) -> None:
    before = meters.versions(TOTALS)
    told = json.loads(
        meters.agentic("drop", READINGS, DAY, "--row", "46", "--reason", "no such meter", "--downstream", "--json")
    )
    assert (told["remade"], told["stale"]) == ({}, {}), "dropping a refused row changes no published row"
    told = json.loads(
        meters.agentic(
            *("release", READINGS, DAY, "--row", "50", "--set", "value=500", "--reason", "a zero too many"),
            *("--downstream", "--json"),
        )
    )
    assert told["remade"] == {TOTALS: [DAY, "2013-01-04"]}
    changed = {name for name, version in meters.versions(TOTALS).items() if version != before[name]}
    assert changed == {DAY, "2013-01-04"}


def test_a_release_that_would_break_a_rule_fails_and_leaves_nothing(meters: Meters) -> None:
    before = meters.versions(READINGS)
    error = meters.agentic("release", READINGS, DAY, "--row", "46", "--reason", "let it pass", code=1)
    assert "row 46: type(value)" in error
    assert "nothing was recorded" in error
    assert "Traceback" not in error
    assert meters.versions(READINGS) == before
    told = json.loads(meters.agentic("list", "--all", "--json"))
    assert (told["pending"], [one["dropped"] for one in told["counts"]]) == ([], [0, 0, 0])


def test_a_dropped_row_stays_to_be_seen_with_who_dropped_it_and_why(meters: Meters) -> None:
    meters.agentic("drop", READINGS, DAY, "--row", "46", "--reason", "no such meter", "--by", "bo")
    assert [one["rule"] for one in json.loads(meters.agentic("list", "--json"))["counts"]] == ["dated", "range(value)"]
    told = meters.agentic("show", READINGS, DAY, "--row", "46")
    assert "drop by bo" in told
    assert "no such meter" in told


def test_a_ruling_can_be_withdrawn(meters: Meters) -> None:
    before = meters.versions(READINGS)
    meters.agentic("release", READINGS, DAY, "--row", "46", "--set", "value=12", "--reason", "a typing error")
    assert meters.versions(READINGS) != before
    meters.agentic("withdraw", READINGS, DAY, "--row", "46", "--reason", "it was right")
    assert meters.versions(READINGS) == before
    told = meters.agentic("show", READINGS, DAY)
    assert "it was right" in told


def test_a_raw_row_without_a_day_can_be_dropped_but_not_released(meters: Meters) -> None:
    error = meters.agentic("release", "raw/readings", "--row", "121", "--reason", "let it pass", code=1)
    assert "the table keeps the row as it was delivered" in error
    meters.agentic("drop", "raw/readings", "--row", "121", "--reason", "a summary line")
    told = json.loads(meters.agentic("list", "--asset", "raw/readings", "--all", "--json"))
    assert [(one["open"], one["dropped"]) for one in told["counts"]] == [(0, 1)]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "sources/nothing"), 1, "there is no asset 'sources/nothing'"),
        (("show", READINGS), 1, "none was named"),
        (("show", READINGS, "2014-01-01"), 1, "its partitions are 2013-01-01 to 2013-01-06"),
        (("show", READINGS, DAY, "--row", "1"), 1, "in quarantine: 46, 50"),
        (("drop", READINGS, DAY, "--row", "1", "--reason", "r"), 1, "in quarantine: row 46, 50"),
        (("drop", READINGS, "2013-01-04", "--row", "1", "--reason", "r"), 1, "every row passes"),
        (("drop", READINGS, DAY, "--row", "46"), 2, "say why, with --reason"),
        (("drop", READINGS, DAY, "--reason", "r"), 2, "say which rows"),
        (("drop", READINGS, DAY, "--row", "46", "--reason", "two\nlines"), 2, "one line"),
        (("drop", READINGS, DAY, "--row", "46", "--reason", "r", "--by", "\x1b[2J"), 2, "printable"),
        (("release", READINGS, DAY, "--row", "46", "--reason", "r", "--set", "value"), 2, "COLUMN=VALUE"),
        (("release", READINGS, DAY, "--row", "46", "--reason", "r", "--set", "x=1"), 1, "no column `x`"),
        (("drop", READINGS, DAY, "--all", "--reason", "r"), 1, "add --yes"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_can(
    kept: Meters, arguments: tuple[str, ...], code: int, said: str
) -> None:
    error = kept.agentic(*arguments, code=code)
    assert said in error
    assert "Traceback" not in error
    assert "\x1b" not in error


def test_a_refused_partition_is_explained_and_passes_once_its_rows_are_dropped(tmp_path: Path) -> None:
    meters = Meters(tmp_path)
    deliver(meters.folder, {(DAY, f"m{number:02d}"): "far" for number in range(5)})
    meters.run()
    told = json.loads(meters.agentic("list", "--json"))
    assert [(one["asset"], one["partition"]) for one in told["refused"]] == [(READINGS, DAY)]
    assert told["blocked"] == {TOTALS: 1}
    assert "more than the 10 % that the contract allows" in meters.agentic("show", READINGS, DAY)
    done = json.loads(
        meters.agentic(
            "drop", READINGS, DAY, "--rule", "type(value)", "--yes", "--reason", "test rows", "--downstream", "--json"
        )
    )
    assert (done["state"], done["published"], done["dropped"]) == ("published", 15, 5)
    assert done["remade"] == {TOTALS: [DAY, "2013-01-04"]}
    after = json.loads(meters.agentic("list", "--json"))
    assert (after["counts"], after["refused"], after["blocked"]) == ([], [], {})


def test_a_partition_that_was_refused_without_a_bad_row_is_explained(tmp_path: Path) -> None:
    meters = Meters(tmp_path)
    deliver(meters.folder)
    path = meters.folder / "readings.csv"
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if DAY not in line))
    meters.run()
    told = meters.agentic("show", READINGS, DAY)
    assert "the table is empty" in told
    assert "No single row is to blame" in told


def test_a_crash_between_ruling_and_run_is_healed_by_the_next_run(meters: Meters) -> None:
    rulings = "from agentic_assets.orchestration import rulings\n"
    killed = rulings + "import os\nrulings._settled = lambda *a: os._exit(9)\n" + CLI
    done = subprocess.run(
        [
            *(sys.executable, "-c", killed, "quarantine", "release", READINGS, DAY, "--row", "46"),
            *("--set", "value=12", "--reason", "r"),
        ],
        env=meters.settings,
        capture_output=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 9
    assert "m05" not in meters.values()
    assert json.loads(meters.agentic("list", "--json"))["pending"] == [{"asset": READINGS, "partition": DAY}]
    meters.run()
    assert meters.values()["m05"] == 12
    assert json.loads(meters.agentic("list", "--json"))["pending"] == []


def _two_at_once(meters: Meters) -> None:
    asked = (
        ("release", READINGS, DAY, "--row", "46", "--set", "value=12", "--reason", "a typing error"),
        ("drop", READINGS, DAY, "--row", "50", "--reason", "no such meter"),
    )
    started = [meters.start(*arguments) for arguments in asked]
    errors = [process.communicate(timeout=300)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0], errors
    assert meters.values()["m05"] == 12
    reading = Reading(metering(meters.folder), meters.home)
    entry = reading.manifest.current(READINGS)[DAY]
    numbers = [ruling.number for ruling in Rulings(reading.store).of(READINGS)[DAY]]
    reading.close()
    assert numbers == [1, 2]
    assert (entry.rows, entry.details["rulings_counted"]) == (19, {"dropped": 1, "released": 1})


def test_two_people_who_rule_at_once_both_count(meters: Meters) -> None:
    _two_at_once(meters)


@pytest.mark.postgres
def test_two_people_who_rule_at_once_both_count_on_postgresql(
    tmp_path: Path, fresh_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTIC_PG_URL", fresh_postgres_url)
    meters = Meters(tmp_path, fresh_postgres_url)
    deliver(meters.folder, {(DAY, "m05"): "far", (DAY, "m09"): "5000"})
    meters.run()
    _two_at_once(meters)


@pytest.fixture
def reading(meters: Meters) -> Iterator[Reading]:
    opened = Reading(metering(meters.folder), meters.home)
    yield opened
    opened.close()


def _quarantine(reading: Reading, day: str) -> pl.DataFrame:
    return reading.lake.open(f"quarantine/{READINGS}").scan([day]).collect()


def test_a_late_correction_reopens_exactly_its_day_and_other_rulings_hold(meters: Meters, reading: Reading) -> None:
    meters.agentic("release", READINGS, DAY, "--row", "46", "--set", "value=12", "--reason", "a typing error")
    meters.agentic("drop", READINGS, DAY, "--row", "50", "--reason", "no such meter")
    before = reading.manifest.current(READINGS)
    # The row that was dropped is corrected, another day gets a bad row, and a line more moves every row of the file.
    cells = {(DAY, "m05"): HOSTILE, (DAY, "m09"): "500", ("2013-01-05", "m00"): "many"}
    deliver(meters.folder, cells, [("no day", "m01", "7", "owner 1")])
    path = meters.folder / "readings.csv"
    header, *lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([header, "2013-01-01,m99,7,owner 99\n", *lines]))
    loaded = run_load(metering(meters.folder), meters.home)
    states = {one.partition: str(one.state) for one in loaded.outcome.results[READINGS]}
    assert set(states.values()) == {"published"}, "every row has another number in the file, which its table holds"
    assert meters.values()["m05"] == 12, "the released row only moved"
    assert meters.values()["m09"] == 500, "the dropped row was delivered anew"
    effects = reading.manifest.current(READINGS)[DAY].details["rulings_counted"]
    assert effects == {"obsolete": 1, "released": 1}
    assert _quarantine(reading, DAY).is_empty()
    assert _quarantine(reading, "2013-01-05").get_column("value").to_list() == ["many"]
    assert before.keys() == reading.manifest.current(READINGS).keys()
