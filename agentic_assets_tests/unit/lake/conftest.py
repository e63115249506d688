from __future__ import annotations

from pathlib import Path

import pytest

from agentic_assets.lake import Lake, Table
from agentic_assets_tests.unit.lake.frames import SCHEMA


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
def table(lake: Lake) -> Table:
    return lake.table("sources/schedule", SCHEMA, partitioned=True)
