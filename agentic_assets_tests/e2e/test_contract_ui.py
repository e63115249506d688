"""What a contract promises and what broke it, in the real Dagster UI, in a real Chromium."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentic_assets.domains.departures import domain
from agentic_assets.home import Home
from agentic_assets.orchestration import run_load
from agentic_assets.pipeline import Cut
from agentic_assets_tests.e2e.browser import visit
from agentic_assets_tests.e2e.ui import Ui, dagster_ui
from agentic_assets_tests.integration.deliveries import Deliveries, Rows

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LOCATION = Path(__file__).with_name("delivered_location.py")


def damage(rows: Rows) -> Rows:
    """Make 40 distances of 2 January words: more than the contract lets pass."""
    for row in [row for row in rows if row["day"] == "2"][:40]:
        row["distance"] = "far away"
    return rows


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    """A UI on a home in which 2 January was refused."""
    home, deliveries = Home.at(tmp_path_factory.mktemp("home")), Deliveries(tmp_path_factory.mktemp("deliveries"))
    deliveries.change("flights", damage)
    made = domain(deliveries.folder)
    whole = {
        node.asset: ("",) for node in made.graph.nodes if node.cut is Cut.STATIC and node.group in ("raw", "sources")
    }
    days = made.graph.calendar.days(date(2013, 1, 1), date(2013, 1, 2))
    loaded = run_load(made, home, only=whole | dict.fromkeys(["sources/schedule", "sources/weather"], days))
    assert not loaded.outcome.complete
    with dagster_ui(home, ["-f", str(LOCATION)], environ={"AGENTIC_TEST_DELIVERIES": str(deliveries.folder)}) as ui:
        yield ui


def test_the_failed_check_of_a_refused_partition_shows_counts_examples_and_the_way_to_the_rows(
    refused: Ui, browser: "Browser", pictures: Path
) -> None:
    with visit(browser, f"{refused.url}/assets/sources/schedule?view=checks", width=1_800, height=1_400) as opened:
        page = opened.page
        for said in (
            "refused the partition 2013-01-02, nothing was published",
            "type(distance)",
            "4.24",
            "far away",
            "/lake/quarantine/sources/schedule",
            "agentic quarantine show sources/schedule 2013-01-02",
            "more than the 2 % that the contract allows",
            "blocking",
        ):
            page.get_by_text(said).first.wait_for()
        opened.shoot(pictures, "contract-check")
    assert opened.errors == []


def test_the_page_of_an_asset_shows_rules_service_levels_roles_and_owner(
    refused: Ui, browser: "Browser", pictures: Path
) -> None:
    with visit(browser, f"{refused.url}/assets/sources/weather?view=overview", width=1_800, height=2_400) as opened:
        page = opened.page
        for said in (
            "airport_operations",
            "departures/weather@2.1.0",
            "classification: public",
            "non-nullable",
            "at most 1 h after observed_at",
            "Only the three airports of New York are in scope.",
            "a freshness policy of the asset, while its domain is live",
            "departures_reader",
            "support airport-operations",
        ):
            page.get_by_text(said).first.wait_for()
        opened.shoot(pictures, "contract-overview")
    assert opened.errors == []
