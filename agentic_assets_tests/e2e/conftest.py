"""Fixtures of the tests that drive a browser."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentic_assets_tests.e2e.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def browser() -> Iterator["Browser"]:
    """A headless Chromium; a test that asks for it where there is none fails, and says how to install one.

    Not shared between tests: while it runs, its event loop keeps Dagster from executing anything in this process.
    """
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of screenshots: AGENTIC_TEST_PICTURES, else a temporary one."""
    named = os.environ.get("AGENTIC_TEST_PICTURES")
    return Path(named).resolve() if named else tmp_path_factory.mktemp("pictures")
