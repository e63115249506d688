"""The second level of the gate in the UI that `agentic ui` opens, with the pages beside it, in a real Chromium."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentic_assets.domains.departures import domain
from agentic_assets.home import Home
from agentic_assets.orchestration import run_load
from agentic_assets_tests.e2e.browser import visit
from agentic_assets_tests.e2e.ui import Ui, end_group, wait_until_loaded

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@dataclass(frozen=True)
class Opened:
    """What `agentic ui` opened: the UI, and the URL of the pages beside it."""

    ui: Ui
    pages: str


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def opened_ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    home, made = Home.at(tmp_path_factory.mktemp("home")), domain()
    days = made.graph.calendar.days(date(2013, 1, 1), date(2013, 1, 2))
    judged = {
        node.asset: made.graph.calendar.partitions(node.cut, days)
        for node in made.graph.nodes
        if node.group in ("raw", "sources", "quality") or node.asset == "features/departure_delay"
        if node.asset != "quality/delay_risk"
    }
    port, docs = free_port(), free_port()
    pages = f"http://127.0.0.1:{docs}"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AGENTIC_DOCS_URL", pages)  # what is recorded links to where the pages will be
        assert run_load(made, home, only=judged).outcome.complete
    log = home.root / "ui.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", "from agentic_assets.cli import main; main()"),
                *("ui", "--port", str(port), "--docs-port", str(docs)),
            ],
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=home.root,
            start_new_session=True,
            env={**os.environ, "AGENTIC_HOME": str(home.root)},
        )
    ui = Ui(f"http://127.0.0.1:{port}", log)
    try:
        wait_until_loaded(ui, process, 180)
        yield Opened(ui, pages)
    finally:
        end_group(process)


def test_the_link_on_the_page_of_the_docs_opens_the_docs(opened_ui: Opened, browser: "Browser", pictures: Path) -> None:
    with visit(browser, f"{opened_ui.ui.url}/assets/quality/data_docs", width=1_600) as opened:
        link = opened.page.get_by_role("link", name=f"{opened_ui.pages}/data_docs/index.html").first
        link.wait_for()
        opened.shoot(pictures, "quality-data-docs-asset")
        with opened.page.context.expect_page() as popped:
            link.click()
        docs = popped.value
        docs.get_by_role("heading", name="Data Docs").wait_for()
        docs.get_by_role("link", name="sources/movements 2013-01").click()
        docs.get_by_text("some-flights-left").first.wait_for()
        docs.screenshot(path=str(pictures / "quality-data-docs.png"))
        assert docs.evaluate("getComputedStyle(document.querySelector('td')).borderTopWidth") == "1px"
    assert opened.errors == []


def test_a_verdict_links_to_its_month(opened_ui: Opened, browser: "Browser", pictures: Path) -> None:
    with visit(browser, f"{opened_ui.ui.url}/assets/quality/movements?view=checks", width=1_600) as opened:
        opened.page.get_by_text("statistics", exact=True).first.click()
        link = opened.page.get_by_role("link", name=f"{opened_ui.pages}/data_docs/movements/2013-01.html").first
        link.wait_for()
        opened.shoot(pictures, "quality-check")
    assert opened.errors == []


def test_the_graph_shows_the_judges_between_what_they_judge_and_who_reads_it(opened_ui: Opened) -> None:
    query = """query Upstream($key: AssetKeyInput!) {
      assetNodeOrError(assetKey: $key) { ... on AssetNode { dependencyKeys { path } } }
    }"""
    found = opened_ui.ui.query(query, {"key": {"path": ["features", "departure_delay"]}})
    upstream = {"/".join(key["path"]) for key in found["assetNodeOrError"]["dependencyKeys"]}
    assert {"sources/schedule", "quality/schedule", "sources/movements", "quality/movements"} <= upstream
