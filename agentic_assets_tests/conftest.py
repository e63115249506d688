"""What every test may ask for; nothing starts before a test asks."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentic_assets_tests.e2e.browser import MISSING, find_chromium
from agentic_assets_tests.services import fresh_database, running_postgres

_LEFT_OUT = pytest.StashKey[int]()

# A developer's own settings must not reach the tests, nor the tests a developer's home.
for _name in [name for name in os.environ if name.startswith("AGENTIC_") and not name.startswith("AGENTIC_TEST_")]:
    del os.environ[_name]
os.environ.pop("DAGSTER_HOME", None)
os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
os.environ["GX_ANALYTICS_ENABLED"] = "false"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a real PostgreSQL that this worker started; its database is shared by the session."""
    with running_postgres() as url:
        yield url


@pytest.fixture
def fresh_postgres_url(postgres_url: str) -> Iterator[str]:
    """The URL of an empty database that this test has for itself."""
    with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(scope="session")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after `agentic run` over 1 and 2 January, one for all workers: copy it, and write into the copy."""
    from agentic_assets_tests.homes import made_once, run_two_days

    return made_once(tmp_path_factory, "two-days", run_two_days)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the slow modules, so that no core waits for the last one; leave out what cannot run.

    Browser tests are left out where there is no Chromium, unless somebody asks for them: then they fail, and say why.
    Asked for means `-m browser`, or AGENTIC_TEST_BROWSER=1, which continuous integration sets.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow") is not None}
    items.sort(key=lambda item: item.path not in slow)  # stable: the order within is kept
    asked = "browser" in config.option.markexpr or os.environ.get("AGENTIC_TEST_BROWSER") == "1"
    if asked or find_chromium() is not None:
        return
    without = [item for item in items if item.get_closest_marker("browser") is None]
    left_out = [item for item in items if item.get_closest_marker("browser") is not None]
    if left_out:
        items[:] = without
        config.hook.pytest_deselected(items=left_out)
        config.stash[_LEFT_OUT] = len(left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many browser tests were left out, and how to have them."""
    left_out = config.stash.get(_LEFT_OUT, 0)
    if left_out:
        terminalreporter.write_line(f"{left_out} browser tests were left out: {MISSING}", yellow=True)
