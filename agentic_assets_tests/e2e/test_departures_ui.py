"""The departures domain in the real Dagster UI, in a real Chromium."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentic_assets.domains import load_domain
from agentic_assets.domains.departures import domain
from agentic_assets.evidence import Reading
from agentic_assets.home import Home
from agentic_assets.orchestration import run_load
from agentic_assets.orchestration.activating import announce
from agentic_assets.pipeline import Cut
from agentic_assets.releases import Releases
from agentic_assets.store import Store
from agentic_assets_tests.e2e.browser import visit
from agentic_assets_tests.e2e.ui import Ui, dagster_ui
from agentic_assets_tests.edited import POLICY, edited, order
from agentic_assets_tests.homes import copied

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PATIENCE = 150.0
JUDGED = {"coordination/standby", "decisions/delay_risk", "decisions/turnaround"}
ROLLBACK = "{ops: {departures_going_back: {config: {to: r1, reason: the policy was too strict, by: ada}}}}"


@dataclass(frozen=True)
class Served:
    """A UI on a home in which two days ran, and the data versions of three days from another home."""

    ui: Ui
    home: Home
    expected: dict[str, str]


def versions(home: Home, asset: str) -> dict[str, str]:
    reading = Reading(domain(), home)
    try:
        return {name: entry.data_version for name, entry in reading.manifest.current(asset).items()}
    finally:
        reading.close()


@pytest.fixture(scope="module")
def served(two_days: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = Home.at(copied(two_days, tmp_path_factory.mktemp("home") / "copy"))
    made, other = domain(), Home.at(tmp_path_factory.mktemp("other"))
    days = made.graph.calendar.days(date(2013, 1, 1), date(2013, 1, 3))
    only = dict.fromkeys(["raw/weather", "raw/airports", "sources/airports"], ("",)) | {"sources/weather": days}
    assert run_load(made, other, only=only).outcome.complete
    with dagster_ui(home, ["-m", "agentic_assets.definitions"], daemon=True) as ui:
        yield Served(ui, home, versions(other, "sources/weather"))


def stale(ui: Ui) -> set[str]:
    """The assets that the UI calls anything but fresh, in the partition of 2 January where they have any."""
    query = """query Stale($key: AssetKeyInput!, $partition: String) {
      assetNodeOrError(assetKey: $key) { ... on AssetNode { staleStatus(partition: $partition) } }
    }"""
    partition = {Cut.DAY: "2013-01-02", Cut.MONTH: "2013-01", Cut.STATIC: None}
    found = {
        node.asset: ui.query(query, {"key": {"path": node.asset.split("/")}, "partition": partition[node.cut]})
        for node in domain().graph.nodes
    }
    return {asset for asset, answer in found.items() if answer["assetNodeOrError"]["staleStatus"] != "FRESH"}


def test_the_graph_shows_a_group_a_stage_from_the_systems_of_record_to_the_scorecards(
    served: Served, browser: "Browser", pictures: Path
) -> None:
    stages = [
        "releases",
        "systems_of_record",
        "raw",
        "sources",
        "features",
        "models",
        "decisions",
        "governance",
        "actions",
    ]
    with visit(browser, f"{served.ui.url}/asset-groups", width=1_900) as opened:
        for stage in [*stages, "actions", "outcomes", "scorecards"]:
            opened.page.get_by_text(stage, exact=True).first.wait_for()
        opened.page.wait_for_timeout(1_500)  # the layout settles
        opened.shoot(pictures, "departures-graph")
    assert opened.errors == []


def test_the_page_of_the_decisions_shows_owner_contract_columns_and_code(
    served: Served, browser: "Browser", pictures: Path
) -> None:
    with visit(browser, f"{served.ui.url}/assets/decisions/delay_risk?view=overview") as opened:
        for said in (
            "airport_operations",
            "departures/delay_risk@2.0.1",
            "contract departures/delay_risk",
            "primary key (decision_id)",
            "effective_action",
        ):
            opened.page.get_by_text(said).first.wait_for()
        opened.shoot(pictures, "departures-decisions")
    assert opened.errors == []


def test_a_check_shows_what_the_contract_found_in_a_partition(
    served: Served, browser: "Browser", pictures: Path
) -> None:
    with visit(browser, f"{served.ui.url}/assets/sources/schedule?view=checks") as opened:
        opened.page.get_by_text("blocking").first.wait_for()
        opened.page.get_by_text("rows_quarantined").first.wait_for()
        opened.shoot(pictures, "departures-checks")
    assert opened.errors == []


def test_the_page_of_a_day_opens_the_picture_of_its_drift(served: Served, browser: "Browser", pictures: Path) -> None:
    url = f"{served.ui.url}/assets/features/departure_delay_drift?view=partitions&partition=2013-01-02"
    with visit(browser, url) as opened:
        opened.page.get_by_text("last_days").first.wait_for()
        opened.page.get_by_text("[Show Markdown]").first.click()
        picture = opened.page.get_by_role("dialog").get_by_role("img", name="2013-01-02 is unjudged")
        picture.wait_for()
        opened.page.wait_for_function("node => node.complete && node.naturalWidth > 0", arg=picture.element_handle())
        opened.shoot(pictures, "departures-drift")
    assert opened.errors == []


def test_after_a_load_nothing_is_stale(served: Served) -> None:
    assert stale(served.ui) == set()


@pytest.fixture(scope="module")
def released(served: Served, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The data versions of decisions, made by r1; r2, with another policy, is in force."""
    home, working = served.home, load_domain("departures")
    store = Store(home.store_url)
    releases = Releases(store, home.keys)
    releases.create(working, author="ada", reason="as it is")
    releases.create(edited(tmp_path_factory.mktemp("edited"), POLICY), author="bob", reason="a stricter policy")
    order(home, store, 2)
    store.close()
    announce(working, home)
    return versions(home, "decisions/delay_risk")


def test_another_release_marks_exactly_what_its_policy_judges(
    served: Served, released: dict[str, str], browser: "Browser", pictures: Path
) -> None:
    assert stale(served.ui) == JUDGED
    for asset, marked in {"decisions/turnaround": True, "proposals/turnaround": False}.items():
        with visit(browser, f"{served.ui.url}/assets/{asset}?view=partitions&partition=2013-01-02") as opened:
            opened.page.get_by_text("data_version").first.wait_for()
            opened.page.wait_for_timeout(1_000)  # the mark is asked for by itself
            assert (opened.page.get_by_text("Unsynced").count() > 0) is marked
            opened.shoot(pictures, f"departures-stale-{marked}")
        assert opened.errors == []


@pytest.fixture
def judged_anew(served: Served, released: dict[str, str]) -> None:
    """What the other policy judges was made by it. Before there is a browser, beside which nothing may run here."""
    working, days = load_domain("departures"), ("2013-01-01", "2013-01-02")
    only = {node.asset: days for node in working.graph.nodes if node.asset in JUDGED}
    assert run_load(working, served.home, only=only).outcome.complete
    assert versions(served.home, "decisions/delay_risk") != released


def test_the_rollback_job_is_started_from_the_launchpad_and_takes_a_release_back(
    served: Served, released: dict[str, str], judged_anew: None, browser: "Browser", pictures: Path
) -> None:
    with visit(browser, f"{served.ui.url}/locations/agentic_assets.definitions/jobs/rollback/playground") as opened:
        page = opened.page
        page.locator(".CodeMirror").first.click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(ROLLBACK)
        page.get_by_text("No errors").first.wait_for()
        opened.shoot(pictures, "departures-launchpad")
        page.get_by_role("button", name="Launch Run").click()
        deadline = time.monotonic() + PATIENCE
        while stale(served.ui) and time.monotonic() < deadline:
            page.wait_for_timeout(1_000)
    assert versions(served.home, "decisions/delay_risk") == released
    assert stale(served.ui) == set()
    with visit(browser, f"{served.ui.url}/assets/decisions/delay_risk?view=partitions&partition=2013-01-02") as opened:
        opened.page.get_by_text("rolled_back_to").first.wait_for()
        opened.page.get_by_text("the policy was too strict").first.wait_for()
        opened.shoot(pictures, "departures-rolled-back")
    assert opened.errors == []


def test_what_is_in_force_stands_left_of_what_it_shapes(served: Served, browser: "Browser", pictures: Path) -> None:
    url = f"{served.ui.url}/assets/releases/departures?view=lineage"
    with visit(browser, url, width=1_900) as opened:
        opened.page.get_by_text("delay_risk").first.wait_for()
        opened.page.wait_for_timeout(3_000)
        opened.shoot(pictures, "departures-release")
    assert opened.errors == []


def test_materializing_a_partition_from_the_page_does_what_the_command_line_does(
    served: Served, browser: "Browser", pictures: Path
) -> None:
    with visit(browser, f"{served.ui.url}/assets/sources/weather?view=partitions") as opened:
        page = opened.page
        page.get_by_role("button", name="Materialize").first.click()
        dialog = page.get_by_role("dialog")
        partitions = dialog.get_by_role("textbox").first
        partitions.fill("2013-01-03")
        partitions.press("Enter")
        opened.shoot(pictures, "departures-materialize")
        dialog.get_by_role("button", name="Launch 1 run").click()
        deadline = time.monotonic() + PATIENCE
        while "2013-01-03" not in versions(served.home, "sources/weather") and time.monotonic() < deadline:
            page.wait_for_timeout(1_000)
    assert versions(served.home, "sources/weather") == served.expected
