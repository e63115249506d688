"""The real Dagster UI shows what was recorded in bulk."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agentic_assets.home import Home
from agentic_assets.orchestration.instance import open_instance
from agentic_assets_tests.e2e.browser import chromium, visit
from agentic_assets_tests.e2e.ui import Ui, dagster_ui

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LOCATION = Path(__file__).with_name("tiny_location.py")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Specifying a partitions_def on an AssetCheckSpec"),
]


@dataclass(frozen=True)
class Loaded:
    """A UI on a home into which the job `history` has run."""

    ui: Ui
    run_id: str


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    home = Home.at(tmp_path_factory.mktemp("home"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from agentic_assets_tests.e2e.tiny_location import defs
    with open_instance(home) as instance:
        run = defs.resolve_job_def("history").execute_in_process(instance=instance, raise_on_error=False)
        assert not run.success  # it ends by naming the refused day
    with dagster_ui(home, ["-f", str(LOCATION)]) as ui:
        yield Loaded(ui, run.run_id)


def asset(ui: Ui, path: list[str], fields: str) -> Any:
    query = "query Asset($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode { FIELDS } } }"
    return ui.query(query.replace("FIELDS", fields), {"key": {"path": path}})["assetNodeOrError"]


def test_a_recorded_history_shows_what_is_materialized_what_was_refused_and_what_never_ran(loaded: Loaded) -> None:
    fields = "partitionStats { numMaterialized numFailed numPartitions }"
    flights, delay = (asset(loaded.ui, key, fields) for key in (["sources", "flights"], ["features", "delay"]))
    assert flights["partitionStats"] == {"numMaterialized": 9, "numFailed": 1, "numPartitions": 10}
    assert delay["partitionStats"] == {"numMaterialized": 9, "numFailed": 0, "numPartitions": 10}


def test_a_recorded_partition_is_fresh_and_a_refused_one_missing(loaded: Loaded) -> None:
    fields = 'good: staleStatus(partition: "2013-01-02") refused: staleStatus(partition: "2013-01-03")'
    fresh = asset(loaded.ui, ["features", "delay"], fields)
    assert fresh == {"good": "FRESH", "refused": "MISSING"}


def test_the_checks_of_a_recorded_history_show_by_partition(loaded: Loaded) -> None:
    query = """query Checks($key: AssetKeyInput!) {
      assetCheckExecutions(assetKey: $key, checkName: "contract", limit: 20) {
      status evaluation { partition success targetMaterialization { runId } }
    } }"""
    executions = loaded.ui.query(query, {"key": {"path": ["sources", "flights"]}})["assetCheckExecutions"]
    by_day = {one["evaluation"]["partition"]: one for one in executions}
    assert len(by_day) == 10
    assert by_day["2013-01-03"]["status"] == "FAILED"
    assert by_day["2013-01-03"]["evaluation"]["targetMaterialization"] is None
    assert by_day["2013-01-04"]["status"] == "SUCCEEDED"
    assert by_day["2013-01-04"]["evaluation"]["targetMaterialization"] == {"runId": loaded.run_id}


@pytest.mark.browser
def test_the_page_of_an_asset_shows_its_partitions_without_an_error(
    loaded: Loaded, browser: "Browser", pictures: Path
) -> None:
    with visit(browser, f"{loaded.ui.url}/assets/sources/flights?view=partitions") as opened:
        opened.page.get_by_text(re.compile(r"Materialized")).first.wait_for()
        opened.page.get_by_text("2013-01-04").first.wait_for()
        opened.shoot(pictures, "asset-partitions")
    assert opened.errors == []


@pytest.mark.browser
def test_the_page_of_the_run_shows_what_it_recorded(loaded: Loaded, browser: "Browser", pictures: Path) -> None:
    with visit(browser, f"{loaded.ui.url}/runs/{loaded.run_id}") as opened:
        opened.page.get_by_text("ASSET_MATERIALIZATION").first.wait_for()
        opened.page.get_by_text("ASSET_CHECK_EVALUATION").first.wait_for()
        opened.shoot(pictures, "run")
    assert opened.errors == []


@pytest.mark.browser
def test_the_welcome_window_covers_no_page(loaded: Loaded, browser: "Browser", pictures: Path) -> None:
    with visit(browser, f"{loaded.ui.url}/asset-groups") as opened:
        opened.page.get_by_text("sources").first.wait_for()
        opened.shoot(pictures, "graph")
        assert opened.page.get_by_role("dialog").count() == 0
    assert opened.errors == []


def test_a_code_location_that_does_not_load_is_reported_with_its_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise ValueError('the definitions are broken')\n")
    with (
        pytest.raises(RuntimeError, match="the definitions are broken"),
        dagster_ui(Home.at(tmp_path), ["-f", str(broken)]),
    ):
        pass


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found under /proc")
def test_nothing_of_the_ui_outlives_it(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    with dagster_ui(home, ["-f", str(LOCATION)]):
        assert processes_that_know(home)
    assert processes_that_know(home) == []


def processes_that_know(home: Home) -> list[str]:
    """The commands of the processes whose environment names a home."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"AGENTIC_HOME={home.root}\0".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it ended, or is not ours
    return found


def test_a_missing_chromium_says_how_to_install_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AGENTIC_TEST_CHROMIUM", str(tmp_path / "nothing"))
    with pytest.raises(RuntimeError, match="apt-get install -y chromium"), chromium():
        pass
